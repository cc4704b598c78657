"""The face: its contour, nose, brows, cheeks and what age or tears leave on it; eyes and mouth have own modules."""

from aianime_pipeline.providers.local.pictures.colours import RGB, line_of, mix
from aianime_pipeline.providers.local.pictures.figures.expressions import EXPRESSIONS
from aianime_pipeline.providers.local.pictures.figures.eyes import draw_eye
from aianime_pipeline.providers.local.pictures.figures.mouths import draw_mouth
from aianime_pipeline.providers.local.pictures.figures.person import Figure
from aianime_pipeline.providers.local.pictures.shapes import Knot, Point

_FRONT: tuple[Point, ...] = (
    (0, -0.50), (0.25, -0.43), (0.36, -0.18), (0.352, 0.05), (0.318, 0.21), (0.205, 0.38), (0.05, 0.492),
    (-0.05, 0.492), (-0.205, 0.38), (-0.318, 0.21), (-0.352, 0.05), (-0.36, -0.18), (-0.25, -0.43),
)  # fmt: skip
_TURNED: tuple[Point, ...] = (
    (0, -0.50), (0.25, -0.43), (0.335, -0.18), (0.298, 0.03), (0.318, 0.165), (0.262, 0.345), (0.165, 0.488),
    (0.075, 0.492), (-0.11, 0.415), (-0.265, 0.27), (-0.335, 0.08), (-0.37, -0.15), (-0.27, -0.42),
)  # fmt: skip


def contour(figure: Figure) -> list[Knot]:
    """A man's jaw is longer and squarer, a child's face short and round; both by the shape that the look names."""
    t = figure.pose.turn
    width = 1.06 if figure.child else 0.985
    width *= {"round": 1.045, "long": 0.965}.get(figure.face, 1.0)
    drop = -0.028 if figure.child else 0.0
    jaw = 1.0
    if figure.child:
        jaw = 1.12
    elif figure.man:
        jaw, drop = (1.17, 0.036) if figure.age == "young" else (1.24, 0.05)
    jaw = min(1.24, jaw * {"round": 1.10, "long": 0.95, "square": 1.14}.get(figure.face, 1.0))
    drop += {"round": -0.012, "long": 0.03, "square": 0.01}.get(figure.face, 0.0)
    knots: list[Knot] = []
    for i, (a, b) in enumerate(zip(_FRONT, _TURNED, strict=True)):
        x, y = a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t
        if i in (5, 8):
            # Seen from the side the near jaw is already as wide as it gets.
            x *= 1 + (jaw - 1) * (1 - 0.95 * t if i == 8 else 1.0)
        if i in (6, 7) and figure.man:
            x = x * 1.5 if t < 0.3 else x + (0.02 if i == 6 else -0.03)
        if i in (4, 5, 8, 9):
            x *= 1.08 if figure.stout else 1.04 if figure.child or figure.face == "round" else 1.0
        if y > 0.3:
            y += drop
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
    if figure.years >= 42:
        _wrinkles(figure)
    _cheeks(figure, EXPRESSIONS[figure.pose.expression].blush)
    face = EXPRESSIONS[figure.pose.expression]
    near, far = (-0.178 + 0.112 * t, 0.178 + 0.052 * t)
    gaze = figure.pose.gaze
    lid, down = (min(face.lid, 0.55), 1.0) if figure.pose.bowed else (face.lid, face.gaze)
    draw_eye(figure, near, -1, 1.0, lid, face.squint, face.iris, face.inner, gaze, down)
    draw_eye(figure, far, 1, 1 - 0.27 * t, lid, face.squint, face.iris, face.inner, gaze, down)
    _nose(figure)
    draw_mouth(figure, face)
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
    long = 0.026 if figure.man else -0.02 if figure.child else 0.0
    dark = _line(figure.skin.dark)
    if (t > 0.3 and not figure.child) or figure.man:
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


def _cheeks(figure: Figure, amount: int) -> None:
    t = figure.pose.turn
    amount = amount or (60 if figure.child else 34 if figure.female else 0)
    if figure.man and amount < 120:
        amount //= 4
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
    """Beside the nose from the forties, round the eyes and on the forehead later."""
    b, t, dark = figure.brush, figure.pose.turn, figure.skin.dark
    old = figure.years >= 58
    width, alpha = (0.013, 230) if old else (0.010, 170)
    for side, x in ((-1, -0.07 + 0.13 * t), (1, 0.09 + 0.13 * t)):
        b.stroke([(x + side * 0.0, 0.25), (x + side * 0.05, 0.31), (x + side * 0.055, 0.37)], width, dark, alpha=alpha)
        b.stroke([(x + side * 0.04, 0.175), (x + side * 0.1, 0.19), (x + side * 0.15, 0.175)], width, dark, alpha=alpha)
    for y in (-0.2, -0.25) if old else (-0.22,):
        b.stroke([(-0.14 + 0.1 * t, y), (0.05 * t, y - 0.012), (0.14 + 0.1 * t, y)], width, dark, alpha=alpha - 40)


def draw_brows(figure: Figure) -> None:
    """Over the hair, half seen through it, as anime does. A man's are thick, straight and near the eye."""
    face, t, man = EXPRESSIONS[figure.pose.expression], figure.pose.turn, figure.man
    thick = 0.046 if man else 0.022
    base = -0.022 if man else -0.05 if figure.child else -0.055
    colour = mix(figure.hair.dark, (30, 20, 30), 0.3)
    if figure.age == "elder":
        colour = mix(figure.hair.base, (120, 116, 124), 0.4)
    arch, rise = (0.010, 0.0) if man else (0.026, 0.014)
    for x, side, scale in ((-0.178 + 0.112 * t, -1, 1.0), (0.178 + 0.052 * t, 1, 1 - 0.25 * t)):
        lift = 0.02 if face.lid > 1.1 else 0.0
        y = base - lift
        figure.brush.stroke(
            [(x - side * 0.092 * scale, y - face.inner * 0.85 + (0.008 if man else 0.0)), (x + side * 0.02 * scale,
                y - arch - (face.inner + face.outer) * 0.2),
             (x + side * (0.125 if man else 0.115) * scale, y - face.outer * 0.85 + rise)],
            thick, colour, alpha=235, taper="end",
        )  # fmt: skip
