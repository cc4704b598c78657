"""Work asked for over HTTP and done by a real Dagster: runs, an export, a backfill, what waits while it is away."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient
from support.dagster_ui import poll
from support.instance import Instance, running_instance, words_of
from support.people import People

from aianime_pipeline.asked_in import REQUEST_TAG
from aianime_pipeline.dagster_client.client import ask_dagster
from aianime_pipeline.production.backfills import WISH_TAG
from aianime_pipeline.production.tasks.orders import TASK_TAG
from api.app import create_app

pytestmark = pytest.mark.instance

PATIENCE = 240.0
ENDED = ("done", "failed", "cancelled")

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with running_instance(tmp_path_factory.mktemp("instance")) as running:
        yield running


@pytest.fixture(scope="module")
def season(instance: Instance) -> list[str]:
    return instance.put_shots("season", 2, episodes=2)


@pytest.fixture(scope="module")
def backfill(instance: Instance, season: list[str]) -> dict[str, Any]:
    """Asked for first: the daemon looks for backfills every 30 seconds, and the other tests use the time."""
    with director_of(instance, "season") as client:
        answer = client.post("/api/v1/projects/season/backfills", json={"to": "images"}, headers=keyed("season"))
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(autouse=True)
def _the_backfill_is_asked_for_first(backfill: dict[str, Any]) -> None:
    pass


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key, "X-Request-ID": f"request-{key}"}


def director_of(instance: Instance, project: str) -> TestClient:
    place = instance.place
    place.settings = replace(place.settings, dagster_url=instance.environment["AIANIME_DAGSTER_URL"])
    headers = {"Authorization": f"Bearer {People(place).token('director', project)}"}
    return TestClient(create_app(place), base_url="http://api.test", headers=headers)


def put_shots_alone(instance: Instance, project: str) -> list[str]:
    """As `Instance.put_shots`, without telling Dagster of the episode."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instance.ui, "add_partition", lambda _key: None)
        return instance.put_shots(project, 2)


def is_exporting(client: TestClient, episode: str) -> bool:
    return bool(client.get(f"/api/v1/episodes/{episode}/film").json()["state"] == "exporting")


def ended(client: TestClient, task: int) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        seen: dict[str, Any] = client.get(f"/api/v1/tasks/{task}").json()
        return seen if seen["state"] in ENDED else None

    return poll(look, f"the end of task {task}", seconds=PATIENCE)


