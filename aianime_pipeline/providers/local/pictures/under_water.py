"""A picture as if seen through water: its colours, light from above, ripples, bubbles."""

import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from aianime_pipeline.providers.local.pictures.light import glow
from aianime_pipeline.providers.local.pictures.reading import Reading
from aianime_pipeline.providers.local.pictures.seeding import dice

SHALLOW, DEEP = (84, 168, 178), (10, 40, 66)
SMALLEST = 48
"""Pixels of height below which ripples would only be noise."""


def submerge(picture: Image.Image, reading: Reading) -> None:
    """In place. The picture is bent by waves, turned green and blue with the depth, and crossed by light."""
    rng = dice("water", reading.seed)
    w, h = picture.size
    if h >= SMALLEST:
        _bend(picture, rng.uniform(0, 6.28))
    column = Image.new("RGB", (1, 2))
    column.putdata([SHALLOW, DEEP])
    body = column.resize((w, h), Image.Resampling.BILINEAR)
    lit = ImageEnhance.Brightness(picture).enhance(1.55 if reading.hour == "night" else 1.1)
    toned = ImageChops.multiply(lit, Image.blend(body, Image.new("RGB", (w, h), (255, 255, 255)), 0.55))
    picture.paste(Image.blend(toned, body, 0.20))
    _rays(picture, rng.uniform(0.3, 0.7))
    glow(picture, w * 0.5, h * 0.45, h * 0.7, (120, 190, 190), 0.30)
    rings = Image.new("L", (w, h), 0)
    pen = ImageDraw.Draw(rings)
    x, y = w * rng.uniform(0.4, 0.6), h * 0.5
    for k in range(1, 7):
        r = h * 0.15 * k
        pen.ellipse((x - r * 1.5, y - r * 0.8, x + r * 1.5, y + r * 0.8), outline=150 - 16 * k, width=max(1, h // 120))
    rings = rings.filter(ImageFilter.GaussianBlur(max(0.5, h * 0.004)))
    picture.paste((206, 244, 240), (0, 0), rings)
    bubbles = ImageDraw.Draw(picture, "RGBA")
    for _ in range(18):
        bx, by, r = rng.uniform(0, 1) * w, rng.uniform(0, 1) * h, h * rng.uniform(0.003, 0.012)
        bubbles.ellipse((bx - r, by - r, bx + r, by + r), outline=(220, 250, 248, 170), width=max(1, h // 400))


def _bend(picture: Image.Image, phase: float) -> None:
    pixels = np.asarray(picture)
    h, w = pixels.shape[:2]
    rows, columns = np.arange(h), np.arange(w)
    shift = np.round(np.sin(rows / h * 2 * math.pi * 5 + phase) * h * 0.007).astype(int)
    drop = np.round(np.sin(columns / h * 2 * math.pi * 3 + phase) * h * 0.004).astype(int)
    bent = pixels[
        np.clip(rows[:, None] + drop[None, :], 0, h - 1), np.clip(columns[None, :] + shift[:, None], 0, w - 1)
    ]
    picture.paste(Image.fromarray(bent))


def _rays(picture: Image.Image, middle: float) -> None:
    w, h = picture.size
    mask = Image.new("L", (w, h), 0)
    pen = ImageDraw.Draw(mask)
    for k in range(-3, 4):
        top, foot, wide = w * (middle + 0.09 * k), w * (middle + 0.26 * k), h * (0.03 + 0.012 * (k % 3))
        pen.polygon(((top - wide, 0), (top + wide, 0), (foot + wide * 3, h), (foot - wide * 3, h)), fill=46)
    mask = mask.filter(ImageFilter.GaussianBlur(max(1.0, h * 0.02)))
    picture.paste((190, 240, 232), (0, 0), mask)
    glow(picture, w * middle, 0, h * 0.7, (150, 220, 220), 0.5)
