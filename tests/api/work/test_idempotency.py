"""The same request sent again: one task, the same answer."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from starlette.testclient import TestClient
from support.histories import History
from support.making import KEY, Studio

from aianime_pipeline.accounts.idempotency import KEPT
from aianime_pipeline.db.models import IdempotencyKey, Task
from aianime_pipeline.db.models.base import clock, now
from aianime_pipeline.production.cleanup import run_cleanup
from aianime_pipeline.production.installation import Installation

Person = Callable[[str], TestClient]
Tasks = Callable[[], Sequence[Task]]

IMAGES = f"/api/v1/episodes/{KEY}/images"
KEYED = {"Idempotency-Key": "images of the first"}


def test_the_same_request_with_the_same_key_is_answered_the_same_and_is_one_task(
    three: Studio, person: Person, tasks: Tasks
) -> None:
    lin = person("director")
    first = lin.post(IMAGES, json={"shots": [1]}, headers=KEYED)
    again = lin.post(IMAGES, json={"shots": [1]}, headers=KEYED)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert [task.id for task in tasks()] == [first.json()["task"]["task"]]


def test_without_a_key_each_request_is_a_task_of_its_own(three: Studio, person: Person, tasks: Tasks) -> None:
    lin = person("director")
    first, second = lin.post(IMAGES), lin.post(IMAGES)
    assert len(tasks()) == 2
    assert second.json()["before"]["task"] == first.json()["task"]["task"]


@pytest.mark.parametrize(
    ("path", "body"),
    [(IMAGES, {"shots": [2]}), (IMAGES, None), (f"/api/v1/episodes/{KEY}/videos", {"shots": [1]}),
     (f"{IMAGES}?x=1", {"shots": [1]})],
    ids=["another body", "no body", "another path", "another query"],
)  # fmt: skip
def test_a_key_that_came_with_another_request_is_refused(
    three: Studio, person: Person, tasks: Tasks, path: str, body: object
) -> None:
    lin = person("director")
    lin.post(IMAGES, json={"shots": [1]}, headers=KEYED)
    answer = lin.post(path, json=body, headers=KEYED)
    assert (answer.status_code, answer.json()["code"]) == (409, "ERR_IDEMPOTENCY_KEY_REUSED")
    assert len(tasks()) == 1


def test_the_key_of_one_person_is_no_matter_to_another(three: Studio, person: Person, tasks: Tasks) -> None:
    assert person("director").post(IMAGES, headers=KEYED).status_code == 202
    assert "Idempotent-Replay" not in person("shot_artist").post(IMAGES, headers=KEYED).headers
    assert len(tasks()) == 2


def test_two_at_once_are_one_task(three: Studio, person: Person, tasks: Tasks) -> None:
    lin, answers = person("director"), []
    ready = threading.Barrier(4)

    def send() -> None:
        ready.wait(10)
        answers.append(lin.post(IMAGES, json={"shots": [1]}, headers=KEYED).json()["task"]["task"])

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 4
    assert set(answers) == {task.id for task in tasks()}
    assert len(tasks()) == 1


def test_a_request_that_was_refused_leaves_its_key_free(three: Studio, person: Person, tasks: Tasks) -> None:
    lin = person("director")
    refused = lin.post(IMAGES, json={"shots": [99]}, headers=KEYED)
    assert (refused.status_code, refused.json()["code"]) == (404, "ERR_NOT_FOUND")
    assert lin.post(IMAGES, json={"shots": [1]}, headers=KEYED).status_code == 202


def test_who_may_not_ask_is_not_answered_from_what_another_was(three: Studio, person: Person) -> None:
    director, reviewer = person("director"), person("reviewer")
    assert director.post(IMAGES, headers=KEYED).status_code == 202
    assert reviewer.post(IMAGES, headers=KEYED).status_code == 403


@pytest.mark.parametrize("key", ["", "x" * 129, "tab\there", "密"])
def test_a_key_that_is_none_is_named(three: Studio, person: Person, tasks: Tasks, key: str) -> None:
    answer = person("director").post(IMAGES, headers={"Idempotency-Key": key.encode()})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["details"]["fields"]] == ["header.Idempotency-Key"]
    assert tasks() == []


def test_a_clean_up_forgets_keys_of_long_ago(place: Installation) -> None:
    History(place)
    with place.database.write() as session:
        for user, key, age in (("lin", "old", KEPT), ("lin", "new", timedelta(0)), ("wu", "old", KEPT)):
            session.add(
                IdempotencyKey(user=user, key=key, request_digest="d", answer={}, status=202, created_at=now() - age)
            )
    with clock(lambda moment=now(): moment + timedelta(minutes=1)):  # type: ignore[misc]
        assert run_cleanup(place, dry_run=True).removed["keys"].count == 2
        assert run_cleanup(place, dry_run=False).removed["keys"].count == 2
    with place.database.read() as session:
        assert [row.key for row in session.query(IdempotencyKey)] == ["new"]
