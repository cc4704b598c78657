"""The record of a message: taken up before it is sent, and what became of it.

A delivery is `sending` from before the request until its answer is written down. Whoever dies in between leaves it so:
nobody knows then whether the message went out, it becomes `unknown` and is never sent again by itself.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Channel, Delivery, Notice, Project
from aianime_pipeline.notifying.answers import Outcome, Verdict
from aianime_pipeline.notifying.message import MOST_NOTICES, Item, Message
from aianime_pipeline.notifying.timing import MOST_ATTEMPTS, again_at, released
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notices.telling import tell
from aianime_pipeline.production.notifications.handing import CHANNEL_NOTICE, OPEN, channel_key, quiet_of

LAPSES_AFTER = timedelta(minutes=5)
"""A message that is `sending` for longer has lost its sender: none takes so long."""


@dataclass(frozen=True)
class Outgoing:
    """A message that this process, and no other, sends. `attempt` counts from 1."""

    channel: Channel
    message: Message
    attempt: int


def channels_due(place: Installation, moment: datetime, most: int) -> list[int]:
    """Those that have something to send, the longest waiting first."""
    first = sa.func.min(Delivery.due_at)
    with place.database.read() as session:
        return list(
            session.scalars(
                sa.select(Delivery.channel_id)
                .join(Channel, Channel.id == Delivery.channel_id)
                .where(OPEN, Delivery.state == "pending", Delivery.due_at <= moment, Channel.enabled)
                .group_by(Delivery.channel_id)
                .order_by(first, Delivery.channel_id)
                .limit(most)
            )
        )


def take_next(place: Installation, channel_id: int, moment: datetime) -> Outgoing | None:
    """The channel's next message, which counts as being sent from now on. None where nothing is due, it is quiet
    there, or somebody is sending to it."""
    with place.database.write() as session:
        channel = session.scalars(sa.select(Channel).where(Channel.id == channel_id).with_for_update()).first()
        if channel is None or not channel.enabled or _is_sending(session, channel):
            return None
        due = sa.and_(OPEN, Delivery.channel_id == channel.id, Delivery.state == "pending", Delivery.due_at <= moment)
        later = released(moment, quiet_of(channel))
        if later > moment:
            session.execute(sa.update(Delivery).where(due).values(due_at=later))
            return None
        rows = _of_one_message(session, due)
        if not rows:
            return None
        message_id = rows[0].message or str(uuid.uuid4())
        for row in rows:
            row.state, row.message, row.sending_since = "sending", message_id, moment
            row.attempts += 1
        items = _items(session, [row.notice_id for row in rows])
        return Outgoing(channel, Message(message_id, items), rows[0].attempts)


def record_outcome(place: Installation, outgoing: Outgoing, outcome: Outcome, moment: datetime) -> str:
    """Write down what became of it. Returns the new state of its deliveries."""
    state = _state_after(outgoing, outcome)
    values: dict[str, object] = {"state": state, "error": outcome.words, "sending_since": None}
    if state == "sent":
        values["sent_at"] = moment
    if state == "pending":
        values["due_at"] = again_at(outgoing.attempt, moment, outcome.wait)
    with place.database.write() as session:
        # It may have become unknown meanwhile, where its sender was held up: now it is known.
        session.execute(
            sa.update(Delivery)
            .where(
                Delivery.channel_id == outgoing.channel.id,
                Delivery.message == outgoing.message.id,
                Delivery.state.in_(["sending", "unknown"]),
            )
            .values(**values)
        )
        if state == "failed":
            _tell_failed(session, outgoing, outcome, moment)
    return state


def lapse(place: Installation, moment: datetime) -> int:
    """Deliveries whose sender is gone become `unknown`. Returns how many."""
    # What began later than now did so before the clock was set back. Who sends still says in the end what became of it.
    late = ~Delivery.sending_since.between(moment - LAPSES_AFTER, moment + LAPSES_AFTER)
    lost = sa.and_(OPEN, Delivery.state == "sending", late)
    with place.database.read() as session:
        if session.scalars(sa.select(Delivery.id).where(lost).limit(1)).first() is None:
            return 0
    words = "whoever sent it ended before the answer was written down: it may have arrived"
    with place.database.write() as session:
        done = session.execute(sa.update(Delivery).where(lost).values(state="unknown", error=words))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _state_after(outgoing: Outgoing, outcome: Outcome) -> str:
    match outcome.verdict:
        case Verdict.TAKEN:
            return "sent"
        case Verdict.UNKNOWN:
            return "unknown"
        case Verdict.NOT_TAKEN:
            return "failed" if outgoing.attempt >= MOST_ATTEMPTS else "pending"


def _tell_failed(session: Session, outgoing: Outgoing, outcome: Outcome, moment: datetime) -> None:
    """Once a day for each channel: two channels that fail tell each other of it, and that must come to an end."""
    channel = outgoing.channel
    tell(
        session,
        key=channel_key(channel.id, f"{moment:%Y-%m-%d}"),
        kind=CHANNEL_NOTICE,
        text=(
            f"The channel {channel.name} did not take a message in {outgoing.attempt} attempts, and perhaps others "
            f"after it today: {outcome.words}. `aianime channel deliveries {channel.name}` lists them."
        ),
        project_id=channel.project_id,
        user=channel.user,
    )


def _is_sending(session: Session, channel: Channel) -> bool:
    sending = sa.and_(OPEN, Delivery.channel_id == channel.id, Delivery.state == "sending")
    return session.scalars(sa.select(Delivery.id).where(sending).limit(1)).first() is not None


def _of_one_message(session: Session, due: sa.ColumnElement[bool]) -> list[Delivery]:
    """The rows of the message that is due first: those that went out together before, or became due together."""
    first = session.scalars(sa.select(Delivery).where(due).order_by(Delivery.due_at, Delivery.id).limit(1)).first()
    if first is None:
        return []
    if first.message is not None:
        together = Delivery.message == first.message
    else:
        together = sa.and_(Delivery.message.is_(None), Delivery.due_at == first.due_at)
    return list(session.scalars(sa.select(Delivery).where(due, together).order_by(Delivery.id).limit(MOST_NOTICES)))


def _items(session: Session, notices: list[int]) -> tuple[Item, ...]:
    rows = session.execute(
        sa.select(Notice, Project.slug)
        .outerjoin(Project, Project.id == Notice.project_id)
        .where(Notice.id.in_(notices))
        .order_by(Notice.id)
    )
    return tuple(Item(row.id, row.kind, row.created_at, row.text, row.link, slug) for row, slug in rows)
