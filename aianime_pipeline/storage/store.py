"""The port of the object store: what an object is, and what every store can do with it.

An object is named by the SHA-256 of its bytes, so it never changes and the same bytes are kept once. What an object
means (a take, a film, a screenplay) is the database's business. The methods are those that an S3 bucket can keep as
well as a folder: whole objects in, ranges out, nothing appended, nothing renamed.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from aianime_pipeline.errors import BadInputError

GRACE = timedelta(days=1)
"""No clean-up removes what was put or renewed within this time: its row, or whatever names it, may be on its way."""

AHEAD_BYTES = 8 << 20
"""As much as makes the way to a service and back cost little."""

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


@dataclass(frozen=True)
class ListedObject:
    """One object as the store finds it."""

    digest: str
    size: int
    """Bytes."""
    put_at: datetime
    """When it was put or renewed last, by the store's clock, with a time zone."""


class ObjectStore(Protocol):
    """Any method that takes a digest raises BadInputError when it is not 64 lowercase hexadecimal digits."""

    def put_file(self, path: Path, media_type: str) -> StoredObject:
        """Store the file's bytes; when it returns they survive a crash of the machine.

        Storing the same bytes again is no error, heals an object that was damaged, and makes it as young as a new one
        (see `remove_if_older`): a store must not leave that out because the object is there. Raises DiskFullError, and
        OSError when `path` cannot be read.
        """

    def put_bytes(self, data: bytes, media_type: str) -> StoredObject:
        """As `put_file`, for what fits in memory."""

    def open(self, digest: str) -> BinaryIO:
        """A reader at the first byte, to be closed by the caller.

        Its `fileno()` works when the object is a local file and raises OSError otherwise. Raises ObjectMissingError.
        """

    def read_range(self, digest: str, start: int, length: int, *, ahead: int = AHEAD_BYTES) -> Iterator[bytes]:
        """The `length` bytes from `start`, in pieces of at most some hundred KiB. A store that fetches them from a
        service asks for at most `ahead` bytes at once: whoever serves many readers bounds what each of them holds.

        Raises ObjectMissingError, and ObjectDamagedError when the object ends before the range does.
        """

    def local_path(self, digest: str) -> AbstractContextManager[Path]:
        """A path that ffmpeg can read, good inside the `with` block only; never write to it.

        Raises ObjectMissingError.
        """

    def signed_url(self, digest: str, *, disposition: str, media_type: str, seconds: int) -> str | None:
        """An address at which anybody can GET the object, whole or by ranges, for some `seconds`, at most seven days.

        Its answer has these as `Content-Disposition` and `Content-Type`. None where the store has no such addresses:
        then whoever wants to hand the object out serves its bytes. The object itself is not looked at.
        """

    def address(self, digest: str) -> str:
        """Where the object lies or would lie, for a person: a path, or a URL."""

    def check(self) -> None:
        """Raises StorageError where the store cannot be used now. Quick: nothing is written, or read but a name."""

    def exists(self, digest: str) -> bool: ...

    def size(self, digest: str) -> int:
        """Bytes. Raises ObjectMissingError."""

    def written_at(self, digest: str) -> int:
        """When it was last stored, in nanoseconds of the epoch; the file of `local_path` has the same time of change.

        Raises ObjectMissingError.
        """

    def verify(self, digest: str) -> None:
        """Read the object and compare. Raises ObjectDamagedError, ObjectMissingError."""

    def delete(self, digest: str) -> None:
        """The object is gone afterwards, whether or not it was there."""

    def digests(self) -> Iterator[ListedObject]:
        """Every object, in ascending order of the digests, read as it is asked for and never all into memory.

        An object that is there from the first to the last step comes exactly once; one that is put or removed
        meanwhile may come or not. What lies in the store under a name that is no digest does not come.
        """

    def renew(self, digest: str) -> bool:
        """Whether the object is there; if so, it was put or renewed within half of GRACE afterwards. For whoever begins
        to use an object that they did not put just now. One that is young enough may be left as it is.
        """

    def remove_if_older(self, digest: str, than: datetime) -> bool:
        """Remove the object, unless it was put or renewed at `than` or later. Whether it was removed by this call.

        Atomic beside `put_file`, `put_bytes` and `renew`: where one of them returns after this has begun, either it was
        seen here and the object stays, or it came afterwards and the object is whole. A store that cannot do both in
        one step looks at the age last of all before it deletes, and says in its docstring what remains.
        """

    def sweep(self, *, older_than_seconds: float = ..., dry_run: bool = False) -> Sequence[object]:
        """Remove what killed processes left half written and nobody wrote to for so long, a day if it is not said; in a
        `dry_run` only look. Returns one thing for each, such as its path.
        """


def checked_digest(digest: str) -> str:
    """The digest, if it is one: no path or key is ever built from anything else. Raises BadInputError."""
    if not is_digest(digest):
        raise BadInputError(
            f"{digest[:80]!r} is not the digest of an object: 64 digits from 0-9 and a-f are wanted.",
            digest=digest[:80],
        )
    return digest


def is_digest(text: str) -> bool:
    return _DIGEST.fullmatch(text) is not None
