"""Budgets over HTTP."""

import pytest
from support.callers import Callers
from support.spending import ask, budget

from aianime_pipeline.errors import BudgetExceededError, BudgetMissingError
from aianime_pipeline.production.installation import Installation

MONTH = "/api/v1/projects/moonlit/budgets/month/CNY"
LIMIT = {"limit_micros": 100_000_000}


def test_a_projects_budget_says_what_is_reserved_spent_and_left(place: Installation, callers: Callers) -> None:
    director, admin = callers.person("director"), callers.person("admin")
    made = admin.put(MONTH, json=LIMIT)
    assert made.status_code == 200, made.text
    assert (made.json()["hard"], made.json()["left_micros"], made.json()["used_percent"]) == (True, 100_000_000, 0.0)
    ask(place.database, callers.project(), 25_500_000)
    (found,) = director.get("/api/v1/projects/moonlit/budgets").json()["items"]
    assert (found["reserved_micros"], found["spent_micros"], found["left_micros"]) == (25_500_000, 0, 74_500_000)
    assert (found["subject"], found["period"], found["currency"], found["used_percent"]) == (
        "moonlit", "month", "CNY", 25.5,
    )  # fmt: skip
    changed = admin.put(MONTH, json={"limit_micros": 25_000_000, "hard": False}).json()
    assert (changed["left_micros"], changed["used_percent"], changed["hard"]) == (-500_000, 102.0, False)
    assert admin.delete(MONTH).status_code == 204
    assert admin.delete(MONTH).status_code == 404
    assert director.get("/api/v1/projects/moonlit/budgets").json()["items"] == []


def test_a_budget_of_nothing_is_used_up_by_anything(place: Installation, callers: Callers) -> None:
    director = callers.person("director")
    assert callers.person("admin").put(MONTH, json={"limit_micros": 0, "hard": False}).json()["used_percent"] == 0.0
    ask(place.database, callers.project(), 1)
    assert director.get("/api/v1/projects/moonlit/budgets").json()["items"][0]["used_percent"] == 100.0


def test_budgets_of_other_projects_and_of_the_organisation_do_not_show(place: Installation, callers: Callers) -> None:
    director, harbour = callers.person("director"), callers.person("director", "harbour")
    budget(place.database, "harbour", 10)
    budget(place.database, "studio", 1_000, scope="organisation")
    assert director.get("/api/v1/projects/moonlit/budgets").json()["items"] == []
    assert [one["subject"] for one in harbour.get("/api/v1/projects/harbour/budgets").json()["items"]] == ["harbour"]
    for person in ("director", "stranger"):
        assert callers.person(person).get("/api/v1/projects/harbour/budgets").status_code == 404
    assert callers.person("reviewer").get("/api/v1/projects/moonlit/budgets").status_code == 403


def test_who_spends_does_not_say_how_much_may_be_spent(callers: Callers) -> None:
    for person in ("director", "post", "stranger"):
        assert callers.person(person).put(MONTH, json=LIMIT).status_code == 403
        assert callers.person(person).delete(MONTH).status_code == 403


def test_an_organisation_has_a_budget_before_it_has_projects(callers: Callers) -> None:
    admin, path = callers.person("admin"), "/api/v1/organisations/harbour film/budgets/month/CNY"
    assert admin.put(path, json=LIMIT).status_code == 404
    admin.post("/api/v1/organisations", json={"name": "harbour film"})
    made = admin.put(path, json=LIMIT)
    assert (made.status_code, made.json()["subject"], made.json()["spent_micros"]) == (200, "harbour film", 0)


def test_the_budget_of_the_organisation_that_a_project_came_to_counts_what_it_spends(
    place: Installation, callers: Callers
) -> None:
    admin = callers.person("admin")
    admin.post("/api/v1/organisations", json={"name": "harbour film"})
    admin.put("/api/v1/organisations/harbour film/budgets/month/CNY", json=LIMIT)
    made = admin.post("/api/v1/projects", json={"slug": "boat", "organisation": "harbour film"})
    assert (made.status_code, made.json()["organisation"]) == (201, "harbour film")
    ask(place.database, callers.project("boat"), 40_000_000)
    (found,) = admin.get("/api/v1/organisations/harbour film/budgets").json()["items"]
    assert found["reserved_micros"] == 40_000_000
    with pytest.raises(BudgetExceededError):
        ask(place.database, callers.project("boat"), 70_000_000)


def test_a_project_that_anybody_made_spends_nothing_before_an_administrator_says_how_much(
    place: Installation, callers: Callers
) -> None:
    stranger, admin = callers.person("stranger"), callers.person("admin")
    callers.person("director")  # the project that they are in is the studio's
    budget(place.database, "studio", 1_000, scope="organisation")
    assert stranger.post("/api/v1/projects", json={"slug": "boat"}).json()["organisation"] is None
    for micros in (1, None):
        with pytest.raises(BudgetMissingError) as caught:
            ask(place.database, callers.project("boat"), micros)
        assert caught.value.details == {"project": "boat"}
    assert ask(place.database, callers.project("boat"), 0), "what costs nothing needs no budget"
    own = "/api/v1/projects/boat/budgets/month/CNY"
    assert stranger.put(own, json=LIMIT).status_code == 403
    assert admin.put(own, json=LIMIT).status_code == 200
    ask(place.database, callers.project("boat"), 1)
    assert admin.delete(own).status_code == 204
    with pytest.raises(BudgetMissingError):
        ask(place.database, callers.project("boat"), 1)


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
    assert callers.person("admin").put(path, json=body).status_code == 422
