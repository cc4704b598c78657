"""Work that is asked for while Dagster is away, more than is launched in one go: every task gets its one run."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient
from support.backlog import put_episodes, standing, still_waiting, submitted, waiting_instance
from support.dagster_ui import poll
from support.instance import Instance
from support.people import People

from aianime_pipeline.production.tasks.leasing import MOST_AT_ONCE
from api.app import create_app

pytestmark = pytest.mark.instance

TASKS = 250
PATIENCE = 600.0
AWAY = "http://127.0.0.1:9"


@pytest.fixture
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    instance = waiting_instance(tmp_path_factory.mktemp("backlog"), TASKS)
    yield instance
    instance.kill_what_is_left()
    instance.place.database.close()


def test_each_of_hundreds_of_tasks_is_launched_once_when_dagster_is_back(instance: Instance) -> None:
    assert TASKS > MOST_AT_ONCE
    place = instance.place
    place.settings = replace(place.settings, dagster_url=AWAY)
    headers = {"Authorization": f"Bearer {People(place).token('admin')}"}
    with TestClient(create_app(place), base_url="http://api.test", headers=headers) as client:
        for number, episode in enumerate(put_episodes(instance, TASKS)):
            images = f"/api/v1/episodes/{episode}/images"
            answer = client.post(images, headers={"Idempotency-Key": episode})
            launch = answer.json()["launch"]
            assert (answer.status_code, launch["run_id"], launch["dagster"]) == (202, None, "away"), answer.text
            assert launch["why"] == "Dagster cannot be reached now; it is launched as soon as it can"
            if number % 10 == 0:
                assert client.post(images, headers={"Idempotency-Key": episode}).json() == answer.json()
    assert still_waiting(instance) == TASKS

    instance.up()
    # Killed while the first of them are submitted.
    poll(lambda: submitted(instance) > 20 or None, "the first runs", seconds=PATIENCE)
    instance.kill_servers()
    assert submitted(instance) < MOST_AT_ONCE
    instance.up()
    poll(lambda: still_waiting(instance) == 0 or None, "a run for every task", seconds=PATIENCE)
    instance.down()

    found = standing(instance)
    assert len(found.tasks) == len(found.runs) == TASKS
    assert found.is_one_run_a_task
