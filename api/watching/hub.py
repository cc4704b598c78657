"""Hands what one reader reads to all streams of a process.

The last news are kept once for all. A stream is a number in them and nothing more, so that a slow client costs no
memory: whoever has fallen behind what is kept is sent away, and goes on by the id of the last event that it got.

Everything happens in one event loop; nothing here waits for the database.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice

from api.watching.news import News, Place, Sight

MOST_KEPT = 5_000

Caller = Hashable
"""Who is logged in and by what: two log-ins of one person are two."""
Running = tuple[str, str]
"""A run and a stage of it."""


class FellBehindError(Exception):
    """The stream has not seen news that are no longer kept."""


class Hub:
    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._kept: deque[News] = deque(maxlen=most_kept)
        self._callers: Counter[Caller] = Counter()
        self._sights: dict[Caller, Sight | None] = {}
        self._changed = asyncio.Event()
        self.count = 0
        """News since the hub began, kept or not."""
        self.place: Place | None = None
        """Up to where events are in `count`; None: nothing was read yet."""
        self.progress: Mapping[Running, News] = {}
        """How far the stages are that are at work."""
        self.broken_off = False
        """Nobody reads any more, until all streams have ended and new ones come."""

    @property
    def callers(self) -> frozenset[Caller]:
        """Those with a stream at least."""
        return frozenset(self._callers)

    @property
    def unknown(self) -> frozenset[Caller]:
        """Those whose rights nobody has looked up since they came."""
        return self.callers - self._sights.keys()

    @contextmanager
    def present(self, caller: Caller) -> Iterator[None]:
        """As long as a stream of this caller is there."""
        self._callers[caller] += 1
        try:
            yield
        finally:
            self._callers[caller] -= 1
            if not self._callers[caller]:
                del self._callers[caller]
                self._sights.pop(caller, None)
            if not self._callers:
                # Nobody reads from now on, so what is known grows old.
                self._kept.clear()
                self.place, self.progress, self.broken_off = None, {}, False

    def learn(self, looked_up: Collection[Caller], sights: Mapping[Caller, Sight]) -> None:
        """What callers may see from now on; one who was looked up and is not in `sights` is not logged in any more."""
        for caller in self.callers.intersection(looked_up):
            self._sights[caller] = sights.get(caller)

    def publish(self, news: Sequence[News], place: Place) -> None:
        """In their order. `place` is up to where events were read with them."""
        if not self._callers:
            return
        self._kept.extend(news)
        self.count += len(news)
        self.place = place

    def break_off(self) -> None:
        self.broken_off = True
        self.wake()

    def wake(self) -> None:
        """Whoever waits for a change looks again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, seconds: float) -> None:
        """Until the next `wake`, or so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    def knows(self, caller: Caller) -> bool:
        """Whether events were read, and this caller's rights looked up."""
        return self.place is not None and caller in self._sights

    def sight(self, caller: Caller) -> Sight | None:
        """None: not logged in any more."""
        return self._sights.get(caller)

    def since(self, count: int) -> list[News]:
        """What came after the first `count`. Raises FellBehindError."""
        missing = self.count - count
        if missing > len(self._kept):
            raise FellBehindError
        found = list(islice(reversed(self._kept), missing))
        found.reverse()
        return found
