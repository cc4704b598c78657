import hashlib
import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.providers.capabilities import AssetBrief, ImageRequest, PictureBrief
from aianime_pipeline.providers.local.pictures.backdrops.painting import PAINTERS
from aianime_pipeline.providers.local.pictures.drawing import draw_picture
from aianime_pipeline.providers.local.pictures.framing import head_height
from aianime_pipeline.providers.local.pictures.places import INDOOR, PLACE_WORDS
from aianime_pipeline.providers.local.pictures.props import DRAWERS
from aianime_pipeline.providers.local.pictures.reading import read_picture
from aianime_pipeline.providers.local.pictures.scene_words import HOUR_WORDS
from aianime_pipeline.providers.local.pictures.things import STANDS, THING_WORDS
from aianime_pipeline.storyboard.model import Framing

# Colours that no place has, so that they can be found again in a picture.
MARKED = AssetBrief(
    "character",
    "沈渡",
    "男",
    {
        "skin": "30ff30",
        "hair": {"colour": "ff20ff", "style": "short"},
        "outfit": {"main": "2020ff", "kind": "sweater"},
        "accessories": [],
    },
)
XIA = AssetBrief("character", "林夏", "二十岁的姑娘，白衣")


def brief(description: str = "他看着远方", framing: Framing = Framing.MEDIUM, **more: object) -> PictureBrief:
    return PictureBrief(description, framing, **more)  # type: ignore[arg-type]


def draw(
    subject: PictureBrief | AssetBrief, size: tuple[int, int] = (256, 144), seed: int = 1, **more: str
) -> Image.Image:
    return draw_picture(ImageRequest(*size, seed, "", subject, **more))


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, dtype=np.int32)


def green_skin(picture: Image.Image) -> np.ndarray:
    p = pixels(picture)
    return (p[..., 1] > 1.9 * p[..., 0]) & (p[..., 1] > 1.9 * p[..., 2]) & (p[..., 1] > 90)


def pink_hair(picture: Image.Image) -> np.ndarray:
    p = pixels(picture)
    return (p[..., 0] > 2.2 * p[..., 1]) & (p[..., 2] > 2.2 * p[..., 1]) & (p[..., 0] > 90)