def test_images_are_made_by_one_run_however_often_the_request_comes(instance: Instance) -> None:
    # Asked for at once, before the daemon has made a partition of it.
    [episode] = put_shots_alone(instance, "once")
    client = director_of(instance, "once")
    answers = [client.post(f"/api/v1/episodes/{episode}/images", headers=keyed("images")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    first, again = (answer.json() for answer in answers)
    assert again == first
    assert first["launch"]["run_id"] is not None
    task = ended(client, first["task"]["task"])
    assert (task["state"], task["progress"]["percent"], task["request_id"]) == ("done", 100.0, "request-images")
    [run] = instance.ui.runs_with_tag(TASK_TAG, str(task["task"]))
    assert instance.ui.run(run["runId"]).tags[REQUEST_TAG] == "request-images"
    assert len(instance.steering.submitted(words_of(episode, 1))) == 1


def test_an_export_goes_from_the_request_to_its_file(instance: Instance) -> None:
    [episode] = instance.put_shots("shown", 2)
    client = director_of(instance, "shown")
    closed = client.post(f"/api/v1/episodes/{episode}/exports")
    assert (closed.status_code, closed.json()["code"]) == (409, "ERR_FILM_NOT_READY")
    made = client.post(f"/api/v1/episodes/{episode}/pipeline", json={"to": "voices"}).json()
    assert ended(client, made["task"]["task"])["state"] == "done"

    # Its music is at work: the export goes on until somebody stops it.
    instance.steering.hold("music", "")
    held = client.post(f"/api/v1/episodes/{episode}/exports", json={"preset": "preview-480p"}).json()["task"]["task"]
    poll(lambda: is_exporting(client, episode) or None, "the export's begin", seconds=PATIENCE)
    second = client.post(f"/api/v1/episodes/{episode}/exports")
    assert (second.status_code, second.json()["details"]["task"]) == (409, held)
    assert client.post(f"/api/v1/tasks/{held}/cancel").status_code == 200
    assert ended(client, held)["state"] == "cancelled"
    assert client.get(f"/api/v1/episodes/{episode}/film").json()["state"] == "editing"
    instance.steering.let_go()

    asked = client.post(f"/api/v1/episodes/{episode}/exports", json={"preset": "preview-480p"}, headers=keyed("film"))
    task = ended(client, asked.json()["task"]["task"])
    assert task["state"] == "done", task["reason"]
    export = client.get(task["result_url"]).json()
    film = client.get(next(file["url"] for file in export["files"] if file["kind"] == "film"))
    assert (film.status_code, film.content[4:8]) == (200, b"ftyp")
    assert instance.ui.run(task["run_id"]).document["jobName"] == "export_film"


def test_a_backfill_is_dagsters_and_its_end_is_told(
    instance: Instance, season: list[str], backfill: dict[str, Any]
) -> None:
    assert backfill["episodes"] == season
    client = director_of(instance, "season")
    again = client.post("/api/v1/projects/season/backfills", json={"to": "images"}, headers=keyed("season"))
    assert again.json() == backfill
    path = f"/api/v1/projects/season/backfills/{backfill['backfill']}"

    def look() -> dict[str, Any] | None:
        seen: dict[str, Any] = client.get(path).json()
        return seen if seen["finished"] else None

    seen = poll(look, "the end of the backfill", seconds=PATIENCE)
    assert (seen["status"], seen["runs"], seen["episodes"]) == ("COMPLETED_SUCCESS", {"SUCCESS": 2}, 2)
    assert seen["requested_by"] == "director-of-season"
    assert instance.ui.backfill_finished(backfill["backfill"], seconds=10)["status"] == "COMPLETED_SUCCESS"
    elsewhere = director_of(instance, "elsewhere")
    assert elsewhere.get(path.replace("season", "elsewhere")).status_code == 404
    for episode in season:
        assert [shot["image"] for shot in instance.status_of(episode)["shots"]] == ["approved", "approved"]


def test_a_backfill_is_found_by_its_wish(instance: Instance, backfill: dict[str, Any]) -> None:
    url = instance.environment["AIANIME_DAGSTER_URL"]
    found = ask_dagster(url, lambda dagster: dagster.backfill(backfill["backfill"]))
    assert found is not None
    wish = {WISH_TAG: found.tags[WISH_TAG]}
    assert ask_dagster(url, lambda dagster: dagster.backfills(wish)) == [backfill["backfill"]]
    assert ask_dagster(url, lambda dagster: dagster.backfills({WISH_TAG: "another"})) == []


def test_what_is_asked_for_while_dagster_is_away_is_launched_once_when_it_is_back(
    instance: Instance, season: list[str]
) -> None:
    [episode] = instance.put_shots("away", 2)
    client = director_of(instance, "away")
    instance.down()
    asked = client.post(f"/api/v1/episodes/{episode}/images", headers=keyed("away"))
    assert asked.status_code == 202
    assert (asked.json()["launch"]["run_id"], asked.json()["launch"]["dagster"]) == (None, "away")
    instance.up()
    client = director_of(instance, "away")
    again = client.post(f"/api/v1/episodes/{episode}/images", headers=keyed("away"))
    assert again.json() == asked.json()
    task = ended(client, asked.json()["task"]["task"])
    assert task["state"] == "done"
    assert len(instance.ui.runs_with_tag(TASK_TAG, str(task["task"]))) == 1
    assert len(instance.steering.submitted(words_of(episode, 1))) == 1
