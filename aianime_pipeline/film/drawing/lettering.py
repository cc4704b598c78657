"""Lines of text as a picture, in the bundled font. Who draws what where is said by the neighbours.

Text is drawn to the letter: nothing in it is a code. Each line is laid out by itself (Raqm, where Pillow has it,
brings a line of mixed directions into the order in which it is read).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from aianime_pipeline.film.drawing.glyphs import drawable
from aianime_pipeline.film.subtitles.line_breaking import clusters
from aianime_pipeline.fonts import cjk_font_path

ASCENT, DESCENT = 1.160, 0.288
"""How far the font's lines reach above and below the baseline, in ems (its OS/2 table: usWinAscent, usWinDescent)."""
LINE_PITCH = 1.3
"""From baseline to baseline, in ems."""
CAP_HEIGHT = 0.733
"""Height of a Latin capital in ems (OS/2 sCapHeight)."""
_BOLD_STROKE = 0.014
"""The collection has one weight. Bold is the same letters this much (ems) thicker at either side."""

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Ink:
    """How letters are drawn. Widths in pixels; `shadow` is an opacity from 0 (none) to 1."""

    colour: Colour
    outline: Colour = (0, 0, 0)
    outline_width: float = 0
    shadow: float = 0
    shadow_colour: Colour = (0, 0, 0)
    bold: bool = False


@lru_cache(maxsize=64)
def font(size: int) -> ImageFont.FreeTypeFont:
    """The face at `size` pixels to the em."""
    path, face = cjk_font_path()
    return ImageFont.truetype(str(path), size, index=face)


def text_width(line: str, size: int) -> int:
    """Pixels that a drawable line takes, outline not counted."""
    return -int(-font(size).getlength(line) // 1)


def line_pitch(size: int) -> int:
    return round(size * LINE_PITCH)


def bold_stroke(size: int, *, bold: bool) -> float:
    return size * _BOLD_STROKE if bold else 0


def fold(text: str, size: int, width: int) -> list[str]:
    """The drawable text in lines of at most `width` pixels, broken at spaces and between wide characters, and inside
    a word only where it alone is too wide. Line ends in the text are kept."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines += _folded(drawable(paragraph), size, width)
    return lines


def ellipsed(text: str, size: int, width: int, most: int) -> list[str]:
    """As `fold`, but `most` lines at most: the last then ends with an ellipsis."""
    lines = fold(text, size, width)
    if len(lines) <= most:
        return lines
    last = clusters(lines[most - 1])
    while last and text_width("".join(last).rstrip() + "…", size) > width:
        last.pop()
    return [*lines[: most - 1], "".join(last).rstrip("，、；：,;: “‘（《「『(") + "…"]


@dataclass(frozen=True)
class DrawnLines:
    """Centred lines on a transparent picture, and where in it, in pixels, their middle and the last baseline lie."""

    picture: Image.Image
    middle: int
    baseline: int


def draw_lines(lines: Sequence[str], size: int, ink: Ink) -> DrawnLines:
    """One or more drawable lines, with some room around them for what lies behind."""
    stroke = bold_stroke(size, bold=ink.bold)
    margin = round(size * 0.32 + ink.outline_width) + 2
    widths = [text_width(line, size) for line in lines]
    pitch = line_pitch(size)
    middle = max(widths) // 2 + margin
    baseline = margin + round(size * ASCENT) + pitch * (len(lines) - 1)
    extent = (middle * 2 + 2, baseline + round(size * DESCENT) + margin)
    places = [(middle - width // 2, baseline - pitch * (len(lines) - 1 - place)) for place, width in enumerate(widths)]

    def mask(extra: float) -> Image.Image:
        drawn = Image.new("L", extent)
        pen = ImageDraw.Draw(drawn)
        for line, place in zip(lines, places, strict=True):
            pen.text(place, line, fill=255, font=font(size), anchor="ls", stroke_width=stroke + extra)
        return drawn

    letters = mask(0)
    outline = mask(ink.outline_width) if ink.outline_width else None
    layers = [tinted(letters, ink.colour)]
    if outline:
        layers.insert(0, tinted(outline, ink.outline))
    if ink.shadow:
        layers.insert(0, _shadow(outline or letters, size, ink))
    # The lowest layer is the canvas, so that its colour, not black, lies under the transparent pixels: halving the
    # colour planes mixes it in.
    picture = layers[0]
    for layer in layers[1:]:
        picture.alpha_composite(layer)
    return DrawnLines(picture, middle, baseline)


def tinted(mask: Image.Image, colour: Colour, opacity: float = 1.0) -> Image.Image:
    """A picture of one colour whose alpha is the mask."""
    picture = Image.new("RGBA", mask.size, (*colour, 0))
    picture.putalpha(mask if opacity >= 1 else mask.point([round(level * opacity) for level in range(256)]))
    return picture


def _shadow(mask: Image.Image, size: int, ink: Ink) -> Image.Image:
    """A soft shade, a little below: on a pale picture it sets the letters off where an outline alone looks thin."""
    cast = Image.new("L", mask.size)
    cast.paste(mask, (0, round(size * 0.035)))
    return tinted(cast.filter(ImageFilter.BoxBlur(size * 0.05)), ink.shadow_colour, ink.shadow)


def _folded(line: str, size: int, width: int) -> list[str]:
    lines = [""]
    for piece in _pieces(line):
        if text_width((lines[-1] + piece).rstrip(), size) <= width:
            lines[-1] += piece
            continue
        lines.append("")
        for cluster in clusters(piece):
            if lines[-1] and text_width((lines[-1] + cluster).rstrip(), size) > width:
                lines.append("")
            lines[-1] += cluster
    return [kept for line in lines if (kept := line.strip())]


def _pieces(line: str) -> list[str]:
    """What a break may stand after: words with the spaces behind them, wide characters with the punctuation."""
    pieces: list[str] = []
    for cluster in clusters(line):
        if pieces and not may_break(pieces[-1][-1], cluster):
            pieces[-1] += cluster
        else:
            pieces.append(cluster)
    return pieces


_NOT_FIRST = frozenset("，。、；：？！…—～,.;:?!)]}”’）】》」』〉〕％% ")
_NOT_LAST = frozenset("([{“‘（【《「『〈〔")


def may_break(before: str, after: str) -> bool:
    """Whether a line may end between two neighbouring characters."""
    if after[0] in _NOT_FIRST or before in _NOT_LAST:
        return False
    return before == " " or ord(before) >= 0x2E80 or ord(after[0]) >= 0x2E80
