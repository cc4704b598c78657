"""Modern places out of doors: skyline, street, park, rooftop."""

from aianime_pipeline.providers.local.pictures.backdrops.buildings import curved_roof, old_house, skyline, tower_block
from aianime_pipeline.providers.local.pictures.backdrops.sky import draw_sky
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.backdrops.terrain import ridge, tree, treeline
from aianime_pipeline.providers.local.pictures.colours import RGB, mix, scaled
from aianime_pipeline.providers.local.pictures.shapes import smooth

NEON: tuple[RGB, ...] = ((255, 96, 140), (96, 210, 255), (255, 206, 104), (150, 130, 255), (120, 255, 190))


def city(stage: Stage) -> None:
    a = stage.aspect
    stage.horizon = 0.66
    draw_sky(stage)
    skyline(stage, 0.68, 0.18, 0.42, 0.66)
    stage.veil(0.40, 0.68, stage.light.haze, 0.0, 0.35)
    skyline(stage, 0.69, 0.12, 0.36, 0.42, (0.09, 0.18))
    stage.veil(0.48, 0.70, stage.light.haze, 0.0, 0.34)
    skyline(stage, 0.71, 0.05, 0.20, 0.20, (0.12, 0.24))
    stage.ground((112, 114, 122))
    stage.band(0.70, 1.0, stage.on((150, 150, 156), 0.2), stage.on((98, 100, 110)))
    for k in range(8):
        u = (k / 8) ** 1.8
        stage.brush.box(-0.1, 0.70 + 0.32 * u, a + 0.1, 0.702 + 0.324 * u, stage.on((76, 78, 88)), 130)
    _railing(stage, 0.86, 0.10)


def _railing(stage: Stage, base: float, height: float) -> None:
    b, a = stage.brush, stage.aspect
    steel = stage.on((86, 92, 106))
    for k in range(round(a / 0.045) + 2):
        b.box(k * 0.045 - 0.003, base - height, k * 0.045 + 0.003, base, steel)
    b.box(-0.1, base - height - 0.012, a + 0.1, base - height + 0.006, stage.on((120, 126, 138)))
    b.box(-0.1, base - 0.01, a + 0.1, base, steel)


def street(stage: Stage) -> None:
    a, b, rng = stage.aspect, stage.brush, stage.layout
    stage.horizon = 0.58
    draw_sky(stage)
    skyline(stage, 0.60, 0.12, 0.34, 0.62)
    stage.veil(0.36, 0.60, stage.light.haze, 0.0, 0.32)
    stage.ground((92, 92, 100), (140, 138, 140), 0.4)
    mid = a * 0.5
    spread = max(0.62, a / 1.78)
    for depth, out, base, high, wide in (
        (0.44, 0.10, 0.60, 0.38, 0.10),
        (0.30, 0.17, 0.625, 0.52, 0.24),
        (0.16, 0.30, 0.68, 0.68, 0.5),
        (0.04, 0.52, 0.80, 0.95, 0.5),
    ):
        for side in (-1, 1):
            near = mid + side * out * 1.5 * spread
            x0, x1 = (near - wide, near) if side < 0 else (near, near + wide)
            tower_block(
                stage,
                x0,
                x1,
                base,
                high,
                depth,
                rng.choice(((138, 122, 116), (120, 126, 140), (150, 140, 126), (112, 116, 126))),
            )
            _shop(stage, x0, x1, base, 0.09 + (base - 0.6) * 0.75, depth)
    road = [(mid - 0.05, 0.595), (mid + 0.05, 0.595), (mid + 0.95 * spread, 1.02), (mid - 0.95 * spread, 1.02)]
    b.fade_within(road, None, stage.on((112, 112, 122), 0.4), stage.on((66, 68, 80)))
    for k in range(6):
        u0, u1 = (k / 6) ** 2, ((k + 0.5) / 6) ** 2
        y0, y1 = 0.60 + 0.42 * u0, 0.60 + 0.42 * u1
        b.fill(
            [
                (mid - 0.003 - 0.018 * u0, y0),
                (mid + 0.003 + 0.018 * u0, y0),
                (mid + 0.003 + 0.018 * u1, y1),
                (mid - 0.003 - 0.018 * u1, y1),
            ],
            stage.on((224, 222, 212)),
        )
    if stage.reading.weather & {"rain", "thunder"} or stage.night:
        for _ in range(34):
            y = stage.take.uniform(0.66, 1.0)
            b.oval(
                mid + stage.take.uniform(-1, 1) * 0.9 * (y - 0.55),
                y,
                0.016,
                0.05 * (y - 0.5),
                stage.take.choice(NEON) if stage.night else stage.light.haze,
                46,
            )
    for side in (-1, 1):
        for u in (0.15, 0.42, 1.0):
            x, foot, h = mid + side * (0.08 + 0.62 * u) * spread, 0.605 + 0.24 * u, 0.13 + 0.40 * u
            b.stroke([(x, foot), (x, foot - h)], 0.004 + 0.009 * u, stage.on((58, 62, 74), 0.4 - 0.4 * u), taper="none")
            b.stroke(
                [(x, foot - h), (x - side * h * 0.14, foot - h * 1.04), (x - side * h * 0.22, foot - h * 1.0)],
                0.004 + 0.008 * u,
                stage.on((58, 62, 74), 0.4 - 0.4 * u),
                taper="none",
            )
            if stage.light.lamps_lit:
                b.oval(x - side * h * 0.22, foot - h * 0.99, 0.006 + 0.012 * u, 0.004 + 0.008 * u, (255, 240, 206))
                stage.lamp(x - side * h * 0.22, foot - h * 0.98, 0.10 + 0.26 * u, 0.8, (255, 222, 160))


