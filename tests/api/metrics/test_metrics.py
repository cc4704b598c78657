"""/metrics as Prometheus reads it, with real rows behind it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from support.dagster_ui import poll
from support.figures import settle, some_of_everything
from support.people import People
from support.raw_servers import RawServer, Script, answer

from aianime_pipeline.production.installation import Installation
from api.app import create_app
from api.metrics import families, requests
from api.metrics.collecting import Metrics

DOCUMENTED = Path(__file__).resolve().parents[3] / "docs" / "metrics.md"
HERE = ("127.0.0.1", 50_000)


def client_of(place: Installation, peer: tuple[str, int] = HERE) -> TestClient:
    return TestClient(create_app(place), base_url="http://api.test", client=peer, raise_server_exceptions=False)


@pytest.fixture
def here(place: Installation) -> Iterator[TestClient]:
    with client_of(place) as client:
        yield client


def read(client: TestClient) -> dict[str, Metric]:
    told = client.get("/metrics")
    assert told.status_code == 200, told.text
    return {family.name: family for family in text_string_to_metric_families(told.text)}


def samples(family: Metric) -> dict[tuple[str, ...], float]:
    return {tuple(sample.labels.values()): sample.value for sample in family.samples}


def test_the_figures_of_the_database_are_told_as_they_are(place: Installation, here: TestClient) -> None:
    some_of_everything(place.database)
    told = read(here)
    assert samples(told["aianime_database_up"]) == {(): 1}
    assert samples(told["aianime_tasks"])["waiting",] == 2
    assert samples(told["aianime_tasks"])["running",] == 0
    assert 90 <= samples(told["aianime_task_oldest_waiting_age_seconds"])[()] < 150
    assert samples(told["aianime_shot_stages"])["image", "approved"] == 2
    called = ("ark", "seedream", "image")
    calls = {tuple(one.labels[name] for name in ("provider", "model", "capability", "outcome")): one.value
             for one in told["aianime_ai_calls"].samples}  # fmt: skip
    assert calls == {(*called, "succeeded"): 1, (*called, "failed"): 3}
    assert {one.labels["kind"]: one.value for one in told["aianime_ai_call_errors"].samples} == {
        "auth": 1, "moderated": 1, "unknown": 1,
    }  # fmt: skip
    assert {one.name.rpartition("_")[2]: one.value for one in told["aianime_ai_call_duration_seconds"].samples} == {
        "count": 2, "sum": 2.0,
    }  # fmt: skip
    assert [one.value for one in told["aianime_ai_cost_micros"].samples] == [500_000]
    assert [one.value for one in told["aianime_ai_calls_ambiguous"].samples] == [1]
    assert {one.labels["state"]: one.value for one in told["aianime_ai_calls_open"].samples} == {"submitted": 1}


def test_several_processes_tell_the_same_figures(place: Installation) -> None:
    some_of_everything(place.database)
    one, other = client_of(place), client_of(place)
    told, again = read(one), read(other)
    for name in ("aianime_ai_calls", "aianime_ai_cost_micros", "aianime_tasks", "aianime_shot_stages"):
        assert samples(told[name]) == samples(again[name])


def test_requests_are_counted_by_the_template_of_their_route_and_never_by_their_path(
    here: TestClient, people: People
) -> None:
    token = {"Authorization": f"Bearer {people.token('admin')}"}
    for slug in ("one", "two", "three"):
        here.get(f"/api/v1/projects/{slug}", headers=token)
        here.get(f"/no/{slug}")
        here.request(f"BREW{slug.upper()}", "/healthz")
    counted = {
        (one.labels["method"], one.labels["route"], one.labels["status"]): one.value
        for one in read(here)["aianime_http_request_duration_seconds"].samples
        if one.name.endswith("_count")
    }
    assert counted == {
        ("GET", "/api/v1/projects/{project}", "404"): 3,
        ("GET", "none", "404"): 3,
        ("other", "/healthz", "405"): 3,
    }


def test_a_request_that_breaks_is_counted_as_a_500(place: Installation) -> None:
    app = create_app(place)

    def breaks() -> None:
        raise RuntimeError("nobody foresaw it")

    app.get("/breaks")(breaks)
    client = TestClient(app, client=HERE, raise_server_exceptions=False)
    assert client.get("/breaks").status_code == 500
    labels = [one.labels for one in read(client)["aianime_http_request_duration_seconds"].samples]
    assert {(one["route"], one["status"]) for one in labels} == {("/breaks", "500")}


def test_a_database_that_is_away_is_told_and_what_was_known_stays(place: Installation, here: TestClient) -> None:
    some_of_everything(place.database)
    metrics = Metrics(place, seconds=0)
    here.app.state.metrics = metrics  # type: ignore[attr-defined]
    assert samples(read(here)["aianime_database_up"]) == {(): 1}
    with place.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE shot_stages RENAME TO elsewhere")

    def without_it() -> dict[str, Metric] | None:
        told = read(here)
        return told if samples(told["aianime_database_up"]) == {(): 0} else None

    told = poll(without_it, "that the database is away", seconds=20)
    assert samples(told["aianime_tasks"])["waiting",] == 2
    assert told["aianime_figures_age_seconds"].samples[0].labels == {"source": "database"}


def test_where_the_database_never_answered_that_is_all_that_is_told_of_it(place: Installation) -> None:
    client = client_of(place)
    with place.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE shot_stages RENAME TO elsewhere")
    told = read(client)
    assert samples(told["aianime_database_up"]) == {(): 0}
    assert "aianime_tasks" not in told


def dagster_that_says(queued: int) -> Script:
    """Dagster's web server with that many runs in its queue, and two daemons of which one is ill."""
    beat = datetime.now(UTC).timestamp() - 30

    def daemon(kind: str, **values: Any) -> dict[str, Any]:
        return {"daemonType": kind, "required": True, "healthy": True, "lastHeartbeatTime": beat,
                "lastHeartbeatErrors": []} | values  # fmt: skip

    daemons = [
        daemon("SENSOR"),
        daemon("QUEUED_RUN_COORDINATOR", healthy=False),
        daemon("SCHEDULER", lastHeartbeatTime=None),
        daemon("ASSET", required=False),
    ]

    def play(connection: Any, request: bytes) -> None:
        said: dict[str, Any] = (
            {"__typename": "Runs", "count": queued}
            if b"CountRuns" in request
            else {"daemonHealth": {"allDaemonStatuses": daemons}}
        )
        connection.sendall(answer(json.dumps({"data": {"answer": said}}).encode(), "Content-Type: application/json"))

    return play


