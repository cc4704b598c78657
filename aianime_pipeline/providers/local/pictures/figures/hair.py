"""Hair: the mass behind the body, the cap with its bangs, locks at the temples, buns, braids and tails."""

from collections.abc import Sequence
from itertools import pairwise

from aianime_pipeline.providers.local.pictures.figures.person import Figure
from aianime_pipeline.providers.local.pictures.shapes import Knot, Point, smooth

_LONG = ("long", "half_up", "wavy")

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
_CROWN: tuple[Point, ...] = (
    (-0.425, 0.10), (-0.462, -0.12), (-0.425, -0.37), (-0.27, -0.55), (0.0, -0.625), (0.27, -0.55), (0.425, -0.37),
    (0.455, -0.12), (0.42, 0.10)
)  # fmt: skip


def draw_back_hair(figure: Figure) -> None:
    """What hangs behind the shoulders; drawn first."""
    style, t = figure.hair_style, figure.pose.turn
    if style == "bald":
        return
    shift = -0.055 * t
    if style in _LONG:
        _mass(figure, _long_shape(figure, shift))
    elif style == "bob":
        _mass(
            figure,
            [
                (-0.43 + shift, -0.3),
                (-0.52 + shift, 0.15),
                (-0.50 + shift, 0.52),
                (-0.40 + shift, 0.70, 1),
                (0.0, 0.62),
                (0.40 + shift, 0.70, 1),
                (0.49 + shift, 0.5),
                (0.49 + shift, 0.15),
                (0.42, -0.3),
            ],
        )
    elif style == "ponytail":
        _mass(figure, _tail_shape(figure))
        _nape(figure, shift)
    elif style in ("braids", "double_bun", "bun", "topknot"):
        _nape(figure, shift)
    else:
        _mass(
            figure,
            [
                (-0.44 + shift, -0.3),
                (-0.46 + shift, 0.1),
                (-0.42 + shift, 0.30, 1),
                (-0.36 + shift, 0.28),
                (-0.31 + shift, 0.44, 1),
                (-0.2 + shift, 0.40),
                (0.2 + shift, 0.40),
                (0.29 + shift, 0.44, 1),
                (0.34, 0.26),
                (0.40, 0.28, 1),
                (0.43, 0.0),
                (0.4, -0.3),
            ],
        )
    _buns(figure)


def _long_shape(figure: Figure, shift: float) -> list[Knot]:
    end = figure.y(2.55 if figure.female else 2.15)
    wide = 0.66 if figure.hair_style == "wavy" else 0.58
    wave = 0.05 if figure.hair_style == "wavy" else 0.015
    left: list[Knot] = [
        (-0.44, -0.3),
        (-0.53, 0.2),
        (-wide, 0.75),
        (-wide - wave, 1.2),
        (-wide + wave, 1.7),
        (-wide + 0.06, end - 0.25),
    ]
    tips: list[Knot] = [
        (-0.46, end - 0.02, 1),
        (-0.36, end - 0.16),
        (-0.26, end + 0.1, 1),
        (-0.12, end - 0.1),
        (0.02, end + 0.12, 1),
        (0.14, end - 0.1),
        (0.28, end + 0.06, 1),
        (0.36, end - 0.18),
        (0.46, end - 0.06, 1),
    ]
    right: list[Knot] = [
        (wide - 0.06, end - 0.3),
        (wide - wave, 1.7),
        (wide + wave, 1.2),
        (wide, 0.75),
        (0.52, 0.2),
        (0.44, -0.3),
    ]
    return [(k[0] + shift, *k[1:]) for k in (*left, *tips, *right)]


def _tail_shape(figure: Figure) -> list[Knot]:
    end = figure.y(1.9 if figure.female else 1.6)
    return [
        (-0.10, -0.56),
        (-0.34, -0.70),
        (-0.58, -0.55),
        (-0.74, -0.1),
        (-0.80, 0.5),
        (-0.72, end - 0.4),
        (-0.84, end, 1),
        (-0.58, end - 0.25),
        (-0.52, end + 0.08, 1),
        (-0.44, end - 0.5),
        (-0.46, 0.3),
        (-0.40, -0.2),
        (-0.2, -0.36),
    ]


