"""Logging in over HTTP, keys, and what accounts look like from outside."""

import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.accounts import Clock, turned_clock
from support.api_process import api_process
from support.processes import wait_until

from aianime_pipeline.accounts import teams
from aianime_pipeline.accounts.callers import AUDIENCE, access_token
from aianime_pipeline.accounts.organisations import remove_organisation
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.accounts.signing import signing_key
from aianime_pipeline.accounts.throttling import FREE_BY_NAME
from aianime_pipeline.accounts.users import create_user, find_user, set_disabled
from aianime_pipeline.db.models import ApiKey, RefreshToken, User
from aianime_pipeline.production.installation import Installation

AsPerson = Callable[[str], TestClient]
PASSWORD = "correct horse battery"


@pytest.fixture
def time() -> Iterator[Clock]:
    with turned_clock() as own:
        yield own


@pytest.fixture
def lin(place: Installation, time: Clock) -> User:
    return create_user(place.database, "lin", password=PASSWORD, display_name="林夏")


def post(client: TestClient, path: str, token: str = "", **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post(f"/api/v1/auth/{path}", json=body, headers=headers)


def log_in(client: TestClient) -> dict[str, Any]:
    answer = post(client, "login", name="lin", password=PASSWORD)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def me(client: TestClient, token: str) -> Any:
    return client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})


def test_one_logs_in_stays_logged_in_and_logs_out(client: TestClient, lin: User, time: Clock) -> None:
    tokens = log_in(client)
    assert me(client, tokens["access_token"]).json() == {
        "name": "lin", "display_name": "林夏", "email": "", "is_admin": False, "scopes": None, "api_key": None,
    }  # fmt: skip
    time.goes(seconds=tokens["expires_in"])
    assert me(client, tokens["access_token"]).json()["details"] == {"expired": True}
    following = post(client, "refresh", refresh_token=tokens["refresh_token"]).json()
    assert me(client, following["access_token"]).status_code == 200
    assert post(client, "logout", refresh_token=following["refresh_token"]).status_code == 204
    ended = post(client, "refresh", refresh_token=following["refresh_token"])
    assert (ended.status_code, ended.json()["code"]) == (401, "ERR_NOT_LOGGED_IN")


def test_too_many_failures_are_told_how_long_to_wait(client: TestClient, lin: User, time: Clock) -> None:
    for _ in range(FREE_BY_NAME):
        refused = post(client, "login", name="lin", password="wrong")
        assert (refused.status_code, refused.json()["code"]) == (401, "ERR_LOGIN_FAILED")
    waits = post(client, "login", name="LIN", password=PASSWORD)
    assert (waits.status_code, waits.json()["code"], waits.headers["Retry-After"]) == (429, "ERR_LOGIN_THROTTLED", "1")
    time.goes(seconds=1)
    log_in(client)


def test_log_out_everywhere_ends_tokens_at_once_and_leaves_keys(client: TestClient, lin: User) -> None:
    one, two = log_in(client), log_in(client)
    key = post(client, "api-keys", one["access_token"], name="farm").json()["key"]
    assert post(client, "logout-everywhere", one["access_token"]).status_code == 204
    for tokens in (one, two):
        assert me(client, tokens["access_token"]).status_code == 401
        assert post(client, "refresh", refresh_token=tokens["refresh_token"]).status_code == 401
    assert me(client, key).status_code == 200


