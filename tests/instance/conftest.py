"""One `aianime up` for all tests of this folder: each test has a project of its own on it."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from support.dagster_ui import DagsterUI
from support.instance import Instance, running_instance
from support.quick_provider import Steering

from aianime_pipeline.assets import ALL_ASSETS


@pytest.fixture(scope="package")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with running_instance(tmp_path_factory.mktemp("instance")) as running:
        yield running


@pytest.fixture
def ui(instance: Instance) -> DagsterUI:
    return instance.ui


@pytest.fixture(scope="package")
def steering(instance: Instance) -> Steering:
    return instance.steering


@pytest.fixture(scope="package")
def season_backfill(instance: Instance) -> tuple[list[str], str]:
    """Three episodes of four shots, and the id of their backfill over all assets."""
    episodes = instance.import_shots("season", 4, episodes=3)
    return episodes, instance.ui.backfill([asset.key.to_user_string() for asset in ALL_ASSETS], episodes)


@pytest.fixture(scope="package", autouse=True)
def _the_backfill_is_asked_for_first(request: pytest.FixtureRequest) -> None:
    """The daemon looks for backfills every 30 seconds: the other tests use the time."""
    if any("season_backfill" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("season_backfill")


@pytest.fixture(autouse=True)
def _each_test_finds_it_up_and_leaves_nothing_held(instance: Instance, steering: Steering) -> Iterator[None]:
    if not instance.is_up:
        instance.up()
    yield
    steering.let_go()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows the end of what the instance's processes wrote."""
    report = yield
    running = getattr(item, "funcargs", {}).get("instance")
    if report.failed and running is not None:
        report.sections.append(("aianime up", running.last_log()))
    return report
