"""Composite tasks and exports as rows: found, locked, and taken out of the output folder."""

from contextlib import suppress
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, Episode, Export
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.publishing import export_path, unpublish


class ExportState(StrEnum):
    EXPORTING = "exporting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


def exports_of(session: Session, task: CompositeTask) -> list[Export]:
    """All of them, the newest first."""
    query = sa.select(Export).where(Export.composite_task_id == task.id).order_by(Export.id.desc())
    return list(session.scalars(query.execution_options(populate_existing=True)))


def find_task(session: Session, episode: Episode) -> CompositeTask | None:
    return session.scalar(
        sa.select(CompositeTask).where(CompositeTask.episode_id == episode.id).execution_options(populate_existing=True)
    )


def locked_task(session: Session, episode: Episode) -> CompositeTask:
    """The episode's task, made if there is none, locked until the transaction ends."""
    of_episode = sa.select(CompositeTask).where(CompositeTask.episode_id == episode.id)
    locked = of_episode.with_for_update().execution_options(populate_existing=True)
    task = session.scalar(locked)
    if task is not None:
        return task
    # Somebody else may make it at once; a savepoint keeps the transaction whole.
    with suppress(sa.exc.IntegrityError), session.begin_nested():
        session.add(CompositeTask(episode_id=episode.id, report={}))
    return session.scalars(locked).one()


def unpublish_export(place: Installation, episode_key: str, export: Export) -> None:
    """Its files are gone from the output folder; those of an export that was never done were never there."""
    if export.state != ExportState.DONE:
        return
    film = export_path(place, episode_key, export.name, draft=export.draft)
    unpublish(film.parent, [film.name, *(file["name"] for file in export.files.values())])
