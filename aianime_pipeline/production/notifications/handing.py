"""Handing notices to the channels that carry them: each notice once to each channel.

On PostgreSQL a notice with a lower id may be committed after one with a higher id, so that «all after the last one»
would leave it out. What was told lately is therefore looked at again at every tick, as far as it was not handed over.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import Channel, Delivery, Notice
from aianime_pipeline.notifying.timing import Quiet, due_at
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notices.readers import reader_named

CHANNEL_NOTICE = "channel"
"""Kind of the notices that tell of a channel itself."""

OPEN = sa.literal_column("deliveries.state IN ('pending', 'sending')", sa.Boolean())
"""In the words of the partial index, without which SQLite does not see that it fits."""

_LATELY = timedelta(minutes=15)
"""Longer than any transaction that tells something."""
_MOST_AT_ONCE = 500
"""Notices for one channel in one tick."""


def hand_over(place: Installation, moment: datetime) -> int:
    """Hand what is new to every channel that is switched on. Returns how many deliveries there are more."""
    with place.database.read() as session:
        settled = _settled(session, moment)
        # Without anything to do nothing is written: a tick comes every few seconds.
        channels = [
            channel.id
            for channel in session.scalars(sa.select(Channel).where(Channel.enabled).order_by(Channel.id))
            if channel.after_notice < settled
            or session.scalars(_new_for(session, channel).limit(1)).first() is not None
        ]
    handed = 0
    for channel_id in channels:
        with place.database.write() as session:
            locked = session.scalars(sa.select(Channel).where(Channel.id == channel_id).with_for_update()).first()
            if locked is not None and locked.enabled:
                handed += hand_over_to(session, locked, moment)
    return handed


def hand_over_to(session: Session, channel: Channel, moment: datetime) -> int:
    """The same for one channel, whose row the caller has locked."""
    new = session.scalars(_new_for(session, channel).limit(_MOST_AT_ONCE)).all()
    quiet, open_until = quiet_of(channel), _open_until(session, channel, moment)
    for notice in new:
        due = due_at(
            notice.created_at, moment, digest_minutes=channel.digest_minutes, open_until=open_until, quiet=quiet
        )
        open_until = due
        insert_unless_there(session, Delivery, ("channel_id", "notice_id"), _delivery(channel, notice, due, moment))
    settled = _settled(session, moment)
    if len(new) == _MOST_AT_ONCE:
        settled = min(settled, new[-1].id)
    channel.after_notice = max(channel.after_notice, settled)
    return len(new)


def quiet_of(channel: Channel) -> Quiet | None:
    if channel.quiet_from is None or channel.quiet_until is None:
        return None
    return Quiet.of(channel.quiet_from, channel.quiet_until, channel.time_zone)


def channel_key(channel_id: int, about: str) -> str:
    """Key of a notice that tells of a channel: it is never sent through that one."""
    return f"{CHANNEL_NOTICE}:{channel_id}:{about}"


def _delivery(channel: Channel, notice: Notice, due: datetime, moment: datetime) -> dict[str, Any]:
    return {
        "channel_id": channel.id,
        "notice_id": notice.id,
        "state": "pending",
        "due_at": due,
        "attempts": 0,
        "error": "",
        "created_at": moment,
    }


def _new_for(session: Session, channel: Channel) -> sa.Select[Notice]:
    """What the channel carries and was not handed yet, in its order. To a person with an account it carries what they
    may read now."""
    handed = sa.exists().where(Delivery.channel_id == channel.id, Delivery.notice_id == Notice.id)
    query = sa.select(Notice).where(
        Notice.id > channel.after_notice,
        ~handed,
        ~Notice.key.startswith(channel_key(channel.id, ""), autoescape=True),
    )
    if channel.project_id is not None:
        query = query.where(Notice.project_id == channel.project_id)
    if channel.user is not None:
        reader = reader_named(session, channel.user)
        theirs = sa.or_(Notice.user == channel.user, Notice.user.is_(None)) if reader is None else reader.readable
        query = query.where(theirs)
    if channel.kinds:
        asked = [
            sa.or_(Notice.kind == kind, Notice.kind.startswith(f"{kind}_", autoescape=True)) for kind in channel.kinds
        ]
        query = query.where(sa.or_(*asked))
    return query.order_by(Notice.id)


def _open_until(session: Session, channel: Channel, moment: datetime) -> datetime | None:
    """When the digest goes out that collects now."""
    return session.scalar(
        sa.select(sa.func.max(Delivery.due_at)).where(
            OPEN,
            Delivery.channel_id == channel.id,
            Delivery.state == "pending",
            Delivery.message.is_(None),
            Delivery.due_at > moment,
        )
    )


def _settled(session: Session, moment: datetime) -> int:
    """The newest notice before which no other can appear any more."""
    query = sa.select(Notice.id).where(Notice.created_at < moment - _LATELY).order_by(Notice.id.desc()).limit(1)
    return session.scalars(query).first() or 0
