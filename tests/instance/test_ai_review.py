"""An episode whose images the AI reviewer looks at: between images and videos of one run, and by a run of its own."""

import pytest
from support.dagster_ui import DagsterUI
from support.instance import Instance

pytestmark = pytest.mark.instance


def test_what_the_ai_reviewer_rejects_gets_no_video_and_the_review_can_be_run_alone(
    instance: Instance, ui: DagsterUI
) -> None:
    # The quick provider's pictures are one plain colour each.
    [episode] = instance.put_shots("seen-by-ai", 2, review_image="ai")

    made = ui.succeeded(ui.launch("make_episode", episode))
    assert made.checks["shot_images/image_review"] == (False, "WARN")
    assert made.checks["shot_videos/video_review"] == (True, "WARN")
    assert {entry.partition(" ")[0] for entry in instance.asked_for(episode)} == {"image", "speech"}
    assert instance.status_of(episode)["film"] is None

    alone = ui.succeeded(ui.launch("review_takes", episode))
    assert alone.materialized == []
    assert set(alone.checks) == {"shot_images/image_review", "shot_videos/video_review", "voice_lines/voice_review"}
    assert alone.checks["shot_images/image_review"] == (False, "WARN")
