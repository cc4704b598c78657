"""How far a task is, from what its run has written down in each of its stages."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, StageRun, Task, Worker
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.runs import StageName, percent_of, stage_rows
from aianime_pipeline.production.tasks.actions import TaskAction, TaskSettings
from aianime_pipeline.production.tasks.states import UNFINISHED, TaskState

_TELLING = 5.0
"""Percent. What is left is not foretold from less."""

_STAGES: dict[TaskAction, tuple[StageName, ...]] = {
    TaskAction.IMAGES: (StageName.STORYBOARD, StageName.REFERENCES, StageName.IMAGES),
    TaskAction.VIDEOS: (StageName.VIDEOS,),
    TaskAction.VOICES: (StageName.VOICES,),
    TaskAction.FILM: (StageName.FILM,),
    TaskAction.EXPORT: (StageName.FILM,),
    TaskAction.PACKAGE: (StageName.PACKAGE,),
}


@dataclass(frozen=True)
class StageAt:
    """One stage of the task's run; the counts are of shots, or of assets."""

    stage: StageName
    percent: float
    step: str
    total: int
    made: int
    kept: int
    waiting: int
    skipped: int
    failed: int


@dataclass(frozen=True)
class Progress:
    """`percent` of the whole task, None where it has no stages; `seconds_left` None where nobody can tell. `step` is
    what its run does now, or waits for."""

    percent: float | None
    step: str
    seconds_left: float | None
    stages: tuple[StageAt, ...]


def progress_of(session: Session, task: Task) -> Progress:
    """Of its newest run."""
    rows = stage_rows(session, task.run_id) if task.run_id is not None else []
    stages = tuple(_stage(row) for row in rows)
    wanted = _wanted(task)
    if task.state == TaskState.DONE:
        return Progress(100.0, "done", 0.0, stages)
    if not wanted:
        return Progress(None, "", None, stages)
    percent = sum(percent_of(row) for row in rows if row.stage in wanted) / len(wanted)
    open_row = next((row for row in reversed(rows) if row.ended_at is None), None)
    left = _seconds_left(session, task, open_row, percent) if task.state in UNFINISHED else None
    return Progress(round(percent, 1), open_row.step if open_row is not None else "", left, stages)


def _wanted(task: Task) -> tuple[StageName, ...]:
    action = TaskAction(task.action)
    if action is not TaskAction.PIPELINE:
        return _STAGES.get(action, ())
    every = tuple(StageName)
    return every[: every.index(TaskSettings.of(action, task.settings).to) + 1]


def _stage(row: StageRun) -> StageAt:
    return StageAt(
        StageName(row.stage),
        round(percent_of(row), 1),
        row.step,
        row.total,
        row.made,
        row.kept,
        row.waiting,
        row.skipped,
        row.failed,
    )


def _seconds_left(session: Session, task: Task, row: StageRun | None, percent: float) -> float | None:
    """Of a film what its render says; else as long as it took so far, for what is left."""
    if row is not None and row.stage == StageName.FILM and len(_wanted(task)) == 1:
        return session.scalar(
            sa.select(CompositeTask.seconds_left)
            .join(Worker, Worker.id == CompositeTask.claimed_by)
            .where(CompositeTask.episode_id == task.episode_id, Worker.run_id == task.run_id)
        )
    began: datetime | None = task.started_at
    if began is None or not _TELLING <= percent < 100.0:
        return None
    return round((now() - began).total_seconds() * (100.0 - percent) / percent, 1)
