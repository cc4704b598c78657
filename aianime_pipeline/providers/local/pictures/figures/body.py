"""The body under the clothes: neck, sleeves, hands, legs by stance."""

import math

from aianime_pipeline.providers.local.pictures.figures.arms import Arm
from aianime_pipeline.providers.local.pictures.figures.person import Figure, Paint
from aianime_pipeline.providers.local.pictures.shapes import Knot, Point


def draw_neck(figure: Figure) -> None:
    w = 0.112 if figure.child else 0.135 if figure.female else 0.215
    t = figure.pose.turn
    skin = figure.skin
    low = 0.98
    neck = figure.brush.form(
        [(-w + 0.02 * t, 0.22), (-w * 0.96, 0.52), (-w * 1.1, 0.68), (-0.36, 0.82), (-0.3, low), (0.0, 1.3), (0.3,
            low), (0.36, 0.82), (w * 1.1, 0.68), (w * 0.96, 0.52), (w + 0.04 * t, 0.22)],
        skin.base, line=figure.line,
    )  # fmt: skip
    figure.brush.within(
        neck, [(-0.3, 0.2), (0.36, 0.2), (0.3, 0.5), (0.1 + 0.1 * t, 0.64), (-0.16, 0.6)], skin.dark, 205
    )
    if figure.fine:
        figure.brush.stroke([(-0.07, 0.84), (-0.18, 0.80), (-0.28, 0.79)], 0.012, skin.dark, alpha=170)
        figure.brush.stroke([(0.07, 0.84), (0.18, 0.80), (0.28, 0.79)], 0.012, skin.dark, alpha=170)


def limb(a: Point, b: Point, c: Point, wa: float, wb: float, wc: float) -> list[Knot]:
    """The outline of a bent limb with its widths at three joints."""
    (n1x, n1y), (n3x, n3y) = _normal(a, b), _normal(b, c)
    n2x, n2y = _normal(a, c)
    return [
        (a[0] + n1x * wa, a[1] + n1y * wa), (b[0] + n2x * wb, b[1] + n2y * wb), (c[0] + n3x * wc, c[1] + n3y * wc, 1),
        (c[0] - n3x * wc, c[1] - n3y * wc, 1), (b[0] - n2x * wb, b[1] - n2y * wb), (a[0] - n1x * wa, a[1] - n1y * wa),
    ]  # fmt: skip


def _normal(a: Point, b: Point) -> Point:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy) or 1.0
    return dy / length, -dx / length


def draw_sleeve(figure: Figure, arm: Arm, cloth: Paint, shape: str) -> None:
    """`shape`: wide (hanging, of a robe), loose, close, short or bare."""
    b = figure.brush
    up = 0.135 if figure.female or figure.child else 0.185
    if figure.stout:
        up += 0.04
    if shape in ("short", "bare"):
        b.form(
            limb(arm.shoulder, arm.elbow, arm.hand, up * 0.62, up * 0.5, up * 0.36), figure.skin.base, line=figure.line
        )
        if shape == "short":
            middle = ((arm.shoulder[0] + arm.elbow[0]) / 2, (arm.shoulder[1] + arm.elbow[1]) / 2)
            end = ((arm.shoulder[0] + 4 * arm.elbow[0]) / 5, (arm.shoulder[1] + 4 * arm.elbow[1]) / 5)
            b.form(limb(arm.shoulder, middle, end, up, up * 1.0, up * 0.95), cloth.base, line=figure.line)
        return
    elbow, cuff = {"wide": (up * 1.45, 0.22), "loose": (up * 1.08, up * 0.92)}.get(shape, (up * 0.9, up * 0.66))
    outline = b.form(limb(arm.shoulder, arm.elbow, arm.hand, up, elbow, cuff), cloth.base, line=figure.line)
    if shape == "wide":
        _drape(figure, arm, cloth)
    dx = 0.05 if arm.shoulder[0] > 0 else -0.05
    b.within(outline, [(x - dx * 2.2, y + 0.08) for x, y in outline], cloth.dark, 110)
    if figure.fine:
        ex, ey = arm.elbow
        b.stroke([(ex - dx * 2, ey - 0.10), (ex - dx, ey - 0.03), (ex, ey - 0.04)], 0.016, cloth.dark, cover=False)
        b.stroke([(ex - dx * 2, ey + 0.05), (ex - dx, ey + 0.06), (ex, ey + 0.05)], 0.014, cloth.dark, cover=False)


