"""Hair over the face: the cap with its bangs and the locks at the temples."""

from collections.abc import Sequence
from itertools import pairwise

from aianime_pipeline.providers.local.pictures.figures.person import Figure
from aianime_pipeline.providers.local.pictures.shapes import Knot, Point, smooth

LONG = ("long", "half_up", "wavy")

# Tips and valleys of the bangs from the right temple to the left, in a front view: (x, y, is a tip).
_BANGS: dict[str, tuple[tuple[float, float, bool], ...]] = {
    "straight": (
        (0.37, 0.03, True), (0.30, -0.14, False), (0.26, -0.03, True), (0.19, -0.13, False), (0.13, -0.015, True),
        (0.06, -0.13, False),
        (0.0, -0.005, True), (-0.07, -0.13, False), (-0.13, -0.015, True), (-0.2, -0.13, False), (-0.26, -0.03, True),
        (-0.31, -0.14, False),
        (-0.37, 0.03, True),
    ),
    "swept": (
        (0.385, 0.11, True), (0.31, -0.12, False), (0.29, 0.02, True), (0.20, -0.15, False), (0.155, -0.03, True),
        (0.06, -0.20, False),
        (-0.005, -0.085, True), (-0.135, -0.36, False), (-0.25, -0.07, True), (-0.29, -0.16, False), (-0.375, 0.09,
        True),
    ),
    "parted": (
        (0.39, 0.15, True), (0.315, -0.10, False), (0.285, -0.01, True), (0.15, -0.21, False), (0.135, -0.14, True),
        (0.02, -0.38, False),
        (-0.11, -0.14, True), (-0.14, -0.22, False), (-0.275, -0.01, True), (-0.31, -0.10, False), (-0.385, 0.15,
        True),
    ),
    "spiky": (
        (0.39, 0.08, True), (0.31, -0.15, False), (0.29, 0.005, True), (0.20, -0.17, False), (0.14, 0.025, True),
        (0.08, -0.18, False),
        (-0.03, -0.05, True), (-0.07, -0.2, False), (-0.17, 0.02, True), (-0.21, -0.17, False), (-0.29, -0.005, True),
        (-0.32, -0.15, False),
        (-0.39, 0.09, True),
    ),
}  # fmt: skip
CROWN: tuple[Point, ...] = (
    (-0.425, 0.10), (-0.462, -0.12), (-0.425, -0.37), (-0.27, -0.55), (0.0, -0.625), (0.27, -0.55), (0.425, -0.37),
    (0.455, -0.12), (0.42, 0.10)
)  # fmt: skip


def draw_front_hair(figure: Figure) -> None:
    """Cap, bangs and the locks before the ears; drawn over the face."""
    if figure.hair_style == "bald":
        return
    t = figure.pose.turn
    pulled = figure.bangs == "none" or figure.bangs not in _BANGS
    _side_locks(figure)
    inner: list[Knot] = []
    valleys: list[Point] = []
    if pulled:
        inner = [
            (0.36, 0.02),
            (0.315, -0.16),
            (0.22 + 0.03 * t, -0.30),
            (0.05 * t, -0.35),
            (-0.22 + 0.03 * t, -0.29),
            (-0.31, -0.14),
            (-0.35, 0.04),
        ]
        valleys = [(0.2, -0.32), (0.05 * t, -0.36), (-0.2, -0.31)]
    else:
        for x, y, tip in _BANGS[figure.bangs]:
            px = x * (1 - 0.10 * t) + 0.055 * t
            inner.append((px, y, 1))
            if not tip:
                valleys.append((px, y))
    knots: list[Knot] = [*crown_of(figure), *_curved(inner, valleys, pulled)]
    outline = figure.brush.form(knots, figure.hair.base, line=figure.line, steps=6)
    draw_shine(figure, outline, valleys)


