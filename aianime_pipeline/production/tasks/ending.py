"""A task's end: on record, told to whoever watches, and to whoever asked for it."""

from datetime import datetime

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Task
from aianime_pipeline.production.notifications.task_notices import tell_task_ended
from aianime_pipeline.production.tasks.telling import tell_task


def end_task(session: Session, task: Task, moment: datetime) -> None:
    """Say that the task, whose state is set, has come to its end."""
    task.finished_at = moment
    tell_task(session, task)
    tell_task_ended(session, task)
