"""An installation to be broken: the daemon, the web server and the runs over a PostgreSQL and a bucket behind proxies,
by a clock that jumps; with a supervisor that starts again what ended, and a reviewer who decides meanwhile.

The reviewer, like the database and the bucket, goes by the right time, as on another machine.
"""

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from support.clock_jumps import ClockJumps
from support.fault_proxy import FaultProxy
from support.instance import Instance
from support.postgres import PostgresServer
from support.seaweed import SeaweedServer

from aianime_pipeline.db.models import Episode, Generation, MediaObject, ShotStage, Task, Worker
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import PipelineError
from aianime_pipeline.production.claims import is_alive
from aianime_pipeline.production.episodes.rows import find_episode, load_shots
from aianime_pipeline.production.reviews import review_shots
from aianime_pipeline.production.schedules.keeping import create_schedule
from aianime_pipeline.production.shots.stages import AWAITS_PERSON, Stage
from aianime_pipeline.production.tasks.states import UNFINISHED

_TMPFS_MIB = 700
_AGAIN_SECONDS = 0.5
_RUN_SECONDS = 60
_JUMP_SECONDS = 60
_AHEAD = (timedelta(hours=2), timedelta(days=3))
_BACK = (timedelta(hours=-1), timedelta(days=-1))


class World:
    """Everything that a fault may hit. `mended` are the faults that ended by themselves."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        self.postgres, self.seaweed = PostgresServer(), SeaweedServer()
        self.to_postgres = FaultProxy(self.postgres.socket)
        self.to_seaweed = FaultProxy(("127.0.0.1", self.seaweed.port))
        database = self.postgres.new_database()
        self.small_disk = _small_disk(folder)
        self.instance = Instance(
            folder,
            AIANIME_DATABASE_URL=f"postgresql://postgres@127.0.0.1:{self.to_postgres.port}/{database}",
            AIANIME_OBJECTS_URL=self.seaweed.url("proof"),
            **{
                **self.seaweed.environment,
                "AIANIME_S3_ENDPOINT": f"http://127.0.0.1:{self.to_seaweed.port}",
            },
        )
        self.clock, self.jumps = ClockJumps(folder / "clock"), 0
        self.instance.environment.update(self.clock.environment(self.instance.environment))
        # This process looks into the bucket, too.
        self._before = {name: os.environ.get(name) for name in self.seaweed.environment}
        os.environ.update(self.seaweed.environment)
        self.log: list[str] = []
        self.rejected: set[tuple[str, int, Stage]] = set()
        self.episodes: list[str] = []
        self._over = threading.Event()
        self._began = time.monotonic()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._supervise, self._review)]

    def begin(self, episodes: int, shots: int) -> None:
        self.instance.up()
        self.episodes = self.instance.put_shots(
            "proof",
            shots,
            episodes=episodes,
            review_image="ai_then_human",
            review_video="human",
            auto_make=True,
            auto_export=True,
            auto_package=True,
        )
        with self.instance.place.database.write() as session:
            # Each jump crosses some of its times. What nobody needs is removed while films are made.
            hourly = {"name": "hourly", "cron": "0 * * * *", "time_zone": "UTC", "action": "cleanup"}
            create_schedule(session, hourly, who="script")
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=120)
        if self.instance.is_up:
            self.instance.down()
        for name, value in self._before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        self.instance.kill_what_is_left()
        self.to_postgres.stop()
        self.to_seaweed.stop()
        self.seaweed.stop()
        self.postgres.stop()
        if self.small_disk is not None:
            subprocess.run(["umount", "-l", str(self.small_disk)], check=False)

    def tell(self, line: str) -> None:
        self.log.append(f"{time.monotonic() - self._began:7.1f} s  {line}")

    def _supervise(self) -> None:
        """As a service manager does: what ended is started again."""
        while not self._over.wait(_AGAIN_SECONDS):
            if not self.instance.is_up:
                self.tell("the processes ended: started again")
                self.instance.kill_servers()
                try:
                    self.instance.up()
                except (AssertionError, TimeoutError, OSError) as error:
                    self.tell(f"they do not come up yet: {str(error).splitlines()[0][:120]}")

    def _review(self) -> None:
        """Approves what waits for a person, and rejects some of it, each shot once."""
        while not self._over.wait(1.0):
            for episode in self.episodes:
                for stage in (Stage.IMAGE, Stage.VIDEO):
                    try:
                        self._decide(episode, stage)
                    except (sa.exc.SQLAlchemyError, PipelineError, OSError) as error:
                        self.tell(f"the reviewer could not decide: {type(error).__name__}")

    def _decide(self, episode: str, stage: Stage) -> None:
        with self.instance.place.database.write() as session:
            found = find_episode(session, episode)
            views = load_shots(session, found.id)
            waiting = [v.number for v in views if stage in v.stages and v.stages[stage].state in AWAITS_PERSON]
            reject = [
                number
                for number in waiting
                if self.random.random() < 0.2 and (episode, number, stage) not in self.rejected
            ]
            if not waiting:
                return
            approve = [number for number in waiting if number not in reject]
            reason = "again" if reject else ""
            review_shots(
                session, found, stage, approve=approve, reject=reject, reason=reason, reviewer="script"
            )  # fmt: skip
        self.rejected |= {(episode, number, stage) for number in reject}

    def is_done(self) -> bool:
        try:
            return all(self.instance.status_of(episode)["package"] is not None for episode in self.episodes)
        except (sa.exc.SQLAlchemyError, PipelineError, OSError):
            return False

    def is_well(self) -> bool:
        """The web server answers, the daemons beat, database and store answer."""
        try:
            with self.instance.place.database.read() as session:
                session.execute(sa.text("SELECT 1"))
            self.instance.place.store.exists("0" * 64)
            return self.instance.is_up and not self.instance.ui.why_not_ready()
        except (sa.exc.SQLAlchemyError, PipelineError, OSError, AssertionError):
            return False

    def set_clock(self, offset: timedelta) -> None:
        """The installation's clock jumps, and goes on from there. Returns once its code server goes by it."""
        self.clock.jump(offset)
        self.jumps += 1
        until = time.monotonic() + _JUMP_SECONDS
        while not self._goes_by(offset):
            assert time.monotonic() < until, f"nobody goes by a clock that is off by {offset}"
            time.sleep(0.1)

    def _goes_by(self, offset: timedelta) -> bool:
        """Every episode is looked at every few seconds, and it is written down when."""
        with self.instance.place.database.read() as session:
            looked = session.scalars(sa.select(Episode.judged_at)).all()
        off = [at - now() - offset for at in looked if at is not None]
        return any(abs(one) < timedelta(seconds=10) for one in off)

    def runs_processes(self) -> list[int]:
        """Processes that execute a run now. The code server spawns them: their command lines do not tell of it."""
        there = self.instance.processes().keys()
        with self.instance.place.database.read() as session:
            pids = session.scalars(sa.select(Worker.pid).where(Worker.ended_at.is_(None))).all()
        return [pid for pid in pids if pid in there]

    def left_over(self) -> list[str]:
        """What should not be there once everything has ended."""
        with self.instance.place.database.read() as session:
            held = session.scalars(sa.select(ShotStage).where(ShotStage.claimed_by.is_not(None))).all()
            living = {w.id for w in session.scalars(sa.select(Worker)) if is_alive(session, w)}
            leases = session.scalars(sa.select(Task).where(Task.leased_by.is_not(None))).all()
            open_tasks = session.scalars(
                sa.select(Task).where(Task.state.in_([state.value for state in UNFINISHED]))
            ).all()
            open_jobs = session.scalars(
                sa.select(Generation).where(Generation.state.in_(["intent", "submitted"]))
            ).all()
            objects = session.scalars(sa.select(MediaObject.digest)).all()
        missing = [digest for digest in objects if not self.instance.place.store.exists(digest)]
        scratch = self.instance.place.settings.scratch
        # The tests' provider keeps what it has made, for them to look at.
        mine = scratch / "provider"
        files = [path for path in scratch.rglob("*") if path.is_file() and mine not in path.parents]
        return [
            *(f"stage {row.id} is claimed by {row.claimed_by}" for row in held if row.claimed_by in living),
            *(f"task {row.id} is leased by {row.leased_by}" for row in leases),
            *(f"task {row.id} is {row.state}: {row.reason}" for row in open_tasks),
            *(f"generation {row.id} is {row.state}" for row in open_jobs),
            *(f"object {digest} is missing" for digest in missing),
            *(f"scratch file {path}" for path in files),
        ]


