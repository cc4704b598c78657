import numpy as np
import pytest
from PIL import Image

from aianime_pipeline.providers.capabilities import AssetBrief, ImageRequest, PictureBrief
from aianime_pipeline.providers.local.looks import look_for
from aianime_pipeline.providers.local.pictures.drawing import draw_picture
from aianime_pipeline.providers.local.pictures.figures.arms import GESTURES
from aianime_pipeline.providers.local.pictures.figures.cutout import draw_person
from aianime_pipeline.providers.local.pictures.figures.person import Pose
from aianime_pipeline.providers.local.pictures.poses import bearing_of, bearings
from aianime_pipeline.providers.local.pictures.reading import read_picture
from aianime_pipeline.providers.local.pictures.shapes import Brush, Sheet
from aianime_pipeline.providers.local.pictures.staging import Placed, stage_people
from aianime_pipeline.storyboard.model import Framing


def look(text: str) -> dict[str, object]:
    """A look without the chances of the name, with skin of a colour that nothing else has."""
    found = look_for("character", "甲", f"{text}，现代，毛衣")
    return {**found, "skin": "30ff30", "accessories": [], "eyes": {"colour": "204060", "shape": "almond"}}


def figure(text: str, pose: Pose | None = None) -> Sheet:
    sheet = Sheet(800, 1600, cutout=True)
    draw_person(look(text), pose or Pose(), Brush(sheet, 400, 200, 200))
    return sheet


def eye_height(sheet: Sheet) -> int:
    """Rows in which there is white of the eyes or the light in them."""
    face = np.asarray(sheet.colour, dtype=int)[150:270, 320:480]
    return int((face.min(axis=2) > 205).any(axis=1).sum())


def covered(sheet: Sheet) -> np.ndarray:
    assert sheet.cover is not None
    return np.asarray(sheet.cover) > 127


def test_a_mans_eyes_are_narrower_than_a_womans_and_a_childs_the_largest() -> None:
    man, woman, child = (eye_height(figure(text)) for text in ("男，30岁", "女，30岁", "男，7岁"))
    assert man < 0.75 * woman
    assert child > 1.1 * woman


def test_a_man_has_broader_shoulders_and_a_thicker_neck() -> None:
    man, woman = (covered(figure(text, Pose(arms="rest"))) for text in ("男，30岁，短发", "女，30岁，短发"))
    at_the_shoulders = slice(390, 420)
    assert man[at_the_shoulders].sum() > 1.12 * woman[at_the_shoulders].sum()


def test_a_childs_face_is_rounder() -> None:
    child, man = (look(text) for text in ("男，7岁", "男，30岁"))
    assert (child["face"], man["face"]) == ("round", "oval")


def placed(
    description: str, framing: Framing, *people: tuple[str, str], size: tuple[int, int] = (640, 360)
) -> list[Placed]:
    cast = tuple(AssetBrief("character", name, text, look_for("character", name, text)) for name, text in people)
    subject = PictureBrief(description, framing, "院子", "day", characters=cast)
    return stage_people(read_picture(ImageRequest(*size, 3, "", subject), subject), framing, *size)


@pytest.mark.parametrize(
    "framing", [Framing.MEDIUM_CLOSE_UP, Framing.MEDIUM, Framing.MEDIUM_WIDE, Framing.FULL, Framing.WIDE]
)
@pytest.mark.parametrize("size", [(640, 360), (360, 640)])
def test_a_child_is_smaller_beside_a_grown_up_in_every_framing(framing: Framing, size: tuple[int, int]) -> None:
    both = placed("林夏与阿萤", framing, ("林夏", "女，22岁"), ("阿萤", "女，8岁"), size=size)
    spots = {p.person.name: p.spot for p in both}
    assert spots["阿萤"].head < 0.93 * spots["林夏"].head
    assert spots["阿萤"].y > spots["林夏"].y + 0.3 * spots["林夏"].head


@pytest.mark.parametrize(
    ("text", "arms", "stance", "bowed"),
    [
        ("林夏举着青灯站在石阶尽头", "lift", "stand", False),
        ("林夏提着药箱走下石阶", "carry", "walk", False),
        ("他伸手指向远方", "reach", "stand", False),
        ("他指着大门", "point", "stand", False),
        ("她抱臂而立", "folded", "stand", False),
        ("周掌柜跪在地上，不敢抬头", "", "kneel", True),
        ("两人坐在桌旁", "", "sit", False),
        ("走廊里没有人", "", "stand", False),
        ("She kneels and reaches for the door", "reach", "kneel", False),
    ],
)
def test_words_say_how_somebody_stands(text: str, arms: str, stance: str, bowed: bool) -> None:
    found = bearing_of(text)
    assert (found.arms, found.stance, found.bowed) == (arms, stance, bowed)


def test_a_pose_belongs_to_whom_its_clause_names() -> None:
    found = bearings(["周掌柜", "林夏"], "周掌柜跪在地上，把账册推到面前。林夏抱臂看着。", "林夏", "不敢抬头")
    assert (found["周掌柜"].stance, found["周掌柜"].arms) == ("kneel", "reach")
    assert (found["林夏"].stance, found["林夏"].arms, found["林夏"].bowed) == ("stand", "folded", True)


def test_who_kneels_or_sits_is_lower_than_who_stands() -> None:
    for word in ("跪在地上", "坐着"):
        spots = {
            p.person.name: p.spot.y
            for p in placed(f"周掌柜{word}，林夏看着", Framing.FULL, ("周掌柜", "男，50岁"), ("林夏", "女，22岁"))
        }
        assert spots["周掌柜"] > spots["林夏"] + 20


def test_what_falls_is_in_nobodys_hand() -> None:
    for text, holds in (("林夏撑着伞", "umbrella"), ("林夏的伞掉在地上", None)):
        assert placed(text, Framing.MEDIUM, ("林夏", "女，22岁"))[0].holds == holds


@pytest.mark.parametrize("arms", sorted(GESTURES))
@pytest.mark.parametrize("stance", ["stand", "walk", "sit", "kneel"])
def test_every_gesture_in_every_stance_changes_the_figure(arms: str, stance: str) -> None:
    rest = figure("女，22岁", Pose())
    posed = figure("女，22岁", Pose(arms=arms, stance=stance, tilt=0.02))
    assert np.abs(np.asarray(rest.colour, dtype=int) - np.asarray(posed.colour, dtype=int)).mean() > 0.1


def close_up(text: str, place: str = "河边", seed: int = 2) -> Image.Image:
    subject = PictureBrief(text, Framing.CLOSE_UP, place, "night")
    return draw_picture(ImageRequest(480, 270, seed, "", subject))


def test_a_face_without_a_name_is_still_a_face() -> None:
    subject = PictureBrief("水面下，一张少女的脸缓缓睁开眼睛。", Framing.CLOSE_UP, "河边", "night")
    reading = read_picture(ImageRequest(480, 270, 2, "", subject), subject)
    assert [person.look["gender"] for person in reading.people] == ["female"]
    assert reading.under_water
    empty = np.asarray(close_up("水面下什么都没有。"), dtype=int)
    seen = np.asarray(close_up("水面下，一张少女的脸缓缓睁开眼睛。"), dtype=int)
    assert (np.abs(seen - empty).sum(axis=2) > 60).mean() > 0.12


@pytest.mark.parametrize("text", ["他的脸色不好", "the surface of the lake", "空镜"])
def test_no_face_is_seen_in_words_that_only_contain_one(text: str) -> None:
    subject = PictureBrief(text, Framing.CLOSE_UP, "河边")
    assert read_picture(ImageRequest(64, 64, 1, "", subject), subject).people == ()
