"""By the water: river with its landing, lake, sea."""

from aianime_pipeline.providers.local.pictures.backdrops.buildings import curved_roof, old_house, pagoda
from aianime_pipeline.providers.local.pictures.backdrops.sky import draw_sky
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.backdrops.terrain import (
    reeds,
    ridge,
    treeline,
)
from aianime_pipeline.providers.local.pictures.backdrops.waters import water
from aianime_pipeline.providers.local.pictures.colours import RGB, scaled


def river(stage: Stage) -> None:
    a = stage.aspect
    stage.horizon = 0.55
    draw_sky(stage)
    ridge(stage, 0.55, 0.14, (92, 112, 150), 0.58, 0.12, peaks=4)
    ridge(stage, 0.55, 0.10, (74, 104, 116), 0.42, 0.08)
    treeline(stage, 0.56, 0.07, (62, 100, 84), 0.30)
    if stage.ancient:
        for k in range(2):
            x = a * (0.10 + 0.70 * k + stage.layout.uniform(-0.05, 0.05))
            old_house(stage, x, x + 0.16, 0.56, 0.06, 0.34)
    water(stage, 0.56, 1.0, (98, 138, 158), 0.58)
    stage.veil(0.50, 0.62, stage.light.haze, 0.0, 0.34)
    if not (stage.reading.people and stage.reading.aboard):
        _jetty(stage)
        _quay(stage, 0.845)
    reeds(stage, -0.02, a * 0.16, 1.02, 0.30, (74, 104, 66), count=30)
    reeds(stage, a * 0.91, a + 0.03, 1.02, 0.24, (74, 104, 66), count=24)


def _jetty(stage: Stage) -> None:
    """A plank way that runs from the viewer out over the water."""
    b, a = stage.brush, stage.aspect
    wood, dark = stage.on((132, 104, 82)), stage.on((78, 58, 50))
    left, right, far_left, far_right = a * 0.30, a * 0.86, a * 0.52, a * 0.64
    for k in range(4):
        u = k / 4
        y = 0.74 + 0.26 * u
        xl, xr = far_left + (left - far_left) * (y - 0.74) / 0.26, far_right + (right - far_right) * (y - 0.74) / 0.26
        for x in (xl, xr):
            b.box(x - 0.006 - 0.010 * u, y - 0.06 - 0.05 * u, x + 0.006 + 0.010 * u, y + 0.06, dark)
    b.fill([(far_left, 0.74), (far_right, 0.74), (right, 1.02), (left, 1.02)], wood)
    for k in range(1, 9):
        u = (k / 9) ** 1.6
        y = 0.74 + 0.28 * u
        xl, xr = far_left + (left - far_left) * u, far_right + (right - far_right) * u
        b.fill([(xl, y), (xr, y), (xr, y + 0.003 + 0.006 * u), (xl, y + 0.003 + 0.006 * u)], dark, 190)


def _quay(stage: Stage, top: float) -> None:
    """The landing on which people stand: slabs of stone with a step down to the water, white in snow."""
    a, b, rng = stage.aspect, stage.brush, stage.layout
    stone: RGB = (206, 212, 222) if stage.snowy else (112, 122, 130) if stage.ancient else (142, 140, 136)
    edge, face = stage.on(scaled(stone, 1.12), 0.08), stage.on(scaled(stone, 0.62))
    b.box(-0.1, top - 0.022, a + 0.1, top + 0.004, face)
    b.box(-0.1, top - 0.034, a + 0.1, top - 0.020, stage.on(scaled(stone, 0.9), 0.1))
    stage.band(top, 1.0, stage.on(stone, 0.06), stage.on(scaled(stone, 0.78)))
    b.box(-0.1, top, a + 0.1, top + 0.006, edge)
    middle, joint = a * 0.5, stage.on(scaled(stone, 0.72))
    rows = ((0.03, 0.16), (0.075, 0.24), (0.13, 0.34))
    above = 0.0
    for low, wide in rows:
        b.box(-0.1, top + low, a + 0.1, top + low + 0.003, joint, 190)
        x = -0.4 + rng.uniform(0, wide)
        while x < a + 0.4:
            lean = (x - middle) * 0.05
            b.stroke([(x, top + above), (x + lean, top + low)], 0.0035, joint, taper="none", alpha=190)
            x += wide * rng.uniform(0.8, 1.2)
        above = low
    for _ in range(0 if stage.snowy else 10):
        x, y = rng.uniform(0, a), top + rng.choice((0.03, 0.075, 0.13))
        b.oval(x, y, rng.uniform(0.015, 0.05), 0.004, stage.on((86, 112, 84)), 130)


