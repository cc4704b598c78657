"""The boxes that an MP4 file is made of (ISO/IEC 14496-12): taken apart with every length checked, and put together.

A file says of itself how long its boxes are and how many rows they hold; nothing is believed before it was compared
with the bytes that are there. What a box means is the other modules' subject.
"""

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.errors import UnreadableMediaError

Integers = NDArray[np.int64]

_MOST_BOXES = 10_000
"""Side by side. A film has some twenty; a file made to keep us busy has millions."""
_LONGEST_MOVIE_BOX = 256 * 1024**2
"""Bytes. The tables of a film of ten hours are 20 MB."""


@dataclass(frozen=True)
class Box:
    kind: bytes
    body: memoryview

    @property
    def name(self) -> str:
        return self.kind.decode("latin-1")

    def packed(self) -> bytes:
        return box(self.kind, self.body)


def parsed(data: memoryview, within: str) -> list[Box]:
    """The boxes that lie side by side in `data`. Raises UnreadableMediaError."""
    boxes: list[Box] = []
    at = 0
    while len(data) - at >= 8:
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1 and len(data) - at >= 16:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        if size < head or size > len(data) - at:
            if not any(data[at:]):
                break  # QuickTime closes some lists with zeros
            raise UnreadableMediaError(
                f"its {_name(kind)} box in {within} says {size} bytes, where {len(data) - at} are left."
            )
        boxes.append(Box(kind, data[at + head : at + size]))
        if len(boxes) > _MOST_BOXES:
            raise UnreadableMediaError(f"its {within} box has more than {_MOST_BOXES} boxes in it.")
        at += size
    return boxes


def only(boxes: Sequence[Box], kind: bytes, within: str) -> memoryview:
    """The body of the one box of this kind. Raises UnreadableMediaError where there is none, or more than one."""
    bodies = [box.body for box in boxes if box.kind == kind]
    if len(bodies) != 1:
        raise UnreadableMediaError(f"its {within} box has {len(bodies)} {_name(kind)} boxes instead of 1.")
    return bodies[0]


def fields(layout: str, body: memoryview, name: str, offset: int = 0) -> tuple[int, ...]:
    """Big-endian integers at `offset`. Raises UnreadableMediaError where the box is too short for them."""
    try:
        return struct.unpack_from(">" + layout, body, offset)
    except struct.error as error:
        raise UnreadableMediaError(f"its {name} box is too short ({len(body)} bytes).") from error


def rows(body: memoryview, name: str, *, offset: int, count: int, columns: int = 1, kind: str = "u4") -> Integers:
    """A table of `count` rows, shaped (count, columns). Raises UnreadableMediaError where the box holds fewer."""
    numbers = np.dtype(f">{kind}")
    if count * columns * numbers.itemsize > len(body) - offset:
        raise UnreadableMediaError(f"its {name} box says {count} rows, but has only {len(body)} bytes.")
    found = np.frombuffer(body, numbers, count * columns, offset)
    return found.astype(np.int64).reshape(count, columns)


def movie_box(descriptor: int, size: int) -> memoryview:
    """The body of a file's `moov`. `size` is the file's length in bytes. Raises UnreadableMediaError."""
    at = 0
    for _ in range(_MOST_BOXES):
        head = os.pread(descriptor, 16, at)
        if len(head) < 8:
            raise UnreadableMediaError("it has no moov box: it is no MP4 file, or one whose end is missing.")
        length, kind = struct.unpack_from(">I4s", head)
        begins = 8
        if length == 1 and len(head) == 16:
            (length,) = struct.unpack_from(">Q", head, 8)
            begins = 16
        elif length == 0:
            length = size - at
        if length < begins or length > size - at:
            raise UnreadableMediaError(
                f"its {_name(kind)} box at byte {at} says {length} bytes, where {size - at} are left in the file."
            )
        if kind == b"moov":
            return _read(descriptor, at + begins, length - begins)
        at += length
    raise UnreadableMediaError(f"it has no moov box among its first {_MOST_BOXES} boxes.")


def box(kind: bytes, *parts: bytes | memoryview) -> bytes:
    """A box around `parts`, which are below 4 GiB together."""
    return struct.pack(">I4s", 8 + sum(len(part) for part in parts), kind) + b"".join(parts)


def full_box(kind: bytes, *parts: bytes | memoryview, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def _read(descriptor: int, at: int, length: int) -> memoryview:
    if length > _LONGEST_MOVIE_BOX:
        raise UnreadableMediaError(f"its moov box has {length} bytes; no film needs more than {_LONGEST_MOVIE_BOX}.")
    body = bytearray()
    while len(body) < length:
        piece = os.pread(descriptor, length - len(body), at + len(body))
        if not piece:
            raise UnreadableMediaError("it ends within its moov box.")
        body += piece
    return memoryview(bytes(body))


def _name(kind: bytes) -> str:
    """As it may stand in a message: what lies there need not be text."""
    return kind.decode("ascii") if kind.isalnum() else repr(kind)
