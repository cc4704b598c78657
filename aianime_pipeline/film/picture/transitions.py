"""How two shots turn into one another: the weight of every pixel, frame by frame, and the filter that mixes by it.

The weights are drawn here as a mask one line high, which ffmpeg stretches over the frame. So all four kinds are one
exact operation on yuv420p (`xfade` would take 4:4:4 there and back, `blend` rounds down and darkens), and what is
equal on both sides stays as it is to the last bit.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.picture.recipe import FrameFormat, numbered, raw_frames
from aianime_pipeline.film.timeline import OVERLAPPING
from aianime_pipeline.storyboard.model import Transition

Plane = NDArray[np.uint8]

SOFT_EDGE = Fraction(1, 16)
"""How wide the soft edge of a wipe is, as a share of the frame."""

MASK_LINES = 2
"""Two, because the halved planes of 4:2:0 need one."""

_FULL = 255
_COLOURS = {Transition.FADE_BLACK: (16, 128, 128), Transition.FLASH_WHITE: (235, 128, 128)}
"""Y, Cb and Cr in tv range."""


def masks(kind: Transition, before: int, after: int, width: int) -> Iterator[bytes]:
    """One mask for each frame of a transition that lies `before` frames before its cut and `after` frames after it:
    yuv420p, `width` pixels wide, MASK_LINES high.

    In a dissolve and a wipe the mask says how much of the incoming shot is seen, in a fade and a flash how much of
    their colour. Neither end repeats a frame of the pure shot beside it; the colour is whole where the cut is.
    """
    frames = before + after
    for place in range(frames):
        if kind is Transition.WIPE:
            line = _wiped(Fraction(place + 1, frames + 1), width)
        else:
            share = Fraction(place + 1, frames + 1) if kind in OVERLAPPING else _coloured(place - before, before, after)
            line = np.full(width, round(share * _FULL), np.uint8)
        chroma = line[::2].tobytes()
        yield line.tobytes() * MASK_LINES + chroma * 2


def mask_input(path: Path, frame: FrameFormat) -> ffmpeg.Stream:
    """The masks of a piece, as they were written to a file."""
    source = raw_frames(str(path.absolute()), frame.width, MASK_LINES, frame.rate)
    return source.filter("scale", w=frame.width, h=frame.height, flags="neighbor")


def mixed(outgoing: ffmpeg.Stream, incoming: ffmpeg.Stream, mask: ffmpeg.Stream) -> ffmpeg.Stream:
    """A dissolve or a wipe: both sides last as long as the piece."""
    return ffmpeg.filter([outgoing, incoming, mask], "maskedmerge", planes=7)


def through_colour(sides: list[ffmpeg.Stream], kind: Transition, mask: ffmpeg.Stream, rate: Fraction) -> ffmpeg.Stream:
    """A fade through black or a flash of white: the sides come one after the other. Raises BadInputError for a
    transition that has no colour."""
    if kind not in _COLOURS:
        raise BadInputError(f"A {kind} does not go through a colour.")
    picture = sides[0]
    if len(sides) > 1:
        picture = numbered(ffmpeg.filter(sides, "concat", n=len(sides), v=1, a=0), rate)
    both = picture.split()
    luma, blue, red = _COLOURS[kind]
    colour = both[1].filter("lutyuv", y=luma, u=blue, v=red)
    return ffmpeg.filter([both[0], colour, mask], "maskedmerge", planes=7)


def _coloured(place: int, before: int, after: int) -> Fraction:
    """How much of the colour is seen `place` frames after the cut."""
    if place >= 0:
        return 1 - Fraction(place, after)
    return Fraction(before + place + 1, before + 1 if after else before)


def _wiped(share: Fraction, width: int) -> Plane:
    """From left to right, behind an edge that is wholly outside the frame before the first and after the last."""
    edge = max(1, round(width * SOFT_EDGE))
    reached = float(share * (width + edge))
    seen = np.clip((reached - np.arange(width) - 0.5) / edge, 0.0, 1.0)
    return np.asarray(np.rint(seen * _FULL), np.uint8)
