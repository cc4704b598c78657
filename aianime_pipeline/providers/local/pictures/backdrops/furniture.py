"""What stands in rooms: tables, chairs, shelves, plants, beds, candles."""

import random

from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import RGB, scaled


def table(stage: Stage, x: float, y: float, width: float, height: float, colour: RGB, legs: bool = True) -> None:
    """A table seen a little from above; `y` is its top's middle."""
    b = stage.brush
    deep = width * 0.16
    if legs:
        for dx in (-0.44, 0.44):
            b.box(
                x + dx * width - width * 0.025,
                y,
                x + dx * width + width * 0.025,
                y + height,
                stage.on(scaled(colour, 0.6)),
            )
    b.fill(
        [
            (x - width * 0.44, y - deep),
            (x + width * 0.44, y - deep),
            (x + width * 0.5, y + deep * 0.4),
            (x - width * 0.5, y + deep * 0.4),
        ],
        stage.on(colour),
    )
    b.box(
        x - width * 0.5, y + deep * 0.4, x + width * 0.5, y + deep * 0.4 + height * 0.10, stage.on(scaled(colour, 0.7))
    )


def chair(stage: Stage, x: float, y: float, size: float, colour: RGB) -> None:
    b = stage.brush
    dark = stage.on(scaled(colour, 0.7))
    for dx in (-0.42, 0.42):
        b.box(x + dx * size - size * 0.05, y - size * 0.1, x + dx * size + size * 0.05, y + size * 0.85, dark)
    b.form(
        [
            (x - size * 0.5, y - size * 1.05, 1),
            (x + size * 0.5, y - size * 1.05, 1),
            (x + size * 0.46, y - size * 0.25, 1),
            (x - size * 0.46, y - size * 0.25, 1),
        ],
        stage.on(colour),
    )
    b.fill(
        [
            (x - size * 0.46, y - size * 0.12),
            (x + size * 0.46, y - size * 0.12),
            (x + size * 0.55, y + size * 0.14),
            (x - size * 0.55, y + size * 0.14),
        ],
        stage.on(scaled(colour, 0.9)),
    )


def shelf(stage: Stage, x0: float, y0: float, x1: float, y1: float, colour: RGB, rows: int = 4, seed: int = 0) -> None:
    """Books and jars on boards."""
    b, rng = stage.brush, random.Random(stage.reading.layout + seed)
    b.box(x0, y0, x1, y1, stage.on(scaled(colour, 0.55)))
    for r in range(rows):
        ya, yb = y0 + (y1 - y0) * r / rows, y0 + (y1 - y0) * (r + 1) / rows
        x = x0 + 0.01
        while x < x1 - 0.015:
            w, h = rng.uniform(0.008, 0.018), (yb - ya) * rng.uniform(0.55, 0.82)
            if rng.random() < 0.82:
                b.box(
                    x,
                    yb - h,
                    min(x + w, x1),
                    yb,
                    stage.on(
                        rng.choice(
                            (
                                (150, 70, 62),
                                (70, 100, 130),
                                (190, 160, 100),
                                (90, 116, 84),
                                (206, 196, 176),
                                (96, 76, 110),
                            )
                        )
                    ),
                )
            x += w * 1.06
        b.box(x0, yb - 0.006, x1, yb + 0.006, stage.on(colour))
    for x in (x0, x1):
        b.box(x - 0.007, y0, x + 0.007, y1, stage.on(colour))


def plant(stage: Stage, x: float, base: float, size: float) -> None:
    b = stage.brush
    for dx, dy in ((-0.5, 0.9), (-0.25, 1.25), (0.05, 1.4), (0.3, 1.2), (0.55, 0.85), (-0.65, 0.5), (0.65, 0.5)):
        b.stroke(
            [
                (x, base - size * 0.5),
                (x + dx * size * 0.5, base - size * (0.5 + dy * 0.6)),
                (x + dx * size, base - size * (0.4 + dy)),
            ],
            size * 0.2,
            stage.on((78, 132, 84) if dx < 0.2 else (62, 112, 76)),
        )
    b.form(
        [
            (x - size * 0.32, base - size * 0.6, 1),
            (x + size * 0.32, base - size * 0.6, 1),
            (x + size * 0.24, base, 1),
            (x - size * 0.24, base, 1),
        ],
        stage.on((196, 186, 172)),
    )


def bed(stage: Stage, x0: float, x1: float, y: float, cover: RGB, old: bool) -> None:
    b = stage.brush
    wood = (110, 72, 54) if old else (188, 162, 132)
    b.box(x0 - 0.01, y - 0.15, x0 + 0.03, y + 0.16, stage.on(wood))
    b.form(
        [
            (x0 + 0.01, y, 1),
            (x1 - 0.02, y - 0.005, 1),
            (x1 + 0.06, y + 0.09, 1),
            (x1 + 0.06, y + 0.17, 1),
            (x0 + 0.01, y + 0.17, 1),
        ],
        stage.on(scaled(wood, 0.8)),
    )
    b.form(
        [
            (x0 + 0.02, y - 0.035),
            (x1 - 0.03, y - 0.03),
            (x1 + 0.06, y + 0.06),
            (x1 + 0.05, y + 0.11),
            (x0 + 0.03, y + 0.11),
        ],
        stage.on((236, 232, 226)),
    )
    b.form(
        [
            (x0 + 0.16, y - 0.045),
            (x1 - 0.03, y - 0.035),
            (x1 + 0.065, y + 0.07),
            (x1 + 0.06, y + 0.14),
            (x0 + 0.20, y + 0.13),
        ],
        stage.on(cover),
    )
    b.form(
        [(x0 + 0.03, y - 0.07), (x0 + 0.13, y - 0.075), (x0 + 0.15, y - 0.01), (x0 + 0.04, y + 0.0)],
        stage.on((250, 248, 244)),
    )


def candle_stand(stage: Stage, x: float, base: float, size: float) -> None:
    b = stage.brush
    b.box(x - size * 0.05, base - size, x + size * 0.05, base, stage.on((126, 92, 58)))
    b.oval(x, base, size * 0.25, size * 0.06, stage.on((126, 92, 58)))
    b.box(x - size * 0.07, base - size * 1.3, x + size * 0.07, base - size, (240, 228, 206))
    lit = stage.light.lamps_lit or stage.reading.hour != "day"
    if lit:
        b.form(
            [
                (x, base - size * 1.62, 1),
                (x + size * 0.07, base - size * 1.42),
                (x, base - size * 1.3),
                (x - size * 0.07, base - size * 1.42),
            ],
            (255, 226, 140),
        )
        stage.lamp(x, base - size * 1.42, max(0.22, size * 3.4), 0.85, (255, 178, 92))
