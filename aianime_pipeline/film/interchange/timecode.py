"""Timecode, non-drop: a film begins at 01:00:00:00, as an editor expects, in every format that can say so."""

import math
from fractions import Fraction


def nominal_rate(rate: Fraction) -> int:
    """Frames that a second of timecode counts: 24 for 24000/1001."""
    return math.ceil(rate)


def is_ntsc(rate: Fraction) -> bool:
    """Whether the rate is a whole one slowed down by 1000/1001."""
    return rate.denominator != 1 and (rate * Fraction(1001, 1000)).denominator == 1


def first_frame(rate: Fraction) -> int:
    """The frame number of 01:00:00:00."""
    return 3600 * nominal_rate(rate)


def timecode(frame: int, rate: Fraction) -> str:
    count = nominal_rate(rate)
    seconds, frames = divmod(frame, count)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}:{frames:02d}"
