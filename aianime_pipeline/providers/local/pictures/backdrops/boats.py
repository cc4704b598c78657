"""On board: the deck of a small covered boat on open water, and the inside of its canopy."""

import math
from itertools import pairwise

from aianime_pipeline.providers.local.pictures.backdrops.buildings import lantern
from aianime_pipeline.providers.local.pictures.backdrops.sky import draw_sky
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.backdrops.terrain import ridge, treeline
from aianime_pipeline.providers.local.pictures.backdrops.waters import water
from aianime_pipeline.providers.local.pictures.colours import RGB, scaled

PLANK: RGB = (128, 98, 76)
MAT: RGB = (112, 92, 68)


def boat_deck(stage: Stage) -> None:
    """Planks run to the bow; the mouth of the canopy stands at one side."""
    a, b = stage.aspect, stage.brush
    stage.horizon = 0.50
    draw_sky(stage)
    ridge(stage, 0.50, 0.08, (84, 106, 140), 0.62, 0.10, peaks=3)
    treeline(stage, 0.505, 0.035, (62, 96, 88), 0.5)
    for _ in range(7):
        x = stage.layout.uniform(0.05, 0.95) * a
        if stage.light.lamps_lit:
            stage.lamp(x, 0.502, 0.03, 0.6)
            b.oval(x, 0.502, 0.003, 0.003, stage.light.lamp)
    water(stage, 0.51, 1.0, (82, 126, 150), 0.60)
    stage.veil(0.46, 0.58, stage.light.haze, 0.0, 0.34)
    bow, foot = 0.70, 1.04
    middle = a * (0.5 + 0.04 * stage.light.side)
    left, right = middle - a * 0.52, middle + a * 0.52
    hull = b.form(
        [(middle, bow - 0.05, 1), (middle + a * 0.16, bow + 0.02), (middle + a * 0.40, 0.84), (right, foot, 1),
            (left, foot, 1), (middle - a * 0.40, 0.84), (middle - a * 0.16, bow + 0.02)],
        stage.on(PLANK),
    )  # fmt: skip
    for k in range(-7, 8):
        line = [(middle + a * 0.012 * k, bow), (middle + a * 0.085 * k, foot)]
        b.within(hull, _strip(line, 0.004), stage.on(scaled(PLANK, 0.6)), 200)
    for y in (0.775, 0.86, 0.97):
        b.within(hull, [(-1, y), (a + 1, y), (a + 1, y + 0.012), (-1, y + 0.012)], stage.on(scaled(PLANK, 0.7)), 190)
    b.outline(hull, 0.018, stage.on(scaled(PLANK, 0.5)))
    b.outline(hull, 0.008, stage.on(scaled(PLANK, 1.2)))
    _mouth(stage, a * 0.93 if stage.layout.random() < 0.5 else a * 0.07)


def _strip(line: list[tuple[float, float]], half: float) -> list[tuple[float, float]]:
    (x0, y0), (x1, y1) = line
    return [(x0 - half * 0.4, y0), (x0 + half * 0.4, y0), (x1 + half, y1), (x1 - half, y1)]


def _mouth(stage: Stage, x: float) -> None:
    """The open end of the canopy, half out of the picture, with a lantern inside."""
    b = stage.brush
    wide = min(0.40, stage.aspect * 0.24)
    for grow, colour in ((1.0, MAT), (0.86, scaled(MAT, 0.36))):
        w, top = wide * grow, 0.98 - 0.62 * grow
        b.form(
            [(x - w, 1.1, 1), (x - w, 0.74), (x - w * 0.72, top + 0.10), (x, top), (x + w * 0.72, top + 0.10),
                (x + w, 0.74), (x + w, 1.1, 1)],
            stage.on(colour),
        )  # fmt: skip
    for k in range(9):
        u = math.pi * (k + 0.5) / 9
        inner, outer = (
            (x - math.cos(u) * wide * across, 0.78 - math.sin(u) * up) for across, up in ((0.862, 0.335), (1.0, 0.40))
        )
        b.stroke([inner, outer], 0.006, stage.on(scaled(MAT, 0.62)), taper="none")
    lantern(stage, x + wide * (-0.4 if x > stage.aspect / 2 else 0.4), 0.56, 0.032)


