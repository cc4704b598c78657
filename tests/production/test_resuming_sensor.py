"""The sensor that lets episodes go on whose jobs outlasted their run, in a real Dagster instance."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest
from fakes.vendor import Vendor
from support.making import KEY, Studio
from support.vendor_studio import LONG_JOB, open_studio, wait_for_jobs, write_configuration

from aianime_pipeline.db.models import Generation
from aianime_pipeline.db.models.base import now
from aianime_pipeline.definitions import defs
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.generations.waiting import Ended
from aianime_pipeline.production.reviews import skip_shots
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.production.tasks.orders import MAKE_JOB
from aianime_pipeline.sensors import generations as sensor_module


@pytest.fixture
def studio(tmp_path: Path, migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Studio:
    found = open_studio(migrated_url, tmp_path / "home", tmp_path / "steering")
    monkeypatch.setattr(sensor_module, "installation", lambda: found.place)
    return found


@pytest.fixture
def ark() -> Iterator[Vendor]:
    with Vendor("ark") as running:
        yield running


def tick(instance: dg.DagsterInstance) -> dg.SensorResult | dg.SkipReason:
    context = dg.build_sensor_context(instance=instance, definitions=defs)
    found = sensor_module.finished_generations(context)
    assert isinstance(found, dg.SensorResult | dg.SkipReason)
    return found


def test_a_tick_asks_after_what_is_due_and_requests_the_rest_of_the_episode(
    studio: Studio, tmp_path: Path, ark: Vendor
) -> None:
    write_configuration(studio.place.settings.home, ark=ark.address)
    studio.storyboard(tmp_path, 2)
    studio.make(Stage.IMAGE)
    ark.jobs_go(seconds=LONG_JOB)
    studio.make(Stage.VIDEO, replace(studio.run(), patient_until=now()))

    def due() -> None:
        with studio.place.database.write() as session:
            session.query(Generation).filter(Generation.state == "submitted").update({"next_poll_at": now()})

    with dg.DagsterInstance.ephemeral() as instance:
        due()
        waiting = tick(instance)
        assert isinstance(waiting, dg.SkipReason)
        assert waiting.skip_message == "2 jobs at vendors were asked after, none has ended."
        wait_for_jobs(ark)
        due()
        found = tick(instance)
        assert isinstance(found, dg.SensorResult)
        (request,) = found.run_requests or []
        assert request.partition_key == "p-e001"
        assert [key.to_user_string() for key in request.asset_selection or []] == [
            "shot_videos", "voice_lines", "composite_films", "episode_zips",
        ]  # fmt: skip
        assert isinstance(tick(instance), dg.SkipReason), "whoever fetches them has time to do so"


def test_it_runs_by_itself_and_starts_the_job_that_makes_episodes() -> None:
    sensor = defs.get_sensor_def("finished_generations")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.job_name == MAKE_JOB


def test_a_look_that_fails_is_a_failed_tick(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_place: object) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(sensor_module, "ended_generations", lost)
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(RuntimeError, match="the database is gone"):
        tick(instance)


def test_a_run_that_goes_on_keeps_to_the_shots_that_were_asked_for_and_forces_nothing() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        asked = {"resources": {"request": {"config": {"shots": [2], "force": True}}}}
        run = instance.add_run(dg.DagsterRun(job_name=MAKE_JOB, run_config=asked))
        ended = Ended("p-e001", frozenset({"video"}), run.run_id, "resume:1")
        request = sensor_module._request(instance, ended)
    assert request.run_config == {"resources": {"request": {"config": {"shots": [2], "leave_failed": True}}}}


def test_the_job_of_a_shot_that_was_left_out_meanwhile_is_closed_and_starts_no_run(
    studio: Studio, tmp_path: Path, ark: Vendor
) -> None:
    write_configuration(studio.place.settings.home, ark=ark.address)
    studio.storyboard(tmp_path, 1)
    studio.make(Stage.IMAGE)
    ark.jobs_go(seconds=LONG_JOB)
    studio.make(Stage.VIDEO, replace(studio.run(), patient_until=now()))
    with studio.place.database.write() as session:
        skip_shots(session, find_episode(session, KEY), [1], reason="cut", who="wu")
        session.query(Generation).filter(Generation.state == "submitted").update({"next_poll_at": now()})
    wait_for_jobs(ark)
    with dg.DagsterInstance.ephemeral() as instance:
        assert isinstance(tick(instance), dg.SkipReason)
    assert "submitted" not in {state for _, state in studio.generations()}
