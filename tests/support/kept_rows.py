"""The rows of a whole database, to be put back after whatever was done to them."""

from typing import Any

import sqlalchemy as sa

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models.base import Base


class KeptRows:
    def __init__(self, database: Database) -> None:
        self._engine = database.engine.execution_options(writes=True)
        with database.read() as session:
            self._rows: dict[sa.Table, list[dict[str, Any]]] = {
                table: [dict(row) for row in session.execute(sa.select(table)).mappings()]
                for table in Base.metadata.tables.values()
            }

    def put_back(self) -> None:
        """As they were when this was made. Numbers that were given out since are not given again in PostgreSQL."""
        with self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute("PRAGMA foreign_keys=OFF")  # counts only outside of a transaction
                try:
                    self._replace(connection)
                finally:
                    driver.execute("PRAGMA foreign_keys=ON")
            else:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
                self._replace(connection)

    def _replace(self, connection: sa.Connection) -> None:
        for table, rows in self._rows.items():
            connection.execute(sa.delete(table))
            if rows:
                connection.execute(sa.insert(table), rows)
        connection.commit()
