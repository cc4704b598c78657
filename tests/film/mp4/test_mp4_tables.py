"""Sample tables: written in the fewest rows and read back to the same numbers."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.film.mp4.boxes import Integers, box, parsed
from aianime_pipeline.film.mp4.tables import (
    Samples,
    chunk_offsets,
    ctts,
    read_samples,
    stsc,
    stss,
    stsz,
    stts,
)
from aianime_pipeline.film.mp4.tracks import Edit, Placed, movie_header, packed_track


def numbers(values: list[int]) -> Integers:
    return np.array(values, np.int64)


@st.composite
def tracks(draw: st.DrawFn) -> tuple[Samples, Integers, Integers]:
    """Samples, how many are in each chunk, and where the chunks lie."""
    by_chunk = numbers(draw(st.lists(st.integers(1, 5), min_size=1, max_size=12)))
    count = int(by_chunk.sum())

    def each(values: st.SearchStrategy[int]) -> Integers:
        return numbers(draw(st.lists(values, min_size=count, max_size=count)))

    sizes = each(st.integers(0, 3))
    starts = numbers(draw(st.lists(st.integers(0, 2**40), min_size=len(by_chunk), max_size=len(by_chunk))))
    within = np.cumsum(sizes) - sizes
    first = np.cumsum(by_chunk) - by_chunk
    offsets = within - np.repeat(within[first], by_chunk) + np.repeat(starts, by_chunk)
    sync = np.flatnonzero(each(st.integers(0, 1)))
    return (
        Samples(sizes, offsets, each(st.integers(0, 2)), each(st.integers(-(2**31), 2**31 - 1)), sync),
        by_chunk,
        starts,
    )


@settings(max_examples=100, deadline=None)
@given(tracks())
def test_what_is_written_is_read_back(track: tuple[Samples, Integers, Integers]) -> None:
    samples, by_chunk, starts = track
    packed = [stts(samples.durations), ctts(samples.delays), stss(samples.sync, len(samples)), stsz(samples.sizes)]
    packed += [stsc(by_chunk), chunk_offsets(starts, wide=True)]
    found = read_samples(parsed(memoryview(b"".join(packed)), "stbl"), 2**41)
    for name in ("sizes", "offsets", "durations", "delays", "sync"):
        assert getattr(found, name).tolist() == getattr(samples, name).tolist(), name


def test_equal_neighbours_take_one_row() -> None:
    frames = 100_000
    assert len(stts(np.full(frames, 1000))) == 24
    assert len(stsc(np.full(frames, 12))) == 28
    assert len(stsz(np.full(frames, 4))) == 20
    assert ctts(np.zeros(frames, np.int64)) == b""
    assert stss(np.arange(frames), frames) == b""


def test_lengths_beyond_32_bits_are_told_in_64() -> None:
    day = 48_000 * 86_400 * 2
    placed = Placed(bytes(60), 3, day, (Edit(day, 2000),), b"", b"", b"", b"")
    assert day.to_bytes(8, "big") in movie_header(48_000, day, 2)
    trak = packed_track(placed, 1, [])
    assert trak.count(day.to_bytes(8, "big")) == 2
    assert box(b"trak") == b"\0\0\0\x08trak"
    kinds = {found.kind: found.body for found in parsed(memoryview(trak)[8:], "trak")}
    assert (bytes(kinds[b"tkhd"][:1]), len(kinds[b"tkhd"])) == (b"\1", 96)
