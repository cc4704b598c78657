"""What becomes of an unfinished task, from how its run stands. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aianime_pipeline.production.tasks.states import MOST_ATTEMPTS, TaskState, next_attempt_at


class RunState(StrEnum):
    """A run's status, as far as a task cares."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """A step of it failed: the work itself."""
    LOST = "lost"
    """It ended, or was ended, through no fault of the work: its process died, or it never began."""


@dataclass(frozen=True)
class SeenRun:
    run_id: str
    state: RunState
    reason: str = ""


@dataclass(frozen=True)
class SeenTask:
    """`again_at`: when the shots of it that failed may be tried again by themselves, None when a person has to look;
    `missing`: which of its shots failed or were not begun, in words; `automatic`: nobody asked for it."""

    state: TaskState
    attempt: int
    lease_over: bool
    cancel_requested: bool
    again_at: datetime | None = None
    missing: str = ""
    automatic: bool = False


@dataclass(frozen=True)
class Change:
    """What a task becomes. `due_at` is set where it waits for its next attempt."""

    state: TaskState
    reason: str = ""
    run_id: str | None = None
    due_at: datetime | None = None


def judge(task: SeenTask, run: SeenRun | None, moment: datetime) -> Change | None:
    """None while nothing has changed. `run` is the newest of the task's current attempt, None when there is none."""
    if run is None:
        if task.state is TaskState.LAUNCHING and not task.lease_over:
            return None
        words = "its run was not launched" if task.state is TaskState.LAUNCHING else "its run is gone from Dagster"
        return _again(task, words, None, moment)
    match run.state:
        case RunState.QUEUED | RunState.RUNNING:
            return Change(TaskState.RUNNING, run_id=run.run_id) if task.state is TaskState.LAUNCHING else None
        case RunState.SUCCEEDED:
            return _done(task, run, moment)
        case RunState.CANCELLED:
            return Change(TaskState.CANCELLED, run.reason or "its run was cancelled", run.run_id)
        case RunState.LOST:
            return _again(task, run.reason or "its run was lost", run.run_id, moment)
        case RunState.FAILED:
            if task.cancel_requested:
                return Change(TaskState.CANCELLED, run.reason, run.run_id)
            if task.again_at is not None and task.attempt < MOST_ATTEMPTS:
                return Change(TaskState.WAITING, run.reason, run.run_id, max(task.again_at, moment))
            return Change(TaskState.FAILED, run.reason, run.run_id)


def _done(task: SeenTask, run: SeenRun, moment: datetime) -> Change:
    """A run that nobody asked for, such as a task's second one, succeeds also where it left shots that failed alone."""
    waits = task.again_at is not None and not task.automatic and not task.cancel_requested
    if waits and task.attempt < MOST_ATTEMPTS:
        assert task.again_at is not None
        return Change(TaskState.WAITING, task.missing, run.run_id, max(task.again_at, moment))
    return Change(TaskState.DONE, f"done, but {task.missing}" if task.missing else "", run.run_id)


def _again(task: SeenTask, reason: str, run_id: str | None, moment: datetime) -> Change:
    if task.cancel_requested:
        return Change(TaskState.CANCELLED, reason, run_id)
    if task.attempt >= MOST_ATTEMPTS:
        return Change(TaskState.FAILED, f"{reason}, {task.attempt} times", run_id)
    return Change(TaskState.WAITING, reason, run_id, next_attempt_at(task.attempt, moment))
