"""A lock on a folder that the system gives back when its process ends, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked_folder(folder: Path, how: int) -> Iterator[None]:
    """`how` is one of fcntl's LOCK_SH and LOCK_EX, with LOCK_NB for not waiting. Raises FileNotFoundError where there
    is no such folder, BlockingIOError where it would have to wait and shall not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
