"""Overlays laid over a piece's picture: burned-in subtitles, labels, watermarks.

Each is converted once, here, to the film's own colours and planes, and ffmpeg only blends it in where it lies: a
conversion by ffmpeg would shift colours, and take the colour of transparent pixels into the edges of the letters.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.drawing.overlays import LaidOver
from aianime_pipeline.film.picture.motion import RGB_TO_YCC
from aianime_pipeline.film.picture.recipe import raw_frames

_KEPT = 16
"""Pictures kept converted: labels and watermarks come again in every piece."""


@dataclass(frozen=True)
class RawPicture:
    """yuva420p, BT.709, tv range, straight alpha; size in pixels."""

    data: bytes
    width: int
    height: int


@lru_cache(maxsize=_KEPT)
def raw_picture(png: bytes) -> RawPicture:
    """An RGBA picture of even size as the film's planes. Raises BadInputError for an odd one."""
    with Image.open(io.BytesIO(png)) as opened:
        rgba = np.asarray(opened.convert("RGBA"), np.float32)
    height, width = rgba.shape[:2]
    if width % 2 or height % 2:
        raise BadInputError(f"An overlay of {width}x{height} pixels cannot be laid over a film: both must be even.")
    ycc = rgba[..., :3] @ RGB_TO_YCC[:, :3].T + RGB_TO_YCC[:, 3]
    alpha = rgba[..., 3]
    weight = _fours(alpha)
    # What is transparent has no colour of its own.
    chroma = [np.where(weight > 0, _fours(ycc[..., plane] * alpha) / np.maximum(weight, 1e-6), 128) for plane in (1, 2)]
    planes = (ycc[..., 0], *chroma, alpha)
    return RawPicture(b"".join(np.rint(plane).astype(np.uint8).tobytes() for plane in planes), width, height)


def laid_over(
    picture: ffmpeg.Stream, overlays: Sequence[LaidOver], files: Sequence[Path], rate: Fraction
) -> ffmpeg.Stream:
    """`picture` under its overlays, each read from its file of raw planes. Their frames count from the picture's
    first; one frame of each is read, and stays. Raises BadInputError for one at an odd place."""
    for overlay, path in zip(overlays, files, strict=True):
        if overlay.x % 2 or overlay.y % 2:
            raise BadInputError(f"An overlay lies at {overlay.x}, {overlay.y}; both must be even.")
        laid = raw_frames(str(path.absolute()), *overlay.size, rate, pix_fmt="yuva420p")
        picture = ffmpeg.filter(
            [picture, laid],
            "overlay",
            x=overlay.x,
            y=overlay.y,
            format="yuv420",
            alpha="straight",
            eval="init",
            eof_action="repeat",
            enable=f"between(n,{overlay.first},{overlay.end - 1})",
        )
    return picture


def _fours(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sums over each two by two pixels."""
    sums: NDArray[np.float32] = plane[::2, ::2] + plane[1::2, ::2] + plane[::2, 1::2] + plane[1::2, 1::2]
    return sums
