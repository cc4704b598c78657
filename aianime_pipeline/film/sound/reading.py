"""Sound out of files: any source as float32 at 48 kHz, block by block.

Samples are arrays of shape (n, 2), or (n, 1) where it is said. Nothing here holds a whole film's sound in memory.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.sources import open_media
from aianime_pipeline.film.timeline import SAMPLE_RATE

Samples: TypeAlias = NDArray[np.float32]
"""Stereo, shape (n, 2), full scale at 1.0."""

_LOUDEST = 8.0
"""Float files can hold anything; beyond +18 dBFS it is damage, and squares of it would overflow."""


_PRIMING = SAMPLE_RATE // 100
"""Vorbis in Ogg gives its first frame 128 samples late where nothing is missing: less than 10 ms is no silence."""


def sound_blocks(path: Path) -> Iterator[Samples]:
    """The file's first sound track from the file's beginning: a track that starts late begins with silence, encoder
    priming is left out. Mono goes to both channels as it is. Raises UnreadableMediaError, also where there is no
    sound."""
    silent = True
    for block in channel_blocks(path):
        silent = False
        yield in_both_channels(block)
    if silent:
        raise UnreadableMediaError(f"{path.name} has no sound in it.", path=str(path))


def channel_blocks(path: Path) -> Iterator[Samples]:
    """As `sound_blocks`, but mono stays one channel, and a file without a sound track gives nothing."""
    with open_media(path) as container:
        if not container.streams.audio:
            return
        stream = container.streams.audio[0]
        # libswresample would turn a mono voice down by 3 dB on its way to two channels.
        channels = 1 if stream.channels == 1 else 2
        resampler = av.AudioResampler(format="flt", layout="mono" if channels == 1 else "stereo", rate=SAMPLE_RATE)
        left = _declared_samples(container, stream)
        begun = False
        for frame in _frames_and_end(container.decode(stream)):
            if frame is not None and not begun:
                begun = True
                late = _late_by(container, frame)
                if late > _PRIMING:
                    yield np.zeros((late, channels), np.float32)
            for resampled in resampler.resample(frame) if begun else ():
                block = _sound_of(resampled)[:left]
                left = None if left is None else left - len(block)
                if len(block):
                    yield block


def in_both_channels(block: Samples) -> Samples:
    return np.repeat(block, 2, axis=1) if block.shape[1] == 1 else block


def sound_length(path: Path) -> int:
    """Samples at 48 kHz that `sound_blocks` gives: what a timeline wants to know of a voice file."""
    return sum(len(block) for block in sound_blocks(path))


def gathered(blocks: Iterator[Samples], size: int) -> Iterator[Samples]:
    """The same samples in blocks of `size`, the last one shorter: decoders give out a thousand at a time, and filters
    by FFT are several times faster on many."""
    waiting: list[Samples] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += len(block)
        if count >= size:
            whole = np.concatenate(waiting)
            for start in range(0, count - size + 1, size):
                yield whole[start : start + size]
            waiting = [whole[count // size * size :]]
            count = len(waiting[0])
    if count:
        yield np.concatenate(waiting)


def _frames_and_end(frames: Iterator[av.AudioFrame]) -> Iterator[av.AudioFrame | None]:
    yield from frames
    yield None  # lets the resampler give out what it still holds


def _late_by(container: av.container.InputContainer, frame: av.AudioFrame) -> int:
    begins = (container.start_time or 0) / av.time_base
    return 0 if frame.time is None else round((frame.time - begins) * SAMPLE_RATE)


def _declared_samples(container: av.container.InputContainer, stream: av.AudioStream) -> int | None:
    """MP4 says to the sample where a track ends; the decoder gives out the padding of the last packet all the same."""
    if not container.format.name.startswith("mov") or stream.duration is None or stream.time_base is None:
        return None
    return round(stream.duration * stream.time_base * SAMPLE_RATE)


def _sound_of(frame: av.AudioFrame) -> Samples:
    block = np.asarray(frame.to_ndarray(), np.float32).reshape(-1, len(frame.layout.channels))
    if not np.isfinite(block).all() or np.abs(block).max(initial=0) > _LOUDEST:
        block = np.clip(np.nan_to_num(block, nan=0.0), -_LOUDEST, _LOUDEST)
    return block
