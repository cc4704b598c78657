"""Jobs at vendors whose shot a person has decided about meanwhile: paid, kept, and never put in the place of what the
person chose."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from fakes.vendor import Vendor
from support.making import KEY, Studio
from support.vendor_studio import open_studio, wait_for_jobs, write_configuration

from aianime_pipeline.db.models import Generation, Mark, ProviderUsage, Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.generations.people import resolve
from aianime_pipeline.production.generations.waiting import Ended, ended_generations
from aianime_pipeline.production.reviews import lock_shots, select_take, unlock_shots
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.production.tasks.orders import MAKE_JOB
from aianime_pipeline.production.tasks.stopping import stop_automatic_work
from aianime_pipeline.sensors import generations as sensor_module


@pytest.fixture
def studio(tmp_path: Path, migrated_url: str) -> Studio:
    return open_studio(migrated_url, tmp_path / "home", tmp_path / "steering")


@pytest.fixture
def ark() -> Iterator[Vendor]:
    with Vendor("ark") as running:
        yield running


def decided_meanwhile(studio: Studio, ark: Vendor, folder: Path) -> Generation:
    """A shot with two takes of its video, of which a person chose the first; of a third nobody knew whether it was
    taken, until the person found its job in the vendor's list."""
    write_configuration(studio.place.settings.home, ark=ark.address)
    studio.storyboard(folder, 1)
    studio.make(Stage.IMAGE)
    studio.make(Stage.VIDEO)
    studio.make(Stage.VIDEO, studio.run(shots=[1], force=True))
    ark.order({"on": "submit", "kind": "timeout_after", "seconds": 0.3})
    studio.make(Stage.VIDEO, studio.run(shots=[1], force=True))
    [lost] = [row for row in studio.rows(Generation) if row.state == "ambiguous"]
    with studio.place.database.write() as session:
        select_take(session, find_episode(session, KEY), Stage.VIDEO, 1, 1, who="wu")
    job = ark.jobs[-1]["id"]
    return resolve(studio.place, lost.id, "charged", "wu", job_id=job)


def lock(studio: Studio) -> None:
    with studio.place.database.write() as session:
        lock_shots(session, find_episode(session, KEY), Stage.VIDEO, [1], who="wu")


@pytest.mark.parametrize("state", ["approved", "locked"])
def test_a_run_leaves_what_a_person_decided_and_the_result_is_kept_beside_it(
    studio: Studio, tmp_path: Path, ark: Vendor, state: str
) -> None:
    generation = decided_meanwhile(studio, ark, tmp_path)
    if state == "locked":
        lock(studio)
    before = studio.stage_row(1, Stage.VIDEO)
    assert studio.make(Stage.VIDEO).counts == (0, 1, 0, 0, 0)
    wait_for_jobs(ark)
    found = ended_generations(studio.place)
    assert (found.asked, found.ended, found.settled) == (1, [], 1)
    row = studio.stage_row(1, Stage.VIDEO)
    assert (row.state, row.selected_take_id, row.version) == (state, before.selected_take_id, before.version)
    takes = studio.takes(1, Stage.VIDEO)
    assert [(take.number, take.state) for take in takes] == [(1, "ready"), (2, "ready"), (3, "ready")]
    assert takes[2].object_digest is not None
    assert studio.place.store.exists(takes[2].object_digest)
    [settled] = [row for row in studio.rows(Generation) if row.id == generation.id]
    assert settled.state == "succeeded"
    assert sum(row.cost_micros for row in studio.rows(ProviderUsage)) == ark.charged_micros
    assert ended_generations(studio.place).asked == 0
    assert studio.make(Stage.VIDEO).counts == (0, 1, 0, 0, 0), "nothing loops"


def test_the_take_that_was_kept_beside_can_be_chosen(studio: Studio, tmp_path: Path, ark: Vendor) -> None:
    decided_meanwhile(studio, ark, tmp_path)
    wait_for_jobs(ark)
    ended_generations(studio.place)
    with studio.place.database.write() as session:
        select_take(session, find_episode(session, KEY), Stage.VIDEO, 1, 3, who="wu")
    assert studio.stage_row(1, Stage.VIDEO).selected_take_id == studio.takes(1, Stage.VIDEO)[2].id


