"""Old places out of doors: village, street, market, gate, temple, courtyard, bridge, graveyard."""

from aianime_pipeline.providers.local.pictures.backdrops.buildings import (
    curved_roof,
    lantern,
    lattice,
    old_house,
    pagoda,
    skyline,
)
from aianime_pipeline.providers.local.pictures.backdrops.sky import draw_sky
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.backdrops.terrain import reeds, ridge, rock, tree, treeline, water
from aianime_pipeline.providers.local.pictures.colours import mix, scaled
from aianime_pipeline.providers.local.pictures.shapes import smooth


def paving(stage: Stage, left: float, right: float, top: float, far: float = 0.06, wet: bool = False) -> None:
    """Flagstones in perspective between two edges at the picture's foot."""
    b, a = stage.brush, stage.aspect
    stone = mix((158, 154, 150), (236, 240, 248), 0.7) if stage.snowy else (150, 146, 146)
    mid = a * 0.5
    outline = [(mid - far, top), (mid + far, top), (right, 1.02), (left, 1.02)]
    b.fade_within(outline, None, stage.on(stone, 0.45), stage.on(scaled(stone, 0.82)))
    joint = stage.on(scaled(stone, 0.62))
    for k in range(1, 12):
        u = (k / 12) ** 2.1
        y = top + (1.02 - top) * u
        b.box(
            mid - far + (left - mid + far) * u,
            y,
            mid + far + (right - mid - far) * u,
            y + 0.0015 + 0.004 * u,
            joint,
            150,
        )
    for k in range(1, 8):
        u = k / 8
        b.stroke(
            [(mid - far + 2 * far * u, top), (left + (right - left) * u, 1.02)],
            0.006,
            joint,
            alpha=120,
            taper="start",
            steps=2,
        )
    if wet or stage.reading.weather & {"rain", "thunder"}:
        for _ in range(26):
            y = stage.take.uniform(top + 0.05, 1.0)
            x = stage.take.uniform(left, right)
            b.oval(
                x, y, 0.06 * (y - top) * 3, 0.006 + 0.012 * (y - top), mix(stage.light.key, stage.light.haze, 0.4), 70
            )


def ancient_street(stage: Stage) -> None:
    a = stage.aspect
    stage.horizon = 0.58
    draw_sky(stage)
    ridge(stage, 0.58, 0.22, (98, 118, 152), 0.62, 0.13)
    pagoda(stage, a * 0.5 + stage.light.side * 0.09, 0.58, 0.34, 0.55)
    stage.ground((128, 124, 122))
    paving(stage, -0.25, a + 0.25, 0.58)
    # House fronts come nearer towards the edges, on both sides of the street.
    steps = ((0.50, 0.07, 0.60, 0.115), (0.34, 0.16, 0.635, 0.19), (0.18, 0.27, 0.70, 0.31), (0.0, 0.42, 0.84, 0.56))
    for depth, out, base, wall in steps:
        w = wall * 1.05
        for side in (-1, 1):
            near = a * 0.5 + side * (out + 0.03) * max(0.62, a / 1.78) * 1.6
            x0, x1 = (near - w, near) if side < 0 else (near, near + w)
            old_house(stage, x0, x1, base, wall, depth)
        stage.veil(0.3, 0.75, stage.light.haze, 0.0, 0.10)
    _lantern_string(stage)


def _lantern_string(stage: Stage) -> None:
    a = stage.aspect
    y = 0.14
    stage.brush.stroke(
        [(-0.02, y - 0.06), (a * 0.5, y + 0.02), (a + 0.02, y - 0.06)], 0.004, stage.on((60, 46, 44)), taper="none"
    )
    for k in range(5):
        u = (k + 0.5) / 5
        lantern(stage, a * u, y - 0.06 + 0.08 * (1 - (2 * u - 1) ** 2), 0.020)


def market(stage: Stage) -> None:
    ancient_street(stage)
    a, rng = stage.aspect, stage.layout
    for side in (-1, 1):
        for k in range(2):
            x = a * (0.5 + side * (0.26 + 0.19 * k))
            base, s = 0.78 + 0.14 * k, 0.13 + 0.08 * k
            b = stage.brush
            cloth = rng.choice(((196, 72, 62), (72, 116, 156), (206, 160, 74), (92, 136, 92)))
            b.box(x - s, base - s * 0.5, x + s, base, stage.on((122, 88, 66)))
            for i in range(7):
                b.oval(
                    x - s * 0.8 + s * 0.27 * i,
                    base - s * 0.53,
                    s * 0.11,
                    s * 0.11,
                    stage.on(rng.choice(((222, 120, 60), (186, 60, 56), (130, 160, 70), (230, 190, 90)))),
                )
            for dx in (-0.95, 0.95):
                b.box(x + dx * s - 0.006, base - s * 1.7, x + dx * s + 0.006, base, stage.on((84, 60, 50)))
            b.fill(
                [
                    (x - s * 1.05, base - s * 1.75),
                    (x + s * 1.05, base - s * 1.75),
                    (x + s * 1.25, base - s * 1.35),
                    (x - s * 1.25, base - s * 1.35),
                ],
                stage.on(cloth),
            )
            for i in range(0, 6, 2):
                b.fill(
                    [
                        (x - s * 1.05 + s * 0.35 * i, base - s * 1.75),
                        (x - s * 0.7 + s * 0.35 * i, base - s * 1.75),
                        (x - s * 0.83 + s * 0.416 * i, base - s * 1.35),
                        (x - s * 1.25 + s * 0.416 * i, base - s * 1.35),
                    ],
                    stage.on((236, 226, 204)),
                )
            lantern(stage, x + s * 0.9, base - s * 1.34, s * 0.14)


def village(stage: Stage) -> None:
    a = stage.aspect
    stage.horizon = 0.58
    draw_sky(stage)
    ridge(stage, 0.58, 0.20, (98, 122, 152), 0.6, 0.12)
    ridge(stage, 0.59, 0.09, (88, 122, 104), 0.42, 0.07)
    treeline(stage, 0.60, 0.05, (76, 116, 80), 0.32)
    stage.ground((138, 150, 84), (168, 182, 120), 0.3)
    for k in range(5):
        y = 0.64 + 0.07 * k
        stage.brush.form(
            [
                (-0.1, y),
                (a * 0.4, y + 0.015),
                (a + 0.1, y - 0.01),
                (a + 0.1, y + 0.012),
                (a * 0.4, y + 0.03),
                (-0.1, y + 0.02),
            ],
            stage.on((112, 128, 66), 0.2 - 0.04 * k),
            alpha=170,
        )
    for x, base, wall, depth in (
        (0.30, 0.62, 0.07, 0.36),
        (0.62, 0.635, 0.09, 0.28),
        (0.04, 0.70, 0.15, 0.14),
        (0.80, 0.73, 0.17, 0.08),
    ):
        old_house(stage, a * x, a * x + wall * 1.7, base, wall, depth, lanterns=False, colour=(198, 178, 146))
    tree(stage, a * 0.97, 0.86, 0.60, 0.0)
    path = smooth(
        [
            (a * 0.52, 0.60),
            (a * 0.55, 0.60),
            (a * 0.58, 0.75),
            (a * 0.72, 1.05, 1),
            (a * 0.30, 1.05, 1),
            (a * 0.47, 0.76),
        ]
    )
    stage.brush.fade_within(path, None, stage.on((206, 186, 146), 0.3), stage.on((178, 152, 116)))


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