def with_dagster(place: Installation, address: str) -> Installation:
    return Installation(replace(place.settings, dagster_url=address), place.database, place.store)


def test_dagsters_queue_and_daemons_are_told(place: Installation) -> None:
    with RawServer(dagster_that_says(3)) as dagster:
        told = read(client_of(with_dagster(place, dagster.address)))
    assert samples(told["aianime_dagster_up"]) == {(): 1}
    assert samples(told["aianime_dagster_queued_runs"]) == {(): 3}
    assert samples(told["aianime_dagster_daemon_healthy"]) == {
        ("SENSOR",): 1, ("QUEUED_RUN_COORDINATOR",): 0, ("SCHEDULER",): 1,
    }  # fmt: skip
    ages = samples(told["aianime_dagster_daemon_heartbeat_age_seconds"])
    assert ages.keys() == {("SENSOR",), ("QUEUED_RUN_COORDINATOR",)}
    assert all(30 <= age < 60 for age in ages.values())


def test_where_dagster_is_away_only_that_is_told_of_it(place: Installation) -> None:
    told = read(client_of(with_dagster(place, "http://127.0.0.1:1")))
    assert samples(told["aianime_dagster_up"]) == {(): 0}
    assert [name for name in told if "dagster" in name] == ["aianime_dagster_up"]


def test_without_a_token_only_this_machine_may_read_and_nothing_that_a_proxy_passes_on(place: Installation) -> None:
    assert client_of(place, ("192.0.2.7", 1)).get("/metrics").json()["code"] == "ERR_NOT_ALLOWED"
    for peer in ("127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"):
        assert client_of(place, (peer, 1)).get("/metrics").status_code == 200
    here = client_of(place)
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert here.get("/metrics", headers={name: "127.0.0.1"}).status_code == 403


