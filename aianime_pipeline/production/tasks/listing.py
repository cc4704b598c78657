"""Tasks as people see them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Project, Task
from aianime_pipeline.production.tasks.states import UNFINISHED


def list_tasks(
    session: Session, *, episode: Episode | None = None, project: Project | None = None, all_states: bool = False,
    limit: int = 50,
) -> list[Task]:  # fmt: skip
    """The unfinished ones in the order in which they are launched, or all, the newest first."""
    query = sa.select(Task).limit(limit)
    if episode is not None:
        query = query.where(Task.episode_id == episode.id)
    if project is not None:
        query = query.where(Task.project_id == project.id)
    if all_states:
        return list(session.scalars(query.order_by(Task.id.desc())))
    unfinished = query.where(Task.state.in_([state.value for state in UNFINISHED]))
    return list(session.scalars(unfinished.order_by(Task.priority, Task.id)))


def task_document(session: Session, task: Task) -> dict[str, Any]:
    """JSON-ready."""
    episode = session.get(Episode, task.episode_id) if task.episode_id is not None else None
    project = session.get(Project, task.project_id) if task.project_id is not None else None
    return named_document(
        task, project.slug if project is not None else None, episode.key if episode is not None else None
    )


def named_document(task: Task, project: str | None, episode: str | None) -> dict[str, Any]:
    """The same where the names are known."""
    return {
        "task": task.id,
        "action": task.action,
        "settings": task.settings,
        "project": project,
        "episode": episode,
        "state": task.state,
        "reason": task.reason,
        "why": task.why,
        "origin": task.origin,
        "requested_by": task.requested_by,
        "priority": task.priority,
        "attempt": task.attempt,
        "run_id": task.run_id,
        "cancel_requested": task.cancel_requested,
        "asked_at": task.created_at.isoformat(),
        "due_at": task.due_at.isoformat(),
        "started_at": task.started_at.isoformat() if task.started_at else None,
        "finished_at": task.finished_at.isoformat() if task.finished_at else None,
        "result": task.result,
    }
