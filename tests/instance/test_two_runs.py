"""Two runs of one episode never work at the same time; runs of different episodes do."""

import pytest
from support.dagster_ui import DagsterUI, poll
from support.instance import Instance, requests_of, words_of
from support.quick_provider import Steering

pytestmark = pytest.mark.instance

SHOTS = range(1, 5)


def test_the_second_run_of_an_episode_waits_while_another_episode_is_made(
    instance: Instance, ui: DagsterUI, steering: Steering
) -> None:
    episode, other = instance.put_shots("twins", len(SHOTS), episodes=2)
    held = steering.hold("image", words_of(episode, 1))
    first, second = ui.launch("make_episode", episode), ui.launch("make_episode", episode)
    poll(lambda: steering.submitted(words_of(episode, 1)) or None, "the first run's first request", seconds=60)

    # Another episode goes through the queue from end to end: time enough for the second run, were it let through.
    ui.succeeded(ui.launch("make_episode", other))
    at_work = [run for run in (first, second) if instance.worker_of(run) is not None]
    assert len(at_work) == 1
    [waiting] = {first, second} - set(at_work)
    assert ui.status(waiting) == "QUEUED"
    assert ui.status(at_work[0]) == "STARTED"
    refused = instance.command("make", episode, code=1)
    assert refused["error"]["code"] == "ERR_WORK_HELD"
    assert at_work[0] in refused["error"]["message"]

    held.unlink()
    runs = [ui.succeeded(run).document for run in (at_work[0], waiting)]
    assert runs[0]["endTime"] <= runs[1]["startTime"]
    assert instance.asked_for(episode) == requests_of(episode, SHOTS)
    assert instance.asked_for(other) == requests_of(other, SHOTS)
