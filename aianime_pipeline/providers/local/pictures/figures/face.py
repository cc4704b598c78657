"""The face: its contour, nose, mouth, brows, cheeks and what age or tears leave on it. Eyes are in `eyes.py`."""

from dataclasses import dataclass

from aianime_pipeline.providers.local.pictures.colours import RGB, line_of, mix
from aianime_pipeline.providers.local.pictures.figures.eyes import draw_eye
from aianime_pipeline.providers.local.pictures.figures.person import Figure
from aianime_pipeline.providers.local.pictures.shapes import Knot, Point


@dataclass(frozen=True)
class Expression:
    """`lid` is how open the eyes are, `inner` and `outer` lift the ends of the brows,
    `curve` bends the mouth upward."""

    lid: float = 1.0
    inner: float = 0.0
    outer: float = 0.0
    squint: float = 0.0
    iris: float = 1.0
    mouth: str = "line"
    curve: float = 0.02
    blush: int = 0
    tears: bool = False
    gaze: float = 0.0


EXPRESSIONS: dict[str, Expression] = {
    "calm": Expression(curve=0.022),
    "happy": Expression(lid=0.95, outer=-0.01, inner=0.015, squint=0.3, mouth="smile", curve=0.05, blush=70),
    "laughing": Expression(lid=0.0, inner=0.03, outer=0.0, squint=0.4, mouth="laugh", curve=0.06, blush=80),
    "sad": Expression(lid=0.72, inner=0.06, outer=-0.03, mouth="line", curve=-0.03, gaze=0.25),
    "crying": Expression(lid=0.66, inner=0.075, outer=-0.035, mouth="tremble", curve=-0.03, blush=90, tears=True),
    "angry": Expression(lid=0.8, inner=-0.075, outer=0.045, iris=0.86, mouth="grit", curve=-0.03),
    "afraid": Expression(lid=1.16, inner=0.07, outer=-0.005, iris=0.68, mouth="tremble", curve=-0.02),
    "surprised": Expression(lid=1.18, inner=0.06, outer=0.05, iris=0.78, mouth="gasp"),
    "cold": Expression(lid=0.66, inner=-0.025, outer=0.0, mouth="line", curve=-0.012),
    "shy": Expression(lid=0.74, inner=0.04, outer=-0.01, mouth="line", curve=0.025, blush=150, gaze=0.3),
    "determined": Expression(lid=0.88, inner=-0.05, outer=0.025, iris=0.95, mouth="line", curve=-0.012),
    "tired": Expression(lid=0.5, inner=0.03, outer=-0.03, mouth="line", curve=-0.015),
    "worried": Expression(lid=0.95, inner=0.05, outer=-0.02, iris=0.92, mouth="line", curve=-0.024),
    "asleep": Expression(lid=0.0, inner=0.02, outer=0.0, mouth="line", curve=0.012),
}

_FRONT: tuple[Point, ...] = (
    (0, -0.50), (0.25, -0.43), (0.36, -0.18), (0.352, 0.05), (0.318, 0.21), (0.205, 0.38), (0.05, 0.492),
    (-0.05, 0.492), (-0.205, 0.38), (-0.318, 0.21), (-0.352, 0.05), (-0.36, -0.18), (-0.25, -0.43),
)  # fmt: skip
_TURNED: tuple[Point, ...] = (
    (0, -0.50), (0.25, -0.43), (0.335, -0.18), (0.298, 0.03), (0.318, 0.165), (0.262, 0.345), (0.165, 0.488),
    (0.075, 0.492), (-0.11, 0.415), (-0.265, 0.27), (-0.335, 0.08), (-0.37, -0.15), (-0.27, -0.42),
)  # fmt: skip


def contour(figure: Figure) -> list[Knot]:
    t = figure.pose.turn
    grown_man = not figure.female and figure.age in ("adult", "elder")
    width = 1.03 if figure.child else 0.985 if figure.female else 1.0
    knots: list[Knot] = []
    for i, (a, b) in enumerate(zip(_FRONT, _TURNED, strict=True)):
        x, y = a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t
        if i in (5, 8):
            x *= 1.16 if grown_man else 1.07 if not figure.female else 1.06 if figure.child else 1.0
        if figure.stout and i in (4, 5, 8, 9):
            x *= 1.1
        if grown_man and y > 0.3:
            y += 0.03
        knots.append((x * width, y))
    return knots


def draw_face(figure: Figure) -> list[Point]:
    """Ears, skin, shadow of the hair and all features but the brows. Returns the contour."""
    brush, skin, t = figure.brush, figure.skin, figure.pose.turn
    for side in (-1, 1):
        if side < 0 or t < 0.45:
            _ear(figure, side)
    outline = brush.form(contour(figure), skin.base, line=figure.line, line_colour=_line(skin.dark))
    # The hair throws its shadow on the forehead and the near cheek.
    brush.within(
        outline,
        [
            (-0.5, -0.6),
            (0.5, -0.6),
            (0.42, 0.0),
            (0.2, -0.04),
            (0.05, 0.0),
            (-0.1, -0.05),
            (-0.26, 0.03),
            (-0.31, 0.3),
            (-0.5, 0.3),
        ],
        skin.dark,
        70,
    )
    if figure.age == "elder":
        _wrinkles(figure)
    _cheeks(figure, EXPRESSIONS[figure.pose.expression].blush)
    face = EXPRESSIONS[figure.pose.expression]
    near, far = (-0.178 + 0.112 * t, 0.178 + 0.052 * t)
    gaze = figure.pose.gaze
    draw_eye(figure, near, -1, 1.0, face.lid, face.squint, face.iris, face.inner, gaze, face.gaze)
    draw_eye(figure, far, 1, 1 - 0.27 * t, face.lid, face.squint, face.iris, face.inner, gaze, face.gaze)
    _nose(figure)
    _mouth(figure, face)
    if face.tears:
        _tears(figure, near, far)
    return outline