def test_two_processes_draw_the_same_pixels() -> None:
    code = (
        "import hashlib\n"
        "from aianime_pipeline.providers.capabilities import *\n"
        "from aianime_pipeline.storyboard.model import Framing\n"
        "from aianime_pipeline.providers.local.pictures.drawing import draw_picture\n"
        "who = (AssetBrief('character', '林夏'),)\n"
        "b = PictureBrief('下雨，众人围观，林夏手持灯笼', Framing.FULL, '集市', 'night', None, '惊', who)\n"
        "print(hashlib.sha256(draw_picture(ImageRequest(320, 180, 7, '', b)).tobytes()).hexdigest())"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    subject = PictureBrief(
        "下雨，众人围观，林夏手持灯笼", Framing.FULL, "集市", "night", None, "惊", (AssetBrief("character", "林夏"),)
    )
    assert runs[0].strip() == hashlib.sha256(draw(subject, (320, 180), 7).tobytes()).hexdigest()


@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("size", [(128, 72), (72, 128), (96, 96), (101, 57)])
def test_every_framing_in_every_shape_has_the_exact_size(framing: Framing, size: tuple[int, int]) -> None:
    picture = draw(brief(framing=framing, place="渡口", characters=(XIA, MARKED), speaker="沈渡"), size)
    assert picture.size == size
    assert picture.mode == "RGB"
    assert pixels(picture).std() > 8


@pytest.mark.parametrize("place", list(PLACE_WORDS))
def test_every_kind_of_place_is_painted_by_day_and_by_night(place: str) -> None:
    word = max(PLACE_WORDS[place], key=len)
    day, night = (
        draw(brief("空镜", Framing.WIDE, place=word, time_of_day=hour), (160, 90)) for hour in ("day", "night")
    )
    assert pixels(day).std() > 10
    assert pixels(night).mean() < pixels(day).mean()


def test_places_do_not_look_alike() -> None:
    words = {place: max(names, key=len) for place, names in PLACE_WORDS.items() if place not in ("room", "heaven")}
    small = {
        place: pixels(draw(brief("", Framing.WIDE, place=word, time_of_day="day"), (96, 54))).astype(float)
        for place, word in words.items()
    }
    names = list(small)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            assert np.abs(small[a] - small[b]).mean() > 4, f"{a} looks like {b}"


def test_the_tables_agree_with_the_painters() -> None:
    assert set(PLACE_WORDS) == set(PAINTERS)
    assert set(PLACE_WORDS) >= INDOOR
    assert set(THING_WORDS) == set(STANDS)
    assert set(THING_WORDS) <= set(DRAWERS)


def test_the_hours_differ_in_brightness() -> None:
    light = {
        hour: pixels(draw(brief("空镜", Framing.WIDE, place="河边", time_of_day=hour))).mean() for hour in HOUR_WORDS
    }
    assert light["day"] > light["dusk"] > light["night"]
    assert light["day"] - light["night"] > 60


def test_a_nearer_framing_shows_a_larger_face() -> None:
    order = [
        Framing.CLOSE_UP,
        Framing.MEDIUM_CLOSE_UP,
        Framing.MEDIUM,
        Framing.MEDIUM_WIDE,
        Framing.FULL,
        Framing.WIDE,
        Framing.VERY_WIDE,
    ]
    for size in ((480, 270), (270, 480)):
        areas = [int(green_skin(draw(brief(framing=f, place="雪地", characters=(MARKED,)), size)).sum()) for f in order]
        assert areas == sorted(areas, reverse=True), areas
        assert areas[-1] > 0
        heads = [head_height(f, *size) for f in [Framing.EXTREME_CLOSE_UP, *order]]
        assert all(a > b for a, b in itertools.pairwise(heads))


def test_a_character_keeps_its_colours_from_shot_to_shot() -> None:
    hues = []
    for seed, place, framing in (
        (1, "街道", Framing.CLOSE_UP),
        (2, "竹林", Framing.MEDIUM),
        (3, "办公室", Framing.MEDIUM_CLOSE_UP),
    ):
        picture = draw(brief(framing=framing, place=place, time_of_day="day", characters=(MARKED,)), (480, 270), seed)
        found = []
        for mask in (green_skin(picture), pink_hair(picture)):
            assert mask.sum() > 300
            colour = np.median(pixels(picture)[mask], axis=0)
            found.append(colour / colour.sum())
        hues.append(np.array(found))
    for other in hues[1:]:
        assert np.abs(other - hues[0]).max() < 0.09


def test_two_leads_look_different_in_the_same_shot() -> None:
    a = draw(brief(framing=Framing.CLOSE_UP, place="街道", characters=(XIA,)))
    b = draw(brief(framing=Framing.CLOSE_UP, place="街道", characters=(AssetBrief("character", "沈渡", "黑衣男子"),)))
    assert np.abs(pixels(a) - pixels(b)).mean() > 8


def test_another_seed_is_another_composition_of_the_same_person() -> None:
    one, two = (draw(brief(place="渡口", characters=(MARKED,)), (320, 180), seed) for seed in (1, 2))
    assert np.abs(pixels(one) - pixels(two)).mean() > 6
    assert green_skin(one).sum() == pytest.approx(green_skin(two).sum(), rel=0.4)


@pytest.mark.parametrize("place", ["渡口", "古街", "办公室"])
def test_feedback_is_followed(place: str) -> None:
    subject = brief(place=place, time_of_day="dusk", characters=(MARKED,), framing=Framing.MEDIUM)
    plain = draw(subject, (320, 180))
    assert pixels(draw(subject, (320, 180), feedback="画面太暗了")).mean() > pixels(plain).mean() + 8
    assert pixels(draw(subject, (320, 180), feedback="too bright")).mean() < pixels(plain).mean() - 8
    assert green_skin(draw(subject, (320, 180), feedback="再近一点")).sum() > 1.2 * green_skin(plain).sum()
    assert green_skin(draw(subject, (320, 180), feedback="zoom out please")).sum() < 0.85 * green_skin(plain).sum()
    warm, cool = (pixels(draw(subject, (320, 180), feedback=words)).mean(axis=(0, 1)) for words in ("warmer", "cooler"))
    assert warm[0] - warm[2] > cool[0] - cool[2] + 10


@pytest.mark.parametrize(
    "words", ["下大雨", "大雪纷飞", "浓雾", "樱花飘落", "lightning and thunder", "萤火虫", "秋风落叶", "大火"]
)
def test_weather_is_seen(words: str) -> None:
    plain, rough = (draw(brief(text, Framing.WIDE, place="河边", time_of_day="night")) for text in ("空镜", words))
    assert np.abs(pixels(plain) - pixels(rough)).mean() > 0.4


@pytest.mark.parametrize("thing", list(THING_WORDS))
def test_every_thing_can_be_shown(thing: str) -> None:
    word = THING_WORDS[thing][0]
    bare, shown = (draw(brief(text, Framing.CLOSE_UP, place="沙漠"), (160, 90)) for text in ("空镜", word))
    sheet = draw(AssetBrief("prop", word), (160, 90))
    assert pixels(sheet).std() > 5
    if STANDS[thing] in ("held", "table"):
        assert np.abs(pixels(bare) - pixels(shown)).mean() > 3


def test_a_crowd_fills_the_street() -> None:
    empty, full = (
        draw(brief(text, Framing.WIDE, place="集市", time_of_day="day"), (320, 180)) for text in ("空镜", "百姓围观")
    )
    changed = np.abs(pixels(empty) - pixels(full)).sum(axis=2) > 40
    assert changed.mean() > 0.04


def test_over_the_shoulder_has_a_dark_back_in_front_and_the_speaker_facing() -> None:
    subject = brief(
        framing=Framing.OVER_SHOULDER, place="雪地", time_of_day="day", characters=(MARKED, XIA), speaker="沈渡"
    )
    picture = draw(subject, (480, 270))
    skin = green_skin(picture)
    assert skin.sum() > 1500
    speaker_left = np.nonzero(skin)[1].mean() < 240
    dark = pixels(picture).sum(axis=2) < 320
    assert (dark[:, 300:] if speaker_left else dark[:, :180]).mean() > 0.4


@pytest.mark.parametrize("text", ["推开门口的灯火", "他相信自己", "专门的部门", "微信消息"])
def test_a_thing_is_not_seen_in_words_that_only_contain_its_sign(text: str) -> None:
    assert read_picture(ImageRequest(64, 64, 1, "", brief(text)), brief(text)).things == ()


def test_rain_stays_outside() -> None:
    inside = brief("下大雨", Framing.WIDE, place="办公室", interior="int", time_of_day="day")
    assert (
        np.abs(
            pixels(draw(inside))
            - pixels(draw(brief("", Framing.WIDE, place="办公室", interior="int", time_of_day="day")))
        )
        .max(axis=2)
        .mean()
        < 60
    )


@settings(max_examples=30, deadline=None)
@given(
    st.text(max_size=80),
    st.text(max_size=30),
    st.text(max_size=30),
    st.sampled_from(list(Framing)),
    st.integers(-(2**63), 2**63),
)
def test_any_text_and_seed_makes_a_picture(
    description: str, place: str, name: str, framing: Framing, seed: int
) -> None:
    subject = PictureBrief(
        description,
        framing,
        place,
        emotion=description,
        characters=(AssetBrief("character", name, place),),
        speaker=name,
    )
    assert draw(subject, (80, 45), seed, feedback=description, style=place).size == (80, 45)


@pytest.mark.parametrize("size", [(0, 100), (100, 9000), (-1, 50)])
def test_an_impossible_size_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(BadInputError, match="pixels"):
        draw(brief(), size)