def boat_cabin(stage: Stage) -> None:
    """Under the bamboo canopy: ribs, mats, hanging tablets, and the water through its open end."""
    a, b = stage.aspect, stage.brush
    stage.horizon = 0.60
    draw_sky(stage)
    ridge(stage, 0.58, 0.06, (84, 106, 140), 0.6, 0.08, peaks=3)
    water(stage, 0.58, 0.74, (82, 126, 150), 0.6)
    middle, inner = a * 0.5, min(0.44, a * 0.30)
    _ceiling(stage, middle, inner)
    floor = stage.on(scaled(PLANK, 0.92))
    b.fill([(middle - inner, 0.72), (middle + inner, 0.72), (a + 0.3, 1.1), (-0.3, 1.1)], floor)
    for k in range(-6, 7):
        seam = [(middle + inner * k / 6, 0.72), (middle + (a * 0.5 + 0.3) * k / 6, 1.08)]
        b.stroke(seam, 0.004, stage.on(scaled(PLANK, 0.6)), taper="none")
    mat = stage.on((150, 132, 88))
    b.fill(
        [
            (middle - inner * 0.7, 0.80),
            (middle + inner * 0.7, 0.80),
            (middle + a * 0.34, 1.02),
            (middle - a * 0.34, 1.02),
        ],
        mat,
        210,
    )
    for k in range(6):
        y = 0.81 + 0.036 * k
        b.stroke([(middle - a * 0.33, y), (middle + a * 0.33, y)], 0.003, scaled(mat, 0.8), taper="none", alpha=110)
    _tablets(stage, middle, inner)
    lantern(stage, middle + inner * 0.55 * stage.light.side, 0.30, 0.04)


def _ceiling(stage: Stage, middle: float, inner: float) -> None:
    """Ribs of the arch from the far end to the viewer, with woven mats between them."""
    a, b = stage.aspect, stage.brush
    rings = 6
    for k in range(rings):
        near, far = 1 - k / rings, 1 - (k + 1) / rings
        outer, hole = _arch(stage, middle, inner, near), _arch(stage, middle, inner, far)
        tone = scaled(MAT, 0.62 + 0.30 * (k / rings) + (0.06 if k % 2 else 0.0))
        b.fill([*outer, *reversed(hole)], stage.on(tone))
        for i in range(0, len(hole) - 1, 2):
            b.stroke([outer[i], hole[i]], 0.004, stage.on(scaled(tone, 0.78)), taper="none", alpha=150)
        for p, q in pairwise(hole):
            b.stroke([p, q], 0.008 + 0.012 * far, stage.on(scaled((120, 86, 58), 0.9)), taper="none")
    # Beyond the first ring there is only the dark of the mats.
    first = _arch(stage, middle, inner, 1.0)
    dark = stage.on(scaled(MAT, 0.55))
    b.fill([(-0.4, 1.1), (-0.4, -0.4), (a + 0.4, -0.4), (a + 0.4, 1.1), first[-1], *reversed(first), first[0]], dark)


def _arch(stage: Stage, middle: float, inner: float, near: float) -> list[tuple[float, float]]:
    half = inner + (stage.aspect * 0.5 + 0.25 - inner) * near
    foot, top = 0.72 + 0.36 * near, 0.22 - 0.42 * near
    points = []
    for i in range(17):
        u = math.pi * i / 16
        points.append((middle - math.cos(u) * half, foot - math.sin(u) ** 0.8 * (foot - top)))
    return points


def _tablets(stage: Stage, middle: float, inner: float) -> None:
    """Name tablets in rows on cords, thicker towards the sides."""
    rng, b = stage.layout, stage.brush
    for row, (near, size) in enumerate(((0.25, 0.030), (0.55, 0.046))):
        half = inner + (stage.aspect * 0.5 - inner) * near
        for k in range(9):
            u = (k + rng.uniform(0.2, 0.8)) / 9 * 2 - 1
            if abs(u) < 0.24:
                continue
            x = middle + u * half * 0.92
            top = 0.20 - 0.26 * near + 0.16 * u * u
            low = top + rng.uniform(0.07, 0.17)
            b.stroke([(x, top), (x, low)], 0.003, stage.on((150, 70, 60)), taper="none")
            wood = scaled((176, 138, 96), rng.uniform(0.72, 1.05) * (1 - 0.12 * row))
            b.box(x - size * 0.45, low, x + size * 0.45, low + size * 1.7, stage.on(wood))
            b.box(x - size * 0.08, low + size * 0.35, x + size * 0.10, low + size * 1.3, stage.on(scaled(wood, 0.4)))
