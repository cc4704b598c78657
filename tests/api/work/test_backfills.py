"""Backfills over HTTP, at a web server that answers as Dagster's schema says: launched once, found after a crash."""

import json
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from support.accounts import turned_clock
from support.making import Studio
from support.raw_servers import RawServer, answer
from support.schema_answers import answers_with

from aianime_pipeline.accounts.idempotency import ABANDONED, Hold, Keyed, begin, begin_elsewhere, forget, renew
from aianime_pipeline.db.models import IdempotencyKey
from aianime_pipeline.db.models.base import clock, now
from aianime_pipeline.production.episodes.rows import get_or_create_episode
from aianime_pipeline.production.projects.keeping import find_project

Person = Callable[[str], TestClient]

BACKFILLS = "/api/v1/projects/p/backfills"
KEYED = {"Idempotency-Key": "the whole season"}
LAUNCHED, FOUND = "the words of backfillId", "the words of id"
"""The id that the answer to a launch has, and the one that a look by the tags finds."""


@dataclass
class Steps:
    """What happens while Dagster is asked for something, by the name of what it is asked; and whether it has backfills
    already."""

    while_asked: Callable[[str], None] = lambda _name: None
    finds: bool = True


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def dagster(three: Studio, steps: Steps) -> Iterator[RawServer]:
    with three.place.database.write() as session:
        get_or_create_episode(session, find_project(session, "p"), 2, "")
    chosen = {
        "LaunchBackfillResult": "LaunchBackfillSuccess",
        "AddDynamicPartitionResult": "AddDynamicPartitionSuccess",
        "RunsFeedConnectionOrError": "RunsFeedConnection",
    }
    answers = answers_with(chosen)

    def play(connection: socket.socket, request: bytes) -> None:
        name = json.loads(request.partition(b"\r\n\r\n")[2])["query"].split("(")[0].split()[1]
        steps.while_asked(name)
        if name == "Backfills" and not steps.finds:
            none = {"data": {"answer": {"__typename": "RunsFeedConnection", "results": []}}}
            connection.sendall(answer(json.dumps(none).encode(), "Content-Type: application/json"))
        else:
            answers(connection, request)

    with RawServer(play) as server:
        three.place.settings = replace(three.place.settings, dagster_url=server.address)
        yield server


def asked(server: RawServer, mutation: str) -> Sequence[dict[str, Any]]:
    """The variables of each request for it."""
    bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in server.requests]
    return [body["variables"] for body in bodies if f"{mutation}(" in body["query"].partition("{")[0]]


def test_a_backfill_is_dagsters_own_over_the_episodes_with_tags_of_who_asked(
    dagster: RawServer, person: Person
) -> None:
    director = person("director")
    answer = director.post(BACKFILLS, json={"to": "images"}, headers={"X-Request-ID": "asked-in-this"})
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"backfill": LAUNCHED, "project": "p", "episodes": ["p-e001", "p-e002"]}
    [launched] = asked(dagster, "LaunchBackfill")
    params = launched["params"]
    assert params["partitionNames"] == ["p-e001", "p-e002"]
    assert [key["path"] for key in params["assetSelection"]] == [
        ["screenplays"], ["storyboards"], ["reference_images"], ["shot_images"],
    ]  # fmt: skip
    tags = {tag["key"]: tag["value"] for tag in params["tags"]}
    assert tags.items() >= {
        "aianime/project": "p", "aianime/requester": "director-of-p", "aianime/request": "asked-in-this",
    }.items()  # fmt: skip
    assert [added["key"] for added in asked(dagster, "AddPartition")] == ["p-e001", "p-e002"]


def test_the_same_request_again_asks_dagster_nothing_more(dagster: RawServer, person: Person) -> None:
    director = person("director")
    first = director.post(BACKFILLS, json={"episodes": [2]}, headers=KEYED)
    before = len(dagster.requests)
    again = director.post(BACKFILLS, json={"episodes": [2]}, headers=KEYED)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert len(dagster.requests) == before
    other = director.post(BACKFILLS, json={"episodes": [1]}, headers=KEYED)
    assert (other.status_code, other.json()["code"]) == (409, "ERR_IDEMPOTENCY_KEY_REUSED")


