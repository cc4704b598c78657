"""An episode's history as rows and small objects, at moments of the test's own: takes, selections, exports, edits."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from aianime_pipeline.db.models import (
    CompositeTask,
    Episode,
    Export,
    Generation,
    MediaObject,
    Project,
    ReviewRecord,
    Shot,
    ShotStage,
    Take,
)
from aianime_pipeline.production.cleanup import CleanupReport, run_cleanup
from aianime_pipeline.production.generations import remember_object
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.projects.retention import Retention, set_retention
from aianime_pipeline.storyboard.document import shot_to_document
from aianime_pipeline.storyboard.model import CameraMove, Framing
from aianime_pipeline.storyboard.model import Shot as BoardShot


class History:
    """Project `p` with an episode `p-e001` of some shots, each with an image and a video stage. `moment` is its now."""

    def __init__(self, place: Installation, shots: int = 1) -> None:
        self.place = place
        self.moment = datetime.now(UTC)
        self._made = 0
        with place.database.write() as session:
            project = Project(slug="p", title="p")
            session.add(project)
            session.flush()
            episode = Episode(project_id=project.id, number=1, key="p-e001")
            session.add(episode)
            session.flush()
            self.episode_id, self.project_id = episode.id, project.id
            session.add(CompositeTask(episode_id=episode.id, report={}))
            rows = [
                Shot(episode_id=episode.id, number=number, position=number, document=_shot(number))
                for number in range(shots)
            ]
            session.add_all(rows)
            session.flush()
            stages = [ShotStage(shot_id=row.id, stage=name, state="approved") for row in rows for name in _STAGES]
            session.add_all(stages)
            session.flush()
            self._stages = {(number // 2, stage.stage): stage.id for number, stage in enumerate(stages)}

    def passes(self, days: float) -> None:
        self.moment += timedelta(days=days)

    def keep(self, **days: int | None) -> None:
        with self.place.database.write() as session:
            set_retention(session, find_project(session, "p"), Retention().changed(days), who="a person")

    def cleanup(self, *, dry_run: bool = False) -> CleanupReport:
        return run_cleanup(self.place, dry_run=dry_run, moment=self.moment)

    def put(self, data: str | None = None, *, remembered: bool = True) -> str:
        """An object, of bytes that were never there if none are given. Returns its digest."""
        self._made += 1
        stored = self.place.store.put_bytes((data or f"object {self._made}").encode(), "text/plain")
        with self.place.store.local_path(stored.digest) as path:
            os.utime(path, (self.moment.timestamp(), self.moment.timestamp()))
        if remembered:
            with self.place.database.write() as session:
                new = session.get(MediaObject, stored.digest) is None
                remember_object(session, stored)
                if new:
                    session.get_one(MediaObject, stored.digest).created_at = self.moment
        return stored.digest

    def stage_of(self, shot: int, stage: str) -> ShotStage:
        with self.place.database.read() as session:
            return session.get_one(ShotStage, self._stages[shot, stage])

    def set_stage(self, shot: int, stage: str, state: str) -> None:
        with self.place.database.write() as session:
            session.get_one(ShotStage, self._stages[shot, stage]).state = state

    def take(
        self, shot: int = 0, stage: str = "image", data: str | None = None, *, selected: bool = True, **inputs: Any
    ) -> Take:
        """A ready take with its generation. A video is made from the picture that counts."""
        digest = self.put(data)
        with self.place.database.write() as session:
            row = session.get_one(ShotStage, self._stages[shot, stage])
            if stage == "video":
                picture = session.get_one(ShotStage, self._stages[shot, "image"]).selected_take_id
                first = session.get_one(Take, picture).object_digest if picture is not None else None
                inputs = {"first_frame": first} | inputs
            generation = Generation(
                project_id=self.project_id, episode_id=self.episode_id, shot_id=row.shot_id, capability=stage,
                provider="ark", model="m", request_digest="", state="succeeded", result_digest=digest, run_id="r",
                worker_id="w", created_at=self.moment, settled_at=self.moment,
            )  # fmt: skip
            session.add(generation)
            session.flush()
            number = session.scalar(sa.select(sa.func.count()).where(Take.stage_id == row.id)) or 0
            take = Take(
                stage_id=row.id, number=number + 1, state="ready", inputs=inputs, inputs_digest="", seed=0, facts={},
                object_digest=digest, generation_id=generation.id, run_id="r", root_run_id="r", created_at=self.moment,
            )  # fmt: skip
            session.add(take)
            session.flush()
            if selected:
                row.selected_take_id = take.id
        return take

    def select(self, take: Take) -> None:
        """As a person does it, who leaves a record."""
        with self.place.database.write() as session:
            session.get_one(ShotStage, take.stage_id).selected_take_id = take.id
            session.add(
                ReviewRecord(
                    take_id=take.id, stage_id=take.stage_id, reviewer="a person", verdict="selected",
                    created_at=self.moment,
                )
            )  # fmt: skip

    def export(self, *, name: str = "main", draft: bool = False, shows: tuple[str, ...] = ()) -> Export:
        """A finished one with the objects of its own, and `shows`, as an editors' project has its media beside it."""
        film, subtitles = self.put(), self.put()
        files = {"srt.zh": {"digest": subtitles, "name": "film.srt"}}
        files |= {f"media.{number}": {"digest": digest, "name": f"{number}"} for number, digest in enumerate(shows)}
        with self.place.database.write() as session:
            task = self._task(session)
            export = Export(
                composite_task_id=task.id, name=name, preset={}, draft=draft, formats=[], state="done",
                film_digest=film, files=files, report={}, requested_by="a person", finished_at=self.moment,
            )  # fmt: skip
            session.add(export)
            if name == "main" and not draft:
                task.film_digest, task.subtitles_digest = film, subtitles
        return export

    def edit(self, *digests: str) -> None:
        """A person's edit that shows these; none discards it."""
        with self.place.database.write() as session:
            clips = [{"shot": number, "digest": digest} for number, digest in enumerate(digests)]
            self._task(session).document = {"clips": clips} if clips else None

    def _task(self, session: sa.orm.Session) -> CompositeTask:
        return session.scalars(sa.select(CompositeTask).where(CompositeTask.episode_id == self.episode_id)).one()

    def now_of(self, take: Take) -> tuple[str, str | None]:
        """State and object of a take as they are by now."""
        with self.place.database.read() as session:
            row = session.get_one(Take, take.id)
            return row.state, row.object_digest

    def stored(self) -> set[str]:
        return {one.digest for one in self.place.store.digests()}

    def known(self) -> set[str]:
        """The objects that have a row."""
        with self.place.database.read() as session:
            return set(session.scalars(sa.select(MediaObject.digest)))


def _shot(number: int) -> dict[str, Any]:
    return shot_to_document(BoardShot(number, 1000, Framing.MEDIUM, CameraMove.HOLD, f"picture {number}."))


_STAGES = ("image", "video")
