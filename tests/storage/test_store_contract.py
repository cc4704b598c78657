"""What every object store does, in a folder and in a bucket: tests/storage/conftest.py has the two."""

import hashlib
import io
import os
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest

from aianime_pipeline.errors import BadInputError, ObjectDamagedError, ObjectMissingError
from aianime_pipeline.film.ffmpeg import run_ffmpeg
from aianime_pipeline.storage.store import ObjectStore, StoredObject

Damage = Callable[[str, bytes], None]

ABSENT = "0" * 64


def test_a_stored_file_comes_back_with_its_digest_size_and_crc(store: ObjectStore, tmp_path: Path) -> None:
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


def test_an_empty_object_is_an_object(store: ObjectStore) -> None:
    stored = store.put_bytes(b"", "text/plain")
    assert (stored.size, stored.crc32) == (0, 0)
    assert list(store.read_range(stored.digest, 0, 0)) == []
    store.verify(stored.digest)


def test_ffmpeg_and_pyav_read_an_object_by_its_local_path(store: ObjectStore, tmp_path: Path) -> None:
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
def test_a_range_is_exactly_the_bytes_asked_for(store: ObjectStore, start: int, length: int) -> None:
    data = os.urandom(10 if start + length <= 10 else 4_000_000)
    stored = store.put_bytes(data, "video/mp4")
    assert b"".join(store.read_range(stored.digest, start, length)) == data[start : start + length]


def test_a_range_beyond_the_end_is_a_damaged_object_and_not_a_short_answer(store: ObjectStore) -> None:
    stored = store.put_bytes(b"0123456789", "text/plain")
    with pytest.raises(ObjectDamagedError, match="ends 5 bytes too early"):
        list(store.read_range(stored.digest, 5, 10))


def test_a_negative_range_is_refused(store: ObjectStore) -> None:
    stored = store.put_bytes(b"0123456789", "text/plain")
    with pytest.raises(ValueError, match="not negative"):
        list(store.read_range(stored.digest, -1, 2))


def test_everything_says_which_object_is_missing(store: ObjectStore) -> None:
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


def test_a_changed_bit_is_found_and_storing_the_bytes_again_heals_it(store: ObjectStore, damage: Damage) -> None:
    stored = store.put_bytes(b"the right bytes", "text/plain")
    store.verify(stored.digest)
    damage(stored.digest, b"the wrong bytes")
    with pytest.raises(ObjectDamagedError, match=stored.digest):
        store.verify(stored.digest)
    store.put_bytes(b"the right bytes", "text/plain")
    store.verify(stored.digest)


def test_a_deleted_object_is_gone_and_deleting_it_again_is_fine(store: ObjectStore) -> None:
    stored = store.put_bytes(b"old take", "image/png")
    store.delete(stored.digest)
    assert not store.exists(stored.digest)
    store.delete(stored.digest)


@pytest.mark.parametrize(
    "digest", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "/" * 64, "é" * 64, "٠" * 64]
)
def test_no_path_is_built_from_anything_but_a_digest(store: ObjectStore, digest: str) -> None:
    for use in (store.exists, store.open, store.size, store.verify, store.delete):
        with pytest.raises(BadInputError, match="not the digest"):
            use(digest)
    with pytest.raises(BadInputError), store.local_path(digest):
        pass
    with pytest.raises(BadInputError):
        list(store.read_range(digest, 0, 1))


def test_an_object_reads_like_any_buffered_file(store: ObjectStore) -> None:
    stored = store.put_bytes("第一行\n第二行\n".encode(), "text/plain")
    with store.open(stored.digest) as reader, io.TextIOWrapper(reader, encoding="utf-8") as text:
        assert text.readlines() == ["第一行\n", "第二行\n"]


def test_a_large_object_is_whole_by_every_way_of_reading(store: ObjectStore, tmp_path: Path) -> None:
    """More than one part of an upload, and the last one not full."""
    data = os.urandom((17 << 20) + 3)
    (tmp_path / "film").write_bytes(data)
    stored = store.put_file(tmp_path / "film", "video/mp4")
    assert (stored.digest, stored.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert stored == store.put_bytes(data, "video/mp4")
    store.verify(stored.digest)
    assert b"".join(store.read_range(stored.digest, (8 << 20) - 5, 10)) == data[(8 << 20) - 5 : (8 << 20) + 5]
    with store.local_path(stored.digest) as path:
        assert path.read_bytes() == data
    with store.open(stored.digest) as reader:
        reader.seek(-4, os.SEEK_END)
        assert (reader.read(), reader.tell()) == (data[-4:], len(data))
        reader.seek(10)
        assert reader.read(3) == data[10:13]


def test_the_file_of_an_object_has_the_time_at_which_it_was_stored(store: ObjectStore) -> None:
    stored = store.put_bytes(b"film", "video/mp4")
    with store.local_path(stored.digest) as path:
        assert (path.stat().st_mtime_ns, path.stat().st_size) == (store.written_at(stored.digest), 4)
    with pytest.raises(ObjectMissingError, match=ABSENT):
        store.written_at(ABSENT)


def test_an_address_names_the_object(store: ObjectStore) -> None:
    stored = store.put_bytes(b"film", "video/mp4")
    assert store.address(stored.digest).endswith(f"objects/{stored.digest[:2]}/{stored.digest}")


def test_every_object_is_listed_once_and_in_order(store: ObjectStore) -> None:
    assert list(store.digests()) == []
    put = [store.put_bytes(str(number).encode(), "text/plain") for number in range(40)]
    listed = list(store.digests())
    assert [one.digest for one in listed] == sorted(one.digest for one in put)
    assert {(one.digest, one.size) for one in listed} == {(one.digest, one.size) for one in put}
    assert all(abs(datetime.now(UTC) - one.put_at) < timedelta(minutes=5) for one in listed)


def test_only_what_is_older_is_removed(store: ObjectStore) -> None:
    stored = store.put_bytes(b"old take", "image/png")
    assert not store.remove_if_older(stored.digest, datetime.now(UTC) - timedelta(hours=1))
    assert store.exists(stored.digest)
    assert store.remove_if_older(stored.digest, datetime.now(UTC) + timedelta(hours=1))
    assert not store.exists(stored.digest)
    assert not store.remove_if_older(stored.digest, datetime.now(UTC) + timedelta(hours=1))


def test_an_object_that_is_not_there_cannot_be_renewed(store: ObjectStore) -> None:
    assert not store.renew(ABSENT)
    stored = store.put_bytes(b"take", "image/png")
    assert store.renew(stored.digest)
    store.verify(stored.digest)