def test_with_a_token_whoever_has_it_may_read_and_nobody_else(place: Installation) -> None:
    settings = replace(place.settings, metrics_token="a token for metrics")
    guarded = Installation(settings, place.database, place.store)
    for peer in (HERE, ("192.0.2.7", 1)):
        client = client_of(guarded, peer)
        assert client.get("/metrics").status_code == 401
        for wrong in ("Bearer nonsense", "Bearer ", "a token for", "Bearer a token for metrics!"):
            assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 401
        right = {"Authorization": "Bearer a token for metrics"}
        assert client.get("/metrics", headers=right).status_code == 200
    assert "a token for metrics" not in repr(guarded.settings)


def test_the_newer_form_is_told_to_who_asks_for_it(place: Installation, here: TestClient) -> None:
    some_of_everything(place.database)
    told = here.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert told.headers["Content-Type"].startswith("application/openmetrics-text")
    assert "aianime_ai_calls" in {family.name for family in open_metrics(told.text)}


SERVES = """
import sys
from api.metrics.requests import request_histogram
from prometheus_client import CollectorRegistry
request_histogram(CollectorRegistry()).labels("GET", "/somewhere", "200").observe(0.1)
"""


def test_with_several_processes_each_answers_for_the_requests_of_all(
    place: Installation, tmp_path: Path, migrated_url: str
) -> None:
    folder = tmp_path / "processes"
    folder.mkdir()
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", SERVES], env=environment, check=True)
    asks = """
import sys
from pathlib import Path
from aianime_pipeline.db.engine import Database
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.settings import Settings
from aianime_pipeline.storage.folder import FolderStore
from api.metrics.collecting import Metrics
home = Path(sys.argv[1])
settings = Settings(home=home, database_url=sys.argv[2], dagster_url="http://127.0.0.1:1")
metrics = Metrics(Installation(settings=settings, database=Database(sys.argv[2]), store=FolderStore(home / "objects")))
metrics.requests.labels("GET", "/somewhere", "200").observe(0.1)
Path(sys.argv[3]).write_bytes(metrics.answer("")[0])
"""
    settle(place.database, some_of_everything(place.database), 1)
    command = [sys.executable, "-c", asks, str(place.settings.home), migrated_url, str(tmp_path / "told")]
    subprocess.run(command, env=environment, check=True)
    told = {family.name: family for family in text_string_to_metric_families((tmp_path / "told").read_text())}
    counts = [one.value for one in told["aianime_http_request_duration_seconds"].samples if one.name.endswith("_count")]
    assert counts == [3]
    assert sum(one.value for one in told["aianime_ai_calls"].samples) == 5


ABOUT = [value for value in vars(families).values() if isinstance(value, families.About)]


def test_every_metric_is_in_the_documentation_with_its_labels_and_no_other(place: Installation) -> None:
    documented = {
        name: tuple(re.findall(r"`(\w+)`", labels))
        for name, labels in re.findall(r"^\| `(aianime_\w+)` \|([^|]*)\|", DOCUMENTED.read_text("utf-8"), re.MULTILINE)
    }
    some_of_everything(place.database)
    told: dict[str, tuple[str, ...]] = {requests.NAME: requests.LABELS}
    with RawServer(dagster_that_says(3)) as dagster:
        app = client_of(with_dagster(place, dagster.address))
        app.get("/healthz")
        found = read(app)
    for family in found.values():
        if family.name.startswith("aianime_"):
            total = "_total" if family.type == "counter" else ""
            labels = {name for one in family.samples for name in one.labels} - {"le"}
            told[f"{family.name}{total}"] = tuple(sorted(labels))
            assert family.documentation
    # Told only where the dispatcher has looked.
    told[families.SCHEDULE_LAG.name] = families.SCHEDULE_LAG.labels
    assert {name: sorted(labels) for name, labels in documented.items()} == {
        name: sorted(labels) for name, labels in told.items()
    }
    assert {about.name for about in ABOUT} <= {name.removesuffix("_total") for name in told}


def test_no_label_grows_with_the_work() -> None:
    labels = {label for about in ABOUT for label in about.labels} | set(requests.LABELS)
    assert labels == {
        "capability", "currency", "daemon", "kind", "method", "model", "outcome", "provider", "route", "source",
        "stage", "state", "status",
    }  # fmt: skip
