"""Saying to whoever watches where a task stands."""

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Task
from aianime_pipeline.production.events import record_event


def tell_task(session: Session, task: Task) -> None:
    """To be called after each change of its state, in the transaction of the change."""
    record_event(
        session,
        "task",
        project_id=task.project_id,
        episode_id=task.episode_id,
        task=task.id,
        action=task.action,
        state=task.state,
        run=task.run_id,
        reason=task.reason,
    )
