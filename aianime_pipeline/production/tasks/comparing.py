"""Comparing unfinished tasks with their runs: what Dagster says of a run becomes the task's state.

At every tick all of them are looked at anew, so that an event that nobody heard of costs nothing.
"""

from collections.abc import Callable
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

MOST_COMPARED = 500
"""Tasks in one tick; more than any installation has in flight."""

_log = structlog.get_logger(__name__)

Look = Callable[[int, int, str | None], SeenRun | None]
"""The newest run of a task's attempt: `look(task, attempt, run_id or None)`. Raises where it cannot be learnt."""


@dataclass(frozen=True)
class Changed:
    task: int
    state: TaskState
    reason: str

    def __str__(self) -> str:
        return f"task {self.task} is {self.state}" + (f" ({self.reason})" if self.reason else "")


def compare_tasks(place: Installation, look: Look) -> list[Changed]:
    """Look at every task in flight. A run that cannot be looked at raises: it is no «gone»."""
    with place.database.read() as session:
        tasks = session.scalars(
            sa.select(Task)
            .where(Task.state.in_([state.value for state in IN_FLIGHT]))
            .order_by(Task.id)
            .limit(MOST_COMPARED)
        ).all()
    seen = [(task, look(task.id, task.attempt, task.run_id)) for task in tasks]
    return [changed for task, run in seen if (changed := _apply(place, task, run)) is not None]


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
