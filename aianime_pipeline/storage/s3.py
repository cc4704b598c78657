"""An object store in a bucket that speaks S3: `PREFIX/objects/ab/abcdef…`, the folder store's names.

Large objects go up in parts and appear when the last one is there, so an upload that was killed leaves nothing under a
name (what it left of its parts is the bucket's lifecycle's business, see the runbook). Every request is signed with the
digest of its body, which the service compares.

Reading asks for one bounded range after the other and never holds a connection while somebody else is waited for: a
slow reader of a ZIP meets no timeout, and a broken connection costs one range. `local_path` fetches the object anew for
each block and compares the digest while it writes; nothing is kept, so there is no cache to bound or to go stale.
What is handed out to people goes straight from the service to them, by a signed address, where they reach it.

The library's threads do not survive a fork: a process that forks opens a store of its own afterwards.
"""

import hashlib
import os
import re
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import obstore
from obstore.store import S3Store

from aianime_pipeline.errors import BadSettingError, ObjectDamagedError, ObjectMissingError, StorageError
from aianime_pipeline.storage.durable import DAY_SECONDS, draft_in, sweep_drafts, write_all
from aianime_pipeline.storage.ranges import buffered
from aianime_pipeline.storage.s3_errors import told
from aianime_pipeline.storage.s3_signing import SignedAddresses
from aianime_pipeline.storage.store import AHEAD_BYTES, GRACE, ListedObject, StoredObject, checked_digest, is_digest

if TYPE_CHECKING:
    from typing_extensions import Buffer

PART_BYTES = 8 << 20
"""Of an upload: 8 MiB in a minute is 140 kB/s."""
NOT_PUBLIC = "none"
_PARTS_AT_ONCE = 3
_PIECE_BYTES = 1 << 17
_CONNECT_SECONDS = 5
_REQUEST_SECONDS = 60
_MOST_RETRIES = 4
_RETRY_SECONDS = 120
_NO_OBJECT = "0" * 64
_NANOSECONDS = 1_000_000_000
_BUCKET = re.compile(r"[A-Za-z0-9._-]+")
# Other letters the library writes in its own way: names that come back in a list would not be the ones that were put.
_PREFIX = re.compile(r"(?:[A-Za-z0-9._=-]+(?:/[A-Za-z0-9._=-]+)*)?")


