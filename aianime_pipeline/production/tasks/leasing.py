"""Leases: who launches the run of which waiting task. One at a time, and nobody holds one for ever."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import database_time
from aianime_pipeline.db.models import Episode, Project, Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import PipelineError
from aianime_pipeline.moments import has_come
from aianime_pipeline.production.draining import is_draining
from aianime_pipeline.production.tasks.actions import TaskAction, TaskSettings
from aianime_pipeline.production.tasks.ending import end_task
from aianime_pipeline.production.tasks.orders import TaskOrder
from aianime_pipeline.production.tasks.states import IN_FLIGHT, LONGEST_BACKOFF, Candidate, TaskState, choose
from aianime_pipeline.production.tasks.telling import tell_task

LEASE = timedelta(seconds=45)
"""As long as launching one run may take, by the database's clock; then another looks whether it was launched."""

MOST_AT_ONCE = 200
"""Tasks leased in one go: their runs are submitted within LEASE, and meanwhile nobody looks after the others."""

_IN_FLIGHT = Task.state.in_([state.value for state in IN_FLIGHT])
_SEEN = (Task.id, Task.project_id, Task.episode_id, Task.priority)


def lease_next(session: Session, who: str, *, room: int, only: int | None = None) -> list[TaskOrder]:
    """Lease the tasks that are to be launched now, in the caller's write transaction: in all at most `room` are at
    work. `only`: that task, if it is its turn. While the installation drains there are none."""
    if is_draining(session):
        return []
    moment = now()
    in_flight = [Candidate(*row) for row in session.execute(sa.select(*_SEEN).where(_IN_FLIGHT))]
    left = min(room - len(in_flight), MOST_AT_ONCE)
    if left <= 0:
        return []
    chosen = choose(_waiting(session, moment, left), in_flight, left)
    ids = [one.task for one in chosen if only is None or one.task == only]
    return [order for task_id in ids if (order := _lease(session, task_id, who, moment)) is not None]


def _waiting(session: Session, moment: datetime, left: int) -> Sequence[Candidate]:
    """Whatever may be among the next `left`, however many wait: of each free episode its first, of these the first of
    each project."""
    # What seems to be due later than anything can be was written before the clock was set back.
    due = sa.or_(Task.due_at <= moment, Task.due_at > moment + LONGEST_BACKOFF)
    at_work = sa.select(Task.episode_id).where(_IN_FLIGHT, Task.episode_id.is_not(None))
    free = sa.or_(Task.episode_id.is_(None), Task.episode_id.not_in(at_work))
    # A task about no episode keeps no other apart; no episode has a negative number.
    first = sa.func.row_number().over(
        partition_by=sa.func.coalesce(Task.episode_id, -Task.id), order_by=(Task.priority, Task.id)
    )
    of_episodes = sa.select(*_SEEN, first.label("place")).where(Task.state == TaskState.WAITING.value, due, free)
    heads = of_episodes.subquery()
    next_ones = sa.func.row_number().over(partition_by=heads.c.project_id, order_by=(heads.c.priority, heads.c.id))
    of_projects = sa.select(heads, next_ones.label("turn")).where(heads.c.place == 1).subquery()
    columns = (of_projects.c.id, of_projects.c.project_id, of_projects.c.episode_id, of_projects.c.priority)
    query = sa.select(*columns).where(of_projects.c.turn <= left)
    return [Candidate(*row) for row in session.execute(query.order_by(of_projects.c.priority, of_projects.c.id))]


def _lease(session: Session, task_id: int, who: str, moment: datetime) -> TaskOrder | None:
    """None where another was faster, or where the task says what cannot be done."""
    taken = session.execute(
        sa.update(Task)
        .where(Task.id == task_id, Task.state == TaskState.WAITING.value)
        .values(
            state=TaskState.LAUNCHING.value,
            attempt=Task.attempt + 1,
            leased_by=who,
            leased_until=database_time(session) + LEASE,
            run_id=None,
        )
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return None
    task = session.get_one(Task, task_id, populate_existing=True)
    try:
        order = order_of(session, task)
    except (PipelineError, ValueError) as error:
        # Written by another version: the others are not to wait for it.
        task.state, task.reason = TaskState.FAILED.value, f"nobody knows how to do it: {error}"
        task.leased_by = task.leased_until = None
        end_task(session, task, moment)
        return None
    tell_task(session, task)
    return order


def order_of(session: Session, task: Task) -> TaskOrder:
    episode = session.get(Episode, task.episode_id) if task.episode_id is not None else None
    project = session.get(Project, task.project_id) if task.project_id is not None else None
    action = TaskAction(task.action)
    return TaskOrder(
        task.id,
        task.attempt,
        action,
        TaskSettings.of(action, task.settings),
        episode.key if episode is not None else None,
        project.slug if project is not None else None,
        task.requested_by,
        task.priority,
        task.origin == "sensor",
        task.request_id,
    )


def is_lease_over(session: Session, task: Task) -> bool:
    return task.leased_until is None or has_come(task.leased_until, database_time(session), LEASE)


def give_back(session: Session, task_id: int, attempt: int, *, due_at: datetime | None = None) -> None:
    """The run was certainly not launched: the task waits again, and the attempt does not count."""
    session.execute(
        sa.update(Task)
        .where(Task.id == task_id, Task.attempt == attempt, Task.state == TaskState.LAUNCHING.value)
        .values(
            state=TaskState.WAITING.value,
            attempt=attempt - 1,
            leased_by=None,
            leased_until=None,
            due_at=due_at or now(),
        )
        .execution_options(synchronize_session=False)
    )


def launched(session: Session, task_id: int, attempt: int, run_id: str) -> None:
    """The run is there."""
    task = session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
    if task.attempt != attempt or task.state != TaskState.LAUNCHING.value:
        return
    task.state, task.run_id, task.leased_by, task.leased_until = TaskState.RUNNING.value, run_id, None, None
    tell_task(session, task)
