"""Everything in the database that names an object: columns by their foreign keys, and whatever JSON documents say.

Both are read off the models, so that a new column or a new field of a document counts from its first day. A document is
searched as text: 64 hexadecimal digits by themselves are taken for an object's digest, whatever the field is called.
"""

import re
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Base

_TABLES = Base.metadata.tables

COLUMNS: tuple[sa.Column[Any], ...] = (
    *(
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.references(_TABLES["objects"].c.digest)
    ),
    # The file that a storyboard came from: kept as it came, though a planned storyboard has none.
    _TABLES["storyboards"].c.source_digest,
)

RECORDS = frozenset(
    {
        "api_keys.scopes",
        "events.document",
        "generations.answer",
        "generations.expected",
        "generations.facts",
        "generations.price",
        "idempotency_keys.answer",
        "project_members.roles",
        "provider_usage.price",
        "review_records.feedback",
        "stage_runs.report",
        "tasks.result",
        "tasks.settings",
        "team_members.roles",
    }
)
"""Documents that are not searched: there are very many of them, and they name no object that anybody would open."""

DOCUMENTS: tuple[sa.Column[Any], ...] = tuple(
    column
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, sa.JSON) and str(column) not in RECORDS
)

_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_ROWS_AT_ONCE = 500
_INPUTS = _TABLES["takes"].c.inputs
_WITHOUT_FILE = ("failed", "removed")


@dataclass(frozen=True)
class Reference:
    """Row `row` (its id) names the object in `column`, such as `takes.inputs`."""

    digest: str
    column: str
    row: int

    @property
    def table(self) -> str:
        return self.column.partition(".")[0]


def in_columns(session: Session, digests: Collection[str]) -> Iterator[Reference]:
    """A few thousand `digests` at once."""
    for column in COLUMNS:
        query = sa.select(column, column.table.c.id).where(column.in_(digests))
        for digest, row in session.execute(query):
            yield Reference(digest, str(column), row)


def in_documents(session: Session, digests: Set[str]) -> Iterator[Reference]:
    """Any number of `digests`; every document is read. What a take without a file was made from it does not need."""
    for column in DOCUMENTS:
        query = sa.select(column.table.c.id, sa.cast(column, sa.Text)).where(column.is_not(None))
        if column is _INPUTS:
            query = query.where(_TABLES["takes"].c.state.not_in(_WITHOUT_FILE))
        for row, text in session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)):
            for digest in digests & set(_DIGEST.findall(text or "")):
                yield Reference(digest, str(column), row)
