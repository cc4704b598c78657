"""Land and growth: ridges, trees, bamboo, reeds, rocks."""

import math
import random
from itertools import pairwise

from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import RGB, mix, scaled
from aianime_pipeline.providers.local.pictures.shapes import Point


def noise_line(rng: random.Random, start: float, end: float, roughness: float, depth: int = 6) -> list[Point]:
    """A mountain line by midpoint displacement, heights around 0, at most about ±`roughness`."""
    heights = [rng.uniform(-1, 1) * roughness * 0.5, rng.uniform(-1, 1) * roughness * 0.5]
    step = roughness
    for _ in range(depth):
        finer: list[float] = []
        for a, b in pairwise(heights):
            finer.extend((a, (a + b) / 2 + rng.uniform(-1, 1) * step * 0.5))
        heights = [*finer, heights[-1]]
        step *= 0.52
    n = len(heights) - 1
    return [(start + (end - start) * i / n, h) for i, h in enumerate(heights)]


def ridge(
    stage: Stage,
    base: float,
    height: float,
    colour: RGB,
    depth: float,
    roughness: float = 0.09,
    detail: int = 6,
    snow: bool = False,
    peaks: int = 0,
) -> None:
    """A range of hills whose feet stand at `base`, veiled towards its feet; `peaks` of them stand out."""
    line = [(x, base - height + y) for x, y in noise_line(stage.layout, -0.1, stage.aspect + 0.1, roughness, detail)]
    tops = [
        (
            stage.layout.uniform(-0.05, 1.05) * stage.aspect,
            stage.layout.uniform(0.6, 1.2) * height,
            stage.layout.uniform(0.14, 0.26),
        )
        for _ in range(peaks)
    ]
    line = [
        (x, y - max((max(0.0, 1 - abs(x - px) / w) ** 1.25 * rise for px, rise, w in tops), default=0.0))
        for x, y in line
    ]
    paint = stage.on(colour, depth)
    body = [*line, (stage.aspect + 0.1, base + 0.02), (-0.1, base + 0.02)]
    stage.brush.fade_within(body, None, paint, mix(paint, stage.light.haze, 0.55))
    if snow:
        cap = [(x, y - 0.002) for x, y in line] + [
            (x, y + 0.03 + 0.025 * math.sin(x * 70) * math.sin(x * 31)) for x, y in reversed(line)
        ]
        stage.brush.fill(cap, stage.on((240, 245, 252), depth * 0.55))


def treeline(stage: Stage, base: float, height: float, colour: RGB, depth: float) -> None:
    """Distant wood: a bumpy band of crowns."""
    rng, paint = stage.layout, stage.on(seasonal(stage, colour), depth)
    light = stage.on(mix(seasonal(stage, colour), (255, 250, 220), 0.18), depth)
    x = -0.05
    crowns = []
    while x < stage.aspect + 0.05:
        r = height * rng.uniform(0.28, 0.52)
        crowns.append((x, base - height * rng.uniform(0.35, 0.75), r))
        x += r * rng.uniform(0.6, 1.0)
    stage.brush.box(-0.1, base - height * 0.45, stage.aspect + 0.1, base + 0.01, paint)
    for cx, cy, r in crowns:
        stage.brush.oval(cx, cy, r, r * 0.95, paint)
    for cx, cy, r in crowns:
        stage.brush.oval(cx + stage.light.side * r * 0.25, cy - r * 0.35, r * 0.55, r * 0.42, light, 120)


def seasonal(stage: Stage, colour: RGB) -> RGB:
    if stage.snowy:
        return mix(colour, (226, 234, 244), 0.55)
    if "leaves" in stage.reading.weather:
        return mix(colour, (206, 116, 52), 0.7)
    if "petals" in stage.reading.weather:
        return mix(colour, (244, 170, 190), 0.75)
    return colour


def pine(stage: Stage, x: float, base: float, height: float, colour: RGB, depth: float) -> None:
    paint = stage.on(colour, depth)
    stage.brush.box(x - height * 0.02, base - height * 0.2, x + height * 0.02, base, stage.on((74, 56, 48), depth))
    for k in range(5):
        y, w = base - height * (0.14 + 0.17 * k), height * (0.24 - 0.04 * k)
        stage.brush.fill(
            [
                (x - w, y),
                (x, y - height * 0.30),
                (x + w, y),
                (x + w * 0.4, y - 0.02 * height),
                (x, y + 0.01),
                (x - w * 0.4, y - 0.02 * height),
            ],
            paint,
        )
        if stage.snowy:
            stage.brush.fill(
                [
                    (x - w * 0.5, y - height * 0.12),
                    (x, y - height * 0.30),
                    (x + w * 0.5, y - height * 0.12),
                    (x, y - height * 0.16),
                ],
                stage.on((238, 243, 252), depth),
            )


