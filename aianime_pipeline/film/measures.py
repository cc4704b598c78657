"""What a picture or a sound is like, for checks on assets: black, frozen, loud. Reads files, judges nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.sound.loudness import BLOCK, Loudness, LoudnessMeter
from aianime_pipeline.film.sound.reading import gathered, sound_blocks
from aianime_pipeline.film.sources import open_media, picture_stream

_SAMPLE_WIDTH, _SAMPLE_HEIGHT = 64, 36
_BLACK_LUMA = 24.0
"""Mean of tv-range luma, where black is 16."""
_BLACK_BRIGHTEST = 48.0
"""A night scene with a lamp in it is not black."""
_FROZEN_DIFFERENCE = 0.25
"""Mean difference of luma; noise of a good encoder stays under it, a slow push does not."""
_SEEK_SECONDS = 3.0


@dataclass(frozen=True)
class PictureMeasure:
    """Fractions (0 to 1) of the `samples` frames that were looked at: how many are black, and how many are the same
    as the sampled frame before them."""

    black: float
    frozen: float
    samples: int


def measure_picture(path: Path, *, samples: int = 24) -> PictureMeasure:
    """Look at `samples` frames, evenly spread over a video. Raises UnreadableMediaError."""
    black = frozen = count = 0
    before: NDArray[np.float32] | None = None
    for luma in _sampled_luma(path, samples):
        count += 1
        black += bool(luma.mean() < _BLACK_LUMA and np.percentile(luma, 99) < _BLACK_BRIGHTEST)
        frozen += before is not None and bool(np.abs(luma - before).mean() < _FROZEN_DIFFERENCE)
        before = luma
    if not count:
        raise UnreadableMediaError(f"{path.name} has no frame that can be decoded.", path=str(path))
    return PictureMeasure(black / count, frozen / max(count - 1, 1), count)


def measure_loudness(path: Path) -> Loudness:
    """Integrated loudness and true peak of a file's first sound track. Raises UnreadableMediaError."""
    meter = LoudnessMeter()
    for block in gathered(sound_blocks(path), BLOCK):
        meter.add(block)
    return meter.loudness()


def sampled_frames(path: Path, fractions: list[float]) -> Iterator[av.VideoFrame]:
    """The frames at `fractions` (ascending, 0 to 1) of a video's length; each frame once at most."""
    with open_media(path) as container:
        stream = picture_stream(container)
        if stream is None:
            raise UnreadableMediaError(f"{path.name} has no picture in it.", path=str(path))
        stream.thread_type = "AUTO"
        begins = (container.start_time or 0) / av.time_base
        seconds = (container.duration or 0) / av.time_base
        frames = iter(container.decode(stream))
        frame, at = next(frames, None), 0.0
        for fraction in fractions:
            target = begins + fraction * seconds
            if target - at > _SEEK_SECONDS:
                container.seek(int(target * av.time_base))
                frames = iter(container.decode(stream))
                frame = next(frames, frame)
            given = frame
            while frame is not None and (frame.time is None or frame.time < target):
                given = frame
                frame = next(frames, None)
            frame = frame or given
            if frame is None:
                return
            yield frame
            at = frame.time or 0.0


def _sampled_luma(path: Path, samples: int) -> Iterator[NDArray[np.float32]]:
    for frame in sampled_frames(path, [(place + 0.5) / samples for place in range(samples)]):
        small = frame.reformat(_SAMPLE_WIDTH, _SAMPLE_HEIGHT, "yuv420p", dst_color_range="MPEG")
        plane = np.frombuffer(memoryview(small.planes[0]), np.uint8).reshape(_SAMPLE_HEIGHT, small.planes[0].line_size)
        yield plane[:, :_SAMPLE_WIDTH].astype(np.float32)
