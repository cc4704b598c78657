"""Exports over HTTP: refused before there is a task, done by the run of one, and then found with their files."""

from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.making import KEY, Studio

from aianime_pipeline.db.models import CompositeTask, Event, Export, Task
from aianime_pipeline.production.shots.stages import Stage

Person = Callable[[str], TestClient]
Tasks = Callable[[], Sequence[Task]]
SetTask = Callable[..., None]
RunTask = Callable[[int], dg.ExecuteInProcessResult]

EXPORTS = f"/api/v1/episodes/{KEY}/exports"


@pytest.fixture
def made(three: Studio) -> Studio:
    three.make_all()
    return three


def test_an_export_is_a_task_whose_run_makes_it_and_its_files_are_found(
    made: Studio, person: Person, run_task: RunTask
) -> None:
    post = person("post")
    asked = post.post(EXPORTS, json={"preset": "preview-480p", "formats": ["otio"]})
    assert asked.status_code == 202, asked.text
    task = asked.json()["task"]
    assert (task["action"], task["result_url"]) == ("export", None)
    assert task["settings"] == {"preset": "preview-480p", "draft": False, "formats": ["otio"]}
    assert run_task(task["task"]).success
    seen = post.get(f"/api/v1/tasks/{task['task']}").json()
    assert (seen["state"], seen["progress"]["percent"]) == ("done", 100.0)
    assert [stage["stage"] for stage in seen["progress"]["stages"]] == ["film"]
    export = post.get(seen["result_url"]).json()
    assert (export["state"], export["percent"], export["name"]) == ("done", 100.0, "preview-480p")
    assert (export["requested_by"], export["draft"]) == ("post-of-p", False)
    assert {file["kind"] for file in export["files"]} >= {"film", "edit.otio"}
    for file in export["files"]:
        assert post.head(file["url"]).status_code == 200, file
    assert post.get(EXPORTS).json()["items"] == [export]


def test_an_export_whose_process_is_gone_has_failed_though_nobody_has_said_so(made: Studio, person: Person) -> None:
    made.export()
    with made.place.database.write() as session:
        session.scalars(sa.select(CompositeTask)).one().claimed_by = "nobody"
        session.scalars(sa.select(Export)).one().state = "exporting"
    (seen,) = person("post").get(EXPORTS).json()["items"]
    assert (seen["state"], seen["reason"]) == ("failed", "The process that exported it is gone.")
    assert (seen["percent"], seen["files"]) == (0.0, [])


def test_a_closed_gate_is_refused_with_the_shots_that_wait_and_there_is_no_task(
    three: Studio, person: Person, tasks: Tasks
) -> None:
    three.make(Stage.IMAGE)
    answer = person("post").post(EXPORTS)
    assert (answer.status_code, answer.json()["code"]) == (409, "ERR_FILM_NOT_READY")
    assert {one["shot"] for one in answer.json()["details"]["waiting"]} == {1, 2, 3}
    assert tasks() == []
    assert person("post").post(EXPORTS, json={"draft": True}).status_code == 202


def test_a_second_export_is_refused_while_one_waits_or_runs_and_names_it(
    made: Studio, person: Person, tasks: Tasks, set_task: SetTask
) -> None:
    post = person("post")
    first = post.post(EXPORTS).json()["task"]["task"]
    for state in ("waiting", "launching", "running"):
        set_task(first, state=state)
        second = post.post(EXPORTS, json={"preset": "vertical-1080p"})
        assert (second.status_code, second.json()["code"]) == (409, "ERR_WORK_HELD")
        assert second.json()["details"]["task"] == first
    set_task(first, state="done")
    assert post.post(EXPORTS).status_code == 202
    assert len(tasks()) == 2


def test_an_export_that_another_process_is_at_is_told(made: Studio, person: Person, tasks: Tasks) -> None:
    run = made.run()
    with made.place.database.write() as session:
        session.add(CompositeTask(episode_id=made.episode.id, report={}, state="exporting", claimed_by=run.worker_id))
    answer = person("post").post(EXPORTS)
    assert (answer.status_code, answer.json()["details"]["run_id"]) == (409, run.run_id)
    assert tasks() == []
    film = person("reviewer").get(f"/api/v1/episodes/{KEY}/film").json()
    assert (film["state"], film["waiting"]) == ("exporting", [])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"preset": "no-such"}, 404, "ERR_NOT_FOUND"),
        ({"formats": ["pdf"]}, 422, "ERR_VALIDATION"),
        ({"preset": "a/b"}, 422, "ERR_VALIDATION"),
    ],
)
def test_what_there_is_not_makes_no_task(
    made: Studio, person: Person, tasks: Tasks, body: Any, status: int, code: str
) -> None:
    answer = person("post").post(EXPORTS, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert tasks() == []


def test_an_episode_without_shots_has_nothing_to_export(studio: Studio, person: Person, tasks: Tasks) -> None:
    from aianime_pipeline.production.episodes.rows import get_or_create_episode
    from aianime_pipeline.production.projects.keeping import get_or_create_project

    with studio.place.database.write() as session:
        project = get_or_create_project(session, "p", title=None, language="zh")
        get_or_create_episode(session, project, 2, "")
    answer = person("post").post("/api/v1/episodes/p-e002/exports")
    assert (answer.status_code, answer.json()["code"]) == (409, "ERR_STATE")
    assert person("post").get("/api/v1/episodes/p-e002/timeline").status_code == 422


def test_an_export_that_waits_is_cancelled_at_once_and_one_that_runs_is_asked_to_stop(
    made: Studio, person: Person, tasks: Tasks, set_task: SetTask
) -> None:
    post = person("post")
    nothing = post.post(f"{EXPORTS}/cancel")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "ERR_STATE")
    post.post(EXPORTS)
    assert post.post(f"{EXPORTS}/cancel").json()["task"]["state"] == "cancelled"
    running = post.post(EXPORTS).json()["task"]["task"]
    set_task(running, state="running", run_id="r1")
    run = made.run()
    with made.place.database.write() as session:
        composite = session.scalars(sa.select(CompositeTask)).one()
        composite.state, composite.claimed_by = "exporting", run.worker_id
    assert post.post(f"{EXPORTS}/cancel").json()["task"]["cancel_requested"] == "post-of-p"
    with made.place.database.read() as session:
        assert session.scalars(sa.select(CompositeTask)).one().cancel_requested == "post-of-p"


def test_exports_are_deleted_but_not_the_film(made: Studio, person: Person) -> None:
    film, other = made.export(), made.export(draft=True)
    post = person("post")
    assert post.delete(f"/api/v1/exports/{other.export_id}").status_code == 204
    assert post.get(f"/api/v1/exports/{other.export_id}").status_code == 404
    kept = post.delete(f"/api/v1/exports/{film.export_id}")
    assert (kept.status_code, kept.json()["code"]) == (409, "ERR_STATE")
    assert [one["export"] for one in post.get(EXPORTS).json()["items"]] == [film.export_id]


def test_a_gate_that_closes_before_the_run_begins_fails_the_run_with_the_reason(
    made: Studio, person: Person, run_task: RunTask
) -> None:
    task = person("post").post(EXPORTS).json()["task"]["task"]
    with made.place.database.write() as session:
        session.merge(made.stage_row(2, Stage.VIDEO)).state = "failed"
    assert not run_task(task).success
    with made.place.database.read() as session:
        assert session.get_one(Task, task).result == {}
        assert [row for row in session.scalars(sa.select(Event)) if row.kind == "film"] == []
