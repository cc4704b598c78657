"""The one reader of a process: looks into the database while anybody watches, and hands on what it finds.

Rights are looked up after the events of a look were read: nobody is told what happened after they lost the right, and
nobody misses what happened after they got it.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import Database
from api.watching.hub import Caller, Hub, Running
from api.watching.news import News, Place, Sight
from api.watching.reading import newest_place, read_events, read_progress

LOOK_SECONDS = 0.25
RIGHTS_SECONDS = 0.7
"""With a look in between, a right that is taken away is gone within a second."""
PROGRESS_SECONDS = 1.0
_FAILED_SECONDS = 1.0
_AT_ONCE = 500

LookUp = Callable[[Session, Collection[Caller]], Mapping[Caller, Sight]]
"""What each of these callers may see now; those who are not logged in any more are left out."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Wanted:
    """What a look is to find out."""

    place: Place | None
    callers: frozenset[Caller]
    rights: bool
    progress: Mapping[Running, News] | None
    """As it was read last; None: it was read a moment ago."""


@dataclass(frozen=True)
class _Found:
    place: Place
    news: list[News]
    sights: Mapping[Caller, Sight] | None
    progress: Mapping[Running, News] | None
    more: bool


class Reader:
    def __init__(self, database: Database, hub: Hub, look_up: LookUp) -> None:
        self._database = database
        self._hub = hub
        self._look_up = look_up
        # One of its own: those of the requests may all be busy.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="watching")
        self._task: asyncio.Task[None] | None = None
        self._called = asyncio.Event()

    def call(self) -> None:
        """Somebody is there: look at once, and go on looking."""
        self._called.set()
        if self._task is None or self._task.done():
            self._called = asyncio.Event()
            self._task = asyncio.get_running_loop().create_task(self._go_on())

    async def _go_on(self) -> None:
        try:
            await self._look_again_and_again()
        except Exception as error:
            # Rather no stream than one that is silent for ever.
            _log.error("the reader of events broke off", exc_info=error)
            self._hub.break_off()
            raise

    async def _look_again_and_again(self) -> None:
        rights_at = progress_at = float("-inf")
        while self._hub.callers:
            self._called.clear()
            began, new = time.monotonic(), self._hub.place is None
            wanted = _Wanted(
                self._hub.place,
                self._hub.callers,
                rights=bool(self._hub.unknown) or began - rights_at >= RIGHTS_SECONDS,
                progress=self._hub.progress if new or began - progress_at >= PROGRESS_SECONDS else None,
            )
            try:
                found = await asyncio.get_running_loop().run_in_executor(self._thread, self._look, wanted)
            except DBAPIError as error:
                # Streams stay: they go on where they were when the database is back.
                _log.warning("the reader of events could not look", error=str(error))
                await asyncio.sleep(_FAILED_SECONDS)
                continue
            rights_at = began if found.sights is not None else rights_at
            progress_at = began if found.progress is not None else progress_at
            self._hand_on(wanted, found)
            if not found.more:
                await self._pause(began)

    def _hand_on(self, wanted: _Wanted, found: _Found) -> None:
        hub = self._hub
        if wanted.place is not None and hub.place is None:
            return  # all went while it looked, and others came: they begin with a look of their own
        if found.sights is not None:
            hub.learn(wanted.callers, found.sights)
        hub.publish(found.news, found.place)
        if found.progress is not None:
            hub.progress = found.progress
        if found.news or found.sights is not None:
            hub.wake()

    def _look(self, wanted: _Wanted) -> _Found:
        with self._database.read() as session:
            if wanted.place is None:
                place, news = newest_place(session), []
            else:
                news = read_events(session, wanted.place.number, limit=_AT_ONCE)
                place = (news[-1].place if news else None) or wanted.place
            more = len(news) == _AT_ONCE
            progress = None
            if wanted.progress is not None:
                read = read_progress(session, wanted.progress)
                progress = read.going
                changed = [one for running, one in read.going.items() if wanted.progress.get(running) != one]
                news += [*changed, *read.ended.values()]
            sights = self._look_up(session, wanted.callers) if wanted.rights or news else None
        return _Found(place, news, sights, progress, more)

    async def _pause(self, began: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, began + LOOK_SECONDS - time.monotonic())):
                await self._called.wait()
        except TimeoutError:
            return
