"""Budgets over HTTP."""

import pytest
from support.callers import Callers
from support.spending import ask, budget

from aianime_pipeline.production.installation import Installation

MONTH = "/api/v1/projects/moonlit/budgets/month/CNY"
LIMIT = {"limit_micros": 100_000_000}


def test_a_projects_budget_says_what_is_reserved_spent_and_left(place: Installation, callers: Callers) -> None:
    director = callers.person("director")
    made = director.put(MONTH, json=LIMIT)
    assert made.status_code == 200, made.text
    assert (made.json()["hard"], made.json()["left_micros"], made.json()["used_percent"]) == (True, 100_000_000, 0.0)
    ask(place.database, callers.project(), 25_500_000)
    (found,) = director.get("/api/v1/projects/moonlit/budgets").json()["items"]
    assert (found["reserved_micros"], found["spent_micros"], found["left_micros"]) == (25_500_000, 0, 74_500_000)
    assert (found["subject"], found["period"], found["currency"], found["used_percent"]) == (
        "moonlit", "month", "CNY", 25.5,
    )  # fmt: skip
    changed = director.put(MONTH, json={"limit_micros": 25_000_000, "hard": False}).json()
    assert (changed["left_micros"], changed["used_percent"], changed["hard"]) == (-500_000, 102.0, False)
    assert director.delete(MONTH).status_code == 204
    assert director.delete(MONTH).status_code == 404
    assert director.get("/api/v1/projects/moonlit/budgets").json()["items"] == []


def test_a_budget_of_nothing_is_used_up_by_anything(place: Installation, callers: Callers) -> None:
    director = callers.person("director")
    assert director.put(MONTH, json={"limit_micros": 0, "hard": False}).json()["used_percent"] == 0.0
    ask(place.database, callers.project(), 1)
    assert director.get("/api/v1/projects/moonlit/budgets").json()["items"][0]["used_percent"] == 100.0


def test_budgets_of_other_projects_and_of_the_organisation_do_not_show(place: Installation, callers: Callers) -> None:
    director, harbour = callers.person("director"), callers.person("director", "harbour")
    budget(place.database, "harbour", 10)
    budget(place.database, "studio", 1_000, scope="organisation")
    assert director.get("/api/v1/projects/moonlit/budgets").json()["items"] == []
    assert [one["subject"] for one in harbour.get("/api/v1/projects/harbour/budgets").json()["items"]] == ["harbour"]
    for method, path in (
        ("get", "/api/v1/projects/harbour/budgets"),
        ("put", "/api/v1/projects/harbour/budgets/month/CNY"),
        ("delete", "/api/v1/projects/harbour/budgets/month/CNY"),
    ):
        for person in ("director", "stranger"):
            answer = callers.person(person).request(method, path, json=LIMIT if method == "put" else None)
            assert answer.status_code == 404, (method, person)
    assert callers.person("reviewer").get("/api/v1/projects/moonlit/budgets").status_code == 403
    assert callers.person("post").put(MONTH, json=LIMIT).status_code == 403


def test_organisations_budgets_are_an_administrators(callers: Callers) -> None:
    admin, director = callers.person("admin"), callers.person("director")
    path = "/api/v1/organisations/studio/budgets"
    assert director.get(path).status_code == 403
    assert director.get("/api/v1/budgets").status_code == 403
    assert director.put(f"{path}/total/CNY", json=LIMIT).status_code == 403
    assert admin.put(f"{path}/total/CNY", json=LIMIT).json()["current"] == "total"
    assert admin.put(MONTH, json=LIMIT).json()["scope"] == "project"
    assert [one["scope"] for one in admin.get(path).json()["items"]] == ["organisation"]
    first = admin.get("/api/v1/budgets", params={"limit": 1}).json()
    second = admin.get("/api/v1/budgets", params={"limit": 1, "cursor": first["next"]}).json()
    assert [one["scope"] for one in first["items"] + second["items"]] == ["organisation", "project"]
    assert second["next"] is None
    assert admin.put("/api/v1/organisations/nobody/budgets/total/CNY", json=LIMIT).status_code == 404
    assert admin.delete(f"{path}/total/CNY").status_code == 204


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (MONTH, {"limit_micros": -1}),
        (MONTH, {"limit_micros": 2**63}),
        (MONTH, {"limit_micros": "100"}),
        (MONTH, {"limit_micros": 1, "colour": "red"}),
        (MONTH.replace("month", "week"), LIMIT),
        (MONTH.replace("CNY", "yuan"), LIMIT),
    ],
)
def test_what_is_no_budget_is_refused(callers: Callers, path: str, body: dict[str, object]) -> None:
    assert callers.person("director").put(path, json=body).status_code == 422
