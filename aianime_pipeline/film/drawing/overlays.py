"""A picture that is laid over a film: subtitles, labels and watermarks are nothing else to what renders the film.

Drawing them ourselves and not through a subtitle filter has reasons: such a filter that finds no font draws nothing,
with exit code 0, and codes inside a line would act. A picture shows the line to the letter or says what it cannot.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from PIL import Image

_FAST = 2
_RGBA = 6
"""Colour type of the PNG format."""


@dataclass(frozen=True)
class Overlay:
    """`png` (RGBA, straight alpha) at (`x`, `y`) pixels from the film's top left corner, from frame `first` to before
    frame `end`, counted from the film's beginning. Place and size are even, for the halved colour planes of yuv420p."""

    png: bytes
    x: int
    y: int
    first: int
    end: int

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the PNG; equal text in an equal style has equal bytes."""
        return hashlib.sha256(self.png).hexdigest()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, from the PNG's header."""
        width, height = struct.unpack(">II", self.png[16:24])
        return width, height

    @property
    def key(self) -> str:
        """What it looks like and where: equal for equal pictures at one place."""
        return f"{self.digest} {self.x} {self.y}"

    def during(self, first: int, end: int) -> "Overlay":
        """The same picture at other times."""
        return Overlay(self.png, self.x, self.y, first, end)


class LaidOver(Protocol):
    """What a film's pieces want of an overlay; see Overlay, which is drawn, and DrawnLater."""

    @property
    def first(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def png(self) -> bytes: ...
    @property
    def x(self) -> int: ...
    @property
    def y(self) -> int: ...
    @property
    def size(self) -> tuple[int, int]: ...
    def during(self, first: int, end: int) -> "LaidOver": ...


@dataclass(frozen=True)
class Laid:
    """A picture cut to what is drawn on it, at its place in the frame."""

    png: bytes
    x: int
    y: int

    def during(self, first: int, end: int) -> Overlay:
        return Overlay(self.png, self.x, self.y, first, end)


@dataclass(frozen=True)
class DrawnLater:
    """An overlay whose `key` is known before it is drawn: a film of which one shot changed draws only the lines over
    that shot. `draw` gives the same picture for the same key, always."""

    key: str
    draw: Callable[[], Laid]
    first: int
    end: int

    @cached_property
    def _overlay(self) -> Overlay:
        return self.draw().during(self.first, self.end)

    @property
    def png(self) -> bytes:
        return self._overlay.png

    @property
    def x(self) -> int:
        return self._overlay.x

    @property
    def y(self) -> int:
        return self._overlay.y

    @property
    def size(self) -> tuple[int, int]:
        return self._overlay.size

    def during(self, first: int, end: int) -> "DrawnLater":
        return DrawnLater(self.key, self.draw, first, end)


def lay(picture: Image.Image, x: int, y: int, *, width: int, height: int) -> Laid | None:
    """An RGBA picture with its corner at (x, y) of a frame of `width` x `height` (even), cut to what is drawn and to
    the frame. None where nothing is drawn inside the frame."""
    inside = (max(0, -x), max(0, -y), min(picture.width, width - x), min(picture.height, height - y))
    if inside[0] >= inside[2] or inside[1] >= inside[3]:
        return None
    shown = picture.crop(inside)
    x, y = x + inside[0], y + inside[1]
    ink = shown.getchannel("A").getbbox()
    if ink is None:
        return None
    left, top = (x + ink[0]) // 2 * 2, (y + ink[1]) // 2 * 2
    right, bottom = (x + ink[2] + 1) // 2 * 2, (y + ink[3] + 1) // 2 * 2
    return Laid(png_bytes(shown.crop((left - x, top - y, right - x, bottom - y))), left, top)


def png_bytes(picture: Image.Image) -> bytes:
    """An RGBA picture as PNG: the same bytes for the same pixels. Pillow's own writer tries five filters on each row,
    which takes it twice as long and makes flat letters no smaller."""
    width, height = picture.size
    rows = np.zeros((height, 1 + width * 4), np.uint8)
    rows[:, 1:] = np.asarray(picture).reshape(height, width * 4)
    header = struct.pack(">IIBBBBB", width, height, 8, _RGBA, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows.tobytes(), _FAST)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
