"""What happens, as it happens: server-sent events (docs/events.md)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends, Header, Query, Request
from sqlalchemy.orm import Session
from sse_starlette import EventSourceResponse
from starlette.types import Receive, Scope, Send

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.many_callers import LogIn
from aianime_pipeline.accounts.membership import actions_in
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Episode, Project
from aianime_pipeline.errors import NotFoundError
from api.dependencies import Place, logged_in
from api.errors import errors_of
from api.limits import STREAMS
from api.routing import Router
from api.watching.news import Only
from api.watching.streams import QUIET_SECONDS, Watching

router = Router(prefix="/events", tags=["events"])

SEND_SECONDS = 30.0
"""A client that takes nothing for so long is sent away; it comes back with the id of its last event."""

_EXAMPLE = """id: 4711-1796000000000
event: shot
data: {"shot": 7, "stage": "image", "state": "review", "project": "moonlit", "episode": "moonlit-e001", "at": "…"}
"""


@dataclass(frozen=True)
class _Asked:
    log_in: LogIn
    only: Only


class _Stream(EventSourceResponse):
    """Has its place among the streams for as long as it is sent, however that ends."""

    def __init__(self, frames: AsyncIterator[bytes], user_id: int) -> None:
        super().__init__(frames, ping=QUIET_SECONDS, sep="\n", send_timeout=SEND_SECONDS)
        self._user_id = user_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with STREAMS.one(self._user_id):
            await super().__call__(scope, receive, send)


def _asked(
    place: Place,
    caller: Caller = logged_in(Action.VIEW),
    project: Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,48}$", description="Only of this project.")] = None,
    episode: Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,80}$", description="Only of this episode.")] = None,
) -> _Asked:
    with place.database.read() as session:
        found = session.scalar(sa.select(Project).where(Project.slug == project)) if project is not None else None
        part = session.scalar(sa.select(Episode).where(Episode.key == episode)) if episode is not None else None
        if project is not None and not _sees(session, caller, found):
            raise _not_there("project", project)
        if episode is not None and not _sees(session, caller, part.project if part is not None else None):
            raise _not_there("episode", episode)
    only = Only(found.id if found is not None else None, part.id if part is not None else None)
    return _Asked(LogIn.of(caller), only)


def _not_there(what: str, name: str) -> NotFoundError:
    """The same words whether it is not there or not to be seen."""
    return NotFoundError(f"There is no {what} {name!r}, or it is not yours to see.")


def _sees(session: Session, caller: Caller, project: Project | None) -> bool:
    return project is not None and Action.VIEW in (actions_in(session, caller, project) or ())


@router.get(
    "",
    response_class=EventSourceResponse,
    responses={
        200: {
            "description": "A stream that does not end by itself.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        },
        **errors_of(403, 404, 429),
    },
)
async def watch_events(
    request: Request,
    asked: Annotated[_Asked, Depends(_asked)],
    last_event_id: Annotated[
        str | None, Header(max_length=100, description="The id of the last event that the client got.")
    ] = None,
) -> EventSourceResponse:
    """Events of the projects that the caller sees, and their notices, as they happen.

    The first is `ready`, or `reset` where what was missed since `Last-Event-ID` cannot be told: read everything again.
    A person has at most eight open at once at a process.
    """
    watching: Watching = request.app.state.watching
    frames: AsyncIterator[bytes] = watching.stream(asked.log_in, asked.only, last_event_id)
    return _Stream(frames, asked.log_in.user_id)
