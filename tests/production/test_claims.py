import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.processes import Script, wait_until

from aianime_pipeline.db.engine import Database, database_time, is_postgres
from aianime_pipeline.db.models import AssetVersion, CompositeTask, Episode, Project, Worker
from aianime_pipeline.db.models.base import clock, now
from aianime_pipeline.production import claims
from aianime_pipeline.production.claims import claim, dead_workers, holder, is_alive, worker_for

TAKE_IT = """
import sys
from aianime_pipeline.db.engine import Database, database_time, is_postgres
from aianime_pipeline.db.models import CompositeTask
from aianime_pipeline.production.claims import claim, start_worker
database = Database(sys.argv[1])
worker = start_worker(database, sys.argv[2])
print("ready", flush=True)
for _ in range(int(sys.argv[3])):
    number = int(sys.stdin.readline())
    with database.write() as session:
        won = claim(session, session.get_one(CompositeTask, number), worker)
    print("won" if won else "lost", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def tasks(database: Database) -> list[int]:
    """Ids of ten pieces of work that nobody holds."""
    with database.write() as session:
        project = Project(slug="p", title="p")
        session.add(project)
        session.flush()
        rows = []
        for number in range(1, 11):
            episode = Episode(project_id=project.id, number=number, key=f"p-e{number:03d}")
            session.add(episode)
            session.flush()
            rows.append(CompositeTask(episode_id=episode.id, report={}))
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def worker_row(database: Database, **values: object) -> Worker:
    """A worker that beats, in this test's own process unless said otherwise."""
    row = {
        "id": "other",
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "process_started": claims._process_started(os.getpid()),
        "run_id": "other-run",
        "beat_at": now() + timedelta(minutes=10),  # however slow the tests are
    }
    worker = Worker(**(row | values))
    with database.write() as session:
        session.add(worker)
    return worker


def lives(database: Database, worker: Worker) -> bool:
    with database.read() as session:
        return is_alive(session, worker)


def try_to_claim(database: Database, task: int, worker: str) -> bool:
    with database.write() as session:
        return claim(session, session.get_one(CompositeTask, task), worker)


def held_by(database: Database, task: int) -> str | None:
    with database.read() as session:
        found = holder(session, session.get_one(CompositeTask, task))
        return found.id if found is not None else None


def test_of_two_processes_that_race_for_a_piece_of_work_exactly_one_wins(
    database: Database, migrated_url: str, tasks: list[int]
) -> None:
    racers = [Script(TAKE_IT, migrated_url, f"run-{n}", len(tasks)) for n in range(2)]
    for racer in racers:
        racer.says("ready")
    for task in tasks:
        for racer in racers:
            racer.tell(str(task))
        told = []
        for racer in racers:
            assert racer.process.stdout is not None
            told.append(racer.process.stdout.readline().strip())
        assert sorted(told) == ["lost", "won"]
    for racer in racers:
        racer.tell("end")
        racer.end()


def test_a_claim_of_a_killed_process_is_free_at_once(database: Database, migrated_url: str, tasks: list[int]) -> None:
    other = Script(TAKE_IT, migrated_url, "killed-run", 1)
    other.says("ready")
    other.tell(str(tasks[0]))
    other.says("won")
    worker_row(database, id="mine")
    assert held_by(database, tasks[0]) is not None
    assert not try_to_claim(database, tasks[0], "mine")
    other.kill()
    assert held_by(database, tasks[0]) is None
    assert try_to_claim(database, tasks[0], "mine")


def test_a_claim_of_a_process_that_ended_well_is_free(database: Database, migrated_url: str, tasks: list[int]) -> None:
    other = Script(TAKE_IT, migrated_url, "ended-run", 1)
    other.says("ready")
    other.tell(str(tasks[0]))
    other.says("won")
    other.tell("end")
    other.end()
    with database.read() as session:
        assert session.scalars(sa.select(Worker.ended_at)).one() is not None
    assert held_by(database, tasks[0]) is None