def lake(stage: Stage) -> None:
    a = stage.aspect
    stage.horizon = 0.52
    draw_sky(stage)
    ridge(stage, 0.52, 0.12, (98, 124, 158), 0.58, 0.09, peaks=3)
    ridge(stage, 0.52, 0.07, (82, 118, 112), 0.42, 0.05)
    treeline(stage, 0.525, 0.05, (66, 106, 82), 0.3)
    if stage.ancient:
        x = a * 0.24
        pagoda(stage, x - 0.04, 0.50, 0.26, 0.45)
        stage.brush.box(a * 0.66, 0.46, a * 0.66 + 0.15, 0.525, stage.on((150, 96, 76), 0.35))
        curved_roof(stage, a * 0.66, a * 0.66 + 0.15, 0.465, 0.05, 0.35)
    water(stage, 0.525, 1.0, (92, 146, 160), 0.62)
    stage.veil(0.47, 0.58, stage.light.haze, 0.0, 0.30)
    for _ in range(26):
        x, y = stage.layout.uniform(0, a), stage.layout.uniform(0.74, 1.0)
        r = 0.02 + 0.05 * (y - 0.72) * 2
        stage.brush.oval(x, y, r * 1.3, r * 0.38, stage.on((78, 130, 90)))
        stage.brush.oval(x, y - r * 0.05, r * 1.1, r * 0.27, stage.on((104, 156, 104)))
        if stage.layout.random() < 0.34:
            for k in (-0.5, 0, 0.5):
                stage.brush.form(
                    [
                        (x + k * r, y - r * 1.5, 1),
                        (x + k * r * 0.6 + r * 0.25, y - r * 0.8),
                        (x, y - r * 0.3),
                        (x + k * r * 0.6 - r * 0.25, y - r * 0.8),
                    ],
                    stage.on((238, 150, 172)),
                )
    reeds(stage, a * 0.84, a + 0.03, 1.02, 0.36, (70, 112, 70), count=30)


def sea(stage: Stage) -> None:
    a = stage.aspect
    stage.horizon = 0.50
    draw_sky(stage)
    ridge(stage, 0.50, 0.03, (110, 136, 166), 0.66, 0.05)
    water(stage, 0.50, 0.80, (58, 140, 182), 0.42)
    sand = [(-0.1, 0.82), (a * 0.3, 0.775), (a * 0.7, 0.80), (a + 0.1, 0.76), (a + 0.1, 1.05), (-0.1, 1.05)]
    for rise, colour, alpha in (
        (0.030, (250, 252, 255), 110),
        (0.016, (255, 255, 255), 220),
        (0.0, (196, 172, 138), 255),
    ):
        stage.brush.form([(x, y - rise if y < 1 else y) for x, y in sand], stage.on(colour), alpha=alpha)
    stage.brush.form([(x, y + 0.045 if y < 1 else y) for x, y in sand], stage.on((232, 210, 170)))
    for k in range(5):
        y = 0.56 + 0.045 * k
        x = stage.take.uniform(0, a)
        stage.brush.stroke([(x - 0.25, y), (x, y - 0.006), (x + 0.25, y)], 0.006, stage.on((250, 252, 255)), alpha=150)
