"""The port of the object store: what an object is, and what every store can do with it.

An object is named by the SHA-256 of its bytes, so it never changes and the same bytes are kept once. What an object
means (a take, a film, a screenplay) is the database's business. The methods are those that an S3 bucket can keep as
well as a folder: whole objects in, ranges out, nothing appended, nothing renamed.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from aianime_pipeline.errors import BadInputError

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredObject:
    """One object as the database remembers it."""

    digest: str
    """SHA-256 of the bytes, 64 lowercase hexadecimal digits."""
    size: int
    """Bytes."""
    crc32: int
    """Known from the start, so that a ZIP can be laid out without reading the object again."""
    media_type: str
    """As whoever stored it says (`image/png`); the same bytes may be stored under two types."""


class ObjectStore(Protocol):
    """Any method that takes a digest raises BadInputError when it is not 64 lowercase hexadecimal digits."""

    def put_file(self, path: Path, media_type: str) -> StoredObject:
        """Store the file's bytes; when it returns they survive a crash of the machine.

        Storing the same bytes again is no error and heals an object that was damaged. Raises DiskFullError, and
        OSError when `path` cannot be read.
        """

    def put_bytes(self, data: bytes, media_type: str) -> StoredObject:
        """As `put_file`, for what fits in memory."""

    def open(self, digest: str) -> BinaryIO:
        """A reader at the first byte, to be closed by the caller.

        Its `fileno()` works when the object is a local file and raises OSError otherwise. Raises ObjectMissingError.
        """

    def read_range(self, digest: str, start: int, length: int) -> Iterator[bytes]:
        """The `length` bytes from `start`, in pieces of some hundred KiB.

        Raises ObjectMissingError, and ObjectDamagedError when the object ends before the range does.
        """

    def local_path(self, digest: str) -> AbstractContextManager[Path]:
        """A path that ffmpeg can read, good inside the `with` block only; never write to it.

        Raises ObjectMissingError.
        """

    def exists(self, digest: str) -> bool: ...

    def size(self, digest: str) -> int:
        """Bytes. Raises ObjectMissingError."""

    def verify(self, digest: str) -> None:
        """Read the object and compare. Raises ObjectDamagedError, ObjectMissingError."""

    def delete(self, digest: str) -> None:
        """The object is gone afterwards, whether or not it was there."""


def checked_digest(digest: str) -> str:
    """The digest, if it is one: no path or key is ever built from anything else. Raises BadInputError."""
    if not _DIGEST.fullmatch(digest):
        raise BadInputError(
            f"{digest[:80]!r} is not the digest of an object: 64 digits from 0-9 and a-f are wanted.",
            digest=digest[:80],
        )
    return digest
