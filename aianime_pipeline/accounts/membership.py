"""What a caller may do in which project, looked up anew each time: a change of rights counts at once."""

from collections import defaultdict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.rights import ALL_ACTIONS, Action, Role, actions_of, roles_in_project
from aianime_pipeline.db.models import Project, ProjectMember, ProjectTeam, TeamMember
from aianime_pipeline.errors import NotAllowedError


def roles_of(session: Session, caller: Caller, project: Project) -> frozenset[Role] | None:
    """The jobs of the caller there; None: none at all. An administrator's jobs are those that the project gives."""
    member = session.scalar(
        sa.select(ProjectMember.roles).where(
            ProjectMember.project_id == project.id, ProjectMember.user_id == caller.user_id
        )
    )
    teams = session.scalars(
        sa.select(TeamMember.roles)
        .join(ProjectTeam, ProjectTeam.team_id == TeamMember.team_id)
        .where(ProjectTeam.project_id == project.id, TeamMember.user_id == caller.user_id)
    ).all()
    return roles_in_project(
        [Role(role) for role in member] if member is not None else None,
        [[Role(role) for role in roles] for roles in teams],
        is_creator=project.created_by == caller.name,
    )


def actions_in(session: Session, caller: Caller, project: Project) -> frozenset[Action] | None:
    """None: the caller does not see the project."""
    if caller.is_admin:
        actions = ALL_ACTIONS
    else:
        roles = roles_of(session, caller, project)
        if roles is None:
            return None
        actions = actions_of(roles)
    return actions if caller.scopes is None else actions & caller.scopes


def require(session: Session, caller: Caller, project: Project, action: Action) -> None:
    """Raises NotAllowedError. Who does not see the project has to be told that it is not there instead."""
    if action not in (actions_in(session, caller, project) or ()):
        raise NotAllowedError(f"{caller.name} may not do this in {project.slug}: it takes {action}.", action=action)


def visible_projects(caller: Caller) -> sa.Select[int]:
    """Ids of the projects that the caller sees, as a query to put into another one."""
    query = sa.select(Project.id)
    if caller.is_admin:
        return query
    by_team = (
        sa.select(ProjectTeam.project_id)
        .join(TeamMember, TeamMember.team_id == ProjectTeam.team_id)
        .where(TeamMember.user_id == caller.user_id)
    )
    member = sa.select(ProjectMember.project_id).where(ProjectMember.user_id == caller.user_id)
    return query.where(sa.or_(Project.created_by == caller.name, Project.id.in_(member), Project.id.in_(by_team)))


def require_scope(caller: Caller, action: Action) -> None:
    """Raises NotAllowedError for a key that is cut down, and not to this: whatever it would be of, its list is not
    shown as an empty one."""
    if caller.scopes is not None and action not in caller.scopes:
        raise NotAllowedError(f"The key is cut down, and not to {action}.", action=action)


def projects_allowing(session: Session, caller: Caller, action: Action) -> frozenset[int] | None:
    """Ids of the projects in which the caller may do it; None: all. The same few queries however many there are."""
    if caller.scopes is not None and action not in caller.scopes:
        return frozenset()
    if caller.is_admin:
        return None
    of_member = sa.select(ProjectMember.project_id, ProjectMember.roles).where(ProjectMember.user_id == caller.user_id)
    member: dict[int, list[str]] = dict(session.execute(of_member).all())
    teams: defaultdict[int, list[list[Role]]] = defaultdict(list)
    for project, roles in session.execute(
        sa.select(ProjectTeam.project_id, TeamMember.roles)
        .join(TeamMember, TeamMember.team_id == ProjectTeam.team_id)
        .where(TeamMember.user_id == caller.user_id)
    ):
        teams[project].append([Role(role) for role in roles])
    created = set(session.scalars(sa.select(Project.id).where(Project.created_by == caller.name)))

    def actions(project: int) -> frozenset[Action]:
        own = [Role(role) for role in member[project]] if project in member else None
        return actions_of(roles_in_project(own, teams.get(project, ()), is_creator=project in created) or ())

    return frozenset(project for project in {*member, *teams, *created} if action in actions(project))
