"""What is a bucket's own: what goes wrong on the way to it, and what is left where a process was killed."""

import os
import textwrap
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import obstore
import pytest
from support.processes import Script
from support.raw_servers import RawServer, answer, says
from support.seaweed import ACCESS_KEY, SECRET_KEY, SeaweedServer

from aianime_pipeline.errors import BadSettingError, ObjectDamagedError, ObjectStoreError, StorageError
from aianime_pipeline.production.installation import open_store
from aianime_pipeline.settings import read_settings
from aianime_pipeline.storage import s3
from aianime_pipeline.storage.folder import FolderStore
from aianime_pipeline.storage.s3 import PART_BYTES, S3ObjectStore

ABSENT = "0" * 64

_STORING = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    from aianime_pipeline.storage.s3 import S3ObjectStore
    store = S3ObjectStore(sys.argv[1], os.environ["AIANIME_S3_ENDPOINT"], scratch=Path(sys.argv[2]))
    """
)


def scratch_files(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "scratch").glob("*"))


def test_the_settings_say_where_objects_lie(s3_variables: dict[str, str], tmp_path: Path) -> None:
    home = {"AIANIME_HOME": str(tmp_path)}
    assert isinstance(open_store(read_settings(home)), FolderStore)
    store = open_store(read_settings(home | s3_variables))
    stored = store.put_bytes(b"take", "image/png")
    assert store.address(stored.digest).startswith(s3_variables["AIANIME_OBJECTS_URL"] + "/objects/")


@pytest.mark.parametrize(
    "url",
    [
        "films",
        "https://host/films",
        "s3://",
        "s3:///prefix",
        "s3://key:secret@films",
        "s3://films/../x",
        "s3://films/a//b",
        "s3://films/动画",
        "s3://a b",
    ],
)
def test_an_address_that_is_no_bucket_is_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettingError, match="s3://bucket/prefix") as refused:
        S3ObjectStore(url, "", scratch=tmp_path)
    assert "secret" not in refused.value.message
    with pytest.raises(BadSettingError, match="AIANIME_S3_ENDPOINT"):
        S3ObjectStore("s3://films", "films.example.com", scratch=tmp_path)


def test_a_bucket_that_answers_is_found_to_be_there(bucket_store: S3ObjectStore) -> None:
    bucket_store.check()


def test_a_local_path_is_gone_after_its_block_however_it_ends(bucket_store: S3ObjectStore, tmp_path: Path) -> None:
    stored = bucket_store.put_bytes(b"picture", "image/png")
    with bucket_store.local_path(stored.digest) as one, bucket_store.local_path(stored.digest) as other:
        assert one != other
        assert one.read_bytes() == other.read_bytes() == b"picture"
    with pytest.raises(KeyError), bucket_store.local_path(stored.digest):
        raise KeyError
    assert scratch_files(tmp_path) == []


def test_a_damaged_object_never_gets_a_local_path(bucket_store: S3ObjectStore, tmp_path: Path) -> None:
    stored = bucket_store.put_bytes(b"the right bytes", "image/png")
    obstore.put(bucket_store._bucket, bucket_store._key(stored.digest), b"the wrong bytes")
    with pytest.raises(ObjectDamagedError, match=stored.digest), bucket_store.local_path(stored.digest):
        pass
    assert scratch_files(tmp_path) == []


def test_what_a_killed_process_had_fetched_is_swept(bucket_store: S3ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    left = tmp_path / "scratch" / ".aianime-1.part"
    left.write_bytes(b"film")
    os.utime(left, (0, 0))
    assert bucket_store.sweep(dry_run=True) == [left]
    assert bucket_store.sweep() == [left]
    assert scratch_files(tmp_path) == []


def test_the_media_type_is_kept_also_when_an_object_is_renewed(
    bucket_store: S3ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = bucket_store.put_bytes(b"picture", "image/png")
    written = bucket_store.written_at(stored.digest) / 1e9
    monkeypatch.setattr(s3.time, "time", lambda: written + 2 * 86_400)
    puts: list[str] = []
    put = obstore.put
    monkeypatch.setattr(s3.obstore, "put", lambda *words, **more: (puts.append(words[1]), put(*words, **more))[1])
    assert bucket_store.renew(stored.digest)
    assert puts == [bucket_store._key(stored.digest)]
    found = obstore.get(bucket_store._bucket, bucket_store._key(stored.digest))
    assert found.attributes["Content-Type"] == "image/png"


def test_a_file_that_changes_while_it_is_stored_is_not_stored(
    bucket_store: S3ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "film"
    path.write_bytes(bytes(2 * PART_BYTES + 1))
    parts = s3._parts

    def changing(source: object) -> object:
        yield from parts(source)  # type: ignore[arg-type]
        with path.open("r+b") as file:
            file.write(b"other")

    monkeypatch.setattr(s3, "_parts", changing)
    with pytest.raises(StorageError, match="was changed while it was stored"):
        bucket_store.put_file(path, "video/mp4")
    assert list(bucket_store.digests()) == []


def test_threads_and_processes_store_the_same_bytes_at_once(
    bucket_store: S3ObjectStore, s3_variables: dict[str, str], tmp_path: Path
) -> None:
    url = bucket_store.address(ABSENT).partition("/objects/")[0]
    code = _STORING + "print(store.put_bytes(bytes(400_000), 'image/png').digest)"
    scripts = [Script(code, url, tmp_path / "theirs", environment=s3_variables) for _ in range(2)]
    with ThreadPoolExecutor(8) as threads:
        ours = {one.digest for one in threads.map(bucket_store.put_bytes, [bytes(400_000)] * 16, ["image/png"] * 16)}
    assert ours == {script.end().strip() for script in scripts}
    assert [one.digest for one in bucket_store.digests()] == list(ours)
    bucket_store.verify(ours.pop())


def test_a_killed_upload_leaves_no_object_under_its_name(
    bucket_store: S3ObjectStore, s3_variables: dict[str, str], tmp_path: Path
) -> None:
    """It is killed when it has sent some of the parts, and stands before the next one."""
    film = tmp_path / "film"
    film.write_bytes(os.urandom(5 * PART_BYTES))
    code = _STORING + textwrap.dedent(
        """
        from aianime_pipeline.storage import s3
        parts, passes = s3._parts, []
        def halting(source):
            passes.append(1)
            for number, part in enumerate(parts(source)):
                if len(passes) == 2 and number == 4:
                    print("half", flush=True)
                    sys.stdin.readline()
                yield part
        s3._parts = halting
        store.put_file(Path(sys.argv[3]), "video/mp4")
        """
    )
    url = bucket_store.address(ABSENT).partition("/objects/")[0]
    script = Script(code, url, tmp_path / "theirs", film, environment=s3_variables)
    script.says("half")
    script.kill()
    assert list(bucket_store.digests()) == []
    stored = bucket_store.put_file(film, "video/mp4")
    bucket_store.verify(stored.digest)


def test_whatever_has_a_name_is_whole_after_kills_at_any_moment(
    bucket_store: S3ObjectStore, s3_variables: dict[str, str], tmp_path: Path
) -> None:
    code = _STORING + textwrap.dedent(
        """
        block = os.urandom(6 << 20)
        for count in range(10_000):
            if count in (2, 3, 4):
                print("going", flush=True)
            store.put_bytes(os.urandom(8) + block * (1 + count % 2), "video/mp4")
        """
    )
    url = bucket_store.address(ABSENT).partition("/objects/")[0]
    for times in (1, 2, 3):
        script = Script(code, url, tmp_path / "theirs", environment=s3_variables)
        for _ in range(times):
            script.says("going")
        script.kill()
    listed = list(bucket_store.digests())
    assert len(listed) >= 6
    for one in listed:
        bucket_store.verify(one.digest)


def test_a_bucket_that_is_gone_is_not_a_bucket_without_objects(seaweed: SeaweedServer, tmp_path: Path) -> None:
    """Else everything would be made, and paid for, again."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in seaweed.environment.items():
            patch.setenv(name, value)
        store = S3ObjectStore("s3://no-such-bucket/films", seaweed.endpoint, scratch=tmp_path)
        for use in (store.exists, store.size, store.open, store.verify, store.renew):
            with pytest.raises(ObjectStoreError, match="NoSuchBucket"):
                use(ABSENT)
        with pytest.raises(ObjectStoreError, match="NoSuchBucket"):
            store.check()


