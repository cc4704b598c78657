"""Large old places inside: hall, palace, cave."""

from aianime_pipeline.providers.local.pictures.backdrops import furniture, rooms
from aianime_pipeline.providers.local.pictures.backdrops.buildings import lantern, lattice
from aianime_pipeline.providers.local.pictures.backdrops.interiors_old import TIMBER
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import mix, scaled
from aianime_pipeline.providers.local.pictures.shapes import smooth


def hall(stage: Stage) -> None:
    """An old inn or hall: posts, beams, lanterns, tables."""
    a, b = stage.aspect, stage.brush
    far = rooms.shell(stage, (190, 160, 124), (130, 94, 70), (96, 66, 52), 0.20, 0.20, 0.14, 0.64)
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (130, 94, 70))
    for k in range(3):
        w = (x1 - x0) / 3
        lattice(stage, x0 + w * k + w * 0.12, y0 + 0.10, x0 + w * (k + 1) - w * 0.12, y1 - 0.12, 0.06)
    b.box(x0, y0 + 0.035, x1, y0 + 0.07, stage.on(TIMBER))
    for side in (-1, 1):
        for u, w in ((0.25, 0.016), (0.55, 0.026), (0.93, 0.042)):
            x = a * 0.5 + side * ((x1 - x0) / 2 + u * (a * 0.5 - (x1 - x0) / 2))
            b.box(x - w, -0.1, x + w, y1 + 0.04 + 0.30 * u, stage.on(scaled((146, 62, 50), 1 - 0.25 * u)))
            b.box(x - w * 1.4, y1 + 0.02 + 0.30 * u, x + w * 1.4, y1 + 0.06 + 0.32 * u, stage.on((120, 116, 114)))
    for x, y, w in ((0.32, 0.72, 0.24), (0.67, 0.73, 0.26)):
        for dx in (-0.7, 0.7):
            furniture.chair(stage, a * x + dx * w, y + 0.02, 0.07, (100, 64, 50))
        furniture.table(stage, a * x, y, w, 0.12, (128, 82, 60))
        b.form(
            [(a * x - 0.02, y - 0.06), (a * x + 0.015, y - 0.06), (a * x + 0.025, y - 0.02), (a * x - 0.03, y - 0.02)],
            stage.on((210, 204, 190)),
        )
    for k in range(4):
        lantern(stage, x0 + (x1 - x0) * (k + 0.5) / 4, y0 - 0.03, 0.030)
    for side in (-1, 1):
        lantern(stage, a * 0.5 + side * a * 0.33, 0.0, 0.045)


def palace(stage: Stage) -> None:
    a, b = stage.aspect, stage.brush
    far = rooms.shell(stage, (150, 62, 52), (120, 74, 62), (74, 62, 84), 0.24, 0.24, 0.08, 0.60)
    x0, y0, x1, y1 = far
    mid = a * 0.5
    b.fade_within(
        [(mid - 0.14, y1), (mid + 0.14, y1), (mid + 0.5, 1.1), (mid - 0.5, 1.1)],
        None,
        stage.on((168, 44, 48)),
        stage.on((128, 34, 42)),
    )
    for side in (-1, 1):
        b.fill(
            [(mid + side * 0.125, y1), (mid + side * 0.14, y1), (mid + side * 0.5, 1.1), (mid + side * 0.44, 1.1)],
            stage.on((210, 170, 92)),
        )
    b.box(mid - 0.26, y0 + 0.06, mid + 0.26, y1, stage.on((206, 164, 88)))
    b.fade_within(
        [(mid - 0.24, y0 + 0.08), (mid + 0.24, y0 + 0.08), (mid + 0.24, y1), (mid - 0.24, y1)],
        None,
        stage.on((176, 124, 62)),
        stage.on((226, 188, 112)),
    )
    for r in range(4):
        for k in range(5):
            b.oval(mid - 0.20 + 0.10 * k, y0 + 0.13 + 0.10 * r, 0.035, 0.028, stage.on((196, 148, 76)))
    for k in range(4):
        b.box(
            mid - 0.22 - 0.035 * k,
            y1 - 0.07 + 0.025 * k,
            mid + 0.22 + 0.035 * k,
            y1 - 0.045 + 0.025 * k,
            stage.on(scaled((214, 196, 170), 1 - 0.07 * k)),
        )
    b.form(
        [
            (mid - 0.09, y1 - 0.06, 1),
            (mid - 0.10, y1 - 0.26),
            (mid, y1 - 0.33),
            (mid + 0.10, y1 - 0.26),
            (mid + 0.09, y1 - 0.06, 1),
        ],
        stage.on((222, 176, 82)),
        line=0.006,
    )
    b.box(mid - 0.07, y1 - 0.20, mid + 0.07, y1 - 0.07, stage.on((156, 40, 46)))
    for side in (-1, 1):
        for u, w in ((0.0, 0.020), (0.28, 0.030), (0.62, 0.044), (1.0, 0.062)):
            x = mid + side * ((x1 - x0) / 2 + u * (a * 0.5 - (x1 - x0) / 2) * 0.96)
            base = y1 + 0.02 + 0.30 * u
            b.box(x - w, -0.1, x + w, base, stage.on((176, 56, 48)))
            b.box(
                x + (-w if stage.light.side > 0 else w * 0.3),
                -0.1,
                x + (-w * 0.3 if stage.light.side > 0 else w),
                base,
                stage.on((116, 34, 40)),
            )
            b.box(x - w * 1.35, base - 0.035, x + w * 1.35, base + 0.012, stage.on((210, 172, 96)))
            b.box(x - w * 1.2, 0.09, x + w * 1.2, 0.12, stage.on((210, 172, 96)))
        furniture.candle_stand(stage, mid + side * 0.34, y1 + 0.06, 0.12)
    b.box(-0.1, -0.1, a + 0.1, 0.035, stage.on((58, 92, 112)))
    b.box(-0.1, 0.035, a + 0.1, 0.05, stage.on((210, 172, 96)))


