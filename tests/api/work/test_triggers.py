"""Asking for work over HTTP, with Dagster away: kept, told, and launched by nobody yet."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient
from support.making import KEY, Studio
from support.raw_servers import RawServer
from support.schema_answers import answers_with

from aianime_pipeline.db.models import Task
from aianime_pipeline.production.shots.stages import Stage

Person = Callable[[str], TestClient]
Tasks = Callable[[], Sequence[Task]]

EPISODE = f"/api/v1/episodes/{KEY}"


@pytest.mark.parametrize(
    ("path", "body", "action", "settings"),
    [
        ("images", None, "images", {"shots": [], "force": False}),
        ("images", {"shots": [3, 1, 3], "force": True}, "images", {"shots": [1, 3], "force": True}),
        ("videos", {"shots": [2]}, "videos", {"shots": [2], "force": False}),
        ("voices", {}, "voices", {"shots": [], "force": False}),
        ("pipeline", None, "pipeline", {"to": "package", "shots": [], "force": False}),
        ("pipeline", {"to": "images", "shots": [2]}, "pipeline", {"to": "images", "shots": [2], "force": False}),
        ("package", None, "package", {}),
    ],
)
def test_what_is_asked_for_is_a_task_that_says_so(
    three: Studio, person: Person, tasks: Tasks, path: str, body: Any, action: str, settings: dict[str, Any]
) -> None:
    answer = person("director").post(f"{EPISODE}/{path}", json=body, headers={"X-Request-ID": "asked-for-in-this"})
    assert answer.status_code == 202, answer.text
    [task] = tasks()
    assert (task.action, task.settings, task.requested_by) == (action, settings, "director-of-p")
    assert (task.origin, task.request_id, task.state) == ("person", "asked-for-in-this", "waiting")
    shown = answer.json()["task"]
    assert (shown["task"], shown["action"], shown["episode"]) == (task.id, action, KEY)


def test_with_dagster_away_it_is_accepted_queued_and_said_so_without_an_address(three: Studio, person: Person) -> None:
    launch = person("director").post(f"{EPISODE}/images").json()["launch"]
    assert (launch["run_id"], launch["dagster"]) == (None, "away")
    assert launch["why"] == "Dagster cannot be reached now; it is launched as soon as it can"


def test_a_shot_that_is_not_there_makes_no_task(three: Studio, person: Person, tasks: Tasks) -> None:
    answer = person("director").post(f"{EPISODE}/images", json={"shots": [1, 7, 9]})
    assert (answer.status_code, answer.json()["details"]) == (404, {"shots": [7, 9]})
    assert tasks() == []


def test_what_is_asked_for_second_names_what_it_comes_after(three: Studio, person: Person) -> None:
    artist = person("shot_artist")
    first = artist.post(f"{EPISODE}/images").json()["task"]["task"]
    second = artist.post(f"{EPISODE}/videos").json()
    assert (second["before"]["task"], second["before"]["action"]) == (first, "images")
    assert second["launch"]["dagster"] == "away"


def test_what_waits_for_its_turn_while_dagster_is_there_says_so(three: Studio, person: Person) -> None:
    director = person("director")
    director.post(f"{EPISODE}/images")
    with RawServer(answers_with({})) as server:
        three.place.settings = replace(three.place.settings, dagster_url=server.address)
        launches = [director.post(f"{EPISODE}/videos").json()["launch"] for _ in range(3)]
    assert launches == [{"run_id": None, "why": "it is launched when its turn comes", "dagster": None}] * 3
    # How Dagster is was asked once for all of them.
    assert len(server.requests) == 1


def test_an_urgent_wish_goes_first(three: Studio, person: Person, tasks: Tasks) -> None:
    person("director").post(f"{EPISODE}/images", json={"priority": 0})
    assert [task.priority for task in tasks()] == [0]


def test_what_failed_is_asked_for_again_stage_by_stage(three: Studio, person: Person, tasks: Tasks) -> None:
    director = person("director")
    nothing = director.post(f"{EPISODE}/retry-failed")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "ERR_STATE")
    three.make(Stage.IMAGE)
    three.make(Stage.VIDEO)
    with three.place.database.write() as session:
        for number, stage in ((1, Stage.IMAGE), (3, Stage.IMAGE), (2, Stage.VIDEO)):
            session.merge(three.stage_row(number, stage)).state = "failed"
    answer = director.post(f"{EPISODE}/retry-failed", headers={"Idempotency-Key": "again"})
    assert answer.status_code == 202, answer.text
    assert [(task.action, task.settings["shots"]) for task in tasks()] == [("images", [1, 3]), ("videos", [2])]
    assert director.post(f"{EPISODE}/retry-failed", headers={"Idempotency-Key": "again"}).json() == answer.json()
    assert len(tasks()) == 2


def test_a_quote_counts_what_is_due_and_tells_budgets_only_to_who_may_see_usage(three: Studio, person: Person) -> None:
    path = f"{EPISODE}/quote"
    seen = person("director").get(path, params={"to": "images", "shots": [1, 2]})
    assert seen.status_code == 200, seen.text
    counted = {line["capability"]: line["count"] for line in seen.json()["lines"]}
    assert counted["image"] >= 2
    assert "video" not in counted
    assert seen.json()["left_micros"] == {}
    unseen = person("shot_artist").get(path, params={"to": "images", "shots": [1, 2]}).json()
    assert unseen["lines"] == seen.json()["lines"]
    assert (unseen["left_micros"], unseen["over_micros"], unseen["refused"]) == (None, None, None)
    assert person("director").get(path, params={"shots": 9}).status_code == 404


def test_who_is_not_in_the_project_asks_for_nothing(three: Studio, person: Person, tasks: Tasks) -> None:
    assert person("stranger").post(f"{EPISODE}/images").status_code == 404
    assert person("reviewer").post(f"{EPISODE}/images").status_code == 403
    assert tasks() == []
