"""Alive, ready, degraded or unavailable, and what is said of it to whoever asks."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.raw_servers import RawServer, answer, says

from aianime_pipeline.production.installation import Installation
from aianime_pipeline.storage.folder import FolderStore
from api.app import create_app
from api.probing import Probe

BEATS = answer(b'{"data": {"answer": {"daemonHealth": {"allDaemonStatuses": []}}}}', "Content-Type: application/json")
ILL = answer(
    b'{"data": {"answer": {"daemonHealth": {"allDaemonStatuses": [{"daemonType": "SENSOR", "required": true, '
    b'"healthy": false, "lastHeartbeatTime": null, "lastHeartbeatErrors": []}]}}}}',
    "Content-Type: application/json",
)


def client_of(place: Installation, dagster: str = "http://me:secret@127.0.0.1:1", **values: object) -> TestClient:
    settings = replace(place.settings, dagster_url=dagster)
    changed = {"settings": settings, "database": place.database, "store": place.store} | values
    return TestClient(create_app(Installation(**changed)), raise_server_exceptions=False)  # type: ignore[arg-type]


@pytest.fixture
def dagster() -> Iterator[str]:
    with RawServer(says(BEATS)) as server:
        yield server.address


def test_a_process_that_is_alive_says_so_whatever_else_is_away(place: Installation) -> None:
    client = client_of(place)
    place.database.close()
    assert client.get("/healthz").json() == {"status": "alive"}


def test_with_all_three_it_is_ready(place: Installation, dagster: str) -> None:
    told = client_of(place, dagster).get("/readyz")
    assert told.status_code == 200
    assert told.json()["status"] == "ready"
    for part in ("database", "store", "dagster"):
        assert told.json()[part]["ok"] is True
        assert told.json()[part]["reason"] == ""
        assert 0 <= told.json()[part]["latency_ms"] < 2000


def test_without_dagster_it_is_degraded_and_goes_on(place: Installation) -> None:
    told = client_of(place).get("/readyz")
    assert (told.status_code, told.json()["status"]) == (200, "degraded")
    assert "ERR_DAGSTER_UNAVAILABLE" in told.json()["dagster"]["reason"]
    assert "127.0.0.1" not in told.text
    assert "secret" not in told.text


def test_a_daemon_that_does_not_beat_is_named(place: Installation) -> None:
    with RawServer(says(ILL)) as server:
        told = client_of(place, server.address).get("/readyz")
    assert (told.status_code, told.json()["status"]) == (200, "degraded")
    assert "SENSOR" in told.json()["dagster"]["reason"]


def test_without_the_object_store_it_is_unavailable(place: Installation, dagster: str, tmp_path: Path) -> None:
    file = tmp_path / "no-folder"
    file.write_text("")
    told = client_of(place, dagster, store=FolderStore(file / "objects")).get("/readyz")
    assert (told.status_code, told.json()["status"]) == (503, "unavailable")
    assert told.json()["database"]["ok"] is True
    assert told.json()["store"]["ok"] is False
    assert str(tmp_path) not in told.text


def test_without_the_database_it_is_unavailable(place: Installation, dagster: str) -> None:
    client = client_of(place, dagster)
    with place.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE alembic_version RENAME TO elsewhere")
    told = client.get("/readyz")
    assert (told.status_code, told.json()["status"]) == (503, "unavailable")
    assert told.json()["database"]["reason"] == "it cannot be reached"
    assert "alembic" not in told.text


def test_what_hangs_is_waited_for_up_to_the_limit_and_not_tried_again_beside_itself() -> None:
    free, attempts = threading.Event(), 0

    def hangs() -> None:
        nonlocal attempts
        attempts += 1
        free.wait(20)

    probe = Probe("a test", hangs, "no", limit_seconds=0.2)
    began = time.monotonic()
    for _ in range(3):
        probe.begin()
        found = probe.result()
        assert (found.ok, found.reason) == (False, "no answer within 0.2 s")
    assert time.monotonic() - began < 2
    assert attempts == 1
    free.set()


def test_whoever_asks_again_at_once_is_told_the_same() -> None:
    attempts = 0

    def counts() -> None:
        nonlocal attempts
        attempts += 1

    probe = Probe("a test", counts, "no")
    for _ in range(50):
        probe.begin()
        assert probe.result().ok
    assert attempts == 1
