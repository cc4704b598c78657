"""What a video is like, in numbers: how long, how much of it black, how much it moves. Judges nothing."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
import structlog
from numpy.typing import NDArray

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.sources import open_media, picture_stream
from aianime_pipeline.reviewing.pictures import Pixels

_SMALL = (128, 72)
_STILL = 0.05
"""Mean difference of luma, at _SMALL: a clip that stands still stays under it however long, the built-in provider's
slowest drift leaves it within 0.9 s."""
_MOVES = 0.5
_REPEATS_FROM = 0.25
"""Seconds."""
_BLACK_MEAN, _BLACK_BRIGHTEST = 10.0, 40.0
MOST_FRAMES = 3000
"""Frames of a clip that are looked at: two minutes."""

Luma: TypeAlias = NDArray[np.float32]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ClipLook:
    """`seconds` by the frames that decode; `promised` how many the file says there are, 0 where it does not say.
    `black` is a share (0 to 1) of the frames; `still_seconds` the longest stretch in which nothing moves; `steps` how
    many times in a second the picture changes, None where it moves too slowly to tell; `repeats` the seconds after
    which it begins again, None where it does not. `shown` are its first, middle and last frames and those half-way
    between, in their size."""

    width: int
    height: int
    frames: int
    promised: int
    seconds: float
    black: float
    still_seconds: float
    steps: float | None
    repeats: float | None
    shown: tuple[Pixels, ...] = field(repr=False)


def look_at_clip(path: Path) -> ClipLook:
    """Raises UnreadableMediaError."""
    with open_media(path) as container:
        stream = picture_stream(container)
        if stream is None:
            raise UnreadableMediaError(f"{path.name} has no picture in it.", path=str(path))
        promised, rate = stream.frames, float(stream.average_rate or 0)
        expected = promised or round((container.duration or 0) / av.time_base * rate)
    small, shown = _frames(path, min(expected, MOST_FRAMES))
    if not small or not rate:
        raise UnreadableMediaError(f"{path.name} has no frame that can be decoded.", path=str(path))
    moved = [float(np.abs(one - other).mean()) for one, other in pairwise(small)]
    height, width = shown[0].shape[:2]
    return ClipLook(
        width=width,
        height=height,
        frames=len(small),
        promised=min(promised, MOST_FRAMES),
        seconds=len(small) / rate,
        black=sum(map(_is_black, small)) / len(small),
        still_seconds=_longest_still(small) / rate,
        steps=_steps(moved, rate),
        repeats=_repeats(small, rate),
        shown=tuple(shown),
    )


def _frames(path: Path, expected: int) -> tuple[list[Luma], list[Pixels]]:
    """All frames small, and some of them whole. What comes after a fault in the file is lost."""
    wanted = {round(part * max(expected - 1, 0) / 4) for part in range(5)}
    small: list[Luma] = []
    shown: list[Pixels] = []
    with open_media(path) as container:
        stream = picture_stream(container)
        assert stream is not None
        stream.thread_type = "AUTO"
        try:
            for place, frame in enumerate(container.decode(stream)):
                if place >= MOST_FRAMES:
                    break
                if place in wanted or not shown:
                    shown.append(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
                small.append(_small(frame))
        except av.FFmpegError as error:
            # How many there are tells the rest.
            _log.info("a clip does not decode to its end", clip=path.name, frames=len(small), error=str(error))
    return small, shown


def _small(frame: av.VideoFrame) -> Luma:
    width, height = _SMALL
    plane = frame.reformat(width, height, "gray").planes[0]
    whole = np.frombuffer(memoryview(plane), np.uint8).reshape(height, plane.line_size)
    return whole[:, :width].astype(np.float32)


def _is_black(luma: Luma) -> bool:
    return bool(luma.mean() < _BLACK_MEAN and np.percentile(luma, 99) < _BLACK_BRIGHTEST)


def _longest_still(small: list[Luma]) -> int:
    """Frames of the longest stretch that stays as it began."""
    longest, begins = 0, 0
    for place, frame in enumerate(small):
        if np.abs(frame - small[begins]).mean() >= _STILL:
            begins = place
        longest = max(longest, place - begins + 1)
    return longest


def _steps(moved: list[float], rate: float) -> float | None:
    """A clip that jumps from picture to picture and stands still between them has few; one that flows has `rate`."""
    jumps = sum(one >= _MOVES for one in moved)
    rests = sum(one < _STILL for one in moved)
    if jumps < 2 or jumps + rests < 0.95 * len(moved):
        return None
    return jumps * rate / len(moved)


def _repeats(small: list[Luma], rate: float) -> float | None:
    for lag in range(max(2, round(_REPEATS_FROM * rate)), len(small) // 2 + 1):
        if np.abs(small[0] - small[lag]).mean() >= _STILL:
            continue
        apart = [float(np.abs(one - other).mean()) for one, other in zip(small, small[lag:], strict=False)]
        halfway = max(float(np.abs(one - small[0]).mean()) for one in small[:lag])
        if max(apart) < _STILL * 2 and halfway >= _MOVES:
            return lag / rate
    return None
