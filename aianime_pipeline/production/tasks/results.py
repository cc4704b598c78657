"""What a task has made, for those who want to fetch it."""

from dataclasses import dataclass

from aianime_pipeline.db.models import Task
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.states import TaskState

_MAKE_FILES = frozenset({TaskAction.EXPORT, TaskAction.FILM, TaskAction.PACKAGE})


@dataclass(frozen=True)
class Made:
    """`of` says what it is; `export` is the number of an export."""

    of: TaskAction
    export: int | None = None


def made_by(task: Task) -> Made | None:
    """None: it is not done, or makes no file of its own."""
    action = TaskAction(task.action)
    if task.state != TaskState.DONE or action not in _MAKE_FILES:
        return None
    if action is not TaskAction.EXPORT:
        return Made(action)
    export = task.result.get("export")
    return Made(action, export) if export is not None else None
