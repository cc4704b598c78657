"""Schedules over HTTP: of a project by who may, of the installation by administrators, changed by who is up to date."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from starlette.testclient import TestClient
from support.making import Studio

Person = Callable[[str], TestClient]

OF_PROJECT = "/api/v1/projects/p/schedules"
NIGHTLY: dict[str, Any] = {
    "name": "nightly 夜", "cron": "0 3 * * *", "time_zone": "Asia/Shanghai", "action": "images",
    "settings": {"episodes": "1-3"},
}  # fmt: skip
CLEAN: dict[str, Any] = {"name": "clean", "cron": "0 4 * * SUN", "time_zone": "UTC", "action": "cleanup"}


def test_a_schedule_is_created_with_its_next_five_times_changed_and_deleted(three: Studio, person: Person) -> None:
    director = person("director")
    made = director.post(OF_PROJECT, json=NIGHTLY)
    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["project"], shown["revision"], shown["created_by"]) == ("p", 1, "director-of-p")
    assert shown["settings"] == {"episodes": "1-3", "force": False, "shots": []}
    times = [datetime.fromisoformat(one) for one in shown["next"]]
    assert len(times) == 5
    assert times == sorted(times)
    assert {(one.hour, one.utcoffset().total_seconds()) for one in times} == {(3, 8 * 3600)}  # type: ignore[union-attr]
    path = f"/api/v1/schedules/{shown['name']}"
    assert person("reviewer").get(path).json() == shown
    changed = director.patch(path, json={"revision": 1, "cron": "30 5 * * *", "settings": {"force": True}}).json()
    assert (changed["revision"], changed["settings"]["force"]) == (2, True)
    assert changed["settings"]["episodes"] == "1-3"
    late = director.patch(path, json={"revision": 1, "enabled": False})
    assert (late.status_code, late.json()["code"]) == (409, "ERR_STALE_VERSION")
    assert director.delete(path, params={"revision": 1}).status_code == 409
    assert director.patch(path, json={"revision": 2, "enabled": False}).json()["next"] == []
    assert director.delete(path, params={"revision": 3}).status_code == 204
    assert director.get(path).status_code == 404


def test_schedules_of_the_installation_are_the_administrators(three: Studio, person: Person) -> None:
    admin, director = person("admin"), person("director")
    assert admin.post("/api/v1/schedules", json=CLEAN).status_code == 201
    assert director.post("/api/v1/schedules", json=CLEAN).status_code == 403
    assert director.get("/api/v1/schedules").status_code == 403
    assert director.get("/api/v1/schedules/clean").status_code == 404
    assert director.delete("/api/v1/schedules/clean").status_code == 404
    director.post(OF_PROJECT, json=NIGHTLY)
    assert [one["name"] for one in admin.get("/api/v1/schedules").json()["items"]] == ["clean"]
    assert [one["name"] for one in director.get(OF_PROJECT).json()["items"]] == [NIGHTLY["name"]]


def test_a_projects_schedule_never_becomes_one_of_the_installation(three: Studio, person: Person) -> None:
    director = person("director")
    name = director.post(OF_PROJECT, json=NIGHTLY).json()["name"]
    answer = director.patch(f"/api/v1/schedules/{name}", json={"revision": 1, "action": "cleanup"})
    assert (answer.status_code, answer.json()["code"]) == (422, "ERR_SETTING")
    assert director.post(OF_PROJECT, json=CLEAN).status_code == 422
    moved = director.patch(f"/api/v1/schedules/{name}", json={"revision": 1, "action": "film"}).json()
    assert (moved["action"], moved["project"], moved["settings"]) == ("film", "p", {"episodes": "1-3"})


def test_a_name_that_is_taken_in_whatever_project_is_told_without_saying_where(three: Studio, person: Person) -> None:
    admin, director = person("admin"), person("director")
    assert admin.post("/api/v1/schedules", json=CLEAN).status_code == 201
    answer = director.post(OF_PROJECT, json=NIGHTLY | {"name": CLEAN["name"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "ERR_SCHEDULE_EXISTS")
    assert answer.json()["details"] == {"name": CLEAN["name"]}


@pytest.mark.parametrize(
    "wrong",
    [{"cron": "61 * * * *"}, {"time_zone": "Mars/Base"}, {"settings": {"dry_run": True}}, {"grace_seconds": 1},
     {"settings": {"episodes": "9-3"}}, {"name": "a/b"}, {"catch_up": "some"}, {"project": "q"}],
)  # fmt: skip
def test_what_cannot_be_evaluated_is_refused(three: Studio, person: Person, wrong: dict[str, Any]) -> None:
    assert person("director").post(OF_PROJECT, json=NIGHTLY | wrong).status_code == 422


def test_only_who_plans_the_project_makes_schedules(three: Studio, person: Person) -> None:
    assert person("shot_artist").post(OF_PROJECT, json=NIGHTLY).status_code == 403
    assert person("stranger").get(OF_PROJECT).status_code == 404
