"""Things of old stories, in a box of one unit around the brush's origin (-0.5 to 0.5); and flames."""

from aianime_pipeline.providers.local.pictures.colours import RGB, mix, scaled
from aianime_pipeline.providers.local.pictures.shapes import Brush, Knot

LINE = 0.014
CORD: RGB = (176, 66, 58)


def flame(b: Brush, c: RGB, x: float, y: float, size: float) -> None:
    """A flame of `size` whose foot is at `x`, `y`: the colour outside, nearly white inside."""
    for s, tone in ((1.0, c), (0.72, mix(c, (255, 255, 246), 0.45)), (0.40, mix(c, (255, 255, 250), 0.85))):
        h, w = size * s, size * 0.34 * s
        b.form(
            [
                (x + 0.03 * size, y - h, 1),
                (x + w * 0.55, y - h * 0.58),
                (x + w, y - h * 0.24),
                (x + w * 0.5, y),
                (x - w * 0.5, y),
                (x - w, y - h * 0.26),
                (x - w * 0.45, y - h * 0.62),
            ],
            tone,
        )


def oil_lamp(b: Brush, c: RGB) -> None:
    """A dish of bronze on a stem, with a lotus on its shade."""
    dark = scaled(c, 0.62)
    foot = b.form([(-0.24, 0.47), (0, 0.42), (0.24, 0.47), (0.20, 0.5), (-0.20, 0.5)], c, line=LINE)
    b.within(foot, [(-0.3, 0.4), (-0.06, 0.4), (-0.06, 0.6), (-0.3, 0.6)], dark, 170)
    b.form([(-0.035, 0.20, 1), (0.035, 0.20, 1), (0.05, 0.45, 1), (-0.05, 0.45, 1)], c, line=LINE)
    b.form([(-0.07, 0.28), (0, 0.26), (0.07, 0.28), (0, 0.33)], scaled(c, 1.15), line=LINE * 0.7)
    bowl = b.form(
        [(-0.34, 0.02, 1), (0.34, 0.02, 1), (0.30, 0.14), (0.12, 0.22), (-0.12, 0.22), (-0.30, 0.14)], c, line=LINE
    )
    b.within(bowl, [(-0.4, 0.0), (-0.14, 0.0), (-0.08, 0.3), (-0.4, 0.3)], dark, 160)
    for x in (-0.18, 0.0, 0.18):
        petal: list[Knot] = [(x, 0.05, 1), (x + 0.075, 0.12), (x, 0.19, 1), (x - 0.075, 0.12)]
        b.form(petal, mix(c, (255, 240, 200), 0.32), line=LINE * 0.6)
    b.form([(-0.34, 0.02), (0, -0.015), (0.34, 0.02), (0, 0.055)], (58, 44, 36), line=LINE)
    b.stroke([(0.34, 0.06), (0.46, 0.04), (0.44, 0.16), (0.28, 0.17)], 0.03, c, taper="none")
    b.stroke([(0.02, 0.03), (0.0, -0.06)], 0.028, (236, 226, 206), taper="none")


def torch(b: Brush, c: RGB) -> None:
    b.form([(-0.035, -0.06, 1), (0.035, -0.06, 1), (0.022, 0.5, 1), (-0.022, 0.5, 1)], c, line=LINE)
    b.form([(-0.085, -0.16), (0.085, -0.16), (0.05, 0.02), (-0.05, 0.02)], (74, 56, 48), line=LINE)
    for y in (-0.12, -0.06, 0.0):
        b.stroke([(-0.07, y), (0.07, y + 0.02)], 0.014, (126, 100, 78), taper="none")


