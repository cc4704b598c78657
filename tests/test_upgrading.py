"""One command brings an installation up to date: nothing is launched meanwhile, and nothing is done under a run."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from dagster._core.remote_origin import RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._daemon.types import DaemonHeartbeat
from support.command_line import CommandLine

import aianime_pipeline.db
from aianime_pipeline import upgrading
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Mark, Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.db.schema import HEAD, revision
from aianime_pipeline.errors import RunsInProgressError, StateError, UpgradeFailedError
from aianime_pipeline.instance import WORKSPACE, open_instance
from aianime_pipeline.production.draining import DRAINING, is_draining, start_draining
from aianime_pipeline.settings import settings
from aianime_pipeline.upgrading import Upgraded, upgrade_installation


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("AIANIME_DAGSTER_CONFIG", "AIANIME_DAGSTER_DATABASE_URL", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("AIANIME_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with open_instance() as opened:
        yield opened


class Clock:
    """Goes on while somebody pauses; `then` happens in the first pause."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.seconds = 0.0
        self.pauses = 0
        self._then = then

    def pause(self, seconds: float) -> None:
        self.seconds += seconds
        self.pauses += 1
        if self.pauses == 1:
            self._then()

    def __call__(self) -> float:
        return self.seconds


def upgraded(
    database: Database, clock: Clock | None = None, *, wait: float = 600, told: list[str] | None = None
) -> Upgraded:
    clock = clock or Clock()
    said = told if told is not None else []
    return upgrade_installation(database, wait_seconds=wait, tell=said.append, pause=clock.pause, clock=clock)


def a_run(instance: dg.DagsterInstance, status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED) -> dg.DagsterRun:
    location = WorkspaceFileTarget(paths=[str(WORKSPACE)]).create_origins()[0]
    return instance.create_run_for_job(
        dg.JobDefinition(graph_def=dg.GraphDefinition(name="g")),
        status=status,
        remote_job_origin=RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), "g"),
    )


def marked(database: Database) -> bool:
    with database.read() as session:
        return session.get(Mark, DRAINING) is not None


def at_revision(database: Database, wanted: str) -> None:
    """As a program of that time left it."""
    config = Config()
    assert aianime_pipeline.db.__file__ is not None
    config.set_main_option("script_location", str(Path(aianime_pipeline.db.__file__).parent / "migrations"))
    with database.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, wanted)


@pytest.mark.usefixtures("home")
def test_an_older_database_is_brought_up_to_date_and_a_second_time_changes_nothing(database_url: str) -> None:
    database = Database(database_url)
    at_revision(database, "0003")
    first = upgraded(database)
    assert (first.revision, first.changed) == (HEAD, True)
    assert revision(database) == HEAD
    assert not upgraded(database).changed
    assert not marked(database)


def test_it_waits_for_a_run_and_nothing_is_launched_meanwhile(database: Database, instance: dg.DagsterInstance) -> None:
    run = a_run(instance)
    seen = []

    def ends() -> None:
        with database.read() as session:
            seen.append(is_draining(session))
        instance.report_run_failed(run, "over")

    told: list[str] = []
    clock = Clock(ends)
    done = upgraded(database, clock, told=told)
    assert seen == [True]
    assert done.waited_seconds == clock.seconds > 0
    assert told[0] == f"waiting for run {run.run_id} (started)"
    assert not marked(database)


def test_a_run_that_does_not_end_is_named_and_nothing_was_done(database_url: str, instance: dg.DagsterInstance) -> None:
    database = Database(database_url)
    at_revision(database, "0003")
    run = a_run(instance)
    clock = Clock()
    with pytest.raises(RunsInProgressError, match=f"run {run.run_id}.*Nothing was upgraded"):
        upgraded(database, clock, wait=60)
    assert clock.seconds >= 60
    assert revision(database) == "0003"


def test_without_waiting_it_refuses_at_once_and_ends_the_draining(
    database: Database, instance: dg.DagsterInstance
) -> None:
    a_run(instance)
    clock = Clock()
    with pytest.raises(RunsInProgressError):
        upgraded(database, clock, wait=0)
    assert clock.pauses == 0
    assert not marked(database)


def test_a_queued_run_counts_only_while_a_daemon_would_launch_it(
    database: Database, instance: dg.DagsterInstance
) -> None:
    a_run(instance, dg.DagsterRunStatus.QUEUED)
    upgraded(database, wait=0)
    beat = DaemonHeartbeat(now().timestamp(), "QUEUED_RUN_COORDINATOR", None)
    instance.add_daemon_heartbeat(beat)
    with pytest.raises(RunsInProgressError, match="queued"):
        upgraded(database, wait=0)


@pytest.mark.usefixtures("home")
def test_a_task_whose_run_is_being_launched_is_waited_for(database: Database) -> None:
    def task(leased_until: timedelta) -> None:
        with database.write() as session:
            session.add(
                Task(
                    action="report", settings={}, origin="person", requested_by="a", result={}, state="launching",
                    leased_until=now() + leased_until,
                )
            )  # fmt: skip

    task(-timedelta(seconds=1))
    upgraded(database, wait=0)
    task(timedelta(seconds=30))
    with pytest.raises(RunsInProgressError, match=r"1 task\(s\)"):
        upgraded(database, wait=0)


@pytest.mark.usefixtures("home")
def test_a_failure_says_what_stands_and_leaves_draining_off(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise RuntimeError("disk of lead")

    with monkeypatch.context() as patch:
        patch.setattr(dg.DagsterInstance, "upgrade", broken)
        with pytest.raises(UpgradeFailedError, match="Our database is up to date, Dagster's is not: disk of lead"):
            upgraded(database)
    assert not marked(database)
    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "upgrade", broken)
        with pytest.raises(UpgradeFailedError, match="Our database was not changed: disk of lead"):
            upgraded(database)
    assert not marked(database)
    upgraded(database)


@pytest.mark.usefixtures("home")
def test_an_upgrade_after_one_that_was_killed_takes_its_draining_over(database: Database) -> None:
    with database.write() as session:
        start_draining(session, longer=timedelta(hours=1))
    upgraded(database)
    assert not marked(database)


@pytest.mark.usefixtures("home")
def test_a_database_of_a_newer_program_is_left_alone(database: Database) -> None:
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateError, match="install the newer program"):
        upgraded(database)


def test_the_command_says_what_it_did(tmp_path: Path, database_url: str, kind: str) -> None:
    line = CommandLine(tmp_path, database_url=database_url if kind == "postgresql" else "")
    first, second = line.done("upgrade", "--json"), line.done("upgrade", "--now", "--json")
    assert (first.json["revision"], first.json["changed"], second.json["changed"]) == (HEAD, True, False)
    assert "bringing Dagster's database up to date" in first.told
    for options in (["--now", "--wait", "1"], ["--wait", "-1"]):
        assert line.run("upgrade", *options, "--json").error["code"] == "ERR_SETTING"
