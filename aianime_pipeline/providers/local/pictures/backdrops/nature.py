"""Open country: hills, woods, sand, snow and clouds. Waters have their own module, `shores.py`."""

from aianime_pipeline.providers.local.pictures.backdrops.buildings import pagoda
from aianime_pipeline.providers.local.pictures.backdrops.sky import draw_sky
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.backdrops.terrain import (
    bamboo,
    pine,
    reeds,
    ridge,
    rock,
    seasonal,
    tree,
    treeline,
)
from aianime_pipeline.providers.local.pictures.shapes import ribbon, smooth


def mountains(stage: Stage) -> None:
    a = stage.aspect
    stage.horizon = 0.70
    draw_sky(stage)
    high = stage.snowy or stage.layout.random() < 0.5
    ridge(stage, 0.72, 0.26, (104, 122, 164), 0.60, 0.16, 7, snow=high, peaks=5)
    stage.veil(0.50, 0.66, stage.light.haze, 0.0, 0.42)
    ridge(stage, 0.78, 0.20, (86, 110, 142), 0.42, 0.15, 7, peaks=4)
    stage.veil(0.58, 0.76, stage.light.haze, 0.0, 0.42)
    ridge(stage, 0.84, 0.18, (66, 96, 104), 0.26, 0.13)
    for k in range(9):
        x = a * (k + stage.layout.random()) / 9
        pine(stage, x, 0.84 + stage.layout.uniform(-0.01, 0.03), stage.layout.uniform(0.06, 0.12), (48, 82, 78), 0.22)
    stage.veil(0.72, 0.86, stage.light.haze, 0.0, 0.30)
    cliff = smooth(
        [
            (-0.1, 0.86),
            (a * 0.2, 0.845),
            (a * 0.55, 0.875),
            (a * 0.8, 0.86),
            (a + 0.1, 0.90),
            (a + 0.1, 1.1, 1),
            (-0.1, 1.1, 1),
        ]
    )
    stage.brush.fade_within(cliff, None, stage.on((122, 134, 104)), stage.on((68, 76, 72)))
    for k in range(5):
        rock(stage, a * stage.layout.random(), 0.92 + 0.02 * k, stage.layout.uniform(0.03, 0.07), 0.04)
    pine(stage, a * (0.06 if stage.light.side > 0 else 0.94), 1.0, 0.62, (38, 66, 64), 0.0)


def forest(stage: Stage) -> None:
    a, rng = stage.aspect, stage.layout
    stage.horizon = 0.60
    draw_sky(stage)
    treeline(stage, 0.62, 0.40, (96, 142, 110), 0.62)
    treeline(stage, 0.64, 0.26, (78, 126, 92), 0.46)
    stage.ground((78, 106, 62), (118, 142, 92), 0.34)
    for layer, (depth, n) in enumerate(((0.52, 11), (0.34, 8), (0.16, 5))):
        for k in range(n):
            x = a * (k + rng.random()) / n
            if layer == 2 and abs(x / a - 0.5) < 0.2:
                continue
            w = 0.010 + 0.012 * layer
            trunk = stage.on((84, 68, 60), depth)
            foot = 0.62 + 0.07 * layer
            stage.brush.form(
                [
                    (x - w * 1.7, foot, 1),
                    (x - w, foot - 0.12),
                    (x - w * 0.8, -0.1, 1),
                    (x + w * 0.8, -0.1, 1),
                    (x + w, foot - 0.12),
                    (x + w * 1.7, foot, 1),
                ],
                trunk,
            )
            stage.brush.box(
                x + stage.light.side * w * 0.2,
                -0.1,
                x + stage.light.side * w * 0.85,
                foot - 0.03,
                stage.on((142, 120, 98), depth),
                150,
            )
        stage.veil(0.25, 0.72, stage.light.haze, 0.0, 0.16)
    _canopy(stage)
    _shafts(stage)
    path = smooth(
        [
            (a * 0.47, 0.60),
            (a * 0.53, 0.60),
            (a * 0.62, 0.78),
            (a * 0.84, 1.05, 1),
            (a * 0.22, 1.05, 1),
            (a * 0.42, 0.78),
        ]
    )
    stage.brush.fade_within(path, None, stage.on((176, 158, 122), 0.3), stage.on((140, 118, 92)), 210, 230)
    for k in range(7):
        reeds(stage, a * k / 7, a * (k + 0.9) / 7, 0.99 + 0.03 * rng.random(), 0.13, (70, 110, 58), count=9)


