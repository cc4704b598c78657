"""Finished pieces on the disk, named by their content: sealed when made, checked when used, evicted when too many.

The seal is a last box of type `free` (which every MP4 reader skips) with a CRC-32 of all that comes before and a few
facts about the piece. One file holds both, so no crash and no second process can part them. A cut, emptied or
flipped file fails the seal and is made again.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import struct
import uuid
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from aianime_pipeline.errors import DiskFullError, StorageError
from aianime_pipeline.film.ffmpeg import NO_SPACE, ffmpeg_version

_MAGIC = b"AiAnSeal"
_TAIL = struct.Struct(">II8s")
_BOX_HEAD = struct.Struct(">I4s")
_CHUNK = 1 << 20
_IN_USE = ".in-use"
_PART = ".part-"
_PART_NAME = re.compile(r"\.part-\d+-[0-9a-f]{32}(\..*)?")

Facts = Mapping[str, Any]
"""JSON-ready facts that are sealed with a piece."""


def content_key(recipe: str, **parts: Any) -> str:
    """The name of a piece: a digest of everything that goes into it, ffmpeg's build included."""
    text = json.dumps({"recipe": recipe, "ffmpeg": ffmpeg_version(), **parts}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def part_beside(final: Path) -> Iterator[Path]:
    """A file of one's own in the folder of `final`, empty as yet, for what is in the making; what is left of it is
    removed at the end. Raises StorageError where nothing can be written there; a full disk becomes DiskFullError."""
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        part, lock = _begun_part(final)
    except OSError as error:
        raise _unwritable(final, error) from error
    with lock:
        try:
            yield part
        except OSError as error:
            if error.errno in NO_SPACE:
                raise _unwritable(final, error) from error
            raise
        finally:
            part.unlink(missing_ok=True)


def sweep_parts(folder: Path) -> None:
    """Remove the parts in `folder` that killed processes left behind; those that somebody works on stay."""
    for part in folder.glob(f"{_PART}*"):
        if _PART_NAME.fullmatch(part.name):
            with contextlib.suppress(OSError), part.open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part.unlink()


def seal(path: Path, facts: Facts) -> None:
    """Close a finished MP4 with its checksum and `facts`, on the disk for good."""
    note = json.dumps(facts, sort_keys=True).encode()
    with path.open("r+b") as file:
        checksum = _crc(file, path.stat().st_size)
        size = 8 + len(note) + _TAIL.size
        file.seek(0, os.SEEK_END)
        box = _BOX_HEAD.pack(size, b"free") + note
        file.write(box + _TAIL.pack(size, zlib.crc32(box, checksum), _MAGIC))
        file.flush()
        os.fsync(file.fileno())


def sealed_facts(path: Path, *, counts_as_use: bool = True) -> dict[str, Any] | None:
    """The facts of a whole and undamaged piece; None for any other file, or for none. A use is seen by the time of the
    file's last change."""
    try:
        with path.open("rb") as file:
            length = file.seek(0, os.SEEK_END)
            if length < _TAIL.size:
                return None
            file.seek(length - _TAIL.size)
            size, checksum, magic = _TAIL.unpack(file.read(_TAIL.size))
            if magic != _MAGIC or size > length or _crc(file, length - _TAIL.size) != checksum:
                return None
            file.seek(length - size)
            box = file.read(size)
            if box[:8] != _BOX_HEAD.pack(size, b"free"):
                return None
            facts: dict[str, Any] = json.loads(box[8 : -_TAIL.size])
        if counts_as_use:
            os.utime(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return facts


@contextmanager
def cache_in_use(folder: Path) -> Iterator[None]:
    """While a film is made: nobody trims this cache. Any number of films may be made at once."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / _IN_USE).open("a")
    except OSError as error:
        raise _unwritable(folder / _IN_USE, error) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def trim_cache(folder: Path, max_bytes: int, keep: Collection[Path]) -> int:
    """Remove the pieces used longest ago until `folder` holds at most `max_bytes`, and parts that a killed process
    left behind. Never removes what is in `keep`, and nothing at all while a film is being made from this cache (then
    that film's end will see to it). Returns the bytes that were freed."""
    freed = 0
    if not folder.is_dir():
        return freed
    with (folder / _IN_USE).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return freed
            raise
        kept = {path.absolute() for path in keep}
        found = [(path, path.stat()) for path in folder.rglob("*") if path.is_file() and path.name != _IN_USE]
        total = sum(stat.st_size for _, stat in found)
        found.sort(key=lambda entry: (not entry[0].name.startswith(_PART), entry[1].st_mtime_ns))
        for path, stat in found:
            left_behind = path.name.startswith(_PART)
            if path.absolute() in kept or (total - freed <= max_bytes and not left_behind):
                continue
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            freed += stat.st_size
    return freed


def _begun_part(final: Path) -> tuple[Path, IO[bytes]]:
    """A part and the lock on it, which its process holds as long as it lives."""
    while True:
        part = final.with_name(f"{_PART}{os.getpid()}-{uuid.uuid4().hex}{final.suffix}")
        lock = part.open("xb")
        with contextlib.suppress(OSError):  # of a file system without locks, where nothing is ever swept
            fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock.fileno()).st_nlink:
            return part, lock
        lock.close()  # swept before it was locked


def _unwritable(final: Path, error: OSError) -> StorageError:
    if error.errno in NO_SPACE:
        return DiskFullError(
            f"No space left on the disk for {final.name} in {final.parent}. Free some space and run again."
        )
    return StorageError(f"{final.name} cannot be written in {final.parent} ({error.strerror}).", path=str(final))


def _crc(file: Any, length: int) -> int:
    file.seek(0)
    checksum = 0
    while length > 0 and (chunk := file.read(min(_CHUNK, length))):
        checksum = zlib.crc32(chunk, checksum)
        length -= len(chunk)
    return checksum
