"""Opening the database: one function normalises a URL, one object hands out sessions.

Reads and writes are told apart because SQLite allows one writer: a write begins with BEGIN IMMEDIATE, so that it
waits for its turn instead of failing half-way when another process writes.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Session

from aianime_pipeline.db.models.base import Instant, now
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.settings import settings

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert

_SQLITE_BUSY_SECONDS = 30
_CONNECTIONS = 15
"""At most in a process."""
_IDLE_SECONDS = 1.0
"""After which a connection is tried before it is used."""


def normalised_url(url: str, variable: str = "AIANIME_DATABASE_URL") -> sa.URL:
    """A user's database URL with its driver spelled out. Raises BadSettingError."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise BadSettingError(
            f"{variable} is not a database URL. Right would be, for example, postgresql://user@host/name."
        ) from error
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg2")
    if parsed.drivername in ("sqlite", "postgresql+psycopg2"):
        return parsed
    raise BadSettingError(f"{variable} names {parsed.drivername}; right would be sqlite or postgresql.")


class Database:
    """Sessions on one database. Rows stay readable after the session ends."""

    def __init__(self, url: str) -> None:
        self.url = normalised_url(url)
        self._sqlite = self.url.get_backend_name() == "sqlite"
        if self._sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = sa.create_engine(
            self.url,
            # All that are opened stay: to open one anew at each peak takes longer than what it is for.
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_use_lifo=True,
            # An error's words go to logs: the values have hashes of passwords and keys among them.
            hide_parameters=True,
            connect_args={"timeout": _SQLITE_BUSY_SECONDS, "check_same_thread": False} if self._sqlite else {},
        )
        if self._sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            sa.event.listen(self.engine, "begin", _begin_postgres)
            sa.event.listen(self.engine, "checkout", _try_if_idle)
            sa.event.listen(self.engine, "checkin", _put_back)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """For queries of which each may see what was committed since the one before; on SQLite none does."""
        with Session(self.engine.execution_options(reads=True), expire_on_commit=False) as session:
            yield session

    @contextmanager
    def one_moment(self) -> Iterator[Session]:
        """For queries that all see the database as it is at the first of them, and for answers that come row by row
        (`yield_per`): nothing moves from what is read later to what was read before."""
        engine = self.engine if self._sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: committed at the end of the block, rolled back when it raises."""
        engine = self.engine.execution_options(writes=True)
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()


def insert_unless_there(
    session: Session, table: type[DeclarativeBase], key: str | Sequence[str], values: Mapping[str, Any]
) -> bool:
    """Insert the row unless there is one with its `key`, a unique column or several. Another process may do so at once.
    Whether it is new."""
    columns = [key] if isinstance(key, str) else list(key)
    done = session.execute(_insert(session, table, values).on_conflict_do_nothing(index_elements=columns))
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def insert_selected_unless_there(
    session: Session,
    table: type[DeclarativeBase],
    key: Sequence[str],
    columns: Sequence[str],
    query: sa.Select[*tuple[Any, ...]],
) -> int:
    """Insert the rows of the query, in the order of `columns`, without those whose `key` is there. The query has a
    WHERE, without which SQLite would read the rest of the statement as a part of it. Returns how many are new."""
    statement = _insert_into(session, table).from_select(list(columns), query)
    done = session.execute(statement.on_conflict_do_nothing(index_elements=list(key)))
    return int(done.rowcount)  # type: ignore[attr-defined]


def insert_or_add(
    session: Session, table: type[DeclarativeBase], key: Sequence[str], values: Mapping[str, Any], add: Sequence[str]
) -> None:
    """Insert the row, or add the columns `add` to the one that is there. Another process may do so at once."""
    statement = _insert(session, table, values)
    columns = table.__table__.columns
    sums = {name: columns[name] + statement.excluded[name] for name in add}
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=sums))


def is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def database_time(session: Session) -> datetime:
    """What time it is by the database server's clock: one for all processes, on whatever host and by whatever clock
    they live. SQLite, which is for one host, has only this process's."""
    if not is_postgres(session):
        return now()
    clock = sa.func.timezone("UTC", sa.func.clock_timestamp(), type_=Instant())
    return session.execute(sa.select(clock)).scalar_one()


def _insert(session: Session, table: type[DeclarativeBase], values: Mapping[str, Any]) -> "Insert":
    return _insert_into(session, table).values(values)


def _insert_into(session: Session, table: type[DeclarativeBase]) -> "Insert":
    if is_postgres(session):
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    return insert(table)


def _prepare_sqlite(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
    # The driver's own transactions begin too late (at the first write): ours begin in _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgres(connection: sa.Connection) -> None:
    # A transaction would give single statements nothing, each of which sees what is committed when it begins, and cost
    # them the ways to the server and back with which it begins and ends.
    options, driver = connection.get_execution_options(), connection.connection.dbapi_connection
    single = options.get("reads", False) or options.get("isolation_level") == "AUTOCOMMIT"
    if driver.autocommit != single:  # type: ignore[union-attr] # to set it takes longer than some queries do
        driver.autocommit = single  # type: ignore[union-attr]


def _put_back(_connection: sa.engine.interfaces.DBAPIConnection | None, record: sa.pool.ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _try_if_idle(
    connection: sa.engine.interfaces.DBAPIConnection, record: sa.pool.ConnectionPoolEntry, _fairy: object
) -> None:
    """A connection that nobody used for a while may have died with its server meanwhile: then there is a new one. To
    ask each time, as the pool can, would be a third of what a small query takes."""
    used = record.info.get("used")
    if used is None or time.monotonic() - used < _IDLE_SECONDS:
        return
    try:
        with contextlib.closing(connection.cursor()) as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise sa.exc.InvalidatePoolError from error


@cache
def database() -> Database:
    """The database of this process's settings, its schema brought up to date on first use."""
    from aianime_pipeline.db.schema import upgrade

    opened = Database(settings().database_url)
    upgrade(opened)
    return opened
