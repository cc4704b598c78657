"""Who works on what: members, teams, organisations, as they count for what a person may do."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.told_events import events_after

from aianime_pipeline.accounts import members, teams
from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.membership import roles_in, visible_projects
from aianime_pipeline.accounts.organisations import create_organisation, remove_organisation, visible_organisations
from aianime_pipeline.accounts.rights import Role
from aianime_pipeline.accounts.users import create_user, find_user, set_disabled
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Project, ProjectChange
from aianime_pipeline.errors import BadInputError, NameTakenError, NotFoundError, StateError
from aianime_pipeline.production.projects.keeping import find_project, get_or_create_project

Jobs = Callable[[str], set[Role] | None]


@pytest.fixture
def studio(database: Database) -> int:
    """A project, three people, a team of the studio; the number of the team."""
    for name in ("lin", "li", "wang"):
        create_user(database, name, password=None)
    with database.write() as session:
        get_or_create_project(session, "moonlit", title=None, language="zh")
        create_organisation(session, "studio", who="root")
        return teams.create_team(session, "studio", "night shift", who="root").id


@pytest.fixture
def jobs(database: Database) -> Jobs:
    """What a person is in the project; None: they do not see it."""

    def found(name: str) -> set[Role] | None:
        with database.read() as session:
            caller, project = caller_of(session, name), find_project(session, "moonlit")
            roles = roles_in(session, caller, project)
            seen = project.id in set(session.scalars(visible_projects(caller)))
            assert seen == (roles is not None)
            return set(roles) if roles is not None else None

    return found


def caller_of(session: Session, name: str, *, is_admin: bool = False) -> Caller:
    user = find_user(session, name)
    return Caller(user.id, user.name, is_admin)


def changes(database: Database) -> list[tuple[str, str, object, object]]:
    with database.read() as session:
        return [
            (row.who, row.field, row.before.get("value"), row.after.get("value"))
            for row in session.scalars(sa.select(ProjectChange).order_by(ProjectChange.id))
        ]


def test_a_member_is_what_the_project_says_until_it_says_it_no_more(
    database: Database, studio: int, jobs: Jobs
) -> None:
    assert jobs("lin") is None
    with database.write() as session:
        members.set_project_member(session, "moonlit", "LIN", [Role.POST, Role.REVIEWER, Role.POST], who="root")
    assert jobs("lin") == {Role.POST, Role.REVIEWER}
    with database.write() as session:
        members.set_project_member(session, "moonlit", "lin", [Role.POST], who="root")
        members.set_project_member(session, "moonlit", "lin", [Role.POST], who="root")
    with database.write() as session:
        members.remove_project_member(session, "moonlit", "lin", who="li")
    assert jobs("lin") is None
    assert changes(database) == [
        ("root", "members.lin", None, ["post", "reviewer"]),
        ("root", "members.lin", ["post", "reviewer"], ["post"]),
        ("li", "members.lin", ["post"], None),
    ]
    with database.read() as session:
        project = find_project(session, "moonlit")
        told = [event for event in events_after(session, 0, project_id=project.id) if event.kind == "rights"]
    assert [event.document["field"] for event in told] == ["members.lin"] * 3


def test_membership_beats_what_the_team_says(database: Database, studio: int, jobs: Jobs) -> None:
    with database.write() as session:
        teams.set_team_member(session, studio, "lin", [Role.DIRECTOR], who="root")
    assert jobs("lin") is None, "the team does not work on it"
    with database.write() as session:
        members.add_project_team(session, "moonlit", studio, caller_of(session, "lin"))
    assert jobs("lin") == {Role.DIRECTOR}
    with database.write() as session:
        members.set_project_member(session, "moonlit", "lin", [Role.REVIEWER], who="root")
    assert jobs("lin") == {Role.REVIEWER}
    with database.write() as session:
        members.remove_project_member(session, "moonlit", "lin", who="root")
    assert jobs("lin") == {Role.DIRECTOR}


def test_what_teams_say_adds_up_and_ends_with_them(database: Database, studio: int, jobs: Jobs) -> None:
    with database.write() as session:
        other = teams.create_team(session, "studio", "day shift", who="root").id
        for team, role in ((studio, Role.POST), (other, Role.DESIGNER)):
            teams.set_team_member(session, team, "lin", [role], who="root")
            members.add_project_team(session, "moonlit", team, caller_of(session, "lin"))
    assert jobs("lin") == {Role.POST, Role.DESIGNER}
    with database.write() as session:
        members.remove_project_team(session, "moonlit", other, who="root")
    assert jobs("lin") == {Role.POST}
    with database.write() as session:
        teams.set_team_member(session, studio, "lin", [Role.REVIEWER], who="li")
        teams.set_team_member(session, studio, "wang", [Role.POST], who="li")
    assert jobs("lin") == {Role.REVIEWER}
    with database.write() as session:
        teams.remove_team_member(session, studio, "lin", who="li")
    assert jobs("lin") is None
    assert jobs("wang") == {Role.POST}
    with database.write() as session:
        teams.remove_team(session, studio, who="root")
    assert jobs("wang") is None
    assert changes(database)[-4:] == [
        ("li", "teams.night shift.lin", ["post"], ["reviewer"]),
        ("li", "teams.night shift.wang", None, ["post"]),
        ("li", "teams.night shift.lin", ["reviewer"], None),
        ("root", "teams.night shift", "night shift", None),
    ]


def test_who_made_a_project_is_its_director_besides_what_it_names_them(
    database: Database, studio: int, jobs: Jobs
) -> None:
    with database.write() as session:
        session.execute(sa.update(Project).values(created_by="lin"))
    assert jobs("lin") == {Role.DIRECTOR}
    with database.write() as session:
        members.set_project_member(session, "moonlit", "lin", [Role.REVIEWER], who="root")
    assert jobs("lin") == {Role.DIRECTOR, Role.REVIEWER}


def test_a_director_puts_a_team_of_colleagues_to_work_and_does_not_see_others(database: Database, studio: int) -> None:
    with database.write() as session:
        colleagues = teams.create_team(session, "studio", "day shift", who="root").id
        create_organisation(session, "elsewhere", who="root")
        others = teams.create_team(session, "elsewhere", "night shift", who="root").id
        teams.set_team_member(session, studio, "lin", [Role.DIRECTOR], who="root")
    with database.write() as session:
        members.add_project_team(session, "moonlit", colleagues, caller_of(session, "lin"))
        assert set(session.scalars(sa.select(teams.visible_teams(caller_of(session, "li")).subquery().c.id))) == set()
        assert [row.name for row in session.scalars(visible_organisations(caller_of(session, "lin")))] == ["studio"]
    with database.read() as session:
        for team, name in ((others, "lin"), (studio, "li"), (10**9, "lin")):
            with pytest.raises(NotFoundError):
                members.add_project_team(session, "moonlit", team, caller_of(session, name))
        assert members.add_project_team(session, "moonlit", others, caller_of(session, "li", is_admin=True))


def test_nobody_is_a_member_without_a_role_and_nobody_disabled_becomes_one(database: Database, studio: int) -> None:
    with database.write() as session:
        set_disabled(session, "wang", True)
    for set_roles in (
        lambda session, user, roles: members.set_project_member(session, "moonlit", user, roles, who="root"),
        lambda session, user, roles: teams.set_team_member(session, studio, user, roles, who="root"),
    ):
        for refusal, user, roles in (
            (BadInputError, "lin", []),
            (StateError, "wang", [Role.POST]),
            (NotFoundError, "nobody", [Role.POST]),
        ):
            with pytest.raises(refusal), database.write() as session:
                set_roles(session, user, roles)


def test_who_is_no_member_cannot_be_taken_out(database: Database, studio: int) -> None:
    with database.read() as session:
        for take_out in (
            lambda: members.remove_project_member(session, "moonlit", "lin", who="root"),
            lambda: members.remove_project_team(session, "moonlit", studio, who="root"),
            lambda: teams.remove_team_member(session, studio, "lin", who="root"),
            lambda: teams.remove_team(session, studio + 1, who="root"),
        ):
            with pytest.raises(NotFoundError):
                take_out()


def test_names_of_teams_and_organisations_are_given_once(database: Database, studio: int) -> None:
    with database.write() as session:
        create_organisation(session, "elsewhere", who="root")
        other = teams.create_team(session, "elsewhere", "night shift", who="root").id
        second = teams.create_team(session, "studio", "day shift", who="root").id
        teams.rename_team(session, other, "night shift")
    for again in (
        lambda session: create_organisation(session, "studio", who="root"),
        lambda session: teams.create_team(session, "studio", "night shift", who="root"),
        lambda session: teams.rename_team(session, second, "night shift"),
    ):
        with pytest.raises(NameTakenError), database.write() as session:
            again(session)
    for name in ("", "a/b", "..", "two\nlines", "x" * 65):
        with pytest.raises(BadInputError), database.write() as session:
            create_organisation(session, name, who="root")


def test_an_organisation_goes_only_when_nothing_is_its_own_any_more(database: Database, studio: int) -> None:
    for has, empty in (
        ("teams", lambda session: teams.remove_team(session, studio, who="root")),
        ("projects", lambda session: session.execute(sa.update(Project).values(organisation="elsewhere"))),
    ):
        with pytest.raises(StateError) as refused, database.write() as session:
            remove_organisation(session, "studio")
        assert refused.value.details["has"] == has
        with database.write() as session:
            empty(session)
    with database.write() as session:
        remove_organisation(session, "studio")
    with pytest.raises(NotFoundError), database.write() as session:
        remove_organisation(session, "studio")


def test_a_team_has_so_many_members_and_no_more(
    database: Database, studio: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teams, "MOST_MEMBERS", 2)
    with database.write() as session:
        for name in ("lin", "li", "lin"):
            teams.set_team_member(session, studio, name, [Role.POST], who="root")
        with pytest.raises(StateError, match="has 2 members, the most"):
            teams.set_team_member(session, studio, "wang", [Role.POST], who="root")
