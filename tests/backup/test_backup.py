"""What a backup brings back, on either database and in either store, and what it does not let happen."""

import gzip
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._daemon.types import DaemonHeartbeat
from support.backups import destroy, objects_of, rows_of
from support.command_line import CommandLine
from support.making import KEY, Studio
from support.processes import Script

from aianime_pipeline.backup.contents import BackupFolder
from aianime_pipeline.backup.making import back_up
from aianime_pipeline.backup.restoring import restore
from aianime_pipeline.db.models import Event, MediaObject, Notice
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import (
    BackupDamagedError,
    NotEmptyError,
    NotFoundError,
    ObjectDamagedError,
    RunsInProgressError,
    StateError,
)
from aianime_pipeline.instance import ROOT, add_episodes, open_instance
from aianime_pipeline.partitions import PARTITIONS_NAME
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notices.telling import tell

Build = Callable[..., Installation]

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


def quietly(_words: str) -> None:
    pass


def make(place: Installation, folder: Path) -> None:
    back_up(place, folder, tell=quietly)


def put_back(place: Installation, folder: Path, *, replace: bool = False) -> None:
    restore(place, folder, replace=replace, tell=quietly)


def say(place: Installation, key: str) -> int:
    with place.database.write() as session:
        tell(session, key=key, kind="k", text=f"水 {key}")
    with place.database.read() as session:
        return session.scalars(sa.select(Notice.id).where(Notice.key == key)).one()


def test_a_destroyed_installation_comes_back_row_for_row_and_byte_for_byte(made: Studio, tmp_path: Path) -> None:
    place = made.place
    rows, objects = rows_of(place), objects_of(place)
    assert len(rows["takes"]) == 6
    make(place, tmp_path / "backup")
    destroy(place)

    put_back(place, tmp_path / "backup", replace=True)

    assert rows_of(place) == rows
    assert objects_of(place) == objects


def test_a_backup_of_one_database_goes_into_the_other(made: Studio, tmp_path: Path, kind: str, empty: Build) -> None:
    rows = rows_of(made.place)
    make(made.place, tmp_path / "backup")
    other = empty(OTHER[kind])
    put_back(other, tmp_path / "backup")
    assert rows_of(other) == rows
    assert objects_of(other) == objects_of(made.place)


def test_a_backup_of_a_folder_goes_into_a_bucket_and_back(
    made: Studio, tmp_path: Path, empty: Build, s3_variables: dict[str, str]
) -> None:
    make(made.place, tmp_path / "backup")
    bucket = empty("sqlite", **s3_variables)
    put_back(bucket, tmp_path / "backup")
    assert objects_of(bucket) == objects_of(made.place)
    make(bucket, tmp_path / "again")
    folder = empty("sqlite")
    put_back(folder, tmp_path / "again")
    assert objects_of(folder) == objects_of(made.place)
    assert rows_of(folder) == rows_of(made.place)


def test_nothing_and_jsons_null_stay_apart(place: Installation, tmp_path: Path, kind: str, empty: Build) -> None:
    with place.database.write() as session:
        for document in ({"a": [1, "é", None, 1.5]}, sa.JSON.NULL):
            session.execute(sa.insert(Event).values(kind="k", document=document, created_at=now()))
    rows = rows_of(place)
    make(place, tmp_path / "backup")
    for target in (kind, OTHER[kind]):
        other = empty(target)
        put_back(other, tmp_path / "backup")
        assert rows_of(other) == rows


def test_new_rows_get_new_ids_after_it(place: Installation, tmp_path: Path, kind: str, empty: Build) -> None:
    say(place, "first")
    last = say(place, "second")
    make(place, tmp_path / "backup")
    for target in (kind, OTHER[kind]):
        other = empty(target)
        put_back(other, tmp_path / "backup")
        assert say(other, "third") == last + 1


def test_ids_that_were_given_and_taken_away_are_not_given_again(
    place: Installation, tmp_path: Path, kind: str, empty: Build
) -> None:
    if kind == "sqlite":
        pytest.skip("SQLite itself gives the highest one again")
    last = say(place, "gone")
    with place.database.write() as session:
        session.execute(sa.delete(Notice))
    make(place, tmp_path / "backup")
    other = empty("postgresql")
    put_back(other, tmp_path / "backup")
    assert say(other, "new") == last + 1


def test_a_second_backup_copies_only_what_is_new_and_drops_what_is_no_longer_named(
    place: Installation, tmp_path: Path
) -> None:
    old, kept = (place.store.put_bytes(word, "text/plain") for word in (b"old", b"kept"))
    with place.database.write() as session:
        for one in (old, kept):
            session.add(MediaObject(digest=one.digest, size=one.size, crc32=one.crc32, media_type=one.media_type))
    make(place, tmp_path / "backup")
    folder = BackupFolder(tmp_path / "backup")
    before = folder.store.written_at(kept.digest)
    with place.database.write() as session:
        session.execute(sa.delete(MediaObject).where(MediaObject.digest == old.digest))
    make(place, tmp_path / "backup")
    assert [one.digest for one in folder.store.digests()] == [kept.digest]
    assert folder.store.written_at(kept.digest) == before
    assert [path.name for path in folder.snapshots.iterdir()] == [folder.read().snapshot]


def test_objects_that_are_lost_or_damaged_are_told(place: Installation, tmp_path: Path) -> None:
    lost, damaged = (place.store.put_bytes(word, "text/plain") for word in (b"lost", b"damaged"))
    with place.database.write() as session:
        for one in (lost, damaged):
            session.add(MediaObject(digest=one.digest, size=one.size, crc32=one.crc32, media_type=one.media_type))
    place.store.delete(lost.digest)
    with place.store.local_path(damaged.digest) as path:
        path.chmod(0o644)
        path.write_bytes(b"changed")
    contents = back_up(place, tmp_path / "backup", tell=quietly)
    assert contents.missing == sorted([lost.digest, damaged.digest])
    assert contents.objects == 0


