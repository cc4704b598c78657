"""Whose notices are whose, where people have accounts: their own, those of the projects that they see, and for
administrators those of the whole installation. Rights are looked up anew each time."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.membership import projects_by_action
from aianime_pipeline.accounts.rights import Action, GlobalRole
from aianime_pipeline.db.engine import insert_selected_unless_there
from aianime_pipeline.db.models import Notice, NoticeRead, User
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.notices.telling import read_by

MONEY_KINDS = ("budget", "dear_call", "report")
"""Their texts have sums in them: of a project they are for those who may see its usage."""


@dataclass(frozen=True)
class NoticeReader:
    """`projects` are those that the person sees, `money` those whose usage they may see, by id; None: all.
    `installation`: also what is about no project and for nobody by name. Who is `disabled` reads nothing."""

    user: str
    projects: frozenset[int] | None
    money: frozenset[int] | None
    installation: bool
    disabled: bool = False

    @property
    def readable(self) -> sa.ColumnElement[bool]:
        """Whether a notice is theirs to read."""
        if self.disabled:
            return sa.false()
        return sa.and_(
            sa.or_(Notice.user == self.user, Notice.user.is_(None)),
            sa.or_(
                sa.and_(Notice.project_id.is_(None), sa.or_(Notice.user == self.user, sa.literal(self.installation))),
                sa.and_(
                    Notice.project_id.is_not(None),
                    _among(self.projects),
                    sa.or_(Notice.kind.not_in(MONEY_KINDS), _among(self.money)),
                ),
            ),
        )


def reader_of(session: Session, caller: Caller) -> NoticeReader:
    projects = projects_by_action(session, caller, (Action.VIEW, Action.USAGE_VIEW))
    return NoticeReader(
        caller.name,
        projects[Action.VIEW],
        projects[Action.USAGE_VIEW],
        caller.is_admin and caller.scopes is None,
    )


def reader_named(session: Session, name: str) -> NoticeReader | None:
    """Of the user of that name, who reads nothing where they are disabled. None: nobody has an account of that name, as
    on a laptop on which people are known by their log-in there."""
    user = session.scalar(sa.select(User).where(User.name == name))
    if user is None:
        return None
    if user.disabled:
        return NoticeReader(name, frozenset(), frozenset(), installation=False, disabled=True)
    return reader_of(session, Caller(user.id, user.name, user.global_role == GlobalRole.ADMIN))


def notices_of(reader: NoticeReader, *, unread: bool = False, project_id: int | None = None) -> sa.Select[Notice]:
    """What the person may read, in no order; `unread`: only what they have not read yet."""
    query = sa.select(Notice).where(reader.readable)
    if unread:
        query = query.where(~read_by(reader.user))
    return query if project_id is None else query.where(Notice.project_id == project_id)


def count_unread(session: Session, reader: NoticeReader) -> int:
    query = sa.select(sa.func.count()).select_from(Notice).where(reader.readable, ~read_by(reader.user))
    return session.scalar(query) or 0


def mark_read_up_to(session: Session, reader: NoticeReader, newest: int) -> int:
    """The person has read all of theirs up to the notice `newest`: what was told since is still new. Returns how many
    were unread until now. In the caller's write transaction; two windows may do it at once."""
    unread = sa.select(Notice.id, sa.literal(reader.user), sa.literal(now(), NoticeRead.read_at.type)).where(
        Notice.id <= newest, reader.readable, ~read_by(reader.user)
    )
    key, columns = ("notice_id", "user_name"), ("notice_id", "user_name", "read_at")
    return insert_selected_unless_there(session, NoticeRead, key, columns, unread)


def _among(projects: frozenset[int] | None) -> sa.ColumnElement[bool]:
    return sa.true() if projects is None else Notice.project_id.in_(projects)
