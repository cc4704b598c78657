"""Runs of bytes from many files into one, by the kernel where it can: the samples never come into this process.

Files stay open from when their tables were read until their samples are copied, because a cache may put another file
under the same name meanwhile. Where there are more than a process may hold open, a file is opened again and must be
the same one.
"""

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from aianime_pipeline.errors import FilmMismatchError, UnreadableMediaError
from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled

_KEPT_OPEN = 200
"""Of 1,024 that a process commonly may have, in which two films may be joined at once."""
_PIECE = 8 * 1024**2
"""Bytes copied in one go: a cancellation waits no longer than for these."""
_ASKED_EVERY = 4 * 1024**2
_CANNOT = (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.ETXTBSY, errno.EBADF)


class SourceFiles:
    """Files to copy from, by number. A path that comes twice is one file."""

    def __init__(self) -> None:
        self._numbers: dict[Path, int] = {}
        self._paths: list[Path] = []
        self._states: list[os.stat_result] = []
        self._kept: dict[int, int] = {}
        self._latest: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._forget_latest()
        for descriptor in self._kept.values():
            os.close(descriptor)
        self._kept.clear()

    def add(self, path: Path) -> int:
        """Open a file; its number. Raises UnreadableMediaError."""
        if path not in self._numbers:
            descriptor = _opened(path)
            number = self._numbers[path] = len(self._paths)
            self._paths.append(path)
            self._states.append(os.fstat(descriptor))
            self._keep(number, descriptor)
        return self._numbers[path]

    def size(self, number: int) -> int:
        return self._states[number].st_size

    def descriptor(self, number: int) -> int:
        """Good until the next call. Raises FilmMismatchError where the file was replaced since it was added."""
        if number in self._kept:
            return self._kept[number]
        if self._latest is None or self._latest[0] != number:
            descriptor, before = _opened(self._paths[number]), self._states[number]
            self._keep(number, descriptor)
            now = os.fstat(descriptor)
            if (now.st_dev, now.st_ino, now.st_size) != (before.st_dev, before.st_ino, before.st_size):
                raise FilmMismatchError(
                    f"{self._paths[number].name} was replaced while the film was joined; run again."
                )
        assert self._latest is not None
        return self._latest[1]

    def _keep(self, number: int, descriptor: int) -> None:
        if len(self._kept) < _KEPT_OPEN and len(self._paths) - 1 == number:
            self._kept[number] = descriptor
        else:
            self._forget_latest()
            self._latest = number, descriptor

    def _forget_latest(self) -> None:
        if self._latest is not None:
            os.close(self._latest[1])
            self._latest = None


class Copier:
    """Appends runs of bytes to the file `target`, with whatever way the two file systems allow.

    `cancelled` is asked, and `on_share` (0 to 1) told, every few megabytes of `total`.
    """

    def __init__(
        self, target: int, total: int, cancelled: Cancelled | None, on_share: Callable[[float], None] | None
    ) -> None:
        self._target, self._total = target, total
        self._cancelled, self._on_share = cancelled, on_share
        self._done = self._asked = 0
        self._ways = [_by_copy_file_range, _by_sendfile, _by_hand]
        self.ask()

    def ask(self) -> None:
        """Raises FfmpegCancelled."""
        self._asked = self._done
        if self._cancelled is not None and self._cancelled():
            raise FfmpegCancelled("join the film")
        if self._on_share is not None:
            self._on_share(self._done / self._total)

    def copy(self, source: int, offset: int, length: int) -> None:
        """Raises UnreadableMediaError where the source ends before, OSError of the target."""
        end = offset + length
        while offset < end:
            copied = self._piece(source, offset, min(end - offset, _PIECE))
            offset += copied
            self._done += copied
            if self._done - self._asked >= _ASKED_EVERY:
                self.ask()

    def _piece(self, source: int, offset: int, length: int) -> int:
        while True:
            way = self._ways[0]
            copied = 0
            try:
                copied = way(source, self._target, offset, length)
            except OSError as error:
                if error.errno not in _CANNOT or len(self._ways) == 1:
                    raise
            if copied:
                return copied
            # Some file systems answer "nothing copied" for "cannot".
            if len(self._ways) == 1:
                raise UnreadableMediaError(f"a file of the film ended at byte {offset} while it was copied.")
            del self._ways[0]


def write_all(target: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(target, left) :]


def _by_copy_file_range(source: int, target: int, offset: int, length: int) -> int:
    if not hasattr(os, "copy_file_range"):
        raise OSError(errno.ENOSYS, "copy_file_range")
    return os.copy_file_range(source, target, length, offset)


def _by_sendfile(source: int, target: int, offset: int, length: int) -> int:
    return os.sendfile(target, source, offset, length)


def _by_hand(source: int, target: int, offset: int, length: int) -> int:
    piece = os.pread(source, length, offset)
    write_all(target, piece)
    return len(piece)


def _opened(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableMediaError(f"{path.name} cannot be opened ({error.strerror}).", path=str(path)) from error
    with contextlib.suppress(OSError):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
    return descriptor
