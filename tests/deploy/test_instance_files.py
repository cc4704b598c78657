"""Which `dagster.yaml` an installation has, and what the two of the repository say, read by Dagster itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickStatus
from support.postgres import PostgresServer

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.instance import ROOT, prepare_instance
from aianime_pipeline.settings import Settings, read_settings

TEAM = ROOT / "deploy" / "dagster.yaml"
NEEDED = ["AIANIME_DAGSTER_DATABASE_URL", "AIANIME_LOGS_BUCKET", "AIANIME_S3_ENDPOINT"]


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        monkeypatch.delenv(name, raising=False)


def chosen(home: Path, config: Path | None = None) -> Settings:
    environment = {"AIANIME_HOME": str(home)} | ({"AIANIME_DAGSTER_CONFIG": str(config)} if config else {})
    return read_settings(environment)


@contextmanager
def opened(settings: Settings) -> Iterator[dg.DagsterInstance]:
    variables = prepare_instance(settings)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        with dg.DagsterInstance.from_config(variables["DAGSTER_HOME"]) as instance:
            yield instance


def test_the_laptops_file_is_used_unless_another_is_named(tmp_path: Path) -> None:
    prepare_instance(chosen(tmp_path / "home"))
    put = tmp_path / "home" / "dagster" / "dagster.yaml"
    assert put.read_bytes() == (ROOT / "dagster.yaml").read_bytes()

    mine = tmp_path / "mine.yaml"
    mine.write_text("telemetry:\n  enabled: false\n")
    prepare_instance(chosen(tmp_path / "home", mine))
    assert put.read_bytes() == mine.read_bytes()

    prepare_instance(chosen(tmp_path / "home"))
    assert put.read_bytes() == (ROOT / "dagster.yaml").read_bytes()


def test_a_file_that_is_not_there_is_told_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(BadSettingError, match=r"AIANIME_DAGSTER_CONFIG names .*nowhere\.yaml"):
        prepare_instance(chosen(tmp_path, tmp_path / "nowhere.yaml"))


def test_a_file_that_is_no_yaml_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("storage: [")
    with pytest.raises(BadSettingError, match=r"mine\.yaml cannot be read as YAML"):
        prepare_instance(chosen(tmp_path, tmp_path / "mine.yaml"))


def test_every_variable_that_the_teams_file_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIANIME_LOGS_BUCKET", "films")
    with pytest.raises(BadSettingError, match="AIANIME_DAGSTER_DATABASE_URL, AIANIME_S3_ENDPOINT") as told:
        prepare_instance(chosen(tmp_path, TEAM))
    assert told.value.details["missing"] == ["AIANIME_DAGSTER_DATABASE_URL", "AIANIME_S3_ENDPOINT"]


def test_the_laptops_ticks_are_not_kept_for_ever(tmp_path: Path) -> None:
    with opened(chosen(tmp_path)) as instance:
        assert all(days > 0 for days in instance.get_tick_retention_settings(InstigatorType.SENSOR).values())
        assert instance.get_tick_retention_settings(InstigatorType.SENSOR)[TickStatus.SKIPPED] == 1


def test_the_teams_limits_monitoring_and_retention(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = (postgres.url(postgres.new_database()), "films", "http://127.0.0.1:1")
    for name, value in zip(NEEDED, values, strict=True):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with opened(chosen(tmp_path, TEAM)) as instance:
        assert instance.get_sensor_settings() == {"use_threads": True, "num_workers": 4, "num_submit_workers": 4}
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        assert {(one["key"], one["limit"]) for one in queue.tag_concurrency_limits} == {
            ("dagster/partition", 1),
            ("aianime/project", 4),
        }
        assert all(one["value"] == {"applyLimitPerUniqueValue": True} for one in queue.tag_concurrency_limits)
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_max_runtime_seconds == 14_400
        for kind in InstigatorType.SENSOR, InstigatorType.SCHEDULE:
            assert all(days > 0 for days in instance.get_tick_retention_settings(kind).values())
        assert type(instance.run_storage).__name__ == "PostgresRunStorage"


def test_dagsters_database_gets_the_driver_that_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIANIME_DAGSTER_DATABASE_URL", "postgresql://ai:p%40ss@host/dagster")
    variables = prepare_instance(chosen(tmp_path))
    assert variables["AIANIME_DAGSTER_DATABASE_URL"] == "postgresql+psycopg2://ai:p%40ss@host/dagster"
    monkeypatch.setenv("AIANIME_DAGSTER_DATABASE_URL", "mysql://host/dagster")
    with pytest.raises(BadSettingError, match="AIANIME_DAGSTER_DATABASE_URL names mysql"):
        prepare_instance(chosen(tmp_path))
