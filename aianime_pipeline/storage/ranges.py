"""A file that is read by ranges, such as an object in a bucket, as any reader of files meets it."""

import io
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from typing_extensions import Buffer

_BUFFER_BYTES = 1 << 20


def buffered(size: int, read: "Callable[[int, int], Buffer]") -> BinaryIO:
    """A reader at the first of `size` bytes, without `fileno`. `read(start, length)` gives `length` bytes, or fewer."""
    return cast(BinaryIO, io.BufferedReader(_Ranges(size, read), _BUFFER_BYTES))


class _Ranges(io.RawIOBase):
    def __init__(self, size: int, read: "Callable[[int, int], Buffer]") -> None:
        self._size, self._read, self._at = size, read, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: "Buffer") -> int:
        into = memoryview(buffer)
        count = min(len(into), self._size - self._at)
        if count <= 0:
            return 0
        got = memoryview(self._read(self._at, count))
        into[: len(got)] = got
        self._at += len(got)
        return len(got)
