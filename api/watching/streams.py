"""The stream of one client: what it missed, then what happens, as long as its caller is logged in.

It begins with `ready`, or with `reset` where what it missed cannot be told any more: then everything is to be read
again. Each event of the table has an id to go on from; progress has none.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from aianime_pipeline.db.engine import Database
from api.watching.hub import Caller, FellBehindError, Hub
from api.watching.news import News, Only, Place, frame, place_only
from api.watching.reader import LookUp, Reader
from api.watching.reading import can_resume, read_events

QUIET_SECONDS = 15.0
"""So long after the last event the client is told how far it is."""
_PAGE = 500
_FRAMES_AT_ONCE = 100
_READERS = 2

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class Watching:
    """All streams of a process. Opens nothing before the first one."""

    def __init__(self, database: Database, look_up: LookUp, *, hub: Hub | None = None) -> None:
        self._database = database
        self._hub = hub or Hub()
        self._reader = Reader(database, self._hub, look_up)
        # Many clients come back at once after a restart: they take turns and leave the requests' threads alone.
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="watching-missed")

    async def stream(self, caller: Caller, only: Only, last: str | None) -> AsyncIterator[bytes]:
        """Frames for the client, ending when the caller is not logged in any more, or when the client is too slow.

        `last` is the id of the last event that the client got; an id that nobody ever sent counts as too old.
        """
        hub = self._hub
        with hub.present(caller):
            self._reader.call()
            while not hub.knows(caller):
                if hub.broken_off:
                    return
                await hub.changed(QUIET_SECONDS)
            count, place = hub.count, hub.place
            assert place is not None
            going = [one for one in hub.progress.values() if self._tells(caller, only, one)]
            since = place
            if last is None:
                yield frame("ready", {}, place)
            elif (missed := await self._in_thread(self._resume, Place.parse(last), place)) is None:
                yield frame("reset", {}, place)
            else:
                since = missed
                yield frame("ready", {})
                async for frames in self._missed(caller, only, missed, place):
                    yield frames
            if going:
                yield b"".join(one.frame for one in going)
            async for frames in self._live(caller, only, count, since):
                yield frames

    async def _live(self, caller: Caller, only: Only, count: int, since: Place) -> AsyncIterator[bytes]:
        hub, told, told_at = self._hub, since, time.monotonic()
        while hub.sight(caller) is not None and not hub.broken_off:
            try:
                news = hub.since(count)
            except FellBehindError:
                return
            count, place = hub.count, hub.place
            # Another process may have told it more than this one had read.
            new = [one for one in news if one.place is None or one.place.number > since.number]
            if frames := [one.frame for one in new if self._tells(caller, only, one)]:
                for piece in _pieces(frames):
                    yield piece
                told_at = time.monotonic()
                told = next((one.place for one in reversed(new) if one.place is not None), told)
                continue
            if time.monotonic() - told_at >= QUIET_SECONDS:
                told_at = time.monotonic()
                if place is not None and place.number > told.number:
                    told = place
                    yield place_only(place)
                    continue
            await hub.changed(QUIET_SECONDS)

    async def _missed(self, caller: Caller, only: Only, after: Place, upto: Place) -> AsyncIterator[bytes]:
        number = after.number
        while number < upto.number:
            page = await self._in_thread(self._page, number, upto.number)
            if not page:
                return
            if frames := [one.frame for one in page if self._tells(caller, only, one)]:
                yield b"".join(frames)
            last = page[-1].place
            assert last is not None
            number = last.number

    def _tells(self, caller: Caller, only: Only, news: News) -> bool:
        sight = self._hub.sight(caller)
        return sight is not None and sight.sees(news) and only.admits(news)

    def _resume(self, last: Place | None, newest: Place) -> Place | None:
        """Where to go on from, None where it cannot be told what was missed."""
        if last is None:
            return None
        with self._database.read() as session:
            return last if last == newest or can_resume(session, last, newest.number) else None

    def _page(self, after: int, upto: int) -> list[News]:
        with self._database.read() as session:
            return read_events(session, after, upto, limit=_PAGE)

    async def _in_thread(self, ask: Callable[Asked, Answer], *asked: Asked.args, **named: Asked.kwargs) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(ask, *asked, **named))


def _pieces(frames: Sequence[bytes]) -> Iterator[bytes]:
    """Few writes, none of them large: what waits for a slow client is held in memory."""
    for start in range(0, len(frames), _FRAMES_AT_ONCE):
        yield b"".join(frames[start : start + _FRAMES_AT_ONCE])
