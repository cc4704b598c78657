"""The episode's film: gate, timeline from the selected takes, music, render, and where a person finds it."""

import math
import os
import shutil
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, Episode
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import DiskFullError, PipelineError, WorkHeldError
from aianime_pipeline.film.ffmpeg import NO_SPACE, FfmpegCancelled, ffmpeg_version
from aianime_pipeline.film.recipe import RECIPE
from aianime_pipeline.film.render import FilmReport, Progress, render_film
from aianime_pipeline.film.timeline import (
    Music,
    Picture,
    PictureKind,
    Timeline,
    TimelineShot,
    VoiceFile,
    build_timeline,
)
from aianime_pipeline.production.claims import claim, holder
from aianime_pipeline.production.currency import spoken_language
from aianime_pipeline.production.episodes import ShotView, find_episode, load_shots, wanted_stages
from aianime_pipeline.production.generations import (
    Finished,
    RunCancelled,
    Subject,
    close_interrupted,
    generate,
    remember_object,
)
from aianime_pipeline.production.inspection import inspect_sound
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.requests import Inputs, document_digest, seed_of
from aianime_pipeline.production.runs import Run, StageProgress
from aianime_pipeline.production.stages import Stage, State
from aianime_pipeline.providers.capabilities import Capability, MusicRequest
from aianime_pipeline.storyboard.model import Transition

RENDER_VERSION = 1
"""Raised when a film of the same timeline comes out otherwise, so that films of before are made again."""

MUSIC_GAIN_DB = -4.0
"""Of a bed that comes at -24 LUFS, beside speech at -20. Quieter music made films that speak little come out harsh: to
reach the film's loudness its speech had to be raised until the limiter took 14 dB off it; so it takes 10 at most (of a
film with speech in a fifth of it) and 7 of the sample episode."""

MUSIC_STEP_MS = 30_000
"""Music is asked for in whole half minutes, so that a shot which grows a little does not ask for another bed."""


@dataclass(frozen=True)
class Waiting:
    """A shot that keeps the film's gate closed."""

    shot: int
    stage: Stage
    state: State

    def __str__(self) -> str:
        return f"shot {self.shot}: {self.stage} is {self.state}"


@dataclass(frozen=True)
class FilmResult:
    """`report` is what the render measured; `digest` the film's object, `data_version` what it was made from."""

    digest: str
    data_version: str
    made: bool
    report: dict[str, Any]
    path: Path


def waiting_shots(views: list[ShotView]) -> list[Waiting]:
    """The shots that are not ready for the film; empty when the gate is open."""
    waiting = []
    for view in views:
        for stage in sorted(wanted_stages(view.shot), key=list(Stage).index):
            found = view.stages.get(stage)
            if found is None or not found.approved:
                waiting.append(Waiting(view.number, stage, found.state if found is not None else State.PENDING))
    return waiting


def bring_film_up_to_date(place: Installation, run: Run, progress: StageProgress) -> FilmResult | list[Waiting]:
    """Make the film unless the one that is there is of the same takes. A closed gate gives the waiting shots.

    Raises PipelineError when the film cannot be made, WorkHeldError when another living run is making it.
    """
    progress.counts.total = 1
    with place.database.write() as session:
        episode = find_episode(session, run.episode_key)
        views = load_shots(session, episode.id)
        waiting = waiting_shots(views) if views else []
        if waiting:
            progress.counts.waiting = 1
            return waiting
        task = _claim_task(session, episode, run)
        language = spoken_language(session, episode)
    try:
        with ExitStack() as stack:
            return _make(place, run, progress, episode, views, task, language, stack)
    except (RunCancelled, FfmpegCancelled) as error:
        _finish(place, task.id, state="editing", reason="")
        raise RunCancelled from error
    except (PipelineError, OSError) as error:
        progress.counts.failed = 1
        _finish(place, task.id, state="failed", reason=str(error))
        raise
    except BaseException:
        _finish(place, task.id, state="editing", reason="")
        raise


