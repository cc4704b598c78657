import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import Database, normalised_url
from aianime_pipeline.db.models import Project, Worker
from aianime_pipeline.db.models.base import Instant
from aianime_pipeline.errors import BadSettingError


@pytest.mark.parametrize(
    ("given", "driver", "name"),
    [
        ("postgresql://user@host/name", "postgresql+psycopg2", "name"),
        ("postgres://user@host/name", "postgresql+psycopg2", "name"),
        ("postgresql+psycopg2://user@host/name", "postgresql+psycopg2", "name"),
        ("sqlite:////var/lib/aianime.db", "sqlite", "/var/lib/aianime.db"),
    ],
)
def test_a_database_url_gets_its_driver_spelled_out(given: str, driver: str, name: str) -> None:
    url = normalised_url(given)
    assert (url.drivername, url.database) == (driver, name)


def test_a_password_with_signs_survives_the_normalisation() -> None:
    assert normalised_url("postgres://u:p%40s%2Fs@host/name").password == "p@s/s"


@pytest.mark.parametrize("given", ["", "not a url", "host/name", "://"])
def test_what_is_no_url_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(BadSettingError, match=r"AIANIME_DATABASE_URL is not a database URL.*postgresql://user@host"):
        normalised_url(given)


@pytest.mark.parametrize("given", ["mysql://host/name", "postgresql+asyncpg://host/name", "oracle://x"])
def test_another_database_or_driver_is_refused_by_name(given: str) -> None:
    with pytest.raises(BadSettingError, match=given.partition(":")[0].replace("+", r"\+")):
        normalised_url(given)


def test_a_password_is_not_in_the_message_of_a_refused_url() -> None:
    with pytest.raises(BadSettingError) as refused:
        normalised_url("mysql://user:sesame@host/name")
    assert "sesame" not in refused.value.message


def _project(slug: str) -> Project:
    return Project(slug=slug, title=slug)


def _slugs(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(sa.select(Project.slug).order_by(Project.slug)))


def test_a_write_is_there_after_its_block(database: Database) -> None:
    with database.write() as session:
        session.add(_project("kept"))
    assert _slugs(database) == ["kept"]


def test_a_write_block_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:  # noqa: PT012 - the block is what is tested
        session.add(_project("gone"))
        session.flush()
        raise ZeroDivisionError
    assert _slugs(database) == []


def test_a_write_block_that_breaks_a_rule_of_the_schema_leaves_nothing(database: Database) -> None:
    with database.write() as session:
        session.add(_project("one"))
    with pytest.raises(sa.exc.IntegrityError), database.write() as session:
        session.add_all([_project("two"), _project("one")])
    assert _slugs(database) == ["one"]


def test_a_connection_that_was_read_from_is_written_to_in_a_transaction_and_read_from_again(database: Database) -> None:
    for number in range(3):
        before = _slugs(database)
        with pytest.raises(ZeroDivisionError), database.write() as session:  # noqa: PT012 - the block is what is tested
            session.add(_project(f"gone-{number}"))
            session.flush()
            raise ZeroDivisionError
        assert _slugs(database) == before
        with database.write() as session:
            session.add(_project(f"kept-{number}"))
        with database.one_moment() as session:
            assert len(session.scalars(sa.select(Project.slug)).all()) == number + 1
    assert _slugs(database) == ["kept-0", "kept-1", "kept-2"]


def test_a_connection_that_was_written_to_sees_what_others_write_while_it_reads(database: Database) -> None:
    with database.write() as session:
        session.add(_project("one"))
    with database.read() as reading:
        assert reading.scalars(sa.select(Project.slug)).all() == ["one"]
        with database.write() as session:
            session.add(_project("two"))
        seen = sorted(reading.scalars(sa.select(Project.slug)))
    assert seen == (["one"] if database.engine.dialect.name == "sqlite" else ["one", "two"])


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    from aianime_pipeline.db.models import Episode

    with pytest.raises(sa.exc.IntegrityError), database.write() as session:
        session.add(Episode(project_id=4711, number=1, key="x-e001"))


