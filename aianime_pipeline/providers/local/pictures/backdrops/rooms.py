"""The shell of a room: its faces, floor boards, windows with the sky outside, curtains, hanging lamps."""

import random

from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import RGB, mix, scaled
from aianime_pipeline.providers.local.pictures.shapes import smooth


def shell(
    stage: Stage,
    wall: RGB,
    floor: RGB,
    ceiling: RGB,
    left: float = 0.14,
    right: float = 0.14,
    top: float = 0.10,
    bottom: float = 0.68,
) -> tuple[float, float, float, float]:
    """Five faces of a room in one-point perspective; returns the far wall as x0, y0, x1, y1."""
    a, b = stage.aspect, stage.brush
    stage.horizon = bottom
    x0, x1 = a * left, a * (1 - right)
    b.box(-0.1, -0.1, a + 0.1, 1.1, stage.on(wall))
    b.fill([(-0.1, -0.1), (a + 0.1, -0.1), (x1, top), (x0, top)], stage.on(scaled(ceiling, 0.92)))
    b.fade_within(
        [(x0, bottom), (x1, bottom), (a + 0.2, 1.1), (-0.2, 1.1)],
        None,
        stage.on(scaled(floor, 1.06)),
        stage.on(scaled(floor, 0.76)),
    )
    for side in (-1, 1):
        edge, out = (x0, -0.2) if side < 0 else (x1, a + 0.2)
        dim = 0.80 if side == stage.light.side else 0.90
        b.fill([(edge, top), (out, -0.1), (out, 1.1), (edge, bottom)], stage.on(scaled(wall, dim)))
    b.fade_within(
        [(x0, top), (x1, top), (x1, bottom), (x0, bottom)], None, stage.on(scaled(wall, 0.94)), stage.on(wall)
    )
    trim = stage.on(scaled(wall, 0.66))
    for line in (
        [(x0, top), (x1, top)],
        [(x0, bottom), (x1, bottom)],
        [(x0, top), (x0, bottom)],
        [(x1, top), (x1, bottom)],
    ):
        b.stroke(line, 0.006, trim, taper="none")
    return x0, top, x1, bottom


def boards(stage: Stage, far: tuple[float, float, float, float], colour: RGB) -> None:
    """Lines of a wooden or tiled floor."""
    x0, _, x1, bottom = far
    a, b = stage.aspect, stage.brush
    line = stage.on(scaled(colour, 0.66))
    for k in range(13):
        u = k / 12
        b.stroke(
            [(x0 + (x1 - x0) * u, bottom), (-0.2 + (a + 0.4) * u, 1.1)], 0.004, line, taper="none", alpha=130, steps=2
        )
    for k in range(1, 6):
        u = (k / 6) ** 1.8
        b.box(-0.2, bottom + (1.05 - bottom) * u, a + 0.2, bottom + (1.05 - bottom) * u + 0.003, line, 100)


def window(stage: Stage, x0: float, y0: float, x1: float, y1: float, panes: int = 2, view: str = "city") -> None:
    """A glass window with the sky and what is outside, and its light on the floor by day."""
    b, rng = stage.brush, random.Random(stage.reading.layout % 7919)
    top, middle, base = stage.light.sky
    b.fade_within([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], None, mix(top, middle, 0.6), base)
    clip = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    x = x0
    while x < x1:
        w = (x1 - x0) * rng.uniform(0.08, 0.18)
        h = (y1 - y0) * rng.uniform(0.2, 0.55)
        if view == "city":
            shape = [(x, y1), (x, y1 - h), (x + w, y1 - h), (x + w, y1)]
        else:
            shape = smooth([(x - w * 0.4, y1), (x, y1 - h * 0.6), (x + w * 0.6, y1 - h * 0.75), (x + w * 1.4, y1)])
        outside: RGB = (96, 110, 136) if view == "city" else (84, 122, 92)
        b.within(clip, shape, mix(stage.on(outside), base, 0.35))
        if view == "city" and stage.light.lamps_lit:
            for i in range(4):
                b.within(
                    clip,
                    [
                        (x + w * 0.2, y1 - h * (0.85 - 0.2 * i)),
                        (x + w * 0.7, y1 - h * (0.85 - 0.2 * i)),
                        (x + w * 0.7, y1 - h * (0.78 - 0.2 * i)),
                        (x + w * 0.2, y1 - h * (0.78 - 0.2 * i)),
                    ],
                    (255, 220, 150),
                    200,
                )
        x += w * (1.05 if view == "city" else 0.8)
    frame = stage.on((232, 230, 226) if not stage.ancient else (92, 62, 50))
    t = 0.008
    for k in range(panes + 1):
        px = x0 + (x1 - x0) * k / panes
        b.box(px - t, y0, px + t, y1, frame)
    for py in (y0, y1, y0 + (y1 - y0) * 0.34):
        b.box(x0 - t, py - t, x1 + t, py + t, frame)
    b.box(x0 - 0.02, y1, x1 + 0.02, y1 + 0.016, scaled(frame, 0.85))
    if not stage.night:
        stage.lamp((x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) * 0.95, 0.34, stage.light.key)
        slant = -stage.light.side * 0.22
        floor = [
            (x0 + slant, stage.horizon + 0.06),
            (x1 + slant, stage.horizon + 0.06),
            (x1 + slant * 2.2 + 0.05, 0.97),
            (x0 + slant * 2.2 - 0.10, 0.97),
        ]
        b.fade_within(floor, None, stage.light.key, stage.light.key, 105, 26)
        beam = [(x0, y0), (x1, y0), (x1 + slant * 2.2, 1.0), (x0 + slant * 2.2, 1.0)]
        b.fade_within(beam, None, stage.light.key, stage.light.key, 34, 4)
    else:
        b.fade_within(
            [
                (x0 - 0.05, stage.horizon + 0.05),
                (x1 - 0.05, stage.horizon + 0.05),
                (x1 - 0.16, 0.95),
                (x0 - 0.26, 0.95),
            ],
            None,
            (150, 180, 240),
            (150, 180, 240),
            44,
            6,
        )


def curtains(stage: Stage, x0: float, x1: float, y0: float, y1: float, colour: RGB) -> None:
    b = stage.brush
    for side, edge in ((1, x0), (-1, x1)):
        for k in range(3):
            x = edge - side * 0.035 + side * 0.030 * k
            b.form(
                [
                    (x - 0.02, y0 - 0.03, 1),
                    (x + 0.02, y0 - 0.03, 1),
                    (x + 0.018, (y0 + y1) / 2),
                    (x + 0.024, y1 + 0.05, 1),
                    (x - 0.024, y1 + 0.05, 1),
                    (x - 0.018, (y0 + y1) / 2),
                ],
                stage.on(scaled(colour, (1.0, 0.84, 0.95)[k])),
            )


def pendant_lamp(stage: Stage, x: float, y: float, size: float = 0.05) -> None:
    b = stage.brush
    b.stroke([(x, -0.02), (x, y - size)], 0.004, stage.on((60, 56, 60)), taper="none")
    b.form(
        [(x - size * 0.3, y - size, 1), (x + size * 0.3, y - size, 1), (x + size, y, 1), (x - size, y, 1)],
        stage.on((74, 78, 88)),
    )
    if stage.light.lamps_lit:
        b.oval(x, y, size * 0.7, size * 0.22, (255, 240, 204))
        stage.lamp(x, y + size * 0.4, size * 7, 0.75)
    else:
        b.oval(x, y, size * 0.7, size * 0.18, stage.on((240, 236, 220)))
