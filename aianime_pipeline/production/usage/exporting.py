"""Usage as files for a spreadsheet or a data frame: the rows one by one, or the sums that were asked for."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Episode, Project, ProviderUsage, Shot
from aianime_pipeline.errors import BadInputError
from aianime_pipeline.production.usage.queries import UsageFilters, UsageTotal, filtered, project_ids
from aianime_pipeline.storage.durable import draft_in

if TYPE_CHECKING:
    import pandas as pd

_ROWS_AT_ONCE = 50_000
_LINES_AT_ONCE = 1_000
_FORMULA = frozenset("=+-@\t\r＝＋－＠")
"""A text that begins so is taken for a formula by spreadsheets, some of which read the wide signs as the narrow ones;
and a formula may send away what is in the sheet."""
_TEXTS = ("project", "episode", "user", "provider", "model", "capability", "currency", "price")
_NUMBERS = (
    "generation",
    "shot",
    "images",
    "characters",
    "tokens_in",
    "tokens_out",
    "latency_ms",
    "attempts",
    "cost_micros",
)
_SECONDS = ("video_seconds", "audio_seconds")
COLUMNS = (
    "created_at", "generation", "project", "episode", "shot", "user", "provider", "model", "capability", "images",
    "video_seconds", "audio_seconds", "characters", "tokens_in", "tokens_out", "latency_ms", "attempts", "cost_micros",
    "currency", "price",
)  # fmt: skip
"""Of a row: `price` is the price that was used, as JSON."""


def usage_frames(
    session: Session, filters: UsageFilters, *, start: datetime | None = None, end: datetime | None = None
) -> Iterator["pd.DataFrame"]:
    """The rows in order of time, some at once, with COLUMNS; at least one frame. Raises NotFoundError."""
    import pandas as pd

    rows = session.execute(_rows(session, filters, start, end).execution_options(yield_per=_ROWS_AT_ONCE))
    none = True
    for part in rows.partitions():
        none = False
        yield _typed(pd.DataFrame([_cells(row) for row in part], columns=list(COLUMNS)))
    if none:
        yield _typed(pd.DataFrame([], columns=list(COLUMNS)))


def csv_pieces(
    database: Database, filters: UsageFilters, *, start: datetime | None = None, end: datetime | None = None
) -> Iterator[bytes]:
    """The same rows as the pieces of a CSV file in UTF-8 with its mark, never many of them in memory: those that there
    are when it begins. A text that a spreadsheet would take for a formula has a quotation mark before it.

    Between two pieces no connection is held: whoever takes them may be as slow as they like. Raises NotFoundError.
    """
    with database.read() as session:
        last_id = session.scalar(sa.select(sa.func.max(ProviderUsage.id))) or 0
        query = _rows(session, filters, start, end).where(ProviderUsage.id <= last_id).limit(_LINES_AT_ONCE)
    yield _lines([COLUMNS]).encode("utf-8-sig")
    place, page = sa.tuple_(ProviderUsage.created_at, ProviderUsage.id), query
    while rows := _read(database, page):
        yield _lines([[_harmless(cell) for cell in _cells(row)] for row in rows]).encode()
        page = query.where(place > (rows[-1][0].created_at, rows[-1][0].id))


def totals_frame(totals: Sequence[UsageTotal]) -> "pd.DataFrame":
    """The sums as one frame."""
    import pandas as pd

    return pd.DataFrame([total.to_document() for total in totals])


def write_csv(frames: Iterable["pd.DataFrame"], file: Path) -> int:
    """Returns the number of rows. Raises BadInputError where the file cannot be written; then none is left."""
    count = 0
    with _replacing(file) as part:
        for number, frame in enumerate(frames):
            frame.to_csv(
                part,
                mode="a",
                header=number == 0,
                index=False,
                # The mark by which spreadsheets know UTF-8.
                encoding="utf-8-sig" if number == 0 else "utf-8",
                date_format="%Y-%m-%dT%H:%M:%S.%fZ",
            )
            count += len(frame)
    return count


def write_parquet(frames: Iterable["pd.DataFrame"], file: Path) -> int:
    """As `write_csv`."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    count, writer = 0, None
    with _replacing(file) as part:
        try:
            for frame in frames:
                table = pa.Table.from_pandas(frame, schema=writer.schema if writer else None, preserve_index=False)
                writer = writer or pq.ParquetWriter(part, table.schema)
                writer.write_table(table)
                count += len(frame)
        finally:
            if writer is not None:
                writer.close()
    return count


def _rows(
    session: Session, filters: UsageFilters, start: datetime | None, end: datetime | None
) -> sa.Select[ProviderUsage, str, str, int]:
    query = (
        sa.select(ProviderUsage, Project.slug, Episode.key, Shot.number)
        .join(Project, Project.id == ProviderUsage.project_id)
        .outerjoin(Episode, Episode.id == ProviderUsage.episode_id)
        .outerjoin(Shot, Shot.id == ProviderUsage.shot_id)
        .where(*filtered(ProviderUsage, filters, project_ids(session, filters)))
        .order_by(ProviderUsage.created_at, ProviderUsage.id)
    )
    if start is not None:
        query = query.where(ProviderUsage.created_at >= start)
    return query.where(ProviderUsage.created_at < end) if end is not None else query


def _read(
    database: Database, query: sa.Select[ProviderUsage, str, str, int]
) -> Sequence[sa.Row[ProviderUsage, str, str, int]]:
    with database.read() as session:
        return session.execute(query).all()


def _cells(row: sa.Row[ProviderUsage, str, str, int]) -> tuple[Any, ...]:
    usage, project, episode, shot = row
    price = json.dumps(usage.price, ensure_ascii=False, sort_keys=True) if usage.price is not None else None
    return (
        usage.created_at, usage.generation_id, project, episode, shot, usage.requested_by, usage.provider, usage.model,
        usage.capability, usage.images, usage.video_ms / 1000, usage.audio_ms / 1000, usage.characters, usage.tokens_in,
        usage.tokens_out, usage.latency_ms, usage.attempts, usage.cost_micros, usage.currency, price,
    )  # fmt: skip


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _harmless(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA else cell


def _typed(frame: "pd.DataFrame") -> "pd.DataFrame":
    """The same types whatever the rows are: a frame without a shot must fit to one with."""
    kinds = dict.fromkeys(_TEXTS, "string") | dict.fromkeys(_NUMBERS, "Int64") | dict.fromkeys(_SECONDS, "float64")
    return frame.astype({**kinds, "created_at": "datetime64[us, UTC]"})


@contextmanager
def _replacing(file: Path) -> Iterator[Path]:
    """A file beside it that takes its name at the end."""
    if not file.parent.is_dir():
        raise BadInputError(f"{file} cannot be written: there is no folder {file.parent}.", path=str(file))
    try:
        with draft_in(file.parent) as draft:
            yield draft.path
            draft.keep_as(file)
    except OSError as error:
        raise BadInputError(f"{file} cannot be written: {error.strerror}.", path=str(file)) from error