def test_a_claim_is_refused_to_others_and_granted_again_to_its_holder(database: Database, tasks: list[int]) -> None:
    worker_row(database, id="one")
    worker_row(database, id="two")
    assert try_to_claim(database, tasks[0], "one")
    assert not try_to_claim(database, tasks[0], "two")
    assert try_to_claim(database, tasks[0], "one")
    assert held_by(database, tasks[0]) == "one"
    assert try_to_claim(database, tasks[1], "two")


def test_a_claim_that_is_rolled_back_was_never_taken(database: Database, tasks: list[int]) -> None:
    worker_row(database, id="one")
    with pytest.raises(ZeroDivisionError), database.write() as session:  # noqa: PT012 - the block is what is tested
        assert claim(session, session.get_one(CompositeTask, tasks[0]), "one")
        raise ZeroDivisionError
    assert held_by(database, tasks[0]) is None


def test_a_claim_found_stale_is_not_taken_from_whoever_got_it_meanwhile(database: Database, tasks: list[int]) -> None:
    """The row was read before another worker took it over from the dead one."""
    worker_row(database, id="dead", ended_at=now())
    worker_row(database, id="quick")
    worker_row(database, id="slow")
    assert try_to_claim(database, tasks[0], "dead")
    with database.read() as session:
        stale = session.get_one(CompositeTask, tasks[0])
        session.expunge(stale)
    assert try_to_claim(database, tasks[0], "quick")
    with database.write() as session:
        session.add(stale)
        assert not claim(session, stale, "slow")
    assert held_by(database, tasks[0]) == "quick"


def test_a_silent_worker_on_another_host_loses_its_claim_after_a_minute(
    database: Database, tasks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = now()
    worker_row(database, id="far", host="another-host", beat_at=start)
    worker_row(database, id="mine", beat_at=start)
    assert try_to_claim(database, tasks[0], "far")
    for seconds, free in ((0, False), (59, False), (60, False), (61, True)):
        monkeypatch.setattr(claims, "database_time", lambda _, seconds=seconds: start + timedelta(seconds=seconds))
        assert (held_by(database, tasks[0]) is None) is free, seconds
    assert try_to_claim(database, tasks[0], "mine")


@pytest.mark.parametrize("jump", [timedelta(hours=3), timedelta(hours=-3)])
def test_a_jump_of_this_hosts_clock_neither_kills_nor_revives_a_worker_on_another(
    database: Database, jump: timedelta
) -> None:
    with database.read() as session:
        if not is_postgres(session):
            pytest.skip("SQLite is for one host: its clock is the process's")
    beats = worker_row(database, id="beats", host="another-host", beat_at=now())
    silent = worker_row(database, id="silent", host="another-host", beat_at=now() - timedelta(seconds=70))
    with clock(lambda: datetime.now(UTC) + jump), database.read() as session:
        assert is_alive(session, beats)
        assert not is_alive(session, silent)


@pytest.mark.parametrize("jump", [timedelta(hours=3), timedelta(hours=-3)])
def test_a_worker_beats_by_the_databases_clock(database: Database, jump: timedelta) -> None:
    with clock(lambda: datetime.now(UTC) + jump), worker_for(database, "run") as worker_id:
        with database.read() as session:
            off = session.get_one(Worker, worker_id).beat_at - database_time(session)
        assert abs(off) < timedelta(seconds=30)


@pytest.mark.parametrize("jump", [timedelta(hours=3), timedelta(hours=-3)])
def test_a_process_here_that_lives_keeps_its_claim_though_the_clock_jumps_or_its_beats_fail(
    database: Database, jump: timedelta
) -> None:
    worker = worker_row(database)
    with clock(lambda: worker.beat_at + jump):
        assert lives(database, worker)


def test_a_pid_that_belongs_to_another_process_by_now_is_a_dead_worker(database: Database) -> None:
    assert not lives(database, worker_row(database, process_started="1"))


def test_a_pid_that_nobody_has_is_a_dead_worker(database: Database) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not lives(database, worker_row(database, pid=gone.pid))


def test_a_zombie_is_a_dead_worker(database: Database) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    worker = worker_row(database, pid=child.pid, process_started=claims._process_started(child.pid))
    assert lives(database, worker)
    child.kill()
    # Nobody has asked for its exit code yet, so the kernel keeps its entry.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not lives(database, worker)
    child.communicate()


def test_a_program_whose_name_has_brackets_and_spaces_is_recognised(database: Database, tmp_path: Path) -> None:
    """The kernel writes the name in brackets before the fields that count."""
    name = tmp_path / "a) b ("
    name.symlink_to("/bin/sleep")
    child = subprocess.Popen([name, "60"])
    try:
        worker = worker_row(database, pid=child.pid, process_started=claims._process_started(child.pid))
        assert lives(database, worker)
    finally:
        child.kill()
        child.wait()


def test_where_the_system_has_no_proc_a_live_pid_counts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims.Path, "exists", lambda path: False)
    assert lives(database, worker_row(database, id="a", process_started=""))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not lives(database, worker_row(database, id="b", process_started="", pid=gone.pid))


