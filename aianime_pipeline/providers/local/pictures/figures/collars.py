"""Collars and fronts of clothes, each drawn on the torso whose outline it gets to stay inside."""

from collections.abc import Callable, Sequence

from aianime_pipeline.providers.local.pictures.colours import RGB, mix
from aianime_pipeline.providers.local.pictures.figures.person import Figure, Paint, paint
from aianime_pipeline.providers.local.pictures.shapes import Point

WHITE = paint((244, 242, 238), 0.22)


def _band(figure: Figure, torso: Sequence[Point], points: Sequence[Point], colour: RGB) -> None:
    figure.brush.form([(x, y, 1) for x, y in points], colour, line=figure.line, cover=False)


def _skin_v(figure: Figure, depth: float, half: float = 0.17) -> None:
    """The open neck: skin down to `depth`, with the shadow of the chin."""
    v = [(-half, 0.60), (half, 0.60), (0.02, depth)]
    figure.brush.fill(v, figure.skin.base)
    figure.brush.within(v, [(-0.3, 0.5), (0.4, 0.5), (0.2, 0.66), (0.0, 0.70), (-0.2, 0.66)], figure.skin.dark, 190)


def _cross(figure: Figure, torso: Sequence[Point]) -> None:
    y = figure.y
    _skin_v(figure, 1.06, 0.19)
    inner, border = WHITE, figure.second if figure.outfit != "work" else figure.main
    edge = border.base if figure.outfit != "work" else border.dark
    for flip, low in ((1, 1.36), (-1, 1.36)):
        _band(
            figure,
            torso,
            [(flip * 0.165, 0.55), (flip * 0.225, 0.60), (-flip * 0.03, low * 0.86), (-flip * 0.07, low * 0.80)],
            inner.base,
        )
    # The wearer's right goes under, the left over: the last band runs to the picture's left.
    _band(figure, torso, [(-0.225, 0.58), (-0.325, 0.68), (0.10, y(1.72)), (0.20, y(1.60))], edge)
    _band(figure, torso, [(0.225, 0.58), (0.325, 0.68), (-0.30, y(2.0)), (-0.40, y(1.88))], edge)
    if figure.fine:
        figure.brush.stroke([(0.275, 0.64), (-0.34, y(1.93))], 0.012, border.dark, taper="none", alpha=170)


def _mandarin(figure: Figure, torso: Sequence[Point]) -> None:
    b, y = figure.brush, figure.y
    w = 0.175 if figure.female else 0.215
    b.form(
        [(-w, 0.545, 1), (0, 0.61), (w, 0.545, 1), (w + 0.05, 0.70, 1), (0, 0.80), (-w - 0.05, 0.70, 1)],
        figure.main.base,
        line=figure.line,
    )
    b.stroke([(0, 0.62), (0, 0.78)], 0.016, figure.main.dark, taper="none")
    points = [(0.0, 0.79), (0.22, 0.98), (figure.shoulders - 0.26, 1.22), (figure.shoulders - 0.24, y(2.0))]
    b.stroke(points, 0.018, figure.accent.base if figure.outfit == "qipao" else figure.main.dark, taper="none")
    for x, at in (
        (0.02, 0.80),
        (0.22, 0.98),
        (0.42, 1.13),
        (figure.shoulders - 0.25, y(1.55)),
        (figure.shoulders - 0.25, y(1.9)),
    ):
        b.stroke([(x - 0.05, at), (x + 0.05, at + 0.005)], 0.03, figure.accent.base, taper="none")
        b.oval(x, at, 0.025, 0.025, figure.accent.light)


