"""How many of the heaviest things one process does at once: whoever comes too much is asked to come again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aianime_pipeline.errors import TooManyAtOnceError

_AGAIN_SECONDS = 5


class AtMost:
    """So many at once. Nobody waits in line: a line of waiting requests would take every thread there is."""

    def __init__(self, most: int, what: str) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._what = what

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises TooManyAtOnceError."""
        if not self._free.acquire(blocking=False):
            raise TooManyAtOnceError(
                f"Too many {self._what} at once: try again in a moment.", retry_after=_AGAIN_SECONDS
            )
        try:
            yield
        finally:
            self._free.release()


FILES = AtMost(2, "uploads")
"""A picture of 40 megapixels takes 320 MB while it is looked at, a Word file its whole text."""
TRIES = AtMost(2, "tries of channels")
"""Each waits for somebody else's server."""