def bell(b: Brush, c: RGB) -> None:
    """A small bronze bell without its clapper, on a faded red cord."""
    b.stroke([(0.0, -0.5), (0.015, -0.38), (0.0, -0.26)], 0.036, CORD, taper="none")
    for side in (-1, 1):
        b.stroke([(0, -0.40), (side * 0.11, -0.47), (side * 0.13, -0.38), (0, -0.36)], 0.022, CORD, taper="none")
        b.stroke([(side * 0.02, -0.36), (side * 0.07, -0.26), (side * 0.09, -0.12)], 0.018, CORD, taper="end")
    b.oval(0, -0.25, 0.06, 0.05, scaled(c, 0.8))
    b.oval(0, -0.25, 0.03, 0.025, (60, 46, 40))
    body = b.form(
        [(-0.08, -0.22), (0.08, -0.22), (0.20, -0.08), (0.25, 0.16), (0.34, 0.30, 1), (0.0, 0.35), (-0.34, 0.30, 1),
            (-0.25, 0.16), (-0.20, -0.08)],
        c, line=LINE,
    )  # fmt: skip
    b.within(body, [(-0.4, -0.3), (-0.13, -0.3), (-0.16, 0.4), (-0.4, 0.4)], scaled(c, 0.66), 190)
    b.within(body, [(0.04, -0.2), (0.10, -0.2), (0.16, 0.2), (0.08, 0.2)], mix(c, (255, 250, 226), 0.7), 190)
    for y in (-0.04, 0.14):
        b.stroke([(-0.26 - y * 0.1, y), (0, y + 0.045), (0.26 + y * 0.1, y)], 0.014, scaled(c, 0.55), taper="none")
    b.form([(-0.30, 0.30), (0, 0.27), (0.30, 0.30), (0, 0.345)], (52, 40, 38), line=LINE * 0.7)


def plaque(b: Brush, c: RGB) -> None:
    """A wooden tablet with a hole for its cord."""
    b.stroke([(0, -0.5), (0.0, -0.36)], 0.03, CORD, taper="none")
    board = b.form(
        [(-0.18, -0.40, 1), (0.18, -0.40, 1), (0.24, -0.32, 1), (0.24, 0.44, 1), (-0.24, 0.44, 1), (-0.24, -0.32, 1)],
        c, line=LINE,
    )  # fmt: skip
    b.within(board, [(-0.3, -0.5), (-0.18, -0.5), (-0.16, 0.5), (-0.3, 0.5)], scaled(c, 0.76), 150)
    for x in (-0.12, -0.02, 0.07, 0.16):
        b.stroke([(x, -0.30), (x + 0.014, 0.02), (x - 0.006, 0.40)], 0.007, scaled(c, 0.72), alpha=170, taper="none")
    b.oval(0, -0.33, 0.032, 0.032, (66, 46, 40))
    b.stroke([(0, -0.33), (0.0, -0.42)], 0.02, CORD, taper="none")


def ledger(b: Brush, c: RGB) -> None:
    """An old book lying open, its pages ruled for columns, its edges worn."""
    b.form([(-0.54, -0.26, 1), (0.54, -0.26, 1), (0.50, 0.38, 1), (-0.50, 0.38, 1)], c, line=LINE)
    paper: RGB = (234, 220, 188)
    for side in (-1, 1):
        page = b.form(
            [(0, -0.24, 1), (side * 0.20, -0.285), (side * 0.51, -0.24, 1), (side * 0.48, 0.32, 1),
                (side * 0.2, 0.295), (0, 0.34, 1)],
            paper, line=LINE * 0.7,
        )  # fmt: skip
        b.within(page, [(side * 0.10, -0.4), (0, -0.4), (0, 0.5), (side * 0.10, 0.5)], scaled(paper, 0.78), 150)
        b.within(
            page, [(side * 0.34, 0.2), (side * 0.6, 0.1), (side * 0.6, 0.5), (side * 0.3, 0.5)], (170, 146, 106), 110
        )
        for k in range(1, 5):
            x = side * (0.02 + 0.095 * k)
            b.stroke([(x, -0.25), (x * 0.99, 0.0), (x * 0.97, 0.29)], 0.006, (168, 82, 70), alpha=150, taper="none")
    for k in range(4):
        b.stroke([(0.43 - 0.095 * k, -0.20), (0.43 - 0.095 * k, -0.06 - 0.02 * k)], 0.016, (60, 50, 52), alpha=190)


