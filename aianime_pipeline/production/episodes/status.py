"""Where an episode stands, shot by shot, with its film and its ZIP: what people and scripts ask first."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, Episode, MediaObject, PackageTask, Project
from aianime_pipeline.db.models import Shot as ShotRow
from aianime_pipeline.production.claims import holder
from aianime_pipeline.production.episodes.rows import ShotView, find_episode, load_shots
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.shots.currency import out_of_date_shots
from aianime_pipeline.production.shots.stages import IN_WORK, Stage, State


def episode_status(place: Installation, key: str) -> dict[str, Any]:
    """JSON-ready; see the command line's contract. Raises NotFoundError."""
    with place.database.read() as session:
        episode = find_episode(session, key)
        views = load_shots(session, episode.id)
        late = out_of_date_shots(place, session, episode)
        return {
            "episode": episode.key,
            "shots": [_shot_status(session, view, late) for view in views],
            "film": film_status(place, session, episode),
            "package": package_status(place, session, episode),
        }


def all_episodes(place: Installation) -> dict[str, Any]:
    """Every episode with the number of its shots, its film and its ZIP."""
    with place.database.read() as session:
        counts = dict(
            session.execute(
                sa.select(ShotRow.episode_id, sa.func.count())
                .where(ShotRow.retired.is_(False))
                .group_by(ShotRow.episode_id)
            )
            .tuples()
            .all()
        )
        episodes = session.scalars(
            sa.select(Episode).join(Project, Project.id == Episode.project_id).order_by(Project.slug, Episode.number)
        ).all()
        return {
            "episodes": [
                {
                    "episode": episode.key,
                    "project": episode.project.slug,
                    "shots": counts.get(episode.id, 0),
                    "film": film_status(place, session, episode),
                    "package": package_status(place, session, episode),
                }
                for episode in episodes
            ]
        }


def _shot_status(session: Session, view: ShotView, late: Mapping[Stage, list[int]]) -> dict[str, Any]:
    status: dict[str, Any] = {"number": view.number, "left_out": view.skipped, "versions": {}}
    warnings = list(view.shot.warnings)
    for stage in Stage:
        found = view.stages.get(stage)
        if found is None:
            status[stage.value] = (State.PENDING if stage in view.wanted else State.SKIPPED).value
            continue
        status[stage.value] = found.state.value
        status["versions"][stage.value] = found.row.version
        if found.row.reason:
            warnings.append(f"{stage} {found.state}: {found.row.reason}")
        if found.state in IN_WORK and holder(session, found.row) is None:
            warnings.append(f"{stage}: the run that was making it is gone; make takes it over")
        if view.number in late.get(stage, ()):
            warnings.append(f"{stage} is out of date: what it was made from has changed since")
    return status | {"warnings": warnings}


def film_status(place: Installation, session: Session, episode: Episode) -> dict[str, Any] | None:
    """The episode's film, None when there is none. A film whose takes changed since is still its film."""
    task = session.scalar(sa.select(CompositeTask).where(CompositeTask.episode_id == episode.id))
    path = place.settings.output(episode.key) / f"{episode.key}.mp4"
    if task is None or task.film_digest is None or not path.exists():
        return None
    stored = session.get_one(MediaObject, task.film_digest)
    return {
        "path": str(path),
        "frames": task.report["frames"],
        "seconds": task.report["seconds"],
        "bytes": stored.size,
    }


def film_warnings(session: Session, episode: Episode) -> list[str]:
    """What a viewer of the film should know: shots held longer for their lines, and what else its report says."""
    task = session.scalar(sa.select(CompositeTask).where(CompositeTask.episode_id == episode.id))
    if task is None or task.film_digest is None:
        return []
    grown = [str(shot["number"]) for shot in task.report["grown"]]
    told = [f"Held longer than planned, until their lines are spoken: shots {', '.join(grown)}."] if grown else []
    return [*told, *task.report["warnings"]]


def package_status(place: Installation, session: Session, episode: Episode) -> dict[str, Any] | None:
    task = session.scalar(sa.select(PackageTask).where(PackageTask.episode_id == episode.id))
    path = place.settings.output(episode.key) / f"{episode.key}.zip"
    if task is None or task.plan_digest is None or not path.exists():
        return None
    return {"path": str(path), "bytes": task.size}
