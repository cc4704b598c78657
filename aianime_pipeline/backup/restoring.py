"""The way back from a backup. Everything in it is read and compared before anything of the target is touched."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from aianime_pipeline.backup.contents import BackupFolder, Contents
from aianime_pipeline.backup.dagster_files import databases_in, put_back
from aianime_pipeline.backup.tables import TABLES, clear, is_empty, read_table, rows_in
from aianime_pipeline.db.models import Episode, MediaObject
from aianime_pipeline.db.models.base import now
from aianime_pipeline.db.schema import HEAD
from aianime_pipeline.errors import NotEmptyError, ObjectDamagedError, RunsInProgressError, StateError
from aianime_pipeline.instance import add_episodes, keeps_sqlite, open_instance
from aianime_pipeline.production.installation import Installation

_BEATS_SECONDS = 120

Tell = Callable[[str], None]


def restore(place: Installation, root: Path, *, replace: bool, tell: Tell) -> Contents:
    """Put the backup in `root` into the installation: objects first, then all rows in one transaction, then Dagster's
    databases where both sides keep them in SQLite.

    Raises NotEmptyError for an installation with anything in it, unless it may be replaced; RunsInProgressError while
    Dagster is up; BackupDamagedError, ObjectDamagedError, and StateError for a backup of another revision.
    """
    folder = BackupFolder(root)
    contents = folder.read()
    if contents.revision != HEAD:
        raise StateError(
            f"The backup is of revision {contents.revision}, this program is of {HEAD}: restore it with the program "
            "that made it, then upgrade."
        )
    _check_target(place, replace)
    with folder.locked():
        tell("comparing the backup with its digests")
        folder.verify(contents)
        tell(f"{contents.objects} objects")
        listed = rows_in(MediaObject.__table__, folder.snapshot(contents) / "objects.jsonl.gz")  # type: ignore[arg-type]
        types = {row["digest"]: row["media_type"] for row in listed}
        for digest in folder.digests(contents):
            _put_object(place, folder, digest, types.get(digest, "application/octet-stream"))
        tell("the database")
        with place.database.write() as session:
            clear(session)
            for table in TABLES:
                path = folder.snapshot(contents) / f"{table.name}.jsonl.gz"
                read_table(session, table, path, contents.tables[table.name])
        if contents.dagster is not None and keeps_sqlite(place.settings):
            tell("Dagster's database")
            put_back(folder.snapshot(contents) / "dagster", sorted(contents.dagster), place.settings.dagster_home)
    with place.database.read() as session:
        keys = list(session.scalars(sa.select(Episode.key)))
    with open_instance() as instance:
        add_episodes(instance, keys)
    return contents


def _check_target(place: Installation, replace: bool) -> None:
    with place.database.read() as session:
        empty = is_empty(session)
    dagster = keeps_sqlite(place.settings) and databases_in(place.settings.dagster_home)
    if (not empty or dagster) and not replace:
        what = "The database has rows" if not empty else f"{place.settings.dagster_home} holds Dagster's databases"
        raise NotEmptyError(
            f"{what}: a backup is restored into an empty installation. With --replace everything in this one is lost."
        )
    if dagster or not empty:
        with open_instance() as instance:
            beats = [beat.timestamp for beat in instance.get_daemon_heartbeats().values()]
        if any(now().timestamp() - beat < _BEATS_SECONDS for beat in beats):
            raise RunsInProgressError(
                "Dagster's daemon is up, or was a moment ago: end it (and the web server), wait two minutes, and "
                "restore then.",
                at_work=["Dagster's daemon"],
            )


def _put_object(place: Installation, folder: BackupFolder, digest: str, media_type: str) -> None:
    try:
        if place.store.exists(digest):
            place.store.verify(digest)
            return
    except ObjectDamagedError:
        pass  # stored again, it is whole again
    with folder.store.local_path(digest) as path:
        place.store.put_file(path, media_type)
