"""The sensor that dispatches schedules, in a real Dagster instance."""

from datetime import timedelta

import dagster as dg
import pytest
from support.schedules import add_schedule, add_season, asked

from aianime_pipeline.db.models.base import now
from aianime_pipeline.definitions import defs
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.sensors import schedules as sensor_module


@pytest.fixture(autouse=True)
def here(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensor_module, "installation", lambda: place)


def tick(instance: dg.DagsterInstance) -> str:
    found = sensor_module.due_schedules(dg.build_sensor_context(instance=instance, definitions=defs))
    assert isinstance(found, dg.SkipReason)
    return str(found.skip_message)


def test_a_tick_asks_for_what_is_due_and_says_what_it_did(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    add_season(place.database, episodes=2)
    moment = now()
    add_schedule(place.database, made=f"{moment:%Y-%m-%d %H:%M:%S}", cron="* * * * *")
    with dg.DagsterInstance.ephemeral() as instance:
        monkeypatch.setattr(sensor_module, "now", lambda: moment + timedelta(minutes=1))
        assert tick(instance) == "1 schedules were looked at, 2 tasks asked for."
        assert tick(instance).startswith("No minute has begun since ")
    assert len(asked(place.database)) == 2


def test_a_tick_evaluated_as_the_daemon_does_requests_no_run(place: Installation) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        sensor = defs.get_sensor_def("due_schedules")
        done = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, definitions=defs))
    assert done.run_requests == []
    assert done.skip_message == "0 schedules were looked at, 0 tasks asked for."


def test_it_runs_by_itself() -> None:
    sensor = defs.get_sensor_def("due_schedules")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds == 5


def test_a_look_that_fails_is_a_failed_tick(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_arguments: object) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(sensor_module, "dispatch", lost)
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(RuntimeError, match="the database is gone"):
        tick(instance)
