"""Of many callers at once it is said the same as of each by itself, in as many queries."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.many_callers import LogIn, seen_by
from aianime_pipeline.accounts.membership import actions_in
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import (
    ApiKey,
    Organisation,
    Project,
    ProjectMember,
    ProjectTeam,
    Team,
    TeamMember,
    User,
)
from aianime_pipeline.db.models.base import now

OF_PROJECT: tuple[list[str] | None, ...] = (None, [], ["reviewer"], ["post", "designer"])
OF_TEAM: tuple[list[str] | None, ...] = (None, [], ["shot_artist"])


def add_everybody(database: Database) -> None:
    """A person for each way of being in the project `p`, and an administrator; nobody is in `q` but who made it."""
    with database.write() as session:
        organisation = Organisation(name="o", created_by="x")
        projects = [Project(slug=slug, title="", created_by=by) for slug, by in (("p", "maker"), ("q", "maker"))]
        session.add_all([organisation, *projects, User(name="maker"), User(name="admin", global_role="admin")])
        session.flush()
        for number, (member, of_team) in enumerate(product(OF_PROJECT, OF_TEAM)):
            user = User(name=f"person-{number}")
            team = Team(organisation_id=organisation.id, name=f"team-{number}", created_by="x")
            session.add_all([user, team])
            session.flush()
            session.add(ProjectTeam(project_id=projects[0].id, team_id=team.id))
            if member is not None:
                session.add(ProjectMember(project_id=projects[0].id, user_id=user.id, roles=member))
            if of_team is not None:
                session.add(TeamMember(team_id=team.id, user_id=user.id, roles=of_team))


def callers(database: Database) -> Iterator[Caller]:
    with database.read() as session:
        for user in session.scalars(sa.select(User)):
            for scopes in (None, frozenset({Action.VIEW}), frozenset({Action.USAGE_VIEW})):
                yield Caller(user.id, user.name, user.global_role == "admin", scopes, token_version=user.token_version)


def test_each_of_many_sees_what_they_see_by_themselves(database: Database) -> None:
    add_everybody(database)
    everybody = list(callers(database))
    with database.read() as session:
        seen = seen_by(session, [LogIn.of(caller) for caller in everybody])
        projects = list(session.scalars(sa.select(Project)))
        for caller in everybody:
            found = seen[LogIn.of(caller)]
            shown = {p.id for p in projects if found.projects is None or p.id in found.projects}
            alone = {p.id for p in projects if Action.VIEW in (actions_in(session, caller, p) or ())}
            assert shown == alone, caller
            assert found.user == caller.name
            assert found.all_else is (caller.is_admin and caller.scopes is None)


def test_many_callers_cost_as_many_queries_as_a_few(database: Database) -> None:
    add_everybody(database)
    asked: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    everybody = [LogIn.of(caller) for caller in callers(database)]
    counts = []
    for some in (everybody[:2], everybody):
        asked.clear()
        with database.read() as session:
            seen_by(session, some)
        counts.append(len([statement for statement in asked if statement.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 5


@pytest.mark.parametrize(
    "change",
    [{"disabled": True}, {"token_version": 7}],
    ids=["a closed account", "log out everywhere"],
)
def test_a_token_that_does_not_hold_any_more_is_left_out(database: Database, change: dict[str, Any]) -> None:
    add_everybody(database)
    log_in = LogIn.of(next(callers(database)))
    with database.read() as session:
        assert log_in in seen_by(session, [log_in])
    with database.write() as session:
        session.execute(sa.update(User).values(**change))
    with database.read() as session:
        assert seen_by(session, [log_in]) == {}


def test_a_token_is_left_out_from_the_moment_it_expires(database: Database) -> None:
    add_everybody(database)
    caller = next(callers(database))
    for until, holds in ((now() + timedelta(minutes=1), True), (now() - timedelta(seconds=1), False)):
        log_in = LogIn(caller.user_id, caller.token_version, until, None, None)
        with database.read() as session:
            assert (log_in in seen_by(session, [log_in])) is holds


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"revoked": True}, False),
        ({"expires": -1}, False),
        ({"expires": 60}, True),
        ({"gone": True}, False),
    ],
)
def test_a_key_holds_as_long_as_its_row_says_and_not_by_the_users_tokens(
    database: Database, change: dict[str, Any], holds: bool
) -> None:
    add_everybody(database)
    caller = next(callers(database))
    with database.write() as session:
        key = ApiKey(user_id=caller.user_id, name="k", prefix="", key_hash="h", scopes=[])
        key.revoked_at = now() if change.get("revoked") else None
        key.expires_at = now() + timedelta(seconds=change["expires"]) if "expires" in change else None
        session.add(key)
        session.flush()
        log_in = LogIn(caller.user_id, 0, None, key.id, None)
        if change.get("gone"):
            session.delete(key)
    with database.read() as session:
        assert (log_in in seen_by(session, [log_in])) is holds


def test_a_user_who_is_not_there_is_left_out(database: Database) -> None:
    with database.read() as session:
        assert seen_by(session, [LogIn(99, 1, None, None, None)]) == {}
