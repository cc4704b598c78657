"""Bringing a database's schema up to date, by Alembic, safely also when several processes start at once."""

from pathlib import Path

import sqlalchemy as sa

from aianime_pipeline.db.engine import Database
from aianime_pipeline.errors import StateError

HEAD = "0005"
"""The newest revision in migrations/versions (a test compares): a process whose database is there loads no Alembic."""

_ADVISORY_LOCK = 0x61_69_61_6E


def revision(database: Database) -> str | None:
    """The database's revision, None for an empty one."""
    with database.engine.connect() as connection:
        return _revision(connection)


def upgrade(database: Database) -> bool:
    """Bring the schema to HEAD. True if there was anything to do. Raises StateError for a newer database."""
    if revision(database) == HEAD:
        return False
    engine = database.engine.execution_options(writes=True)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
        found = _revision(connection)
        if found == HEAD:
            return False
        if found is not None and found > HEAD:
            raise StateError(
                f"The database is at revision {found}, this program knows {HEAD}: install the newer program."
            )
        _run_alembic(connection)
    return True


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def _run_alembic(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
