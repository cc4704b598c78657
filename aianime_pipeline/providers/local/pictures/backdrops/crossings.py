"""Where people pass or end: the bridge and the graveyard."""

from aianime_pipeline.providers.local.pictures.backdrops.buildings import (
    old_house,
    skyline,
)
from aianime_pipeline.providers.local.pictures.backdrops.sky import draw_sky
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.backdrops.terrain import reeds, ridge, treeline
from aianime_pipeline.providers.local.pictures.backdrops.waters import water
from aianime_pipeline.providers.local.pictures.colours import scaled
from aianime_pipeline.providers.local.pictures.shapes import smooth


def bridge(stage: Stage) -> None:
    a, b = stage.aspect, stage.brush
    stage.horizon = 0.54
    draw_sky(stage)
    ridge(stage, 0.54, 0.18, (96, 118, 152), 0.6, 0.11)
    if stage.ancient:
        for k in range(5):
            x = a * (k / 5) + stage.layout.uniform(-0.03, 0.03)
            old_house(stage, x, x + 0.2, 0.56, 0.08 + 0.02 * (k % 2), 0.36)
    else:
        skyline(stage, 0.55, 0.08, 0.26, 0.5)
    water(stage, 0.56, 1.0, (90, 132, 146), 0.6)
    stone, dark = stage.on((172, 166, 162), 0.05), stage.on((110, 104, 108), 0.05)
    deck = smooth(
        [
            (-0.2, 0.86),
            (a * 0.25, 0.76),
            (a * 0.5, 0.725),
            (a * 0.75, 0.76),
            (a + 0.2, 0.86),
            (a + 0.2, 1.2, 1),
            (-0.2, 1.2, 1),
        ]
    )
    b.fade_within(deck, None, stone, dark)
    rail = [(a * u, 0.725 + 0.135 * (2 * u - 1) ** 2 * 1.0) for u in (-0.1, 0.1, 0.3, 0.5, 0.7, 0.9, 1.1)]
    for k in range(15):
        u = -0.02 + 1.04 * k / 14
        y = 0.725 + 0.135 * (2 * u - 1) ** 2
        b.box(a * u - 0.012, y - 0.115, a * u + 0.012, y + 0.01, stone)
        b.oval(a * u, y - 0.12, 0.017, 0.017, stone)
        b.box(a * u + 0.004, y - 0.11, a * u + 0.012, y + 0.01, dark, 130)
    b.stroke([(x, y - 0.075) for x, y in rail], 0.026, stone, taper="none")
    b.stroke([(x, y - 0.060) for x, y in rail], 0.010, dark, taper="none")
    for k in range(1, 9):
        y = 0.79 + 0.028 * k
        b.stroke([(-0.1, y + 0.05), (a * 0.5, y - 0.03), (a + 0.1, y + 0.05)], 0.004, dark, alpha=120, taper="none")


def graveyard(stage: Stage) -> None:
    a, b, rng = stage.aspect, stage.brush, stage.layout
    stage.horizon = 0.60
    draw_sky(stage)
    ridge(stage, 0.61, 0.14, (92, 106, 134), 0.58, 0.10)
    treeline(stage, 0.62, 0.10, (64, 88, 84), 0.44)
    stage.ground((98, 108, 78), (128, 136, 106), 0.4)
    x = a * (0.10 if stage.light.side > 0 else 0.90)
    for dx, dy in ((-0.16, 0.42), (0.14, 0.48), (0.02, 0.58), (-0.08, 0.55), (0.2, 0.36)):
        b.stroke(
            [(x, 0.84), (x + dx * 0.2, 0.84 - dy * 0.5), (x + dx, 0.84 - dy)],
            0.026,
            stage.on((58, 46, 48)),
            taper="end",
        )
        b.stroke(
            [(x + dx * 0.5, 0.84 - dy * 0.7), (x + dx * 1.4, 0.84 - dy * 0.8)],
            0.010,
            stage.on((58, 46, 48)),
            taper="end",
        )
    for row in range(4):
        n = 6 - row
        for k in range(n):
            gx, base, s = a * (k + 0.2 + 0.6 * rng.random()) / n, 0.66 + 0.085 * row, 0.05 + 0.022 * row
            if row == 3 and abs(gx / a - 0.5) < 0.25:
                continue
            stone = stage.on((146, 146, 152), 0.36 - 0.11 * row)
            b.oval(gx, base, s * 1.5, s * 0.34, stage.on((84, 96, 66), 0.3 - 0.09 * row))
            b.form(
                [
                    (gx - s * 0.5, base, 1),
                    (gx - s * 0.5, base - s * 1.2),
                    (gx, base - s * 1.65),
                    (gx + s * 0.5, base - s * 1.2),
                    (gx + s * 0.5, base, 1),
                ],
                stone,
            )
            b.box(
                gx - stage.light.side * s * 0.5,
                base - s * 1.2,
                gx - stage.light.side * s * 0.28,
                base,
                scaled(stone, 0.7),
            )
            for i in range(3):
                b.box(
                    gx - s * 0.08,
                    base - s * (1.15 - 0.3 * i),
                    gx + s * 0.08,
                    base - s * (0.98 - 0.3 * i),
                    scaled(stone, 0.6),
                )
    reeds(stage, -0.02, a + 0.02, 1.03, 0.14, (108, 116, 74), count=60)
    stage.veil(0.52, 0.80, stage.light.haze, 0.0, 0.30)
