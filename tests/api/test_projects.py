"""Projects over HTTP."""

from collections.abc import Callable

from starlette.testclient import TestClient
from support.callers import Callers

AsPerson = Callable[[str], TestClient]


def test_without_a_log_in_nothing_is_shown(client: TestClient) -> None:
    answer = client.get("/api/v1/projects")
    assert answer.status_code == 401
    assert answer.json()["code"] == "ERR_NOT_LOGGED_IN"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_who_makes_a_project_is_its_director(as_person: AsPerson) -> None:
    stranger = as_person("stranger")
    made = stranger.post("/api/v1/projects", json={"slug": "harbour", "title": "港口", "aspect": "9:16"})
    assert made.status_code == 201, made.text
    assert (made.json()["width"], made.json()["height"], made.json()["created_by"]) == (720, 1280, "stranger")
    mine = stranger.get("/api/v1/projects/harbour/my-permissions").json()
    assert mine["roles"] == ["director"]
    assert "project.edit" in mine["actions"]
    assert stranger.patch("/api/v1/projects/harbour", json={"retake_cap": 5}).json()["retake_cap"] == 5


def test_a_project_that_one_may_not_see_answers_as_one_that_is_not_there(as_person: AsPerson) -> None:
    as_person("director")
    stranger = as_person("stranger")
    unseen, missing = stranger.get("/api/v1/projects/moonlit"), stranger.get("/api/v1/projects/sunlit")
    assert unseen.status_code == missing.status_code == 404
    assert unseen.json()["message"].replace("moonlit", "sunlit") == missing.json()["message"]
    assert stranger.get("/api/v1/projects").json() == {"items": [], "next": None}


def test_a_job_without_the_action_answers_403_and_names_it(as_person: AsPerson) -> None:
    answer = as_person("reviewer").patch("/api/v1/projects/moonlit", json={"retake_cap": 1})
    assert answer.status_code == 403
    assert answer.json()["details"] == {"action": "project.edit"}


def test_a_list_comes_in_pages_that_follow_each_other(as_person: AsPerson) -> None:
    admin = as_person("admin")
    for number in range(5):
        admin.post("/api/v1/projects", json={"slug": f"p{number}"})
    first = admin.get("/api/v1/projects", params={"limit": 3}).json()
    second = admin.get("/api/v1/projects", params={"limit": 3, "cursor": first["next"]}).json()
    assert [item["slug"] for item in first["items"] + second["items"]] == ["p0", "p1", "p2", "p3", "p4"]
    assert second["next"] is None


def test_a_field_that_cannot_be_used_is_named(as_person: AsPerson) -> None:
    answer = as_person("admin").post("/api/v1/projects", json={"slug": "good", "retake_cap": 101, "colour": "red"})
    assert answer.status_code == 422
    fields = {problem["field"] for problem in answer.json()["details"]["fields"]}
    assert fields == {"body.retake_cap", "body.colour"}


def organisation(callers: Callers, name: str, **roles: str) -> None:
    """With a team of these people (by their role in the project `moonlit`), who are this in the team."""
    admin = callers.person("admin")
    assert admin.post("/api/v1/organisations", json={"name": name}).status_code == 201
    team = admin.post("/api/v1/teams", json={"organisation": name, "name": "night shift"}).json()["id"]
    for person, role in roles.items():
        callers.person(person)
        user = person if person == "stranger" else f"{person}-of-moonlit"
        assert admin.put(f"/api/v1/teams/{team}/members/{user}", json={"roles": [role]}).status_code == 200


def test_a_project_is_made_in_an_organisation_by_who_directs_there(callers: Callers) -> None:
    organisation(callers, "harbour film", director="director", reviewer="reviewer")
    body = {"slug": "boat", "organisation": "harbour film"}
    reviewer = callers.person("reviewer").post("/api/v1/projects", json=body)
    assert (reviewer.status_code, reviewer.json()["details"]) == (403, {"action": "project.edit"})
    assert callers.person("stranger").post("/api/v1/projects", json=body).status_code == 404
    assert callers.person("admin").post("/api/v1/projects", json=body | {"organisation": "nobody"}).status_code == 404
    made = callers.person("director").post("/api/v1/projects", json=body)
    assert (made.status_code, made.json()["organisation"]) == (201, "harbour film")
    assert callers.person("director").post("/api/v1/projects", json={"slug": "b"}).json()["organisation"] is None


def test_a_project_moves_with_who_directs_where_it_is_and_where_it_goes(callers: Callers) -> None:
    organisation(callers, "studio", reviewer="director")
    organisation(callers, "harbour film", director="director")
    path, move = "/api/v1/projects/moonlit", {"organisation": "harbour film"}
    director, admin = callers.person("director"), callers.person("admin")
    assert callers.person("reviewer").patch(path, json=move).status_code == 403, "who may not edit the project"
    assert director.patch(path, json=move).status_code == 403, "who is nothing in the organisation that it is in"
    assert director.patch(path, json={"organisation": "studio", "retake_cap": 1}).status_code == 200, "it is there"
    assert director.patch(path, json={"organisation": "nobody"}).status_code == 404
    assert director.get(path).json()["organisation"] == "studio"
    assert admin.patch(path, json=move).json()["organisation"] == "harbour film"
    (change,) = admin.get(f"{path}/changes").json()["items"]
    assert (change["field"], change["before"], change["after"]) == (
        "organisation", {"value": "studio"}, {"value": "harbour film"},
    )  # fmt: skip
    assert director.patch(path, json={"organisation": "studio"}).status_code == 404, "who does not see where it goes"


def test_a_project_of_nobody_goes_where_its_director_directs(callers: Callers) -> None:
    organisation(callers, "harbour film", stranger="director")
    stranger = callers.person("stranger")
    stranger.post("/api/v1/projects", json={"slug": "boat"})
    moved = stranger.patch("/api/v1/projects/boat", json={"organisation": "harbour film"})
    assert (moved.status_code, moved.json()["organisation"]) == (200, "harbour film")
