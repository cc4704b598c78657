"""A run as the services see it, and what it has done so far in each stage."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Generation, ProviderUsage, StageRun, Task, Worker
from aianime_pipeline.db.models.base import now


class StageName(StrEnum):
    """The stages of an episode, as the command line names them, in order."""

    STORYBOARD = "storyboard"
    REFERENCES = "references"
    IMAGES = "images"
    VIDEOS = "videos"
    VOICES = "voices"
    FILM = "film"
    PACKAGE = "package"


class Waits:
    """What threads of a run wait for, told as its stage's step while any of them does. `tell` is the stage's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._why: dict[int, str] = {}
        self._told = ""
        self.tell: Callable[[str], None] = lambda _words: None

    def begin(self, why: str) -> None:
        """This thread waits, or still waits. `why` is such as `ark is busy until 10:05:12 UTC`."""
        self._change(why)

    def end(self) -> None:
        """This thread goes on, or never waited."""
        self._change(None)

    def _change(self, why: str | None) -> None:
        with self._lock:
            self._why.pop(threading.get_ident(), None)
            if why is not None:
                self._why[threading.get_ident()] = why
            told = next(reversed(self._why.values()), "")
            if told != self._told:
                self._told = told
                self.tell(told)


TASK_ROOT = "task:"
"""What the root of a task's runs begins with; its id follows."""


@dataclass(frozen=True)
class Run:
    """One Dagster run (or a step of it) at work on an episode.

    `shots` are the shots that the request names, None when it names none; `force` makes them again also when they
    are current, once per root run; `auto_review` approves what would wait for a person.
    """

    episode_key: str
    run_id: str
    root_run_id: str
    worker_id: str
    shots: frozenset[int] | None = None
    force: bool = False
    auto_review: bool = False
    leave_failed: bool = False
    """Leave alone what failed and needs a person."""
    requested_by: str = ""
    asked_in: str | None = None
    """The web request that asked for it, see aianime_pipeline/asked_in.py."""
    patient_until: datetime | None = None
    """From then on no job at a vendor and no limit is waited for; None: they always are."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when the run is cancelled: whatever works for it ends, and gives its claims back."""
    waits: Waits = field(default_factory=Waits)


_stops: dict[str, threading.Event] = {}
_stops_lock = threading.Lock()


def stop_of(run_id: str) -> threading.Event:
    """The one event by which all work of this process for a run is told to stop; set when the process ends.

    An interruption may reach Dagster between two results of a step: the step's generator then hears nothing of it,
    and its threads would go on and keep the process from ending.
    """
    with _stops_lock:
        if run_id not in _stops:
            _stops[run_id] = threading.Event()
            threading.Thread(target=_stop_at_end, args=(_stops[run_id],), daemon=True, name="run-stop").start()
        return _stops[run_id]


def _stop_at_end(stop: threading.Event) -> None:
    threading.main_thread().join()
    stop.set()


@dataclass
class StageCounts:
    """Shots (or assets) of a stage by what became of them in this run."""

    total: int = 0
    made: int = 0
    kept: int = 0
    waiting: int = 0
    skipped: int = 0
    failed: int = 0


@contextmanager
def stage_run(database: Database, run: Run, episode_id: int, stage: StageName) -> Iterator["StageProgress"]:
    """The row that tells what a run does in a stage; a step that is run again in the same run begins it anew."""
    with database.write() as session:
        session.execute(sa.delete(StageRun).where(StageRun.run_id == run.run_id, StageRun.stage == stage.value))
        row = StageRun(run_id=run.run_id, episode_id=episode_id, stage=stage.value, report={})
        session.add(row)
        session.flush()
        row_id = row.id
    progress = StageProgress(database, row_id)
    run.waits.tell = lambda words: progress.write(step=words)
    try:
        yield progress
    finally:
        progress.write(ended_at=now())


class StageProgress:
    def __init__(self, database: Database, row_id: int) -> None:
        self._database = database
        self._row_id = row_id
        self.counts = StageCounts()

    def write(self, **values: Any) -> None:
        with self._database.write() as session:
            session.execute(
                sa.update(StageRun).where(StageRun.id == self._row_id).values(**vars(self.counts), **values)
            )

    def step(self, name: str, percent: float) -> None:
        self.write(step=name, percent=percent)


def stage_rows(session: Session, run_id: str) -> list[StageRun]:
    """What the run has done so far, in the stages' order."""
    order = {stage.value: place for place, stage in enumerate(StageName)}
    rows = session.scalars(sa.select(StageRun).where(StageRun.run_id == run_id)).all()
    return sorted(rows, key=lambda row: order[row.stage])


def percent_of(row: StageRun) -> float:
    """How far the stage is: by its shots where it counts them, else as it says itself."""
    if row.ended_at is not None:
        return 100.0
    # What was made and waits is counted in both.
    waiting = max(0, row.waiting - row.made)
    done = min(row.total, row.made + row.kept + waiting + row.skipped + row.failed)
    return 100.0 * done / row.total if done and row.total else row.percent


def began_at(session: Session, run_id: str) -> datetime | None:
    """When the run's first process began to work, None when none did. Of a task's runs: when it was asked for."""
    if run_id.startswith(TASK_ROOT):
        return session.scalar(sa.select(Task.created_at).where(Task.id == int(run_id.removeprefix(TASK_ROOT))))
    return session.scalar(sa.select(sa.func.min(Worker.started_at)).where(Worker.run_id == run_id))


def cost_micros(session: Session, run_id: str) -> int:
    """What the run's generations cost, in micro-units of the project's currency."""
    cost = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(ProviderUsage.cost_micros), 0))
        .join(Generation, Generation.id == ProviderUsage.generation_id)
        .where(Generation.run_id == run_id)
    )
    return int(cost or 0)
