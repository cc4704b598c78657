"""Three episodes of a season, imported by the command line and backfilled as the Dagster UI does it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.dagster_ui import DagsterUI, RunSeen
from support.instance import Instance, requests_of, speaker_of

from aianime_pipeline.assets import ALL_ASSETS
from aianime_pipeline.definitions import defs
from aianime_pipeline.film.probe import probe_film
from aianime_pipeline.packaging.check import check_package

pytestmark = pytest.mark.instance

ASSETS = sorted(asset.key.to_user_string() for asset in ALL_ASSETS)
INSTALLATION = "installation"
"""Of no episode: its check is of the whole installation."""

SHOTS = range(1, 5)


@dataclass
class Season:
    episodes: list[str]
    backfill: dict[str, Any]
    runs: list[RunSeen]


@pytest.fixture(scope="module")
def season(season_backfill: tuple[list[str], str], instance: Instance) -> Season:
    ui = instance.ui
    episodes, backfill_id = season_backfill
    backfill = ui.backfill_finished(backfill_id, seconds=150)
    return Season(episodes, backfill, [ui.run(run["runId"]) for run in backfill["runs"]])


def test_imported_episodes_are_partitions_of_every_asset(season: Season, ui: DagsterUI) -> None:
    assets = ui.assets()
    assert sorted(assets) == sorted([*ASSETS, INSTALLATION])
    for name in ASSETS:
        asset = assets[name]
        assert set(season.episodes) <= set(asset["partitionKeys"]), name


def test_a_backfill_over_all_assets_ends_well_with_one_run_per_episode(season: Season) -> None:
    assert season.backfill["status"] == "COMPLETED_SUCCESS", season.backfill
    assert sorted(run.tags["dagster/partition"] for run in season.runs) == season.episodes


def test_every_asset_of_every_episode_is_materialized(season: Season, ui: DagsterUI) -> None:
    assets = ui.assets()
    for name in ASSETS:
        asset = assets[name]
        states = asset["assetPartitionStatuses"]
        assert set(season.episodes) <= set(states["materializedPartitions"]), name
        assert not set(season.episodes) & set(states["failedPartitions"]), name
    assert [run.materialized for run in season.runs if sorted(run.materialized) != ASSETS] == []


def test_the_checks_ran_for_every_episode_and_passed(season: Season) -> None:
    checks = {f"{key.asset_key.to_user_string()}/{key.name}" for key in defs.resolve_asset_graph().asset_check_keys}
    checks = {name for name in checks if not name.startswith(f"{INSTALLATION}/")}
    for run in season.runs:
        assert {name: passed for name, (passed, _) in run.checks.items()} == dict.fromkeys(checks, True)


def test_every_episode_has_its_film_and_its_zip(season: Season, instance: Instance) -> None:
    for episode in season.episodes:
        status = instance.status_of(episode)
        picture = probe_film(Path(status["film"]["path"])).picture
        assert picture is not None
        assert (picture.width, picture.height, picture.gaps) == (854, 480, 0)
        assert picture.frames == status["film"]["frames"]
        assert picture.frames >= len(SHOTS) * 36
        assert check_package(Path(status["package"]["path"])) == []


def test_nothing_was_asked_for_twice(season: Season, instance: Instance) -> None:
    for episode in season.episodes:
        assert instance.asked_for(episode) == requests_of(episode, SHOTS)
    # The three episodes share the one character: whoever came first drew her.
    assert instance.asked_for(speaker_of("season")) == [f"image {speaker_of('season')}"]
