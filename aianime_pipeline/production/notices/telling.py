"""What people are told: each thing once, however many processes find it out at the same moment. Who has read it is kept
for each person by themselves."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import Notice, NoticeRead
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.events import record_event

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

    `project_id` None: it is about no single project. `user` None: it is for everybody. `link` may be relative to the
    installation's address.
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
    new = insert_unless_there(session, Notice, "key", values)
    if new:
        record_event(session, "notice", project_id=project_id, notice=kind, user=user)
    return new


def unread(session: Session, *, user: str, project_id: int | None = None, limit: int = _SHOWN) -> list[Notice]:
    """What this person has not read yet of what is theirs and everybody's, the newest first. Of a project: with those
    about no single one."""
    return _found(session, project_id, user, limit, ~read_by(user))


def list_notices(
    session: Session, *, project_id: int | None = None, user: str | None = None, limit: int = _SHOWN
) -> list[Notice]:
    """Read or not, the newest first. Of a project: with those about no single one. For a user: theirs and everybody's;
    without one, all of them."""
    return _found(session, project_id, user, limit, sa.true())


def mark_read(
    session: Session, ids: Collection[int], *, user: str, readable: sa.ColumnElement[bool] | None = None
) -> int:
    """This person has read them. Returns how many were unread until now; those that are for somebody else stay, and
    those that are not `readable` (readers.py)."""
    mine = _for(user) if readable is None else sa.and_(_for(user), readable)
    new = session.scalars(sa.select(Notice.id).where(Notice.id.in_(list(ids)), mine, ~read_by(user))).all()
    rows = [{"notice_id": notice_id, "user": user, "read_at": now()} for notice_id in new]
    # Two windows of one person may do it at once.
    return sum(insert_unless_there(session, NoticeRead, ("notice_id", "user_name"), row) for row in rows)


def read_at(session: Session, ids: Collection[int], *, user: str) -> dict[int, datetime]:
    """When this person read each of them; without those that they have not read."""
    found = sa.select(NoticeRead.notice_id, NoticeRead.read_at).where(
        NoticeRead.notice_id.in_(list(ids)), NoticeRead.user == user
    )
    return dict(session.execute(found).all())


def _found(
    session: Session, project_id: int | None, user: str | None, limit: int, which: sa.ColumnElement[bool]
) -> list[Notice]:
    query = sa.select(Notice).where(which).order_by(Notice.id.desc()).limit(limit)
    if project_id is not None:
        query = query.where(sa.or_(Notice.project_id == project_id, Notice.project_id.is_(None)))
    if user is not None:
        query = query.where(_for(user))
    return list(session.scalars(query))


def _for(user: str) -> sa.ColumnElement[bool]:
    return sa.or_(Notice.user == user, Notice.user.is_(None))


def read_by(user: str) -> sa.ColumnElement[bool]:
    """Whether this person has read a notice."""
    return sa.exists().where(NoticeRead.notice_id == Notice.id, NoticeRead.user == user).correlate(Notice)
