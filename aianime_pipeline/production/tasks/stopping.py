"""A person's stop: after somebody cancelled a task that nobody asked for, nothing is started by itself in its episode
until a person does something there.

The stop is a mark. Whatever a person does takes it away: a verdict, a request for work, an edit of screenplay,
storyboard or timeline, a setting of what is made by itself. No moments are compared, so that no clock matters. Who
changes rows of an episode takes the mark away before it locks them: two persons never wait for each other in a circle.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Mark, Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.tasks.states import TaskState

_STOPPED = "stopped:"
"""What the mark's name begins with; the episode's id follows."""

_AUTOMATIC = "sensor"


def is_automatic(task: Task) -> bool:
    """Whether nobody asked for the task."""
    return task.origin == _AUTOMATIC


def stop_automatic_work(session: Session, task: Task) -> None:
    """A person had this automatic task stopped: its episode is left alone from the commit of the caller's transaction
    on."""
    if task.episode_id is not None:
        session.merge(Mark(name=_name(task.episode_id), instant=now()))


def go_on(session: Session, episode_id: int) -> None:
    """A person did something in the episode: its work is started by itself again, where the project wants it. Also
    where nobody had stopped it."""
    session.execute(sa.delete(Mark).where(Mark.name == _name(episode_id)))


def go_on_in_project(session: Session, project_id: int) -> None:
    """As `go_on`, in all episodes of a project."""
    episodes = session.scalars(sa.select(Episode.id).where(Episode.project_id == project_id))
    names = {_name(episode_id) for episode_id in episodes}
    stopped = session.scalars(sa.select(Mark.name).where(Mark.name.startswith(_STOPPED, autoescape=True)))
    session.execute(sa.delete(Mark).where(Mark.name.in_(sorted(names.intersection(stopped)))))


def why_stopped(session: Session, episode_id: int) -> str:
    """Who stopped the episode's automatic work, and how it goes on; empty where nobody did."""
    if session.get(Mark, _name(episode_id), populate_existing=True) is None:
        return ""
    last = session.scalars(
        sa.select(Task)
        .where(
            Task.episode_id == episode_id,
            Task.origin == _AUTOMATIC,
            sa.or_(Task.state == TaskState.CANCELLED.value, Task.cancel_requested.is_not(None)),
        )
        .order_by(Task.id.desc())
        .limit(1)
    ).first()
    who = "a person cancelled its automatic task"
    if last is not None:
        by = f"by {last.cancel_requested}" if last.cancel_requested else "in Dagster"
        who = f"task {last.id} was cancelled {by}"
    return f"{who}: nothing is started by itself until a person does something here"


def _name(episode_id: int) -> str:
    return f"{_STOPPED}{episode_id}"
