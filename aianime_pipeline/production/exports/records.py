"""The end of an export: what is recorded of it, where its files go, and how the claim is given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aianime_pipeline.db.models import CompositeTask, Export
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import WorkHeldError
from aianime_pipeline.production.events import record_event
from aianime_pipeline.production.exports.files import StoredFiles
from aianime_pipeline.production.exports.orders import ExportWork
from aianime_pipeline.production.films.composite_rows import ExportState, exports_of, locked_task
from aianime_pipeline.production.films.composite_states import CompositeEvent, after
from aianime_pipeline.production.films.currency import film_made_of
from aianime_pipeline.production.films.timeline import CurrentTimeline
from aianime_pipeline.production.generations import remember_object
from aianime_pipeline.production.publishing import publish, unpublish
from aianime_pipeline.storage.store import StoredObject


@dataclass(frozen=True)
class ExportResult:
    """`report` is what was measured (films/reports.py); `digest` the film's object, `key` what it was made from;
    `files` are those beside the film by kind, such as `srt.zh` and `poster`. `made` is False where it was there
    already."""

    export_id: int
    digest: str
    key: str
    made: bool
    report: dict[str, Any]
    path: Path
    files: dict[str, Path]


def kept_export(work: ExportWork, key: str) -> Export | None:
    """An export that is there already, made from exactly this."""
    with work.place.database.read() as session:
        for row in exports_of(session, session.get_one(CompositeTask, work.task_id)):
            same = (row.name, row.draft, row.key) == (work.order.name, work.order.draft, key)
            if same and row.state == ExportState.DONE and row.film_digest is not None:
                digests = [row.film_digest, *(file["digest"] for file in row.files.values())]
                return row if all(work.place.store.exists(digest) for digest in digests) else None
    return None


def record_export(
    work: ExportWork,
    key: str,
    current: CurrentTimeline,
    made: Sequence[StoredObject],
    files: StoredFiles,
    report: dict[str, Any],
) -> Export:
    """The export is done; those of the same name that it takes the place of are gone. `made` are the film and its
    subtitles."""
    film, subtitles = made
    with work.place.database.write() as session:
        for one in (*made, *files.stored):
            remember_object(session, one)
        row = session.get_one(Export, work.row_id)
        row.state, row.key, row.timeline_version = ExportState.DONE, key, current.version
        row.film_digest, row.files, row.report, row.finished_at = film.digest, files.named, report, now()
        names = {work.path.name, *(file["name"] for file in files.named.values())}
        task = locked_task(session, work.episode)
        for older in exports_of(session, task):
            if older.id != row.id and (older.name, older.draft) == (row.name, row.draft):
                if older.state == ExportState.DONE:
                    gone = {file["name"] for file in older.files.values()} - names
                    unpublish(work.path.parent, gone)
                session.delete(older)
        if work.order.is_film:
            # A film of before there were exports has no row that names what lies beside it.
            unpublish(work.path.parent, {work.path.with_suffix(".srt").name} - names)
            task.timeline_digest, task.film_digest, task.subtitles_digest = key, film.digest, subtitles.digest
            task.report, task.finished_at = report, row.finished_at
        return row


def finish_export(work: ExportWork, row: Export, version: int, *, made: bool) -> ExportResult:
    """Put the files in place, then give the claim back. `version` is that of the edit that was exported, of the
    episode's film for those who ask later whether it is of what is selected now."""
    film, key = row.film_digest, row.key
    assert film is not None
    assert key is not None
    publish(work.place, film, work.path)
    paths = {kind: work.path.parent / file["name"] for kind, file in row.files.items()}
    for kind, path in paths.items():
        publish(work.place, row.files[kind]["digest"], path)
    with work.place.database.write() as session:
        task = locked_task(session, work.episode)
        if not made:
            session.execute(sa.delete(Export).where(Export.id == work.row_id))
            row = session.get_one(Export, row.id)
            row.timeline_version = version
        if task.claimed_by != work.watch.run.worker_id:
            raise WorkHeldError(f"Another process has taken the film of {work.episode.key} over.")
        as_it_stands = not work.order.draft and row.timeline_version == task.version
        event = CompositeEvent.FINISHED if as_it_stands else CompositeEvent.SET_ASIDE
        task.state, task.claimed_by, task.reason = after(task.state, event), None, ""
        task.percent, task.step, task.seconds_left, task.cancel_requested = 100.0, "done", 0.0, None
        if work.order.is_film:
            task.made_of = film_made_of(work.shots.views, version)
            record_event(session, "film", project_id=work.episode.project_id, episode_id=work.episode.id, state="done")
    return ExportResult(row.id, film, key, made, row.report, work.path, paths)


def end_export(work: ExportWork, state: ExportState, event: CompositeEvent, *, reason: str = "") -> None:
    """The export came to nothing."""
    with work.place.database.write() as session:
        session.execute(
            sa.update(Export)
            .where(Export.id == work.row_id, Export.state == ExportState.EXPORTING.value)
            .values(state=state.value, reason=reason or _stopped_by(work), finished_at=now())
        )
        task = locked_task(session, work.episode)
        if task.claimed_by != work.watch.run.worker_id:
            return  # this process was taken for dead, and another has the task now
        task.state, task.claimed_by, task.reason = after(task.state, event), None, reason
        task.seconds_left = task.cancel_requested = None


def _stopped_by(work: ExportWork) -> str:
    return f"Stopped by {work.watch.cancelled_by or 'its run'}."
