"""Sky: its colours, stars, sun or moon, clouds."""

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import RGB, mix
from aianime_pipeline.providers.local.pictures.light import glow
from aianime_pipeline.providers.local.pictures.shapes import vertical


def draw_sky(stage: Stage, bottom: float | None = None) -> None:
    low = stage.horizon + 0.02 if bottom is None else bottom
    sheet = stage.brush.sheet
    height = max(2, min(sheet.height, round(low * stage.brush.unit)))
    top, middle, base = stage.light.sky
    sheet.colour.paste(vertical((sheet.width, height), [(0.0, top), (0.55, middle), (1.0, base)]), (0, 0))
    if stage.light.stars > 0:
        _stars(stage, low)
    if stage.light.disc != "none" or "moon" in stage.reading.things:
        _disc(stage, low)
    _clouds(stage, low)


def _stars(stage: Stage, low: float) -> None:
    rng = stage.take
    for _ in range(round(150 * stage.light.stars * max(1.0, stage.aspect))):
        x, y = rng.uniform(0, stage.aspect), low * rng.random() ** 1.4
        size = rng.choice((0.0009, 0.0012, 0.0012, 0.0018, 0.0026))
        alpha = round(rng.uniform(90, 255) * (1 - 0.7 * y / low))
        stage.brush.oval(x, y, size, size, (236, 242, 255), alpha)
        if size > 0.002:
            stage.brush.stroke([(x - 0.007, y), (x, y), (x + 0.007, y)], 0.0016, (236, 242, 255), alpha=alpha // 2)
            stage.brush.stroke([(x, y - 0.007), (x, y), (x, y + 0.007)], 0.0016, (236, 242, 255), alpha=alpha // 2)


def disc_place(stage: Stage, low: float) -> tuple[float, float, float]:
    """Middle and radius of the sun or moon."""
    rng = random.Random(stage.reading.layout % 9973 + stage.reading.seed % 3)
    x = stage.aspect * (0.5 + stage.light.side * rng.uniform(0.14, 0.30))
    if stage.light.disc == "sun":
        return x, low - rng.uniform(0.05, 0.12), 0.052
    return x, low * rng.uniform(0.22, 0.36), 0.066 if "moon" in stage.reading.things else 0.05


def _disc(stage: Stage, low: float) -> None:
    x, y, r = disc_place(stage, low)
    unit = stage.brush.unit
    colour: RGB = (255, 244, 206) if stage.light.disc == "sun" else (248, 246, 226)
    glow(stage.brush.sheet.colour, x * unit, y * unit, unit * r * 7, stage.light.key, 0.75)
    glow(stage.brush.sheet.colour, x * unit, y * unit, unit * r * 2.8, colour, 0.8)
    stage.brush.oval(x, y, r, r, colour)
    if stage.light.disc != "sun":
        for dx, dy, s in ((-0.3, -0.2, 0.26), (0.25, 0.15, 0.2), (-0.1, 0.4, 0.16), (0.35, -0.35, 0.13)):
            stage.brush.oval(x + dx * r, y + dy * r, s * r, s * r * 0.9, (226, 222, 204), 150)


def _clouds(stage: Stage, low: float) -> None:
    """Heaped clouds by day, long streaks at dusk and night; painted small and enlarged, which softens them."""
    sheet, rng = stage.brush.sheet, stage.take
    w, h = max(8, round(stage.aspect * 300)), 300
    lit, shaded = Image.new("L", (w, h), 0), Image.new("L", (w, h), 0)
    light_pen, shade_pen = ImageDraw.Draw(lit), ImageDraw.Draw(shaded)
    heaped = stage.reading.hour == "day" and not stage.reading.weather & {"rain", "thunder", "fog"}
    heavy = bool(stage.reading.weather & {"rain", "thunder", "snow"})
    count = (5 if heaped else 9) + (10 if heavy else 0)
    for _ in range(max(2, round(count * max(0.6, stage.aspect / 1.78)))):
        cx, cy = rng.uniform(-0.05, 1.05) * w, h * (rng.uniform(0.30, 0.85) if heaped else rng.uniform(0.08, 0.86))
        size = rng.uniform(0.5, 1.25) * (1.5 - cy / h) * 34
        if heaped:
            _heap(rng, light_pen, shade_pen, cx, cy, size)
        else:
            for _ in range(rng.randint(4, 9)):
                x, y = cx + rng.gauss(0, size * 1.9), cy + rng.gauss(0, size * 0.12)
                half, thin = size * rng.uniform(0.8, 2.4), size * rng.uniform(0.05, 0.16) * (2.6 if heavy else 1)
                light_pen.ellipse((x - half, y - thin, x + half, y + thin), fill=rng.randint(90, 210))
    size_px = (sheet.width, max(2, min(sheet.height, round(low * stage.brush.unit))))
    lit = lit.filter(ImageFilter.GaussianBlur(1.0 if heaped else 2.2))
    shaded = ImageChops.darker(shaded.filter(ImageFilter.GaussianBlur(1.6)), lit)
    lit_colour, shade_colour, strength = _cloud_colours(stage, heavy)
    fade = vertical((w, h), [(0.0, (255,) * 3), (0.72, (235,) * 3), (1.0, (20,) * 3)], "L")
    for mask, colour, share in ((lit, lit_colour, strength), (shaded, shade_colour, strength * 0.85)):
        soft = ImageChops.multiply(mask, fade).point([round(v * share) for v in range(256)])
        sheet.colour.paste(Image.new("RGB", size_px, colour), (0, 0), soft.resize(size_px, Image.Resampling.BICUBIC))


def _heap(
    rng: random.Random, lit: ImageDraw.ImageDraw, shaded: ImageDraw.ImageDraw, cx: float, cy: float, size: float
) -> None:
    puffs = []
    n = rng.randint(9, 15)
    for i in range(n):
        u = (i + 0.5) / n * 2 - 1
        r = size * (0.30 + 0.42 * math.cos(u * 1.45) * rng.uniform(0.75, 1.15))
        puffs.append((cx + u * size * 2.0, cy - r * rng.uniform(0.5, 0.95), r))
    for x, y, r in puffs:
        lit.ellipse((x - r, y - r, x + r, y + r), fill=245)
    lit.rounded_rectangle((cx - size * 2.2, cy - size * 0.30, cx + size * 2.2, cy + size * 0.12), size * 0.2, fill=245)
    for x, y, r in puffs:
        shaded.ellipse((x - r * 0.95, y - r * 0.15, x + r * 0.95, y + r * 1.1), fill=170)


def _cloud_colours(stage: Stage, heavy: bool) -> tuple[RGB, RGB, float]:
    top, middle, base = stage.light.sky
    if heavy:
        return mix(top, (20, 24, 40) if stage.night else (96, 104, 120), 0.45), top, 0.75
    if stage.reading.hour == "day":
        return (255, 255, 255), mix(middle, (214, 228, 246), 0.5), 0.95
    if stage.reading.hour == "night":
        return mix(middle, base, 0.7), top, 0.5
    return mix(base, (255, 196, 176), 0.45), mix(top, middle, 0.5), 0.62
