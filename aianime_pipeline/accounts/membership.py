"""What a caller may do in which project, looked up anew each time: a change of rights counts at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.rights import ALL_ACTIONS, Action, Role, actions_of, roles_in_project
from aianime_pipeline.db.models import Project, ProjectMember, ProjectTeam, TeamMember
from aianime_pipeline.errors import NotAllowedError

_TEAM_ROLES = (
    sa.select(ProjectTeam.project_id, TeamMember.roles)
    .join(TeamMember, TeamMember.team_id == ProjectTeam.team_id)
    .where(TeamMember.user_id == sa.bindparam("user"))
    .subquery("team_roles")
)


def with_roles(query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """A query about one project, with what that says of `user`, a parameter, and what each of their teams there says:
    as two columns more, `own` and `team`, null where there is nothing, in a row for each of the teams or in one."""
    return (
        query.add_columns(ProjectMember.roles.label("own"), _TEAM_ROLES.c.roles.label("team"))
        .outerjoin(
            ProjectMember,
            sa.and_(ProjectMember.project_id == Project.id, ProjectMember.user_id == sa.bindparam("user")),
        )
        .outerjoin(_TEAM_ROLES, _TEAM_ROLES.c.project_id == Project.id)
    )


_ROLES = with_roles(sa.select(Project.id).where(Project.id == sa.bindparam("project")))

_ENTRIES = (
    sa.select(sa.literal("member").label("source"), ProjectMember.project_id, ProjectMember.roles)
    .where(ProjectMember.user_id == sa.bindparam("user"))
    .union_all(
        sa.select(sa.literal("team"), ProjectTeam.project_id, TeamMember.roles)
        .join(TeamMember, TeamMember.team_id == ProjectTeam.team_id)
        .where(TeamMember.user_id == sa.bindparam("user")),
        sa.select(sa.literal("creator"), Project.id, sa.cast(sa.literal("[]"), ProjectMember.roles.type)).where(
            Project.created_by == sa.bindparam("name")
        ),
    )
)


def roles_from(
    caller: Caller, created_by: str | None, rows: Sequence[sa.Row[*tuple[Any, ...]]]
) -> frozenset[Role] | None:
    """The jobs of the caller in the project of the rows, which are one or more of `with_roles`; None: none at all. An
    administrator's jobs are those that the project gives."""
    own = rows[0].own
    return roles_in_project(
        [Role(role) for role in own] if own is not None else None,
        [[Role(role) for role in row.team] for row in rows if row.team is not None],
        is_creator=created_by == caller.name,
    )


def actions_from(caller: Caller, roles: frozenset[Role] | None) -> frozenset[Action] | None:
    """None: the caller does not see the project."""
    if roles is None and not caller.is_admin:
        return None
    actions = ALL_ACTIONS if caller.is_admin else actions_of(roles or ())
    return actions if caller.scopes is None else actions & caller.scopes


def roles_in(session: Session, caller: Caller, project: Project) -> frozenset[Role] | None:
    """The jobs of the caller there; None: none at all."""
    rows = session.execute(_ROLES, {"project": project.id, "user": caller.user_id}).all()
    return roles_from(caller, project.created_by, rows) if rows else None


def actions_in(session: Session, caller: Caller, project: Project) -> frozenset[Action] | None:
    """None: the caller does not see the project."""
    return actions_from(caller, roles_in(session, caller, project))


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
    """Ids of the projects in which the caller may do it; None: all."""
    return projects_by_action(session, caller, (action,))[action]


def projects_by_action(
    session: Session, caller: Caller, actions: Collection[Action]
) -> dict[Action, frozenset[int] | None]:
    """For each of the actions the ids of the projects in which the caller may do it; None: all. One query however many
    projects there are."""
    scoped = [action for action in actions if caller.scopes is None or action in caller.scopes]
    found: dict[Action, frozenset[int] | None] = dict.fromkeys(actions, frozenset())
    if caller.is_admin:
        return found | dict.fromkeys(scoped, None)
    if not scoped:
        return found
    member: dict[int, list[Role]] = {}
    teams: defaultdict[int, list[list[Role]]] = defaultdict(list)
    created: set[int] = set()
    for source, project, roles in session.execute(_ENTRIES, {"user": caller.user_id, "name": caller.name}):
        if source == "member":
            member[project] = [Role(role) for role in roles]
        elif source == "team":
            teams[project].append([Role(role) for role in roles])
        else:
            created.add(project)
    may = {
        project: actions_of(
            roles_in_project(member.get(project), teams.get(project, ()), is_creator=project in created) or ()
        )
        for project in {*member, *teams, *created}
    }
    return found | {action: frozenset(project for project in may if action in may[project]) for action in scoped}
