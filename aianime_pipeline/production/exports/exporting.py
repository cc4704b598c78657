"""Exporting an episode's film: claimed, built, rendered, stored, put where a person finds it, and recorded.

It runs inside a Dagster run (then that run holds the claim) or in any other process (then a worker of its own does).
Whatever goes wrong, the claim is given back, the rows say what happened, and no half file is left; what a killed
process leaves is taken away by the next export.
"""

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from aianime_pipeline.db.models import CompositeTask
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import ExportCancelledError, PipelineError
from aianime_pipeline.film.drawing.style import SubtitleStyle
from aianime_pipeline.film.ffmpeg import FfmpegCancelled, ffmpeg_version
from aianime_pipeline.film.presets.presets import ExportPreset, to_document
from aianime_pipeline.film.progress import Progress
from aianime_pipeline.film.render import RECIPE, FilmReport, render_film
from aianime_pipeline.film.subtitles.cues import to_srt
from aianime_pipeline.film.timeline.document import to_document as timeline_document
from aianime_pipeline.production.claims import worker_for
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.exports.claims import ExportWatch
from aianime_pipeline.production.exports.files import SUBTITLES_TYPE, store_files
from aianime_pipeline.production.exports.orders import ExportWork, begin_export
from aianime_pipeline.production.exports.records import (
    ExportResult,
    end_export,
    finish_export,
    kept_export,
    record_export,
)
from aianime_pipeline.production.films.composite_rows import ExportState, locked_task
from aianime_pipeline.production.films.composite_states import CompositeEvent
from aianime_pipeline.production.films.music import music_for, music_there
from aianime_pipeline.production.films.reports import left_out_warnings, measured, unfinished
from aianime_pipeline.production.films.settings import subtitle_style, watermark
from aianime_pipeline.production.films.timeline import (
    BuiltFilm,
    CurrentTimeline,
    base_music,
    built_film,
    files_of,
    music_is_edited,
    with_edit,
)
from aianime_pipeline.production.generations import RunCancelled
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.runs import Run, StageProgress
from aianime_pipeline.production.scratch import scratch_folder
from aianime_pipeline.production.shots.requests import document_digest
from aianime_pipeline.production.tasks.stopping import go_on
from aianime_pipeline.production.written_text import reason_of

RENDER_VERSION = 2
"""Raised when a film of the same timeline comes out otherwise, so that films of before are made again."""


def export_film(
    place: Installation,
    run: Run | None,
    episode_key: str,
    *,
    preset: ExportPreset | None = None,
    draft: bool = False,
    formats: Sequence[str] = (),
    who: str,
    on_progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
    stage: StageProgress | None = None,
) -> ExportResult:
    """Export the episode by a preset, None for the project's main one. The main one, undrafted, is the episode's film;
    any other is a file of its task. What was made from exactly the same is kept.

    Raises FilmNotReadyError naming the shots that wait, unless it is a draft; WorkHeldError while an export of the
    episode goes on; ExportCancelledError when a person stopped it, RunCancelled when `stop` or the run did;
    BadSettingError, and PipelineError where it cannot be made: the task says why, too.
    """
    with _run_for(place, run, episode_key, stop) as worker:
        with place.database.write() as session:
            if run is None:
                go_on(session, find_episode(session, episode_key).id)
            shots, task, order, row = begin_export(session, worker, episode_key, preset, draft, tuple(formats), who)
        watch = ExportWatch(place, task.id, worker, stage, on_progress)
        work = ExportWork(place, watch, order, shots, task.id, row.id)
        try:
            with watch.watching():
                return _export(work, task)
        except (RunCancelled, FfmpegCancelled) as error:
            end_export(work, ExportState.CANCELLED, CompositeEvent.CANCELLED)
            if watch.cancelled_by is None:
                raise RunCancelled(episode_key) from error
            raise ExportCancelledError(
                f"{watch.cancelled_by} stopped the export of {episode_key}.", episode=episode_key
            ) from error
        except (PipelineError, OSError) as error:
            end_export(work, ExportState.FAILED, CompositeEvent.FAILED, reason=reason_of(error))
            raise
        except BaseException:
            end_export(work, ExportState.CANCELLED, CompositeEvent.CANCELLED)
            raise


