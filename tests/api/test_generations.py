"""Generations over HTTP: who sees which, and a person's word on the ambiguous ones."""

from typing import Any

import sqlalchemy as sa
from support.callers import Callers
from support.spending import add_generation, ask, budget, use, used

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Episode, Generation, ProviderUsage
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.installation import Installation

GENERATIONS = "/api/v1/generations"


def add(place: Installation, callers: Callers, project: str = "moonlit", **values: Any) -> int:
    with place.database.write() as session:
        return add_generation(session, callers.project(project), **values).id


def add_installations_own(place: Installation, **values: Any) -> int:
    with place.database.write() as session:
        row = Generation(
            capability="text", provider="ark", model="m", request_digest="", run_id="r", worker_id="w", **values
        )
        session.add(row)
        session.flush()
        return row.id


def listed(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


def test_everybody_sees_those_of_their_projects_and_an_administrator_all(place: Installation, callers: Callers) -> None:
    reviewer, other = callers.person("reviewer"), callers.person("director", "harbour")
    own, foreign = add(place, callers), add(place, callers, "harbour")
    nobodys = add_installations_own(place)
    assert listed(reviewer.get(GENERATIONS)) == [own]
    assert listed(other.get(GENERATIONS)) == [foreign]
    assert listed(callers.person("stranger").get(GENERATIONS)) == []
    assert listed(callers.person("admin").get(GENERATIONS)) == [nobodys, foreign, own]
    assert listed(callers.key("admin", [Action.VIEW]).get(GENERATIONS)) == [foreign, own]
    assert callers.key("director", [Action.DOWNLOAD]).get(GENERATIONS).status_code == 403
    for generation in (foreign, nobodys, 999_999):
        assert reviewer.get(f"{GENERATIONS}/{generation}").status_code == 404
    assert reviewer.get(f"{GENERATIONS}/{own}").json()["project"] == "moonlit"
    assert callers.person("admin").get(f"{GENERATIONS}/{nobodys}").json()["project"] is None
    for name, value in (("project", "harbour"), ("episode", "harbour-e001"), ("project", "nowhere")):
        assert reviewer.get(GENERATIONS, params={name: value}).status_code == 404


def test_the_list_is_filtered_and_paged_with_the_newest_first(place: Installation, callers: Callers) -> None:
    director = callers.person("director")
    project = callers.project()
    with place.database.write() as session:
        episode = Episode(project_id=project.id, number=7, key="moonlit-e007")
        session.add(episode)
        session.flush()
        row = add_generation(session, project, episode_id=episode.id, state="succeeded", error="", provider="kling")
        use(session, row, 1_500_000, now())
        settled = row.id
    waiting = [add(place, callers, state="ambiguous") for _ in range(3)]
    assert listed(director.get(GENERATIONS, params={"state": "ambiguous"})) == waiting[::-1]
    assert listed(director.get(GENERATIONS, params={"episode": "moonlit-e007"})) == [settled]
    assert listed(director.get(GENERATIONS, params={"provider": "kling", "project": "moonlit"})) == [settled]
    first = director.get(GENERATIONS, params={"limit": 3}).json()
    second = director.get(GENERATIONS, params={"limit": 3, "cursor": first["next"]}).json()
    assert [one["id"] for one in first["items"] + second["items"]] == [*waiting[::-1], settled]
    (shown,) = second["items"]
    assert (shown["episode"], shown["cost_micros"], shown["currency"]) == ("moonlit-e007", 1_500_000, "CNY")
    assert first["items"][0]["cost_micros"] is None
    assert director.get(GENERATIONS, params={"state": "lost"}).status_code == 422


def test_a_persons_word_ends_what_is_ambiguous(place: Installation, callers: Callers) -> None:
    director = callers.person("director")
    budget(place.database, "moonlit", 100)
    expected = {"images": 1}
    charged, free, goes_on = (
        ask(place.database, callers.project(), 1_000_000, state="ambiguous", expected=expected) for _ in range(3)
    )
    answer = director.post(f"{GENERATIONS}/{charged}/resolution", json={"resolution": "charged"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["cost_micros"]) == ("failed", 1_000_000)
    assert (answer.json()["resolution"], answer.json()["resolved_by"]) == ("charged", "director-of-moonlit")
    assert used(place.database, "moonlit") == (1.0, 2.0)
    director.post(f"{GENERATIONS}/{free}/resolution", json={"resolution": "not_charged"})
    assert used(place.database, "moonlit") == (1.0, 1.0)
    word = {"resolution": "charged", "job": "cgt-1"}
    assert director.post(f"{GENERATIONS}/{goes_on}/resolution", json=word).json()["state"] == "submitted"
    again = director.post(f"{GENERATIONS}/{free}/resolution", json={"resolution": "charged"})
    assert (again.status_code, again.json()["code"]) == (409, "ERR_STATE")
    assert director.post(f"{GENERATIONS}/{free}/cancel").status_code == 409


def test_only_who_may_resolve_does_and_nobody_what_is_another_projects(place: Installation, callers: Callers) -> None:
    callers.person("director"), callers.person("director", "harbour")
    own = add(place, callers, state="ambiguous")
    nobodys = add_installations_own(place, state="ambiguous")
    word = {"resolution": "not_charged"}
    for action in ("resolution", "cancel"):
        path = f"{GENERATIONS}/{own}/{action}"
        body = word if action == "resolution" else None
        assert callers.person("reviewer").post(path, json=body).status_code == 403
        assert callers.person("stranger").post(path, json=body).status_code == 404
        assert callers.person("director", "harbour").post(path, json=body).status_code == 404
        nobodys_path = f"{GENERATIONS}/{nobodys}/{action}"
        assert callers.person("director").post(nobodys_path, json=body).status_code == 404
    with place.database.read() as session:
        assert set(session.scalars(sa.select(Generation.state))) == {"ambiguous"}
    admin = callers.person("admin")
    lost = admin.post(f"{GENERATIONS}/{nobodys}/resolution", json={"resolution": "charged"})
    assert lost.status_code == 409, "there is no project that it could be counted for"
    assert admin.post(f"{GENERATIONS}/{nobodys}/resolution", json=word).json()["state"] == "failed"
    with place.database.read() as session:
        assert session.scalars(sa.select(ProviderUsage)).all() == []


def test_what_was_not_charged_has_no_job(place: Installation, callers: Callers) -> None:
    callers.person("director")
    own = add(place, callers, state="ambiguous")
    body = {"resolution": "not_charged", "job": "cgt-1"}
    answer = callers.person("director").post(f"{GENERATIONS}/{own}/resolution", json=body)
    assert (answer.status_code, answer.json()["details"]) == (422, {"field": "job"})
