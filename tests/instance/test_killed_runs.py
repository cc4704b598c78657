"""Runs whose process is killed with no time to say anything: what was finished stays, what was not is made."""

import os
import signal

import pytest
from support.dagster_ui import DagsterUI, poll
from support.instance import Instance, requests_of, words_of
from support.quick_provider import Steering

pytestmark = pytest.mark.instance

SHOTS = range(1, 5)


def test_a_killed_run_is_started_again_by_the_daemon_and_goes_on_where_it_stopped(
    instance: Instance, ui: DagsterUI, steering: Steering
) -> None:
    [episode] = instance.put_shots("cut-off", len(SHOTS))
    held = steering.hold("video", words_of(episode, 2))
    killed = ui.launch("make_episode", episode)
    wait_until_only_the_held_video_is_missing(instance, episode)
    kill(instance, killed)
    held.unlink()

    assert ui.finished(killed).status == "FAILURE"
    retry = poll(
        lambda: next((run["runId"] for run in ui.runs_of(episode) if run["runId"] != killed), None),
        "Dagster's retry of the killed run",
        seconds=60,
    )
    assert ui.succeeded(retry).document["rootRunId"] == killed
    assert instance.asked_for(episode) == sorted([*requests_of(episode, SHOTS), f"video {words_of(episode, 2)}"])
    assert instance.status_of(episode)["film"] is not None


def test_a_killed_command_is_taken_over_by_the_next_one(instance: Instance, ui: DagsterUI, steering: Steering) -> None:
    [episode] = instance.put_shots("unplugged", len(SHOTS))
    held = steering.hold("video", words_of(episode, 2))
    command = instance.start_command("make", episode, "--shots", "1-4", "--force")
    wait_until_only_the_held_video_is_missing(instance, episode)
    [run] = ui.runs_of(episode)
    worker = instance.worker_of(run["runId"])
    assert worker is not None
    assert worker.pid == command.pid
    command.send_signal(signal.SIGKILL)
    command.wait()
    held.unlink()
    assert ui.status(run["runId"]) == "STARTED"

    result = instance.command("make", episode)
    assert result["status"] == "done"
    assert result["stages"]["images"] == result["stages"]["images"] | {"made": 0, "kept": 4}
    assert result["stages"]["videos"] == result["stages"]["videos"] | {"made": 1, "kept": 2}
    assert ui.status(run["runId"]) == "FAILURE"
    once_more = sorted([*requests_of(episode, SHOTS), f"video {words_of(episode, 2)}"])
    assert instance.asked_for(episode) == once_more

    # Nothing starts the killed run again by itself; when a person does, its `force` was served by the run after it.
    assert ui.run(run["runId"]).tags["dagster/will_retry"] == "false"
    again = ui.succeeded(ui.run_again(run["runId"], "ALL_STEPS"))
    assert again.document["rootRunId"] == run["runId"]
    assert instance.asked_for(episode) == once_more


def wait_until_only_the_held_video_is_missing(instance: Instance, episode: str) -> None:
    def look() -> bool | None:
        states = [shot["video"] for shot in instance.status_of(episode)["shots"]]
        return True if states == ["approved", "generating", "approved", "skipped"] else None

    poll(look, f"the videos of {episode} but one", seconds=60)


def kill(instance: Instance, run_id: str) -> None:
    worker = instance.worker_of(run_id)
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
