"""Who exports an episode's film: the claim on it, how far it is, and the wish of a person that it stops.

One export at a time for an episode, whichever process it runs in; a second is told which one runs. The claim of a dead
process is free at once, and what it left open is closed then.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, Episode, Export, Worker
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import StateError, WorkHeldError
from aianime_pipeline.film.progress import Progress
from aianime_pipeline.production.claims import claim, holder
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.films.composite_rows import ExportState, find_task, locked_task
from aianime_pipeline.production.films.composite_states import CompositeEvent, CompositeState, after
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.runs import Run, StageProgress

_TICK_SECONDS = 0.05
"""How often the run is asked whether it was stopped."""
_TICKS_A_LOOK = 10
"""The row is told how far the export is, and asked whether to stop, every half second."""

_GONE = "The process that exported it is gone."

_log = structlog.get_logger(__name__)


def claim_task(session: Session, episode: Episode, run: Run) -> CompositeTask:
    """The episode's task for this run, exporting from now on. Raises WorkHeldError while a living process exports."""
    task = locked_task(session, episode)
    if not claim(session, task, run.worker_id):
        worker = holder(session, task)
        raise held_error(episode.key, worker, task)
    close_open_exports(session, task)
    task.state = after(task.state, CompositeEvent.BEGUN)
    task.reason, task.cancel_requested = "", None
    task.percent, task.step, task.seconds_left = 0.0, "", None
    return task


def close_open_exports(session: Session, task: CompositeTask) -> None:
    """The exports that a dead process left open have failed. Only for who holds the claim."""
    session.execute(
        sa.update(Export)
        .where(Export.composite_task_id == task.id, Export.state == ExportState.EXPORTING.value)
        .values(state=ExportState.FAILED.value, reason=_GONE, finished_at=now())
    )


@dataclass(frozen=True)
class ExportStanding:
    """Where an export is. One that a dead process left open has failed, whether somebody has closed it or not."""

    state: ExportState
    reason: str
    percent: float = 0.0
    step: str = ""
    seconds_left: float | None = None


def export_standing(session: Session, export: Export) -> ExportStanding:
    state = ExportState(export.state)
    if state is ExportState.DONE:
        return ExportStanding(state, export.reason, 100.0, "done", 0.0)
    if state is not ExportState.EXPORTING:
        return ExportStanding(state, export.reason)
    task = session.get_one(CompositeTask, export.composite_task_id)
    if holder(session, task) is None:
        return ExportStanding(ExportState.FAILED, _GONE)
    return ExportStanding(state, export.reason, round(task.percent, 1), task.step, task.seconds_left)


def held_error(episode_key: str, worker: Worker | None, task: CompositeTask) -> WorkHeldError:
    """The refusal that says who exports, since when, and how far it is."""
    if worker is None:
        return WorkHeldError(f"The film of {episode_key} is being made by another run.", episode=episode_key)
    return WorkHeldError(
        f"The film of {episode_key} is being made by run {worker.run_id} (process {worker.pid} on {worker.host}) since "
        f"{worker.started_at:%Y-%m-%d %H:%M:%S} UTC; {task.percent:.0f} % of it is done. Wait for it, or cancel it.",
        episode=episode_key,
        run_id=worker.run_id,
        since=worker.started_at.isoformat(),
        percent=round(task.percent, 1),
        step=task.step,
        seconds_left=task.seconds_left,
    )


def cancel_export(place: Installation, episode_key: str, *, who: str) -> None:
    """Ask the process that exports to stop; within about a second it has, and left nothing. What a dead process left
    open is closed here. Raises NotFoundError, and StateError where nothing is being exported."""
    with place.database.write() as session:
        episode = find_episode(session, episode_key)
        task = find_task(session, episode)
        if task is None or task.state != CompositeState.EXPORTING:
            raise StateError(f"Nothing of {episode_key} is being exported.", episode=episode_key)
        task = locked_task(session, episode)
        if holder(session, task) is not None:
            task.cancel_requested = who
            return
        close_open_exports(session, task)
        task.state, task.claimed_by = after(task.state, CompositeEvent.CANCELLED), None


class ExportWatch:
    """Between an export and its row: tells how far it is, and learns that it shall stop.

    A thread of its own does both, so that no database makes the render wait.
    """

    def __init__(
        self,
        place: Installation,
        task_id: int,
        run: Run,
        stage: StageProgress | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._place, self._task_id, self._outer = place, task_id, run
        self._stage, self._on_progress = stage, on_progress
        self._latest: Progress | None = None
        self._stop, self._done = threading.Event(), threading.Event()
        self.run = replace(run, stop=self._stop)
        """For the export's own work: its stop is set also when only this export shall stop."""
        self.cancelled_by: str | None = None

    def on_progress(self, at: Progress) -> None:
        self._latest = at

    def stopped(self) -> bool:
        return self._stop.is_set() or self._outer.stop.is_set()

    @contextmanager
    def watching(self) -> Iterator["ExportWatch"]:
        thread = threading.Thread(target=self._watch, daemon=True, name="export-watch")
        thread.start()
        try:
            yield self
        finally:
            self._done.set()
            thread.join()

    def ask(self) -> bool:
        """Look at the row now: whether the export shall stop."""
        with self._place.database.read() as session:
            wish = sa.select(CompositeTask.cancel_requested).where(CompositeTask.id == self._task_id)
            self.cancelled_by = session.execute(wish).scalar()
        if self.cancelled_by is not None:
            self._stop.set()
        return self.stopped()

    def _watch(self) -> None:
        told, ticks = None, 0
        while not self._done.wait(_TICK_SECONDS):
            if self._outer.stop.is_set():
                self._stop.set()
            ticks += 1
            if ticks % _TICKS_A_LOOK:
                continue
            latest = self._latest
            try:
                if latest is not None and latest != told:
                    self._tell(latest)
                    told = latest
                self.ask()
            except sa.exc.SQLAlchemyError as error:
                # The export's own transactions fail by themselves if the database stays away.
                _log.warning("an export could not tell how far it is", task=self._task_id, error=str(error))

    def _tell(self, at: Progress) -> None:
        with self._place.database.write() as session:
            session.execute(
                sa.update(CompositeTask)
                .where(CompositeTask.id == self._task_id, CompositeTask.claimed_by == self._outer.worker_id)
                .values(percent=at.percent, step=at.step, seconds_left=at.seconds_left)
            )
        if self._stage is not None:
            self._stage.step(at.step, at.percent)
        if self._on_progress is not None:
            self._on_progress(at)