def _shop(stage: Stage, x0: float, x1: float, base: float, height: float, depth: float) -> None:
    b, rng = stage.brush, stage.layout
    lit = stage.light.lamps_lit
    b.box(
        x0,
        base - height,
        x1,
        base,
        mix((255, 226, 168), stage.light.haze, depth) if lit else stage.on((104, 116, 132), depth),
    )
    for k in range(1, 4):
        x = x0 + (x1 - x0) * k / 4
        b.box(x - 0.003, base - height, x + 0.003, base, stage.on((62, 58, 66), depth))
    sign = rng.choice(NEON)
    b.box(
        x0,
        base - height * 1.35,
        x1,
        base - height,
        mix(sign, stage.light.haze, depth) if lit else stage.on(scaled(sign, 0.75), depth),
    )
    if lit:
        stage.lamp((x0 + x1) / 2, base - height * 1.1, (x1 - x0) * 1.1, 0.5 * (1 - depth), sign)


def park(stage: Stage) -> None:
    a, b = stage.aspect, stage.brush
    stage.horizon = 0.60
    draw_sky(stage)
    skyline(stage, 0.58, 0.06, 0.22, 0.68)
    treeline(stage, 0.62, 0.14, (86, 136, 86), 0.44)
    treeline(stage, 0.63, 0.07, (76, 126, 74), 0.3)
    stage.ground((106, 156, 76), (150, 186, 108), 0.25)
    path = smooth(
        [
            (a * 0.62, 0.63),
            (a * 0.66, 0.63),
            (a * 0.60, 0.74),
            (a * 0.74, 1.05, 1),
            (a * 0.22, 1.05, 1),
            (a * 0.48, 0.74),
        ]
    )
    b.fade_within(path, None, stage.on((222, 206, 172), 0.2), stage.on((206, 184, 150)))
    for x, base, h, depth in (
        (0.30, 0.68, 0.32, 0.28),
        (0.74, 0.69, 0.36, 0.24),
        (0.06, 0.84, 0.66, 0.05),
        (0.95, 0.88, 0.74, 0.0),
    ):
        tree(stage, a * x, base, h, depth)
    x, y = a * 0.27, 0.82
    wood, iron = stage.on((150, 104, 70)), stage.on((64, 66, 74))
    for dx in (-0.12, 0.12):
        b.box(x + dx - 0.006, y - 0.10, x + dx + 0.006, y + 0.05, iron)
    for k in range(3):
        b.box(x - 0.15, y - 0.10 + 0.03 * k, x + 0.15, y - 0.08 + 0.03 * k, wood)
    b.box(x - 0.16, y - 0.005, x + 0.16, y + 0.015, wood)


def rooftop(stage: Stage) -> None:
    a, b = stage.aspect, stage.brush
    stage.horizon = 0.62
    draw_sky(stage)
    if stage.ancient:
        ridge(stage, 0.62, 0.2, (98, 118, 152), 0.6, 0.12)
        for k in range(6):
            x = a * k / 6
            old_house(stage, x, x + 0.22, 0.66 + 0.02 * (k % 2), 0.07, 0.4)
        stage.veil(0.5, 0.7, stage.light.haze, 0.0, 0.4)
        stage.band(0.70, 1.0, stage.on((60, 66, 80), 0.15), stage.on((60, 66, 80)))
        curved_roof(stage, -0.4, a + 0.4, 0.84, 0.17, 0.10)
        for k in range(5):
            y = 0.86 + 0.035 * k
            for i in range(round(a / 0.05) + 1):
                b.oval(
                    i * 0.05 + 0.025 * (k % 2), y, 0.026, 0.02, stage.on((74, 80, 96) if (i + k) % 2 else (60, 66, 80))
                )
        return
    skyline(stage, 0.66, 0.10, 0.36, 0.58)
    stage.veil(0.40, 0.66, stage.light.haze, 0.0, 0.32)
    skyline(stage, 0.69, 0.05, 0.22, 0.34, (0.10, 0.2))
    stage.band(0.72, 1.0, stage.on((158, 158, 160), 0.12), stage.on((116, 118, 126)))
    mid = a * 0.5
    for k in range(-6, 7):
        b.stroke(
            [(mid + k * 0.12, 0.72), (mid + k * 0.42, 1.02)],
            0.004,
            stage.on((92, 94, 104)),
            taper="none",
            alpha=140,
            steps=2,
        )
    for k in range(6):
        u = (k / 6) ** 1.7
        b.box(-0.1, 0.72 + 0.3 * u, a + 0.1, 0.722 + 0.304 * u, stage.on((92, 94, 104)), 140)
    _railing(stage, 0.74, 0.17)
    x = a * (0.10 if stage.light.side > 0 else 0.90)
    b.box(x - 0.10, 0.46, x + 0.10, 0.76, stage.on((140, 136, 140), 0.06))
    b.box(x - 0.04, 0.56, x + 0.05, 0.76, stage.on((82, 92, 106), 0.04))
    b.oval(x, 0.42, 0.08, 0.03, stage.on((150, 156, 166), 0.06))
    b.box(x - 0.08, 0.34, x + 0.08, 0.42, stage.on((150, 156, 166), 0.06))
