"""Pictures, clips and lines for the AI reviewers: a good one of each, and the ways in which they break."""

import random
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from support.film_media import ffmpeg

from aianime_pipeline.fonts import cjk_font_path

Pixels = NDArray[np.uint8]

SIZE = (640, 360)


def scene(size: tuple[int, int] = SIZE, seed: int = 7) -> Image.Image:
    """A drawn landscape with a figure, of the seed's colours: sharp edges, soft sky, no words."""
    dice = random.Random(seed)
    width, height = size
    top, ground = ((dice.randrange(40, 200), dice.randrange(60, 200), dice.randrange(80, 220)) for _ in range(2))
    picture = Image.new("RGB", size)
    draw = ImageDraw.Draw(picture)
    for y in range(height):
        draw.line([(0, y), (width, y)], fill=tuple(round(part * (0.6 + 0.4 * y / height)) for part in top))
    for _ in range(6):
        x, w = dice.uniform(-0.1, 0.9) * width, dice.uniform(0.2, 0.5) * width
        peak = dice.uniform(0.25, 0.6) * height
        shade = tuple(round(part * dice.uniform(0.4, 1.0)) for part in ground)
        draw.polygon([(x, height), (x + w / 2, peak), (x + w, height)], fill=shade)
    x, y, head = dice.uniform(0.3, 0.7) * width, 0.45 * height, 0.09 * height
    coat = (dice.randrange(120, 255), dice.randrange(20, 120), dice.randrange(20, 120))
    draw.polygon([(x, y), (x - 2 * head, height), (x + 2 * head, height)], fill=coat)
    draw.ellipse([x - head, y - 2 * head, x + head, y], fill=(236, 200, 170))
    draw.pieslice([x - head, y - 2.1 * head, x + head, y - 0.2 * head], 180, 360, fill=(30, 24, 28))
    return picture


def pixels(picture: Image.Image) -> Pixels:
    return np.asarray(picture.convert("RGB"), np.uint8)


def saved(picture: Image.Image, folder: Path, name: str = "picture.png") -> Path:
    path = folder / name
    picture.save(path)
    return path


def blurred(picture: Image.Image, sigma: float) -> Image.Image:
    return Image.fromarray(cv2.GaussianBlur(pixels(picture), (0, 0), sigma))


def with_words(picture: Image.Image, words: str, *, at: tuple[float, float], height: int) -> Image.Image:
    """Words burned in as captions are: white, with a black line around them. `at` in shares of the picture."""
    burned = picture.copy()
    path, face = cjk_font_path()
    ImageDraw.Draw(burned).multiline_text(
        (at[0] * picture.width, at[1] * picture.height),
        words,
        font=ImageFont.truetype(str(path), height, index=face),
        fill=(255, 255, 255),
        stroke_width=max(1, height // 20),
        stroke_fill=(0, 0, 0),
    )
    return burned


_ENCODED = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p", "-threads", "1")


def moving_clip(
    picture: Image.Image,
    folder: Path,
    *,
    seconds: float = 2.0,
    rate: int = 24,
    size: tuple[int, int] = SIZE,
    more: str = "",
) -> Path:
    """The camera goes slowly over the picture; `more` are further filters."""
    still = saved(picture.resize((size[0] * 5 // 4, size[1] * 5 // 4)), folder, "before.png")
    path = folder / "clip.mp4"
    width, height = size
    way = f"crop={width}:{height}:x='min({width}/4,t*{width}/4/{seconds})':y=0{more}"
    ffmpeg("-loop", "1", "-r", "24", "-i", still, "-t", str(seconds), "-vf", way, *_ENCODED, path)
    return path


def still_clip(picture: Image.Image, folder: Path, *, seconds: float = 2.0) -> Path:
    still, path = saved(picture, folder, "before.png"), folder / "still.mp4"
    ffmpeg("-loop", "1", "-r", "24", "-i", still, "-t", str(seconds), *_ENCODED, path)
    return path


def voice(folder: Path, *, seconds: float, filters: str = "", name: str = "voice.wav") -> Path:
    """Something like speech: syllables of a low voice, four in a second, and a rest at the end."""
    syllables = f"aevalsrc='0.3*sin(2*PI*180*t)*max(0,sin(2*PI*4*t))*lt(t,{seconds - 0.15})':s=48000:d={seconds}"
    path = folder / name
    ffmpeg("-f", "lavfi", "-i", syllables, *(("-af", filters) if filters else ()), "-ac", "1", path)
    return path