class S3ObjectStore:
    """`url` is `s3://bucket/prefix`, `endpoint` empty for Amazon's own service; credentials and region come from the
    usual AWS variables. `scratch` is a folder for what `local_path` fetches. `public_endpoint` is the service's address
    for people outside, empty where it is the same, and NOT_PUBLIC where they do not reach it. Raises BadSettingError.

    Any method raises ObjectStoreError when the service cannot be reached, or refuses. Threads may share it.
    """

    def __init__(self, url: str, endpoint: str, *, scratch: Path, public_endpoint: str = "") -> None:
        bucket, self._prefix = _bucket_and_prefix(url)
        _check_endpoint("AIANIME_S3_ENDPOINT", endpoint)
        if public_endpoint != NOT_PUBLIC:
            _check_endpoint("AIANIME_S3_PUBLIC_ENDPOINT", public_endpoint, f", or {NOT_PUBLIC}")
        self._signer = SignedAddresses(bucket, public_endpoint or endpoint) if public_endpoint != NOT_PUBLIC else None
        self._address = f"s3://{bucket}"
        self._scratch = scratch
        self._bucket = S3Store(
            bucket,
            # One object at a time is deleted, and not every service knows the request for many.
            config={"disable_bulk_delete": True, **({"endpoint": endpoint} if endpoint else {})},
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
                "timeout": timedelta(seconds=_REQUEST_SECONDS),
            },
            retry_config={"max_retries": _MOST_RETRIES, "retry_timeout": timedelta(seconds=_RETRY_SECONDS)},
        )

    def put_file(self, path: Path, media_type: str) -> StoredObject:
        with path.open("rb") as source:
            facts = _facts(_parts(source), media_type)
            source.seek(0)
            if facts.size <= PART_BYTES:
                # Read once more, so that what is hashed is what is sent.
                return self.put_bytes(source.read(), media_type)
            self._send(facts, _unchanged(source, facts.digest, path))
        return facts

    def put_bytes(self, data: bytes, media_type: str) -> StoredObject:
        facts = _facts([data], media_type)
        self._send(facts, data)
        return facts

    def open(self, digest: str) -> BinaryIO:
        return buffered(self.size(digest), lambda start, length: self._read(digest, start, length))

    def read_range(self, digest: str, start: int, length: int, *, ahead: int = AHEAD_BYTES) -> Iterator[bytes]:
        if start < 0 or length < 0:
            raise ValueError(f"A range starts at 0 or later and is not negative: {start}, {length}")
        end, size = start + length, self.size(digest)
        while start < min(end, size):
            part = memoryview(self._read(digest, start, min(ahead, min(end, size) - start)))
            for at in range(0, len(part), _PIECE_BYTES):
                yield bytes(part[at : at + _PIECE_BYTES])
            start += len(part)
        if start < end:
            raise ObjectDamagedError(
                f"Object {digest} ends {end - max(start, size)} bytes too early. "
                "Restore it from a backup or make it again.",
                digest=digest,
            )

    @contextmanager
    def local_path(self, digest: str) -> Iterator[Path]:
        size, written_at = self._head(digest)
        with draft_in(self._scratch) as draft:
            found = hashlib.sha256()
            for piece in self.read_range(digest, 0, size):
                found.update(piece)
                write_all(draft.file, piece)
            _compare(digest, found.hexdigest())
            os.utime(draft.file.fileno(), ns=(written_at, written_at))
            draft.kept = True  # beyond this block, whose errors are about writing it
        try:
            yield draft.path
        finally:
            draft.path.unlink(missing_ok=True)

    def signed_url(self, digest: str, *, disposition: str, media_type: str, seconds: int) -> str | None:
        key = self._key(digest)
        return self._signer.get(key, disposition, media_type, seconds) if self._signer is not None else None

    def address(self, digest: str) -> str:
        return f"{self._address}/{self._key(digest)}"

    def check(self) -> None:
        self.exists(_NO_OBJECT)

    def exists(self, digest: str) -> bool:
        try:
            self._head(digest)
        except ObjectMissingError:
            return False
        return True

    def size(self, digest: str) -> int:
        return self._head(digest)[0]

    def written_at(self, digest: str) -> int:
        return self._head(digest)[1]

    def verify(self, digest: str) -> None:
        found = hashlib.sha256()
        for piece in self.read_range(digest, 0, self.size(digest)):
            found.update(piece)
        _compare(digest, found.hexdigest())

    def delete(self, digest: str) -> None:
        try:
            with told(self._address):
                obstore.delete(self._bucket, self._key(digest))
        except FileNotFoundError:
            self._require_bucket()

    def digests(self) -> Iterator[ListedObject]:
        with told(self._address):
            for found in chain.from_iterable(obstore.list(self._bucket, f"{self._prefix}objects")):
                name = found["path"].rpartition("/")[2]
                if is_digest(name) and found["path"] == self._key(name):
                    yield ListedObject(name, found["size"], found["last_modified"])

    def renew(self, digest: str) -> bool:
        """The bytes are fetched and stored again: a service refuses to copy an object to itself."""
        try:
            if time.time() - self.written_at(digest) / _NANOSECONDS > GRACE.total_seconds() / 2:
                with told(self._address):
                    kind = obstore.get(self._bucket, self._key(digest), options={"head": True}).attributes
                with self.local_path(digest) as path:
                    self.put_file(path, kind.get("Content-Type", "application/octet-stream"))
        except (FileNotFoundError, ObjectMissingError):
            return False
        return True

    def remove_if_older(self, digest: str, than: datetime) -> bool:
        """Between the last look at the age and the deletion lie some milliseconds, in which a put of the same bytes
        would be removed with them."""
        try:
            if self.written_at(digest) >= int(than.timestamp()) * _NANOSECONDS:
                return False
        except ObjectMissingError:
            return False
        self.delete(digest)
        return True

    def sweep(self, *, older_than_seconds: float = DAY_SECONDS, dry_run: bool = False) -> list[Path]:
        """What killed processes left of objects that they fetched. Parts of uploads are the bucket's to remove."""
        return sweep_drafts(self._scratch, older_than_seconds=older_than_seconds, dry_run=dry_run)

    def _read(self, digest: str, start: int, length: int) -> "Buffer":
        """Fewer bytes only where the object ends."""
        try:
            with told(self._address):
                return obstore.get_range(self._bucket, self._key(digest), start=start, length=length)
        except FileNotFoundError:
            raise self._missing(digest) from None

    def _head(self, digest: str) -> tuple[int, int]:
        """Bytes, and when it was stored in nanoseconds."""
        try:
            with told(self._address):
                found = obstore.head(self._bucket, self._key(digest))
        except FileNotFoundError:
            raise self._missing(digest) from None
        return found["size"], int(found["last_modified"].timestamp()) * _NANOSECONDS

    def _send(self, facts: StoredObject, body: bytes | Iterator[bytes]) -> None:
        """Also when the object is there: that makes it young, heals it, and the bytes are the same."""
        with told(self._address):
            obstore.put(
                self._bucket,
                self._key(facts.digest),
                body,
                attributes={"Content-Type": facts.media_type},
                chunk_size=PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )

    def _missing(self, digest: str) -> ObjectMissingError:
        """A bucket that is gone is not a bucket without objects: those would be made, and paid for, again."""
        self._require_bucket()
        return ObjectMissingError(f"Object {digest} is not in the store at {self._address}.", digest=digest)

    def _require_bucket(self) -> None:
        with told(self._address):
            next(iter(obstore.list(self._bucket, self._prefix or None, chunk_size=1)), None)

    def _key(self, digest: str) -> str:
        return f"{self._prefix}objects/{checked_digest(digest)[:2]}/{digest}"


