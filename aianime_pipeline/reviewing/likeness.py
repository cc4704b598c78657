"""Likeness to the reference pictures: whether a take is clearly something else.

A reference sheet shows one figure on a plain ground by day, a shot shows part of it at night behind rain: in two whole
episodes of the built-in provider the right references and wrong ones are equally far by perceptual hash (20 to 44 of 64
bits), and mostly by colour. So likeness rejects only what no light explains, and says its distance; who stands there
only a vision model can tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.reviewing.clips import ClipLook
from aianime_pipeline.reviewing.opinion import FATAL, Finding, Opinion, opinion_of
from aianime_pipeline.reviewing.pictures import Pixels, luma_of, scaled_down

LIKENESS = "likeness"

MOST_OFF_COLOUR = 25.0
"""See `colour_distance`. Right references of the 40 pictures: 0.1 to 14.4 on average of a picture's, by lamplight."""
SAME_PICTURE = 6
"""Bits of 64. A shot and its figure's sheet: 20 and more."""
OTHER_PICTURE, OTHER_COLOUR = 22, 3.0
"""Bits, and distance. The nearest of a clip's frames to its own image: at most 20, and 0.25. Its first frame to another
shot's image: 18 at least and mostly 30, and mostly 8."""

_LONGEST = 96
_ON_GROUND = 12.0
"""Distance in CIELAB up to which a sheet's pixel is its ground."""
_BIN = 10.0
_LEAST_SHARE = 0.002
_LIGHTNESS = 0.3
"""What lightness counts against hue: night takes most of it."""

Lab: TypeAlias = NDArray[np.float32]
"""Pixels in CIELAB, shape (n, 3)."""


@dataclass(frozen=True)
class Reference:
    """`kind` is character, location or prop."""

    kind: str
    name: str
    picture: Pixels


def judge_picture_likeness(pixels: Pixels, references: Sequence[Reference]) -> Opinion:
    """Against the reference pictures of what the shot shows. Without any, it approves."""
    findings = []
    for one in references:
        bits = hash_distance(pixels, one.picture)
        # An empty place may well look as in its reference picture.
        if one.kind != "location" and bits <= SAME_PICTURE:
            words = f"it is the reference picture of {one.name} ({bits} of 64 bits apart)"
            change = f"show the shot itself, not the reference sheet of {one.name}"
            findings.append(Finding("copied_reference", words, change, FATAL, fatal=True))
    distances = [(one.name, colour_distance(one.picture, pixels, ground=one.kind != "location")) for one in references]
    mean = sum(distance for _, distance in distances) / len(distances) if distances else 0.0
    if mean > MOST_OFF_COLOUR:
        told = ", ".join(f"{name} {distance:.0f}" for name, distance in distances)
        usual = f"up to {MOST_OFF_COLOUR:.0f} is usual"
        words = f"its colours are far from those of the reference pictures ({told}; {usual})"
        names = ", ".join(name for name, _ in distances)
        change = f"use the colours of the reference pictures of {names}"
        findings.append(Finding("far_from_references", words, change, FATAL, fatal=True))
    return _with_distance(opinion_of(LIKENESS, findings), mean)


def judge_video_likeness(look: ClipLook, image: Pixels) -> Opinion:
    """Against the shot's image, from which the video should come."""
    bits = min(hash_distance(frame, image) for frame in look.shown)
    distance = min(colour_distance(image, frame, ground=False) for frame in look.shown)
    findings = []
    if bits > OTHER_PICTURE and distance > OTHER_COLOUR:
        apart = f"{bits} of 64 bits and a colour distance of {distance:.0f} apart"
        words, change = (
            f"it does not come from the shot's image ({apart})",
            "begin with the shot's image and keep to it",
        )
        findings.append(Finding("not_its_image", words, change, FATAL, fatal=True))
    return _with_distance(opinion_of(LIKENESS, findings), distance)


def hash_distance(one: Pixels, other: Pixels) -> int:
    """Bits (0 to 64) by which the perceptual hashes of two pictures differ: 32 is chance."""
    return int(np.count_nonzero(_hash(one) != _hash(other)))


def colour_distance(reference: Pixels, picture: Pixels, *, ground: bool) -> float:
    """How far the reference's colours are from the nearest that the picture has, in CIELAB with lightness turned down.
    `ground` leaves out the plain ground of a sheet."""
    wanted, shares = _palette(_without_ground(_lab(reference)) if ground else _lab(reference))
    there, _ = _palette(_lab(picture))
    apart = (wanted[:, None] - there[None]) * np.array([_LIGHTNESS, 1.0, 1.0], np.float32)
    return float(np.average(np.linalg.norm(apart, axis=2).min(axis=1), weights=shares))


def _hash(pixels: Pixels) -> NDArray[np.bool_]:
    grey = cv2.resize(luma_of(pixels), (32, 32), interpolation=cv2.INTER_AREA)
    low = cv2.dct(grey.astype(np.float32))[:8, :8].ravel()
    return np.asarray(low > np.median(low[1:]), np.bool_)


def _lab(pixels: Pixels) -> Lab:
    small = scaled_down(pixels, _LONGEST).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32)


def _without_ground(lab: Lab) -> Lab:
    edge = np.concatenate([lab[:3].reshape(-1, 3), lab[-3:].reshape(-1, 3)])
    pixels = lab.reshape(-1, 3)
    kept = pixels[np.linalg.norm(pixels - np.median(edge, axis=0), axis=1) > _ON_GROUND]
    return kept if len(kept) > _LONGEST else pixels


def _palette(lab: Lab) -> tuple[Lab, NDArray[np.int64]]:
    """The colours that are more than specks, and how many pixels have each."""
    pixels = lab.reshape(-1, 3)
    colours, counts = np.unique(np.round(pixels / _BIN), axis=0, return_counts=True)
    more = counts >= min(_LEAST_SHARE * len(pixels), counts.max())
    return (colours[more] * _BIN).astype(np.float32), counts[more]


def _with_distance(opinion: Opinion, distance: float) -> Opinion:
    """The distance takes from the score what it is, also where it is no fault."""
    score = max(0, (opinion.score or 0) - round(min(distance, MOST_OFF_COLOUR)))
    return replace(opinion, score=score)
