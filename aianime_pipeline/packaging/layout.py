"""A ZIP by arithmetic: where every byte of it comes from, before any byte is read.

The size and the CRC-32 of every file are known, so the headers, the central directory and the total size follow from
the list of entries alone, and any range of bytes can be produced without reading what lies before it. The same entries
always give the same bytes.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from aianime_pipeline.packaging.records import MAX_16, MAX_32, Entry, central_record, end_records, local_header


@dataclass(frozen=True)
class Bytes:
    """A piece of the ZIP that is known without reading a file."""

    data: bytes

    def __len__(self) -> int:
        return len(self.data)

    def part(self, start: int, stop: int) -> "Bytes":
        return Bytes(self.data[start:stop])


@dataclass(frozen=True)
class Span:
    """A piece of the ZIP that is `length` bytes of the file of entry number `index`, from its byte `start`."""

    index: int
    start: int
    length: int

    def __len__(self) -> int:
        return self.length

    def part(self, start: int, stop: int) -> "Span":
        return Span(self.index, self.start + start, stop - start)


Piece = Bytes | Span

ReadSpan = Callable[[Span], Iterator[bytes]]
"""Gives exactly the bytes that a span describes."""


@dataclass(frozen=True)
class ZipLayout:
    """Where everything stands in the ZIP of these entries. Build it with `lay_out`."""

    entries: tuple[Entry, ...]
    starts: tuple[int, ...]
    """Where each entry's local header starts."""
    directory_start: int

    @cached_property
    def tail(self) -> bytes:
        """The central directory and the end records."""
        directory = b"".join(map(central_record, self.entries, self.starts))
        return directory + end_records(len(self.entries), self.directory_start, len(directory))

    @property
    def total_size(self) -> int:
        """Bytes."""
        return self.directory_start + len(self.tail)

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[Piece]:
        """The pieces that make up the bytes from `start` to `stop` (the end, when None), in order, none empty.

        Raises ValueError when that is not a range of this ZIP.
        """
        stop = self.total_size if stop is None else stop
        if not 0 <= start <= stop <= self.total_size:
            raise ValueError(f"Bytes {start} to {stop} are not a range of a ZIP of {self.total_size} bytes.")
        for at, piece in self._from_entry_at(start):
            if at >= stop:
                return
            first, last = max(start - at, 0), min(stop - at, len(piece))
            if first < last:
                yield piece.part(first, last)

    def read_range(self, read_span: ReadSpan, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to `stop`; as `pieces`, with the files' bytes filled in."""
        for piece in self.pieces(start, stop):
            if isinstance(piece, Bytes):
                yield piece.data
            else:
                yield from read_span(piece)

    def _from_entry_at(self, position: int) -> Iterator[tuple[int, Piece]]:
        """Every whole piece with its place, from the entry in which `position` lies to the end."""
        for index in range(max(bisect_right(self.starts, position) - 1, 0), len(self.entries)):
            entry, at = self.entries[index], self.starts[index]
            header = local_header(entry)
            yield at, Bytes(header)
            yield at + len(header), Span(index, 0, entry.size)
        yield self.directory_start, Bytes(self.tail)


def lay_out(entries: Sequence[Entry]) -> ZipLayout:
    """The layout of a ZIP with these files, in this order.

    Raises ValueError for a name that is empty, too long or there twice, and for a size or CRC-32 that cannot be.
    """
    starts, position, names = [], 0, set()
    for entry in entries:
        _check(entry)
        if entry.name in names:
            raise ValueError(f"Two files of the ZIP are called {entry.name!r}.")
        names.add(entry.name)
        starts.append(position)
        position += len(local_header(entry)) + entry.size
    return ZipLayout(tuple(entries), tuple(starts), position)


def _check(entry: Entry) -> None:
    if not 0 < len(entry.name.encode()) <= MAX_16:
        raise ValueError(f"A name in a ZIP has 1 to {MAX_16} bytes: {entry.name[:80]!r}")
    if entry.size < 0 or not 0 <= entry.crc32 <= MAX_32:
        raise ValueError(f"{entry.name!r} cannot have {entry.size} bytes with the CRC-32 {entry.crc32}.")
