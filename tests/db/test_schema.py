import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import aianime_pipeline.db
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Base, CompositeTask, NoticeRead, Project
from aianime_pipeline.db.schema import HEAD, revision, upgrade
from aianime_pipeline.errors import StateError

UPGRADE = """
import sys
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.schema import upgrade
print(upgrade(Database(sys.argv[1])))
"""


@pytest.fixture
def empty(database_url: str) -> Database:
    return Database(database_url)


def _alembic() -> Config:
    config = Config()
    folder = aianime_pipeline.db.__file__
    assert folder is not None
    config.set_main_option("script_location", str(Path(folder).parent / "migrations"))
    return config


def test_the_migrations_build_exactly_the_schema_of_the_models(empty: Database) -> None:
    upgrade(empty)
    with empty.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []


def test_the_comparison_would_notice_a_missing_column(empty: Database) -> None:
    """Otherwise the test before proves nothing."""
    upgrade(empty)
    with empty.engine.execution_options(writes=True).begin() as connection:
        connection.execute(sa.text("ALTER TABLE projects DROP COLUMN style"))
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert [step[0] for step in found] == ["add_column"]


def test_constraints_and_indexes_carry_the_names_of_the_convention_on_both_databases(empty: Database) -> None:
    upgrade(empty)
    found = sa.inspect(empty.engine)
    for table in Base.metadata.sorted_tables:
        assert found.get_pk_constraint(table.name)["name"] == f"pk_{table.name}"
        wanted = {str(key.name) for key in table.foreign_key_constraints}
        assert {key["name"] for key in found.get_foreign_keys(table.name)} == wanted
        unique = {str(one.name) for one in table.constraints if isinstance(one, sa.UniqueConstraint)}
        assert {one["name"] for one in found.get_unique_constraints(table.name)} == unique


def test_the_newest_revision_is_the_one_that_the_program_names() -> None:
    assert ScriptDirectory.from_config(_alembic()).get_heads() == [HEAD]


def test_an_empty_database_has_no_revision_and_an_upgraded_one_the_newest(empty: Database) -> None:
    assert revision(empty) is None
    assert upgrade(empty) is True
    assert revision(empty) == HEAD


def test_a_second_upgrade_changes_nothing_and_keeps_the_rows(empty: Database) -> None:
    upgrade(empty)
    with empty.write() as session:
        session.add(Project(slug="kept", title="t"))
    assert upgrade(empty) is False
    with empty.read() as session:
        assert session.scalars(sa.select(Project.slug)).all() == ["kept"]


def test_processes_that_upgrade_at_once_do_it_once_and_all_succeed(empty: Database, database_url: str) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, database_url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    told = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], told
    assert sorted(out.strip() for out, _ in told) == ["False", "False", "True"]
    assert revision(empty) == HEAD


def test_a_database_of_a_newer_program_is_refused_and_left_as_it_is(empty: Database) -> None:
    upgrade(empty)
    with empty.engine.execution_options(writes=True).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateError, match=f"9999.*{HEAD}.*newer program"):
        upgrade(empty)
    assert revision(empty) == "9999"


def test_an_upgrade_that_breaks_off_leaves_no_half_schema(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    import alembic.op

    made: list[str] = []
    really = alembic.op.create_table

    def create_table(name: str, *columns: object, **options: object) -> object:
        if len(made) == 5:
            raise ZeroDivisionError
        made.append(name)
        return really(name, *columns, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(alembic.op, "create_table", create_table)
    with pytest.raises(ZeroDivisionError):
        upgrade(empty)
    monkeypatch.undo()
    assert sa.inspect(empty.engine).get_table_names() == []
    assert upgrade(empty) is True


def test_rows_of_the_revision_before_edits_and_exports_are_kept_and_say_that_nobody_edited(empty: Database) -> None:
    import alembic.command

    config = _alembic()
    with empty.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "0001")
        for row in _ROWS_OF_0001:
            connection.execute(sa.text(row))
    assert upgrade(empty) is True
    with empty.read() as session:
        task = session.scalars(sa.select(CompositeTask)).one()
        assert (task.state, task.version, task.document, task.percent, task.step) == ("done", 0, None, 0.0, "")
        assert session.scalars(sa.select(Project.export_preset)).all() == [None]


def test_who_had_asked_for_anything_has_read_what_was_read_before_each_read_for_themselves(empty: Database) -> None:
    import alembic.command

    config = _alembic()
    with empty.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "0003")
        for row in (*_ROWS_OF_0001[:2], *_ROWS_OF_0003):
            connection.execute(sa.text(row))
    assert upgrade(empty) is True
    with empty.read() as session:
        found = session.execute(sa.select(NoticeRead.notice_id, NoticeRead.user).order_by(NoticeRead.user))
        assert [tuple(row) for row in found] == [(1, "li"), (1, "wang")]
    with empty.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.downgrade(config, "0003")
        read = connection.execute(sa.text("SELECT read_at IS NOT NULL FROM notices ORDER BY id")).scalars()
        assert [bool(one) for one in read] == [True, False]


_ROWS_OF_0001 = (
    "INSERT INTO projects (id, slug, title, language, width, height, rate_numerator, rate_denominator, style, "
    "negative_prompt, currency, review_image, review_video, review_voice, speed_up_speech, created_at) VALUES "
    "(1, 'p', 't', 'zh', 1280, 720, 24, 1, '', '', 'CNY', 'none', 'none', 'none', false, '2026-01-01 00:00:00')",
    "INSERT INTO episodes (id, project_id, number, key, title, created_at) VALUES "
    "(1, 1, 1, 'p-e001', '', '2026-01-01 00:00:00')",
    "INSERT INTO composite_tasks (id, episode_id, state, reason, report, created_at) VALUES "
    "(1, 1, 'done', '', '{}', '2026-01-01 00:00:00')",
)
_ROWS_OF_0003 = (
    *(
        "INSERT INTO generations (project_id, episode_id, capability, provider, model, state, request_digest, run_id, "
        "error, worker_id, created_at, requested_by) VALUES "
        f"(1, 1, 'image', 'ark', 'seedream', 'succeeded', '', 'r', '', 'w', '2026-01-01 00:00:00', '{who}')"
        for who in ("li", "wang", "li", "")
    ),
    *(
        "INSERT INTO notices (id, key, kind, text, link, read_at, created_at) VALUES "
        f"({number}, 'k{number}', 'budget', 't', '', {read}, '2026-01-01 00:00:00')"
        for number, read in ((1, "'2026-01-02 00:00:00'"), (2, "NULL"))
    ),
)
