"""In which projects somebody may do something, asked at once: the same as asked one by one."""

import pytest
import sqlalchemy as sa
from support.spending import add_project

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.membership import actions_in, projects_allowing
from aianime_pipeline.accounts.rights import Action, Role
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Organisation, Project, ProjectMember, ProjectTeam, Team, TeamMember, User


@pytest.fixture
def users(database: Database) -> list[User]:
    """Li made one project, is a reviewer in one where their team would make them a director, and in a team that works
    on another; wang is in none."""
    for slug, values in (("made", {"created_by": "li"}), ("member", {}), ("team", {}), ("none", {})):
        add_project(database, slug, **values)
    with database.write() as session:
        found = {project.slug: project.id for project in session.scalars(sa.select(Project))}
        users = [User(name="li"), User(name="wang")]
        organisation = Organisation(name="studio", created_by="x")
        session.add_all([*users, organisation])
        session.flush()
        team = Team(organisation_id=organisation.id, name="night", created_by="x")
        session.add(team)
        session.flush()
        li = users[0].id
        session.add(ProjectMember(project_id=found["member"], user_id=li, roles=[Role.REVIEWER.value]))
        session.add(TeamMember(team_id=team.id, user_id=li, roles=[Role.DIRECTOR.value]))
        session.add_all(ProjectTeam(project_id=found[slug], team_id=team.id) for slug in ("member", "team"))
    return users


@pytest.mark.parametrize("scopes", [None, frozenset({Action.VIEW, Action.USAGE_VIEW})])
@pytest.mark.parametrize("is_admin", [False, True])
def test_asked_at_once_it_is_the_same_as_asked_one_by_one(
    database: Database, users: list[User], scopes: frozenset[Action] | None, is_admin: bool
) -> None:
    with database.read() as session:
        projects = session.scalars(sa.select(Project)).all()
        for user in users:
            caller = Caller(user.id, user.name, is_admin, scopes)
            for action in Action:
                one_by_one = {
                    project.slug for project in projects if action in (actions_in(session, caller, project) or ())
                }
                found = projects_allowing(session, caller, action)
                assert {one.slug for one in projects if found is None or one.id in found} == one_by_one, action


def test_membership_stands_in_place_of_what_the_team_says(database: Database, users: list[User]) -> None:
    with database.read() as session:
        found = projects_allowing(session, Caller(users[0].id, "li", False), Action.USAGE_VIEW)
        assert found is not None
        slugs = session.scalars(sa.select(Project.slug).where(Project.id.in_(found)).order_by(Project.slug)).all()
    assert slugs == ["made", "team"]
