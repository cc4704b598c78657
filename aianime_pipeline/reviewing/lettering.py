"""Lines of lettering in a picture, such as captions and watermarks, found by what writing looks like.

A line is a row of thin strokes that stand out clearly, many to each of its heights, and not one like the next: tiles,
planks and windows come at even distances. What the writing says is not read, and faint or handwritten words are not
found.

Thresholds: 40 pictures of the built-in provider (two episodes) with no false line, and the same pictures with words
burned in: of captions in white or yellow, watermarks and blocks of text in Chinese and English 36 to 40 were found, of
dark words, which are seldom seen on dark pictures, a third.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from aianime_pipeline.reviewing.pictures import LOOKED_AT, Pixels, luma_of, scaled_down

_THICKEST = 17
"""Pixels of a stroke, in a picture of LOOKED_AT."""
_CONTRAST = 90
"""Levels of luma between the ink and what it stands on."""
_LETTER_GAP, _WORD_GAP = 5, 31
"""Pixels."""
_LOWEST, _HIGHEST = 14, 110
"""Pixels of a line's height."""
_EDGE = 4
"""Pixels around a line that belong to it."""
_LEAST_LENGTH = 4
"""Heights."""
_LEAST_FILLED = 0.55
"""Of the line's box, once the gaps between its words are filled."""
_INK = (0.2, 0.6)
"""Share of the box."""
_LEAST_STROKES = 3.5
"""Times that ink begins or ends in each height's length."""
_MOST_EVEN = 0.62
"""Correlation of the line with itself, moved on."""


@dataclass(frozen=True)
class Line:
    """Where a line of lettering is, as shares (0 to 1) of the picture's width and height."""

    left: float
    top: float
    right: float
    bottom: float

    def __str__(self) -> str:
        middle = (self.top + self.bottom) / 2
        where = "at the top" if middle < 1 / 3 else "at the bottom" if middle > 2 / 3 else "in the middle"
        return f"{where}, {self.left:.0%} to {self.right:.0%} from the left"

    @property
    def width(self) -> float:
        return self.right - self.left

    def crosses(self, other: "Line") -> bool:
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)


def lettering_in(pixels: Pixels) -> list[Line]:
    """Lines of lettering, from the top down."""
    luma = luma_of(scaled_down(pixels, LOOKED_AT))
    around = np.ones((_THICKEST, _THICKEST), np.uint8)
    found: list[Line] = []
    # Light strokes, then dark ones: an outlined letter has both.
    for stroke in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        ink = (cv2.morphologyEx(luma, stroke, around) > _CONTRAST).astype(np.uint8)
        found += [line for line in _lines(ink) if not any(line.crosses(other) for other in found)]
    return sorted(found, key=lambda line: line.top)


def _lines(ink: Pixels) -> list[Line]:
    letters = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((_LETTER_GAP, _LETTER_GAP), np.uint8))
    rows = cv2.morphologyEx(letters, cv2.MORPH_CLOSE, np.ones((1, _WORD_GAP), np.uint8))
    # What is lower or shorter than a line is no row.
    rows = cv2.morphologyEx(rows, cv2.MORPH_OPEN, np.ones((_LOWEST // 2, _WORD_GAP * 2 // 3), np.uint8))
    height, width = ink.shape
    found = []
    for left, top, long, high, area in cv2.connectedComponentsWithStats(rows)[2][1:]:
        if not _LOWEST <= high <= _HIGHEST or long < _LEAST_LENGTH * high or area < _LEAST_FILLED * long * high:
            continue
        box = ink[max(top - _EDGE, 0) : top + high + _EDGE, max(left - _EDGE, 0) : left + long + _EDGE]
        if _is_writing(box, high / long):
            found.append(Line(left / width, top / height, (left + long) / width, (top + high) / height))
    return found


def _is_writing(box: Pixels, shape: float) -> bool:
    """`shape` is the line's height by its length."""
    high = len(box)
    share = float(box.mean())
    if not _INK[0] <= share <= _INK[1]:
        return False
    changes = np.count_nonzero(np.diff(box.astype(np.int8), axis=1), axis=1)
    middle = changes[high // 5 : high - high // 5]
    return bool(np.median(middle) * shape >= _LEAST_STROKES) and _evenness(box) < _MOST_EVEN


def _evenness(box: Pixels) -> float:
    """How like itself the line is when it is moved on: near 1 for a fence."""
    profile = box.mean(axis=0) - box.mean()
    correlated = np.correlate(profile, profile, "full")[len(profile) :]
    power = float((profile**2).sum())
    return float(correlated[6 : len(correlated) // 2].max() / power) if power else 1.0
