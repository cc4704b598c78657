"""Requests that are done once however often they are sent: a key of the caller's, kept with what it was answered.

Of work in the database the row is written in the transaction of the work, so that it is there exactly if the work is.
Of work elsewhere the row is there first, without an answer: whoever comes with the key again while the first is at it
is told so, and after `ABANDONED` takes it over, to look whether the work was begun before beginning it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import IdempotencyKey
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import IdempotencyKeyReusedError, RequestInProgressError

ABANDONED = timedelta(seconds=60)
"""Longer than anything takes that is done for one request."""
KEPT = timedelta(days=7)
"""As long is a key known; then the clean-up removes it."""


@dataclass(frozen=True)
class Keyed:
    """A request with a key. `digest` is of everything that makes it another request."""

    user: str
    key: str
    digest: str


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


def begin_elsewhere(session: Session, request: Keyed) -> dict[str, Any] | None:
    """Of work outside the database: what the first request was answered, or None where the caller is to do it, after a
    look whether one who died has begun it. The caller's transaction has to be committed before the work.

    Raises IdempotencyKeyReusedError, RequestInProgressError while another is at it.
    """
    row = begin(session, request)
    if row is None or row.answer is not None:
        return row.answer if row is not None else None
    taken = session.execute(
        sa.update(IdempotencyKey)
        .where(
            IdempotencyKey.user == request.user,
            IdempotencyKey.key == request.key,
            IdempotencyKey.answer.is_(sa.null()),
            IdempotencyKey.created_at < now() - ABANDONED,
        )
        .values(created_at=now())
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise RequestInProgressError(
            "The first request with this Idempotency-Key is still being answered; send it again in a moment.",
            retry_after=2,
        )
    return None


def keep(session: Session, request: Keyed, answer: dict[str, Any], status: int) -> None:
    """What the request is answered from now on."""
    session.execute(
        sa.update(IdempotencyKey)
        .where(IdempotencyKey.user == request.user, IdempotencyKey.key == request.key)
        .values(answer=answer, status=status)
        .execution_options(synchronize_session=False)
    )


def forget(session: Session, request: Keyed) -> None:
    """Nothing was done: the key may come with the same request again."""
    session.execute(
        sa.delete(IdempotencyKey).where(IdempotencyKey.user == request.user, IdempotencyKey.key == request.key)
    )


def _insert(session: Session, values: dict[str, Any]) -> bool:
    columns = {"user": "user_name"}
    named = {columns.get(name, name): value for name, value in values.items()}
    return insert_unless_there(session, IdempotencyKey, ("user_name", "key"), named)
