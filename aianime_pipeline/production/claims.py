"""Claims: one worker at a time on one piece of work, and its release when the worker is dead.

A claim is the worker's id in the row of the work itself, taken by one UPDATE that only one process can win. A worker
is a process with a row that it beats every few seconds; on the same host it is dead when its process is gone, which is
seen at once; on another when its row has been silent for `SILENT_AFTER` by the database's clock: those of two hosts
differ, and either may jump.
"""

import atexit
import os
import socket
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import Database, database_time
from aianime_pipeline.db.models import Base, Claimable, Worker
from aianime_pipeline.db.models.base import now

SILENT_AFTER = timedelta(seconds=60)
_BEAT_SECONDS = 5.0

_log = structlog.get_logger(__name__)
_own: dict[tuple[str, str], str] = {}
_beats: dict[str, threading.Event] = {}
_own_lock = threading.Lock()


def start_worker(database: Database, run_id: str) -> str:
    """This process's worker for a run: its row is written once and beats until the process ends."""
    with _own_lock:
        key = (str(database.url), run_id)
        if key in _own:
            return _own[key]
        worker_id = str(uuid.uuid4())
        with database.write() as session:
            session.add(
                Worker(
                    id=worker_id,
                    host=socket.gethostname(),
                    pid=os.getpid(),
                    process_started=_process_started(os.getpid()) or "",
                    run_id=run_id,
                    beat_at=database_time(session),
                )
            )
        _own[key] = worker_id
        stop = _beats[worker_id] = threading.Event()
    threading.Thread(target=_beat, args=(database, worker_id, stop), daemon=True, name="worker-beat").start()
    atexit.register(_end, database, worker_id, stop)
    return worker_id


@contextmanager
def worker_for(database: Database, run_id: str) -> Iterator[str]:
    """A worker that ends with the block, for a process that lives on and works again and again."""
    worker_id = start_worker(database, run_id)
    try:
        yield worker_id
    finally:
        with _own_lock:
            _own.pop((str(database.url), run_id), None)
            stop = _beats.pop(worker_id, None)
        if stop is not None:
            _end(database, worker_id, stop)


def _beat(database: Database, worker_id: str, stop: threading.Event) -> None:
    while not stop.wait(_BEAT_SECONDS):
        try:
            with database.write() as session:
                beat = sa.update(Worker).where(Worker.id == worker_id).values(beat_at=database_time(session))
                session.execute(beat)
        except sa.exc.SQLAlchemyError as error:
            # The next beat may reach the database again; the work's own transaction fails by itself if not.
            _log.warning("a worker could not beat", worker=worker_id, error=str(error))


def _end(database: Database, worker_id: str, stop: threading.Event) -> None:
    if stop.is_set():
        return
    stop.set()
    try:
        with database.write() as session:
            session.execute(sa.update(Worker).where(Worker.id == worker_id).values(ended_at=now()))
    except sa.exc.SQLAlchemyError as error:
        # The process ends anyway, and with it its claims.
        _log.warning("a worker could not say that it ends", worker=worker_id, error=str(error))


def is_alive(session: Session, worker: Worker) -> bool:
    if worker.ended_at is not None:
        return False
    if worker.host == socket.gethostname():
        # Its process tells more than its beats: they fail while the database is away, and a clock may jump.
        return _process_started(worker.pid) == worker.process_started
    return database_time(session) - worker.beat_at <= SILENT_AFTER


def holder(session: Session, row: Claimable) -> Worker | None:
    """The living worker that holds the row, None when it is free to claim."""
    if row.claimed_by is None:
        return None
    worker = session.get(Worker, row.claimed_by, populate_existing=True)
    return worker if worker is not None and is_alive(session, worker) else None


def claim(session: Session, row: Claimable, worker_id: str) -> bool:
    """Take the row for `worker_id` inside the caller's write transaction; False when a living worker holds it."""
    held_by = holder(session, row)
    if held_by is not None and held_by.id != worker_id:
        return False
    table = type(row)
    assert issubclass(table, Base)
    identity = sa.inspect(row).identity
    before = row.claimed_by
    same = table.claimed_by.is_(None) if before is None else table.claimed_by == before
    taken = session.execute(
        sa.update(table)
        .where(sa.inspect(table).primary_key[0] == identity[0], same)
        .values(claimed_by=worker_id)
        .execution_options(synchronize_session=False)
    )
    won = bool(taken.rowcount == 1)  # type: ignore[attr-defined]
    if won:
        session.refresh(row)
    return won


def dead_workers(session: Session, run_ids: Iterable[str]) -> set[str]:
    """Of these runs, those whose every worker of ours is dead. Runs that never had a worker are not among them."""
    workers = session.scalars(sa.select(Worker).where(Worker.run_id.in_(list(run_ids)))).all()
    living = {worker.run_id for worker in workers if is_alive(session, worker)}
    return {worker.run_id for worker in workers} - living


def runs_with_workers(session: Session, run_ids: Iterable[str]) -> set[str]:
    """Of these runs, those that any process of ours has worked for."""
    return set(session.scalars(sa.select(Worker.run_id).where(Worker.run_id.in_(list(run_ids)))))


def _process_started(pid: int) -> str | None:
    """The process's start, None when there is none. Where there is no /proc, a live pid counts as the process."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        except PermissionError:
            return ""
        return ""
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # A zombie's work is over, though its entry stays until its parent asks. Field 3 is the state, 22 the start.
    return None if fields[0] in ("Z", "X") else fields[19]