def tree(stage: Stage, x: float, base: float, height: float, depth: float, colour: RGB = (70, 112, 70)) -> None:
    """A leafy tree: trunk, boughs, three tones of leaves."""
    rng = stage.layout
    leaf = seasonal(stage, colour)
    bark = stage.on((70, 54, 48), depth)
    b = stage.brush
    w = height * 0.045
    b.form(
        [
            (x - w, base, 1),
            (x - w * 0.6, base - height * 0.3),
            (x - w * 0.4, base - height * 0.62),
            (x + w * 0.4, base - height * 0.62),
            (x + w * 0.6, base - height * 0.3),
            (x + w, base, 1),
        ],
        bark,
    )
    for dx, dy in ((-0.24, 0.66), (0.22, 0.70), (0.05, 0.82)):
        b.stroke(
            [
                (x, base - height * 0.42),
                (x + dx * height * 0.5, base - height * 0.56),
                (x + dx * height, base - height * dy),
            ],
            w * 1.1,
            bark,
            taper="end",
        )
    blobs = [
        (x + rng.gauss(0, 0.17) * height, base - height * rng.uniform(0.55, 1.0), height * rng.uniform(0.10, 0.19))
        for _ in range(16)
    ]
    side = stage.light.side
    for tone, dx, dy, grow in (
        (scaled(leaf, 0.62), 0.0, 0.05, 1.0),
        (leaf, side * 0.18, -0.08, 0.86),
        (mix(leaf, (255, 246, 200), 0.28), side * 0.34, -0.34, 0.46),
    ):
        paint = stage.on(tone, depth)
        for cx, cy, r in blobs:
            b.oval(cx + dx * r, cy + dy * r, r * grow, r * grow * 0.84, paint)


def bamboo(stage: Stage, x: float, base: float, height: float, width: float, depth: float) -> None:
    rng, b = stage.layout, stage.brush
    stalk, dark, leaf = stage.on((112, 152, 84), depth), stage.on((62, 96, 58), depth), stage.on((86, 134, 72), depth)
    lean = rng.uniform(-0.03, 0.03)
    n = max(4, round(height / (width * 9)))
    for k in range(n):
        y0, y1 = base - height * k / n, base - height * (k + 1) / n
        x0, x1 = x + lean * k / n, x + lean * (k + 1) / n
        b.fill(
            [(x0 - width, y0), (x0 + width, y0), (x1 + width, y1 + width * 0.3), (x1 - width, y1 + width * 0.3)], stalk
        )
        b.fill([(x0 - width, y0), (x0 - width * 0.2, y0), (x1 - width * 0.2, y1), (x1 - width, y1)], dark, 130)
        b.box(x1 - width * 1.15, y1 - width * 0.18, x1 + width * 1.15, y1 + width * 0.22, dark)
    for _ in range(round(10 * height)):
        y = base - height * rng.uniform(0.35, 1.0)
        side = rng.choice((-1, 1))
        for _ in range(3):
            length, drop = width * rng.uniform(5, 10), rng.uniform(0.0, 0.6)
            x0 = x + side * width * rng.uniform(1, 5)
            b.stroke(
                [(x0, y), (x0 + side * length * 0.5, y + length * drop * 0.3), (x0 + side * length, y + length * drop)],
                width * 1.1,
                leaf,
                steps=4,
            )


def reeds(
    stage: Stage, x0: float, x1: float, base: float, height: float, colour: RGB, depth: float = 0.0, count: int = 40
) -> None:
    rng, paint = stage.layout, stage.on(seasonal(stage, colour), depth)
    for _ in range(count):
        x, h = rng.uniform(x0, x1), height * rng.uniform(0.4, 1.0)
        bend = rng.uniform(-0.3, 0.45) * h
        stage.brush.stroke(
            [(x, base), (x + bend * 0.3, base - h * 0.6), (x + bend, base - h)], 0.008, paint, taper="end", steps=4
        )


def rock(stage: Stage, x: float, base: float, size: float, depth: float, colour: RGB = (104, 104, 112)) -> None:
    rng, b = stage.layout, stage.brush
    body = b.form(
        [
            (x - size, base),
            (x - size * 0.8, base - size * rng.uniform(0.35, 0.6)),
            (x - size * 0.2, base - size * rng.uniform(0.6, 0.9)),
            (x + size * 0.5, base - size * rng.uniform(0.5, 0.75)),
            (x + size, base),
        ],
        stage.on(colour, depth),
        steps=3,
    )
    side = stage.light.side
    b.within(
        body,
        [
            (x - side * size * 1.2, base - size),
            (x - side * size * 0.1, base - size),
            (x + side * size * 0.1, base),
            (x - side * size * 1.2, base),
        ],
        stage.on(scaled(colour, 0.68), depth),
    )
    if stage.snowy:
        b.within(
            body,
            [
                (x - size, base - size),
                (x + size, base - size),
                (x + size, base - size * 0.55),
                (x, base - size * 0.5),
                (x - size, base - size * 0.45),
            ],
            stage.on((240, 244, 252), depth),
        )
