"""The sample tables of a track: rows of boxes turned into one number per sample, and back into the fewest rows.

One number per sample and table is what joining needs, and a film of an hour has 86,400 frames; so these are arrays, and
nothing here goes through them one by one.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.mp4.boxes import Box, Integers, fields, full_box, only, rows

_MOST_SAMPLES = 10_000_000
"""A hundred hours of pictures, sixty of sound. A table may claim four thousand millions in twelve bytes."""


@dataclass(frozen=True)
class Samples:
    """One entry per sample, in decoding order: bytes, byte in the file, and ticks of the track's time scale.
    `delays` is composition time minus decoding time. `sync` are the places of the samples that can be decoded without
    any other."""

    sizes: Integers
    offsets: Integers
    durations: Integers
    delays: Integers
    sync: Integers

    def __len__(self) -> int:
        return len(self.sizes)


def read_samples(table: Sequence[Box], file_size: int) -> Samples:
    """What the boxes of an `stbl` say. Raises UnreadableMediaError where they contradict each other, or the file."""
    sizes = _sizes(table)
    count = len(sizes)
    if count == 0:
        raise UnreadableMediaError("its track has no samples.")
    offsets = _offsets(table, sizes)
    beyond = np.flatnonzero((offsets < 0) | (offsets > file_size - sizes))
    if len(beyond):
        raise UnreadableMediaError(
            f"its sample {beyond[0] + 1} of {count} lies at byte {offsets[beyond[0]]}, outside of the {file_size} "
            "bytes of the file."
        )
    durations = _spread(rows_of(only(table, b"stts", "stbl"), "stts", 2), count, "stts")
    return Samples(sizes, offsets, durations, _delays(table, count), _sync(table, count))


def rows_of(body: memoryview, name: str, columns: int, kind: str = "u4") -> Integers:
    """The rows of a table that begins with its version, its flags and its number of rows."""
    (count,) = fields("I", body, name, 4)
    return rows(body, name, offset=8, count=count, columns=columns, kind=kind)


def stts(durations: Integers) -> bytes:
    return _counted(b"stts", _runs(durations))


def ctts(delays: Integers) -> bytes:
    """Empty where no sample is delayed."""
    if not delays.any():
        return b""
    return _counted(b"ctts", _runs(delays), version=int(delays.min() < 0))


def stss(sync: Integers, count: int) -> bytes:
    """Empty where every one of `count` samples can be decoded by itself: that is what a missing table says."""
    return b"" if len(sync) == count else _counted(b"stss", (sync + 1).reshape(-1, 1))


def stsz(sizes: Integers) -> bytes:
    if len(sizes) and sizes[0] > 0 and (sizes == sizes[0]).all():
        return full_box(b"stsz", struct.pack(">II", sizes[0], len(sizes)))
    return full_box(b"stsz", struct.pack(">II", 0, len(sizes)), sizes.astype(">u4").tobytes())


def stsc(samples_by_chunk: Integers) -> bytes:
    runs = _runs(samples_by_chunk)
    first = np.cumsum(runs[:, 0]) - runs[:, 0] + 1
    return _counted(b"stsc", np.stack([first, runs[:, 1], np.ones_like(first)], axis=1))


def chunk_offsets(offsets: Integers, *, wide: bool) -> bytes:
    """`wide` holds offsets beyond 4 GiB."""
    numbers = offsets.astype(">u8" if wide else ">u4")
    return full_box(b"co64" if wide else b"stco", struct.pack(">I", len(offsets)), numbers.tobytes())


def _sizes(table: Sequence[Box]) -> Integers:
    body = only(table, b"stsz", "stbl")
    size, count = fields("II", body, "stsz", 4)
    if count > _MOST_SAMPLES:
        raise UnreadableMediaError(f"its stsz box says {count} samples; no film has more than {_MOST_SAMPLES}.")
    if size:
        return np.full(count, size, np.int64)
    return rows(body, "stsz", offset=12, count=count)[:, 0]


def _offsets(table: Sequence[Box], sizes: Integers) -> Integers:
    wide = any(box.kind == b"co64" for box in table)
    name = "co64" if wide else "stco"
    chunks = rows_of(only(table, name.encode(), "stbl"), name, 1, "u8" if wide else "u4")[:, 0]
    in_chunk = rows_of(only(table, b"stsc", "stbl"), "stsc", 3)
    first, counts, description = in_chunk.T
    last = np.append(first[1:], len(chunks) + 1)
    if not len(first) or first[0] != 1 or (last <= first).any() or (description != 1).any():
        raise UnreadableMediaError("its stsc box does not say what is in each chunk.")
    by_chunk = np.repeat(counts, last - first)
    if by_chunk.sum() != len(sizes):
        raise UnreadableMediaError(f"its stsc box says {by_chunk.sum()} samples, its stsz box {len(sizes)}.")
    starts = np.cumsum(sizes) - sizes
    first_of_chunk = np.cumsum(by_chunk) - by_chunk
    # A chunk of no samples may stand at the very end, where there is no sample to begin with.
    shift = chunks - starts[np.minimum(first_of_chunk, len(sizes) - 1)]
    offsets: Integers = starts + np.repeat(shift, by_chunk)
    return offsets


def _delays(table: Sequence[Box], count: int) -> Integers:
    if not any(box.kind == b"ctts" for box in table):
        return np.zeros(count, np.int64)
    # Version 0 has no sign, but writers put negative numbers there all the same, and readers take them for such.
    pairs = rows_of(only(table, b"ctts", "stbl"), "ctts", 2, "i4")
    pairs[:, 0] &= 0xFFFF_FFFF
    return _spread(pairs, count, "ctts")


def _sync(table: Sequence[Box], count: int) -> Integers:
    if not any(box.kind == b"stss" for box in table):
        return np.arange(count)
    places = rows_of(only(table, b"stss", "stbl"), "stss", 1)[:, 0] - 1
    if len(places) and (places[0] < 0 or places[-1] >= count or (np.diff(places) <= 0).any()):
        raise UnreadableMediaError(f"its stss box names samples that are not among its {count} samples.")
    return places


def _spread(pairs: Integers, count: int, name: str) -> Integers:
    """(how many, value) as one value per sample."""
    claimed = sum(pairs[:, 0].tolist())  # exact: 64 bits would do, but only just
    if claimed != count:
        raise UnreadableMediaError(f"its {name} box says {claimed} samples, its stsz box {count}.")
    return np.repeat(pairs[:, 1], pairs[:, 0])


def _runs(values: Integers) -> Integers:
    """Equal neighbours as rows of (how many, value)."""
    first = np.flatnonzero(np.diff(values, prepend=values[0] - 1))
    return np.stack([np.diff(first, append=len(values)), values[first]], axis=1)


def _counted(kind: bytes, table: Integers, version: int = 0) -> bytes:
    # Taken modulo 2^32, negative delays come out as the 32-bit two's complement that they are to be.
    numbers = (table & 0xFFFF_FFFF).astype(">u4")
    return full_box(kind, struct.pack(">I", len(table)), numbers.tobytes(), version=version)
