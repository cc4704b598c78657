"""Cancelling: a task that waits ends at once, one that runs has its run ended by the outbox."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import NotFoundError, StateError
from aianime_pipeline.production.tasks.ending import end_task
from aianime_pipeline.production.tasks.states import UNFINISHED, TaskState
from aianime_pipeline.production.tasks.stopping import is_automatic, stop_automatic_work
from aianime_pipeline.production.tasks.telling import tell_task


def find_task(session: Session, task_id: int, *, lock: bool = False) -> Task:
    """Raises NotFoundError."""
    task = session.get(Task, task_id, with_for_update=lock, populate_existing=lock)
    if task is None:
        raise NotFoundError(f"There is no task {task_id}.", task=task_id)
    return task


def cancel_task(session: Session, task_id: int, who: str) -> Task:
    """Ask that the task be stopped; what it has made stays. Of a task that nobody asked for: nothing more is started by
    itself in its episode until a person does something there (stopping.py).

    Raises NotFoundError, StateError for one that has ended.
    """
    task = find_task(session, task_id, lock=True)
    if task.state not in UNFINISHED:
        raise StateError(f"Task {task_id} is {task.state} already.", task=task_id, state=task.state)
    task.cancel_requested = who
    if is_automatic(task):
        stop_automatic_work(session, task)
    if task.state == TaskState.WAITING.value:
        task.state, task.reason = TaskState.CANCELLED.value, f"cancelled by {who} before it began"
        end_task(session, task, now())
    else:
        tell_task(session, task)
    return task


def runs_to_cancel(session: Session) -> list[str]:
    """The runs of tasks that somebody wants stopped."""
    found = session.scalars(
        sa.select(Task.run_id).where(
            Task.state == TaskState.RUNNING.value, Task.cancel_requested.is_not(None), Task.run_id.is_not(None)
        )
    )
    return [run_id for run_id in found if run_id is not None]