START = """
import sys
from aianime_pipeline.db.engine import Database, database_time, is_postgres
from aianime_pipeline.production import claims
claims._BEAT_SECONDS = 0.05
database = Database(sys.argv[1])
print(*(claims.start_worker(database, run) for run in ("run-a", "run-a", "run-b")), flush=True)
sys.stdin.readline()
"""


def test_a_process_is_one_worker_in_each_run_and_beats_until_it_ends(database: Database, migrated_url: str) -> None:
    process = Script(START, migrated_url)
    assert process.process.stdout is not None
    first, again, other = process.process.stdout.readline().split()
    assert first == again != other

    def row() -> Worker:
        with database.read() as session:
            return session.get_one(Worker, first)

    found = row()
    assert (found.run_id, found.pid, found.host) == ("run-a", process.process.pid, socket.gethostname())
    assert lives(database, found)
    wait_until(lambda: row().beat_at > found.beat_at)
    process.tell("end")
    process.end()
    assert row().ended_at is not None
    assert not lives(database, row())


LOSE_THE_DATABASE = """
import sys
from aianime_pipeline.db.engine import Database, database_time, is_postgres
from aianime_pipeline.production import claims
database = Database(sys.argv[1])
claims.start_worker(database, "run")
with database.write() as session:
    session.connection().exec_driver_sql("ALTER TABLE workers RENAME TO lost")
"""


def test_a_process_that_cannot_reach_the_database_at_its_end_says_so_without_a_traceback(migrated_url: str) -> None:
    process = Script(LOSE_THE_DATABASE, migrated_url)
    out, told = process.process.communicate(timeout=60)
    assert process.process.returncode == 0
    assert "a worker could not say that it ends" in out
    assert "Traceback" not in told


def test_a_run_is_dead_only_when_all_its_workers_are(database: Database) -> None:
    worker_row(database, id="1", run_id="half", ended_at=now())
    worker_row(database, id="2", run_id="half")
    worker_row(database, id="3", run_id="dead", ended_at=now())
    worker_row(database, id="4", run_id="living")
    with database.read() as session:
        assert dead_workers(session, ["half", "dead", "living", "never-begun"]) == {"dead"}
        assert dead_workers(session, []) == set()


def test_asset_versions_are_claimed_alike(database: Database) -> None:
    from aianime_pipeline.db.models import Asset

    worker_row(database, id="one")
    worker_row(database, id="two")
    with database.write() as session:
        project = Project(slug="p", title="p")
        session.add(project)
        session.flush()
        asset = Asset(project_id=project.id, kind="prop", name="lamp")
        asset.versions = [AssetVersion(version=1, description="", sheet={}, voice={})]
        session.add(asset)
        session.flush()
        version = asset.current.id
    with database.write() as session:
        assert claim(session, session.get_one(AssetVersion, version), "one")
    with database.write() as session:
        assert not claim(session, session.get_one(AssetVersion, version), "two")
