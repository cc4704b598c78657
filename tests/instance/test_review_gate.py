"""An episode whose images a person looks at: the film waits, the run does not fail."""

import pytest
from support.dagster_ui import DagsterUI
from support.instance import Instance, requests_of

pytestmark = pytest.mark.instance

SHOTS = range(1, 5)


def test_the_film_waits_for_a_person_and_is_made_by_the_next_run(instance: Instance, ui: DagsterUI) -> None:
    [episode] = instance.put_shots("looked-at", len(SHOTS), review_image="human")

    waiting = ui.succeeded(ui.launch("make_episode", episode))
    assert {"shot_images", "shot_videos", "voice_lines"} <= set(waiting.materialized)
    assert "composite_films" not in waiting.materialized
    assert "episode_zips" not in waiting.materialized
    assert [event["stepKey"] for event in waiting.of_type("ExecutionStepSkippedEvent")].count("episode_zips") == 1
    # Nobody asked for an AI review.
    nothing = ("shot_images/image_review", "shot_videos/video_review", "voice_lines/voice_review")
    assert waiting.checks == {"composite_films/ready": (False, "WARN"), **dict.fromkeys(nothing, (True, "WARN"))}
    [told] = [
        event for event in waiting.of_type("ObservationEvent") if event["assetKey"]["path"] == ["composite_films"]
    ]
    assert told["partition"] == episode
    listed = {entry["label"]: entry for entry in told["metadataEntries"]}
    assert listed["waiting_shots"]["jsonString"] == "[1, 2, 3, 4]"
    assert "shot 2: image is review" in listed["waiting"]["mdStr"]
    unmade = ui.assets()["composite_films"]["assetPartitionStatuses"]
    assert episode in unmade["unmaterializedPartitions"]
    assert episode not in unmade["failedPartitions"]
    assert instance.status_of(episode)["film"] is None

    verdicts = instance.command("review", episode, "--stage", "images", "--approve", "all")
    assert verdicts["shots"] == {"1": "approved", "2": "approved", "3": "approved", "4": "approved"}

    made = ui.succeeded(ui.launch("make_episode", episode))
    assert {"composite_films", "episode_zips"} <= set(made.materialized)
    assert made.checks["composite_films/ready"][0]
    assert instance.status_of(episode)["film"] is not None
    assert instance.asked_for(episode) == requests_of(episode, SHOTS)
