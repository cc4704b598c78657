"""Asking for work: a task is written in the transaction of whatever asks for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.asked_in import request_id
from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import Episode, Project, Shot, Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError, NotFoundError
from aianime_pipeline.production.tasks.actions import OF_EPISODES, TaskAction, TaskSettings
from aianime_pipeline.production.tasks.states import UNFINISHED
from aianime_pipeline.production.tasks.stopping import go_on
from aianime_pipeline.production.tasks.telling import tell_task


class Origin(StrEnum):
    PERSON = "person"
    SCHEDULE = "schedule"
    SENSOR = "sensor"


class Priority(IntEnum):
    """P0 goes first."""

    P0 = 0
    P1 = 1
    P2 = 2


@dataclass(frozen=True)
class Asked:
    """`new` is False where the same wish, by its key, was asked for before. `before` is what works on the episode
    already, or waits to: the task comes after it."""

    task: Task
    new: bool
    before: Task | None


def ask_for(
    session: Session,
    action: TaskAction,
    *,
    project: Project | None = None,
    episode: Episode | None = None,
    settings: Mapping[str, Any] | None = None,
    origin: Origin,
    requested_by: str,
    why: str = "",
    priority: Priority = Priority.P1,
    key: str | None = None,
    due_at: datetime | None = None,
) -> Asked:
    """Write the task in the caller's write transaction. `key` (up to 200 characters) makes the wish one: asked for
    again it answers the task that is there. `due_at` lies at most LONGEST_BACKOFF ahead (states.py).

    Raises BadSettingError for settings that the action does not take, or where the episode is missing.
    """
    if (episode is None) == (action in OF_EPISODES):
        raise BadSettingError(f"{action} is {'about one episode: name it' if episode is None else 'about no episode'}.")
    checked = TaskSettings.of(action, settings or {})
    if episode is not None:
        project = episode.project
        if origin is Origin.PERSON:
            go_on(session, episode.id)
    before = _unfinished_of(session, episode)
    values: dict[str, Any] = {
        "project_id": project.id if project is not None else None,
        "episode_id": episode.id if episode is not None else None,
        "action": action.value,
        "settings": checked.to_document(action),
        "origin": origin.value,
        "requested_by": requested_by,
        "request_id": request_id(),
        "why": why,
        "priority": int(priority),
        "key": key,
        "state": "waiting",
        "attempt": 0,
        "due_at": due_at or now(),
        "reason": "",
        "result": {},
        "created_at": now(),
    }
    if key is None:
        task = Task(**values)
        session.add(task)
        session.flush()
        new = True
    else:
        new = insert_unless_there(session, Task, "key", values)
        task = session.scalars(sa.select(Task).where(Task.key == key)).one()
    if new:
        tell_task(session, task)
    return Asked(task, new, None if before is not None and before.id == task.id else before)


def check_shots(session: Session, episode: Episode, numbers: Collection[int]) -> None:
    """Raises NotFoundError naming those of the numbers that no shot of the episode has."""
    query = sa.select(Shot.number).where(Shot.episode_id == episode.id, Shot.retired.is_(False))
    if unknown := sorted(set(numbers) - set(session.scalars(query))):
        raise NotFoundError(f"There is no shot {', '.join(map(str, unknown))} in {episode.key}.", shots=unknown)


def _unfinished_of(session: Session, episode: Episode | None) -> Task | None:
    if episode is None:
        return None
    return session.scalars(
        sa.select(Task)
        .where(Task.episode_id == episode.id, Task.state.in_([state.value for state in UNFINISHED]))
        .order_by(Task.id)
        .limit(1)
    ).first()
