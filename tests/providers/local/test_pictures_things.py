import numpy as np
import pytest
from PIL import Image

from aianime_pipeline.providers.capabilities import AssetBrief, ImageRequest, PictureBrief
from aianime_pipeline.providers.local.looks import look_for
from aianime_pipeline.providers.local.pictures.drawing import draw_picture
from aianime_pipeline.providers.local.pictures.inserts import insert_of
from aianime_pipeline.providers.local.pictures.light import SKIES
from aianime_pipeline.providers.local.pictures.reading import read_picture
from aianime_pipeline.providers.local.pictures.things import things_named
from aianime_pipeline.storyboard.model import Framing


def draw(text: str, framing: Framing = Framing.CLOSE_UP, **more: object) -> np.ndarray:
    subject = PictureBrief(text, framing, **{"place": "林家医馆", "time_of_day": "dusk", **more})  # type: ignore[arg-type]
    return np.asarray(draw_picture(ImageRequest(480, 270, 5, "", subject)), dtype=int)


def brightest(picture: np.ndarray) -> np.ndarray:
    """The mean colour of the brightest hundredth that is not yet white."""
    total = picture.sum(axis=2)
    coloured = np.where(picture.min(axis=2) < 225, total, 0)
    return np.asarray(picture[coloured >= np.quantile(coloured, 0.985)].mean(axis=0))


def test_a_flame_that_turns_green_blue_is_drawn_so_and_lights_the_place() -> None:
    blue = draw("火折子凑近灯芯，火苗跳了一下，竟变成幽幽的青色。")
    warm = draw("火折子凑近灯芯，火苗跳了一下，变成温热的橘红色。")
    (r, g, b), (wr, _, wb) = brightest(blue), brightest(warm)
    assert g > r + 30
    assert b > r + 20
    assert wr > wb + 30
    assert blue[:60].mean(axis=(0, 1))[0] < warm[:60].mean(axis=(0, 1))[0] - 10


def test_a_prop_keeps_its_flame_where_the_shot_does_not_name_its_colour() -> None:
    look = look_for("prop", "青焰油灯", "铜铸旧灯，火焰是青色的。")
    assert (look["thing"], look["flame"]) == ("oil_lamp", "62e6d4")
    prop = AssetBrief("prop", "青焰油灯", "", look)
    r, g, _ = brightest(draw("桌上放着它", props=(prop,)))
    assert g > r + 30


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("船头挂着一只褪色的红绳铃铛", ("bell", "boat")),
        ("火折子凑近灯芯，火苗跳了一下", ("oil_lamp",)),
        ("一块新木牌上，墨迹未干", ("plaque",)),
        ("账册最后一页，一排红指印", ("ledger",)),
        ("手里的茶壶一歪", ("teapot",)),
        ("暴雨里火把连成一线", ("torch",)),
        ("滚出一只鹅黄色的绣鞋", ("shoe",)),
        ("篝火旁的油灯", ("oil_lamp",)),
    ],
)
def test_the_sharpest_word_names_the_thing(text: str, things: tuple[str, ...]) -> None:
    assert things_named(text) == things


def test_a_shots_prop_is_what_its_close_up_shows() -> None:
    prop = AssetBrief("prop", "红绳铃铛", "", look_for("prop", "红绳铃铛", "拇指大小的铜铃"))
    subject = PictureBrief("船头的门边有一盏灯笼和一把剑，还有红绳铃铛。", Framing.CLOSE_UP, "渡口", props=(prop,))
    reading = read_picture(ImageRequest(480, 270, 1, "", subject), subject)
    assert insert_of(reading, Framing.CLOSE_UP, []) == "bell"


def test_what_is_written_on_a_tablet_can_be_read_on_it() -> None:
    blank, written = (draw(text) for text in ("一块新木牌", "一块新木牌，写着一个“夏”字"))
    assert (np.abs(blank - written).sum(axis=2) > 150).sum() > 300


def test_red_prints_are_seen_on_the_page() -> None:
    clean, marked = (draw(text) for text in ("账册最后一页", "账册最后一页，一排红指印"))

    def red(picture: np.ndarray) -> int:
        return int(((picture[..., 0] > 100) & (picture[..., 0] > 2 * picture[..., 1])).sum())

    assert red(marked) > red(clean) + 300


def test_two_places_are_not_under_the_same_night_sky() -> None:
    skies = set()
    for name in ("青石渡口", "河心", "雪中渡口", "江边", "湖畔", "海边", "溪头", "柳岸"):
        look = look_for("location", name, "河边")
        subject = PictureBrief(
            "空镜", Framing.WIDE, name, "night", location=AssetBrief("location", name, "", {**look, "place": "river"})
        )
        small = draw_picture(ImageRequest(320, 180, 1, "", subject)).resize((8, 8), Image.Resampling.BOX)
        skies.add(tuple(c // 8 for c in small.getpixel((0, 1))))  # type: ignore[union-attr]
    assert len(skies) >= min(3, len(SKIES["night"]))


def test_the_moon_is_mirrored_in_the_river() -> None:
    subject = PictureBrief("满月升上河心", Framing.WIDE, "河边", "night")
    picture = np.asarray(draw_picture(ImageRequest(640, 360, 2, "", subject)).convert("L"), dtype=int)
    moon = int(np.median(np.nonzero(picture[:150] >= np.quantile(picture[:150], 0.997))[1]))
    below = picture[215:290]
    near = below[:, max(0, moon - 30) : moon + 30].mean()
    assert near > below.mean() + 8
