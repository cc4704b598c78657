"""Sound out of files and onto the disk: any source as stereo float32 at 48 kHz, block by block.

Samples are arrays of shape (n, 2). Nothing here holds a whole film's sound in memory.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

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
    priming is left out. Mono goes to both channels as it is. Raises UnreadableMediaError."""
    with open_media(path) as container:
        if not container.streams.audio:
            raise UnreadableMediaError(f"{path.name} has no sound in it.", path=str(path))
        stream = container.streams.audio[0]
        # libswresample would turn a mono voice down by 3 dB on its way to two channels.
        layout = "mono" if stream.channels == 1 else "stereo"
        resampler = av.AudioResampler(format="flt", layout=layout, rate=SAMPLE_RATE)
        left = _declared_samples(container, stream)
        begun = False
        for frame in _frames_and_end(container.decode(stream)):
            if frame is not None and not begun:
                begun = True
                late = _late_by(container, frame)
                if late > _PRIMING:
                    yield np.zeros((late, 2), np.float32)
            for resampled in resampler.resample(frame) if begun else ():
                block = _stereo(resampled)[:left]
                left = None if left is None else left - len(block)
                if len(block):
                    yield block


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


class PcmFile:
    """Samples in a file on the disk, written once from the front and then read anywhere."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples = 0
        self._file = path.open("w+b")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)

    def append(self, block: Samples) -> None:
        self._file.seek(0, 2)
        self._file.write(np.ascontiguousarray(block, np.float32).data)
        self.samples += len(block)

    def read(self, start: int, stop: int) -> Samples:
        """Samples `start` to `stop`; silence before the first and after the last."""
        block = np.zeros((stop - start, 2), np.float32)
        first, last = max(start, 0), min(stop, self.samples)
        if first < last:
            self._file.seek(first * 8)
            found = np.frombuffer(self._file.read((last - first) * 8), np.float32).reshape(-1, 2)
            block[first - start : last - start] = found
        return block


class PlacedSound:
    """A sound at its place in the film, read while the film goes by. Blocks must be asked for in order."""

    def __init__(self, blocks: Callable[[], Iterator[Samples]], start: int, length: int, *, edge_fade: int = 0) -> None:
        self.start, self.length = start, length
        self.decoded = 0
        self._edge_fade = edge_fade
        self._open = blocks
        self._blocks: Iterator[Samples] | None = None
        self._waiting: Samples = np.zeros((0, 2), np.float32)

    def add_into(self, mix: Samples, at: int) -> None:
        """Add what falls into `mix`, whose first sample is the film's sample `at`."""
        first, last = max(self.start, at), min(self.start + self.length, at + len(mix))
        if first >= last:
            return
        block = self._take(last - first)
        if self._edge_fade:
            block = block * self._fade(first - self.start, len(block))
        mix[first - at : first - at + len(block)] += block

    def exhaust(self) -> int:
        """Decode to the source's end and say how many samples it has."""
        while self._next():
            self._waiting = self._waiting[:0]
        return self.decoded

    def _take(self, count: int) -> Samples:
        while len(self._waiting) < count and self._next():
            pass
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    def _next(self) -> bool:
        if self._blocks is None:
            self._blocks = self._open()
        block = next(self._blocks, None)
        if block is None:
            return False
        self.decoded += len(block)
        self._waiting = np.concatenate([self._waiting, block])
        return True

    def _fade(self, place: int, count: int) -> Samples:
        places = np.arange(place, place + count, dtype=np.float32)
        edge = np.minimum(places, self.length - 1 - places) / self._edge_fade
        return np.clip(edge, 0, 1)[:, None].astype(np.float32)


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


def _stereo(frame: av.AudioFrame) -> Samples:
    channels = len(frame.layout.channels)
    block = np.asarray(frame.to_ndarray(), np.float32).reshape(-1, channels)
    if not np.isfinite(block).all() or np.abs(block).max(initial=0) > _LOUDEST:
        block = np.clip(np.nan_to_num(block, nan=0.0), -_LOUDEST, _LOUDEST)
    return np.repeat(block, 2, axis=1) if channels == 1 else block
