"""Clips, timelines of clips, and the pieces made of them, decoded as the planes that are in the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from support.film_media import digest

from aianime_pipeline.film.drawing.overlays import Overlay
from aianime_pipeline.film.encoding.encoders import choose_encoder
from aianime_pipeline.film.encoding.settings import Encoder
from aianime_pipeline.film.picture.pieces import plan_pieces
from aianime_pipeline.film.picture.segments import Segment, prepare_segments
from aianime_pipeline.film.presets.presets import Fit
from aianime_pipeline.film.timeline import Clip, ClipTransition, Timeline
from aianime_pipeline.storyboard.model import Transition

RATE = Fraction(24)
WIDTH, HEIGHT = 320, 180

LOSSLESS = Encoder("libx264", "h264", (("c:v", "libx264"), ("preset", "ultrafast"), ("qp", "0"), ("g", "48")))
"""Gives back exactly the planes it got."""


def encoder(width: int = WIDTH, height: int = HEIGHT, rate: Fraction = RATE) -> Encoder:
    return choose_encoder("h264", "standard", width, height, rate, hardware=False).encoder


def clip(path: Path, frames: int, shot: int = 1, **facts: Any) -> Clip:
    """Shows `frames` of its source from `source_in` on; how much there is besides is not known."""
    kind = "still" if path.suffix in (".png", ".jpg") else "video"
    begin = facts.get("source_in", 0)
    return Clip(shot, path, digest(path), kind, begin + frames, **facts)


def begins(kind: Transition, before: int, after: int) -> ClipTransition:
    return ClipTransition(kind, before, after)


def film_of(clips: Sequence[Clip], *, rate: Fraction = RATE, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Timeline:
    return Timeline(size[0], size[1], rate, tuple(clips))


def made(
    clips: Sequence[Clip],
    cache: Path,
    *,
    overlays: Sequence[Overlay] = (),
    rate: Fraction = RATE,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    fit: Fit = "pad",
    by: Encoder | None = None,
    **options: Any,
) -> tuple[Segment, ...]:
    """The segments of a film of these clips."""
    return prepare_segments(
        plan_pieces(film_of(clips, rate=rate, size=size), overlays),
        cache=cache,
        width=size[0],
        height=size[1],
        rate=rate,
        fit=fit,
        encoder=by or encoder(*size, rate),
        **options,
    )


@dataclass(frozen=True)
class Planes:
    """One frame as it lies in the file."""

    y: NDArray[np.uint8]
    u: NDArray[np.uint8]
    v: NDArray[np.uint8]

    def colour(self, x: int, y: int) -> tuple[int, int, int]:
        return int(self.y[y, x]), int(self.u[y // 2, x // 2]), int(self.v[y // 2, x // 2])


def planes_of(paths: Sequence[Path | Segment]) -> list[Planes]:
    """Every frame of the files, one after the other."""
    found = []
    for path in paths:
        with av.open(str(path.path if isinstance(path, Segment) else path)) as container:
            for frame in container.decode(video=0):
                whole = frame.to_ndarray(format="yuv420p")
                half = whole[frame.height :].reshape(2, frame.height // 2, frame.width // 2)
                found.append(Planes(whole[: frame.height], half[0], half[1]))
    return found


def in_tv_range(red: int, green: int, blue: int) -> tuple[float, float, float]:
    """A colour by the formula of ITU-R BT.709."""
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        16 + 219 * luma / 255,
        128 + 224 * (blue - luma) / 255 / 1.8556,
        128 + 224 * (red - luma) / 255 / 1.5748,
    )


def flat_picture(path: Path, colour: tuple[int, ...], size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    Image.new("RGB" if len(colour) == 3 else "RGBA", size, colour).save(path)
    return path
