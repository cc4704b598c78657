"""Behind walls and at their gates: gate, temple, courtyard."""

from aianime_pipeline.providers.local.pictures.backdrops.buildings import (
    curved_roof,
    lantern,
    lattice,
    old_house,
)
from aianime_pipeline.providers.local.pictures.backdrops.settlements import paving
from aianime_pipeline.providers.local.pictures.backdrops.sky import draw_sky
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.backdrops.terrain import reeds, ridge, rock, tree, treeline
from aianime_pipeline.providers.local.pictures.colours import scaled
from aianime_pipeline.providers.local.pictures.shapes import smooth


def gate(stage: Stage) -> None:
    a, b = stage.aspect, stage.brush
    stage.horizon = 0.66
    draw_sky(stage)
    ridge(stage, 0.66, 0.22, (104, 122, 152), 0.6, 0.14)
    stage.ground((150, 140, 126))
    stone = (132, 128, 130)
    top = 0.36
    b.box(-0.1, top + 0.05, a + 0.1, 0.70, stage.on(stone, 0.16))
    for k in range(-1, round(a / 0.07) + 1):
        b.box(k * 0.07, top + 0.02, k * 0.07 + 0.04, top + 0.06, stage.on(stone, 0.16))
    for r in range(9):
        y = top + 0.09 + r * 0.036
        b.box(-0.1, y, a + 0.1, y + 0.003, stage.on(scaled(stone, 0.7), 0.16))
        for k in range(round(a / 0.08) + 1):
            x = k * 0.08 + (0.04 if r % 2 else 0)
            b.box(x, y, x + 0.003, y + 0.036, stage.on(scaled(stone, 0.7), 0.16))
    mid = a * 0.5
    arch = smooth(
        [
            (mid - 0.13, 0.71, 1),
            (mid - 0.13, 0.52),
            (mid - 0.08, 0.455),
            (mid, 0.435),
            (mid + 0.08, 0.455),
            (mid + 0.13, 0.52),
            (mid + 0.13, 0.71, 1),
        ]
    )
    b.fade_within(arch, None, stage.on((52, 40, 44)), stage.on((110, 92, 80), 0.2))
    old_house(stage, mid - 0.30, mid + 0.30, top + 0.05, 0.14, 0.10, colour=(150, 66, 56))
    b.box(mid - 0.09, 0.385, mid + 0.09, 0.425, stage.on((48, 52, 84)))
    for dx in (-0.05, 0.0, 0.05):
        b.box(mid + dx - 0.015, 0.39, mid + dx + 0.015, 0.42, stage.on((214, 174, 92)))
    paving(stage, mid - 0.75, mid + 0.75, 0.70, 0.15)
    for side in (-1, 1):
        b.stroke([(mid + side * 0.42, 0.74), (mid + side * 0.42, 0.30)], 0.01, stage.on((92, 62, 50)), taper="none")
        b.form(
            [
                (mid + side * 0.42, 0.31),
                (mid + side * 0.53, 0.34),
                (mid + side * 0.50, 0.42),
                (mid + side * 0.54, 0.50),
                (mid + side * 0.42, 0.49),
            ],
            stage.on((176, 46, 46)),
        )


def temple(stage: Stage) -> None:
    a, b = stage.aspect, stage.brush
    stage.horizon = 0.62
    draw_sky(stage)
    ridge(stage, 0.63, 0.30, (98, 120, 150), 0.6, 0.16)
    treeline(stage, 0.64, 0.16, (70, 108, 88), 0.40)
    stage.ground((146, 142, 132))
    mid = a * 0.5
    for k in range(6):
        b.box(
            mid - 0.40 - 0.03 * k,
            0.66 + 0.022 * k,
            mid + 0.40 + 0.03 * k,
            0.69 + 0.022 * k,
            stage.on(scaled((170, 166, 160), 1 - 0.05 * k)),
        )
    old_house(stage, mid - 0.36, mid + 0.36, 0.67, 0.22, 0.08, colour=(172, 78, 62))
    old_house(stage, mid - 0.22, mid + 0.22, 0.36, 0.09, 0.12, colour=(150, 66, 56), lanterns=False)
    paving(stage, mid - 0.6, mid + 0.6, 0.79, 0.40)
    b.form(
        [
            (mid - 0.07, 0.82),
            (mid + 0.07, 0.82),
            (mid + 0.09, 0.88),
            (mid + 0.05, 0.93),
            (mid - 0.05, 0.93),
            (mid - 0.09, 0.88),
        ],
        stage.on((92, 96, 92)),
    )
    for dx in (-0.02, 0.01, 0.03):
        b.stroke(
            [(mid + dx, 0.82), (mid + dx + 0.02, 0.72), (mid + dx - 0.015, 0.62), (mid + dx + 0.03, 0.50)],
            0.018,
            stage.light.haze,
            alpha=70,
        )
    for side in (-1, 1):
        tree(stage, mid + side * 0.62, 0.82, 0.56, 0.05, (66, 104, 76))


def courtyard(stage: Stage) -> None:
    a, b = stage.aspect, stage.brush
    stage.horizon = 0.64
    draw_sky(stage)
    treeline(stage, 0.5, 0.18, (78, 118, 92), 0.5)
    stage.ground((150, 146, 140))
    wall = [(-0.1, 0.40), (a + 0.1, 0.40), (a + 0.1, 0.68), (-0.1, 0.68)]
    b.fill(wall, stage.on((232, 226, 214), 0.12))
    stage.veil(0.40, 0.68, stage.on((150, 146, 150), 0.1), 0.0, 0.5)
    curved_roof(stage, -0.3, a + 0.3, 0.405, 0.07, 0.12)
    mid = a * 0.5 - stage.light.side * a * 0.16
    ring = smooth(
        [
            (mid + 0.17 * x, 0.54 + 0.17 * y)
            for x, y in ((1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7), (-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7))
        ]
    )
    b.fill([(mid + (x - mid) * 1.10, 0.54 + (y - 0.54) * 1.10) for x, y in ring], stage.on((110, 106, 110), 0.1))
    b.fade_within(ring, None, stage.on((150, 186, 170), 0.5), stage.on((120, 150, 108), 0.3))
    b.within(
        ring,
        smooth([(mid - 0.2, 0.60), (mid, 0.55), (mid + 0.2, 0.61), (mid + 0.2, 0.8), (mid - 0.2, 0.8)]),
        stage.on((84, 124, 84), 0.2),
    )
    x = a * 0.5 + stage.light.side * a * 0.20
    lattice(stage, x - 0.12, 0.47, x + 0.12, 0.61, 0.05)
    paving(stage, -0.3, a + 0.3, 0.67, a * 0.45)
    tree(stage, a * (0.90 if stage.light.side > 0 else 0.10), 0.84, 0.72, 0.0, (88, 124, 74))
    rock(stage, a * (0.16 if stage.light.side > 0 else 0.84), 0.80, 0.10, 0.02, (122, 124, 130))
    reeds(stage, a * 0.08, a * 0.26, 0.82, 0.10, (86, 124, 70), count=16)
    for k in (0.3, 0.7):
        lantern(stage, a * k, 0.41, 0.026)
