"""Which of the tasks that wait goes first."""

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Task
from aianime_pipeline.errors import StateError
from aianime_pipeline.production.tasks.asking import Priority
from aianime_pipeline.production.tasks.cancelling import find_task
from aianime_pipeline.production.tasks.states import TaskState
from aianime_pipeline.production.tasks.telling import tell_task


def set_priority(session: Session, task_id: int, priority: Priority) -> Task:
    """Raises NotFoundError, StateError for a task that does not wait any more."""
    task = find_task(session, task_id, lock=True)
    if task.state != TaskState.WAITING:
        raise StateError(
            f"Task {task_id} is {task.state}: only one that waits goes sooner or later.", task=task_id, state=task.state
        )
    if task.priority != priority:
        task.priority = int(priority)
        tell_task(session, task)
    return task