def test_a_password_is_changed_with_the_one_that_holds(client: TestClient, lin: User) -> None:
    def change(current: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        body = {"current": current, "new": "another password"}
        return client.put("/api/v1/auth/me/password", json=body, headers=headers)

    token = log_in(client)["access_token"]
    assert (change("wrong").status_code, me(client, token).status_code) == (401, 200)
    changed = change(PASSWORD)
    assert changed.status_code == 200
    assert me(client, token).status_code == 401
    assert me(client, changed.json()["access_token"]).status_code == 200


# tokens that do not hold


def altered(of: dict[str, Any], key: str, *, algorithm: str = "HS256", **claims: Any) -> str:
    return jwt.encode(of | claims, key, algorithm=algorithm)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda claims, key: altered(claims, "", algorithm="none"), id="no signature"),
        pytest.param(lambda claims, key: altered(claims, "x" * 64), id="another key"),
        pytest.param(lambda claims, key: altered(claims, key, algorithm="HS512"), id="another algorithm"),
        pytest.param(lambda claims, key: altered(claims, key, aud="another"), id="another audience"),
        pytest.param(lambda claims, key: altered(claims, key, iss="another"), id="another issuer"),
        pytest.param(lambda claims, key: altered(claims, key, sub="0"), id="nobody"),
        pytest.param(lambda claims, key: altered(claims, key, sub="１"), id="a wide digit"),
        pytest.param(lambda claims, key: altered(claims, key, sub="9" * 40), id="a number too large"),
        pytest.param(lambda claims, key: altered(claims, key, ver=99), id="another version"),
        pytest.param(lambda claims, key: altered(claims, key, exp=1), id="expired"),
        pytest.param(
            lambda claims, key: altered({k: v for k, v in claims.items() if k != "exp"}, key), id="without an end"
        ),
        pytest.param(lambda claims, key: altered(claims, key, exp="soon"), id="an end that is no number"),
        pytest.param(lambda claims, key: altered(claims, key)[:-3], id="cut off"),
        pytest.param(lambda claims, key: "e30.e30.", id="empty"),
        pytest.param(lambda claims, key: "aia_" + "x" * 43, id="a key that nobody has"),
    ],
)
def test_a_token_that_is_not_ours_or_was_altered_is_nobody(
    client: TestClient, place: Installation, time: Clock, make: Callable[[dict[str, Any], str], str]
) -> None:
    key = signing_key(place.settings)
    token, _ = access_token(create_user(place.database, "lin", password=None), key)
    claims = jwt.decode(
        token, key, algorithms=["HS256"], audience=AUDIENCE, options={"verify_exp": False, "verify_iat": False}
    )
    assert me(client, altered(claims, key)).status_code == 200, "as it is, it holds"
    answer = me(client, make(claims, key))
    assert (answer.status_code, answer.json()["code"]) == (401, "ERR_NOT_LOGGED_IN")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_of_a_disabled_or_deleted_user_is_nobody(client: TestClient, place: Installation, lin: User) -> None:
    tokens = log_in(client)
    with place.database.write() as session:
        set_disabled(session, "lin", True)
    assert me(client, tokens["access_token"]).status_code == 401
    assert post(client, "refresh", refresh_token=tokens["refresh_token"]).status_code == 401
    with place.database.write() as session:
        set_disabled(session, "lin", False)
    tokens = log_in(client)
    with place.database.write() as session:
        session.execute(sa.delete(RefreshToken))
        session.delete(find_user(session, "lin"))
    assert me(client, tokens["access_token"]).status_code == 401


# API keys


def made_key(client: TestClient, token: str, **options: Any) -> dict[str, Any]:
    answer = post(client, "api-keys", token, name="farm", **options)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_key_is_shown_once_and_only_its_hash_is_kept(client: TestClient, place: Installation, lin: User) -> None:
    token = log_in(client)["access_token"]
    made = made_key(client, token)
    assert made["key"].startswith(made["prefix"])
    assert made["key"] not in str(
        client.get("/api/v1/auth/api-keys", headers={"Authorization": f"Bearer {token}"}).json()
    )
    with place.database.read() as session:
        row = session.scalars(sa.select(ApiKey)).one()
    assert made["key"] not in str({column.name: getattr(row, column.name) for column in ApiKey.__table__.columns})


def test_a_key_holds_until_it_expires_or_is_revoked(client: TestClient, lin: User, time: Clock) -> None:
    token = log_in(client)["access_token"]
    short = made_key(client, token, expires_at=(time.moment + timedelta(minutes=5)).isoformat())
    long = made_key(client, token)
    assert me(client, short["key"]).json()["api_key"] == short["id"]
    time.goes(minutes=5)
    assert (me(client, short["key"]).status_code, me(client, long["key"]).status_code) == (401, 200)
    gone = client.delete(f"/api/v1/auth/api-keys/{long['id']}", headers={"Authorization": f"Bearer {token}"})
    assert gone.json()["revoked_at"] is not None
    assert me(client, long["key"]).status_code == 401
    for wrong in (time.moment.isoformat(), "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", 4_000_000_000):
        assert post(client, "api-keys", token, name="farm", expires_at=wrong).status_code == 422