def test_rows_stay_readable_after_their_session(database: Database) -> None:
    with database.write() as session:
        project = _project("kept")
        session.add(project)
    assert (project.id, project.slug, project.width) == (1, "kept", 1280)


def _worker(beat_at: datetime) -> Worker:
    return Worker(id="w", host="h", pid=1, process_started="", run_id="r", beat_at=beat_at)


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC),
        datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=8))),
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
    ],
)
def test_an_instant_comes_back_as_the_same_instant_in_utc(database: Database, instant: datetime) -> None:
    with database.write() as session:
        session.add(_worker(instant))
    with database.read() as session:
        found = session.get_one(Worker, "w").beat_at
    assert found == instant
    assert found.tzinfo is UTC


def test_instants_of_several_zones_are_compared_as_instants_by_the_database(database: Database) -> None:
    noon_in_beijing = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=8)))
    with database.write() as session:
        session.add(_worker(noon_in_beijing))
    with database.read() as session:
        before_five_utc = session.scalar(
            sa.select(sa.func.count()).where(Worker.beat_at < datetime(2026, 7, 1, 5, tzinfo=UTC))
        )
        before_three_utc = session.scalar(
            sa.select(sa.func.count()).where(Worker.beat_at < datetime(2026, 7, 1, 3, tzinfo=UTC))
        )
    assert (before_five_utc, before_three_utc) == (1, 0)


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError), database.write() as session:
        session.add(_worker(datetime(2026, 7, 1)))


def test_no_instant_stays_no_instant() -> None:
    dialect = sa.create_engine("sqlite://").dialect
    assert Instant().process_bind_param(None, dialect) is None
    assert Instant().process_result_value(None, dialect) is None


WRITER = """
import sys
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Project
import sqlalchemy as sa
database = Database(sys.argv[1])
for step in range(int(sys.argv[2])):
    with database.write() as session:
        width = session.scalar(sa.select(Project.width).where(Project.slug == "counter").with_for_update())
        session.execute(sa.update(Project).where(Project.slug == "counter").values(width=width + 1))
"""


def test_writers_in_several_processes_wait_for_each_other_and_lose_no_write(
    database: Database, migrated_url: str
) -> None:
    with database.write() as session:
        session.add(Project(slug="counter", title="", width=0))
    command = [sys.executable, "-c", WRITER, migrated_url, "50"]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for writer in writers:
        _, told = writer.communicate(timeout=60)
        assert writer.returncode == 0, told
    with database.read() as session:
        assert session.scalar(sa.select(Project.width)) == 150


def test_a_sqlite_write_waits_for_the_write_before_it_and_then_sees_it(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    holding, seen = threading.Event(), []

    def second() -> None:
        holding.wait()
        with database.write() as session:
            seen.append(session.scalar(sa.select(sa.func.count()).select_from(Project)))

    other = threading.Thread(target=second)
    other.start()
    with database.write() as session:
        session.add(_project("first"))
        session.flush()
        holding.set()
        time.sleep(0.2)
        assert not seen
    other.join(30)
    assert seen == [1]


def test_a_sqlite_reader_is_not_stopped_by_a_writer(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.write() as session:
        session.add(_project("unseen"))
        session.flush()
        assert _slugs(database) == []
    assert _slugs(database) == ["unseen"]


def test_a_sqlite_database_gets_its_folder_and_its_pragmas(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'deep' / 'er' / 'a.db'}")
    with database.read() as session:
        found = [_pragma(session, name) for name in ("journal_mode", "foreign_keys", "synchronous")]
    assert found == ["wal", 1, 1]


def _pragma(session: Session, name: str) -> object:
    return session.execute(sa.text(f"PRAGMA {name}")).scalar()
