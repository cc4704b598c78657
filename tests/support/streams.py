"""Streams of events without a web server: what a client of api/watching gets, as it would read it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from api.watching.hub import Caller
from api.watching.news import Only, Sight
from api.watching.streams import Watching

PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Got:
    """One server-sent event. `id` None: it has none."""

    kind: str
    id: str | None
    data: dict[str, Any]


def read_frames(text: str) -> list[Got]:
    """Whole events only; blocks without a kind (comments, ids alone) are no events."""
    got = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
        if "event" in fields:
            got.append(Got(fields["event"], fields.get("id"), json.loads(fields["data"])))
    return got


@dataclass
class Rights:
    """Who is logged in and sees what, changed by the test as it goes."""

    sights: dict[Caller, Sight] = field(default_factory=dict)
    looked_up: int = 0

    def look_up(self, _session: Session, callers: Collection[Caller]) -> Mapping[Caller, Sight]:
        self.looked_up += 1
        return {caller: self.sights[caller] for caller in callers if caller in self.sights}


class Client:
    """One open stream."""

    def __init__(self, watching: Watching, caller: Caller, only: Only = Only(), last: str | None = None) -> None:
        self.got: list[Got] = []
        self.raw = b""
        self.ended = False
        self._task = asyncio.create_task(self._read(watching.stream(caller, only, last)))

    async def _read(self, stream: AsyncIterator[bytes]) -> None:
        async for piece in stream:
            self.raw += piece
            self.got += read_frames(piece.decode())
        self.ended = True

    @property
    def kinds(self) -> list[str]:
        return [one.kind for one in self.got]

    async def until(self, reached: Callable[["Client"], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not reached(self):
                if self._task.done():
                    self._task.result()
                    assert reached(self), f"the stream ended before: {self.got}"
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


def ready(client: Client) -> bool:
    return bool(client.got)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await scenario()

    asyncio.run(whole())
