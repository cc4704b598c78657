"""In which order the samples of all tracks lie in the film: half a second of picture, half a second of sound, ...

A player that reads the film over a network then has what it needs next within what it reads next. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aianime_pipeline.film.mp4.boxes import Integers
from aianime_pipeline.film.mp4.tables import Samples

_CHUNKS_A_SECOND = 2


@dataclass(frozen=True)
class Stream:
    """A track's samples, the number of the file that each comes from, and its clock: ticks a second."""

    samples: Samples
    files: Integers
    time_scale: int


@dataclass(frozen=True)
class Chunks:
    """Runs of samples of one track that lie side by side in the file they come from, in the track's order: how many
    samples, the file's number, the first byte in it, the bytes, and the second they are needed."""

    counts: Integers
    files: Integers
    offsets: Integers
    lengths: Integers
    seconds: np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Laid:
    """All tracks' chunks in the order of the film: rows of (file, first byte in it, bytes); and by track where each of
    its chunks begins, counted from the first sample's byte."""

    runs: Integers
    places: tuple[Integers, ...]
    length: int


def chunks_of(stream: Stream) -> Chunks:
    """A chunk ends where a half second does, where the file changes, or where the next sample lies elsewhere."""
    samples = stream.samples
    times = np.cumsum(samples.durations) - samples.durations
    halves = times * _CHUNKS_A_SECOND // stream.time_scale
    ends = samples.offsets + samples.sizes
    breaks = (np.diff(halves) != 0) | (np.diff(stream.files) != 0) | (samples.offsets[1:] != ends[:-1])
    first = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    return Chunks(
        counts=np.diff(first, append=len(samples)),
        files=stream.files[first],
        offsets=samples.offsets[first],
        lengths=np.add.reduceat(samples.sizes, first),
        seconds=times[first] / stream.time_scale,
    )


def laid_out(tracks: Sequence[Chunks]) -> Laid:
    """By the second each chunk is needed; of two at the same second, the earlier track's comes first."""
    seconds = np.concatenate([chunks.seconds for chunks in tracks])
    track = np.repeat(np.arange(len(tracks)), [len(chunks.counts) for chunks in tracks])
    order = np.lexsort((track, seconds))
    lengths = np.concatenate([chunks.lengths for chunks in tracks])[order]
    places = np.empty(len(order), np.int64)
    places[order] = np.cumsum(lengths) - lengths
    files = np.concatenate([chunks.files for chunks in tracks])[order]
    offsets = np.concatenate([chunks.offsets for chunks in tracks])[order]
    return Laid(
        runs=_merged(files, offsets, lengths),
        places=tuple(places[track == number] for number in range(len(tracks))),
        length=int(lengths.sum()),
    )


def _merged(files: Integers, offsets: Integers, lengths: Integers) -> Integers:
    """Runs that continue each other as one, so that the kernel copies them in one go."""
    breaks = (np.diff(files) != 0) | (offsets[1:] != (offsets + lengths)[:-1])
    first = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    return np.stack([files[first], offsets[first], np.add.reduceat(lengths, first)], axis=1)
