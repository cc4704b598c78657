"""Teams of an organisation. What somebody is in a team, they are in each project that the team works on, unless the
project says otherwise of them. A change counts in all those projects at once, and each keeps it."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.names import checked_line
from aianime_pipeline.accounts.organisations import find_organisation
from aianime_pipeline.accounts.recording import record_rights
from aianime_pipeline.accounts.rights import Role
from aianime_pipeline.accounts.users import find_active_user, find_user
from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import Organisation, Project, ProjectTeam, Team, TeamMember, User
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadInputError, NameTakenError, NotFoundError, StateError

MOST_NAME = 80
MOST_MEMBERS = 200


@dataclass(frozen=True)
class Member:
    """`roles` sorted."""

    user: str
    display_name: str
    roles: tuple[Role, ...]


def checked_roles(roles: Collection[Role]) -> list[str]:
    """As they are kept. Raises BadInputError for none: who has no job has no entry."""
    if not roles:
        raise BadInputError(f"At least one role: {', '.join(Role)}.", field="roles")
    return sorted({Role(role).value for role in roles})


def create_team(session: Session, organisation: str, name: str, *, who: str) -> Team:
    """Raises NotFoundError, BadInputError, NameTakenError."""
    owner = find_organisation(session, organisation)
    plain = checked_line(name, "A team's name", MOST_NAME, least=1)
    values = {"organisation_id": owner.id, "name": plain, "created_by": who, "created_at": now()}
    if not insert_unless_there(session, Team, ("organisation_id", "name"), values):
        raise NameTakenError(f"{owner.name} has a team {plain!r} already.", organisation=owner.name, team=plain)
    return session.scalars(sa.select(Team).where(Team.organisation_id == owner.id, Team.name == plain)).one()


def rename_team(session: Session, team_id: int, name: str) -> Team:
    """Raises NotFoundError, BadInputError, NameTakenError."""
    team = find_team(session, team_id)
    plain = checked_line(name, "A team's name", MOST_NAME, least=1)
    # Locked, so that two teams of an organisation do not take one name at once.
    session.execute(sa.select(Organisation.id).where(Organisation.id == team.organisation_id).with_for_update())
    others = sa.exists().where(Team.organisation_id == team.organisation_id, Team.name == plain, Team.id != team.id)
    if session.scalar(sa.select(others)):
        raise NameTakenError(f"Its organisation has a team {plain!r} already.", team=plain)
    team.name = plain
    return team


def remove_team(session: Session, team_id: int, *, who: str) -> None:
    """With what its members were through it. Raises NotFoundError."""
    team = _locked(session, team_id)
    for project in _projects(session, team):
        record_rights(session, project, who, f"teams.{team.name}", team.name, None)
    session.delete(team)


def find_team(session: Session, team_id: int) -> Team:
    """Raises NotFoundError."""
    team = session.get(Team, team_id)
    if team is None:
        raise _not_there(team_id)
    return team


def visible_teams(caller: Caller) -> sa.Select[Team]:
    """Those of the organisations in which the caller is in a team, as a query."""
    query = sa.select(Team)
    if caller.is_admin:
        return query
    own = (
        sa.select(Team.organisation_id)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.user_id == caller.user_id)
    )
    return query.where(Team.organisation_id.in_(own))


def seen_team(session: Session, caller: Caller, team_id: int) -> Team:
    """Raises NotFoundError, also for one that the caller does not see."""
    team = session.scalar(visible_teams(caller).where(Team.id == team_id))
    if team is None:
        raise _not_there(team_id)
    return team


def team_members(session: Session, team: Team) -> list[Member]:
    """By name."""
    rows = session.execute(
        sa.select(User.name, User.display_name, TeamMember.roles)
        .join(TeamMember, TeamMember.user_id == User.id)
        .where(TeamMember.team_id == team.id)
    ).all()
    return sorted((as_member(*row) for row in rows), key=lambda member: member.user)


def as_member(name: str, display_name: str, roles: Collection[str]) -> Member:
    return Member(name, display_name, tuple(sorted(Role(role) for role in roles)))


def set_team_member(session: Session, team_id: int, user: str, roles: Collection[Role], *, who: str) -> Member:
    """Take somebody into the team, or say anew what they are in it. Raises NotFoundError, BadInputError, StateError
    for a disabled user, and for one more than MOST_MEMBERS."""
    kept, team, member = checked_roles(roles), _locked(session, team_id), find_active_user(session, user)
    row = session.get(TeamMember, (team.id, member.id))
    before = row.roles if row is not None else None
    if row is None:
        if len(team_members(session, team)) >= MOST_MEMBERS:
            raise StateError(f"The team {team.name} has {MOST_MEMBERS} members, the most that one can have.")
        session.add(TeamMember(team_id=team.id, user_id=member.id, roles=kept))
    else:
        row.roles = kept
    _tell(session, team, member, before, kept, who)
    return as_member(member.name, member.display_name, kept)


def remove_team_member(session: Session, team_id: int, user: str, *, who: str) -> None:
    """Raises NotFoundError."""
    team, member = _locked(session, team_id), find_user(session, user)
    row = session.get(TeamMember, (team.id, member.id))
    if row is None:
        raise NotFoundError(f"{member.name} is not in the team {team.name}.", user=member.name, team=team.id)
    session.delete(row)
    _tell(session, team, member, row.roles, None, who)


def _tell(
    session: Session, team: Team, user: User, before: list[str] | None, after: list[str] | None, who: str
) -> None:
    for project in _projects(session, team):
        record_rights(session, project, who, f"teams.{team.name}.{user.name}", before, after)


def _projects(session: Session, team: Team) -> list[Project]:
    query = sa.select(Project).join(ProjectTeam, ProjectTeam.project_id == Project.id)
    return list(session.scalars(query.where(ProjectTeam.team_id == team.id).order_by(Project.id)))


def _locked(session: Session, team_id: int) -> Team:
    """Its members and projects change in turn."""
    team = session.scalar(
        sa.select(Team)
        .where(Team.id == team_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if team is None:
        raise _not_there(team_id)
    return team


def _not_there(team_id: int) -> NotFoundError:
    return NotFoundError(f"There is no team {team_id} among those that you see.", team=team_id)