def test_a_refused_key_is_told_without_telling_the_key(
    bucket_store: S3ObjectStore, s3_variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
    store = S3ObjectStore(s3_variables["AIANIME_OBJECTS_URL"], s3_variables["AIANIME_S3_ENDPOINT"], scratch=tmp_path)
    for use in (lambda: store.put_bytes(b"take", "image/png"), lambda: store.exists(ABSENT), store.check):
        with pytest.raises(ObjectStoreError, match="refuses us") as refused:
            use()
        told = "".join(traceback.format_exception(refused.value)) + repr(refused.value.details) + repr(store)
        assert not any(secret in told for secret in (ACCESS_KEY, SECRET_KEY, "another-secret"))


@pytest.mark.usefixtures("s3_variables")
def test_a_service_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    store = S3ObjectStore("s3://films", "http://127.0.0.1:1", scratch=tmp_path)
    for use in (
        lambda: store.put_bytes(b"take", "image/png"),
        lambda: store.exists(ABSENT),
        lambda: list(store.digests()),
        lambda: store.delete(ABSENT),
        store.check,
    ):
        with pytest.raises(ObjectStoreError, match="connection was refused") as told:
            use()
        assert told.value.code == "ERR_OBJECT_STORE"


@pytest.mark.usefixtures("s3_variables")
def test_a_service_that_fails_is_asked_again_a_few_times_and_no_more(tmp_path: Path) -> None:
    body = b"<Error><Code>SlowDown</Code><Message>AWSAccessKeyId hidden</Message></Error>"
    with RawServer(says(answer(body, "Connection: close", status="503 Service Unavailable"))) as server:
        store = S3ObjectStore("s3://films", server.address, scratch=tmp_path)
        with pytest.raises(ObjectStoreError, match="SlowDown") as told:
            store.put_bytes(b"take", "image/png")
    assert "hidden" not in told.value.message
    assert len(server.requests) == 1 + s3._MOST_RETRIES


@pytest.mark.usefixtures("s3_variables")
def test_a_service_that_keeps_silent_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "_REQUEST_SECONDS", 0.2)
    monkeypatch.setattr(s3, "_MOST_RETRIES", 1)
    with RawServer(lambda connection, _request: connection.recv(1)) as server:
        store = S3ObjectStore("s3://films", server.address, scratch=tmp_path)
        with pytest.raises(ObjectStoreError, match="did not answer in time"):
            store.exists(ABSENT)