Fault = Callable[[World], str]


def kill_run(world: World) -> str:
    until = time.monotonic() + _RUN_SECONDS
    while not (pids := world.runs_processes()):
        if time.monotonic() > until:
            return "no run was at work"
        time.sleep(0.1)
    time.sleep(world.random.uniform(0, 3))
    pids = world.runs_processes() or pids
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid := world.random.choice(pids), signal.SIGKILL)
        return f"SIGKILL of run process {pid}"
    return "the run had just ended"


def kill_daemon(world: World) -> str:
    return _kill(world, "dagster._daemon", "the daemon")


def kill_code_server(world: World) -> str:
    return _kill(world, "code-server", "the code server")


def kill_everything(world: World) -> str:
    world.instance.kill_what_is_left()
    return "SIGKILL of every process"


def kill_database(world: World) -> str:
    world.postgres.kill()
    time.sleep(world.random.uniform(1, 4))
    world.postgres.start()
    return "SIGKILL of PostgreSQL, started again"


def cut_database(world: World) -> str:
    return _cut(world, world.to_postgres, "the database")


def cut_store(world: World) -> str:
    return _cut(world, world.to_seaweed, "the object store")


def kill_store(world: World) -> str:
    world.seaweed.kill()
    time.sleep(world.random.uniform(1, 3))
    world.seaweed.start()
    return "SIGKILL of the object store, started again"