def cave(stage: Stage) -> None:
    a, b, rng = stage.aspect, stage.brush, stage.layout
    stage.horizon = 0.64
    _, middle, base = stage.light.sky
    stage.band(0.0, 1.0, stage.on((52, 52, 70)), stage.on((70, 64, 76)))
    cx, cy = a * (0.5 + stage.light.side * 0.10), 0.44
    opening = (
        (1, 0),
        (0.75, 0.6),
        (0.6, 1.0),
        (-0.6, 1.0),
        (-0.8, 0.5),
        (-1, -0.1),
        (-0.6, -0.8),
        (0, -1),
        (0.7, -0.75),
    )
    for k in range(6, 0, -1):
        r = 0.10 + 0.085 * k
        ring = smooth(
            [
                (cx + r * u * 1.15 * (1 + rng.uniform(-0.08, 0.08)), cy + r * v * 0.78 * (1 + rng.uniform(-0.08, 0.08)))
                for u, v in opening
            ]
        )
        b.fill(ring, mix(stage.on((58, 56, 74)), stage.light.haze, 0.62 - 0.10 * k))
    hole = smooth([(cx + 0.15 * u, cy + 0.19 * v) for u, v in opening])
    b.fade_within(hole, None, middle, base)
    stage.lamp(cx, cy, 0.62, 0.55, stage.light.key)
    floor = smooth(
        [
            (-0.1, 0.78),
            (a * 0.3, 0.70),
            (cx, 0.63),
            (a * 0.75, 0.70),
            (a + 0.1, 0.80),
            (a + 0.1, 1.1, 1),
            (-0.1, 1.1, 1),
        ]
    )
    b.fade_within(floor, None, mix(stage.on((110, 104, 112)), stage.light.haze, 0.3), stage.on((62, 58, 70)))
    b.fade_within(
        [(cx - 0.08, 0.62), (cx + 0.08, 0.62), (cx + 0.42, 1.05), (cx - 0.42, 1.05)],
        None,
        stage.light.key,
        stage.light.key,
        84,
        8,
    )
    for k in range(16):
        x, h, w = a * (k + rng.random()) / 16, rng.uniform(0.08, 0.30), rng.uniform(0.02, 0.05)
        h *= 0.5 + abs(x / a - 0.5) * 1.5
        b.form(
            [(x - w, -0.05, 1), (x + w, -0.05, 1), (x + w * 0.3, h * 0.6), (x, h, 1), (x - w * 0.3, h * 0.6)],
            stage.on(scaled((58, 54, 70), rng.uniform(0.75, 1.1))),
        )
    for side in (-1, 1):
        edge = a * 0.5 + side * a * 0.5
        b.form(
            [
                (edge + side * 0.1, -0.1, 1),
                (edge - side * 0.16, -0.1),
                (edge - side * 0.07, 0.3),
                (edge - side * 0.12, 0.6),
                (edge - side * 0.20, 0.9),
                (edge - side * 0.3, 1.1, 1),
                (edge + side * 0.1, 1.1, 1),
            ],
            stage.on((36, 34, 48)),
        )
    stage.brush.stroke([(a * 0.2, 0.80), (a * 0.2, 0.62)], 0.014, stage.on((92, 66, 52)), taper="none")
    b.form([(a * 0.2, 0.53, 1), (a * 0.2 + 0.022, 0.60), (a * 0.2, 0.635), (a * 0.2 - 0.022, 0.60)], (255, 190, 90))
    stage.lamp(a * 0.2, 0.59, 0.42, 0.95, (255, 150, 70))
