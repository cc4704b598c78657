"""A planned package as bytes: into a file, or as a stream from any byte on.

The objects' bytes go through untouched. Their CRC-32 is the one taken when they were stored, so an object that was
damaged since makes a ZIP that says so when it is unpacked or checked.
"""

import errno
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from aianime_pipeline.errors import ObjectDamagedError, ObjectMissingError
from aianime_pipeline.packaging.layout import Bytes, Span
from aianime_pipeline.packaging.names import PartKind
from aianime_pipeline.packaging.package import PackagePlan, incomplete
from aianime_pipeline.storage.durable import draft_in, hasten, sweep_drafts, write_all
from aianime_pipeline.storage.store import AHEAD_BYTES, ObjectStore

_STEP_BYTES = 16 << 20
"""Most that is copied between two looks at `cancelled`, and that the disk is kept waiting for."""

_ASKED_AT_ONCE = 16
"""A bucket answers for each object by itself, and takes some milliseconds for it."""

_NOT_FOR_THESE_FILES = {errno.EINVAL, errno.ENOSYS, errno.ENOTSOCK, errno.EOPNOTSUPP}


class PackagingCancelled(Exception):
    """The caller's `cancelled` said so. Not an error of the pipeline."""


def write_package(
    plan: PackagePlan,
    store: ObjectStore,
    output: Path,
    *,
    cancelled: Callable[[], bool] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the ZIP to `output`, where it appears only when it is complete and on the disk.

    `on_progress` gets the bytes written so far and in all. Raises as `require_objects`, DiskFullError, and
    PackagingCancelled; a file that was at `output` before then is still there.
    """
    require_objects(plan, store)
    sweep_drafts(output.parent)
    written, hastened, total = 0, 0, plan.layout.total_size
    with draft_in(output.parent) as draft:
        for piece in plan.layout.pieces():
            for count in _write_piece(piece, plan, store, draft.file):
                if cancelled is not None and cancelled():
                    raise PackagingCancelled(f"the package of {plan.subject.episode_key}")
                written += count
                if written - hastened >= _STEP_BYTES:
                    hasten(draft.file, hastened, written)
                    hastened = written
                if on_progress is not None:
                    on_progress(written, total)
        draft.keep_as(output)


def iterate_package(
    plan: PackagePlan, store: ObjectStore, start: int = 0, stop: int | None = None, *, ahead: int = AHEAD_BYTES
) -> Iterator[bytes]:
    """The ZIP's bytes from `start` to `stop` (its end, when None), in pieces that a store gives them in, with `ahead`.

    Call `require_objects` before the first byte is promised to anybody. Raises ValueError when that is not a range of
    the ZIP, and while iterating ObjectMissingError or ObjectDamagedError.
    """
    return plan.layout.read_range(lambda span: _read_span(span, plan, store, ahead), start, stop)


def require_objects(plan: PackagePlan, store: ObjectStore) -> None:
    """Make sure that the store has every object, at its size.

    Raises PackageIncompleteError naming everything that is missing, and ObjectDamagedError.
    """
    missing: list[tuple[PartKind, int | None, str]] = []
    with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
        sizes = pool.map(lambda file: _size(store, file.digest), plan.files)
    for file, size in zip(plan.files, sizes, strict=True):
        if size is None:
            missing.append((file.kind, file.shot, file.label))
        elif size != file.size:
            raise ObjectDamagedError(
                f"{file.name} cannot be packed: its object {file.digest} has {size} bytes instead of {file.size}. "
                "Restore it from a backup or make it again.",
                digest=file.digest,
            )
    if missing:
        raise incomplete(plan.subject.episode_key, missing)


def _size(store: ObjectStore, digest: str) -> int | None:
    try:
        return store.size(digest)
    except ObjectMissingError:
        return None


def _read_span(span: Span, plan: PackagePlan, store: ObjectStore, ahead: int = AHEAD_BYTES) -> Iterator[bytes]:
    if span.index == 0:
        return iter([plan.manifest[span.start : span.start + span.length]])
    return store.read_range(plan.files[span.index - 1].digest, span.start, span.length, ahead=ahead)


def _write_piece(piece: Bytes | Span, plan: PackagePlan, store: ObjectStore, output: BinaryIO) -> Iterator[int]:
    """Yields the bytes written, step by step."""
    if isinstance(piece, Bytes):
        write_all(output, piece.data)
        yield len(piece)
        return
    sent = 0
    if piece.index > 0:
        with store.open(plan.files[piece.index - 1].digest) as reader:
            for count in _send(reader, output, piece.length):
                sent += count
                yield count
    for chunk in _read_span(piece.part(sent, piece.length), plan, store):
        write_all(output, chunk)
        yield len(chunk)


def _send(reader: BinaryIO, output: BinaryIO, length: int) -> Iterator[int]:
    """Let the kernel copy, as far as it can between these two files; yields the bytes of each step.

    sendfile and not copy_file_range: that one's advantage, shared blocks, needs places that are whole blocks, which
    nothing in a ZIP is.
    """
    sent = 0
    while sent < length:
        try:
            count = os.sendfile(output.fileno(), reader.fileno(), sent, min(length - sent, _STEP_BYTES))
        except OSError as error:
            # `fileno` of a reader that is no local file raises UnsupportedOperation, an OSError without a number.
            if error.errno is None or error.errno in _NOT_FOR_THESE_FILES:
                return
            raise
        if count == 0:
            return  # the object ends early: reading the rest will say so
        sent += count
        yield count