def _lapel(figure: Figure, torso: Sequence[Point]) -> None:
    b, y = figure.brush, figure.y
    low = y(1.75) if figure.outfit != "coat" else y(1.6)
    inner: Paint = WHITE if figure.outfit in ("suit", "school", "doctor") else figure.second
    b.fill([(-0.24, 0.64), (0.24, 0.64), (0.02, low), (-0.02, low)], inner.base)
    b.fill([(-0.22, 0.66), (0.26, 0.66), (0.10, 0.92), (-0.16, 0.86)], inner.dark, 130)
    if figure.outfit == "coat":
        b.form(
            [(-0.19, 0.50), (0, 0.58), (0.19, 0.50), (0.22, 0.70), (0, 0.79), (-0.22, 0.70)],
            inner.base,
            line=figure.line,
        )
        b.stroke([(-0.17, 0.63), (0, 0.69), (0.17, 0.63)], 0.014, inner.dark)
    else:
        _skin_v(figure, 0.86, 0.16)
        tie = figure.accent
        if figure.outfit != "doctor" or not figure.female:
            b.form(
                [
                    (-0.055, 0.82, 1),
                    (0.055, 0.82, 1),
                    (0.035, 0.92, 1),
                    (0.075, low - 0.12),
                    (0.0, low, 1),
                    (-0.075, low - 0.12),
                    (-0.035, 0.92, 1),
                ],
                tie.base,
                line=figure.line,
            )
            b.stroke([(-0.04, 0.92), (0.04, 0.92)], 0.014, tie.dark, taper="none")
        for side in (-1, 1):
            b.form(
                [(side * 0.15, 0.57, 1), (side * 0.20, 0.66, 1), (side * 0.145, 0.93, 1), (side * 0.015, 0.83, 1)],
                WHITE.base,
                line=figure.line,
            )
    for side in (-1, 1):
        b.form(
            [(side * 0.20, 0.60, 1), (side * 0.29, 0.69, 1), (side * 0.39, 1.02, 1), (side * 0.29, 1.08, 1),
                (side * 0.35, 1.15, 1), (side * 0.015, low, 1), (side * 0.13, 1.0, 1)],
            mix(figure.main.base, figure.main.light, 0.22), line=figure.line,
        )  # fmt: skip
    end = y(2.75) if figure.outfit in ("suit", "school") else y(4.2)
    b.stroke([(0.0, low), (0.01, y(2.3)), (-0.02, end)], 0.02, figure.main.dark, taper="none")
    for k in range(2):
        b.oval(0.055, low + 0.12 + 0.3 * k, 0.028, 0.028, figure.accent.dark)
    b.stroke([(0.30, y(1.48)), (0.48, y(1.46))], 0.02, figure.main.dark, taper="none")


def _shirt(figure: Figure, torso: Sequence[Point]) -> None:
    b, y = figure.brush, figure.y
    _skin_v(figure, 0.92, 0.165)
    for side in (-1, 1):
        b.form(
            [(side * 0.155, 0.55, 1), (side * 0.215, 0.64, 1), (side * 0.20, 0.97, 1), (side * 0.01, 0.86, 1)],
            figure.main.light,
            line=figure.line,
        )
    b.stroke([(0.0, 0.9), (0.0, y(2.7))], 0.014, figure.main.dark, taper="none")
    for k in range(4):
        b.oval(0.0, 1.08 + 0.32 * k, 0.022, 0.022, figure.main.light)
    if figure.outfit == "uniform":
        for side in (-1, 1):
            b.form(
                [(side * 0.34, 0.74), (side * 0.62, 0.80), (side * 0.60, 0.88), (side * 0.33, 0.82)],
                figure.accent.base,
                line=figure.line,
            )
            b.box(side * 0.36 - 0.11, 1.25, side * 0.36 + 0.11, 1.46, figure.main.dark, 120)
        b.oval(0.36, 1.2, 0.05, 0.05, figure.accent.light)


def _sailor(figure: Figure, torso: Sequence[Point]) -> None:
    b = figure.brush
    dark = paint(mix(figure.main.base, (30, 34, 66), 0.55))
    b.within(torso, [(-2, 0.5), (2, 0.5), (2, 3), (-2, 3)], (244, 243, 246), 235)
    b.within(torso, [(-0.6, 1.4), (-0.36, 1.4), (-0.3, 2.2), (-0.34, 3), (-1, 3)], (150, 152, 190), 120)
    _skin_v(figure, 1.02, 0.18)
    for side in (-1, 1):
        b.form(
            [
                (side * 0.17, 0.57, 1),
                (side * 0.30, 0.68, 1),
                (side * 0.60, 0.80, 1),
                (side * 0.52, 1.10, 1),
                (side * 0.02, 1.25, 1),
            ],
            dark.base,
            line=figure.line,
        )
        b.stroke([(side * 0.56, 0.86), (side * 0.48, 1.06), (side * 0.06, 1.18)], 0.018, (240, 240, 246), taper="none")
    tie = figure.accent
    for side in (-1, 1):
        b.form([(0, 1.22), (side * 0.22, 1.10), (side * 0.25, 1.32), (0, 1.30)], tie.base, line=figure.line)
        b.form(
            [(0, 1.28), (side * 0.06, 1.30), (side * 0.17, 1.78, 1), (side * 0.05, 1.72, 1)], tie.dark, line=figure.line
        )
    b.oval(0, 1.26, 0.055, 0.055, tie.light)


def _round(figure: Figure, torso: Sequence[Point]) -> None:
    b = figure.brush
    neck = b.form([(-0.27, 0.68), (0, 0.60), (0.27, 0.68), (0.20, 0.90), (0, 0.98), (-0.20, 0.90)], figure.skin.base)
    b.within(neck, [(-0.3, 0.5), (0.4, 0.5), (0.2, 0.70), (0.0, 0.75), (-0.2, 0.70)], figure.skin.dark, 190)
    b.stroke(
        [(-0.28, 0.69), (-0.20, 0.90), (0, 0.985), (0.20, 0.90), (0.28, 0.69)], 0.034, figure.second.base, taper="none"
    )
    if figure.fine:
        b.stroke([(-0.13, 0.90), (0, 0.97), (0.13, 0.90)], 0.010, figure.accent.base, taper="none")
        b.oval(0, 0.985, 0.025, 0.03, figure.accent.light)


