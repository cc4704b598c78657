import hashlib
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aianime_pipeline.errors import DiskFullError
from aianime_pipeline.storage.folder import FolderStore


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def files_of(store: FolderStore) -> list[Path]:
    return sorted(path for path in store.root.rglob("*") if path.is_file())


def object_path(store: FolderStore, digest: str) -> Path:
    with store.local_path(digest) as path:
        return path


def test_the_same_bytes_are_kept_once(store: FolderStore, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"same")
    first = store.put_file(tmp_path / "a", "text/plain")
    second = store.put_bytes(b"same", "application/octet-stream")
    assert first.digest == second.digest
    assert len(files_of(store)) == 1


def test_a_stored_object_cannot_be_written_to_by_accident(store: FolderStore) -> None:
    stored = store.put_bytes(b"take", "image/png")
    assert object_path(store, stored.digest).stat().st_mode & 0o222 == 0


def test_a_file_that_cannot_be_read_leaves_nothing(store: FolderStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.put_file(tmp_path / "nothing here", "image/png")
    assert not store.root.exists()


def put_many_times(root: Path, data: bytes) -> str:
    return [FolderStore(root).put_bytes(data, "image/png").digest for _ in range(10)][-1]


def test_many_threads_and_processes_store_the_same_bytes_at_once(store: FolderStore) -> None:
    data = os.urandom(400_000)
    with ThreadPoolExecutor(8) as threads:
        digests = set(threads.map(lambda _: put_many_times(store.root, data), range(8)))
    with multiprocessing.get_context("fork").Pool(4) as processes:
        digests |= set(processes.starmap(put_many_times, [(store.root, data)] * 4))
    assert digests == {hashlib.sha256(data).hexdigest()}
    assert len(files_of(store)) == 1
    store.verify(digests.pop())


def test_a_process_killed_in_the_middle_leaves_no_half_object_under_a_final_name(store: FolderStore) -> None:
    """The child stores one object after another and is killed while it writes: whatever has a name must be whole."""
    program = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from aianime_pipeline.storage.folder import FolderStore
        store = FolderStore(Path(sys.argv[1]))
        block = os.urandom(8 << 20)
        for count in range(10_000):
            store.put_bytes(count.to_bytes(4, "big") + block, "video/mp4")
            print(count, flush=True)
        """
    )
    halves = 0
    for wait in (0.0, 0.011, 0.023, 0.037):
        child = subprocess.Popen([sys.executable, "-c", program, str(store.root)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        child.stdout.readline()
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        for path in files_of(store):
            if path.parent.parent.name == "objects":
                store.verify(path.name)
            else:
                halves += 1
                assert path.name.endswith(".part")
                path.unlink()
    assert len(files_of(store)) >= 8
    # Not one of four caught in the middle would mean that the test looks at nothing.
    assert halves >= 1


def test_a_stray_draft_is_swept_after_a_day_and_a_fresh_one_is_not(store: FolderStore) -> None:
    kept = store.put_bytes(b"object", "text/plain")
    drafts = store.root / "drafts"
    old, fresh, foreign = drafts / ".aianime-1.part", drafts / ".aianime-2.part", drafts / "notes.txt"
    for path in (old, fresh, foreign):
        path.write_bytes(b"half")
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    os.utime(foreign, (two_days_ago, two_days_ago))

    assert store.sweep() == [old]

    assert fresh.exists()
    assert foreign.exists()
    assert store.exists(kept.digest)
    assert store.sweep() == []


def test_an_empty_store_can_be_swept(store: FolderStore) -> None:
    assert store.sweep() == []


_ON_A_SMALL_DISK = """
import sys
from pathlib import Path
from aianime_pipeline.errors import DiskFullError
from aianime_pipeline.storage.folder import FolderStore
store = FolderStore(Path(sys.argv[1]))
small = store.put_bytes(b"fits", "text/plain")
try:
    store.put_bytes(bytes(4 << 20), "video/mp4")
except DiskFullError as error:
    print(error.message)
store.verify(small.digest)
print(sorted(path.name for path in store.root.rglob("*") if path.is_file()) == [small.digest])
"""


def test_a_full_disk_is_told_and_the_draft_is_gone(tmp_path: Path) -> None:
    """On a real file system of one MiB, mounted in a name space of the test's own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    script = f'mount -t tmpfs -o size=1m none "{disk}" && exec "$0" -c "$1" "{disk}"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, sys.executable, _ON_A_SMALL_DISK], capture_output=True, text=True
    )
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"no name space to mount in: {done.stderr.strip()}")
    message, clean = done.stdout.splitlines()
    assert "No space left on the disk" in message
    assert clean == "True", done.stderr


def test_a_disk_that_turns_out_full_only_when_the_bytes_reach_it_is_told_too(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    store.put_bytes(b"folders exist", "text/plain")
    monkeypatch.setattr("aianime_pipeline.storage.durable.os.fsync", full)
    with pytest.raises(DiskFullError):
        store.put_bytes(b"new", "text/plain")
    assert len(files_of(store)) == 1
