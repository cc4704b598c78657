"""Channels: where notices go besides their own list. Added, changed, switched off and removed by people."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Channel, Delivery, Notice, Project
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError, NotFoundError
from aianime_pipeline.notifying.kinds import (
    ChannelKind,
    checked_address,
    checked_kind,
    checked_kinds,
    checked_variable,
    shown_address,
)
from aianime_pipeline.notifying.timing import Quiet, checked_digest, released
from aianime_pipeline.production.notifications.handing import hand_over_to, quiet_of
from aianime_pipeline.production.written_text import checked_text

_LONGEST_NAME = 80


@dataclass(frozen=True)
class ChannelOptions:
    """What a person can say of a channel besides its name and kind.

    `secret_variable` is the name of an environment variable; `project` and `user` None: notices of all; `kinds` empty:
    all kinds; `quiet` is begin and end as HH:MM and the time zone; `digest_minutes` 0: each notice is a message.
    """

    address: str
    secret_variable: str | None = None
    project: Project | None = None
    user: str | None = None
    kinds: Collection[str] = ()
    quiet: tuple[str, str, str] | None = None
    digest_minutes: int = 0


def add_channel(
    session: Session, name: str, kind: str, options: ChannelOptions, *, created_by: str, inside: bool
) -> Channel:
    """A new channel; it carries what is told from now on. `inside` is the installation's setting of that name.

    Raises BadSettingError for what does not fit or a name that is taken.
    """
    name = checked_text(name.strip(), "The channel's name")
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise BadSettingError(f"The channel's name has {len(name)} characters; it takes 1 to {_LONGEST_NAME}.")
    if session.scalars(sa.select(Channel.id).where(Channel.name == name)).first() is not None:
        raise _taken(name)
    values = _values(checked_kind(kind), options, inside)
    channel = Channel(name=name, kind=kind, created_by=created_by, after_notice=_newest(session), **values)
    try:
        with session.begin_nested():
            session.add(channel)
    except sa.exc.IntegrityError as error:
        # Somebody took it meanwhile.
        raise _taken(name) from error
    return channel


def change_channel(session: Session, name: str, options: ChannelOptions, *, inside: bool) -> Channel:
    """All of its options anew. What was told until now goes by the old ones, as far as it is not sent yet at the new
    hours. Raises NotFoundError, BadSettingError."""
    channel = find_channel(session, name, lock=True)
    values = _values(ChannelKind(channel.kind), options, inside)
    if channel.enabled:
        hand_over_to(session, channel, now())
    for column, value in values.items():
        setattr(channel, column, value)
    channel.after_notice = _newest(session)
    due = released(now(), quiet_of(channel))
    session.execute(sa.update(Delivery).where(*_untried(channel)).values(due_at=due))
    return channel


def set_enabled(session: Session, name: str, enabled: bool, *, who: str) -> Channel:
    """Switch it on or off. What is told while it is off is never sent through it, nor what still waits then.

    Raises NotFoundError.
    """
    channel = find_channel(session, name, lock=True)
    if channel.enabled == enabled:
        return channel
    channel.enabled = enabled
    if enabled:
        channel.after_notice = _newest(session)
    # Also when it is switched on: what was just being sent when it was switched off may have come back since.
    waiting = sa.update(Delivery).where(Delivery.channel_id == channel.id, Delivery.state == "pending")
    session.execute(waiting.values(state="failed", error=f"the channel was off (switched by {who})"))
    return channel


def remove_channel(session: Session, name: str) -> None:
    """With the record of what went through it. Raises NotFoundError."""
    channel = find_channel(session, name, lock=True)
    session.execute(sa.delete(Channel).where(Channel.id == channel.id))


def find_channel(session: Session, name: str, *, lock: bool = False) -> Channel:
    """Raises NotFoundError that lists them."""
    query = sa.select(Channel).where(Channel.name == name)
    channel = session.scalars(query.with_for_update() if lock else query).first()
    if channel is None:
        known = session.scalars(sa.select(Channel.name).order_by(Channel.name)).all()
        raise NotFoundError(f"There is no channel {name!r}; there are: {', '.join(known) or 'none yet'}.", name=name)
    return channel


def list_channels(session: Session) -> list[dict[str, Any]]:
    """By name, as people may see them: of an address only the host."""
    rows = session.execute(
        sa.select(Channel, Project.slug).outerjoin(Project, Project.id == Channel.project_id).order_by(Channel.name)
    )
    return [channel_document(channel, slug) for channel, slug in rows]


def channel_document(channel: Channel, project: str | None) -> dict[str, Any]:
    """As people may see it; `project` is the project's short name."""
    quiet = [channel.quiet_from, channel.quiet_until, channel.time_zone] if channel.quiet_from else None
    return {
        "name": channel.name,
        "kind": channel.kind,
        "address": shown_address(ChannelKind(channel.kind), channel.address),
        "secret_variable": channel.secret_variable,
        "project": project,
        "user": channel.user,
        "kinds": channel.kinds,
        "quiet": quiet,
        "digest_minutes": channel.digest_minutes,
        "enabled": channel.enabled,
        "created_by": channel.created_by,
    }


def options_of(session: Session, channel: Channel) -> ChannelOptions:
    """As they are now."""
    quiet = None
    if channel.quiet_from is not None and channel.quiet_until is not None:
        quiet = channel.quiet_from, channel.quiet_until, channel.time_zone
    return ChannelOptions(
        address=channel.address,
        secret_variable=channel.secret_variable,
        project=session.get(Project, channel.project_id) if channel.project_id is not None else None,
        user=channel.user,
        kinds=tuple(channel.kinds),
        quiet=quiet,
        digest_minutes=channel.digest_minutes,
    )


def _values(kind: ChannelKind, options: ChannelOptions, inside: bool) -> dict[str, Any]:
    begins, ends, zone = options.quiet or (None, None, "UTC")
    if begins is not None and ends is not None:
        Quiet.of(begins, ends, zone)
    return {
        "address": checked_address(kind, options.address, inside=inside),
        "secret_variable": checked_variable(kind, options.secret_variable),
        "project_id": options.project.id if options.project is not None else None,
        "user": checked_text(options.user, "The user") if options.user else None,
        "kinds": checked_kinds(options.kinds),
        "quiet_from": begins,
        "quiet_until": ends,
        "time_zone": zone,
        "digest_minutes": checked_digest(options.digest_minutes),
    }


def _taken(name: str) -> BadSettingError:
    return BadSettingError(f"There is a channel {name!r} already; change that one, or take another name.")


def _newest(session: Session) -> int:
    return session.scalar(sa.select(sa.func.max(Notice.id))) or 0


def _untried(channel: Channel) -> tuple[sa.ColumnElement[bool], ...]:
    return Delivery.channel_id == channel.id, Delivery.state == "pending", Delivery.message.is_(None)
