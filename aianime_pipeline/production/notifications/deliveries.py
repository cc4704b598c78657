"""What went through the channels, for people."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Channel, Delivery, Notice
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.notifications.channels import find_channel

STATES = ("pending", "sending", "sent", "failed", "unknown")

_SHOWN = 200


def list_deliveries(
    session: Session, *, channel: str | None = None, state: str | None = None, limit: int = _SHOWN
) -> list[dict[str, Any]]:
    """The newest first. Raises NotFoundError for the channel, BadSettingError for the state."""
    query = (
        sa.select(Delivery, Channel.name, Notice)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Notice, Notice.id == Delivery.notice_id)
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    if channel is not None:
        query = query.where(Delivery.channel_id == find_channel(session, channel).id)
    if state is not None:
        if state not in STATES:
            raise BadSettingError(f"The state of a delivery is {state!r}; it takes one of {', '.join(STATES)}.")
        query = query.where(Delivery.state == state)
    return [_document(row, name, notice) for row, name, notice in session.execute(query)]


def _document(row: Delivery, channel: str, notice: Notice) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel": channel,
        "notice": notice.id,
        "kind": notice.kind,
        "text": notice.text,
        "state": row.state,
        "due_at": row.due_at.isoformat(),
        "attempts": row.attempts,
        "message": row.message,
        "sent_at": row.sent_at.isoformat() if row.sent_at is not None else None,
        "error": row.error,
    }