@contextmanager
def _run_for(place: Installation, run: Run | None, episode_key: str, stop: threading.Event | None) -> Iterator[Run]:
    if run is not None:
        yield run if stop is None else replace(run, stop=stop)
        return
    run_id = f"export-{uuid.uuid4()}"
    with worker_for(place.database, run_id) as worker_id:
        yield Run(episode_key, run_id, run_id, worker_id, stop=stop or threading.Event())


def _export(work: ExportWork, task: CompositeTask) -> ExportResult:
    place, project = work.place, work.episode.project
    current = _settled(work, _built(work, task))
    style, mark = subtitle_style(project), watermark(place, project)
    key = _key(work, current, style)
    kept = kept_export(work, key)
    if kept is not None:
        return finish_export(work, kept, current.version, made=False)
    with (
        scratch_folder(place.settings.scratch / "films") as folder,
        files_of(current.timeline, place.store) as timeline,
    ):
        report = render_film(
            timeline,
            folder / work.path.name,
            cache=place.settings.segments,
            preset=work.order.preset,
            style=style,
            watermark=mark,
            draft=work.order.draft,
            cache_bytes=place.settings.segment_cache_bytes,
            workers=place.settings.segment_workers,
            title=work.title,
            on_progress=work.watch.on_progress,
            cancelled=work.watch.stopped,
        )
        files = store_files(work, timeline, report)
        film = place.store.put_file(report.path, "video/mp4")
    # Whatever the preset does with subtitles, the ZIP has the film's own.
    words = to_srt(current.timeline.cues(current.timeline.language))
    subtitles = place.store.put_bytes(words.encode(), SUBTITLES_TYPE)
    if work.watch.ask():
        raise RunCancelled(work.episode.key)
    document = _report(work, current, report, files.losses)
    row = record_export(work, key, current, [film, subtitles], files, document)
    return finish_export(work, row, current.version, made=True)


def _built(work: ExportWork, task: CompositeTask) -> BuiltFilm:
    """With its music: made if need be, but not for a draft, which shows what is there."""
    built = built_film(work.shots, work.place.store, None, only_approved=work.order.draft)
    if music_is_edited(task):
        music = base_music(task)
    elif work.order.draft:
        music = music_there(work.place, task)
    else:
        music = music_for(work.place, work.watch.run, work.episode, task, built.timeline)
    return replace(built, timeline=replace(built.timeline, music=music))


def _settled(work: ExportWork, built: BuiltFilm) -> CurrentTimeline:
    """The timeline as it is exported. What the storyboard changed since the edit is merged into the stored edit, except
    for a draft, whose slates are no part of it."""
    with work.place.database.write() as session:
        task = locked_task(session, work.episode)
        current = with_edit(built, task)
        if current.merged and not work.order.draft:
            document = timeline_document(current.timeline)
            if document != task.document:
                task.document, task.version = document, task.version + 1
                # Whoever edits at this moment is told that it was this, not the person before.
                task.edited_by, task.edited_at = f"{work.order.who} (merge for an export)", now()
            task.base, task.merge_notes = timeline_document(current.base), list(current.notes)
            current = replace(current, version=task.version)
        return current


def _key(work: ExportWork, current: CurrentTimeline, style: SubtitleStyle) -> str:
    order, project = work.order, work.episode.project
    preset = {**to_document(order.preset), "name": ""} if order.preset is not None else None
    marked = order.preset is None or order.preset.watermark
    return document_digest(
        [
            current.timeline.digest,
            work.title,
            preset,
            style.to_document(),
            project.watermark if marked else None,
            order.draft,
            sorted(order.formats),
            RENDER_VERSION,
            RECIPE,
            ffmpeg_version(),
        ]
    )


def _report(
    work: ExportWork, current: CurrentTimeline, report: FilmReport, losses: dict[str, list[str]]
) -> dict[str, Any]:
    document = measured(report)
    document["warnings"] += [*current.notes, *left_out_warnings(work.shots.views)]
    return document | {
        **unfinished(current.timeline, work.shots.views),
        "preset": to_document(work.order.preset) if work.order.preset is not None else None,
        "draft": work.order.draft,
        "timeline_version": current.version,
        "lost_in_formats": losses,
    }