def test_who_comes_while_the_first_is_at_it_waits_and_after_its_death_finds_what_it_launched(
    dagster: RawServer, three: Studio, person: Person
) -> None:
    director = person("director")
    director.post(BACKFILLS, json={}, headers=KEYED)
    with three.place.database.write() as session:
        row = session.query(IdempotencyKey).one()
        digest = row.request_digest
        session.delete(row)
    with three.place.database.write() as session:
        begin(session, Keyed("director-of-p", KEYED["Idempotency-Key"], digest))
    launched = len(asked(dagster, "LaunchBackfill"))
    early = director.post(BACKFILLS, json={}, headers=KEYED)
    assert (early.status_code, early.json()["code"]) == (409, "ERR_REQUEST_IN_PROGRESS")
    assert early.headers["Retry-After"] == "2"
    token = director.headers["Authorization"]
    with clock(lambda moment=now(): moment + ABANDONED + timedelta(seconds=5)):  # type: ignore[misc]
        late = director.post(BACKFILLS, json={}, headers={**KEYED, "Authorization": token})
    assert late.json()["backfill"] == FOUND
    assert len(asked(dagster, "LaunchBackfill")) == launched


def test_a_key_is_held_as_long_as_dagster_takes_for_all_that_it_is_asked(
    dagster: RawServer, steps: Steps, person: Person
) -> None:
    again: list[tuple[int, str]] = []
    with turned_clock() as own:
        director, impatient = person("director"), person("director")

        def takes_long(_name: str) -> None:
            own.goes(seconds=50)
            second = impatient.post(BACKFILLS, json={}, headers=KEYED)
            again.append((second.status_code, second.json()["code"]))

        steps.while_asked, steps.finds = takes_long, False
        first = director.post(BACKFILLS, json={}, headers=KEYED)
    assert first.json()["backfill"] == LAUNCHED
    assert again == [(409, "ERR_REQUEST_IN_PROGRESS")] * 4
    assert len(asked(dagster, "LaunchBackfill")) == 1


def test_whose_work_was_taken_over_launches_nothing_and_leaves_the_key_to_the_other(
    dagster: RawServer, steps: Steps, three: Studio, person: Person
) -> None:
    taken: list[object] = []
    with turned_clock() as own:
        director = person("director")

        def stands_still(name: str) -> None:
            # As a machine that slept in the middle of a request.
            if name == "AddPartition" and not taken:
                own.goes(seconds=ABANDONED.total_seconds() + 1)
                with three.place.database.write() as session:
                    row = session.query(IdempotencyKey).one()
                    taken.append(begin_elsewhere(session, Keyed(row.user, row.key, row.request_digest)))

        steps.while_asked, steps.finds = stands_still, False
        late = director.post(BACKFILLS, json={}, headers=KEYED)
    assert (late.status_code, late.json()["code"]) == (409, "ERR_REQUEST_IN_PROGRESS")
    assert asked(dagster, "LaunchBackfill") == []
    [hold] = taken
    assert isinstance(hold, Hold)
    with three.place.database.write() as session:
        renew(session, hold)


def test_only_whoever_holds_a_key_gives_it_back(three: Studio) -> None:
    request = Keyed("director-of-p", "a key", "d")
    with turned_clock() as own:
        with three.place.database.write() as session:
            first = begin_elsewhere(session, request)
        own.goes(seconds=ABANDONED.total_seconds() + 1)
        with three.place.database.write() as session:
            second = begin_elsewhere(session, request)
        assert isinstance(first, Hold)
        assert isinstance(second, Hold)
        for hold, left in ((first, 1), (second, 0)):
            with three.place.database.write() as session:
                forget(session, hold)
                assert session.query(IdempotencyKey).count() == left


def test_with_dagster_away_nothing_is_begun_and_the_key_is_free(three: Studio, person: Person) -> None:
    director = person("director")
    answer = director.post(BACKFILLS, json={}, headers=KEYED)
    assert (answer.status_code, answer.json()["code"]) == (503, "ERR_DAGSTER_UNAVAILABLE")
    assert "127.0.0.1" not in answer.text
    with three.place.database.read() as session:
        assert session.query(IdempotencyKey).all() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [({"episodes": [1, 9]}, 404), ({"episodes": []}, 422), ({"to": "references"}, 422), ({"episodes": [0]}, 422)],
)
def test_what_there_is_not_is_named_and_nothing_is_asked_of_dagster(
    dagster: RawServer, person: Person, body: Any, status: int
) -> None:
    answer = person("director").post(BACKFILLS, json=body, headers=KEYED)
    assert answer.status_code == status
    assert dagster.requests == []


def test_a_backfill_of_another_project_is_not_there(dagster: RawServer, person: Person) -> None:
    # It has tags, but none of this project.
    answer = person("reviewer").get(f"{BACKFILLS}/abc")
    assert (answer.status_code, answer.json()["code"]) == (404, "ERR_NOT_FOUND")


def test_only_who_runs_the_pipeline_backfills(dagster: RawServer, person: Person) -> None:
    assert person("shot_artist").post(BACKFILLS, json={}).status_code == 403
    assert person("stranger").post(BACKFILLS, json={}).status_code == 404
    assert dagster.requests == []
