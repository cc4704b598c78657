"""How old an object is in a folder, and what a clean-up may therefore remove."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aianime_pipeline.storage.folder import FolderStore
from aianime_pipeline.storage.store import GRACE

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def put(store: FolderStore, data: bytes, age: timedelta = timedelta(0)) -> tuple[str, Path]:
    digest = store.put_bytes(data, "text/plain").digest
    with store.local_path(digest) as path:
        then = time.time() - age.total_seconds()
        os.utime(path, (then, then))
    return digest, path


def age(path: Path) -> timedelta:
    return timedelta(seconds=time.time() - path.stat().st_mtime)


def test_an_object_is_listed_with_when_it_was_put_and_what_is_no_object_is_not(store: FolderStore) -> None:
    digest, path = put(store, b"sea", 3 * DAY)
    (path.parent / "notes.txt").write_bytes(b"foreign")
    (path.parent.parent / "notes.txt").write_bytes(b"foreign")
    (path.parent / ("0" * 64)).write_bytes(b"in the folder of another digest")
    (found,) = store.digests()
    assert (found.digest, found.size) == (digest, 3)
    assert abs(datetime.now(UTC) - found.put_at - 3 * DAY) < timedelta(minutes=10)


def test_a_listing_goes_on_when_an_object_is_removed_meanwhile(store: FolderStore) -> None:
    digests = sorted(store.put_bytes(bytes([n]), "text/plain").digest for n in range(20))
    listing = store.digests()
    first = next(listing).digest
    for digest in digests[1::2]:
        store.delete(digest)
    assert [first, *(one.digest for one in listing)] == digests[::2]


def test_putting_the_same_bytes_again_makes_an_object_young(store: FolderStore) -> None:
    digest, path = put(store, b"sea", 3 * DAY)
    store.put_bytes(b"sea", "text/plain")
    assert age(path) < timedelta(minutes=10)
    assert not store.remove_if_older(digest, datetime.now(UTC) - DAY)


def test_renewing_makes_an_old_object_young_and_leaves_a_young_one_as_it_is(store: FolderStore) -> None:
    old, path = put(store, b"sea", 3 * DAY)
    assert store.renew(old)
    assert age(path) < timedelta(minutes=10)
    young, path = put(store, b"moon", GRACE / 3)
    written = path.stat().st_mtime_ns
    assert store.renew(young)
    assert path.stat().st_mtime_ns == written


def test_a_removal_waits_for_a_put_of_the_same_bytes_and_then_sees_that_the_object_is_young(store: FolderStore) -> None:
    digest, path = put(store, b"sea", 3 * DAY)
    removed: list[bool] = []
    removal = threading.Thread(target=lambda: removed.append(store.remove_if_older(digest, datetime.now(UTC) - DAY)))
    with held(path.parent):
        removal.start()
        removal.join(0.2)
        assert removal.is_alive()
        os.utime(path)
    removal.join()
    assert removed == [False]
    assert path.exists()


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """As a put holds it while the object gets its name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def test_a_dry_run_of_the_sweep_leaves_the_drafts(store: FolderStore) -> None:
    put(store, b"sea")
    draft = store.root / "drafts" / ".aianime-1.part"
    draft.write_bytes(b"half")
    os.utime(draft, (0, 0))
    assert store.sweep(dry_run=True) == store.sweep() == [draft]
    assert not draft.exists()
