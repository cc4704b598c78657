"""What falls, drifts and flickers between the viewer and the scene. Drawn on the finished-size picture, in place."""

import math
import random

from PIL import Image, ImageDraw, ImageFilter

from aianime_pipeline.providers.local.pictures.colours import RGB, mix
from aianime_pipeline.providers.local.pictures.light import Light, glow
from aianime_pipeline.providers.local.pictures.reading import Reading
from aianime_pipeline.providers.local.pictures.seeding import dice

OUTDOOR_ONLY = frozenset(("rain", "snow", "thunder", "wind", "leaves", "petals"))


def weather_behind(picture: Image.Image, reading: Reading, light: Light) -> None:
    """Between the place and the people: mist banks, lightning, the far and finer half of rain and snow."""
    rng = dice("weather behind", reading.seed)
    for kind in _kinds(reading):
        if kind == "fog":
            _mist(picture, rng, light.haze, 0.62)
        elif kind == "thunder":
            _lightning(picture, rng)
        elif kind == "rain":
            _rain(picture, rng, light, 1.0, 170)
        elif kind == "snow":
            _flakes(picture, rng, 150, 0.0022, 210)


def weather_before(picture: Image.Image, reading: Reading, light: Light) -> None:
    """In front of everybody."""
    rng = dice("weather before", reading.seed)
    for kind in _kinds(reading):
        if kind == "rain":
            _rain(picture, rng, light, 2.2, 60)
        elif kind == "snow":
            _flakes(picture, rng, 60, 0.0048, 235)
            _flakes(picture, rng, 14, 0.012, 150, soft=True)
        elif kind == "fog":
            _mist(picture, rng, light.haze, 0.26, low=True)
        elif kind == "petals":
            _drift(picture, rng, light, ((250, 186, 204), (244, 164, 188), (255, 214, 224)), 46)
        elif kind == "leaves":
            _drift(picture, rng, light, ((214, 126, 52), (192, 84, 44), (226, 170, 70)), 34)
        elif kind == "wind":
            _gusts(picture, rng, light)
        elif kind in ("embers", "fireflies"):
            _sparks(picture, rng, (255, 158, 70) if kind == "embers" else (206, 255, 130))


def _kinds(reading: Reading) -> list[str]:
    return sorted(kind for kind in reading.weather if not (reading.indoor and kind in OUTDOOR_ONLY))


def _rain(picture: Image.Image, rng: random.Random, light: Light, near: float, count: int) -> None:
    pen = ImageDraw.Draw(picture, "RGBA")
    h = picture.height
    colour = mix(light.haze, (236, 244, 255), 0.6)
    slant = rng.choice((-1, 1)) * rng.uniform(0.10, 0.22)
    width = max(1, round(h * 0.0011 * near))
    for _ in range(round(count * max(0.7, picture.width / h))):
        x, y = rng.uniform(-0.1, 1.1) * picture.width, rng.uniform(-0.1, 1.0) * h
        length = h * rng.uniform(0.03, 0.07) * near
        pen.line((x, y, x + slant * length, y + length), fill=(*colour, rng.randint(50, 130)), width=width)
    if near < 2:
        for _ in range(50):
            x, y = rng.uniform(0, 1) * picture.width, rng.uniform(0.78, 1.0) * h
            r = h * 0.008 * (y / h)
            pen.arc((x - r * 2, y - r * 0.6, x + r * 2, y + r * 0.6), 190, 350, fill=(*colour, 120), width=width)