def test_what_is_there_is_not_lost_without_being_asked(made: Studio, tmp_path: Path) -> None:
    make(made.place, tmp_path / "backup")
    rows = rows_of(made.place)
    with pytest.raises(NotEmptyError, match="--replace"):
        put_back(made.place, tmp_path / "backup")
    assert rows_of(made.place) == rows


def test_nothing_is_replaced_from_a_damaged_backup(made: Studio, tmp_path: Path) -> None:
    place = made.place
    make(place, tmp_path / "backup")
    folder = BackupFolder(tmp_path / "backup")
    say(place, "since")
    rows = rows_of(place)
    contents = folder.read()
    takes = folder.snapshot(contents) / "takes.jsonl.gz"
    whole = takes.read_bytes()

    takes.write_bytes(gzip.compress(b"{}\n"))
    with pytest.raises(BackupDamagedError, match=r"takes\.jsonl\.gz is damaged"):
        put_back(place, tmp_path / "backup", replace=True)
    takes.unlink()
    with pytest.raises(BackupDamagedError, match=r"takes\.jsonl\.gz is missing"):
        put_back(place, tmp_path / "backup", replace=True)
    takes.write_bytes(whole)
    [digest, *_] = folder.digests(contents)
    with folder.store.local_path(digest) as path:
        path.chmod(0o644)
        path.write_bytes(b"rot")
    with pytest.raises(ObjectDamagedError, match=digest):
        put_back(place, tmp_path / "backup", replace=True)
    assert rows_of(place) == rows


def test_a_folder_without_a_backup_or_with_a_strange_one_is_told(place: Installation, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="holds no backup"):
        put_back(place, tmp_path / "nothing")
    make(place, tmp_path / "backup")
    file = tmp_path / "backup" / "backup.json"
    whole = file.read_text()
    file.write_text(whole.replace('"revision": "', '"revision": "9'))
    with pytest.raises(StateError, match="of revision 9"):
        put_back(place, tmp_path / "backup")
    file.write_text(whole[:-20])
    with pytest.raises(BackupDamagedError, match="cannot be read"):
        put_back(place, tmp_path / "backup")


def test_a_backup_that_is_killed_leaves_the_one_before_good(
    made: Studio, tmp_path: Path, kind: str, migrated_url: str, empty: Build
) -> None:
    place, folder = made.place, tmp_path / "backup"
    make(place, folder)
    rows, objects = rows_of(place), objects_of(place)
    say(place, "since")
    place.store.put_bytes(b"since", "text/plain")
    code = (
        "import sys\nfrom pathlib import Path\nfrom aianime_pipeline.backup.making import back_up\n"
        "from aianime_pipeline.production.installation import installation\n"
        "def tell(words):\n    print(words.split()[-1], flush=True)\n    sys.stdin.readline()\n"
        "back_up(installation(), Path(sys.argv[1]), tell=tell)\n"
    )
    variables = {"AIANIME_HOME": str(place.settings.home), "AIANIME_DATABASE_URL": migrated_url}
    for steps in (["database"], ["database", "objects"], ["database", "objects", "database"]):
        script = Script(code, folder, environment=variables)
        for number, step in enumerate(steps):
            if number:
                script.tell("")
            script.says(step)
        script.kill()
    other = empty(kind)
    put_back(other, folder)
    assert rows_of(other) == rows
    assert objects_of(other) == objects
    make(place, folder)
    assert len(list((folder / "snapshots").iterdir())) == 1


def test_dagsters_own_database_comes_back_with_its_runs(place: Installation, tmp_path: Path) -> None:
    with open_instance() as instance:
        add_episodes(instance, [KEY])
        run = instance.create_run_for_job(dg.JobDefinition(graph_def=dg.GraphDefinition(name="g")))
        make(place, tmp_path / "backup")  # while it is open
        instance.delete_run(run.run_id)
        instance.delete_dynamic_partition(PARTITIONS_NAME, KEY)
    put_back(place, tmp_path / "backup", replace=True)
    with open_instance() as instance:
        assert instance.get_run_by_id(run.run_id) is not None
        assert instance.get_dynamic_partitions(PARTITIONS_NAME) == [KEY]


def test_nothing_is_restored_under_a_daemon_that_is_up(place: Installation, tmp_path: Path) -> None:
    make(place, tmp_path / "backup")
    with open_instance() as instance:
        instance.add_daemon_heartbeat(DaemonHeartbeat(now().timestamp(), "SENSOR", None))
    with pytest.raises(RunsInProgressError, match="daemon is up"):
        put_back(place, tmp_path / "backup", replace=True)


def test_the_commands_say_what_they_did(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    line.done("version")
    done = line.done("backup", tmp_path / "backup", "--json")
    assert (done.json["rows"], done.json["objects"], done.json["missing"], done.json["dagster"]) == (0, 0, [], True)
    assert line.done("restore", tmp_path / "backup", "--json").json == done.json
    assert line.run("restore", tmp_path / "nothing", "--json").error["code"] == "ERR_NOT_FOUND"
    variables = {
        "AIANIME_DAGSTER_CONFIG": str(ROOT / "deploy" / "dagster.yaml"),
        "AIANIME_DAGSTER_DATABASE_URL": "postgresql://host/dagster",
        "AIANIME_LOGS_BUCKET": "films",
        "AIANIME_S3_ENDPOINT": "http://127.0.0.1:1",
    }
    team = line.done("backup", tmp_path / "team", "--json", environment=variables)
    assert not team.json["dagster"]
    assert "Dagster's database is not in it" in team.told