def _claim_task(session: Session, episode: Episode, run: Run) -> CompositeTask:
    task = session.scalar(sa.select(CompositeTask).where(CompositeTask.episode_id == episode.id))
    if task is None:
        task = CompositeTask(episode_id=episode.id, report={})
        session.add(task)
        session.flush()
    if not claim(session, task, run.worker_id):
        other = holder(session, task)
        raise WorkHeldError(
            f"The film of {episode.key} is being made by run {other.run_id if other else 'another'} since "
            f"{other.started_at.isoformat(timespec='seconds') if other else 'a moment'}.",
            episode=episode.key,
        )
    return task


def _make(
    place: Installation,
    run: Run,
    progress: StageProgress,
    episode: Episode,
    views: list[ShotView],
    task: CompositeTask,
    language: str,
    stack: ExitStack,
) -> FilmResult:
    project = episode.project

    def local_path(digest: str) -> Path:
        return stack.enter_context(place.store.local_path(digest))

    shots = [_timeline_shot(view, local_path) for view in views]
    built = build_timeline(
        shots, width=project.width, height=project.height, rate=project.rate, language=language
    ).timeline
    timeline = replace(built, music=_music(place, run, episode, task, built, local_path))
    title = " ".join(part for part in (project.title, episode.title or f"E{episode.number:02d}") if part)
    key = document_digest([timeline.digest, title, RENDER_VERSION, RECIPE, ffmpeg_version()])
    if task.timeline_digest == key and task.film_digest is not None and place.store.exists(task.film_digest):
        progress.counts.kept = 1
        _finish(place, task.id, state="done", reason="")
        path = publish_film(place, episode.key, task.film_digest, task.subtitles_digest)
        return FilmResult(task.film_digest, key, False, task.report, path)
    return _render(place, run, progress, episode, task, timeline, title, key, _shown_as_cuts(views))


def _shown_as_cuts(views: list[ShotView]) -> list[str]:
    asked = [view for view in views if view.shot.transition is not Transition.CUT]
    if not asked:
        return []
    listed = ", ".join(f"{view.number} ({view.shot.transition})" for view in asked)
    return [f"Every shot begins with a cut; the storyboard asks for another transition at shots {listed}."]


def _timeline_shot(view: ShotView, local_path: Any) -> TimelineShot:
    wanted = wanted_stages(view.shot)
    stage = Stage.VIDEO if Stage.VIDEO in wanted else Stage.IMAGE
    picture = view.stages[stage].take
    assert picture is not None
    assert picture.object_digest is not None
    kind: PictureKind = "video" if stage is Stage.VIDEO else "still"
    voice = view.stages[Stage.VOICE].take if Stage.VOICE in wanted else None
    return TimelineShot(
        number=view.number,
        duration_ms=view.shot.duration_ms,
        picture=Picture(
            local_path(picture.object_digest),
            picture.object_digest,
            kind,
            keeps_own_sound=bool(picture.facts.get("has_sound")),
        ),
        camera_move=view.shot.camera_move,
        voice=VoiceFile(local_path(voice.object_digest), voice.object_digest or "", voice.facts["samples"])
        if voice is not None
        else None,
        dialogue=view.shot.dialogue,
        speaker="/".join(view.shot.speakers),
    )


def _music(
    place: Installation, run: Run, episode: Episode, task: CompositeTask, timeline: Timeline, local_path: Any
) -> Music:
    milliseconds = math.ceil(timeline.seconds * 1000 / MUSIC_STEP_MS) * MUSIC_STEP_MS
    seed = seed_of(episode.key, "music")
    inputs = Inputs(
        Capability.MUSIC,
        {
            "provider": place.provider.name,
            "model": place.provider.model(Capability.MUSIC),
            "milliseconds": milliseconds,
            "mood": episode.project.style,
            "seed": seed,
        },
    )
    if task.music_inputs != inputs.digest or task.music_digest is None or not place.store.exists(task.music_digest):
        project = episode.project
        request = MusicRequest(milliseconds=milliseconds, seed=seed, mood=project.style)
        subject = Subject(project.id, episode.id, project.currency)
        close_interrupted(place, subject, inputs)

        def keep(session: Session, finished: Finished) -> None:
            row = session.get_one(CompositeTask, task.id)
            row.music_inputs, row.music_digest = inputs.digest, finished.stored.digest

        task.music_digest = generate(
            place, run, subject, inputs, request, inspect=inspect_sound, keep=keep
        ).stored.digest
    return Music(local_path(task.music_digest), task.music_digest, MUSIC_GAIN_DB)


