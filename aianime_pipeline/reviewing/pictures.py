"""What a single picture is like, in numbers: how dark, how plain, how sharp. Judges nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.film.stills import opened_still

Pixels: TypeAlias = NDArray[np.uint8]
"""RGB, rows first."""

LOOKED_AT = 1280
"""Pixels of the longer side: larger pictures are scaled down to it before they are measured, so that one picture has
the same sharpness at any resolution above it."""

_STEP = 40
"""Levels of luma: what is less is no edge to judge sharpness by."""
_WINDOW = 9
_FEWEST_EDGES = 0.0005
"""Of the picture's pixels: fewer strong edges are none."""
_MOST_HALVED, _SMALLEST = 4, 40
"""Times, and pixels of the shorter side."""


@dataclass(frozen=True)
class PictureLook:
    """`width` and `height` of the file, in pixels. `luma` is the mean of 0 to 255, `brightest` what a 500th of it is
    brighter than, `spread` its standard deviation. `sharpness` is the share (0 to 1) of its step that a strong edge has
    between two neighbouring pixels: None where there are no strong edges."""

    width: int
    height: int
    luma: float
    brightest: float
    spread: float
    sharpness: float | None


def read_picture(path: Path) -> Pixels:
    """Raises UnreadableMediaError."""
    with opened_still(path) as picture:
        return np.asarray(picture.convert("RGB"), np.uint8)


def look_at(pixels: Pixels) -> PictureLook:
    height, width = pixels.shape[:2]
    luma = luma_of(scaled_down(pixels, LOOKED_AT))
    return PictureLook(
        width=width,
        height=height,
        luma=float(luma.mean()),
        brightest=float(np.percentile(luma, 99.8)),
        spread=float(luma.std()),
        sharpness=sharpness_of(luma),
    )


def luma_of(pixels: Pixels) -> Pixels:
    """One number from 0 to 255 for each pixel."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def sharpness_of(luma: Pixels) -> float | None:
    """Of the sharpest tenth of the strong edges: a background may be soft on purpose. Where there are none, the edges
    are wider than they are looked for, and the picture is made half as large until there are some."""
    smaller: Pixels = luma
    for halved in range(_MOST_HALVED):
        if (found := _steepness(smaller)) is not None:
            return found * 0.5**halved
        smaller = np.asarray(cv2.resize(smaller, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        if min(smaller.shape) < _SMALLEST:
            break
    return None


def _steepness(luma: Pixels) -> float | None:
    kernel = np.ones((_WINDOW, _WINDOW), np.uint8)
    step = cv2.subtract(cv2.dilate(luma, kernel), cv2.erode(luma, kernel)).astype(np.float32)
    edges = step >= _STEP
    if edges.mean() < _FEWEST_EDGES:
        return None
    grey = luma.astype(np.float32)
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, :-1] = np.abs(np.diff(grey, axis=1))
    down[:-1] = np.abs(np.diff(grey, axis=0))
    steepest = cv2.dilate(np.maximum(across, down), kernel)
    return float(np.percentile(steepest[edges] / step[edges], 90))


def scaled_down(pixels: Pixels, longest: int) -> Pixels:
    """With its longer side `longest` pixels at most."""
    height, width = pixels.shape[:2]
    ratio = longest / max(height, width)
    if ratio >= 1:
        return pixels
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
