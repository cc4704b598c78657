"""Making a backup while the installation goes on: the database as it is at one moment, then what it refers to.

Objects never change and rows are read first, so every object that a row names was there before the row. One that a
clean-up removes in between, or that was lost before, is told as missing.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import sqlalchemy as sa

from aianime_pipeline.backup.contents import BackupFolder, Contents, write_list
from aianime_pipeline.backup.dagster_files import copy_databases
from aianime_pipeline.backup.tables import TABLES, TableFile, write_table
from aianime_pipeline.db.models import MediaObject
from aianime_pipeline.db.models.base import now
from aianime_pipeline.db.schema import HEAD
from aianime_pipeline.errors import ObjectDamagedError, ObjectMissingError
from aianime_pipeline.instance import keeps_sqlite
from aianime_pipeline.production.installation import Installation

Tell = Callable[[str], None]


def back_up(place: Installation, root: Path, *, tell: Tell) -> Contents:
    """Into the folder `root`, in place of the backup that is there, which is good until the new one is whole.

    Raises WorkHeldError while another one goes on, DiskFullError, and what the database and the store raise.
    """
    folder = BackupFolder(root)
    with folder.locked():
        snapshot = folder.snapshots / uuid.uuid4().hex
        snapshot.mkdir(parents=True)
        tell("the database")
        tables, named, needed = _write_tables(place, snapshot)
        there = {one.digest: one.size for one in place.store.digests()}
        wanted = {digest: there[digest] for digest in sorted((named | needed) & set(there))}
        tell(f"{len(wanted)} objects")
        copied, lost = _copy_objects(place, folder, wanted)
        dagster = None
        if keeps_sqlite(place.settings):
            tell("Dagster's database")
            dagster = copy_databases(place.settings.dagster_home, snapshot / "dagster")
        contents = Contents(
            snapshot=snapshot.name,
            made_at=now().isoformat(),
            revision=HEAD,
            tables=tables,
            objects=len(copied),
            object_list=write_list(snapshot / "objects.txt.gz", copied),
            missing=sorted((needed - set(there)) | lost),
            dagster=dagster,
        )
        _reach_the_disk(snapshot)
        folder.put(contents)
        _remove_others(folder, contents, set(copied))
    return contents


def _write_tables(place: Installation, snapshot: Path) -> tuple[dict[str, TableFile], set[str], set[str]]:
    """The files, what looks like an object's digest in them, and what certainly is one."""
    named: set[str] = set()
    with place.database.one_moment() as session:
        tables = {
            table.name: write_table(session, table, snapshot / f"{table.name}.jsonl.gz", named) for table in TABLES
        }
        needed = set(session.scalars(sa.select(MediaObject.digest)))
    return tables, named, needed


def _copy_objects(place: Installation, folder: BackupFolder, wanted: Mapping[str, int]) -> tuple[list[str], set[str]]:
    """By size; what an earlier backup has copied stays. Returns what is there now, and what was gone or damaged."""
    have = {one.digest: one.size for one in folder.store.digests()}
    copied, lost = [], set()
    for digest, size in wanted.items():
        if have.get(digest) == size or _copied(place, folder, digest):
            copied.append(digest)
        else:
            lost.add(digest)
    return copied, lost


def _copied(place: Installation, folder: BackupFolder, digest: str) -> bool:
    try:
        with place.store.local_path(digest) as path:
            stored = folder.store.put_file(path, "application/octet-stream")
    except (ObjectMissingError, ObjectDamagedError):
        return False
    return stored.digest == digest


def _reach_the_disk(snapshot: Path) -> None:
    """Before backup.json names it."""
    for path in [*snapshot.rglob("*"), snapshot]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove_others(folder: BackupFolder, contents: Contents, kept: set[str]) -> None:
    for path in folder.snapshots.iterdir():
        if path.name != contents.snapshot:
            shutil.rmtree(path)
    for one in folder.store.digests():
        if one.digest not in kept:
            folder.store.delete(one.digest)
