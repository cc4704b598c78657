"""A reader of our own, stricter than the tolerant ones: every field must be where and what the format says.

`zipfile` does not look at a local header's sizes nor at the place that the ZIP64 locator names; others do.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.packaging.layout import Span, ZipLayout, lay_out
from aianime_pipeline.packaging.records import Entry

MOMENT = datetime(2026, 11, 3, tzinfo=UTC)
ONES_16, ONES_32 = 0xFFFF, 0xFFFF_FFFF


@dataclass
class Strict:
    layout: ZipLayout

    def at(self, start: int, length: int) -> bytes:
        def zeros(span: Span) -> Iterator[bytes]:
            yield bytes(span.length)

        return b"".join(self.layout.read_range(zeros, start, start + length))

    def directory(self) -> tuple[int, int, int]:
        """Count, size and start of the central directory."""
        end = self.layout.total_size - 22
        signature, disk, first, here, count, size, start, comment = struct.unpack("<4sHHHHIIH", self.at(end, 22))
        assert (signature, disk, first, here, comment) == (b"PK\5\6", 0, 0, count, 0)
        if count != ONES_16 and ONES_32 not in (size, start):
            assert start + size == end
            return count, size, start
        signature, disk, record, disks = struct.unpack("<4sIQI", self.at(end - 20, 20))
        assert (signature, disk, disks, record) == (b"PK\6\7", 0, 1, end - 20 - 56)
        fields = struct.unpack("<4sQHHIIQQQQ", self.at(record, 56))
        assert fields[:6] == (b"PK\6\6", 44, 3 << 8 | 45, 45, 0, 0)
        assert fields[6] == fields[7]
        for small, large, ones in (
            (count, fields[7], ONES_16),
            (size, fields[8], ONES_32),
            (start, fields[9], ONES_32),
        ):
            assert small == min(large, ones)
        assert fields[9] + fields[8] == record
        return fields[7], fields[8], fields[9]

    def entries(self) -> Iterator[tuple[str, int, int]]:
        """Name, size and start of each entry, from the central directory, the local header compared with it."""
        count, size, position = self.directory()
        stop = position + size
        for _ in range(count):
            fields = struct.unpack("<4sHHHHHHIIIHHHHHII", self.at(position, 46))
            assert (fields[0], fields[3], fields[4]) == (b"PK\1\2", 0x800, 0)
            name_length, extra_length = fields[10], fields[11]
            name = self.at(position + 46, name_length)
            extra = self.at(position + 46 + name_length, extra_length)
            position += 46 + name_length + extra_length
            large = iter(self.large_values(extra))
            plain, packed, start = (
                next(large) if small == ONES_32 else small for small in (*fields[9:7:-1], fields[16])
            )
            assert list(large) == []
            assert plain == packed
            assert fields[2] == (45 if extra else 20)
            assert self.local(start, name) == plain
            yield name.decode(), plain, start
        assert position == stop

    def local(self, start: int, name: bytes) -> int:
        fields = struct.unpack("<4sHHHHHIIIHH", self.at(start, 30))
        assert (fields[0], fields[2], fields[3], fields[9]) == (b"PK\3\4", 0x800, 0, len(name))
        assert self.at(start + 30, len(name)) == name
        extra = self.at(start + 30 + len(name), fields[10])
        assert fields[1] == (45 if extra else 20)
        if ONES_32 not in fields[7:9]:
            assert extra == b""
            assert fields[7] == fields[8]
            return int(fields[7])
        assert fields[7:9] == (ONES_32, ONES_32)
        plain, packed = self.large_values(extra)
        assert plain == packed
        return plain

    @staticmethod
    def large_values(extra: bytes) -> list[int]:
        if not extra:
            return []
        tag, length = struct.unpack("<HH", extra[:4])
        assert (tag, length) == (1, len(extra) - 4)
        return list(struct.unpack(f"<{length // 8}Q", extra[4:]))


NEAR_FOUR_GIB = st.integers(ONES_32 - 60, ONES_32 + 60)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 100) | NEAR_FOUR_GIB, max_size=5))
@pytest.mark.parametrize("name", ["a", "镜头"])
def test_every_field_is_what_the_format_says(name: str, sizes: list[int]) -> None:
    layout = lay_out([Entry(f"{name}{index}", size, 7, MOMENT) for index, size in enumerate(sizes)])
    wanted = [
        (f"{name}{index}", size, start) for index, (size, start) in enumerate(zip(sizes, layout.starts, strict=True))
    ]
    assert list(Strict(layout).entries()) == wanted


@pytest.mark.parametrize("size", [ONES_32 - 1, ONES_32, ONES_32 + 1])
def test_a_size_of_all_ones_is_already_too_large_for_its_field(size: int) -> None:
    assert list(Strict(lay_out([Entry("a", size, 7, MOMENT)])).entries()) == [("a", size, 0)]


@pytest.mark.parametrize("start", [ONES_32 - 1, ONES_32, ONES_32 + 1])
def test_a_place_of_all_ones_is_already_too_large_for_its_field(start: int) -> None:
    """The second header, and in another ZIP the directory, stand exactly there."""
    first = Entry("a", start - 31, 7, MOMENT)
    assert list(Strict(lay_out([first, Entry("b", 5, 7, MOMENT)])).entries())[1] == ("b", 5, start)
    assert Strict(lay_out([first])).directory()[2] == start


@pytest.mark.parametrize("count", [ONES_16 - 1, ONES_16, ONES_16 + 1])
def test_a_count_of_all_ones_is_already_too_large_for_its_field(count: int) -> None:
    layout = lay_out([Entry(f"{number:05d}", 0, 0, MOMENT) for number in range(count)])
    assert Strict(layout).directory()[0] == count


def test_a_part_of_a_part_of_a_span_counts_from_the_file() -> None:
    assert Span(3, 0, 100).part(10, 60).part(5, 20) == Span(3, 15, 15)