def crown_of(figure: Figure) -> list[Knot]:
    t = figure.pose.turn
    tight = figure.hair_style in ("bun", "topknot", "ponytail", "braids", "double_bun") or figure.bangs == "none"
    grow = 0.96 if tight else 1.05 if figure.hair_style in ("messy", "wavy") else 1.0
    crown: list[Knot] = []
    for i, (x, y) in enumerate(CROWN):
        gx = grow if abs(x) > 0.1 else 1.0
        crown.append((x * gx - 0.035 * t * (1 if x < 0 else 0.6), y * grow if y < 0 else y))
        if figure.hair_style == "messy" and 1 <= i <= 6:
            nx, ny = CROWN[i + 1]
            crown.append(((x + nx) / 2 * 1.19 - 0.02, (y + ny) / 2 * 1.19 - 0.01, 1))
            crown.append(((x + 2 * nx) / 3 * 1.04, (y + 2 * ny) / 3 * 1.04, 1))
    return crown


def _curved(inner: Sequence[Knot], valleys: Sequence[Point], pulled: bool) -> list[Knot]:
    """Bulge the flanks of every lock a little, so that tips look combed and not cut by scissors."""
    if pulled:
        return list(inner)
    out: list[Knot] = []
    for a, b in pairwise(inner):
        out.append(a)
        into_tip = (b[0], b[1]) not in valleys
        bulge = 0.014 if into_tip else -0.010
        out.append(((a[0] + b[0]) / 2 + bulge, (a[1] + b[1]) / 2 + 0.012))
    return [*out, inner[-1]]


def draw_shine(figure: Figure, outline: list[Point], valleys: Sequence[Point]) -> None:
    b, t = figure.brush, figure.pose.turn
    top = (-0.03 - 0.05 * t, -0.60)
    shadow = [
        (-0.5, 0.2),
        (-0.5, -0.25),
        (-0.36, -0.12),
        (-0.2, -0.17),
        (0.0, -0.13),
        (0.2, -0.17),
        (0.36, -0.12),
        (0.5, -0.25),
        (0.5, 0.2),
    ]
    b.within(outline, smooth(shadow), figure.hair.dark, 78)
    if figure.fine:
        band = [
            (-0.37, -0.20),
            (-0.31, -0.31),
            (-0.2, -0.40),
            (0.0, -0.445),
            (0.2, -0.40),
            (0.31, -0.31),
            (0.37, -0.20),
        ]
        low: list[Knot] = []
        for i, (x, y) in enumerate(reversed(band)):
            low.append((x * 0.97, y + 0.035))
            if i < len(band) - 1:
                nx, ny = list(reversed(band))[i + 1]
                low.append(((x + nx) / 2, (y + ny) / 2 + 0.095, 1))
        b.within(outline, smooth([*band, *low]), figure.hair.light, 120)
    for x, y in valleys:
        b.stroke(
            [(x, y), ((x * 0.95 + top[0] * 0.1), y - 0.14), ((x + top[0]) / 2 * 0.9, (y + top[1]) / 2 - 0.07)],
            0.014,
            figure.hair.dark,
            alpha=190,
            taper="end",
        )


def _side_locks(figure: Figure) -> None:
    t = figure.pose.turn
    style = figure.hair_style
    if figure.bangs == "none" and style not in ("long", "wavy"):
        return
    long = {
        "long": 0.98,
        "half_up": 1.02,
        "wavy": 0.95,
        "bob": 0.60,
        "ponytail": 0.50,
        "bun": 0.42,
        "braids": 0.40,
        "double_bun": 0.42,
    }.get(style, 0.16)
    if not figure.female:
        long = {"half_up": 0.62, "long": 0.66, "topknot": 0.26, "ponytail": 0.34}.get(style, 0.17)
    near, far = -0.40 + 0.05 * t, 0.385 - 0.03 * t
    for x, side in ((near, -1), (far, 1)):
        w = 0.05 if figure.man else 0.085 if long > 0.3 else 0.06
        knots: list[Knot] = [
            (x - side * 0.035, -0.34),
            (x + side * 0.055, -0.12),
            (x + side * (0.045 + 0.03 * long), long * 0.55),
            (x + side * 0.0, long, 1),
            (x - side * (w * 0.7), long * 0.5),
            (x - side * w, 0.02),
        ]
        outline = figure.brush.form(knots, figure.hair.base, line=figure.line)
        figure.brush.within(outline, [(k[0] - side * 0.05, k[1]) for k in knots], figure.hair.dark, 90)
        if long > 0.45 and figure.fine:
            figure.brush.stroke(
                [(x, -0.05), (x + side * 0.02, long * 0.4), (x + side * 0.005, long * 0.85)],
                0.012,
                figure.hair.dark,
                alpha=170,
            )
