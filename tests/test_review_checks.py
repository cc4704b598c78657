"""The AI review line as Dagster runs it: between the images and the videos of one run, or by itself."""

from pathlib import Path

import dagster as dg
import pytest
from PIL import Image
from support import quick_provider
from support.making import KEY, Studio
from support.review_media import SIZE, saved, scene
from support.review_studio import lay, reviewing

from aianime_pipeline import resources
from aianime_pipeline.definitions import defs
from aianime_pipeline.partitions import PARTITIONS_NAME
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.providers.capabilities import ImageRequest, Produced

STAGES = ["storyboards", "reference_images", "shot_images", "shot_videos"]


@pytest.fixture
def kind() -> str:
    """The database is no matter here."""
    return "sqlite"


@pytest.fixture
def instance() -> dg.DagsterInstance:
    found = dg.DagsterInstance.ephemeral()
    found.add_dynamic_partitions(PARTITIONS_NAME, [KEY])
    return found


@pytest.fixture
def studio(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    monkeypatch.setattr(resources, "installation", lambda: studio.place)
    return studio


def ran(instance: dg.DagsterInstance, job: str, assets: list[str] | None = None) -> dg.ExecuteInProcessResult:
    selection = [dg.AssetKey(name) for name in assets] if assets else None
    return defs.resolve_job_def(job).execute_in_process(
        instance=instance, partition_key=KEY, asset_selection=selection, raise_on_error=False
    )


def check_of(result: dg.ExecuteInProcessResult, name: str) -> dg.AssetCheckEvaluation:
    return next(found for found in result.get_asset_check_evaluations() if found.check_name == name)


def rows_of(check: dg.AssetCheckEvaluation) -> list[dict[str, object]]:
    table = check.metadata["table"]
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def test_one_run_goes_from_images_over_their_review_to_the_videos_of_what_was_approved(
    studio: Studio, instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def painted(request: ImageRequest, into: Path) -> Produced:
        black = "picture 2" in request.prompt
        saved(Image.new("RGB", SIZE, "black") if black else scene(seed=request.seed), into.parent, into.name)
        return Produced(into, "image/png", {"seed": request.seed})

    monkeypatch.setattr(quick_provider, "_picture", painted)
    reviewing(studio, tmp_path, 2)
    result = ran(instance, "make_episode", STAGES)
    assert result.success
    check = check_of(result, "image_review")
    assert (check.passed, check.severity, check.partition) == (False, dg.AssetCheckSeverity.WARN, KEY)
    assert check.description == "1 approved, 1 rejected"
    assert rows_of(check) == [
        {
            "shot": 1, "verdict": "approved", "score": rows_of(check)[0]["score"], "reasons": "", "state": "approved",
            "reviewer": "built-in",
        },
        {
            "shot": 2, "verdict": "rejected", "score": 20, "reasons": "it is black", "state": "rejected",
            "reviewer": "built-in",
        },
    ]  # fmt: skip
    assert [studio.stage_row(1, stage).state for stage in (Stage.IMAGE, Stage.VIDEO)] == ["approved", "approved"]
    assert studio.takes(2, Stage.VIDEO) == []
    steps = [event.step_key for event in result.all_events if event.event_type_value == "STEP_START"]
    assert steps.index("shot_images") < steps.index("image_reviews") < steps.index("shot_videos")


def test_where_nobody_asked_for_an_ai_review_the_checks_pass(
    studio: Studio, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    reviewing(studio, tmp_path, 1, review_image="none")
    result = ran(instance, "make_episode", STAGES)
    for name in ("image_review", "video_review"):
        check = check_of(result, name)
        assert (check.passed, check.description) == (True, "nothing to review: nobody asked for an AI review")
        assert rows_of(check) == []


def test_the_review_runs_by_itself_and_makes_nothing(
    studio: Studio, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    reviewing(studio, tmp_path, 1).make(Stage.IMAGE)
    lay(studio, 1, saved(scene(), tmp_path))
    asked = len(studio.steering.submitted())
    result = ran(instance, "review_takes")
    assert result.success
    assert {check.check_name: check.passed for check in result.get_asset_check_evaluations()} == {
        "image_review": True,
        "video_review": True,
        "voice_review": True,
    }
    assert check_of(result, "image_review").description == "1 approved"
    assert check_of(result, "voice_review").description == "nothing to review: nobody asked for an AI review"
    assert studio.stage_row(1, Stage.IMAGE).state == "approved"
    assert len(studio.steering.submitted()) == asked
    assert result.get_asset_materialization_events() == []


def test_a_sensor_can_ask_for_the_review_of_an_episode(instance: dg.DagsterInstance) -> None:
    """A job without assets has no partitions of its own in Dagster: it would be refused at its launch."""
    found = defs.resolve_job_def("review_takes").partitions_def
    assert isinstance(found, dg.DynamicPartitionsDefinition)
    assert found.name == PARTITIONS_NAME
