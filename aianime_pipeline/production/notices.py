"""What people are told: each thing once, however many processes find it out at the same moment."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import Notice
from aianime_pipeline.db.models.base import now

_SHOWN = 1_000


def tell(
    session: Session,
    *,
    key: str,
    kind: str,
    text: str,
    project_id: int | None = None,
    user: str | None = None,
    link: str = "",
) -> bool:
    """Tell it in the caller's write transaction, unless something with this `key` (up to 200 characters) was told
    before. Whether it is new.

    `project_id` None: it is about no single project. `user` None: it is for everybody.
    """
    values: dict[str, Any] = {
        "key": key,
        "kind": kind,
        "text": text,
        "project_id": project_id,
        "user": user,
        "link": link,
        "created_at": now(),
    }
    return insert_unless_there(session, Notice, "key", values)


def unread(
    session: Session, *, project_id: int | None = None, user: str | None = None, limit: int = _SHOWN
) -> list[Notice]:
    """What nobody has read yet, the newest first. See `list_notices` for whom."""
    return _found(session, project_id, user, limit, Notice.read_at.is_(None))


def list_notices(
    session: Session, *, project_id: int | None = None, user: str | None = None, limit: int = _SHOWN
) -> list[Notice]:
    """Read or not, the newest first. Of a project: with those about no single one. For a user: theirs and everybody's;
    without one, all of them."""
    return _found(session, project_id, user, limit, sa.true())


def mark_read(session: Session, ids: Collection[int]) -> int:
    """Returns how many were unread until now."""
    marked = session.execute(
        sa.update(Notice).where(Notice.id.in_(list(ids)), Notice.read_at.is_(None)).values(read_at=now())
    )
    return int(marked.rowcount)  # type: ignore[attr-defined]


def _found(
    session: Session, project_id: int | None, user: str | None, limit: int, which: sa.ColumnElement[bool]
) -> list[Notice]:
    query = sa.select(Notice).where(which).order_by(Notice.id.desc()).limit(limit)
    if project_id is not None:
        query = query.where(sa.or_(Notice.project_id == project_id, Notice.project_id.is_(None)))
    if user is not None:
        query = query.where(sa.or_(Notice.user == user, Notice.user.is_(None)))
    return list(session.scalars(query))
