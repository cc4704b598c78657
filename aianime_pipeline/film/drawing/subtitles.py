"""Subtitles burned into a film: each cue a picture over the frames in which it is seen."""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial

import PIL
from PIL import Image, ImageDraw

from aianime_pipeline.film.drawing.glyphs import drawable, missing_glyphs
from aianime_pipeline.film.drawing.lettering import (
    DESCENT,
    DrawnLines,
    Ink,
    draw_lines,
    fold,
    line_pitch,
    text_width,
)
from aianime_pipeline.film.drawing.overlays import DrawnLater, Laid, LaidOver, lay, png_bytes
from aianime_pipeline.film.drawing.style import SMALLEST_TEXT, SubtitleStyle, rgb
from aianime_pipeline.film.subtitles.cues import SubtitleCue

DRAWING = "drawing-1"
"""Part of every drawn line's key: raise the number when the same words are drawn otherwise."""

_WIDEST = 0.92
"""Share of the frame's width that a line may take."""
_TALLEST = 0.9
_BOX_PADDING = 0.28
"""Ems from the letters to the edge of their box."""
_ALWAYS_FITS = 200
"""Characters of a cue that are not worth measuring: a cue that was made here has 84 at most."""
_HALF_MS = Fraction(1, 2)


@dataclass(frozen=True)
class DrawnSubtitles:
    """`missing` has a pair for each character that no glyph was found for: the cue's number, from 1, and the
    character. It is not in the picture. `cut` are the numbers of cues so long that the frame does not hold them."""

    overlays: tuple[LaidOver, ...]
    missing: tuple[tuple[int, str], ...]
    cut: tuple[int, ...] = ()


def subtitle_overlays(
    cues: Sequence[SubtitleCue],
    *,
    width: int,
    height: int,
    rate: Fraction,
    style: SubtitleStyle,
    total_frames: int,
) -> DrawnSubtitles:
    """The cues, of which no two are seen at once, as pictures for a film of `total_frames` frames of `width` x `height`
    pixels at `rate` frames a second. Each is drawn when its picture is asked for.

    A cue that begins after the film's end, or of which nothing can be drawn, has no picture.
    """
    overlays: list[DrawnLater] = []
    missing: list[tuple[int, str]] = []
    cut: list[int] = []
    look = json.dumps([DRAWING, PIL.__version__, width, height, style.to_document()], sort_keys=True)
    for number, cue in enumerate(cues, start=1):
        lines = shown_lines(cue, style)
        missing += [(number, cluster) for cluster in missing_glyphs("\n".join(lines))]
        first, end = cue_frames(cue, rate, total_frames)
        if first < end and any(drawable(line).strip() for line in lines):
            key = hashlib.sha256(json.dumps([look, lines]).encode()).hexdigest()
            overlays.append(DrawnLater(key, partial(_drawn, lines, style, width, height), first, end))
            if sum(map(len, lines)) > _ALWAYS_FITS and _overflows(lines, style, width, height):
                cut.append(number)
    return DrawnSubtitles(tuple(overlays), tuple(missing), tuple(cut))


def _overflows(lines: tuple[str, ...], style: SubtitleStyle, width: int, height: int) -> bool:
    """Whether the upper lines lie outside the frame even in the smallest letters."""
    shown, size = fitted(lines, style, width, height)
    return line_pitch(size) * len(shown) + style.margin(width, height) > height


def _drawn(lines: tuple[str, ...], style: SubtitleStyle, width: int, height: int) -> Laid:
    laid = _picture(lines, style, width, height)
    return laid if laid is not None else Laid(png_bytes(Image.new("RGBA", (2, 2))), 0, 0)


def shown_lines(cue: SubtitleCue, style: SubtitleStyle) -> tuple[str, ...]:
    """The cue's lines as they are to be read: with the speaker's name where the style shows it, without empty ones."""
    lines = [line for text in cue.lines for line in text.splitlines() if line.strip()]
    if style.speaker_shown and cue.speaker.strip() and lines:
        speaker = " ".join(cue.speaker.split())
        lines[0] = f"{speaker}{': ' if speaker.isascii() else '：'}{lines[0]}"
    return tuple(lines)


def cue_frames(cue: SubtitleCue, rate: Fraction, total_frames: int) -> tuple[int, int]:
    """First frame, and the one after the last: the frames whose moment, in the whole milliseconds in which cues are
    told, lies within the cue. So a cue that begins or ends on a cut does so on its very frame.

    A cue that falls between two frames has the one that is on screen when it begins.
    """
    first, end = (math.ceil((ms - _HALF_MS) * rate / 1000) for ms in (cue.start_ms, cue.end_ms))
    if first == end:
        first -= 1
    return max(0, first), min(end, total_frames)


def fitted(lines: Sequence[str], style: SubtitleStyle, width: int, height: int) -> tuple[tuple[str, ...], int]:
    """The drawable lines, and the size in pixels at which they fit the frame: the style's own, or less. Lines too long
    at the smallest size are folded."""
    shown = tuple(kept for line in lines if (kept := drawable(line).strip()))
    size = style.text_size(width, height)
    if not shown:
        return (), size
    while True:
        widest = max(text_width(line, size) for line in shown) / _room(size, style, width)
        excess = max(widest, line_pitch(size) * len(shown) / (height * _TALLEST))
        if excess <= 1:
            return shown, size
        if size == SMALLEST_TEXT:
            return tuple(part for line in shown for part in fold(line, size, _room(size, style, width))), size
        size = max(SMALLEST_TEXT, min(size - 1, math.floor(size / excess)))


def _room(size: int, style: SubtitleStyle, width: int) -> int:
    """Pixels that the letters of a line may take."""
    around = _BOX_PADDING if style.backing == "box" else style.outline_width
    return max(SMALLEST_TEXT * 2, math.floor(width * _WIDEST - size * around * 2))


@lru_cache(maxsize=256)
def _picture(lines: tuple[str, ...], style: SubtitleStyle, width: int, height: int) -> Laid | None:
    """Kept for a while: an export in another quality, or the next one, draws the same lines again."""
    shown, size = fitted(lines, style, width, height)
    if not shown:
        return None
    boxed = style.backing == "box"
    ink = Ink(
        colour=rgb(style.colour),
        outline=rgb(style.outline_colour),
        outline_width=0 if boxed else size * style.outline_width,
        shadow=style.backing_opacity if style.backing == "shadow" else 0,
        shadow_colour=rgb(style.backing_colour),
        bold=style.bold,
    )
    drawn = draw_lines(shown, size, ink)
    picture = _boxed(drawn, shown, size, style) if boxed else drawn.picture
    below = style.margin(width, height) + round(size * DESCENT)
    return lay(picture, width // 2 - drawn.middle, height - below - drawn.baseline, width=width, height=height)


def _boxed(drawn: DrawnLines, lines: Sequence[str], size: int, style: SubtitleStyle) -> Image.Image:
    """The letters on a box as high as the lines are, whatever letters stand in them."""
    half = max(text_width(line, size) for line in lines) // 2 + round(size * _BOX_PADDING)
    top = drawn.baseline - line_pitch(size) * (len(lines) - 1) - round(size * 1.06)
    box = (drawn.middle - half, top, drawn.middle + half, drawn.baseline + round(size * DESCENT))
    colour = rgb(style.backing_colour)
    picture = Image.new("RGBA", drawn.picture.size, (*colour, 0))
    fill = (*colour, round(style.backing_opacity * 255))
    ImageDraw.Draw(picture).rounded_rectangle(box, radius=size * 0.14, fill=fill)
    picture.alpha_composite(drawn.picture)
    return picture