def test_with_a_key_nobody_makes_keys_or_changes_passwords_and_it_may_revoke_itself(
    client: TestClient, lin: User
) -> None:
    token = log_in(client)["access_token"]
    made, other = made_key(client, token), made_key(client, token)
    headers = {"Authorization": f"Bearer {made['key']}"}
    for answer in (
        client.post("/api/v1/auth/api-keys", json={"name": "more"}, headers=headers),
        client.get("/api/v1/auth/api-keys", headers=headers),
        client.post("/api/v1/auth/logout-everywhere", headers=headers),
        client.put("/api/v1/auth/me/password", json={"current": PASSWORD, "new": "another password"}, headers=headers),
        client.delete(f"/api/v1/auth/api-keys/{other['id']}", headers=headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "ERR_NOT_ALLOWED")
    assert client.delete(f"/api/v1/auth/api-keys/{made['id']}", headers=headers).status_code == 200
    assert me(client, made["key"]).status_code == 401


def test_a_key_reads_also_while_nothing_can_be_written_and_its_use_is_noted_afterwards(
    client: TestClient, place: Installation, lin: User, tmp_path: Path
) -> None:
    made = made_key(client, log_in(client)["access_token"])

    def used() -> bool:
        with place.database.read() as session:
            return session.scalars(sa.select(ApiKey.last_used_at)).one() is not None

    with api_process(place, tmp_path / "api.log") as served:
        with place.database.write() as session:
            session.execute(sa.select(ApiKey).with_for_update())
            for _ in range(3):
                asked = urllib.request.Request(
                    f"http://127.0.0.1:{served.port}/api/v1/auth/me", headers={"Authorization": f"Bearer {made['key']}"}
                )
                with urllib.request.urlopen(asked, timeout=10) as answer:
                    assert answer.status == 200
            assert not used()
        wait_until(used)


def test_nobody_revokes_the_key_of_another(client: TestClient, as_person: AsPerson, lin: User) -> None:
    made = made_key(client, log_in(client)["access_token"])
    for who in ("stranger", "admin"):
        assert as_person(who).delete(f"/api/v1/auth/api-keys/{made['id']}").status_code == 404
    assert me(client, made["key"]).status_code == 200


def test_a_key_may_what_it_is_cut_down_to_and_its_user_may(client: TestClient, as_person: AsPerson) -> None:
    def key_of(who: str, *scopes: Action) -> TestClient:
        made = as_person(who).post("/api/v1/auth/api-keys", json={"name": "farm", "scopes": [*scopes]}).json()
        opened = TestClient(client.app, base_url="http://api.test")
        opened.headers["Authorization"] = f"Bearer {made['key']}"
        return opened

    def edits(of: TestClient) -> int:
        return int(of.patch("/api/v1/projects/moonlit", json={"retake_cap": 1}).status_code)

    project = "/api/v1/projects/moonlit"
    whole, seeing, editing = (
        key_of("director"),
        key_of("director", Action.VIEW),
        key_of("director", Action.PROJECT_EDIT),
    )
    assert (edits(whole), edits(seeing), edits(editing)) == (200, 403, 200)
    assert [found.get(project).status_code for found in (whole, seeing, editing)] == [200, 200, 403]
    assert seeing.get(f"{project}/my-permissions").json()["actions"] == ["project.view"]
    assert edits(key_of("reviewer", Action.PROJECT_EDIT)) == 403, "a scope gives nobody more than they have"
    administrator = key_of("admin", Action.VIEW, Action.PROJECT_EDIT)
    assert edits(administrator) == 200
    assert administrator.get("/api/v1/users").status_code == 403
    assert key_of("admin").get("/api/v1/users").status_code == 200
    counting = key_of("admin", Action.USAGE_VIEW)
    for path in ("organisations", "organisations/a", "teams", "teams/1", "teams/1/members", "providers", "projects"):
        assert counting.get(f"/api/v1/{path}").status_code == 403, path
    assert counting.get("/api/v1/providers/health").status_code == 403
    assert seeing.post("/api/v1/projects", json={"slug": "more"}).status_code == 403


# people


def test_an_administrator_makes_a_user_who_then_logs_in_and_is_shut_out(
    client: TestClient, as_person: AsPerson
) -> None:
    admin = as_person("admin")
    made = admin.post("/api/v1/users", json={"name": "林夏", "password": PASSWORD})
    assert made.status_code == 201, made.text
    assert "password" not in {name for name in made.json() if name != "has_password"}
    tokens = post(client, "login", name="林夏", password=PASSWORD).json()
    assert admin.patch("/api/v1/users/林夏", json={"disabled": True}).json()["disabled"] is True
    assert me(client, tokens["access_token"]).status_code == 401
    assert post(client, "login", name="林夏", password=PASSWORD).status_code == 401
    again = admin.post("/api/v1/users", json={"name": "林夏"})
    assert (again.status_code, again.json()["code"]) == (409, "ERR_NAME_TAKEN")
    last = admin.patch("/api/v1/users/admin", json={"is_admin": False})
    assert (last.status_code, last.json()["code"]) == (409, "ERR_LAST_ADMINISTRATOR")
    assert admin.put("/api/v1/users/林夏/password", json={"password": "short"}).status_code == 422


def test_a_change_that_is_refused_in_part_changes_nothing(as_person: AsPerson) -> None:
    admin = as_person("admin")
    refused = admin.patch("/api/v1/users/admin", json={"display_name": "new", "disabled": True})
    assert refused.status_code == 409
    assert admin.get("/api/v1/users/admin").json()["display_name"] == ""


def test_a_director_takes_people_in_and_their_rights_count_at_once(as_person: AsPerson) -> None:
    director, stranger = as_person("director"), as_person("stranger")
    member = "/api/v1/projects/moonlit/members/stranger"
    assert stranger.get("/api/v1/projects/moonlit").status_code == 404
    assert director.put(member, json={"roles": ["reviewer"]}).json()["roles"] == ["reviewer"]
    assert stranger.get("/api/v1/projects/moonlit").status_code == 200
    refused = stranger.put(member, json={"roles": ["director"]})
    assert (refused.status_code, refused.json()["details"]) == (403, {"action": "members.edit"})
    listed = director.get("/api/v1/projects/moonlit/members").json()["items"]
    assert [item["user"] for item in listed] == ["director-of-moonlit", "stranger"]
    assert director.delete(member).status_code == 204
    assert stranger.get("/api/v1/projects/moonlit").status_code == 404
    kept = director.get("/api/v1/projects/moonlit/changes").json()["items"]
    assert [(item["field"], item["before"], item["after"]) for item in kept] == [
        ("members.stranger", {"value": ["reviewer"]}, {}),
        ("members.stranger", {}, {"value": ["reviewer"]}),
    ]


@pytest.mark.parametrize("path", ["teams", "teams/{team}", "projects/moonlit/teams"])
def test_a_team_that_is_removed_while_it_is_read_is_told_as_it_was(
    place: Installation, as_person: AsPerson, path: str
) -> None:
    admin = as_person("admin")
    as_person("director")  # makes the project
    admin.post("/api/v1/organisations", json={"name": "guild"})
    team = admin.post("/api/v1/teams", json={"organisation": "guild", "name": "night shift"}).json()["id"]
    admin.put(f"/api/v1/projects/moonlit/teams/{team}")
    removed: list[int] = []

    def remove(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if removed or not statement.startswith("SELECT teams."):
            return
        removed.append(team)
        with place.database.write() as session:
            teams.remove_team(session, team, who="root")
        with place.database.write() as session:
            remove_organisation(session, "guild")

    sa.event.listen(place.database.engine, "after_cursor_execute", remove)
    answer = admin.get(f"/api/v1/{path.format(team=team)}")
    assert removed, answer.text
    assert answer.status_code == 200, answer.text
    shown = answer.json() if "{" in path else answer.json()["items"][0]
    assert (answer.status_code, shown["organisation"]) == (200, "guild")
    assert admin.get(f"/api/v1/teams/{team}").status_code == 404


def test_a_team_works_on_a_project_by_what_its_members_are_in_it(as_person: AsPerson) -> None:
    admin, director, stranger = as_person("admin"), as_person("director"), as_person("stranger")
    assert admin.post("/api/v1/organisations", json={"name": "studio"}).status_code == 201
    team = admin.post("/api/v1/teams", json={"organisation": "studio", "name": "night shift"}).json()["id"]
    for user in ("stranger", "director-of-moonlit"):
        roles = {"roles": ["key_animator"]}
        assert admin.put(f"/api/v1/teams/{team}/members/{user}", json=roles).status_code == 200
    assert director.put(f"/api/v1/projects/moonlit/teams/{team}").status_code == 204
    assert stranger.get("/api/v1/projects/moonlit/my-permissions").json()["roles"] == ["key_animator"]
    (shown,) = director.get("/api/v1/projects/moonlit/teams").json()["items"]
    assert [member["user"] for member in shown["members"]] == ["director-of-moonlit", "stranger"]
    assert [item["name"] for item in stranger.get("/api/v1/teams").json()["items"]] == ["night shift"]
    assert director.delete(f"/api/v1/projects/moonlit/teams/{team}").status_code == 204
    assert stranger.get("/api/v1/projects/moonlit").status_code == 404
