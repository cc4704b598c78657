"""Making an episode's stages without Dagster, at a provider that is steered by the test."""

import itertools
import os
import socket
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from support.quick_provider import QuickProvider, Steering
from support.stories import storyboard_file

from aianime_pipeline.db.models import Base, Episode, Generation, Project, ShotStage, StageRun, Take, Worker
from aianime_pipeline.db.models import Shot as ShotRow
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production import claims
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.exports.exporting import export_film
from aianime_pipeline.production.exports.records import ExportResult
from aianime_pipeline.production.films.gate import Waiting
from aianime_pipeline.production.films.making import FilmResult, bring_film_up_to_date
from aianime_pipeline.production.importing import import_file
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.packages.packing import PackageResult, bring_package_up_to_date
from aianime_pipeline.production.reviews import review_shots
from aianime_pipeline.production.runs import Run, StageName, StageProgress, stage_run
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.production.shots.work import StageOutcome, StageWork

Row = TypeVar("Row", bound=Base)

KEY = "p-e001"
NAMES = {Stage.IMAGE: StageName.IMAGES, Stage.VIDEO: StageName.VIDEOS, Stage.VOICE: StageName.VOICES}


@dataclass(frozen=True)
class StageDone:
    outcome: StageOutcome
    row: StageRun

    @property
    def counts(self) -> tuple[int, int, int, int, int]:
        """Made, kept, waiting, skipped, failed."""
        row = self.row
        return (row.made, row.kept, row.waiting, row.skipped, row.failed)

    @property
    def out_of_date(self) -> list[int]:
        return [number for number, result in sorted(self.outcome.results.items()) if not result.current]


class Studio:
    """One installation with one episode, `p-e001`, of small pictures."""

    def __init__(self, place: Installation, steering: Steering) -> None:
        self.place = place
        self.steering = steering
        self._runs = itertools.count(1)

    def storyboard(self, folder: Path, shots: object, **top: object) -> None:
        import_file(self.place, storyboard_file(folder, shots, **top), project="p")  # type: ignore[arg-type]
        self.set_project(width=160, height=90)

    def does(self, change: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """What a service does to the episode, in a transaction of its own."""
        with self.place.database.write() as session:
            return change(session, find_episode(session, KEY), *args, **options)

    def set_project(self, **options: object) -> None:
        with self.place.database.write() as session:
            session.execute(sa.update(Project).values(**options))

    def images_in_review(self, folder: Path, shots: int = 3) -> None:
        """Images made, and waiting for a person."""
        self.storyboard(folder, shots)
        self.set_project(review_image="human")
        self.make(Stage.IMAGE)

    def run(
        self, *, shots: Collection[int] = (), force: bool = False, auto_review: bool = False, root: str | None = None
    ) -> Run:
        """A run of this process, of which it is known to live."""
        run_id = f"run-{next(self._runs)}"
        worker = Worker(
            id=str(uuid.uuid4()),
            host=socket.gethostname(),
            pid=os.getpid(),
            process_started=claims._process_started(os.getpid()) or "",
            run_id=run_id,
            beat_at=now() + timedelta(hours=1),  # however slow the tests are
        )
        with self.place.database.write() as session:
            session.add(worker)
        return Run(KEY, run_id, root or run_id, worker.id, frozenset(shots) or None, force, auto_review)

    @property
    def episode(self) -> Episode:
        with self.place.database.read() as session:
            return find_episode(session, KEY)

    def make(self, stage: Stage, run: Run | None = None) -> StageDone:
        run = run or self.run()
        with stage_run(self.place.database, run, self.episode.id, NAMES[stage]) as progress:
            work = StageWork(self.place, run, stage, progress)
            for _ in work.results():
                pass
        with self.place.database.read() as session:
            query = sa.select(StageRun).where(StageRun.run_id == run.run_id, StageRun.stage == NAMES[stage])
            return StageDone(work.outcome, session.scalars(query).one())

    def make_all(self, run: Run | None = None) -> None:
        run = run or self.run()
        for stage in Stage:
            self.make(stage, run)

    def film(self, run: Run | None = None) -> FilmResult | list[Waiting]:
        run = run or self.run()
        with stage_run(self.place.database, run, self.episode.id, StageName.FILM) as progress:
            return bring_film_up_to_date(self.place, run, progress)

    def export(self, **options: Any) -> ExportResult:
        return export_film(self.place, None, KEY, who="a person", **options)

    def package(self, run: Run | None = None) -> PackageResult:
        run = run or self.run()
        with stage_run(self.place.database, run, self.episode.id, StageName.PACKAGE) as progress:
            return bring_package_up_to_date(self.place, run, progress)

    def progress(self, run: Run, stage: StageName) -> StageProgress:
        with self.place.database.write() as session:
            row = StageRun(run_id=run.run_id, episode_id=self.episode.id, stage=stage.value, report={})
            session.add(row)
            session.flush()
            return StageProgress(self.place.database, row.id)

    def review(
        self, stage: Stage, *, approve: Collection[int] | None = (), reject: Collection[int] = (), reason: str = ""
    ) -> dict[int, State]:
        with self.place.database.write() as session:
            return review_shots(
                session,
                find_episode(session, KEY),
                stage,
                approve=approve,
                reject=reject,
                reason=reason,
                reviewer="a person",
            )

    def stage_row(self, number: int, stage: Stage) -> ShotStage:
        with self.place.database.read() as session:
            return session.scalars(
                sa.select(ShotStage)
                .join(ShotRow, ShotRow.id == ShotStage.shot_id)
                .where(ShotRow.number == number, ShotStage.stage == stage.value)
            ).one()

    def takes(self, number: int, stage: Stage) -> list[Take]:
        with self.place.database.read() as session:
            row = self.stage_row(number, stage)
            return list(session.scalars(sa.select(Take).where(Take.stage_id == row.id).order_by(Take.number)))

    def rows(self, table: type[Row]) -> list[Row]:
        with self.place.database.read() as session:
            return list(session.scalars(sa.select(table).order_by(sa.inspect(table).primary_key[0])))

    def generations(self) -> list[tuple[str, str]]:
        """Capability and state of each, in order."""
        return [(row.capability, row.state) for row in self.rows(Generation)]

    def asked(self, capability: str) -> list[str]:
        """The words of what the provider was asked for, sorted: shots are made at once, in no order."""
        return sorted(line.words for line in self.steering.submitted() if line.capability == capability)


def quick_provider(place: Installation) -> QuickProvider:
    return QuickProvider(workdir=place.settings.scratch / "provider", max_workers=4)