def _hood(figure: Figure, torso: Sequence[Point]) -> None:
    b, y = figure.brush, figure.y
    b.form(
        [(-0.42, 0.70), (-0.24, 0.52), (0, 0.60), (0.24, 0.52), (0.42, 0.70), (0.30, 0.92), (0, 1.06), (-0.30, 0.92)],
        figure.main.dark,
        line=figure.line,
    )
    hole = b.form([(-0.20, 0.60), (0, 0.57), (0.20, 0.60), (0.15, 0.80), (0, 0.90), (-0.15, 0.80)], figure.skin.base)
    b.within(hole, [(-0.3, 0.5), (0.4, 0.5), (0.2, 0.68), (0.0, 0.72), (-0.2, 0.68)], figure.skin.dark, 190)
    for side in (-1, 1):
        b.stroke(
            [(side * 0.10, 0.98), (side * 0.115, 1.2), (side * 0.10, 1.42)], 0.026, figure.second.base, taper="none"
        )
        b.oval(side * 0.10, 1.44, 0.026, 0.036, figure.second.dark)
    b.form(
        [(-0.36, y(2.05)), (0.36, y(2.05)), (0.46, y(2.55)), (-0.46, y(2.55))],
        figure.main.base,
        line=figure.line,
        line_colour=figure.main.dark,
    )


def _turtle(figure: Figure, torso: Sequence[Point]) -> None:
    b, y = figure.brush, figure.y
    roll = b.form(
        [(-0.20, 0.49), (0, 0.56), (0.20, 0.49), (0.245, 0.68), (0, 0.80), (-0.245, 0.68)],
        figure.main.base,
        line=figure.line,
    )
    b.within(roll, [(-0.3, 0.4), (0.3, 0.4), (0.22, 0.56), (0, 0.64), (-0.2, 0.58)], figure.main.dark, 150)
    for x in (-0.14, -0.05, 0.05, 0.14):
        b.stroke([(x, 0.57), (x * 1.15, 0.72)], 0.010, figure.main.dark, alpha=150)
    for k in range(5):
        x = -0.34 + 0.17 * k
        b.stroke([(x, 1.05), (x * 0.95, y(1.7)), (x, y(2.6))], 0.014, figure.main.dark, alpha=90, taper="none")


def _plates(figure: Figure, torso: Sequence[Point]) -> None:
    b, y = figure.brush, figure.y
    steel = paint(mix(figure.main.base, (150, 156, 170), 0.55))
    _skin_v(figure, 0.84, 0.17)
    chest = b.form(
        [
            (-0.30, 0.74),
            (0, 0.90),
            (0.30, 0.74),
            (0.58, 1.05),
            (0.50, y(1.95)),
            (0, y(2.06)),
            (-0.50, y(1.95)),
            (-0.58, 1.05),
        ],
        steel.base,
        line=figure.line,
    )
    b.within(chest, [(-1, 0.6), (-0.12, 0.9), (-0.08, 3), (-1, 3)], steel.dark, 120)
    for row in range(4):
        for k in range(-3, 4):
            cx, cy = k * 0.155 + (0.078 if row % 2 else 0), 1.32 + row * 0.17
            if abs(cx) < 0.5:
                b.stroke([(cx - 0.075, cy), (cx, cy + 0.08), (cx + 0.075, cy)], 0.014, steel.dark, taper="none")
    b.oval(0, 1.12, 0.1, 0.1, figure.accent.base)
    b.oval(0, 1.12, 0.055, 0.055, figure.accent.light)
    for side in (-1, 1):
        for k in range(3):
            x = side * (figure.shoulders - 0.08 + 0.05 * k)
            b.form(
                [
                    (x - side * 0.30, 0.74 + 0.15 * k),
                    (x, 0.74 + 0.15 * k),
                    (x + side * 0.14, 0.93 + 0.17 * k),
                    (x - side * 0.22, 0.97 + 0.16 * k),
                ],
                steel.base,
                line=figure.line,
            )


COLLARS: dict[str, Callable[[Figure, Sequence[Point]], None]] = {
    "cross": _cross, "mandarin": _mandarin, "lapel": _lapel, "shirt": _shirt, "sailor": _sailor, "round": _round,
    "hood": _hood,
    "turtle": _turtle, "plates": _plates,
}  # fmt: skip
