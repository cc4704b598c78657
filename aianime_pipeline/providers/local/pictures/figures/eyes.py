"""Eyes: large, glossy, shaped by the character and opened or narrowed by the feeling."""

from collections.abc import Callable

from aianime_pipeline.providers.local.pictures.colours import RGB, mix
from aianime_pipeline.providers.local.pictures.figures.person import Figure
from aianime_pipeline.providers.local.pictures.shapes import Point, smooth

_TILT = {"round": 0.0, "almond": 0.12, "tilted": 0.26, "narrow": 0.14}
_OPEN = {"round": 1.08, "almond": 1.0, "tilted": 0.95, "narrow": 0.86}


def draw_eye(
    figure: Figure,
    cx: float,
    side: int,
    narrow: float,
    lid: float,
    squint: float,
    iris: float,
    inner: float,
    gaze: float,
    down: float,
) -> None:
    """One eye around `cx`; `side` 1 has its outer corner on the right."""
    half = (0.104 if figure.female else 0.090) * narrow * (1.10 if figure.child else 1.0)
    tall = _height(figure) * _OPEN.get(figure.eye_shape, 1.0)
    cy = 0.086 if figure.man else 0.112 if figure.child else 0.098
    tilt = _TILT.get(figure.eye_shape, 0.1)
    lash: RGB = mix(figure.hair.dark, (22, 14, 22), 0.6)

    def at(px: float, py: float) -> Point:
        return cx + side * px * half, cy + py * tall - px * tilt * 0.018

    if lid <= 0.05:
        _closed(figure, at, squint, lash)
        return
    top = min(1.15, lid)
    angry = max(0.0, -inner) * 6
    sorrow = max(0.0, inner) * 3
    upper = [
        at(-1.0, 0.30), at(-0.72, -0.42 * top + angry), at(-0.2, -0.98 * top + angry * 0.8), at(0.35,
            -1.0 * top + sorrow * 0.3),
        at(0.78, -0.62 * top + sorrow * 0.5), at(1.04, 0.0 + sorrow * 0.25),
    ]  # fmt: skip
    low = 0.92 - squint * 0.55
    lower = [at(1.04, 0.0 + sorrow * 0.25), at(0.62, low * 0.78), at(0.0, low), at(-0.6, low * 0.82), at(-1.0, 0.30)]
    upper_curve, lower_curve = smooth(upper, False), smooth(lower, False)
    white = upper_curve + lower_curve
    figure.brush.fill(white, (252, 250, 250))
    if figure.brush.unit > 20:
        _iris(
            figure,
            white,
            cx + side * 0.04 * half + gaze * half * 0.26 - side * 0.02,
            cy + down * 0.02,
            half,
            tall,
            iris,
        )
    figure.brush.within(
        white, [*upper_curve, *[(x, y + tall * 0.34) for x, y in reversed(upper_curve)]], (70, 60, 104), 88
    )
    thick = 0.036 if figure.female else 0.030 if figure.child else 0.021
    wing = at(1.24 if figure.female else 1.06, (-0.2 if figure.female else 0.02) + sorrow * 0.3)
    figure.brush.stroke([*upper, wing], thick * (0.7 + 0.3 * narrow), lash, taper="both", steps=5)
    if not figure.man:
        figure.brush.stroke(upper[2:], thick * 0.8, lash, taper="both", steps=5)
    figure.brush.stroke(lower[:3], 0.011, lash, alpha=120 if figure.man else 190)
    if figure.fine and figure.age != "elder":
        crease = [(x, y - 0.038) for x, y in upper[1:5]]
        figure.brush.stroke(crease, 0.009, mix(figure.skin.dark, (110, 60, 62), 0.5), alpha=200)
    if figure.female and figure.fine:
        for px, length in ((0.86, 0.30), (1.0, 0.22)):
            figure.brush.stroke([at(px, -0.48 * top), at(px + length, -0.48 * top - 0.32)], 0.016, lash, taper="end")


def _height(figure: Figure) -> float:
    """Half of how far the eye is open: a child's most, a woman's more than a man's, less with the years."""
    if figure.child:
        return 0.112
    if figure.age == "elder":
        return 0.054 if figure.female else 0.042
    if figure.female:
        return 0.092 if figure.age == "young" else 0.078
    return 0.056 if figure.age == "young" else 0.048 if figure.years < 45 else 0.043


def _iris(figure: Figure, white: list[Point], x: float, y: float, half: float, tall: float, scale: float) -> None:
    b = figure.brush
    base = figure.eyes
    rx, ry = min(half * 0.74, tall * 0.80 + 0.012) * scale, tall * (1.14 if figure.man else 1.04) * scale
    y -= tall * 0.06

    def oval(a: float, c: float, dx: float = 0.0, dy: float = 0.0) -> list[Point]:
        ring = ((1, 0), (0.92, 0.38), (0.71, 0.71), (0.38, 0.92), (0, 1), (-0.38, 0.92), (-0.71, 0.71), (-0.92, 0.38))
        full = ring + tuple((-u, -v) for u, v in ring)
        return smooth([(x + dx + u * a, y + dy + v * c) for u, v in full], True, 3)

    b.within(white, oval(rx, ry), mix(base, (14, 10, 26), 0.68))
    b.fade_within(white, oval(rx * 0.88, ry * 0.90), mix(base, (18, 14, 36), 0.5), mix(base, (255, 246, 232), 0.28))
    b.within(white, oval(rx * 0.62, ry * 0.34, 0, ry * 0.46), mix(base, (255, 250, 230), 0.55), 120)
    b.within(white, oval(rx * 0.42, ry * 0.46, 0, -ry * 0.02), mix(base, (8, 6, 16), 0.84))
    b.within(white, oval(rx * 0.34, ry * 0.27, -rx * 0.32, -ry * 0.40), (255, 255, 255))
    b.within(white, oval(rx * 0.16, ry * 0.13, rx * 0.36, ry * 0.42), (255, 255, 255), 225)


def _closed(figure: Figure, at: Callable[[float, float], Point], squint: float, lash: RGB) -> None:
    bend = -0.55 if squint > 0.2 else 0.45
    arc = [
        at(-1.0, 0.35),
        at(-0.5, 0.35 + bend * 0.75),
        at(0.0, 0.35 + bend),
        at(0.5, 0.35 + bend * 0.75),
        at(1.05, 0.3),
    ]
    figure.brush.stroke(arc, 0.026, lash, steps=5)
    if bend > 0:
        for px in (-0.4, 0.1, 0.6):
            figure.brush.stroke([at(px, 0.75), at(px + 0.12, 1.1)], 0.012, lash, taper="end")
