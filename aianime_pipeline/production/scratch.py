"""Folders for work in the making, that a killed process does not leave behind for ever.

A folder's owner holds a lock on it, which the kernel lets go with the process; whoever comes next sweeps the folders
that nobody holds. So it works with any number of processes at once.
"""

import fcntl
import shutil
import stat
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from aianime_pipeline.storage.folder_locks import locked_folder

_SWEEP_THEMSELVES = {"provider"}
"""Folders whose owner may live on for days without a word (providers/local/provider.py)."""


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """An empty folder of one's own under `parent`, gone at the end; those of dead processes are gone before it."""
    parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with locked_folder(parent, fcntl.LOCK_EX):
            # Nobody sweeps between making a folder and locking it.
            _sweep(parent)
            folder = parent / uuid.uuid4().hex
            folder.mkdir()
            stack.enter_context(locked_folder(folder, fcntl.LOCK_EX))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep_scratch(root: Path, *, before: datetime, dry_run: bool) -> tuple[int, int]:
    """Remove what lies in the folders of `root`, was not written to since `before`, and is held by no living process;
    in a `dry_run` only count it. Returns how many and how many bytes."""
    count = size = 0
    for entry in (
        entry for folder in _listed(root) if folder.name not in _SWEEP_THEMSELVES for entry in _listed(folder)
    ):
        # Held by its owner, or gone since it was listed.
        with suppress(BlockingIOError, FileNotFoundError), locked_folder(entry, fcntl.LOCK_EX | fcntl.LOCK_NB):
            files = [path.stat() for path in (entry, *entry.rglob("*"))]
            if max(found.st_mtime for found in files) >= before.timestamp():
                continue
            count += 1
            size += sum(found.st_size for found in files if stat.S_ISREG(found.st_mode))
            if not dry_run:
                shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink()
    return count, size


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _sweep(parent: Path) -> None:
    for folder in parent.iterdir():
        # Held by its owner, or gone since it was listed.
        with suppress(BlockingIOError, FileNotFoundError), locked_folder(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(folder, ignore_errors=True)
