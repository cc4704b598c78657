"""A shot that fails, in a run that was launched from the UI, and the UI's re-execution from failure."""

import pytest
from support.dagster_ui import DagsterUI
from support.instance import Instance, requests_of, words_of
from support.quick_provider import Steering

pytestmark = pytest.mark.instance

SHOTS = range(1, 6)


def test_a_failed_shot_fails_its_run_by_name_and_a_re_execution_makes_only_that_shot(
    instance: Instance, ui: DagsterUI, steering: Steering
) -> None:
    [episode] = instance.put_shots("stumble", len(SHOTS))
    steering.fail("video", words_of(episode, 3), kind="bad_input")

    failed = ui.finished(ui.launch("make_episode", episode))
    assert failed.status == "FAILURE"
    assert list(failed.failures) == ["shot_videos"]
    assert "1 of 5 shots failed, the others were kept: shot 3: " in failed.failures["shot_videos"]
    assert "shot_videos" not in failed.materialized
    assert "composite_films" not in failed.materialized
    assert {"shot_images", "voice_lines"} <= set(failed.materialized)
    videos = {shot["number"]: shot["video"] for shot in instance.status_of(episode)["shots"]}
    assert videos == {1: "approved", 2: "approved", 3: "failed", 4: "skipped", 5: "approved"}
    assert instance.asked_for(episode) == requests_of(episode, SHOTS)

    again = ui.succeeded(ui.run_again(failed.document["runId"], "FROM_FAILURE"))
    assert again.document["rootRunId"] == failed.document["runId"]
    assert again.materialized == ["shot_videos", "composite_films", "episode_zips"]
    once_more = sorted([*requests_of(episode, SHOTS), f"video {words_of(episode, 3)}"])
    assert instance.asked_for(episode) == once_more
    status = instance.status_of(episode)
    assert status["film"] is not None
    assert status["package"] is not None
    assert episode in ui.assets()["episode_zips"]["assetPartitionStatuses"]["materializedPartitions"]


def test_every_failed_shot_is_named_and_each_finished_one_told(
    instance: Instance, ui: DagsterUI, steering: Steering
) -> None:
    [episode] = instance.put_shots("stumbles", len(SHOTS))
    for shot in (2, 5):
        steering.fail("image", words_of(episode, shot), kind="moderated")

    failed = ui.finished(ui.launch("make_episode", episode))
    assert "2 of 5 shots failed" in failed.failures["shot_images"]
    assert "shot 2: " in failed.failures["shot_images"]
    assert "shot 5: " in failed.failures["shot_images"]
    told = [event for event in failed.of_type("ObservationEvent") if event["assetKey"]["path"] == ["shot_images"]]
    shots = {entry["intValue"] for event in told for entry in event["metadataEntries"] if entry["label"] == "shot"}
    assert shots == set(SHOTS)
    assert {event["partition"] for event in told} == {episode}
