"""Who works on a project: people by themselves, with their jobs, and teams."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.recording import record_rights
from aianime_pipeline.accounts.rights import Role
from aianime_pipeline.accounts.teams import Member, as_member, checked_roles, seen_team
from aianime_pipeline.accounts.users import find_active_user, find_user
from aianime_pipeline.db.models import Project, ProjectMember, ProjectTeam, Team, User
from aianime_pipeline.errors import NotFoundError


def project_members(session: Session, project_id: int) -> list[Member]:
    """Those that the project itself names, by name."""
    rows = session.execute(
        sa.select(User.name, User.display_name, ProjectMember.roles)
        .join(ProjectMember, ProjectMember.user_id == User.id)
        .where(ProjectMember.project_id == project_id)
    ).all()
    return sorted((as_member(*row) for row in rows), key=lambda member: member.user)


def set_project_member(session: Session, slug: str, user: str, roles: Collection[Role], *, who: str) -> Member:
    """Take somebody into the project, or say anew what they are in it: from now on that counts in place of what their
    teams say. Raises NotFoundError, BadInputError, StateError for a disabled user."""
    kept, project, member = checked_roles(roles), _locked(session, slug), find_active_user(session, user)
    row = session.get(ProjectMember, (project.id, member.id))
    before = row.roles if row is not None else None
    if row is None:
        session.add(ProjectMember(project_id=project.id, user_id=member.id, roles=kept))
    else:
        row.roles = kept
    record_rights(session, project, who, f"members.{member.name}", before, kept)
    return as_member(member.name, member.display_name, kept)


def remove_project_member(session: Session, slug: str, user: str, *, who: str) -> None:
    """They stay what their teams say; who made the project stays its director. Raises NotFoundError."""
    project, member = _locked(session, slug), find_user(session, user)
    row = session.get(ProjectMember, (project.id, member.id))
    if row is None:
        raise NotFoundError(f"{project.slug} does not name {member.name} as a member.", user=member.name)
    session.delete(row)
    record_rights(session, project, who, f"members.{member.name}", row.roles, None)


def project_teams(project_id: int) -> sa.Select[Team]:
    """The teams that work on the project, as a query."""
    return sa.select(Team).join(ProjectTeam, ProjectTeam.team_id == Team.id).where(ProjectTeam.project_id == project_id)


def add_project_team(session: Session, slug: str, team_id: int, caller: Caller) -> Team:
    """A team that the caller sees; again: nothing changes. Raises NotFoundError."""
    project, team = _locked(session, slug), seen_team(session, caller, team_id)
    if session.get(ProjectTeam, (project.id, team.id)) is None:
        session.add(ProjectTeam(project_id=project.id, team_id=team.id))
        record_rights(session, project, caller.name, f"teams.{team.name}", None, team.name)
    return team


def remove_project_team(session: Session, slug: str, team_id: int, *, who: str) -> None:
    """Raises NotFoundError."""
    project = _locked(session, slug)
    row, team = session.get(ProjectTeam, (project.id, team_id)), session.get(Team, team_id)
    if row is None or team is None:
        raise NotFoundError(f"No team {team_id} works on {project.slug}.", team=team_id)
    session.delete(row)
    record_rights(session, project, who, f"teams.{team.name}", team.name, None)


def _locked(session: Session, slug: str) -> Project:
    """Its members change in turn."""
    project = session.scalar(sa.select(Project).where(Project.slug == slug).with_for_update(key_share=True))
    if project is None:
        raise NotFoundError(f"There is no project {slug!r}.", slug=slug)
    return project
