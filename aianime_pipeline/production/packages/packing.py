"""The episode's ZIP: what belongs into it by its PackageConfig, written when it is not there or out of date."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, Episode, Generation, MediaObject, PackageTask
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import PipelineError, WorkHeldError
from aianime_pipeline.packaging.config import PackageConfig, package_config
from aianime_pipeline.packaging.names import PartKind
from aianime_pipeline.packaging.package import PackagePlan, PackageSubject, Wanted, plan_package
from aianime_pipeline.packaging.write import PackagingCancelled, write_package
from aianime_pipeline.production.claims import claim
from aianime_pipeline.production.episodes.rows import ShotView, find_episode, load_shots
from aianime_pipeline.production.generations import RunCancelled, remember_object
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.runs import Run, StageProgress
from aianime_pipeline.production.screenplays.keeping import current_screenplay
from aianime_pipeline.production.shots.requests import document_digest
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.production.storyboards.keeping import load_storyboard
from aianime_pipeline.production.written_text import reason_of
from aianime_pipeline.storage.store import StoredObject
from aianime_pipeline.storyboard.v4 import write_v4

_KINDS: dict[Stage, PartKind] = {Stage.IMAGE: "shot_image", Stage.VIDEO: "shot_video", Stage.VOICE: "voice"}


@dataclass(frozen=True)
class PackageResult:
    path: Path
    bytes: int
    files: int
    data_version: str
    made: bool


def bring_package_up_to_date(place: Installation, run: Run, progress: StageProgress) -> PackageResult:
    """Write the ZIP unless the one that is there has the same content.

    Raises PackageIncompleteError naming what is missing, WorkHeldError, StorageError.
    """
    progress.counts.total = 1
    with place.database.write() as session:
        episode = find_episode(session, run.episode_key)
        task = _claim_task(session, episode, run)
    try:
        return _pack(place, run, progress, episode, task)
    except (RunCancelled, PackagingCancelled) as error:
        _finish(place, task.id, state="pending", reason="")
        raise RunCancelled from error
    except (PipelineError, OSError) as error:
        progress.counts.failed = 1
        _finish(place, task.id, state="failed", reason=reason_of(error))
        raise
    except BaseException:
        _finish(place, task.id, state="pending", reason="")
        raise


def set_package_config(session: Session, episode: Episode, changes: dict[str, bool]) -> PackageConfig:
    """Change what goes into the episode's ZIP. Raises BadSettingError."""
    task = _task(session, episode)
    config = package_config(task.config | changes)
    task.config = config.to_document()
    return config


def _task(session: Session, episode: Episode) -> PackageTask:
    task = session.scalar(sa.select(PackageTask).where(PackageTask.episode_id == episode.id))
    if task is None:
        task = PackageTask(episode_id=episode.id, config=PackageConfig().to_document())
        session.add(task)
        session.flush()
    return task


def _claim_task(session: Session, episode: Episode, run: Run) -> PackageTask:
    task = _task(session, episode)
    if not claim(session, task, run.worker_id):
        raise WorkHeldError(f"The ZIP of {episode.key} is being packed by another run.", episode=episode.key)
    return task


def _pack(place: Installation, run: Run, progress: StageProgress, episode: Episode, task: PackageTask) -> PackageResult:
    with place.database.write() as session:
        wanted = _wanted(place, session, episode)
    config = package_config(task.config)
    project = episode.project
    subject = PackageSubject(project.slug, project.title, episode.key, episode.number, episode.title)
    film = next((one.stored.digest for one in wanted if one.kind == "film" and one.stored is not None), None)
    content = document_digest([config.to_document(), vars(subject), [_identity(one) for one in wanted]])
    path = place.settings.output(episode.key) / f"{episode.key}.zip"
    current = task.plan_digest == content and task.state == "done" and task.finished_at is not None
    created: datetime = task.finished_at if current and task.finished_at is not None else now()
    plan: PackagePlan = plan_package(wanted, config, subject, created=created)
    size = plan.layout.total_size
    if current and path.exists() and path.stat().st_size == size:
        progress.counts.kept = 1
        if task.manifest_digest is None:  # packed by a version that did not keep it
            _keep_manifest(place, task.id, plan)
        _finish(place, task.id, film_digest=film)
        return PackageResult(path, size, len(plan.files), content, False)
    _update(place, task.id, state="packing")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_package(plan, place.store, path, cancelled=run.stop.is_set)
    _keep_manifest(place, task.id, plan)
    _finish(
        place,
        task.id,
        state="done",
        reason="",
        plan_digest=content,
        film_digest=film,
        size=size,
        files=len(plan.files),
        finished_at=created,
    )
    progress.counts.made = 1
    return PackageResult(path, size, len(plan.files), content, True)


