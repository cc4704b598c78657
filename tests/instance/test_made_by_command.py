"""A run of `aianime make` is a run like any other: the UI shows it and can execute it again."""

import subprocess
import sys

import pytest
from support.dagster_ui import LOCATION, REPOSITORY, DagsterUI
from support.instance import Instance, requests_of

from aianime_pipeline.instance import ROOT

pytestmark = pytest.mark.instance

SHOTS = range(1, 4)


@pytest.fixture(scope="module")
def made(instance: Instance) -> dict[str, str]:
    """An episode made up to its images by the command line."""
    [episode] = instance.put_shots("by-hand", len(SHOTS))
    result = instance.command("make", episode, "--to", "images")
    assert result["status"] == "done"
    return {"episode": episode, "run": result["run_id"]}


def test_the_ui_shows_it_with_its_episode(made: dict[str, str], ui: DagsterUI) -> None:
    assert [run["runId"] for run in ui.runs_of(made["episode"])] == [made["run"]]
    run = ui.run(made["run"])
    assert run.status == "SUCCESS"
    assert run.tags["aianime/episode"] == made["episode"]
    assert run.document["repositoryOrigin"] == {"repositoryName": REPOSITORY, "repositoryLocationName": LOCATION}
    assert sorted(run.materialized) == ["reference_images", "screenplays", "shot_images", "storyboards"]
    assets = ui.assets()
    assert made["episode"] in assets["shot_images"]["assetPartitionStatuses"]["materializedPartitions"]
    assert made["episode"] in assets["shot_videos"]["assetPartitionStatuses"]["unmaterializedPartitions"]


def test_dagsters_own_commands_show_it_on_the_same_instance(made: dict[str, str], instance: Instance) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "dagster", "run", "list"],
        env=instance.dagster_environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert made["run"] in listed.stdout


def test_the_ui_executes_it_again_with_its_own_stages_and_asks_for_nothing(
    made: dict[str, str], ui: DagsterUI, instance: Instance
) -> None:
    before = instance.asked_for(made["episode"])
    assert before == [line for line in requests_of(made["episode"], SHOTS) if line.startswith("image")]
    assert ui.run(made["run"]).document["hasReExecutePermission"]
    again = ui.succeeded(ui.run_again(made["run"], "ALL_STEPS"))
    assert again.tags["dagster/partition"] == made["episode"]
    assert again.document["parentRunId"] == made["run"]
    assert sorted(again.materialized) == ["reference_images", "screenplays", "shot_images", "storyboards"]
    assert instance.asked_for(made["episode"]) == before
