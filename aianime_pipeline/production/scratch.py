"""Folders for work in the making, that a killed process does not leave behind for ever.

A folder's owner holds a lock on it, which the kernel lets go with the process; whoever comes next sweeps the folders
that nobody holds. So it works with any number of processes at once.
"""

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """An empty folder of one's own under `parent`, gone at the end; those of dead processes are gone before it."""
    parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with _locked(parent, fcntl.LOCK_EX):
            # Nobody sweeps between making a folder and locking it.
            _sweep(parent)
            folder = parent / uuid.uuid4().hex
            folder.mkdir()
            stack.enter_context(_locked(folder, fcntl.LOCK_EX))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    for folder in parent.iterdir():
        # Held by its owner, or gone since it was listed.
        with suppress(BlockingIOError, FileNotFoundError), _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """Raises BlockingIOError where it would have to wait and shall not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
