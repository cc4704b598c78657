"""Whose channel is whose, where people have accounts.

A channel with a `user` is that person's own, whatever project it is of; one with a project only is the project's, for
those who may edit its channels; one with neither is the installation's, and an administrator's.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.membership import projects_allowing, require, require_scope
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Channel, Delivery, Notice, Project, User
from aianime_pipeline.errors import BadSettingError, NotAllowedError, NotFoundError
from aianime_pipeline.notifying.kinds import ChannelKind
from aianime_pipeline.production.notices.readers import reader_of
from aianime_pipeline.production.notifications.channels import ChannelOptions

VARIABLES = "CHANNEL_"
"""Of the server's environment everybody but an administrator may name only variables that begin so: what a message is
signed with can be guessed at from the signature."""


def channels_of(session: Session, caller: Caller) -> sa.Select[Channel, str]:
    """Those that are the caller's to look at and to change, in no order, each with its project's slug. Raises
    NotAllowedError for a key that is cut down to something else."""
    _check_key(caller)
    query = sa.select(Channel, Project.slug).outerjoin(Project, Project.id == Channel.project_id)
    if _is_full_administrator(caller):
        return query
    projects = projects_allowing(session, caller, Action.CHANNEL_EDIT)
    of_project = Channel.project_id.is_not(None) if projects is None else Channel.project_id.in_(projects)
    return query.where(sa.or_(Channel.user == caller.name, sa.and_(Channel.user.is_(None), of_project)))


def find_channel_of(session: Session, caller: Caller, name: str) -> tuple[Channel, str | None]:
    """One of them, with its project's slug. Raises NotFoundError, with the same words where it is somebody else's."""
    row = session.execute(channels_of(session, caller).where(Channel.name == name)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no channel {name!r}, or it is not yours to see.", name=name)
    return row[0], row[1]


def check_new_channel(session: Session, caller: Caller, kind: ChannelKind, options: ChannelOptions) -> None:
    """Whether the caller may add it. They see its project: that was looked at before. Raises NotAllowedError, and
    NotFoundError for a user that there is not."""
    _check_key(caller)
    check_variable_of(caller, options.secret_variable)
    check_address_of(session, caller, kind, options.address)
    if options.user is None and options.project is not None:
        require(session, caller, options.project, Action.CHANNEL_EDIT)
    elif options.user != caller.name:
        if not _is_full_administrator(caller):
            raise NotAllowedError(
                "A channel that carries what others are told takes an administrator: name yourself as its user, or a "
                "project whose channels you edit."
            )
        if options.user is not None and session.scalar(sa.select(User.id).where(User.name == options.user)) is None:
            raise NotFoundError(f"There is no user {options.user!r}.", user=options.user)


def check_variable_of(caller: Caller, variable: str | None) -> None:
    """Raises BadSettingError, which does not repeat what was given: it may be the secret itself."""
    if variable is not None and not _is_full_administrator(caller) and not variable.startswith(VARIABLES):
        raise BadSettingError(
            f"The variable with a channel's secret is one that begins with {VARIABLES}; others take an administrator."
        )


def check_address_of(session: Session, caller: Caller, kind: ChannelKind, address: str) -> None:
    """Strangers get e-mails of this installation only where an administrator says so. Raises NotAllowedError."""
    if kind is not ChannelKind.EMAIL or _is_full_administrator(caller):
        return
    own = session.scalar(sa.select(User.email).where(User.id == caller.user_id)) or ""
    if address.strip().casefold() != own.casefold():
        raise NotAllowedError(
            f"E-mails go to the address of your account ({own or 'there is none'}); another one takes an administrator."
        )


def deliveries_of(session: Session, caller: Caller, channel: Channel) -> sa.Select[Delivery, Notice]:
    """What went through the channel, in no order. Of their own channel a person sees what they may read now."""
    query = (
        sa.select(Delivery, Notice)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Delivery.channel_id == channel.id)
    )
    own = channel.user is not None and not _is_full_administrator(caller)
    return query.where(reader_of(session, caller).readable) if own else query


def _is_full_administrator(caller: Caller) -> bool:
    return caller.is_admin and caller.scopes is None


def _check_key(caller: Caller) -> None:
    require_scope(caller, Action.CHANNEL_EDIT)