def fill_disk(world: World) -> str:
    if world.small_disk is None:
        return "no small disk could be mounted here"
    ballast = world.small_disk / "ballast"
    with ballast.open("wb") as file:
        try:
            while True:
                file.write(b"\0" * (1 << 20))
                file.flush()
        except OSError:
            pass
    time.sleep(world.random.uniform(3, 6))
    ballast.unlink()
    return "the disk was full for some seconds"


def jump_ahead(world: World) -> str:
    return _jump(world, _AHEAD)


def jump_back(world: World) -> str:
    return _jump(world, _BACK)


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        kill_run,
        kill_database,
        kill_daemon,
        jump_ahead,
        jump_back,
        cut_database,
        kill_everything,
        cut_store,
        kill_store,
        kill_code_server,
        fill_disk,
    )
}


def _kill(world: World, words: str, name: str) -> str:
    found = [pid for pid, command in world.instance.processes().items() if words in command]
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return f"SIGKILL of {name}" if found else f"{name} was not there"


def _jump(world: World, offsets: tuple[timedelta, ...]) -> str:
    """What comes next happens by that clock, up to the next jump."""
    world.set_clock(offset := world.random.choice(offsets))
    return f"the clock is off by {offset.total_seconds():+.0f} s from now on"


def _cut(world: World, proxy: FaultProxy, name: str) -> str:
    proxy.cut()
    seconds = world.random.uniform(2, 8)
    time.sleep(seconds)
    proxy.mend()
    return f"{seconds:.0f} s without {name}"


def _small_disk(folder: Path) -> Path | None:
    """The home on a file system of its own, so that it can be filled; None where that is not allowed."""
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_TMPFS_MIB}m", "tmpfs", str(home)], capture_output=True, check=False
    )
    return home if done.returncode == 0 else None


@contextmanager
def world(folder: Path, seed: int) -> Iterator[World]:
    made = World(folder, seed)
    try:
        yield made
    finally:
        made.end()
