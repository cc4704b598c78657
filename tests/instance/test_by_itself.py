"""The pipeline runs itself: the daemon asks for what is due, launches it, and takes it over from the dead."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from support.dagster_ui import DagsterUI, poll
from support.instance import Instance, requests_of, words_of
from support.quick_provider import Steering

from aianime_pipeline.db.models import Task
from aianime_pipeline.production.episodes.rows import find_episode

pytestmark = pytest.mark.instance

Found = TypeVar("Found")
_SECONDS = 240


def until(what: str, look: Callable[[], Found | None], seconds: int = _SECONDS) -> Found:
    return poll(look, what, seconds=seconds)


def states(instance: Instance, episode: str, stage: str) -> dict[int, str]:
    return {shot["number"]: shot[stage] for shot in instance.status_of(episode)["shots"]}


def tasks_of(instance: Instance, episode: str) -> list[Task]:
    with instance.place.database.read() as session:
        found = find_episode(session, episode)
        return list(session.scalars(sa.select(Task).where(Task.episode_id == found.id).order_by(Task.id)))


def ended(instance: Instance, task: int) -> Callable[[], dict[str, Any] | None]:
    def look() -> dict[str, Any] | None:
        document: dict[str, Any] = instance.command("task", "show", str(task))
        return document if document["finished_at"] is not None else None

    return look


def test_an_episode_goes_from_import_to_zip_while_a_person_only_approves_and_rejects(
    instance: Instance, ui: DagsterUI
) -> None:
    [episode] = instance.put_shots(
        "by-itself",
        4,
        review_image="ai_then_human",
        review_video="ai_then_human",
        auto_make=True,
        auto_export=True,
        auto_package=True,
    )
    # The pictures are blank: the AI reviewer leaves every one of them to a person.
    until("images", lambda: set(states(instance, episode, "image").values()) == {"human_review"} or None)
    instance.command("review", episode, "--stage", "images", "--reject", "2", "--reason", "more light")
    instance.command("review", episode, "--stage", "images", "--approve", "1,3,4")
    until("a retake", lambda: states(instance, episode, "image")[2] == "human_review" or None)
    instance.command("review", episode, "--stage", "images", "--approve", "all")
    until("videos", lambda: set(states(instance, episode, "video").values()) == {"human_review", "skipped"} or None)
    instance.command("review", episode, "--stage", "videos", "--approve", "all")
    until("the ZIP", lambda: instance.status_of(episode)["package"])

    for shot in (1, 3, 4):
        assert instance.asked_for(words_of(episode, shot)) == requests_of(episode, [shot])
    # One image more: the retake.
    assert len(instance.asked_for(episode)) == len(requests_of(episode, range(1, 5))) + 1
    tasks = tasks_of(instance, episode)
    assert {task.state for task in tasks} <= {"waiting", "launching", "running", "done"}
    assert {task.requested_by for task in tasks} == {"automation"}
    # Images, the retake with videos, the other video, film and ZIP: not a run for each verdict.
    assert len(tasks) <= 6
    runs = [ui.run(task.run_id) for task in tasks if task.run_id is not None]
    assert {run.tags["aianime/episode"] for run in runs} == {episode}


def test_what_a_person_asks_for_is_launched_at_once_and_comes_to_its_end(instance: Instance) -> None:
    [episode] = instance.put_shots("asked-for", 2)
    asked = instance.command("ask", "images", episode)
    assert asked["state"] == "running"
    assert asked["run_id"] is not None
    done = until("the images", ended(instance, asked["task"]))
    assert done["state"] == "done"
    assert set(states(instance, episode, "image").values()) == {"approved"}


def test_who_asks_for_what_is_being_made_is_told_by_whom_and_comes_after(
    instance: Instance, steering: Steering
) -> None:
    [episode] = instance.put_shots("busy", 2)
    steering.hold("image", words_of(episode, 1))
    first = instance.command("ask", "images", episode)
    second = instance.command("ask", "videos", episode)
    assert second["state"] == "waiting"
    assert second["before"]["task"] == first["task"]
    assert second["before"]["requested_by"] == first["requested_by"]
    steering.let_go()
    assert until("the videos", ended(instance, second["task"]))["state"] == "done"
    assert instance.asked_for(words_of(episode, 1)) == [f"{made} {words_of(episode, 1)}" for made in ("image", "video")]


def test_a_run_whose_process_was_killed_is_found_and_its_task_goes_on_where_it_stopped(
    instance: Instance, ui: DagsterUI, steering: Steering
) -> None:
    [episode] = instance.put_shots("killed", 3)
    held = words_of(episode, 2)
    steering.hold("image", held)
    asked = instance.command("ask", "images", episode)
    worker = until("a worker", lambda: instance.worker_of(asked["run_id"]))
    until("the others", lambda: states(instance, episode, "image")[3] == "approved" or None)
    os.kill(worker.pid, signal.SIGKILL)
    steering.let_go()
    done = until("the task", ended(instance, asked["task"]))
    assert done["state"] == "done"
    assert done["attempt"] == 2
    assert ui.run(asked["run_id"]).status == "FAILURE"
    assert instance.asked_for(words_of(episode, 3))[0] == f"image {words_of(episode, 3)}"
    assert set(states(instance, episode, "image").values()) == {"approved"}


def test_a_task_that_is_cancelled_has_its_run_ended_and_keeps_what_it_made(
    instance: Instance, steering: Steering
) -> None:
    [episode] = instance.put_shots("cancelled", 2)
    steering.hold("image", words_of(episode, 2))
    asked = instance.command("ask", "images", episode)
    until("the first", lambda: states(instance, episode, "image")[1] == "approved" or None)
    instance.command("task", "cancel", str(asked["task"]))
    done = until("the end", ended(instance, asked["task"]))
    assert done["state"] == "cancelled"
    assert states(instance, episode, "image") == {1: "approved", 2: "pending"}


def test_a_schedule_fires_when_its_minute_comes_and_once(instance: Instance) -> None:
    [episode] = instance.put_shots("scheduled", 1)
    minute = time.gmtime(time.time() + 60)
    instance.command(
        "schedule", "add", "soon", "--project", "scheduled", "--cron", f"{minute.tm_min} {minute.tm_hour} * * *",
        "--zone", "UTC", "--action", "images",
    )  # fmt: skip
    [task] = until("the task", lambda: tasks_of(instance, episode) or None)
    assert task.origin == "schedule"
    assert task.created_at.strftime("%H:%M") == time.strftime("%H:%M", minute)
    assert until("its end", ended(instance, task.id))["state"] == "done"
    assert [one.id for one in tasks_of(instance, episode)] == [task.id]