def _drape(figure: Figure, arm: Arm, cloth: Paint) -> None:
    """The hanging part of a wide sleeve, below the forearm."""
    (ex, ey), (hx, hy) = arm.elbow, arm.hand
    nearly_down = abs(hx - ex) < 0.25
    side = 1 if arm.shoulder[0] > 0 else -1
    if nearly_down:
        knots: list[Knot] = [
            (ex - side * 0.16, ey - 0.1),
            (hx - side * 0.25, hy - 0.12, 1),
            (hx - side * 0.18, hy + 0.42, 1),
            (hx + side * 0.26, hy + 0.34, 1),
            (hx + side * 0.22, hy - 0.1),
            (ex + side * 0.2, ey),
        ]
    else:
        knots = [
            (ex, ey - 0.16),
            (hx, hy - 0.2, 1),
            (hx + side * 0.04, hy + 0.95, 1),
            ((hx + ex) / 2 + side * 0.02, hy + 1.12),
            (ex + side * 0.06, ey + 0.72),
            (ex + side * 0.14, ey + 0.1),
        ]
    outline = figure.brush.form(knots, cloth.base, line=figure.line)
    figure.brush.within(outline, [(x + side * 0.12, y + 0.18) for x, y in outline], cloth.dark, 90)
    low = max(k[1] for k in knots)
    figure.brush.within(
        outline, [(-9, low - 0.13), (9, low - 0.13), (9, low + 1), (-9, low + 1)], figure.second.base, 150
    )
    figure.brush.outline(outline, figure.line, cloth.dark)


def draw_hand(figure: Figure, arm: Arm) -> None:
    b = figure.brush
    (ex, ey), (hx, hy) = arm.elbow, arm.hand
    length = math.hypot(hx - ex, hy - ey) or 1.0
    ux, uy = (hx - ex) / length, (hy - ey) / length
    nx, ny = uy, -ux
    size = 0.11 if figure.child else 0.125 if figure.female else 0.155

    def at(along: float, across: float) -> Point:
        return hx + (ux * along + nx * across) * size, hy + (uy * along + ny * across) * size

    side = 1 if arm.shoulder[0] > 0 else -1
    b.form(
        [at(0.0, side * 0.4), at(0.5, side * 0.95), at(1.0, side * 0.80), at(0.7, side * 0.5)],
        figure.skin.base,
        line=figure.line,
    )
    palm = b.form(
        [
            at(-0.2, -0.48),
            at(0.5, -0.62),
            at(1.3, -0.52),
            at(1.75, -0.2),
            at(1.7, 0.2),
            at(1.2, 0.52),
            at(0.4, 0.58),
            at(-0.2, 0.48),
        ],
        figure.skin.base,
        line=figure.line,
    )
    if figure.fine:
        for across in (-0.25, 0.05, 0.32):
            b.stroke([at(0.95, across), at(1.62, across * 0.8)], 0.011, figure.skin.dark)
    b.within(palm, [at(-0.3, -side * 0.1), at(2.0, -side * 0.2), at(2.0, -side), at(-0.3, -side)], figure.skin.dark, 70)


def draw_legs(figure: Figure, cloth: Paint, shoe: Paint, bare: bool = False) -> None:
    """Trousers, or legs where a short skirt shows them, and shoes."""
    b, y = figure.brush, figure.y
    hip = 0.40 if figure.female else 0.42 if figure.child else 0.50
    if figure.stout:
        hip += 0.12
    skin = figure.skin if bare else cloth
    stride = 0.30 if figure.pose.stance == "walk" else 0.0
    for side in (-1, 1):
        # In a stride the far leg is behind: its foot is higher on the picture and nearer to the middle.
        step, lift = stride * (1.0 if side > 0 else -0.75), 0.12 if stride and side < 0 else 0.0
        b.form(
            [(side * 0.01, y(2.55)), (side * hip * 1.12, y(2.6)), (side * (hip * 1.05) + step * 0.35, y(3.4)),
                (side * (hip * 0.92) + step * 0.7, y(4.6)), (side * hip * 0.86 + step, y(5.92) - lift, 1),
                (side * 0.12 + step, y(5.92) - lift, 1), (side * 0.09 + step * 0.7, y(4.6)),
                (side * 0.02 + step * 0.35, y(3.3))],
            skin.base, line=figure.line,
        )  # fmt: skip
        b.stroke(
            [
                (side * 0.16 + step * 0.35, y(3.4)),
                (side * 0.17 + step * 0.7, y(4.5)),
                (side * 0.16 + step, y(5.7) - lift),
            ],
            0.07,
            skin.dark,
            alpha=130,
        )
        foot = side * (0.30 if figure.man else 0.24) + step
        low = b.moved(0, -lift) if lift else b
        low.form(
            [
                (foot - 0.14, y(5.85)),
                (foot + 0.14, y(5.85)),
                (foot + side * 0.10 + 0.16, y(6.05)),
                (foot + side * 0.06 + 0.17, y(6.13), 1),
                (foot - 0.19 + side * 0.06, y(6.13), 1),
                (foot - 0.16 + side * 0.08, y(6.02)),
            ],
            shoe.base,
            line=figure.line,
        )
