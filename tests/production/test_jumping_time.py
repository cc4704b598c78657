"""A clock that was set back, or ahead: nothing waits for it, what lives is let live, and nothing new is old."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.test_utils import create_run_for_test
from fakes.vendor import Vendor
from support.channels import add, inside, say, states
from support.making import Studio
from support.vendor_studio import LONG_JOB, open_studio, write_configuration

from aianime_pipeline import dagster_runs
from aianime_pipeline.dagster_runs import NEVER_BEAT_AFTER, report_silent_runs
from aianime_pipeline.db.engine import Database, database_time, is_postgres
from aianime_pipeline.db.models import Delivery, Episode, Generation, Mark, Project, ProviderState, Task
from aianime_pipeline.db.models.base import clock, now
from aianime_pipeline.moments import has_come
from aianime_pipeline.production.automation import asking
from aianime_pipeline.production.automation.deciding import LONGEST, QUIET, Wish, settled
from aianime_pipeline.production.cleanup import run_cleanup
from aianime_pipeline.production.draining import DRAINING, is_draining
from aianime_pipeline.production.generations.intents import standing
from aianime_pipeline.production.generations.waiting import ended_generations
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notifications.handing import hand_over
from aianime_pipeline.production.notifications.taking import lapse
from aianime_pipeline.production.problems import standing_problems
from aianime_pipeline.production.shots.failures import is_tried_again
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Origin, ask_for
from aianime_pipeline.production.tasks.comparing import compare_tasks
from aianime_pipeline.production.tasks.leasing import LEASE, lease_next
from aianime_pipeline.providers.capabilities import Capability
from aianime_pipeline.providers.configuration import Limits
from aianime_pipeline.providers.routing import Health, Standing, blocked

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def off(by: timedelta) -> AbstractContextManager[None]:
    return clock(lambda: datetime.now(UTC) + by)


def only_on_postgres(database: Database) -> None:
    with database.read() as session:
        if not is_postgres(session):
            pytest.skip("SQLite's clock is that of the process")


@pytest.fixture
def studio(tmp_path: Path, migrated_url: str) -> Studio:
    return open_studio(migrated_url, tmp_path / "home", tmp_path / "steering")


@pytest.fixture
def at_vendor(studio: Studio, tmp_path: Path) -> Iterator[Studio]:
    """Two clips are at their vendor; the run that began them has left them there."""
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 2)
        studio.make(Stage.IMAGE)
        ark.jobs_go(seconds=LONG_JOB)
        yield studio


@pytest.mark.parametrize(
    ("ahead", "come"),
    [
        (-SECOND, True),
        (timedelta(0), True),
        (SECOND, False),
        (HOUR, False),
        (HOUR + SECOND, True),
    ],
)
def test_what_lies_further_ahead_than_anything_waits_is_not_waited_for(ahead: timedelta, come: bool) -> None:
    assert has_come(NOON + ahead, NOON, HOUR) is come


def test_an_episode_that_changed_before_the_clock_was_set_back_is_looked_at_all_the_same() -> None:
    assert settled(NOON + HOUR, NOON + HOUR, NOON)
    assert not settled(NOON - SECOND, NOON - SECOND, NOON)
    assert settled(NOON - LONGEST, NOON, NOON)
    assert settled(NOON - QUIET, NOON - QUIET, NOON)


def test_a_shot_that_failed_before_the_clock_was_set_back_is_tried_again() -> None:
    assert is_tried_again(NOON + HOUR, NOON)
    assert not is_tried_again(NOON + timedelta(seconds=100), NOON)


@pytest.mark.parametrize("field", ["closed_until", "limited_until"])
def test_a_provider_that_was_closed_before_the_clock_was_set_back_is_asked(field: str) -> None:
    for ahead, asked in ((timedelta(minutes=9), False), (HOUR, True)):
        assert (blocked(Standing("a/b", Health(**{field: NOON + ahead})), NOON) is None) is asked  # type: ignore[arg-type]


@pytest.mark.parametrize(("ahead", "told"), [(timedelta(minutes=9), ["ark"]), (HOUR, [])])
def test_such_a_provider_is_no_problem_either(place: Installation, ahead: timedelta, told: list[str]) -> None:
    with place.database.write() as session:
        session.add(ProviderState(name="ark", closed_until=now() + ahead, reason="no money", changed_at=now()))
    with place.database.read() as session:
        assert [one.where for one in standing_problems(session) if one.kind == "provider"] == told


def ask(place: Installation) -> None:
    with place.database.write() as session:
        ask_for(session, TaskAction.REPORT, origin=Origin.PERSON, requested_by="a person")


def lease(place: Installation) -> list[int]:
    with place.database.write() as session:
        return [order.task for order in lease_next(session, "a test", room=5)]


def test_a_task_that_was_asked_for_before_the_clock_was_set_back_is_launched_at_once(place: Installation) -> None:
    with off(HOUR):
        ask(place)
    assert len(lease(place)) == 1


def test_a_task_waits_for_its_next_attempt_all_the_same(place: Installation) -> None:
    ask(place)
    with place.database.write() as session:
        session.execute(sa.update(Task).values(due_at=now() + timedelta(minutes=9)))
    assert lease(place) == []


def test_a_lease_from_before_the_databases_clock_was_set_back_is_over(place: Installation) -> None:
    ask(place)
    assert len(lease(place)) == 1
    assert compare_tasks(place, lambda _tasks: {}).changed == []
    with place.database.write() as session:
        session.execute(sa.update(Task).values(leased_until=database_time(session) + HOUR))
    assert [changed.state for changed in compare_tasks(place, lambda _tasks: {}).changed] == ["waiting"]


@pytest.mark.parametrize("jump", [2 * HOUR, -2 * HOUR])
def test_a_jump_of_this_hosts_clock_takes_no_lease_from_who_launches(place: Installation, jump: timedelta) -> None:
    only_on_postgres(place.database)
    ask(place)
    assert len(lease(place)) == 1
    with off(jump):
        assert compare_tasks(place, lambda _tasks: {}).changed == []
    with off(jump):
        ask(place)
        assert len(lease(place)) == 1
    assert compare_tasks(place, lambda _tasks: {}).changed == []
    with place.database.read() as session:
        for until in session.scalars(sa.select(Task.leased_until)):
            assert until is not None
            assert until - database_time(session) <= LEASE


def test_draining_that_was_said_before_the_clock_was_set_back_ends(place: Installation) -> None:
    for ahead, drains in ((HOUR, True), (3 * HOUR, False)):
        with place.database.write() as session:
            session.merge(Mark(name=DRAINING, instant=now() + ahead))
        with place.database.read() as session:
            assert is_draining(session) is drains


def test_an_automatic_task_that_ended_before_the_clock_was_set_back_keeps_none_waiting(database: Database) -> None:
    wish = Wish(TaskAction.IMAGES, None, ("shots are due",))
    with database.write() as session:
        session.add(project := Project(slug="p", title="p"))
        session.flush()
        session.add(episode := Episode(project_id=project.id, number=1, key="p-e001"))
        session.flush()
        row = Task(
            action="images", settings={}, origin="sensor", requested_by="automation", why="shots are due",
            result={}, state="done", episode_id=episode.id, finished_at=NOON,
        )  # fmt: skip
        session.add(row)
        session.flush()
        assert asking._just_tried(session, episode, wish, NOON + SECOND)
        assert not asking._just_tried(session, episode, wish, NOON - HOUR)


def test_episodes_that_were_looked_at_before_the_clock_was_set_back_have_their_turn(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "SWEPT", 1)
    with database.write() as session:
        session.add(project := Project(slug="p", title="p", auto_make=True))
        session.flush()
        for number, judged in ((1, NOON - HOUR), (2, NOON + HOUR)):
            session.add(Episode(project_id=project.id, number=number, key=f"p-e00{number}", judged_at=judged))
        session.flush()
        assert [one.number for one in asking._to_look_at(session, NOON)] == [2]


def test_a_run_that_begins_is_not_missed_because_the_clock_jumps_ahead(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dagster_runs, "_quiet_since", {})
    with dg.DagsterInstance.ephemeral() as instance:
        run = create_run_for_test(instance, job_name="some", status=dg.DagsterRunStatus.STARTED)
        assert report_silent_runs(place, instance) == []
        with off(2 * HOUR):
            assert report_silent_runs(place, instance) == []
        later = time.monotonic() + NEVER_BEAT_AFTER + 1
        monkeypatch.setattr(dagster_runs.time, "monotonic", lambda: later)
        assert report_silent_runs(place, instance) == [run.run_id]


def test_a_clean_up_by_a_clock_that_is_ahead_leaves_what_was_put_just_now(place: Installation) -> None:
    only_on_postgres(place.database)
    stored = place.store.put_bytes(b"its row is on its way", "text/plain")
    with off(timedelta(days=3)):
        run_cleanup(place, dry_run=False)
    assert place.store.exists(stored.digest)


def test_a_delivery_whose_sender_was_lost_before_the_clock_was_set_back_does_not_block_its_channel(
    place: Installation,
) -> None:
    here = inside(place)
    add(here, "c", "slack", "http://127.0.0.1:9/")
    say(here, "a")
    hand_over(here, now())
    with here.database.write() as session:
        session.execute(sa.update(Delivery).values(state="sending", sending_since=now() + HOUR))
    assert lapse(here, now()) == 1
    assert states(here) == ["unknown"]


def submitted(studio: Studio, **values: object) -> None:
    with studio.place.database.write() as session:
        session.execute(sa.update(Generation).where(Generation.state == "submitted").values(**values))


def test_a_job_to_be_asked_after_later_than_the_clock_was_set_back_is_asked_after(at_vendor: Studio) -> None:
    at_vendor.make(Stage.VIDEO, replace(at_vendor.run(), patient_until=now()))
    for ahead, asked in ((timedelta(minutes=2), 0), (2 * HOUR, 2)):
        submitted(at_vendor, next_poll_at=now() + ahead)
        assert ended_generations(at_vendor.place).asked == asked


def test_a_job_that_a_living_process_waits_for_is_left_to_it_though_the_clock_jumps_ahead(at_vendor: Studio) -> None:
    at_vendor.make(Stage.VIDEO, replace(at_vendor.run(), patient_until=now()))
    submitted(at_vendor, next_poll_at=None, submitted_at=now() - 2 * HOUR)
    assert ended_generations(at_vendor.place).asked == 0
    submitted(at_vendor, worker_id="nobody")
    assert ended_generations(at_vendor.place).asked == 2


def test_a_run_whose_clock_is_set_back_leaves_its_job_at_the_vendor_when_its_patience_is_over(
    at_vendor: Studio,
) -> None:
    at_vendor.place.settings = replace(at_vendor.place.settings, patience_seconds=1)
    at_vendor.make(Stage.VIDEO, replace(at_vendor.run(), patient_until=now() + HOUR))
    with at_vendor.place.database.read() as session:
        left = session.scalars(sa.select(Generation).where(Generation.capability == "video")).all()
    assert [(one.state, one.next_poll_at is not None) for one in left] == [("submitted", True)] * 2


def test_requests_from_before_the_clock_was_set_back_fill_no_minute(at_vendor: Studio) -> None:
    route = at_vendor.place.routes(Capability.IMAGE, "p")[0]
    limited = replace(route, limits=Limits(requests_per_minute=2))
    for ahead, counted in ((timedelta(0), 2), (HOUR, 0), (-HOUR, 0)):
        with at_vendor.place.database.write() as session:
            session.execute(sa.update(Generation).values(created_at=now() + ahead))
            assert standing(session, limited).requests == counted