def _canopy(stage: Stage) -> None:
    rng, a = stage.layout, stage.aspect
    for tone, n, low in (((52, 92, 58), 26, 0.20), ((78, 128, 70), 22, 0.12), ((120, 164, 84), 14, 0.05)):
        for _ in range(n):
            u = rng.random()
            edge = abs(u - 0.5) * 0.34
            stage.brush.oval(
                a * u,
                rng.uniform(-0.04, low) + edge,
                rng.uniform(0.05, 0.11),
                rng.uniform(0.04, 0.07),
                stage.on(seasonal(stage, tone), 0.08),
            )


def _shafts(stage: Stage) -> None:
    """Beams of light through the leaves."""
    a, side = stage.aspect, stage.light.side
    for k in range(4):
        x = a * (0.5 + side * (0.32 - 0.17 * k)) + stage.take.uniform(-0.04, 0.04)
        wide = stage.take.uniform(0.05, 0.10)
        beam = [
            (x, -0.05),
            (x + wide * 0.6, -0.05),
            (x - side * 0.34 + wide * 1.8, 0.95),
            (x - side * 0.34 - wide * 0.6, 0.95),
        ]
        stage.brush.fade_within(
            beam, None, stage.light.key, stage.light.key, round(62 * stage.light.key_strength) + 12, 0
        )


def bamboo_grove(stage: Stage) -> None:
    a, rng = stage.aspect, stage.layout
    stage.horizon = 0.62
    draw_sky(stage)
    stage.band(0.0, 0.63, stage.on((120, 168, 118), 0.62), stage.on((190, 214, 160), 0.66))
    stage.ground((96, 116, 64), (150, 168, 108), 0.3)
    for layer, (depth, n, w) in enumerate(((0.66, 26, 0.006), (0.44, 16, 0.010), (0.22, 9, 0.015), (0.02, 5, 0.024))):
        for k in range(n):
            x = a * (k + rng.random()) / n
            if layer > 1 and abs(x / a - 0.5) < 0.09 + 0.06 * layer:
                continue
            bamboo(stage, x, 0.63 + 0.09 * layer, 0.9 + 0.1 * layer, w, depth)
        stage.veil(0.1, 0.75, stage.light.haze, 0.02, 0.14)
    _shafts(stage)
    path = ribbon(smooth([(a * 0.5, 0.62), (a * 0.54, 0.76), (a * 0.46, 1.1)], False), 0.34, "start")
    stage.brush.fill(path, stage.on((186, 172, 132)), 190)


def snowfield(stage: Stage) -> None:
    a = stage.aspect
    stage.horizon = 0.60
    draw_sky(stage)
    ridge(stage, 0.61, 0.17, (112, 130, 172), 0.46, 0.15, 7, snow=True, peaks=4)
    ridge(stage, 0.62, 0.08, (150, 164, 196), 0.42, 0.06, snow=True)
    stage.ground((232, 238, 250), (214, 224, 242), 0.3)
    for k in range(6):
        y = 0.66 + 0.06 * k
        x = stage.layout.uniform(0, a)
        stage.brush.form(
            [(x - 0.7, y + 0.05), (x, y - 0.02), (x + 0.7, y + 0.05), (x + 0.4, y + 0.10), (x - 0.4, y + 0.10)],
            stage.on((202, 214, 238)),
            alpha=120,
        )
    for k in range(6):
        pine(
            stage,
            a * (k + stage.layout.random()) / 6,
            0.64 + 0.012 * k,
            0.10 + 0.025 * k,
            (62, 88, 94),
            0.34 - 0.04 * k,
        )
    pine(stage, a * (0.93 if stage.light.side > 0 else 0.07), 0.97, 0.50, (52, 76, 84), 0.02)


