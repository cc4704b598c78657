import hashlib
import io
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import pytest

from aianime_pipeline.errors import BadInputError, DiskFullError, ObjectDamagedError, ObjectMissingError
from aianime_pipeline.film.ffmpeg import run_ffmpeg
from aianime_pipeline.storage.folder import FolderStore
from aianime_pipeline.storage.store import ObjectStore, StoredObject

ABSENT = "0" * 64


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def files_of(store: FolderStore) -> list[Path]:
    return sorted(path for path in store.root.rglob("*") if path.is_file())


def object_path(store: FolderStore, digest: str) -> Path:
    with store.local_path(digest) as path:
        return path


def damage(store: FolderStore, digest: str, data: bytes) -> None:
    path = object_path(store, digest)
    path.chmod(0o644)
    path.write_bytes(data)


def test_a_stored_file_comes_back_with_its_digest_size_and_crc(store: FolderStore, tmp_path: Path) -> None:
    data = os.urandom(3_000_001)
    source = tmp_path / "picture"
    source.write_bytes(data)

    stored = store.put_file(source, "image/png")

    assert stored == StoredObject(hashlib.sha256(data).hexdigest(), len(data), zlib.crc32(data), "image/png")
    with store.open(stored.digest) as reader:
        assert reader.read() == data
    assert store.size(stored.digest) == len(data)
    assert store.exists(stored.digest)
    assert source.read_bytes() == data


def test_the_store_fits_the_port(store: FolderStore) -> None:
    port: ObjectStore = store
    assert port.put_bytes(b"", "text/plain").size == 0


def test_an_empty_object_is_an_object(store: FolderStore) -> None:
    stored = store.put_bytes(b"", "text/plain")
    assert (stored.size, stored.crc32) == (0, 0)
    assert list(store.read_range(stored.digest, 0, 0)) == []
    store.verify(stored.digest)


def test_the_same_bytes_are_kept_once(store: FolderStore, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"same")
    first = store.put_file(tmp_path / "a", "text/plain")
    second = store.put_bytes(b"same", "application/octet-stream")
    assert first.digest == second.digest
    assert len(files_of(store)) == 1


def test_a_stored_object_cannot_be_written_to_by_accident(store: FolderStore) -> None:
    stored = store.put_bytes(b"take", "image/png")
    assert object_path(store, stored.digest).stat().st_mode & 0o222 == 0


def test_ffmpeg_and_pyav_read_an_object_by_its_local_path(store: FolderStore, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    run_ffmpeg(["-f", "lavfi", "-i", "testsrc=size=64x64:rate=10:duration=1", str(clip)])
    stored = store.put_file(clip, "video/mp4")
    with store.local_path(stored.digest) as path:
        run_ffmpeg(["-i", str(path), "-frames:v", "3", str(tmp_path / "three.mp4")])
        with av.open(str(path)) as container:
            assert sum(1 for _ in container.decode(video=0)) == 10
    with av.open(str(tmp_path / "three.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 3


@pytest.mark.parametrize(("start", "length"), [(0, 10), (3, 4), (9, 1), (10, 0), (2_000_000, 1_500_000)])
def test_a_range_is_exactly_the_bytes_asked_for(store: FolderStore, start: int, length: int) -> None:
    data = os.urandom(10 if start + length <= 10 else 4_000_000)
    stored = store.put_bytes(data, "video/mp4")
    assert b"".join(store.read_range(stored.digest, start, length)) == data[start : start + length]


def test_a_range_beyond_the_end_is_a_damaged_object_and_not_a_short_answer(store: FolderStore) -> None:
    stored = store.put_bytes(b"0123456789", "text/plain")
    with pytest.raises(ObjectDamagedError, match="ends 5 bytes too early"):
        list(store.read_range(stored.digest, 5, 10))


def test_a_negative_range_is_refused(store: FolderStore) -> None:
    stored = store.put_bytes(b"0123456789", "text/plain")
    with pytest.raises(ValueError, match="not negative"):
        list(store.read_range(stored.digest, -1, 2))


def test_everything_says_which_object_is_missing(store: FolderStore) -> None:
    def local_path() -> None:
        with store.local_path(ABSENT):
            pass

    for reading in (
        lambda: store.open(ABSENT),
        lambda: list(store.read_range(ABSENT, 0, 1)),
        local_path,
        lambda: store.size(ABSENT),
        lambda: store.verify(ABSENT),
    ):
        with pytest.raises(ObjectMissingError, match=ABSENT):
            reading()
    assert not store.exists(ABSENT)


def test_a_changed_bit_is_found_and_storing_the_bytes_again_heals_it(store: FolderStore) -> None:
    stored = store.put_bytes(b"the right bytes", "text/plain")
    store.verify(stored.digest)
    damage(store, stored.digest, b"the wrong bytes")
    with pytest.raises(ObjectDamagedError, match=stored.digest):
        store.verify(stored.digest)
    store.put_bytes(b"the right bytes", "text/plain")
    store.verify(stored.digest)


def test_a_deleted_object_is_gone_and_deleting_it_again_is_fine(store: FolderStore) -> None:
    stored = store.put_bytes(b"old take", "image/png")
    store.delete(stored.digest)
    assert not store.exists(stored.digest)
    store.delete(stored.digest)


@pytest.mark.parametrize(
    "digest", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "/" * 64, "é" * 64, "٠" * 64]
)
def test_no_path_is_built_from_anything_but_a_digest(store: FolderStore, digest: str) -> None:
    for use in (store.exists, store.open, store.size, store.verify, store.delete):
        with pytest.raises(BadInputError, match="not the digest"):
            use(digest)
    with pytest.raises(BadInputError), store.local_path(digest):
        pass
    with pytest.raises(BadInputError):
        list(store.read_range(digest, 0, 1))


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


def test_an_object_reads_like_any_buffered_file(store: FolderStore) -> None:
    stored = store.put_bytes("第一行\n第二行\n".encode(), "text/plain")
    with store.open(stored.digest) as reader, io.TextIOWrapper(reader, encoding="utf-8") as text:
        assert text.readlines() == ["第一行\n", "第二行\n"]