def _flakes(picture: Image.Image, rng: random.Random, count: int, size: float, alpha: int, soft: bool = False) -> None:
    h = picture.height
    mask = Image.new("L", picture.size, 0)
    pen = ImageDraw.Draw(mask)
    for _ in range(round(count * max(0.7, picture.width / h))):
        x, y, r = rng.uniform(0, 1) * picture.width, rng.uniform(0, 1) * h, max(0.8, h * size * rng.uniform(0.6, 1.5))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=rng.randint(alpha // 2, alpha))
    mask = mask.filter(ImageFilter.GaussianBlur(h * 0.005 if soft else max(0.4, h * 0.0007)))
    picture.paste((250, 252, 255), (0, 0), mask)


def _mist(picture: Image.Image, rng: random.Random, colour: RGB, strength: float, low: bool = False) -> None:
    w, h = 96, 64
    mask = Image.new("L", (w, h), 0)
    pen = ImageDraw.Draw(mask)
    for _ in range(16):
        x, y = rng.uniform(0, w), h * (rng.uniform(0.78, 1.0) if low else rng.uniform(0.42, 0.95))
        rx, ry = rng.uniform(14, 40), rng.uniform(2.5, 7)
        pen.ellipse((x - rx, y - ry, x + rx, y + ry), fill=rng.randint(110, 235))
    mask = mask.filter(ImageFilter.GaussianBlur(4)).point([round(v * strength) for v in range(256)])
    picture.paste(mix(colour, (240, 244, 248), 0.15), (0, 0), mask.resize(picture.size, Image.Resampling.BICUBIC))


def _lightning(picture: Image.Image, rng: random.Random) -> None:
    w, h = picture.size
    x, y = rng.uniform(0.2, 0.8) * w, 0.0
    bolt = [(x, y)]
    while y < h * rng.uniform(0.42, 0.52):
        x, y = x + rng.uniform(-0.05, 0.05) * h, y + rng.uniform(0.025, 0.06) * h
        bolt.append((x, y))
    glow(picture, bolt[len(bolt) // 2][0], h * 0.2, h * 0.7, (176, 190, 255), 0.75)
    pen = ImageDraw.Draw(picture, "RGBA")
    for width, alpha in ((0.010, 60), (0.005, 150), (0.0022, 255)):
        pen.line(bolt, fill=(232, 236, 255, alpha), width=max(1, round(h * width)), joint="curve")
    for start in bolt[2 : len(bolt) - 1 : 3]:
        twig = [start]
        for _ in range(3):
            twig.append((twig[-1][0] + rng.uniform(-0.06, 0.06) * h, twig[-1][1] + rng.uniform(0.01, 0.04) * h))
        pen.line(twig, fill=(226, 232, 255, 150), width=max(1, round(h * 0.0018)))


def _drift(picture: Image.Image, rng: random.Random, light: Light, colours: tuple[RGB, ...], count: int) -> None:
    pen = ImageDraw.Draw(picture, "RGBA")
    h = picture.height
    for _ in range(round(count * max(0.6, picture.width / h / 1.6))):
        x, y = rng.uniform(0, 1) * picture.width, rng.uniform(0, 1) * h
        r, turn, flat = h * rng.choice((0.006, 0.008, 0.010, 0.016)), rng.uniform(0, math.pi), rng.uniform(0.35, 0.7)
        points = []
        for k in range(10):
            t = k / 10 * 2 * math.pi
            px, py = math.cos(t) * r * (1.25 if abs(t - math.pi) < 0.4 else 1.0), math.sin(t) * r * flat
            points.append(
                (x + px * math.cos(turn) - py * math.sin(turn), y + px * math.sin(turn) + py * math.cos(turn))
            )
        pen.polygon(points, fill=(*light.on(rng.choice(colours)), rng.randint(190, 245)))


def _gusts(picture: Image.Image, rng: random.Random, light: Light) -> None:
    pen = ImageDraw.Draw(picture, "RGBA")
    w, h = picture.size
    for _ in range(5):
        x, y, length = rng.uniform(-0.1, 0.8) * w, rng.uniform(0.1, 0.9) * h, rng.uniform(0.2, 0.5) * h
        line = [(x + length * k / 14, y + math.sin(k / 14 * 3.6) * h * 0.014) for k in range(15)]
        pen.line(
            line, fill=(*mix(light.haze, (255, 255, 255), 0.6), 70), width=max(1, round(h * 0.0018)), joint="curve"
        )


def _sparks(picture: Image.Image, rng: random.Random, colour: RGB) -> None:
    h = picture.height
    pen = ImageDraw.Draw(picture, "RGBA")
    for _ in range(34):
        x, y = rng.uniform(0, 1) * picture.width, rng.uniform(0.15, 1.0) * h
        r = h * rng.uniform(0.0015, 0.0042)
        glow(picture, x, y, r * 7, colour, 0.7)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(*mix(colour, (255, 255, 240), 0.6), 235))