def _line(colour: RGB) -> RGB:
    return mix(line_of(colour), (92, 44, 44), 0.3)


def _ear(figure: Figure, side: int) -> None:
    t = figure.pose.turn
    x = side * 0.355 if t < 0.15 else -0.345 + 0.05 * t if side < 0 else 0.33
    figure.brush.form(
        [(x - side * 0.03, 0.0), (x + side * 0.05, -0.02), (x + side * 0.06, 0.08), (x + side * 0.025, 0.19),
            (x - side * 0.02, 0.2)],
        figure.skin.base, line=figure.line, line_colour=_line(figure.skin.dark),
    )  # fmt: skip
    figure.brush.stroke(
        [(x + side * 0.03, 0.03), (x + side * 0.035, 0.09), (x + side * 0.01, 0.14)], 0.014, figure.skin.dark
    )


def _nose(figure: Figure) -> None:
    t = figure.pose.turn
    x = 0.165 * t
    long = 0.0 if figure.female or figure.child else 0.02
    dark = _line(figure.skin.dark)
    if t > 0.3 and not figure.child:
        figure.brush.stroke(
            [(x + 0.005, 0.10 - long), (x + 0.022, 0.19), (x + 0.042, 0.238 + long)],
            0.011,
            figure.skin.dark,
            alpha=190,
            taper="start",
        )
    figure.brush.stroke(
        [(x + 0.035, 0.238 + long), (x + 0.018, 0.254 + long), (x - 0.012, 0.25 + long)], 0.013, dark, alpha=210
    )
    figure.brush.form([(x + 0.0, 0.2), (x + 0.012, 0.23), (x - 0.02, 0.235)], figure.skin.light, alpha=120, cover=False)


def _mouth(figure: Figure, face: Expression) -> None:
    b, t = figure.brush, figure.pose.turn
    x, y = 0.142 * t, 0.352 if figure.female or figure.child else 0.362
    w = (0.085 if figure.female else 0.098) * (1 - 0.16 * t)
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


def _cheeks(figure: Figure, amount: int) -> None:
    t = figure.pose.turn
    amount = amount or (34 if figure.female or figure.child else 0)
    pink = mix(figure.skin.base, (238, 96, 96), 0.55)
    for x, scale in ((-0.225 + 0.09 * t, 1.0), (0.215 + 0.055 * t, 1 - 0.4 * t)):
        for grow, part in ((1.0, 0.35), (0.75, 0.45), (0.5, 0.5)):
            figure.brush.oval(x, 0.235, 0.085 * grow * scale, 0.042 * grow, pink, round(amount * part), cover=False)
        if amount >= 120:
            for k in (-0.03, 0.0, 0.03):
                figure.brush.stroke(
                    [(x + k * scale + 0.01, 0.212), (x + k * scale - 0.01, 0.25)], 0.009, (214, 84, 88), alpha=200
                )


def _tears(figure: Figure, near: float, far: float) -> None:
    for x, low in ((near - 0.05, 0.42), (far + 0.02, 0.36)):
        figure.brush.form(
            [
                (x, 0.17),
                (x + 0.018, 0.26),
                (x + 0.016, low - 0.03),
                (x, low),
                (x - 0.016, low - 0.03),
                (x - 0.012, 0.26),
            ],
            (232, 244, 255),
            alpha=205,
            cover=False,
        )
        figure.brush.oval(x, low - 0.025, 0.011, 0.016, (255, 255, 255), 235, cover=False)


def _wrinkles(figure: Figure) -> None:
    b, t, dark = figure.brush, figure.pose.turn, figure.skin.dark
    for side, x in ((-1, -0.07 + 0.13 * t), (1, 0.09 + 0.13 * t)):
        b.stroke([(x + side * 0.0, 0.25), (x + side * 0.05, 0.31), (x + side * 0.055, 0.37)], 0.012, dark)
        b.stroke([(x + side * 0.04, 0.19), (x + side * 0.1, 0.205), (x + side * 0.15, 0.19)], 0.010, dark)
    for y in (-0.2, -0.25):
        b.stroke([(-0.14 + 0.1 * t, y), (0.05 * t, y - 0.012), (0.14 + 0.1 * t, y)], 0.010, dark, alpha=190)


def draw_brows(figure: Figure) -> None:
    """Over the hair, half seen through it, as anime does."""
    face, t = EXPRESSIONS[figure.pose.expression], figure.pose.turn
    thick = 0.022 if figure.female or figure.child else 0.034
    base = -0.055 if figure.female or figure.child else -0.035
    colour = mix(figure.hair.dark, (30, 20, 30), 0.3)
    if figure.age == "elder":
        colour = mix(figure.hair.base, (120, 116, 124), 0.4)
    for x, side, scale in ((-0.178 + 0.112 * t, -1, 1.0), (0.178 + 0.052 * t, 1, 1 - 0.25 * t)):
        lift = 0.02 if face.lid > 1.1 else 0.0
        y = base - lift
        figure.brush.stroke(
            [(x - side * 0.085 * scale, y - face.inner * 0.85 + 0.0), (x + side * 0.02 * scale,
                y - 0.026 - (face.inner + face.outer) * 0.2),
             (x + side * 0.115 * scale, y - face.outer * 0.85 + 0.014)],
            thick, colour, alpha=235, taper="end",
        )  # fmt: skip
