"""Requests that are done once however often they are sent: a key of the caller's, kept with what it was answered.

Of work in the database the row is written in the transaction of the work, so that it is there exactly if the work is.
Of work elsewhere the row is there first, without an answer, held by whoever is at it, who renews the hold before each
step: whoever comes with the key again meanwhile is told so. A hold that was not renewed for `ABANDONED` is taken over,
to look whether the work was begun before beginning it; whoever has lost theirs begins nothing more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import IdempotencyKey
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import IdempotencyKeyReusedError, RequestInProgressError

ABANDONED = timedelta(seconds=60)
"""Longer than any single step takes of the work for one request."""
KEPT = timedelta(days=7)
"""As long is a key known; then the clean-up removes it."""


@dataclass(frozen=True)
class Keyed:
    """A request with a key. `digest` is of everything that makes it another request."""

    user: str
    key: str
    digest: str


@dataclass
class Hold:
    """That somebody is at work for a request, as their row in the database says since `since`."""

    request: Keyed
    since: datetime


def begin(session: Session, request: Keyed) -> IdempotencyKey | None:
    """The row of the first request with this key, None where this is the first: then it has a row now, without an
    answer, unless the caller's write transaction is rolled back. Another that begins at once waits for its end.

    Raises IdempotencyKeyReusedError where the first was another request.
    """
    values = {
        "user": request.user,
        "key": request.key,
        "request_digest": request.digest,
        # Not the null of JSON.
        "answer": sa.null(),
        "status": None,
        "created_at": now(),
    }
    if _insert(session, values):
        return None
    row = session.get_one(IdempotencyKey, (request.user, request.key), populate_existing=True)
    if row.request_digest != request.digest:
        raise IdempotencyKeyReusedError(
            f"The Idempotency-Key {request.key!r} came with another request before; take a new one for each request."
        )
    return row


def begin_elsewhere(session: Session, request: Keyed) -> dict[str, Any] | Hold:
    """Of work outside the database: what the first request was answered, or the hold of the caller, who is to do it,
    after a look whether one who died has begun it. The caller's transaction has to be committed before the work.

    Raises IdempotencyKeyReusedError, RequestInProgressError while another is at it.
    """
    row = begin(session, request)
    if row is None:
        return Hold(request, session.get_one(IdempotencyKey, (request.user, request.key)).created_at)
    if row.answer is not None:
        return row.answer
    if row.created_at >= now() - ABANDONED:
        raise _in_progress()
    hold = Hold(request, row.created_at)
    renew(session, hold)
    return hold


def renew(session: Session, hold: Hold) -> None:
    """Before each step of the work, in a transaction of its own. Raises RequestInProgressError where another has taken
    it over: it is theirs now."""
    moment = now()
    renewed = session.execute(
        sa.update(IdempotencyKey)
        .where(*_held(hold))
        .values(created_at=moment)
        .execution_options(synchronize_session=False)
    )
    if renewed.rowcount != 1:  # type: ignore[attr-defined]
        raise _in_progress()
    hold.since = moment


def keep(session: Session, request: Keyed, answer: dict[str, Any], status: int) -> None:
    """What the request is answered from now on."""
    session.execute(
        sa.update(IdempotencyKey)
        .where(IdempotencyKey.user == request.user, IdempotencyKey.key == request.key)
        .values(answer=answer, status=status)
        .execution_options(synchronize_session=False)
    )


def forget(session: Session, hold: Hold) -> None:
    """Nothing was done: the key may come with the same request again. Where another has taken it over it is theirs."""
    session.execute(sa.delete(IdempotencyKey).where(*_held(hold)).execution_options(synchronize_session=False))


def _held(hold: Hold) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        IdempotencyKey.user == hold.request.user,
        IdempotencyKey.key == hold.request.key,
        IdempotencyKey.answer.is_(sa.null()),
        IdempotencyKey.created_at == hold.since,
    )


def _in_progress() -> RequestInProgressError:
    return RequestInProgressError(
        "The first request with this Idempotency-Key is still being answered; send it again in a moment.",
        retry_after=2,
    )


def _insert(session: Session, values: dict[str, Any]) -> bool:
    columns = {"user": "user_name"}
    named = {columns.get(name, name): value for name, value in values.items()}
    return insert_unless_there(session, IdempotencyKey, ("user_name", "key"), named)
