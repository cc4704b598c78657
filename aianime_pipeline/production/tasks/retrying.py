"""Asking again: for what a task did not bring about, and for whatever failed in an episode.

A retry goes on with the task before: what that one made counts as made, also where it was to be made anew.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, Episode, PackageTask, Project
from aianime_pipeline.errors import StateError
from aianime_pipeline.production.episodes.rows import load_shots
from aianime_pipeline.production.exports.asking import ask_for_export
from aianime_pipeline.production.films.composite_states import CompositeState
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Asked, Origin, Priority, ask_for
from aianime_pipeline.production.tasks.cancelling import find_task
from aianime_pipeline.production.tasks.states import UNFINISHED

_OF_STAGE = {Stage.IMAGE: TaskAction.IMAGES, Stage.VIDEO: TaskAction.VIDEOS, Stage.VOICE: TaskAction.VOICES}


def retry_task(session: Session, task_id: int, *, who: str) -> Asked:
    """A new task for the same. Raises NotFoundError, StateError for one that has not ended or has nothing left to do,
    and what asking for it raises."""
    task = find_task(session, task_id)
    if task.state in UNFINISHED:
        raise StateError(
            f"Task {task_id} is {task.state}: it has not ended. Wait for it, or cancel it.",
            task=task_id,
            state=task.state,
        )
    if task.state == "done" and not task.reason:
        raise StateError(f"Task {task_id} is done, with nothing left to do.", task=task_id, state=task.state)
    why = f"task {task_id} again"
    action, priority = TaskAction(task.action), Priority(task.priority)
    episode = session.get(Episode, task.episode_id) if task.episode_id is not None else None
    if action is TaskAction.EXPORT and episode is not None:
        return ask_for_export(session, episode, task.settings, who=who, priority=priority, why=why)
    settings = dict(task.settings)
    if settings.get("force"):
        settings.setdefault("retry_of", task.id)
    return ask_for(
        session,
        action,
        project=session.get(Project, task.project_id) if task.project_id is not None else None,
        episode=episode,
        settings=settings,
        origin=Origin.PERSON,
        requested_by=who,
        why=why,
        priority=priority,
    )


def retry_failed(session: Session, episode: Episode, *, who: str, priority: Priority = Priority.P1) -> list[Asked]:
    """A task for each stage in which shots failed, and for film and ZIP where they did, in the order in which they
    follow each other. Raises StateError where nothing failed."""
    found = failed_work(session, episode)
    if not found:
        raise StateError(f"Nothing of {episode.key} has failed.", episode=episode.key)
    return [
        ask_for(
            session,
            action,
            episode=episode,
            settings={"shots": shots} if shots else {},
            origin=Origin.PERSON,
            requested_by=who,
            why="what failed, again",
            priority=priority,
        )
        for action, shots in found
    ]


def failed_work(session: Session, episode: Episode) -> list[tuple[TaskAction, list[int]]]:
    """What failed in the episode, with the numbers of the shots."""
    views = load_shots(session, episode.id)
    work = []
    for stage, action in _OF_STAGE.items():
        shots = [
            view.number
            for view in views
            if stage in view.wanted and stage in view.stages and view.stages[stage].state is State.FAILED
        ]
        if shots:
            work.append((action, shots))
    film = sa.select(CompositeTask.state).where(CompositeTask.episode_id == episode.id)
    if session.scalar(film) == CompositeState.FAILED:
        work.append((TaskAction.FILM, []))
    if session.scalar(sa.select(PackageTask.state).where(PackageTask.episode_id == episode.id)) == "failed":
        work.append((TaskAction.PACKAGE, []))
    return work
