"""The database's rows as files and back: one file of compressed JSON lines for each table, whichever database it is.

A line is a row by its columns; what is NULL is left out, so that JSON's own null stays apart from it. The columns are
the models', so a backup is of one revision of the schema.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, REGCLASS
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import is_postgres
from aianime_pipeline.db.models import Base
from aianime_pipeline.db.models.base import Instant

TABLES = tuple(Base.metadata.sorted_tables)
"""Those that others refer to come first."""

_ROWS_AT_ONCE = 500
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_JSON_OR_NULL = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


@dataclass(frozen=True)
class TableFile:
    """`sha256` is of the file; `last_id` the highest id that was ever given, None where the table has no ids."""

    rows: int
    sha256: str
    last_id: int | None


def write_table(session: Session, table: sa.Table, path: Path, digests: set[str]) -> TableFile:
    """Write every row; whatever in it looks like an object's digest is added to `digests`."""
    rows, last_id = 0, 0
    nulls = [column.is_(sa.null()).label(f"{column.name} is null") for column in _json_columns(table)]
    query = sa.select(table, *nulls).order_by(*table.primary_key.columns)
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as file:
        for row in session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)).mappings():
            line = json.dumps(_document(table, dict(row)), ensure_ascii=False)
            file.write(line.encode("utf-8", "surrogatepass") + b"\n")
            digests.update(_DIGEST.findall(line))
            rows += 1
            last_id = max(last_id, row["id"]) if _has_ids(table) else 0
    if _has_ids(table) and is_postgres(session):
        last_id = max(last_id, _last_given(session, table))
    return TableFile(rows, file_digest(path), last_id if _has_ids(table) else None)


def read_table(session: Session, table: sa.Table, path: Path, found: TableFile) -> None:
    """Insert the file's rows into the empty table, and let new rows get new ids."""
    batch: list[dict[str, Any]] = []
    for row in rows_in(table, path):
        batch.append(row)
        if len(batch) == _ROWS_AT_ONCE:
            _insert(session, table, batch)
            batch = []
    _insert(session, table, batch)
    if found.last_id and is_postgres(session):
        session.execute(sa.select(sa.func.setval(_sequence(table), found.last_id)))


def rows_in(table: sa.Table, path: Path) -> Iterator[dict[str, Any]]:
    """As they are inserted: what is NULL is None."""
    with gzip.open(path, "rb") as file:
        for line in file:
            document = json.loads(line.decode("utf-8", "surrogatepass"))
            yield {column.name: _value(column, document) for column in table.columns}


def is_empty(session: Session) -> bool:
    """Whether no table has a row."""
    return not any(session.scalar(sa.select(sa.exists(sa.select(1).select_from(table)))) for table in TABLES)


def clear(session: Session) -> None:
    for table in reversed(TABLES):
        session.execute(sa.delete(table))


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _document(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    json_columns = {column.name for column in _json_columns(table)}
    document = {}
    for column in table.columns:
        value = row[column.name]
        is_null = row[f"{column.name} is null"] if column.name in json_columns else value is None
        if not is_null:
            document[column.name] = value.isoformat() if isinstance(value, date) else value
    return document


def _value(column: sa.Column[Any], document: Mapping[str, Any]) -> Any:
    if column.name not in document:
        return None
    value = document[column.name]
    if isinstance(column.type, sa.JSON):
        return sa.JSON.NULL if value is None else value
    if isinstance(column.type, sa.Date):
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if isinstance(column.type, Instant) else value


def _insert(session: Session, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        typed = {column.name: sa.bindparam(column.name, type_=_bind_type(column)) for column in table.columns}
        session.connection().execute(sa.insert(table).values(typed), rows)


def _bind_type(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    return _JSON_OR_NULL if isinstance(column.type, sa.JSON) else column.type


def _json_columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, sa.JSON)]


def _has_ids(table: sa.Table) -> bool:
    """Whether the database gives its ids."""
    return table.autoincrement_column is not None


def _sequence(table: sa.Table) -> sa.Cast[Any]:
    return sa.cast(sa.func.pg_get_serial_sequence(table.name, "id"), REGCLASS)


def _last_given(session: Session, table: sa.Table) -> int:
    name = session.scalar(sa.select(_sequence(table)))
    return int(session.scalar(sa.text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}")) or 0)
