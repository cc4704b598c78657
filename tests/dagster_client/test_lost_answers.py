"""Whatever becomes of the connection or the answer, it is told whether something may have been done."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from support.dagster_questions import CHANGES, LOOKS, Question
from support.raw_servers import RawServer, Script, answer, says

from aianime_pipeline.dagster_client.client import DagsterClient, ask_dagster
from aianime_pipeline.errors import (
    BadInputError,
    BadSettingError,
    DagsterClientError,
    DagsterRefusedError,
    DagsterUnavailableError,
    DagsterUnknownError,
)
from aianime_pipeline.settings import read_settings

LAUNCH, LOOK = CHANGES["launch"], LOOKS["run"]
PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"
A_RUN = {"answer": {"__typename": "LaunchRunSuccess", "run": {"runId": "a run"}}}


def json_answer(document: Any, status: str = "200 OK") -> Script:
    return says(answer(json.dumps(document).encode(), "Content-Type: application/json", status=status))


def keeps_silent(connection: socket.socket, request: bytes) -> None:
    connection.recv(1)  # until the other side gives up


def never_ends(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    connection.recv(1)


def error_of(address: str, question: Question, **options: float) -> DagsterClientError:
    with pytest.raises(DagsterClientError) as raised:
        ask_dagster(address, question, **options)
    return raised.value


@contextmanager
def nobody() -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://me:secret@127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def full() -> Iterator[str]:
    """A server that takes no more connections, as one behind a firewall that drops what comes."""
    with ExitStack() as held, socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("question", [*CHANGES.values(), *LOOKS.values()], ids=[*CHANGES, *LOOKS])
def test_when_nobody_listens_nothing_was_done(question: Question) -> None:
    with nobody() as address:
        error = error_of(address, question)
    assert isinstance(error, DagsterUnavailableError)
    assert address.partition("@")[2] in error.message
    assert "AIANIME_DAGSTER_URL" in error.message
    assert "secret" not in error.message


def test_when_no_connection_comes_about_in_time_nothing_was_done() -> None:
    with full() as address:
        assert isinstance(error_of(address, LAUNCH, connect_seconds=0.2), DagsterUnavailableError)


BROKEN: dict[str, Script] = {
    "silence": keeps_silent,
    "an answer that never ends": never_ends,
    "a closed connection": says(),
    "half an answer": says(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"data": {"answer'),
    "something that is not HTTP": says(b"\x00\x01\x02\r\n\r\n"),
    "a page": says(answer(PAGE, "Content-Type: text/html")),
    "a gateway's page": says(answer(PAGE, status="502 Bad Gateway")),
    "a page for too much work": says(answer(PAGE, status="503 Service Unavailable")),
    "an empty answer": says(answer(b"")),
    "a list": json_answer([A_RUN]),
    "another service's JSON": json_answer({"status": "ok"}),
    "no data": json_answer({"data": None}),
    "data without an answer": json_answer({"data": {}}),
    "a success without its content": json_answer({"data": {"answer": {"__typename": "LaunchRunSuccess"}}}),
    "a kind of answer that is new": json_answer(
        {"data": {"answer": {"__typename": "RunDeferred", "message": "later"}}}
    ),
    "an error in a field": json_answer(
        {"data": None, "errors": [{"message": "database is locked", "path": ["answer", "run"]}]},
        "500 Internal Server Error",
    ),
    "errors that are none": json_answer({"data": None, "errors": "many"}),
    "errors without a form": json_answer({"data": None, "errors": [1]}),
    "endless nesting": says(answer(b"[" * 100_000)),
}


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN)
def test_a_launch_whose_answer_is_lost_may_have_been_done_and_is_sent_once(script: Script) -> None:
    with RawServer(script) as server:
        error = error_of(server.address, LAUNCH, timeout_seconds=0.5)
    assert isinstance(error, DagsterUnknownError)
    assert error.code == "ERR_DAGSTER_UNKNOWN"
    assert len(server.requests) == 1


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN)
def test_a_question_whose_answer_is_lost_is_only_unanswered(script: Script) -> None:
    with RawServer(script) as server:
        error = error_of(server.address, LOOK, timeout_seconds=0.5)
    assert isinstance(error, DagsterUnavailableError)
    assert error.code == "ERR_DAGSTER_UNAVAILABLE"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["302 Found", "401 Unauthorized", "404 Not Found", "413 Content Too Large"])
@pytest.mark.parametrize("question", [LAUNCH, LOOK], ids=["launch", "look"])
def test_what_another_server_turned_away_was_not_done(question: Question, status: str) -> None:
    with RawServer(says(answer(PAGE, "Location: /login", status=status))) as server:
        error = error_of(server.address, question)
    assert isinstance(error, DagsterUnavailableError)
    assert status.partition(" ")[0] in error.message
    assert "AIANIME_DAGSTER_URL" in error.message
    assert len(server.requests) == 1


@pytest.mark.parametrize("question", [LAUNCH, LOOK], ids=["launch", "look"])
def test_a_request_that_dagster_does_not_understand_is_refused(question: Question) -> None:
    errors = [
        {"message": "Cannot query field 'launchRun' on type 'Mutation'.", "locations": [{"line": 2, "column": 3}]}
    ]
    with RawServer(json_answer({"data": None, "errors": errors}, "400 Bad Request")) as server:
        error = error_of(server.address, question)
    assert isinstance(error, DagsterRefusedError)
    assert error.details == {"reason": "request"}
    assert "Cannot query field 'launchRun'" in error.message


def test_a_whole_answer_counts_also_when_dagster_calls_it_a_server_error() -> None:
    with RawServer(json_answer({"data": A_RUN}, "500 Internal Server Error")) as server:
        assert ask_dagster(server.address, LAUNCH) == "a run"


def test_a_status_that_is_new_is_not_taken_for_another() -> None:
    run = {"__typename": "Run", "runId": "a run", "jobName": "make", "status": "DREAMING", "tags": []}
    with RawServer(json_answer({"data": {"answer": run}})) as server:
        error = error_of(server.address, LOOK)
    assert isinstance(error, DagsterUnavailableError)
    assert "DREAMING" in error.message


def test_a_launch_is_one_request_with_all_that_was_given() -> None:
    with RawServer(json_answer({"data": A_RUN})) as server:
        assert ask_dagster(server.address, LAUNCH) == "a run"
    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /graphql HTTP/1.1\r\n")
    assert json.loads(body)["variables"]["params"] == {
        "selector": {
            "repositoryLocationName": "aianime_pipeline",
            "repositoryName": "__repository__",
            "jobName": "make",
            "assetSelection": [{"path": ["film"]}],
            "assetCheckSelection": [{"assetKey": {"path": ["film"]}, "name": "plays"}],
        },
        "runConfigData": {"resources": {"wanted": {"config": {"shots": [3]}}}},
        "executionMetadata": {
            "tags": [{"key": "aianime/task", "value": "7"}, {"key": "dagster/partition", "value": "moonlit-e001"}]
        },
    }


def test_a_web_server_below_a_path_and_a_log_in_of_a_gateway_are_part_of_the_address() -> None:
    with RawServer(json_answer({"data": {"answer": "1.2.3"}})) as server:
        address = server.address.replace("://", "://me:secret@") + "/dagster/"
        assert ask_dagster(address, LOOKS["version"]) == "1.2.3"
    [request] = server.requests
    assert request.startswith(b"POST /dagster/graphql HTTP/1.1\r\n")
    assert b"authorization: basic " in request.lower()


def test_the_address_is_that_of_dagsters_own_port_unless_a_setting_says_otherwise() -> None:
    assert read_settings({}).dagster_url == "http://127.0.0.1:3000"
    given = read_settings({"AIANIME_DAGSTER_URL": "https://me:secret@studio.example.com"})
    assert given.dagster_url == "https://me:secret@studio.example.com"
    assert "secret" not in repr(given)


@pytest.mark.parametrize("address", ["", "dagster:3000", "http://", "ftp://host", "http://[::1", "http://host:port"])
def test_an_address_that_is_none_is_told_by_its_variable(address: str) -> None:
    with pytest.raises(BadSettingError, match="AIANIME_DAGSTER_URL"):
        DagsterClient(address)


def test_a_backfill_of_no_episode_is_not_asked_for() -> None:
    with RawServer(says()) as server:
        for question in (
            lambda dagster: dagster.backfill_assets(["film"], []),
            lambda dagster: dagster.backfill_job("make", []),
        ):
            with pytest.raises(BadInputError, match="at least one episode"):
                ask_dagster(server.address, question)
    assert server.requests == []
