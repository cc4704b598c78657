"""An object store in a folder: `objects/ab/abcdef…`, no ending, read-only files.

Plain files and not obstore's LocalStore, which reports a write as done before it reached the disk (its system calls
for a put: open, write, rename, and no fsync) and cannot hash while it writes, so that the bytes would be read twice.
For 256 MiB on a warm page cache it takes 0.7 s and the hashes 0.25 s more; one pass here takes 1.0 s, and 0.1 s more
for the fsync. A bucket has its store in s3.py.
"""

import fcntl
import hashlib
import os
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from aianime_pipeline.errors import DiskFullError, ObjectDamagedError, ObjectMissingError, ObjectStoreError
from aianime_pipeline.storage.durable import DAY_SECONDS, draft_in, make_folder, sweep_drafts, write_all
from aianime_pipeline.storage.folder_locks import locked_folder
from aianime_pipeline.storage.store import AHEAD_BYTES, GRACE, ListedObject, StoredObject, checked_digest, is_digest

_CHUNK_BYTES = 1 << 20
# Each piece of a range is a new object: of 1 MiB, getting its memory from the system makes reading four times slower.
_RANGE_BYTES = 1 << 17
_READ_ONLY = 0o444
_RENEW_SECONDS = GRACE.total_seconds() / 2


class FolderStore:
    """`root` is made at the first write. Threads, processes and machines that share the folder may use it at once.

    An object's age is that of its file. Between machines that share the folder the lock of `remove_if_older` does not
    hold: some microseconds remain there, in which a put of the same bytes by another machine would be removed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put_file(self, path: Path, media_type: str) -> StoredObject:
        with path.open("rb", buffering=0) as source:
            return self._put(_chunks(source), media_type)

    def put_bytes(self, data: bytes, media_type: str) -> StoredObject:
        return self._put([data], media_type)

    def open(self, digest: str) -> BinaryIO:
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError:
            raise self._missing(digest) from None

    def read_range(self, digest: str, start: int, length: int, *, ahead: int = AHEAD_BYTES) -> Iterator[bytes]:
        if start < 0 or length < 0:
            raise ValueError(f"A range starts at 0 or later and is not negative: {start}, {length}")
        with self.open(digest) as reader:
            reader.seek(start)
            while length:
                chunk = reader.read(min(length, _RANGE_BYTES))
                if not chunk:
                    raise ObjectDamagedError(
                        f"Object {digest} ends {length} bytes too early. Restore it from a backup or make it again.",
                        digest=digest,
                    )
                length -= len(chunk)
                yield chunk

    @contextmanager
    def local_path(self, digest: str) -> Iterator[Path]:
        if not self.exists(digest):
            raise self._missing(digest)
        yield self._path(digest)

    def signed_url(self, digest: str, *, disposition: str, media_type: str, seconds: int) -> str | None:
        checked_digest(digest)
        return None

    def address(self, digest: str) -> str:
        return str(self._path(digest))

    def check(self) -> None:
        there = next(folder for folder in (self.root, *self.root.absolute().parents) if folder.exists())
        if not there.is_dir() or not os.access(there, os.R_OK | os.W_OK | os.X_OK):
            raise ObjectStoreError(f"The store at {self.root} cannot be written: it takes a folder that is open to us.")
        if os.statvfs(there).f_bavail == 0:
            raise DiskFullError(f"The disk of the store at {self.root} is full. Make room, or clean up.")

    def exists(self, digest: str) -> bool:
        return self._path(digest).is_file()

    def size(self, digest: str) -> int:
        return self._stat(digest).st_size

    def written_at(self, digest: str) -> int:
        return self._stat(digest).st_mtime_ns

    def verify(self, digest: str) -> None:
        found = hashlib.sha256()
        with self.open(digest) as reader:
            for chunk in _chunks(reader):
                found.update(chunk)
        if found.hexdigest() != digest:
            raise ObjectDamagedError(
                f"Object {digest} is damaged: its bytes now have the digest {found.hexdigest()}. "
                "Restore it from a backup or make it again.",
                digest=digest,
                found=found.hexdigest(),
            )

    def delete(self, digest: str) -> None:
        self._path(digest).unlink(missing_ok=True)

    def digests(self) -> Iterator[ListedObject]:
        for folder in _sorted_in(self.root / "objects"):
            for path in _sorted_in(folder):
                try:
                    found = path.stat()
                except FileNotFoundError:
                    continue  # removed since it was listed
                if is_digest(path.name) and path.name[:2] == folder.name:
                    yield ListedObject(path.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def renew(self, digest: str) -> bool:
        path = self._path(digest)
        try:
            with locked_folder(path.parent, fcntl.LOCK_SH):
                if time.time() - path.stat().st_mtime > _RENEW_SECONDS:
                    os.utime(path)
        except FileNotFoundError:
            return False
        return True

    def remove_if_older(self, digest: str, than: datetime) -> bool:
        path = self._path(digest)
        try:
            with locked_folder(path.parent, fcntl.LOCK_EX):
                if path.stat().st_mtime >= than.timestamp():
                    return False
                path.unlink()
        except FileNotFoundError:
            return False
        return True

    def sweep(self, *, older_than_seconds: float = DAY_SECONDS, dry_run: bool = False) -> list[Path]:
        return sweep_drafts(self._drafts, older_than_seconds=older_than_seconds, dry_run=dry_run)

    def _put(self, chunks: Iterable[bytes | memoryview], media_type: str) -> StoredObject:
        sha256, crc32, size = hashlib.sha256(), 0, 0
        with draft_in(self._drafts, mode=_READ_ONLY) as draft:
            for chunk in chunks:
                sha256.update(chunk)
                crc32 = zlib.crc32(chunk, crc32)
                size += len(chunk)
                write_all(draft.file, chunk)
            # Replacing also when the object is there: what another process wrote may not have reached the disk yet,
            # or may have been damaged since, and the bytes are the same.
            path = self._path(sha256.hexdigest())
            make_folder(path.parent)
            with locked_folder(path.parent, fcntl.LOCK_SH):
                draft.keep_as(path)
        return StoredObject(sha256.hexdigest(), size, crc32, media_type)

    def _stat(self, digest: str) -> os.stat_result:
        try:
            return self._path(digest).stat()
        except FileNotFoundError:
            raise self._missing(digest) from None

    @property
    def _drafts(self) -> Path:
        return self.root / "drafts"

    def _path(self, digest: str) -> Path:
        return self.root / "objects" / checked_digest(digest)[:2] / digest

    def _missing(self, digest: str) -> ObjectMissingError:
        return ObjectMissingError(f"Object {digest} is not in the store at {self.root}.", digest=digest)


def _sorted_in(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _chunks(reader: BinaryIO) -> Iterator[memoryview]:
    """The file from where it stands, in one buffer used over and over."""
    buffer = memoryview(bytearray(_CHUNK_BYTES))
    while count := reader.readinto(buffer):  # type: ignore[attr-defined]
        yield buffer[:count]