def desert(stage: Stage) -> None:
    a, rng = stage.aspect, stage.layout
    stage.horizon = 0.56
    draw_sky(stage)
    ridge(stage, 0.57, 0.07, (196, 150, 118), 0.55, 0.05)
    stage.ground((226, 176, 112), (236, 200, 150), 0.45)
    for k in range(5):
        y, x = 0.60 + 0.085 * k, a * (k * 0.37 % 1) + rng.uniform(-0.1, 0.1)
        crest = smooth(
            [
                (x - 0.95, y + 0.10),
                (x - 0.4, y + 0.035),
                (x, y - 0.045),
                (x + 0.35, y + 0.02),
                (x + 0.95, y + 0.10),
                (x + 0.6, 1.1, 1),
                (x - 0.6, 1.1, 1),
            ]
        )
        stage.brush.fill(crest, stage.on((232, 186, 122), 0.32 - 0.07 * k))
        dark = smooth(
            [
                (x, y - 0.045),
                (x + 0.35, y + 0.02),
                (x + 0.95, y + 0.10),
                (x + 0.9, y + 0.3, 1),
                (x + 0.25, y + 0.16),
                (x + 0.10, y + 0.05),
            ]
        )
        stage.brush.within(crest, dark, stage.on((176, 116, 84), 0.28 - 0.06 * k))
    rock(stage, a * 0.15, 0.94, 0.08, 0.0, (170, 120, 88))


def plain(stage: Stage) -> None:
    a = stage.aspect
    stage.horizon = 0.60
    draw_sky(stage)
    ridge(stage, 0.61, 0.12, (104, 128, 156), 0.56, 0.08)
    treeline(stage, 0.615, 0.04, (78, 112, 84), 0.40)
    stage.ground((104, 138, 66), (152, 178, 104), 0.3)
    for k in range(6):
        y = 0.64 + 0.05 * k
        x = stage.layout.uniform(0, a)
        stage.brush.form(
            [(x - 0.8, y + 0.03), (x, y - 0.012), (x + 0.8, y + 0.03), (x, y + 0.06)],
            stage.on((132, 164, 84), 0.2 - 0.03 * k),
            alpha=150,
        )
    for k in range(9):
        reeds(stage, a * k / 9, a * (k + 1) / 9, 1.03, 0.15, (120, 152, 72), count=12)
    tree(stage, a * (0.16 if stage.light.side > 0 else 0.84), 0.80, 0.52, 0.06)


def heaven(stage: Stage) -> None:
    """Above a sea of clouds."""
    a, rng = stage.aspect, stage.layout
    stage.horizon = 0.66
    draw_sky(stage)
    ridge(stage, 0.72, 0.20, (126, 142, 190), 0.6, 0.2)
    if stage.ancient:
        pagoda(stage, a * 0.5 - stage.light.side * 0.3, 0.62, 0.30, 0.5)
    for layer in range(5):
        y = 0.62 + 0.085 * layer
        tone = stage.on((250, 246, 252), 0.42 - 0.09 * layer)
        for k in range(18):
            x = a * (k + rng.random()) / 18
            r = rng.uniform(0.04, 0.09)
            stage.brush.oval(x, y + 0.05, r * 1.5, r, tone)
        stage.brush.box(-0.1, y + 0.06, a + 0.1, 1.1, tone)
        stage.veil(y + 0.03, y + 0.15, stage.on((186, 196, 226), 0.2), 0.0, 0.30)
