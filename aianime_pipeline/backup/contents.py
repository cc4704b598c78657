"""What a backup's folder holds, and the one file that says which of it is the backup.

    backup.json                     what belongs to the backup; replaced at once when the next one is whole
    snapshots/ID/TABLE.jsonl.gz     the database's rows
    snapshots/ID/objects.txt.gz     the digests of the objects, one a line
    snapshots/ID/dagster/…          Dagster's own databases, where they are SQLite files
    objects/ab/abcdef…              the objects, each once for all backups

A backup that is killed leaves files that backup.json does not name; the next one removes them.
"""

import fcntl
import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aianime_pipeline.backup.tables import TABLES, TableFile, file_digest
from aianime_pipeline.errors import BackupDamagedError, NotFoundError, StateError, WorkHeldError
from aianime_pipeline.storage.durable import draft_in, write_all
from aianime_pipeline.storage.folder import FolderStore

_NAME = "backup.json"
_FORMAT = 1


@dataclass(frozen=True)
class Contents:
    """`snapshot` is a folder's name; `tables` by name, `dagster` the digests of its files by their path, None where
    Dagster's database is not in the backup; `missing` are the objects that the store had not, or not whole."""

    snapshot: str
    made_at: str
    revision: str
    tables: dict[str, TableFile]
    objects: int
    object_list: str
    """SHA-256 of the list."""
    missing: list[str]
    dagster: dict[str, str] | None


class BackupFolder:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = FolderStore(root)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """For whoever writes. Raises WorkHeldError."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise WorkHeldError(f"Another backup to {self.root} goes on. Wait for it.") from None
            yield

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    def snapshot(self, contents: Contents) -> Path:
        return self.snapshots / contents.snapshot

    def put(self, contents: Contents) -> None:
        """From now on this is the backup."""
        document = {"format": _FORMAT, **asdict(contents)}
        with draft_in(self.root) as draft:
            write_all(draft.file, json.dumps(document, indent=1).encode())
            draft.keep_as(self.root / _NAME)

    def read(self) -> Contents:
        """Raises NotFoundError where there is none, BackupDamagedError, StateError for another program's."""
        path = self.root / _NAME
        if not path.is_file():
            raise NotFoundError(f"{self.root} holds no backup: there is no {_NAME} in it.", path=str(path))
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            number = document.pop("format")
            if number != _FORMAT:
                raise StateError(f"The backup in {self.root} has format {number}; this program reads {_FORMAT}.")
            tables = {name: TableFile(**found) for name, found in document.pop("tables").items()}
            return Contents(tables=tables, **document)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupDamagedError(f"{path} cannot be read: {error}.", path=str(path)) from error

    def digests(self, contents: Contents) -> Iterator[str]:
        with gzip.open(self.snapshot(contents) / "objects.txt.gz", "rt", encoding="ascii") as file:
            for line in file:
                yield line.strip()

    def verify(self, contents: Contents) -> None:
        """Read everything and compare. Raises BackupDamagedError naming the file."""
        snapshot = self.snapshot(contents)
        if missing := sorted({table.name for table in TABLES} ^ set(contents.tables)):
            raise BackupDamagedError(f"The backup has other tables than this program: {', '.join(missing)}.")
        files = {f"{name}.jsonl.gz": found.sha256 for name, found in contents.tables.items()}
        files["objects.txt.gz"] = contents.object_list
        files |= {f"dagster/{name}": digest for name, digest in (contents.dagster or {}).items()}
        for name, digest in files.items():
            path = snapshot / name
            if not path.is_file() or file_digest(path) != digest:
                raise BackupDamagedError(
                    f"{path} is {'damaged' if path.is_file() else 'missing'}: the backup cannot be restored. "
                    "Use another one; nothing was changed.",
                    path=str(path),
                )
        for digest in self.digests(contents):
            self.store.verify(digest)


def write_list(path: Path, digests: list[str]) -> str:
    """Returns the file's SHA-256."""
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as file:
        file.writelines(f"{digest}\n".encode() for digest in digests)
    return file_digest(path)


def summary(contents: Contents) -> Mapping[str, Any]:
    """JSON-ready, for the command line."""
    return {
        "made_at": contents.made_at,
        "revision": contents.revision,
        "rows": sum(found.rows for found in contents.tables.values()),
        "objects": contents.objects,
        "missing": contents.missing,
        "dagster": contents.dagster is not None,
    }
