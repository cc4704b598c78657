"""Asking for an export as a task, and its run's part of it: so that Dagster shows it, and nobody's process has to wait.

What can be refused is refused before there is a task: an unknown preset, a closed gate, an export that goes on.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Task
from aianime_pipeline.errors import StateError, WorkHeldError
from aianime_pipeline.production.claims import holder
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.exports.claims import cancel_export, held_error
from aianime_pipeline.production.exports.exporting import export_film
from aianime_pipeline.production.exports.orders import check_formats
from aianime_pipeline.production.exports.records import ExportResult
from aianime_pipeline.production.films.composite_rows import find_task, locked_task
from aianime_pipeline.production.films.composite_states import CompositeState
from aianime_pipeline.production.films.gate import not_ready
from aianime_pipeline.production.films.settings import find_preset
from aianime_pipeline.production.films.timeline import load_episode_shots, waiting_for_film
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.runs import Run, StageProgress
from aianime_pipeline.production.tasks.actions import TaskAction, TaskSettings
from aianime_pipeline.production.tasks.asking import Asked, Origin, Priority, ask_for
from aianime_pipeline.production.tasks.cancelling import cancel_task
from aianime_pipeline.production.tasks.states import UNFINISHED
from aianime_pipeline.production.tasks.stopping import go_on


def ask_for_export(
    session: Session,
    episode: Episode,
    settings: Mapping[str, Any],
    *,
    who: str,
    priority: Priority = Priority.P1,
    why: str = "",
) -> Asked:
    """`settings` are those of the action (tasks/actions.py), in the caller's write transaction.

    Raises BadSettingError, NotFoundError for the preset, UnknownFormatError, StateError for an episode without shots,
    FilmNotReadyError naming the shots that wait unless it is a draft, WorkHeldError while an export of the episode goes
    on or waits for its turn.
    """
    wanted = TaskSettings.of(TaskAction.EXPORT, settings)
    check_formats(wanted.formats)
    if wanted.preset:
        find_preset(episode.project, wanted.preset)
    go_on(session, episode.id)
    # Whoever asks at the same time waits here, and then sees this one's task.
    composite = locked_task(session, episode)
    if (open_task := _open_export(session, episode)) is not None:
        raise WorkHeldError(
            f"{episode.key} is being exported: task {open_task.id}, which {open_task.requested_by} asked for, is "
            f"{open_task.state}. Wait for it, or cancel it.",
            episode=episode.key,
            task=open_task.id,
            state=open_task.state,
        )
    if composite.state == CompositeState.EXPORTING and (worker := holder(session, composite)) is not None:
        raise held_error(episode.key, worker, composite)
    shots = load_episode_shots(session, episode)
    if not shots.views:
        raise StateError(f"{episode.key} has no shots yet; make its storyboard first.", episode=episode.key)
    waiting = waiting_for_film(shots, composite)
    if waiting and not wanted.draft:
        raise not_ready(episode.key, waiting)
    return ask_for(
        session,
        TaskAction.EXPORT,
        episode=episode,
        settings=wanted.to_document(TaskAction.EXPORT),
        origin=Origin.PERSON,
        requested_by=who,
        priority=priority,
        why=why,
    )


def export_for_task(
    place: Installation, run: Run, task_id: int | None, wanted: TaskSettings, stage: StageProgress
) -> ExportResult:
    """The run's part. The export's number is the result of the task, if it is done for one. Raises what `export_film`
    raises, and NotFoundError for a preset that is gone."""
    with place.database.read() as session:
        project = find_episode(session, run.episode_key).project
        preset = find_preset(project, wanted.preset) if wanted.preset else None
    result = export_film(
        place,
        run,
        run.episode_key,
        preset=preset,
        draft=wanted.draft,
        formats=wanted.formats,
        who=run.requested_by or f"run {run.run_id}",
        stage=stage,
    )
    stage.counts.total, stage.counts.made, stage.counts.kept = 1, int(result.made), int(not result.made)
    stage.step("done", 100.0)
    if task_id is not None:
        with place.database.write() as session:
            found = {"export": result.export_id, "made": result.made}
            session.execute(sa.update(Task).where(Task.id == task_id).values(result=found))
    return result


def stop_export(place: Installation, episode_key: str, *, who: str) -> Task | None:
    """Stop the episode's export, whichever process it runs in: a task's, which is returned, another run's, or a
    person's. Raises NotFoundError, StateError where nothing is being exported or waits to be."""
    with place.database.write() as session:
        episode = find_episode(session, episode_key)
        open_task = _open_export(session, episode)
        task = cancel_task(session, open_task.id, who) if open_task is not None else None
        composite = find_task(session, episode)
        works = composite is not None and composite.state == CompositeState.EXPORTING
    if works:
        try:
            cancel_export(place, episode_key, who=who)
        except StateError:
            if task is None:  # it ended at this moment
                raise
    elif task is None:
        raise StateError(f"Nothing of {episode_key} is being exported.", episode=episode_key)
    return task


def _open_export(session: Session, episode: Episode) -> Task | None:
    return session.scalars(
        sa.select(Task)
        .where(
            Task.episode_id == episode.id,
            Task.action == TaskAction.EXPORT.value,
            Task.state.in_([state.value for state in UNFINISHED]),
        )
        .order_by(Task.id)
        .limit(1)
    ).first()
