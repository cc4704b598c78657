"""Tasks over HTTP: listed for who sees their project, with how far they are; cancelled, retried, put first."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from support.making import KEY, Studio

from aianime_pipeline.db.models import StageRun, Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.projects.keeping import get_or_create_project
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Origin, ask_for

Person = Callable[[str], TestClient]
Tasks = Callable[[], Sequence[Task]]
SetTask = Callable[..., None]

IMAGES = f"/api/v1/episodes/{KEY}/images"
TASKS = "/api/v1/tasks"


def ask(studio: Studio, action: TaskAction = TaskAction.IMAGES, **options: Any) -> int:
    with studio.place.database.write() as session:
        about = {"episode": find_episode(session, KEY)} if action not in (TaskAction.REPORT, TaskAction.CLEANUP) else {}
        usual: dict[str, Any] = {"origin": Origin.PERSON, "requested_by": "lin"}
        return ask_for(session, action, **about, **(usual | options)).task.id


def numbers(client: TestClient, **params: Any) -> list[int]:
    answer = client.get(TASKS, params=params)
    assert answer.status_code == 200, answer.text
    return [one["task"] for one in answer.json()["items"]]


def test_each_sees_the_tasks_of_their_projects_and_administrators_those_of_none(three: Studio, person: Person) -> None:
    mine, clean = ask(three), ask(three, TaskAction.CLEANUP)
    with three.place.database.write() as session:
        other = get_or_create_project(session, "other", title=None, language="zh")
        report = ask_for(session, TaskAction.REPORT, project=other, origin=Origin.PERSON, requested_by="wu").task.id
    assert numbers(person("reviewer")) == [mine]
    assert numbers(person("stranger")) == []
    assert numbers(person("admin")) == [report, clean, mine]
    assert numbers(person("reviewer"), project="other") == []
    for hidden in (clean, report):
        assert person("director").get(f"{TASKS}/{hidden}").status_code == 404
        assert person("director").post(f"{TASKS}/{hidden}/cancel").status_code == 404


def test_a_list_is_narrowed_and_comes_in_pages_the_newest_first(
    three: Studio, person: Person, set_task: SetTask
) -> None:
    found = [
        ask(three, action) for action in (TaskAction.IMAGES, TaskAction.VIDEOS, TaskAction.PACKAGE, TaskAction.IMAGES)
    ]
    set_task(found[0], state="done")
    lin = person("director")
    assert numbers(lin, state=["waiting"]) == found[:0:-1]
    assert numbers(lin, state=["done", "failed"]) == found[:1]
    assert numbers(lin, action=["images"]) == [found[3], found[0]]
    assert numbers(lin, episode=KEY, project="p", limit=2) == [found[3], found[2]]
    first = lin.get(TASKS, params={"limit": 3}).json()
    assert numbers(lin, limit=3, cursor=first["next"]) == found[:1]
    assert lin.get(TASKS, params={"state": "asleep"}).status_code == 422


def test_how_far_a_task_is_is_told_from_its_runs_stages(three: Studio, person: Person, set_task: SetTask) -> None:
    task = ask(three)
    waiting = person("reviewer").get(f"{TASKS}/{task}").json()["progress"]
    assert waiting == {"percent": 0.0, "step": "", "seconds_left": None, "stages": []}
    set_task(task, state="running", run_id="r1", started_at=now() - timedelta(seconds=30))
    with three.place.database.write() as session:
        for stage, values in {
            "storyboard": {"ended_at": now()},
            "references": {"ended_at": now()},
            "images": {"total": 4, "made": 1, "kept": 1, "step": "ark is busy until 10:05:12 UTC"},
        }.items():
            session.add(StageRun(run_id="r1", episode_id=three.episode.id, stage=stage, report={}, **values))
    seen = person("reviewer").get(f"{TASKS}/{task}").json()["progress"]
    assert (seen["percent"], seen["step"]) == (83.3, "ark is busy until 10:05:12 UTC")
    assert 5 <= seen["seconds_left"] <= 30
    assert [(stage["stage"], stage["percent"], stage["made"]) for stage in seen["stages"]] == [
        ("storyboard", 100.0, 0), ("references", 100.0, 0), ("images", 50.0, 1),
    ]  # fmt: skip


def test_who_may_cancel_cancels_and_it_is_told_what_that_means(
    three: Studio, person: Person, set_task: SetTask
) -> None:
    task = ask(three)
    assert person("shot_artist").post(f"{TASKS}/{task}/cancel").status_code == 403
    answer = person("director").post(f"{TASKS}/{task}/cancel").json()
    assert (answer["state"], answer["cancel_requested"], answer["stops_automatic_work"]) == (
        "cancelled", "director-of-p", False,
    )  # fmt: skip
    again = person("director").post(f"{TASKS}/{task}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "ERR_STATE")
    automatic = ask(three, origin=Origin.SENSOR, requested_by="the pipeline")
    assert person("director").post(f"{TASKS}/{automatic}/cancel").json()["stops_automatic_work"] is True


@pytest.mark.parametrize(
    ("state", "reason", "allowed"),
    [("failed", "refused", True), ("cancelled", "", True), ("done", "done, but shot 3 (image) failed", True),
     ("done", "", False), ("running", "", False), ("waiting", "", False)],
)  # fmt: skip
def test_what_has_ended_short_of_its_aim_is_asked_for_again(
    three: Studio, person: Person, tasks: Tasks, set_task: SetTask, state: str, reason: str, allowed: bool
) -> None:
    first = ask(three, settings={"shots": [2, 3]}, priority=0)
    set_task(first, state=state, reason=reason)
    answer = person("director").post(f"{TASKS}/{first}/retry")
    assert answer.status_code == (202 if allowed else 409), answer.text
    if allowed:
        new = tasks()[1]
        assert (new.action, new.settings, new.priority) == ("images", {"shots": [2, 3], "force": False}, 0)
        assert (new.why, new.requested_by) == (f"task {first} again", "director-of-p")


def test_a_retry_of_what_was_to_be_made_anew_goes_on_with_the_first_of_its_chain(
    three: Studio, person: Person, tasks: Tasks, set_task: SetTask
) -> None:
    first = ask(three, settings={"force": True})
    for _ in range(2):
        set_task(tasks()[-1].id, state="failed", reason="refused")
        assert person("director").post(f"{TASKS}/{tasks()[-1].id}/retry").status_code == 202
    assert [task.settings.get("retry_of") for task in tasks()] == [None, first, first]


def test_the_retry_of_an_export_is_refused_while_its_gate_is_closed(
    three: Studio, person: Person, tasks: Tasks, set_task: SetTask
) -> None:
    failed = ask(three, TaskAction.EXPORT)
    set_task(failed, state="failed", reason="refused")
    answer = person("director").post(f"{TASKS}/{failed}/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "ERR_FILM_NOT_READY")
    assert len(tasks()) == 1


def test_a_task_that_waits_is_put_first_and_one_that_runs_is_not(
    three: Studio, person: Person, set_task: SetTask
) -> None:
    task, director = ask(three), person("director")
    assert director.patch(f"{TASKS}/{task}", json={"priority": 0}).json()["priority"] == 0
    set_task(task, state="running")
    assert director.patch(f"{TASKS}/{task}", json={"priority": 2}).status_code == 409
    assert director.patch(f"{TASKS}/{task}", json={"priority": 3}).status_code == 422
    assert person("post").patch(f"{TASKS}/{task}", json={"priority": 2}).status_code == 403
