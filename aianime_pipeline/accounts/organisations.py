"""Organisations: studios, whose teams work on projects and whose budgets pay for them. Projects and budgets name one
by its name, so that does not change."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.membership import visible_projects
from aianime_pipeline.accounts.names import checked_line
from aianime_pipeline.accounts.rights import Action, Role, actions_of
from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import Organisation, Project, Team, TeamMember
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadInputError, NameTakenError, NotAllowedError, NotFoundError, StateError

MOST_ORGANISATION = 64
"""Characters of an organisation's name."""


def create_organisation(session: Session, name: str, *, who: str) -> Organisation:
    """Raises BadInputError, NameTakenError."""
    plain = checked_line(name, "An organisation's name", MOST_ORGANISATION, least=1)
    if "/" in plain or not plain.strip("."):
        raise BadInputError("An organisation's name has no «/», and is more than dots: it stands in addresses.")
    if not insert_unless_there(session, Organisation, "name", {"name": plain, "created_by": who, "created_at": now()}):
        raise NameTakenError(f"There is an organisation {plain!r} already.", organisation=plain)
    return find_organisation(session, plain)


def find_organisation(session: Session, name: str) -> Organisation:
    """Raises NotFoundError."""
    found = session.scalar(sa.select(Organisation).where(Organisation.name == name)) if "\0" not in name else None
    if found is None:
        raise _not_there(name)
    return found


def visible_organisations(caller: Caller) -> sa.Select[Organisation]:
    """Those of the teams that the caller is in, and of the projects that they see, as a query."""
    query = sa.select(Organisation)
    if caller.is_admin:
        return query
    by_team = (
        sa.select(Team.organisation_id)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.user_id == caller.user_id)
    )
    by_project = sa.select(Project.organisation).where(Project.id.in_(visible_projects(caller)))
    return query.where(sa.or_(Organisation.id.in_(by_team), Organisation.name.in_(by_project)))


def seen_organisation(session: Session, caller: Caller, name: str) -> Organisation:
    """Raises NotFoundError, also for one that the caller does not see."""
    if "\0" in name:
        raise _not_there(name)
    found = session.scalar(visible_organisations(caller).where(Organisation.name == name))
    if found is None:
        raise _not_there(name)
    return found


def require_in_organisation(session: Session, caller: Caller, name: str) -> Organisation:
    """One into which the caller may bring projects, and out of which they may take them: who may edit projects by what
    they are in its teams, and an administrator. It stays until the transaction ends. Raises NotFoundError for one that
    the caller does not see, NotAllowedError."""
    found = seen_organisation(session, caller, name)
    session.execute(
        sa.select(Organisation.id).where(Organisation.id == found.id).with_for_update(read=True, key_share=True)
    )
    roles = session.scalars(
        sa.select(TeamMember.roles)
        .join(Team, Team.id == TeamMember.team_id)
        .where(Team.organisation_id == found.id, TeamMember.user_id == caller.user_id)
    )
    if not caller.is_admin and Action.PROJECT_EDIT not in actions_of([Role(role) for own in roles for role in own]):
        raise NotAllowedError(
            f"{caller.name} may not do this in the organisation {found.name}: it takes {Action.PROJECT_EDIT} by one of "
            "its teams.",
            action=Action.PROJECT_EDIT,
        )
    return found


def remove_organisation(session: Session, name: str) -> None:
    """Raises NotFoundError, StateError while it has teams or projects."""
    found = session.scalar(sa.select(Organisation).where(Organisation.name == name).with_for_update())
    if found is None:
        raise _not_there(name)
    for table, of, what in (
        (Team, Team.organisation_id == found.id, "teams"),
        (Project, Project.organisation == found.name, "projects"),
    ):
        if session.scalar(sa.select(sa.exists().where(of).select_from(table))):
            raise StateError(f"{found.name} still has {what}.", organisation=found.name, has=what)
    session.delete(found)


def _not_there(name: str) -> NotFoundError:
    return NotFoundError(f"There is no organisation {name[:80]!r} among those that you see.", organisation=name[:80])
