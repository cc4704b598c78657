"""Ctrl-C ends every process of `aianime up`, also while a run is at work; the next run goes on with what it left."""

import pytest
from support.dagster_ui import DagsterUI, poll
from support.instance import Instance, requests_of, words_of
from support.quick_provider import Steering

pytestmark = pytest.mark.instance

SHOTS = range(1, 3)


def test_ctrl_c_leaves_no_process_behind_and_no_work_lost(
    instance: Instance, ui: DagsterUI, steering: Steering
) -> None:
    [episode] = instance.put_shots("stopped", len(SHOTS))
    held = steering.hold("video", words_of(episode, 2))
    run = ui.launch("make_episode", episode)

    def first_video_is_there() -> bool | None:
        states = [shot["video"] for shot in instance.status_of(episode)["shots"]]
        return True if states == ["approved", "generating"] else None

    poll(first_video_is_there, "the first video", seconds=90)
    worker = instance.worker_of(run)
    assert worker is not None
    assert worker.pid in instance.processes()

    assert instance.down() == 0
    assert instance.processes() == {}

    held.unlink()
    result = instance.command("make", episode)
    assert result["status"] == "done"
    assert result["stages"]["images"] == result["stages"]["images"] | {"made": 0, "kept": 2}
    assert instance.asked_for(episode) == sorted([*requests_of(episode, SHOTS), f"video {words_of(episode, 2)}"])
