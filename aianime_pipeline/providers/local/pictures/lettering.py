"""Text on reference sheets, in a font that has the letters of the project's languages."""

from functools import lru_cache

from PIL import ImageDraw, ImageFont

from aianime_pipeline.fonts import cjk_font_path
from aianime_pipeline.providers.local.pictures.colours import RGB

MISSING = "□"
"""Stands for a letter that the font does not have."""


@lru_cache(maxsize=16)
def font(size: int) -> ImageFont.FreeTypeFont:
    path, face = cjk_font_path()
    return ImageFont.truetype(str(path), max(6, size), index=face)


@lru_cache(maxsize=2048)
def _drawable(letter: str) -> bool:
    """Whether the font draws this letter as anything but its sign for a missing one."""
    if letter == " ":
        return True
    try:
        mask = font(24).getmask(letter)
    except (UnicodeError, ValueError, OSError):
        return False
    return mask.getbbox() is not None and bytes(mask) != _missing_mask()


@lru_cache(maxsize=1)
def _missing_mask() -> bytes:
    return bytes(font(24).getmask("\U000fffff"))


def one_line(text: str) -> str:
    """The text on one line, with a box for each letter that cannot be drawn."""
    flat = " ".join(text.split())[:400]
    return "".join(letter if _drawable(letter) else MISSING for letter in flat)


def fitting(text: str, size: int, width: float) -> str:
    """As much of the text as fits `width` pixels, with … where it was shortened."""
    line = one_line(text)
    if font(size).getlength(line) <= width:
        return line
    while line and font(size).getlength(line + "…") > width:
        line = line[: max(0, min(len(line) - 1, int(len(line) * 0.92)))]
    return line + "…" if font(size).getlength("…") <= width else ""


def write(
    pen: ImageDraw.ImageDraw, x: float, y: float, text: str, size: int, colour: RGB, width: float, anchor: str = "la"
) -> None:
    shown = fitting(text, size, width)
    if shown:
        pen.text((x, y), shown, font=font(size), fill=colour, anchor=anchor)