def _facts(parts: Iterable[bytes], media_type: str) -> StoredObject:
    sha256, crc32, size = hashlib.sha256(), 0, 0
    for part in parts:
        sha256.update(part)
        crc32 = zlib.crc32(part, crc32)
        size += len(part)
    return StoredObject(sha256.hexdigest(), size, crc32, media_type)


def _parts(source: BinaryIO) -> Iterator[bytes]:
    while part := source.read(PART_BYTES):
        yield part


def _unchanged(source: BinaryIO, digest: str, path: Path) -> Iterator[bytes]:
    """The file once more; an error before the last part is sent gives the upload up."""
    found = hashlib.sha256()
    for part in _parts(source):
        found.update(part)
        yield part
    if found.hexdigest() != digest:
        raise StorageError(f"{path} was changed while it was stored. Store it again when nobody writes to it.")


def _compare(digest: str, found: str) -> None:
    if found != digest:
        raise ObjectDamagedError(
            f"Object {digest} is damaged: its bytes now have the digest {found}. "
            "Restore it from a backup or make it again.",
            digest=digest,
            found=found,
        )


def _check_endpoint(variable: str, endpoint: str, or_else: str = "") -> None:
    if endpoint and not endpoint.startswith(("https://", "http://")):
        raise BadSettingError(
            f"{variable} is no address: it takes one such as https://s3.example.com{or_else}.", variable=variable
        )


def _bucket_and_prefix(url: str) -> tuple[str, str]:
    """The prefix ends in a slash, or is empty."""
    scheme, _, rest = url.partition("://")
    bucket, _, prefix = rest.partition("/")
    prefix = prefix.strip("/")
    if scheme != "s3" or not _BUCKET.fullmatch(bucket) or not _PREFIX.fullmatch(prefix) or ".." in prefix:
        # Not repeated in the message: somebody may have put a password into it.
        raise BadSettingError(
            "AIANIME_OBJECTS_URL is no address of a bucket: it takes s3://bucket or s3://bucket/prefix of letters, "
            "digits and ._=-, with the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            variable="AIANIME_OBJECTS_URL",
        )
    return bucket, f"{prefix}/" if prefix else ""
