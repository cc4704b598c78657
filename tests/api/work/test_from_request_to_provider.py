"""One id from the request's header to the provider's calls; and a retry that pays for nothing twice."""

from collections.abc import Callable, Sequence

import dagster as dg
import pytest
import sqlalchemy as sa
import structlog
from starlette.testclient import TestClient
from support.making import KEY, Studio

from aianime_pipeline.asked_in import REQUEST_TAG
from aianime_pipeline.db.models import Generation, Task
from aianime_pipeline.production.generations import asking
from aianime_pipeline.production.shots.stages import Stage

Person = Callable[[str], TestClient]
Tasks = Callable[[], Sequence[Task]]
RunTask = Callable[[int], dg.ExecuteInProcessResult]

IMAGES = f"/api/v1/episodes/{KEY}/images"
HEADER = {"X-Request-ID": "the-request-of-lin"}


def test_the_id_of_the_request_is_in_the_task_the_run_the_generations_and_the_calls(
    three: Studio, person: Person, run_task: RunTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[object] = []
    really = asking._Asking.result

    def result(self: asking._Asking) -> asking.Finished:
        logged.append(structlog.contextvars.get_contextvars().get("request_id"))
        return really(self)

    monkeypatch.setattr(asking._Asking, "result", result)
    task = person("director").post(IMAGES, headers=HEADER).json()["task"]
    assert task["request_id"] == "the-request-of-lin"
    done = run_task(task["task"])
    assert done.success
    assert done.dagster_run.tags[REQUEST_TAG] == "the-request-of-lin"
    with three.place.database.read() as session:
        asked_in = session.scalars(sa.select(Generation.asked_in)).all()
    assert len(asked_in) >= 3
    assert set(asked_in) == set(logged) == {"the-request-of-lin"}


def test_what_nobody_asked_for_over_the_web_has_no_request(three: Studio) -> None:
    three.make(Stage.IMAGE)
    with three.place.database.read() as session:
        assert set(session.scalars(sa.select(Generation.asked_in))) == {None}


def test_the_retry_of_what_was_to_be_made_anew_makes_only_what_is_missing(
    three: Studio, person: Person, tasks: Tasks, run_task: RunTask
) -> None:
    three.make(Stage.IMAGE)
    director = person("director")
    three.steering.fail("image", "picture 3.")
    first = director.post(IMAGES, json={"force": True}).json()["task"]["task"]
    assert not run_task(first).success
    assert [asked_for(three, shot) for shot in (1, 2, 3)] == [2, 2, 2]
    second = director.post(f"/api/v1/tasks/{first}/retry").json()["task"]["task"]
    assert run_task(second).success
    assert [asked_for(three, shot) for shot in (1, 2, 3)] == [2, 2, 3]


def asked_for(studio: Studio, shot: int) -> int:
    return len([words for words in studio.asked("image") if f"picture {shot}." in words])
