"""Dagster's own databases, where they are SQLite files: copied by SQLite while Dagster goes on writing."""

import sqlite3
from contextlib import closing
from pathlib import Path

from aianime_pipeline.backup.tables import file_digest
from aianime_pipeline.storage.durable import draft_in, write_all

_BESIDE = ("-wal", "-shm", "-journal")


def databases_in(home: Path) -> list[Path]:
    return sorted(path for path in home.rglob("*.db") if path.is_file())


def copy_databases(home: Path, target: Path) -> dict[str, str]:
    """Each is whole and of one moment by itself. Returns the copies' digests by their path below `target`."""
    digests = {}
    for path in databases_in(home):
        name = str(path.relative_to(home))
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source, closing(sqlite3.connect(copy)) as to:
            source.backup(to)
        digests[name] = file_digest(copy)
    return digests


def put_back(source: Path, names: list[str], home: Path) -> None:
    """In place of whatever databases are there; only while no process of Dagster has them open."""
    wanted = {home / name for name in names}
    for path in databases_in(home):
        for beside in (path.with_name(path.name + ending) for ending in _BESIDE):
            beside.unlink(missing_ok=True)
        if path not in wanted:
            path.unlink()
    for name in names:
        target = home / name
        with draft_in(target.parent) as draft:
            with (source / name).open("rb") as file:
                while piece := file.read(1 << 20):
                    write_all(draft.file, piece)
            draft.keep_as(target)