def _nape(figure: Figure, shift: float) -> None:
    _mass(
        figure,
        [
            (-0.42 + shift * 0.4, -0.3),
            (-0.43 + shift * 0.4, 0.05),
            (-0.30 + shift, 0.36),
            (0.0, 0.46),
            (0.28, 0.34),
            (0.40, 0.05),
            (0.4, -0.3),
        ],
    )


def _mass(figure: Figure, knots: Sequence[Knot]) -> None:
    outline = figure.brush.form(knots, figure.hair.dark, line=figure.line)
    if figure.fine:
        top = figure.hair.base
        figure.brush.fade_within(outline, None, top, top, 120, 10)


def _buns(figure: Figure) -> None:
    b, t, style = figure.brush, figure.pose.turn, figure.hair_style
    spots = {
        "bun": [(-0.08 * t, -0.70, 0.235, 0.20)], "half_up": [(-0.08 * t, -0.67, 0.175 if figure.female else 0.12,
        0.15)],
        "topknot": [(-0.06 * t, -0.70, 0.15, 0.165)], "double_bun": [(-0.33, -0.52, 0.16, 0.15), (0.33, -0.52, 0.16,
        0.15)],
    }.get(style, [])  # fmt: skip
    for x, y, rx, ry in spots:
        ring = [
            (x + rx, y),
            (x + rx * 0.7, y - ry * 0.75),
            (x, y - ry),
            (x - rx * 0.7, y - ry * 0.75),
            (x - rx, y),
            (x - rx * 0.7, y + ry * 0.75),
            (x, y + ry),
            (x + rx * 0.7, y + ry * 0.75),
        ]
        outline = b.form(ring, figure.hair.base, line=figure.line)
        b.within(
            outline,
            [(x - rx, y + ry * 0.1), (x, y + ry * 0.35), (x + rx, y + ry * 0.1), (x + rx, y + ry), (x - rx, y + ry)],
            figure.hair.dark,
            200,
        )
        b.stroke(
            [(x - rx * 0.55, y - ry * 0.35), (x - rx * 0.1, y - ry * 0.6), (x + rx * 0.4, y - ry * 0.5)],
            0.035,
            figure.hair.light,
            alpha=150,
        )
    if not spots or style == "double_bun":
        return
    x, y, rx, ry = spots[0]
    pin = figure.accent
    if figure.female and figure.era == "ancient":
        b.stroke([(x - rx - 0.2, y + 0.02), (x + rx + 0.2, y - 0.1)], 0.032, pin.base, taper="none")
        b.oval(x + rx + 0.2, y - 0.1, 0.05, 0.05, pin.light)
        for k in range(3):
            b.oval(x + rx + 0.2, y - 0.02 + 0.065 * k, 0.018, 0.024, pin.base)
    elif not figure.female:
        b.form(
            [
                (x - 0.13, y + ry + 0.04),
                (x - 0.11, y + 0.03),
                (x, y - 0.0),
                (x + 0.11, y + 0.03),
                (x + 0.13, y + ry + 0.04),
            ],
            pin.base,
            line=figure.line,
        )
        b.stroke([(x - 0.24, y + 0.1), (x + 0.24, y + 0.06)], 0.026, pin.dark, taper="none")


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
    knots: list[Knot] = [*_crown(figure), *_curved(inner, valleys, pulled)]
    outline = figure.brush.form(knots, figure.hair.base, line=figure.line, steps=6)
    _shine(figure, outline, valleys)


def _crown(figure: Figure) -> list[Knot]:
    t = figure.pose.turn
    tight = figure.hair_style in ("bun", "topknot", "ponytail", "braids", "double_bun") or figure.bangs == "none"
    grow = 0.96 if tight else 1.05 if figure.hair_style in ("messy", "wavy") else 1.0
    crown: list[Knot] = []
    for i, (x, y) in enumerate(_CROWN):
        gx = grow if abs(x) > 0.1 else 1.0
        crown.append((x * gx - 0.035 * t * (1 if x < 0 else 0.6), y * grow if y < 0 else y))
        if figure.hair_style == "messy" and 1 <= i <= 6:
            nx, ny = _CROWN[i + 1]
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


