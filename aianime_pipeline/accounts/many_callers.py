"""Of many callers at once: who of them is still logged in, and which projects they see. The same few queries however
many they are, since those who watch are asked about every second."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.rights import Action, GlobalRole, Role, actions_of, roles_in_project
from aianime_pipeline.db.models import ApiKey, Project, ProjectMember, ProjectTeam, TeamMember, User
from aianime_pipeline.db.models.base import now


@dataclass(frozen=True)
class LogIn:
    """By what somebody is logged in: a token, or an API key. The same as long as that is."""

    user_id: int
    token_version: int
    until: datetime | None
    api_key: int | None
    scopes: frozenset[Action] | None

    @classmethod
    def of(cls, caller: Caller) -> Self:
        return cls(caller.user_id, caller.token_version, caller.until, caller.api_key, caller.scopes)


@dataclass(frozen=True)
class Seen:
    """`projects` None: all. `all_else`: also what is about no project."""

    user: str
    projects: frozenset[int] | None
    all_else: bool


def seen_by(session: Session, log_ins: Collection[LogIn]) -> dict[LogIn, Seen]:
    """What each of them sees now; those that do not hold any more are left out."""
    users = {user.id: user for user in session.scalars(_of(sa.select(User), User.id, (one.user_id for one in log_ins)))}
    keys = {
        key.id: key
        for key in session.scalars(_of(sa.select(ApiKey), ApiKey.id, (one.api_key for one in log_ins if one.api_key)))
    }
    holding = {one: users[one.user_id] for one in log_ins if one.user_id in users and _holds(one, users, keys)}
    members = [user for user in holding.values() if user.global_role != GlobalRole.ADMIN]
    projects = _projects(session, members)
    return {one: _seen(one, user, projects) for one, user in holding.items()}


def _seen(log_in: LogIn, user: User, projects: Mapping[int, frozenset[int]]) -> Seen:
    if log_in.scopes is not None and Action.VIEW not in log_in.scopes:
        return Seen(user.name, frozenset(), all_else=False)
    if user.global_role == GlobalRole.ADMIN:
        return Seen(user.name, None, all_else=log_in.scopes is None)
    return Seen(user.name, projects[user.id], all_else=False)


def _holds(log_in: LogIn, users: Mapping[int, User], keys: Mapping[int, ApiKey]) -> bool:
    user, moment = users[log_in.user_id], now()
    if user.disabled:
        return False
    if log_in.api_key is None:
        return user.token_version == log_in.token_version and (log_in.until is None or moment < log_in.until)
    key = keys.get(log_in.api_key)
    return key is not None and key.revoked_at is None and (key.expires_at is None or moment < key.expires_at)


def _projects(session: Session, users: Collection[User]) -> dict[int, frozenset[int]]:
    """Ids of the projects that each of them sees, by their own."""
    ids, names = {user.id for user in users}, {user.name: user.id for user in users}
    if not ids:
        return {}
    member = {
        (user, project): [Role(role) for role in roles]
        for user, project, roles in session.execute(
            sa.select(ProjectMember.user_id, ProjectMember.project_id, ProjectMember.roles).where(
                ProjectMember.user_id.in_(ids)
            )
        )
    }
    teams: defaultdict[tuple[int, int], list[list[Role]]] = defaultdict(list)
    for user, project, roles in session.execute(
        sa.select(TeamMember.user_id, ProjectTeam.project_id, TeamMember.roles)
        .join(ProjectTeam, ProjectTeam.team_id == TeamMember.team_id)
        .where(TeamMember.user_id.in_(ids))
    ):
        teams[user, project].append([Role(role) for role in roles])
    created = {
        (names[name], project)
        for name, project in session.execute(
            sa.select(Project.created_by, Project.id).where(Project.created_by.in_(names))
        )
        if name is not None
    }
    seen: dict[int, set[int]] = {user: set() for user in ids}
    for user, project in {*member, *teams, *created}:
        roles = roles_in_project(
            member.get((user, project)), teams.get((user, project), ()), is_creator=(user, project) in created
        )
        if roles is not None and Action.VIEW in actions_of(roles):
            seen[user].add(project)
    return {user: frozenset(projects) for user, projects in seen.items()}


def _of(query: sa.Select[Any], column: Any, ids: Iterable[int]) -> sa.Select[Any]:
    return query.where(column.in_(set(ids)))
