"""Pictures as a vision model is shown them: scaled down, a few frames of a video, the reference pictures last."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from aianime_pipeline.film.measures import sampled_frames
from aianime_pipeline.reviewing.built_in import ReferenceFile
from aianime_pipeline.reviewing.pictures import Pixels, read_picture, scaled_down

PICTURE_SIDE, FRAME_SIDE, REFERENCE_SIDE = 1024, 768, 512
"""Pixels of the longer side, at most. Models scale pictures to about as much themselves and charge for what is sent."""
FRAMES_AT = (0.0, 0.25, 0.5, 0.75, 0.98)
"""Shares of a video's length."""
MOST_REFERENCES = 4

_QUALITY = 88
_IMAGE = "the shot's image, to be judged"
_FRAME = "a frame of the shot's video at {seconds:.1f} s, to be judged"
_REFERENCE = "reference picture of {kind} {name}"


@dataclass(frozen=True)
class Shown:
    """`words` say to the model what it is."""

    path: Path
    words: str


def shown_picture(path: Path, references: Sequence[ReferenceFile], into: Path) -> list[Shown]:
    """Written into the folder `into`. Raises UnreadableMediaError."""
    return [
        _written(read_picture(path), PICTURE_SIDE, into / "shot.jpg", _IMAGE),
        *_references(references, into),
    ]


def shown_video(path: Path, references: Sequence[ReferenceFile], into: Path) -> list[Shown]:
    """Its frames, in the order of time. Raises UnreadableMediaError."""
    frames = [
        _written(
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8),
            FRAME_SIDE,
            into / f"frame-{place}.jpg",
            _FRAME.format(seconds=frame.time or 0),
        )
        for place, frame in enumerate(sampled_frames(path, list(FRAMES_AT)), start=1)
    ]
    return [*frames, *_references(references, into)]


def words_of_shown(of: Literal["image", "video"], references: Sequence[tuple[str, str]]) -> list[str]:
    """What will be said of the pictures, one sentence each, before any of them is there; `references` are kind and
    name of each."""
    judged = [_IMAGE] if of == "image" else [_FRAME.format(seconds=0)] * len(FRAMES_AT)
    return [*judged, *(_REFERENCE.format(kind=kind, name=name) for kind, name in references[:MOST_REFERENCES])]


def _references(references: Sequence[ReferenceFile], into: Path) -> list[Shown]:
    return [
        _written(
            read_picture(path),
            REFERENCE_SIDE,
            into / f"reference-{place}.jpg",
            _REFERENCE.format(kind=kind, name=name),
        )
        for place, (kind, name, path) in enumerate(references[:MOST_REFERENCES], start=1)
    ]


def _written(pixels: Pixels, longest: int, into: Path, words: str) -> Shown:
    Image.fromarray(scaled_down(pixels, longest)).save(into, quality=_QUALITY)
    return Shown(into, words)
