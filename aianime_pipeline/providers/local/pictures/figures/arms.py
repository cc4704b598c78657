"""Where the arms are in each gesture: shoulder, elbow and hand of both, in the figure's own units."""

from dataclasses import dataclass

from aianime_pipeline.providers.local.pictures.figures.person import Figure
from aianime_pipeline.providers.local.pictures.shapes import Point


@dataclass(frozen=True)
class Arm:
    shoulder: Point
    elbow: Point
    hand: Point


Bend = tuple[Point, Point]
"""Elbow and hand; x is counted from the shoulder's outer edge outwards for the elbow, from the middle for the hand
(inwards of the body) or, where it lies beyond the shoulder, from the shoulder's edge as the elbow."""

REST: Bend = ((0.03, 1.92), (0.05, 2.85))
_OUTSIDE: dict[str, tuple[Bend | None, Bend | None]] = {
    "rest": (None, None),
    "raised": (None, ((0.12, 1.72), (-0.36, 1.30))),
    "point": (None, ((0.50, 1.30), (1.05, 1.02))),
    "up": (None, ((0.30, 1.42), (0.18, 0.66))),
    "hip": (((0.34, 1.75), (-0.18, 2.35)), None),
    "lift": (None, ((0.34, 1.46), (0.42, 0.62))),
    "carry": (None, ((0.12, 1.94), (0.16, 2.62))),
    "offer": (None, ((0.10, 1.92), (0.46, 1.66))),
    "open": (((0.12, 1.90), (0.44, 1.78)), ((0.12, 1.90), (0.44, 1.78))),
    "reach": (None, ((0.42, 1.36), (0.92, 1.40))),
}
_INSIDE: dict[str, tuple[Bend | None, Bend | None]] = {
    "clasped": (((0.06, 1.85), (0.10, 2.15)), ((0.06, 1.85), (0.10, 2.18))),
    "chest": (None, ((0.04, 1.80), (0.10, 1.35))),
    "behind": (((0.12, 1.85), (0.30, 2.2)), ((0.12, 1.85), (0.30, 2.2))),
    "folded": (((0.06, 1.86), (-0.22, 1.66)), ((0.08, 1.92), (-0.20, 1.80))),
    "fist": (None, ((0.14, 1.82), (0.36, 1.24))),
    "lap": (((0.08, 1.86), (0.20, 2.38)), ((0.08, 1.86), (0.20, 2.38))),
}
"""The left and the right arm, None at rest. Inside, a hand's x is from the middle of the body, positive on its side."""

GESTURES = frozenset((*_OUTSIDE, *_INSIDE))
IN_FRONT = frozenset(("clasped", "raised", "chest", "folded", "fist", "offer", "open", "lap", "reach"))
"""Gestures whose forearms cross the clothes: drawn over them, with the hands on top."""
HANDS_FREE = frozenset((*IN_FRONT, "point", "up", "lift", "carry", "hip"))
"""Gestures that show hands even out of wide sleeves."""


def arms_of(figure: Figure) -> tuple[Arm, Arm]:
    """The left and the right arm on the picture, by the pose."""
    kind = figure.pose.arms if figure.pose.arms in GESTURES else "rest"
    bends = _OUTSIDE.get(kind) or _INSIDE[kind]
    inside = kind in _INSIDE
    left, right = (
        _arm(figure, side, bend, inside and bend is not None) for side, bend in zip((-1, 1), bends, strict=True)
    )
    return left, right


def _arm(figure: Figure, side: int, bend: Bend | None, inside: bool) -> Arm:
    s, y = figure.shoulders, figure.y
    (ex, ey), (hx, hy) = bend or REST
    hand = hx if inside else s + hx
    return Arm((side * (s - 0.12), 0.93), (side * (s + ex), y(ey)), (side * hand, y(hy)))
