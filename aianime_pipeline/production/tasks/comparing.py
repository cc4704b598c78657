"""Comparing unfinished tasks with their runs: what Dagster says of a run becomes the task's state.

At every tick all of them are looked at anew, so that an event that nobody heard of costs nothing; where there are more
than the tick has time for, the next one goes on.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.tasks.ending import end_task
from aianime_pipeline.production.tasks.judging import Change, RunState, SeenRun, SeenTask, judge
from aianime_pipeline.production.tasks.leasing import is_lease_over
from aianime_pipeline.production.tasks.shortfalls import Shortfall, shortfall
from aianime_pipeline.production.tasks.states import IN_FLIGHT, UNFINISHED, TaskState
from aianime_pipeline.production.tasks.stopping import is_automatic, stop_automatic_work
from aianime_pipeline.production.tasks.telling import tell_task

_log = structlog.get_logger(__name__)

Look = Callable[[Mapping[int, int]], Mapping[int, SeenRun]]
"""The newest runs of tasks' attempts: `look({task: attempt})`; a task without one is left out. Raises where it cannot
be learnt."""

_AT_ONCE = 100
"""Tasks that are looked at with one question: a question for each takes fifty times as long."""


@dataclass(frozen=True)
class Changed:
    task: int
    state: TaskState
    reason: str

    def __str__(self) -> str:
        return f"task {self.task} is {self.state}" + (f" ({self.reason})" if self.reason else "")


@dataclass(frozen=True)
class Compared:
    """`last` is the task that was looked at last, 0 where there was none."""

    changed: Sequence[Changed]
    last: int = 0


def compare_tasks(place: Installation, look: Look, *, after: int = 0, seconds: float = math.inf) -> Compared:
    """Look at every task in flight, from the one after `after` on, as far as `seconds` reach. A run that cannot be
    looked at raises: it is no «gone»."""
    until = time.monotonic() + seconds
    in_flight = Task.state.in_([state.value for state in IN_FLIGHT])
    with place.database.read() as session:
        tasks = session.scalars(sa.select(Task).where(in_flight).order_by(Task.id <= after, Task.id)).all()
    changed, last = list[Changed](), 0
    for begin in range(0, len(tasks), _AT_ONCE):
        some = tasks[begin : begin + _AT_ONCE]
        runs = look({task.id: task.attempt for task in some})
        for task in some:
            run = runs.get(task.id)
            if not _stands(task, run) and (change := _apply(place, task, run)) is not None:
                changed.append(change)
        last = some[-1].id
        if time.monotonic() >= until:
            break
    return Compared(changed, last)


def _stands(task: Task, run: SeenRun | None) -> bool:
    """Whether there is nothing to write down: so it is with most, most of the time."""
    if run is None or task.state != TaskState.RUNNING.value:
        return False
    return run.state is RunState.QUEUED or (run.state is RunState.RUNNING and task.started_at is not None)


def _apply(place: Installation, looked_at: Task, run: SeenRun | None) -> Changed | None:
    with place.database.write() as session:
        task = session.get_one(Task, looked_at.id, with_for_update=True, populate_existing=True)
        if (task.state, task.attempt, task.run_id) != (looked_at.state, looked_at.attempt, looked_at.run_id):
            return None
        moment = now()
        ended = run is not None and run.state in (RunState.FAILED, RunState.SUCCEEDED)
        missing = shortfall(session, task) if ended else Shortfall()
        lease_over = is_lease_over(session, task)
        state = TaskState(task.state)
        change = judge(
            SeenTask(
                state,
                task.attempt,
                lease_over,
                task.cancel_requested is not None,
                missing.again_at,
                missing.words,
                is_automatic(task),
            ),
            run,
            moment,
        )
        if task.started_at is None and run is not None and run.state is not RunState.QUEUED:
            task.started_at = moment
        if change is None:
            return None
        _change(session, task, change, moment)
        _log.info("a task changed", task=task.id, state=task.state, run=task.run_id, reason=task.reason)
        return Changed(task.id, change.state, change.reason)


def _change(session: Session, task: Task, change: Change, moment: datetime) -> None:
    task.state, task.reason = change.state.value, change.reason
    task.run_id = change.run_id or task.run_id
    task.leased_by = task.leased_until = None
    if change.due_at is not None:
        task.due_at = change.due_at
    if change.state is TaskState.CANCELLED and is_automatic(task) and task.cancel_requested is None:
        # Somebody terminated its run in Dagster.
        stop_automatic_work(session, task)
    if change.state not in UNFINISHED:
        end_task(session, task, moment)
    else:
        tell_task(session, task)
