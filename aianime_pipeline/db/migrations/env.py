"""Alembic's entry: runs on the connection that db/schema.py hands over, or on the configured database."""

from alembic import context

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Base
from aianime_pipeline.settings import settings


def migrate() -> None:
    connection = context.config.attributes.get("connection")
    if connection is None:
        with Database(settings().database_url).engine.execution_options(writes=True).begin() as own:
            _run(own)
        return
    _run(connection)


def _run(connection: object) -> None:
    context.configure(
        connection=connection,  # type: ignore[arg-type]
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


migrate()
