"""Tasks as answers have them, and what asking for work answers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Task
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Asked, Origin, Priority
from aianime_pipeline.production.tasks.launching import HeldUp, Launch
from aianime_pipeline.production.tasks.listing import named_document, task_document
from aianime_pipeline.production.tasks.results import Made, made_by
from aianime_pipeline.production.tasks.states import TaskState

Urgency = Annotated[Literal[0, 1, 2], Field(description="0 goes before 1 before 2.")]
ShotNumbers = Annotated[
    list[Annotated[int, Field(ge=1, le=99_999)]],
    Field(max_length=1_000, description="Only these shots; empty: all."),
]

_TASK: dict[str, Any] = {
    "task": 12,
    "action": "images",
    "settings": {"shots": [3, 4], "force": False},
    "project": "moonlit",
    "episode": "moonlit-e001",
    "state": "running",
    "reason": "",
    "why": "",
    "origin": "person",
    "requested_by": "lin",
    "request_id": "3f1c9a0e5d6b4c8f9a7e2b1d0c5f4e3a",
    "priority": 1,
    "attempt": 1,
    "run_id": "5bd7e1a4-7c0e-4f4e-9a55-0d6f0f3c2b11",
    "cancel_requested": None,
    "asked_at": "2026-03-01T09:00:00Z",
    "due_at": "2026-03-01T09:00:00Z",
    "started_at": "2026-03-01T09:00:04Z",
    "finished_at": None,
    "result": {},
    "result_url": None,
}


class TaskView(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_TASK]})

    task: int
    action: TaskAction
    settings: dict[str, Any]
    project: str | None = Field(description="Null: it is about the whole installation.")
    episode: str | None
    state: TaskState
    reason: str = Field(
        description="Why it failed, was cancelled, is tried again, or what is missing though it is done."
    )
    why: str
    origin: Origin
    requested_by: str
    request_id: str | None = Field(description="The request that asked for it, also in the run's tags and the logs.")
    priority: int = Field(description="0 goes before 1 before 2.")
    attempt: int = Field(description="How often a run was launched for it.")
    run_id: str | None = Field(description="Its run in Dagster.")
    cancel_requested: str | None = Field(description="Who asked that it be stopped.")
    asked_at: datetime
    due_at: datetime = Field(description="It is not launched before.")
    started_at: datetime | None
    finished_at: datetime | None
    result: dict[str, Any] = Field(description="By the action: of an export `export`, its number.")
    result_url: str | None = Field(description="Where what it made can be read or downloaded, once it is done.")


class LaunchView(BaseModel):
    run_id: str | None = Field(description="Null: the task waits, and `why` says for what.")
    why: str
    dagster: HeldUp | None = Field(description="What is wrong with Dagster, where something is; the task is kept.")


class AskedTask(BaseModel):
    """The task, and whether its run was launched at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"task": _TASK, "before": None, "launch": {"run_id": None, "why": "", "dagster": None}}]
        }
    )

    task: TaskView
    before: TaskView | None = Field(description="What works on the episode already: the task comes after it.")
    launch: LaunchView


class AskedTasks(BaseModel):
    tasks: list[AskedTask] = Field(description="In the order in which they go.")


def show_task(session: Session, task: Task) -> TaskView:
    return _show(task, task_document(session, task))


def show_named_task(task: Task, project: str | None, episode: str | None) -> TaskView:
    """The same where the names are known."""
    return _show(task, named_document(task, project, episode))


def _show(task: Task, document: dict[str, Any]) -> TaskView:
    return TaskView(**document, request_id=task.request_id, result_url=_result_url(made_by(task), document["episode"]))


def show_asked(session: Session, asked: Asked, launch: Launch) -> AskedTask:
    return AskedTask(
        task=show_task(session, asked.task),
        before=show_task(session, asked.before) if asked.before is not None else None,
        launch=show_launch(launch),
    )


def show_launch(launch: Launch) -> LaunchView:
    """In words that name no address."""
    why = _WORDS[launch.held_up] if launch.held_up is not None else launch.why
    return LaunchView(run_id=launch.run_id, why=why, dagster=launch.held_up)


_WORDS = {
    HeldUp.AWAY: "Dagster cannot be reached now; it is launched as soon as it can",
    HeldUp.REFUSES: "Dagster does not take it now; it is launched as soon as it does",
    HeldUp.UNKNOWN: "it is not known whether Dagster took it; that is found out within a minute",
}


def _result_url(made: Made | None, episode: str) -> str | None:
    if made is None:
        return None
    return f"/api/v1/exports/{made.export}" if made.export is not None else f"/api/v1/episodes/{episode}/{made.of}/file"


def priority_of(urgency: Urgency) -> Priority:
    return Priority(urgency)