def shoe(b: Brush, c: RGB) -> None:
    """An embroidered slipper of cloth."""
    sole = b.form(
        [(-0.46, 0.20), (0.0, 0.24), (0.44, 0.14), (0.46, 0.20), (0.05, 0.33), (-0.44, 0.29)],
        (240, 234, 220),
        line=LINE,
    )
    b.within(sole, [(-0.6, 0.27), (0.6, 0.24), (0.6, 0.5), (-0.6, 0.5)], (176, 164, 148), 150)
    upper = b.form(
        [(-0.46, 0.21), (-0.47, -0.02), (-0.38, -0.06, 1), (-0.22, 0.05), (-0.02, 0.09), (0.12, -0.02, 1), (0.32, 0.02),
            (0.50, 0.02, 1), (0.45, 0.15), (0.1, 0.25), (-0.3, 0.25)],
        c, line=LINE,
    )  # fmt: skip
    b.within(upper, [(-0.6, 0.14), (0.6, 0.10), (0.6, 0.4), (-0.6, 0.4)], scaled(c, 0.80), 150)
    b.form(
        [(-0.42, -0.02), (-0.36, -0.045), (-0.2, 0.06), (0.0, 0.10), (0.11, 0.0), (0.04, 0.13), (-0.22, 0.13)],
        (92, 66, 60),
    )
    for k, (x, y) in enumerate(((0.22, 0.08), (0.17, 0.12), (0.27, 0.12), (0.20, 0.04), (0.27, 0.05))):
        b.oval(x, y, 0.028, 0.024, (214, 92, 104) if k else (244, 214, 120))
    b.stroke([(0.28, 0.10), (0.36, 0.09), (0.40, 0.05)], 0.014, (92, 140, 92))


def teapot(b: Brush, c: RGB) -> None:
    b.stroke([(0.24, -0.02), (0.46, -0.06), (0.46, 0.20), (0.25, 0.24)], 0.055, scaled(c, 0.85), taper="none")
    b.form(
        [(-0.24, 0.16), (-0.40, 0.02), (-0.50, -0.14, 1), (-0.43, -0.16, 1), (-0.32, -0.02), (-0.2, 0.02)], c, line=LINE
    )
    body = b.form(
        [(-0.14, -0.16), (0.14, -0.16), (0.30, 0.06), (0.24, 0.32), (0.12, 0.38), (-0.12, 0.38), (-0.24, 0.32),
            (-0.30, 0.06)],
        c, line=LINE,
    )  # fmt: skip
    b.within(body, [(-0.4, -0.2), (-0.12, -0.2), (-0.10, 0.5), (-0.4, 0.5)], scaled(c, 0.72), 160)
    b.form([(-0.16, -0.16), (0, -0.25), (0.16, -0.16), (0, -0.12)], scaled(c, 1.1), line=LINE)
    b.oval(0, -0.27, 0.045, 0.045, scaled(c, 0.8))
    for k, x in enumerate((-0.50, -0.44, -0.54)):
        steam = [(x, -0.22), (x + 0.03, -0.32), (x - 0.02, -0.42 - 0.02 * k)]
        b.stroke(steam, 0.018, (250, 250, 250), alpha=130, cover=False)


def hairpin(b: Brush, c: RGB) -> None:
    b.stroke([(-0.42, 0.30), (0.0, 0.0), (0.26, -0.20)], 0.035, c, taper="start")
    for x, y in ((0.0, -0.10), (0.11, -0.02), (0.05, 0.11), (-0.08, 0.08), (-0.10, -0.04)):
        b.oval(0.28 + x, -0.24 + y, 0.075, 0.07, mix(c, (250, 246, 236), 0.55))
    b.oval(0.28, -0.24, 0.05, 0.05, (214, 90, 100))
    for k in range(3):
        b.oval(0.40 + 0.01 * k, -0.10 + 0.09 * k, 0.022, 0.03, (240, 240, 246))
    b.stroke([(0.36, -0.2), (0.40, -0.08), (0.42, 0.12)], 0.010, c, taper="none", cover=False)
