"""Events as their rows, for tests of those that write them."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Event


def events_after(session: Session, last: int, *, project_id: int | None = None, limit: int = 500) -> list[Event]:
    """In their order. `last` is the id of the newest that was read, 0 for all."""
    query = sa.select(Event).where(Event.id > last).order_by(Event.id).limit(limit)
    if project_id is not None:
        query = query.where(Event.project_id == project_id)
    return list(session.scalars(query))