def test_a_result_that_is_not_to_be_had_now_is_fetched_later_and_paid_once(
    studio: Studio, tmp_path: Path, ark: Vendor
) -> None:
    generation = decided_meanwhile(studio, ark, tmp_path)
    wait_for_jobs(ark)
    ark.order({"on": "download", "kind": "cut", "times": None})
    assert ended_generations(studio.place).settled == 0
    assert "submitted" in {state for _, state in studio.generations()}
    ark.order()
    with studio.place.database.write() as session:
        session.execute(sa.update(Generation).where(Generation.id == generation.id).values(next_poll_at=now()))
    assert ended_generations(studio.place).settled == 1
    assert sum(row.cost_micros for row in studio.rows(ProviderUsage)) == ark.charged_micros


def test_a_job_that_is_gone_is_left_to_a_persons_word_and_the_shot_as_it_is(
    studio: Studio, tmp_path: Path, ark: Vendor
) -> None:
    generation = decided_meanwhile(studio, ark, tmp_path)
    lock(studio)
    with studio.place.database.write() as session:
        session.execute(sa.update(Generation).where(Generation.id == generation.id).values(job_id="cgt-unknown"))
    assert ended_generations(studio.place).settled == 1
    assert [row.state for row in studio.rows(Generation) if row.id == generation.id] == ["ambiguous"]
    assert studio.stage_row(1, Stage.VIDEO).state == "locked"


def test_whoever_names_the_shot_to_have_it_made_again_gets_what_is_paid_already(
    studio: Studio, tmp_path: Path, ark: Vendor
) -> None:
    decided_meanwhile(studio, ark, tmp_path)
    asked = len(ark.requests("submit"))
    studio.make(Stage.VIDEO, studio.run(shots=[1], force=True))
    assert len(ark.requests("submit")) == asked
    assert studio.stage_row(1, Stage.VIDEO).selected_take_id == studio.takes(1, Stage.VIDEO)[-1].id
    assert sum(row.cost_micros for row in studio.rows(ProviderUsage)) == ark.charged_micros


def test_a_shot_that_is_unlocked_and_rejected_gets_the_result_by_a_run(
    studio: Studio, tmp_path: Path, ark: Vendor
) -> None:
    decided_meanwhile(studio, ark, tmp_path)
    lock(studio)
    with studio.place.database.write() as session:
        unlock_shots(session, find_episode(session, KEY), Stage.VIDEO, [1], reason="no good", who="wu")
    studio.review(Stage.VIDEO, reject=[1], reason="no good")
    wait_for_jobs(ark)
    [ended] = ended_generations(studio.place).ended
    assert ended.episode == KEY
    assert studio.make(Stage.VIDEO).counts == (1, 0, 0, 0, 0)


def test_of_an_episode_that_a_person_stopped_only_what_has_ended_is_fetched(
    studio: Studio, tmp_path: Path, ark: Vendor
) -> None:
    decided_meanwhile(studio, ark, tmp_path)
    studio.review(Stage.VIDEO, reject=[1], reason="no good")
    with studio.place.database.write() as session:
        stop_automatic_work(session, Task(episode_id=find_episode(session, KEY).id))
    wait_for_jobs(ark)
    [ended] = ended_generations(studio.place).ended
    assert ended.only == (1,)
    assert studio.rows(Mark)
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.add_run(dg.DagsterRun(job_name=MAKE_JOB))
        of_run = Ended(ended.episode, ended.capabilities, run.run_id, ended.key, ended.only)
        request = sensor_module._request(instance, of_run)
    assert [key.to_user_string() for key in request.asset_selection or []] == ["shot_videos"]
    assert request.run_config["resources"]["request"]["config"] == {"shots": [1], "leave_failed": True}
