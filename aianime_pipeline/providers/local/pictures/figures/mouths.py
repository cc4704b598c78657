"""Mouths by feeling, closed and speaking."""

from aianime_pipeline.providers.local.pictures.colours import RGB, mix
from aianime_pipeline.providers.local.pictures.figures.expressions import Expression
from aianime_pipeline.providers.local.pictures.figures.person import Figure
from aianime_pipeline.providers.local.pictures.shapes import Knot


def draw_mouth(figure: Figure, face: Expression) -> None:
    b, t = figure.brush, figure.pose.turn
    x, y = 0.142 * t, 0.378 if figure.man else 0.338 if figure.child else 0.352
    w = (0.112 if figure.man else 0.078 if figure.child else 0.085) * (1 - 0.16 * t)
    dark: RGB = (112, 46, 50)
    kind = face.mouth
    if figure.pose.speaks and kind in ("line", "smile", "tremble"):
        kind = {"line": "speak", "smile": "beam", "tremble": "speak"}[kind]
    if figure.pose.speaks and kind == "grit":
        kind = "shout"
    c = face.curve
    if kind == "line":
        b.stroke([(x - w, y - c * 0.8), (x, y + c * 0.7), (x + w, y - c * 0.8)], 0.016, dark)
    elif kind == "tremble":
        b.stroke(
            [
                (x - w * 0.8, y + 0.012),
                (x - w * 0.35, y - 0.012),
                (x, y + 0.006),
                (x + w * 0.4, y - 0.012),
                (x + w * 0.8, y + 0.014),
            ],
            0.016,
            dark,
        )
    elif kind == "smile":
        b.stroke(
            [
                (x - w * 1.1, y - c * 0.7),
                (x - w * 0.5, y + c * 0.3),
                (x, y + c * 0.5),
                (x + w * 0.5, y + c * 0.3),
                (x + w * 1.1, y - c * 0.7),
            ],
            0.017,
            dark,
        )
    else:
        _open_mouth(figure, kind, x, y, w, c)
    if figure.man:
        shadow = figure.skin.dark
        b.stroke([(x - w * 0.3, y + 0.052), (x, y + 0.06), (x + w * 0.3, y + 0.052)], 0.011, shadow, alpha=150)
        return
    lip = mix(figure.skin.dark, (196, 84, 92), 0.45)
    drop = {"laugh": 0.105, "beam": 0.082, "gasp": 0.085, "shout": 0.095, "speak": 0.072, "grit": 0.05}.get(kind, 0.035)
    b.stroke(
        [(x - w * 0.35, y + drop), (x, y + drop + 0.008), (x + w * 0.35, y + drop)],
        0.012,
        lip,
        alpha=190 if figure.female else 110,
    )


def _open_mouth(figure: Figure, kind: str, x: float, y: float, w: float, c: float) -> None:
    b = figure.brush
    height = {"laugh": 0.1, "beam": 0.066, "gasp": 0.075, "shout": 0.095, "grit": 0.042, "speak": 0.052}[kind]
    wide = w * {"laugh": 1.15, "beam": 0.92, "gasp": 0.5, "shout": 0.95, "grit": 0.95, "speak": 0.72}[kind]
    up = c * 0.8
    if kind in ("laugh", "beam"):
        knots: list[Knot] = [
            (x - wide, y - up, 1),
            (x, y - 0.012),
            (x + wide, y - up, 1),
            (x + wide * 0.6, y + height * 0.7),
            (x, y + height),
            (x - wide * 0.6, y + height * 0.7),
        ]
    elif kind == "gasp":
        knots = [
            (x - wide, y + 0.02),
            (x, y - 0.03),
            (x + wide, y + 0.02),
            (x + wide * 0.8, y + height),
            (x, y + height + 0.012),
            (x - wide * 0.8, y + height),
        ]
    else:
        knots = [
            (x - wide, y + 0.005, 1),
            (x, y - 0.018),
            (x + wide, y + 0.005, 1),
            (x + wide * 0.7, y + height * 0.9),
            (x, y + height),
            (x - wide * 0.7, y + height * 0.9),
        ]
    inside = b.form(knots, (128, 42, 52), line=0.012, line_colour=(96, 34, 40))
    if kind == "grit":
        b.within(
            inside,
            [(x - wide, y - 0.03), (x + wide, y - 0.03), (x + wide, y + 0.03), (x - wide, y + 0.03)],
            (250, 246, 240),
        )
        return
    b.within(
        inside,
        [
            (x - wide * 0.8, y - 0.1),
            (x + wide * 0.8, y - 0.1),
            (x + wide * 0.7, y + 0.006),
            (x - wide * 0.7, y + 0.006),
        ],
        (252, 248, 244),
    )
    tongue = [(x + wide * 0.6 * u, y + height * (0.72 + 0.25 * u * u)) for u in (-1, -0.5, 0, 0.5, 1)]
    b.within(inside, [*tongue, (x + wide, y + height * 2), (x - wide, y + height * 2)], (222, 112, 112))
