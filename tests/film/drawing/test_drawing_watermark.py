"""Watermarks: a picture that somebody brought, of whatever kind, in a corner of the film."""

import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from support.laid_pictures import fits, on_frame, opened

from aianime_pipeline.errors import BadSettingError, NotFoundError, UnreadableMediaError
from aianime_pipeline.film.drawing import Overlay, Watermark, watermark_overlay
from aianime_pipeline.film.drawing.watermark import read_mark

SIZE = (640, 360)


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def logo(width: int = 200, height: int = 100) -> Image.Image:
    """A red bar, its right half blue, with a transparent border of 20 pixels."""
    picture = Image.new("RGBA", (width + 40, height + 40), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((20, 20, 19 + width, 19 + height), fill=(255, 0, 0, 255))
    pen.rectangle((20 + width // 2, 20, 19 + width, 19 + height), fill=(0, 0, 255, 255))
    return picture


def placed(source: bytes | Path, **settings: Any) -> Overlay:
    return watermark_overlay(Watermark(source, **settings), width=SIZE[0], height=SIZE[1], total_frames=50)


@pytest.mark.parametrize(
    ("corner", "place"),
    [("top_left", (18, 18)), ("top_right", (494, 18)), ("bottom_left", (18, 278)), ("bottom_right", (494, 278))],
)
def test_it_stands_in_its_corner_as_wide_as_asked_over_the_whole_film(corner: Any, place: tuple[int, int]) -> None:
    overlay = placed(encoded(logo()), corner=corner, width=0.2, margin=0.05)
    assert (overlay.x, overlay.y) == place
    assert overlay.size == (128, 64), "counted over what can be seen, without the transparent border"
    assert (overlay.first, overlay.end) == (0, 50)
    assert fits(overlay, SIZE)


def test_its_opacity_is_multiplied_and_its_colours_stay() -> None:
    overlay = placed(encoded(logo()), corner="top_left", width=0.2, opacity=0.5)
    assert opened(overlay.png).getpixel((20, 30)) == (255, 0, 0, 128)
    assert tuple(on_frame([overlay], SIZE)[overlay.y + 30, overlay.x + 20]) == (128, 0, 0)


def test_a_path_and_its_bytes_give_the_same_picture(tmp_path: Path) -> None:
    path = tmp_path / "标志.png"
    path.write_bytes(encoded(logo()))
    assert placed(path).png == placed(path.read_bytes()).png


def test_a_tall_picture_is_made_smaller_until_it_fits() -> None:
    overlay = placed(encoded(Image.new("RGB", (20, 2000), "red")), width=0.5)
    assert fits(overlay, SIZE)
    assert overlay.size[1] <= 360 - 2 * 14 + 2


def kinds() -> dict[str, bytes]:
    flat = Image.new("RGBA", (80, 40), (255, 255, 255, 0))
    flat.paste(logo(80, 40).crop((20, 20, 100, 60)))
    turned = Image.Exif()
    turned[0x0112] = 6
    rgb = flat.convert("RGB")
    return {
        "palette": encoded(rgb.quantize(8)),
        "palette with a transparent colour": encoded(rgb.quantize(8), transparency=7),
        "CMYK": encoded(rgb.convert("CMYK"), "JPEG", quality=100, subsampling=0),
        "JPEG": encoded(rgb, "JPEG", quality=100, subsampling=0),
        "progressive": encoded(rgb, "JPEG", quality=100, subsampling=0, progressive=True),
        "WebP": encoded(flat, "WEBP", lossless=True),
        "turned by EXIF": encoded(
            rgb.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=100, exif=turned, subsampling=0
        ),
    }


@pytest.mark.parametrize("kind", list(kinds()))
def test_any_kind_of_still_picture_works(kind: str) -> None:
    picture = read_mark(kinds()[kind])
    assert picture.size == (80, 40)
    left, right = (np.array(picture.getpixel((x, 20))) for x in (15, 65))
    assert np.abs(left - (255, 0, 0, 255)).max() <= 6
    assert np.abs(right - (0, 0, 255, 255)).max() <= 6


def test_sixteen_bits_of_grey_are_not_cut_off_at_white() -> None:
    deep = Image.fromarray(np.full((20, 30), 0x8000, np.uint16))
    assert read_mark(encoded(deep)).getpixel((5, 5)) == (128, 128, 128, 255)


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 pixels wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def unusable() -> dict[str, tuple[bytes, str]]:
    red, blue = Image.new("RGB", (40, 40), "red"), Image.new("RGB", (40, 40), "blue")
    return {
        "nothing": (b"", "empty"),
        "words": (b"<html>not found</html>", "no PNG, JPEG or WebP"),
        "SVG": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        "GIF": (encoded(red, "GIF"), "no PNG, JPEG or WebP"),
        "half a JPEG": (encoded(logo().convert("RGB"), "JPEG")[:400], "no PNG, JPEG or WebP"),
        "half a PNG": (encoded(Image.effect_noise((90, 90), 80))[:3000], "no PNG, JPEG or WebP"),
        "animated WebP": (encoded(red, "WEBP", save_all=True, append_images=[blue]), "animation"),
        "animated PNG": (encoded(red, save_all=True, append_images=[blue]), "animation"),
        "a bomb": (bomb(), "million pixels"),
        "a large one": (encoded(Image.new("1", (8000, 6000))), "million pixels"),
        "all transparent": (encoded(Image.new("RGBA", (40, 40), (255, 0, 0, 0))), "transparent all over"),
    }


@pytest.mark.parametrize("kind", list(unusable()))
def test_what_cannot_be_used_is_refused_with_the_reason(kind: str, tmp_path: Path) -> None:
    data, reason = unusable()[kind]
    with pytest.raises(UnreadableMediaError, match=reason):
        placed(data)
    (tmp_path / "mark.png").write_bytes(data)
    with pytest.raises(UnreadableMediaError, match=reason) as told:
        placed(tmp_path / "mark.png")
    assert "<" not in told.value.message, "no object of Python's"


def test_what_is_no_picture_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "标志.png").write_bytes(b"<html>not found</html>")
    with pytest.raises(UnreadableMediaError, match=r"^The watermark 标志\.png is no PNG, JPEG or WebP .* read\.$"):
        placed(tmp_path / "标志.png")
    with pytest.raises(
        UnreadableMediaError, match=r"^The watermark is no PNG, JPEG or WebP picture that can be read\.$"
    ):
        placed(b"<html>not found</html>")


def test_a_file_that_is_not_there_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"gone\.png"):
        placed(tmp_path / "gone.png")
    with pytest.raises(UnreadableMediaError, match="cannot be read"):
        placed(tmp_path)


def test_a_damaged_file_gives_a_picture_or_our_own_error() -> None:
    dice = random.Random(7)
    files = list(kinds().values())
    refused = 0
    for _ in range(400):
        data = bytearray(dice.choice(files))
        for _ in range(dice.choice((1, 5, 20))):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            read_mark(bytes(data))
        except UnreadableMediaError:
            refused += 1
    assert 0 < refused < 400


@pytest.mark.parametrize(
    "settings",
    [{"corner": "middle"}, {"width": 0.01}, {"width": 0.6}, {"opacity": 0}, {"opacity": 1.1}, {"margin": -0.1},
     {"width": float("nan")}, {"opacity": "1"}],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(BadSettingError, match="watermark"):
        Watermark(b"", **settings)