def _shine(figure: Figure, outline: list[Point], valleys: Sequence[Point]) -> None:
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
        long = {"half_up": 0.78, "long": 0.85, "topknot": 0.34, "ponytail": 0.42}.get(style, 0.17)
    near, far = -0.40 + 0.05 * t, 0.385 - 0.03 * t
    for x, side in ((near, -1), (far, 1)):
        w = 0.085 if long > 0.3 else 0.06
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


def draw_braids(figure: Figure) -> None:
    """Two braids over the shoulders; drawn over the clothes."""
    if figure.hair_style != "braids":
        return
    for side in (-1, 1):
        for k in range(8):
            x, y = side * (0.40 + 0.012 * k), 0.42 + 0.17 * k
            w = 0.10 - 0.004 * k
            figure.brush.form(
                [
                    (x, y - 0.11),
                    (x + w, y - 0.02),
                    (x + w * 0.3, y + 0.12),
                    (x, y + 0.14),
                    (x - w * 0.3, y + 0.12),
                    (x - w, y - 0.02),
                ],
                figure.hair.base if k % 2 else figure.hair.dark,
                line=figure.line,
            )
        figure.brush.box(side * 0.496 - 0.06, 1.72, side * 0.496 + 0.06, 1.79, figure.accent.base)
        figure.brush.form(
            [(side * 0.5 - 0.06, 1.79), (side * 0.5 + 0.06, 1.79), (side * 0.5, 2.02, 1)],
            figure.hair.base,
            line=figure.line,
        )


def draw_hair_from_behind(figure: Figure) -> None:
    """The head as seen from behind, with what hangs over the back."""
    b, style = figure.brush, figure.hair_style
    if style == "bald":
        b.form(
            [(x * 0.9, y * 0.88) for x, y in _CROWN] + [(0.25, 0.36), (-0.25, 0.36)], figure.skin.base, line=figure.line
        )
        return
    cap: list[Knot] = [*_crown(figure), (0.36, 0.3), (0.2, 0.44, 1), (0.0, 0.40), (-0.2, 0.44, 1), (-0.36, 0.3)]
    if style in _LONG:
        draw_back_hair(figure)
        outline = b.form(_long_shape(figure, 0.0), figure.hair.base, line=figure.line)
        b.within(outline, [(0.12, -0.5), (0.7, -0.5), (0.8, 4), (0.2, 4), (0.28, 1.2)], figure.hair.dark, 110)
        for x in (-0.36, -0.2, -0.04, 0.14, 0.32):
            b.stroke([(x * 0.6, 0.2), (x, 1.0), (x * 1.15, figure.y(2.2))], 0.018, figure.hair.dark, alpha=170)
    elif style == "bob":
        outline = b.form(
            [(-0.46, -0.1), (-0.5, 0.3), (-0.42, 0.66, 1), (0.0, 0.62), (0.42, 0.66, 1), (0.5, 0.3), (0.46, -0.1)],
            figure.hair.base,
            line=figure.line,
        )
        b.within(outline, [(-0.6, 0.4), (0, 0.48), (0.6, 0.4), (0.6, 0.8), (-0.6, 0.8)], figure.hair.dark, 120)
    outline = b.form(cap, figure.hair.base, line=figure.line)
    _shine(figure, outline, [(-0.25, 0.2), (-0.09, 0.25), (0.09, 0.25), (0.25, 0.2)])
    if style == "ponytail":
        b.form(
            [(-0.1, -0.3), (0.1, -0.3), (0.2, 0.3), (0.17, 1.0), (0.0, figure.y(1.8), 1), (-0.17, 1.0), (-0.2, 0.3)],
            figure.hair.base,
            line=figure.line,
        )
        b.box(-0.09, -0.28, 0.09, -0.2, figure.accent.base)
    _buns(figure)
