"""Things carried or worn about one: jewels, keys, money, bags, watches."""

from aianime_pipeline.providers.local.pictures.colours import RGB, mix, scaled
from aianime_pipeline.providers.local.pictures.shapes import Brush, smooth
from aianime_pipeline.providers.local.pictures.things_held import GOLD, LINE


def pendant(b: Brush, c: RGB) -> None:
    b.stroke([(-0.14, -0.5), (0, -0.2), (0.14, -0.5)], 0.02, (176, 52, 52), taper="none")
    ring = b.form(
        [(0.22, 0), (0.16, 0.16), (0, 0.22), (-0.16, 0.16), (-0.22, 0), (-0.16, -0.16), (0, -0.22), (0.16, -0.16)],
        c,
        line=LINE,
    )
    b.within(ring, [(-0.3, -0.3), (-0.04, -0.3), (-0.08, 0.3), (-0.3, 0.3)], scaled(c, 0.8), 150)
    b.oval(0, 0, 0.07, 0.07, scaled(c, 0.45))
    b.stroke([(-0.12, -0.1), (-0.03, -0.15), (0.08, -0.13)], 0.028, (255, 255, 255), alpha=190, cover=False)
    for x in (-0.04, 0, 0.04):
        b.stroke([(x, 0.22), (x * 1.6, 0.5)], 0.024, (176, 52, 52), taper="end")


def ring(b: Brush, c: RGB) -> None:
    unit = ((1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7), (-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7))
    band = smooth([(0.27 * u, 0.12 + 0.27 * v) for u, v in unit])
    b.outline(band, 0.09, scaled(GOLD, 0.6))
    b.outline(band, 0.06, GOLD)
    b.form(
        [(-0.12, -0.26, 1), (0.12, -0.26, 1), (0.17, -0.34, 1), (0.08, -0.42, 1), (-0.08, -0.42, 1), (-0.17, -0.34, 1)],
        mix(c, (230, 246, 255), 0.6),
        line=LINE,
    )
    b.form([(-0.17, -0.34, 1), (0.17, -0.34, 1), (0, -0.14, 1)], mix(c, (200, 230, 255), 0.5), line=LINE)


def key(b: Brush, c: RGB) -> None:
    unit = ((1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7), (-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7))
    b.outline(smooth([(-0.28 + 0.15 * u, 0.15 * v) for u, v in unit]), 0.07, GOLD)
    b.form([(-0.14, -0.03, 1), (0.46, -0.03, 1), (0.46, 0.03, 1), (-0.14, 0.03, 1)], GOLD, line=LINE)
    for x in (0.28, 0.40):
        b.box(x, 0.03, x + 0.05, 0.15, GOLD)


def photo(b: Brush, c: RGB) -> None:
    b.form([(-0.36, -0.42, 1), (0.36, -0.42, 1), (0.36, 0.42, 1), (-0.36, 0.42, 1)], (246, 244, 238), line=LINE)
    b.fade_within([(-0.30, -0.36), (0.30, -0.36), (0.30, 0.22), (-0.30, 0.22)], None, mix(c, (220, 230, 240), 0.6), c)
    for x, tone in ((-0.1, (70, 56, 60)), (0.11, (50, 54, 74))):
        b.oval(x, -0.06, 0.075, 0.09, (236, 206, 184))
        b.form([(x - 0.09, -0.06), (x, -0.18), (x + 0.09, -0.06), (x + 0.05, -0.1), (x - 0.05, -0.1)], tone)
        b.form([(x - 0.13, 0.22, 1), (x - 0.1, 0.07), (x, 0.03), (x + 0.1, 0.07), (x + 0.13, 0.22, 1)], tone)


def watch(b: Brush, c: RGB) -> None:
    b.stroke([(0, -0.34), (0.1, -0.45), (0.28, -0.48)], 0.025, GOLD, taper="none")
    b.oval(0, 0.05, 0.36, 0.36, GOLD)
    b.oval(0, 0.05, 0.30, 0.30, (250, 246, 236))
    for x, y in ((0, -0.24), (0.24, 0), (0, 0.24), (-0.24, 0)):
        b.oval(x, 0.05 + y, 0.018, 0.018, (70, 60, 60))
    b.stroke([(0, 0.05), (0.0, -0.16)], 0.024, (50, 44, 50), taper="none")
    b.stroke([(0, 0.05), (0.13, 0.10)], 0.028, (50, 44, 50), taper="none")


def bag(b: Brush, c: RGB) -> None:
    b.stroke([(-0.2, -0.2), (-0.14, -0.46), (0.14, -0.46), (0.2, -0.2)], 0.05, scaled(c, 0.7), taper="none")
    b.form(
        [(-0.36, -0.2), (0, -0.24), (0.36, -0.2), (0.42, 0.2), (0.36, 0.42), (-0.36, 0.42), (-0.42, 0.2)], c, line=LINE
    )
    b.form(
        [(-0.37, -0.2), (0, -0.25), (0.37, -0.2), (0.36, 0.04), (0, 0.12), (-0.36, 0.04)],
        mix(c, (255, 240, 220), 0.15),
        line=LINE,
    )
    b.box(-0.05, 0.04, 0.05, 0.16, GOLD)


def money(b: Brush, c: RGB) -> None:
    for x, y in ((-0.22, 0.2), (0.2, 0.22), (0.0, 0.02)):
        b.form(
            [
                (x - 0.26, y - 0.1),
                (x - 0.14, y - 0.02),
                (x, y - 0.1),
                (x + 0.14, y - 0.02),
                (x + 0.26, y - 0.1),
                (x + 0.18, y + 0.13),
                (x - 0.18, y + 0.13),
            ],
            c,
            line=LINE,
        )
        b.stroke([(x - 0.12, y + 0.04), (x + 0.1, y + 0.03)], 0.026, (255, 250, 230), alpha=170, cover=False)
