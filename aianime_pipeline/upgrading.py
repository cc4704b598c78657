"""One upgrade of the whole installation: runs are drained, then our database and Dagster's are brought up to date.

Until our own schema is new nothing here asks the models: their columns may not be in the database yet. What is looked
at before is the Dagster instance, and two tables by the few columns that draining is about.
"""

import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from aianime_pipeline.db.engine import Database, database_time
from aianime_pipeline.db.models.base import Instant, now
from aianime_pipeline.db.schema import HEAD, revision, upgrade
from aianime_pipeline.errors import PipelineError, RunsInProgressError, StateError, UpgradeFailedError
from aianime_pipeline.instance import open_instance
from aianime_pipeline.production.draining import LONGEST_AHEAD, start_draining, stop_draining

if TYPE_CHECKING:
    import dagster as dg

_LOOK_SECONDS = 2.0
_QUIET_LOOKS = 2
"""A task that was leased just before the mark was there may still become a run after one look."""
_MIGRATION = LONGEST_AHEAD
_DAEMON_BEATS = timedelta(minutes=2)
_SHOWN_RUNS = 5

_TASKS = sa.table("tasks", sa.column("state"), sa.column("leased_until", Instant()))

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Upgraded:
    revision: str
    changed: bool
    """Whether our schema was older."""
    waited_seconds: float


def upgrade_installation(
    database: Database,
    *,
    wait_seconds: float,
    tell: Tell,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Upgraded:
    """Wait at most `wait_seconds` for runs to end, 0 for not at all, and bring both databases up to date. Doing it
    again changes nothing. However it ends, runs are launched again afterwards.

    Raises RunsInProgressError, UpgradeFailedError, and StateError for a database of a newer program.
    """
    found = revision(database)
    if found is not None and found > HEAD:
        raise StateError(f"The database is at revision {found}, this program knows {HEAD}: install the newer program.")
    with open_instance() as instance:
        began = clock()
        try:
            _drain(database)
            _wait(database, instance, began + wait_seconds, tell, pause, clock)
            waited = clock() - began
            _drain(database, longer=_MIGRATION)
            tell("bringing our database up to date")
            changed = _done("Our database was not changed", lambda: upgrade(database))
            tell("bringing Dagster's database up to date")
            with redirect_stdout(sys.stderr):  # Dagster prints, and our standard output is for programs
                _done("Our database is up to date, Dagster's is not", lambda: instance.upgrade(lambda _line: None))
        finally:
            if _has(database, "marks"):
                with database.write() as session:
                    stop_draining(session)
    return Upgraded(HEAD, changed, waited)


def _drain(database: Database, *, longer: timedelta = timedelta(0)) -> None:
    """A database from before there were marks has no outbox either that would launch anything."""
    if _has(database, "marks"):
        with database.write() as session:
            start_draining(session, longer=longer)


def _wait(
    database: Database,
    instance: "dg.DagsterInstance",
    until: float,
    tell: Tell,
    pause: Callable[[float], None],
    clock: Callable[[], float],
) -> None:
    quiet, told = 0, ""
    while True:
        at_work = _at_work(database, instance)
        quiet = 0 if at_work else quiet + 1
        if quiet == _QUIET_LOOKS:
            return
        if at_work and clock() >= until:
            raise RunsInProgressError(
                f"Still at work: {', '.join(at_work)}. Nothing was upgraded, and runs are launched again. Wait for "
                "them, or stop them in the Dagster UI, and run aianime upgrade again; to leave queued runs for "
                "afterwards, stop Dagster's daemon first.",
                at_work=at_work,
            )
        words = f"waiting for {', '.join(at_work)}"
        if at_work and words != told:
            tell(told := words)
        pause(_LOOK_SECONDS)
        _drain(database)


def _at_work(database: Database, instance: "dg.DagsterInstance") -> list[str]:
    """What has to end first. What is queued counts while there is a daemon that would launch it."""
    import dagster as dg

    statuses = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    if _queue_is_served(instance):
        statuses += [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED]
    runs = instance.get_runs(dg.RunsFilter(statuses=statuses), limit=_SHOWN_RUNS + 1)
    found = [f"run {run.run_id} ({run.status.value.lower()})" for run in runs[:_SHOWN_RUNS]]
    if len(runs) > _SHOWN_RUNS:
        found.append("and more runs")
    if launching := _launching(database):
        found.append(f"{launching} task(s) whose run is being launched")
    return found


def _queue_is_served(instance: "dg.DagsterInstance") -> bool:
    beat = instance.get_daemon_heartbeats().get("QUEUED_RUN_COORDINATOR")
    return beat is not None and now().timestamp() - beat.timestamp < _DAEMON_BEATS.total_seconds()


def _launching(database: Database) -> int:
    if not _has(database, "tasks"):
        return 0
    with database.read() as session:
        leased = (_TASKS.c.state == "launching") & (_TASKS.c.leased_until > database_time(session))
        return int(session.scalar(sa.select(sa.func.count()).select_from(_TASKS).where(leased)) or 0)


def _done(failed: str, work: Callable[[], object]) -> bool:
    try:
        return bool(work())
    except PipelineError:
        raise
    except Exception as error:
        raise UpgradeFailedError(
            f"{failed}: {error}. Runs are launched again. Correct the cause and run aianime upgrade again; it goes on "
            "where it stopped. If it cannot be corrected, restore the backup."
        ) from error


def _has(database: Database, table: str) -> bool:
    return sa.inspect(database.engine).has_table(table)
