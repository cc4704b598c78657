"""Old places out of doors: street, market, village, and their paving."""

from aianime_pipeline.providers.local.pictures.backdrops.buildings import (
    lantern,
    old_house,
    pagoda,
)
from aianime_pipeline.providers.local.pictures.backdrops.sky import draw_sky
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.backdrops.terrain import ridge, tree, treeline
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
