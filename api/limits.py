"""How many of the heaviest things one process does at once: whoever comes too much is asked to come again."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from aianime_pipeline.errors import TooManyAtOnceError, TooManyStreamsError

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


class Streams:
    """So many open at once for each person, and so many for all."""

    def __init__(self, most_each: int, most: int) -> None:
        self._all = AtMost(most, "streams of events")
        self._most_each = most_each
        self._open: Counter[int] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one(self, user_id: int) -> Iterator[None]:
        """Raises TooManyStreamsError where this person has as many, TooManyAtOnceError where all are taken."""
        with self._all.one():
            with self._lock:
                if self._open[user_id] >= self._most_each:
                    raise TooManyStreamsError(
                        f"You have {self._most_each} streams of events open at this server: close one. One is enough "
                        "for a page.",
                        retry_after=_AGAIN_SECONDS,
                    )
                self._open[user_id] += 1
            try:
                yield
            finally:
                with self._lock:
                    self._open[user_id] -= 1
                    if not self._open[user_id]:
                        del self._open[user_id]


FILES = AtMost(2, "uploads")
"""A picture of 40 megapixels takes 320 MB while it is looked at, a Word file its whole text."""
BACKFILLS = AtMost(4, "backfills")
"""Each waits for Dagster, up to half a minute."""
TRIES = AtMost(2, "tries of channels")
"""Each waits for somebody else's server."""
STREAMS = Streams(most_each=8, most=500)
"""Each is a connection, of which systems commonly give a process 1,024."""
