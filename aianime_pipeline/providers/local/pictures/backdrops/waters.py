"""Water: its mirror, ripples, glints and the path of light under moon and sun."""

import numpy as np
from PIL import Image

from aianime_pipeline.providers.local.pictures.backdrops.sky import disc_place
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import RGB, mix, scaled


def water(stage: Stage, top: float, bottom: float, tint: RGB, mirror: float = 0.55) -> None:
    """Water that mirrors what stands above `top`, rippled, with glints under the main light."""
    sheet, unit = stage.brush.sheet, stage.brush.unit
    y0, y1 = round(top * unit), min(sheet.height, round(bottom * unit))
    if y1 - y0 < 4 or y0 < 4:
        return
    size = (sheet.width, y1 - y0)
    above = sheet.colour.crop((0, max(0, y0 - round((y1 - y0) * 1.1)), sheet.width, y0))
    flipped = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    pixels = np.asarray(flipped)
    rows = np.arange(size[1])
    share = rows / size[1]
    phase = stage.take.uniform(0, 6.28)
    waves = np.sin(rows / unit * 190 / (0.35 + share * 1.6) + phase) * (0.001 + 0.007 * share) * unit
    columns = np.arange(size[0])
    rippled = np.empty_like(pixels)
    for y in range(size[1]):
        rippled[y] = pixels[y][np.clip(columns + round(float(waves[y])), 0, size[0] - 1)]
    near, far = stage.on(scaled(tint, 0.66)), stage.on(tint, 0.45)
    body = Image.new("RGB", (1, 2))
    body.putdata([far, near])
    body = body.resize(size, Image.Resampling.BILINEAR)
    sheet.colour.paste(Image.blend(body, Image.fromarray(rippled), mirror), (0, y0))
    _glints(stage, top, bottom)


def _glints(stage: Stage, top: float, bottom: float) -> None:
    rng = stage.take
    shine = mix(stage.light.key, (255, 255, 255), 0.35)
    centre = disc_place(stage, stage.horizon)[0]
    if stage.light.disc != "none" and not stage.reading.weather & {"rain", "thunder"}:
        _path_of_light(stage, centre, top, bottom, shine)
    for _ in range(150):
        share = rng.random() ** 1.5
        y = top + (bottom - top) * (0.01 + share * 0.98)
        near_light = stage.light.disc != "none" and rng.random() < 0.6
        x = rng.gauss(centre, 0.05 + 0.12 * share) if near_light else rng.uniform(0, stage.aspect)
        half = (0.006 + 0.045 * share) * rng.uniform(0.5, 1.3)
        stage.brush.oval(
            x,
            y,
            half,
            0.0008 + 0.003 * share,
            shine,
            round(rng.uniform(60, 190) if near_light else rng.uniform(25, 80)),
        )


def _path_of_light(stage: Stage, x: float, top: float, bottom: float, shine: RGB) -> None:
    """The moon or the low sun on the water: a broken column, narrow at the horizon."""
    rng = stage.take
    strength = 0.55 if "fog" in stage.reading.weather else 1.0
    for k in range(64):
        share = (k + rng.random()) / 64
        y = top + (bottom - top) * share**1.25
        half = (0.012 + 0.060 * share) * rng.uniform(0.35, 1.0)
        dx = rng.gauss(0.0, 0.006 + 0.020 * share)
        alpha = round(strength * rng.uniform(70, 215) * (1 - 0.62 * share))
        stage.brush.oval(x + dx, y, half, 0.0012 + 0.0034 * share, shine, alpha)
