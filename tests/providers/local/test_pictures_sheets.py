import numpy as np
import pytest
from PIL import Image

from aianime_pipeline.fonts import FONT_FAMILY, cjk_font_path
from aianime_pipeline.providers.capabilities import AssetBrief, ImageRequest
from aianime_pipeline.providers.local.looks import look_for
from aianime_pipeline.providers.local.pictures.colours import RGB, from_hex
from aianime_pipeline.providers.local.pictures.drawing import draw_picture
from aianime_pipeline.providers.local.pictures.lettering import MISSING, fitting, font, one_line

ODD_NAMES = ["", " ", "王" * 200, "a\nb\tc", "😀🎬", "\x00\x07", "\ud800", "ＡＢＣ／：", "ا\u202eب"]


def sheet(asset: AssetBrief, size: tuple[int, int] = (640, 360), seed: int = 1) -> Image.Image:
    return draw_picture(ImageRequest(*size, seed, "", asset))


def near(picture: Image.Image, colour: RGB, within: int = 20) -> int:
    return int((np.abs(np.asarray(picture, dtype=np.int32) - np.array(colour)).max(axis=2) <= within).sum())


@pytest.mark.parametrize("kind", ["character", "location", "prop"])
@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_name_fits_on_a_sheet(kind: str, name: str) -> None:
    assert sheet(AssetBrief(kind, name, name), (160, 90)).size == (160, 90)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["character", "location", "prop"])
@pytest.mark.parametrize("size", [(640, 360), (360, 640), (400, 400), (33, 17)])
def test_a_sheet_has_the_exact_size(kind: str, size: tuple[int, int]) -> None:
    assert sheet(AssetBrief(kind, "林夏"), size).size == size  # type: ignore[arg-type]


def test_a_character_sheet_shows_the_looks_own_colours() -> None:
    look = look_for("character", "沈渡", "红衣男子")
    picture = sheet(AssetBrief("character", "沈渡", "红衣男子", look))
    for colour in (look["skin"], look["hair"]["colour"], look["outfit"]["main"]):
        assert near(picture, from_hex(colour)) > 300


def test_an_empty_sheet_is_derived_from_the_name() -> None:
    given, derived = (sheet(AssetBrief("character", "林夏", "", s)) for s in (look_for("character", "林夏"), {}))
    assert given.tobytes() == derived.tobytes()


def test_the_name_is_written_on_the_sheet() -> None:
    look = look_for("character", "林夏")
    with_name, without = (
        np.asarray(sheet(AssetBrief("character", n, "", look)), dtype=int)[:30, :120] for n in ("林夏", "")
    )
    assert (with_name.sum(axis=2) < 300).sum() > (without.sum(axis=2) < 300).sum() + 20


def test_a_long_name_is_shortened_and_says_so() -> None:
    shown = fitting("王" * 200, 20, 200)
    assert shown.endswith("…")
    assert font(20).getlength(shown) <= 200


def test_a_letter_that_the_font_lacks_is_replaced_visibly() -> None:
    assert one_line("林夏😀A") == f"林夏{MISSING}A"


def test_the_font_is_the_simplified_chinese_face() -> None:
    path, face = cjk_font_path()
    assert path.is_file()
    assert face == 2
    assert font(20).getname()[0] == FONT_FAMILY