def _keep_manifest(place: Installation, task_id: int, plan: PackagePlan) -> None:
    """What the ZIP can be served from when the file of it is gone, or lies on another machine."""
    manifest = place.store.put_bytes(plan.manifest, "application/json")
    values = {"manifest_digest": manifest.digest, "contents": [file.digest for file in plan.files]}
    with place.database.write() as session:
        remember_object(session, manifest)
        session.execute(sa.update(PackageTask).where(PackageTask.id == task_id).values(values))


def _identity(wanted: Wanted) -> list[Any]:
    digest = wanted.stored.digest if wanted.stored is not None else None
    return [wanted.kind, wanted.shot, wanted.label, digest, dict(wanted.origin)]


def _wanted(place: Installation, session: Session, episode: Episode) -> list[Wanted]:
    """Every file that the episode has or should have; the PackageConfig chooses among them."""
    views = load_shots(session, episode.id)
    wanted = [*_film_files(session, episode), *_story_files(place, session, episode)]
    for view in views:
        stages = sorted(view.wanted, key=list(Stage).index)
        wanted += [_take_file(session, view, stage) for stage in stages]
    return wanted


def _take_file(session: Session, view: ShotView, stage: Stage) -> Wanted:
    found = view.stages.get(stage)
    take = found.take if found is not None else None
    label = "/".join(view.shot.speakers) if stage is Stage.VOICE else ""
    if take is None or take.object_digest is None:
        return Wanted(_KINDS[stage], None, shot=view.number, label=label)
    generation = session.get(Generation, take.generation_id)
    origin = {
        "take": take.number,
        "seed": take.seed,
        "inputs": take.inputs,
        "inputs_digest": take.inputs_digest,
        "made_at": take.created_at.isoformat(),
        "run": take.run_id,
    }
    if generation is not None:
        origin |= {"provider": generation.provider, "model": generation.model}
    return Wanted(_KINDS[stage], _stored(session, take.object_digest), shot=view.number, label=label, origin=origin)


def _film_files(session: Session, episode: Episode) -> list[Wanted]:
    task = session.scalar(sa.select(CompositeTask).where(CompositeTask.episode_id == episode.id))
    film = task.film_digest if task is not None else None
    subtitles = task.subtitles_digest if task is not None else None
    origin = {"timeline_digest": task.timeline_digest} if task is not None else {}
    return [
        Wanted("film", _stored(session, film), origin=origin),
        Wanted("subtitles", _stored(session, subtitles), origin=origin),
    ]


def _story_files(place: Installation, session: Session, episode: Episode) -> list[Wanted]:
    storyboard = place.store.put_bytes(write_v4(load_storyboard(session, episode)), "application/json")
    remember_object(session, storyboard)
    files = [Wanted("storyboard", storyboard, origin={"format": "storyboard_ai_v4"})]
    screenplay = current_screenplay(session, episode.id)
    if screenplay is not None:
        origin = {"version": screenplay.version, "imported_at": screenplay.created_at.isoformat()}
        stored = _stored(session, screenplay.source_digest)
        files.append(Wanted("screenplay", stored, label=Path(screenplay.source_name).stem, origin=origin))
    return files


def _stored(session: Session, digest: str | None) -> StoredObject | None:
    row = session.get(MediaObject, digest) if digest is not None else None
    return StoredObject(row.digest, row.size, row.crc32, row.media_type) if row is not None else None


def _update(place: Installation, task_id: int, **values: Any) -> None:
    with place.database.write() as session:
        session.execute(sa.update(PackageTask).where(PackageTask.id == task_id).values(**values))


def _finish(place: Installation, task_id: int, **values: Any) -> None:
    _update(place, task_id, claimed_by=None, **values)