def _render(
    place: Installation,
    run: Run,
    progress: StageProgress,
    episode: Episode,
    task: CompositeTask,
    timeline: Timeline,
    title: str,
    key: str,
    warnings: list[str],
) -> FilmResult:
    _update(place, task.id, state="exporting")
    folder = place.settings.scratch / "films" / uuid.uuid4().hex
    folder.mkdir(parents=True)

    def on_progress(at: Progress) -> None:
        progress.step(at.step, at.percent)

    try:
        output = folder / f"{episode.key}.mp4"
        report = render_film(
            timeline,
            output,
            cache=place.settings.segments,
            cache_bytes=place.settings.segment_cache_bytes,
            workers=place.settings.segment_workers,
            title=title,
            on_progress=on_progress,
            cancelled=run.stop.is_set,
        )
        film = place.store.put_file(output, "video/mp4")
        subtitles = place.store.put_file(output.with_suffix(".srt"), "application/x-subrip")
    finally:
        shutil.rmtree(folder)
    document = _document(report)
    document["warnings"] += warnings
    with place.database.write() as session:
        remember_object(session, film)
        remember_object(session, subtitles)
    _finish(
        place,
        task.id,
        state="done",
        reason="",
        timeline_digest=key,
        film_digest=film.digest,
        subtitles_digest=subtitles.digest,
        report=document,
        finished_at=now(),
    )
    progress.counts.made = 1
    path = publish_film(place, episode.key, film.digest, subtitles.digest)
    return FilmResult(film.digest, key, True, document, path)


def _document(report: FilmReport) -> dict[str, Any]:
    """The report as JSON; `seconds` are the picture's."""
    return {
        "frames": report.frames,
        "seconds": float(report.picture_seconds),
        "sound_seconds": float(report.sound_seconds),
        "bytes": report.bytes,
        "lufs": report.lufs,
        "true_peak": report.true_peak,
        "segments_made": report.segments_made,
        "segments_kept": report.segments_kept,
        "sound_made": report.sound_made,
        "grown": [vars(shot) for shot in report.grown],
        "warnings": list(report.warnings),
        "timings": dict(report.timings),
    }


def publish_film(place: Installation, episode_key: str, film: str, subtitles: str | None) -> Path:
    """The film and its subtitles where a person finds them. Returns the film's path."""
    target = place.settings.output(episode_key) / f"{episode_key}.mp4"
    publish(place, film, target)
    if subtitles is not None:
        publish(place, subtitles, target.with_suffix(".srt"))
    return target


def publish(place: Installation, digest: str, target: Path) -> None:
    """A copy of the object under a readable name, unless it lies there as it was put.

    Not a hard link: whoever edits the file in place (as root, in a container, read-only does not hold) would edit the
    object. Size and time of change tell whether the copy is still the one of this object.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with place.store.local_path(digest) as source:
        wanted = source.stat()
        if target.exists() and _same_copy(target.stat(), wanted):
            return
        part = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            shutil.copyfile(source, part)
            os.utime(part, ns=(wanted.st_atime_ns, wanted.st_mtime_ns))
            part.replace(target)
        except OSError as error:
            if error.errno in NO_SPACE:
                raise DiskFullError(
                    f"No space left on the disk for {target}. Free some space and run again."
                ) from error
            raise
        finally:
            part.unlink(missing_ok=True)


def _same_copy(there: os.stat_result, wanted: os.stat_result) -> bool:
    return (there.st_size, there.st_mtime_ns) == (wanted.st_size, wanted.st_mtime_ns)


def _update(place: Installation, task_id: int, **values: Any) -> None:
    with place.database.write() as session:
        session.execute(sa.update(CompositeTask).where(CompositeTask.id == task_id).values(**values))


def _finish(place: Installation, task_id: int, **values: Any) -> None:
    _update(place, task_id, claimed_by=None, **values)
