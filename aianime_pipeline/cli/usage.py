"""`aianime usage`: what was consumed and what it cost, as a table, as JSON, and as files."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aianime_pipeline.cli.arguments import Json, narrow, print_json
from aianime_pipeline.errors import BadSettingError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from aianime_pipeline.production.usage.queries import UsageFilters, UsageTotal

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def usage(
    project: Annotated[str | None, typer.Option(metavar="SLUG", help="Only this project's.")] = None,
    organisation: Annotated[str | None, typer.Option(metavar="NAME", help="Only this organisation's.")] = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help="Only what this person asked for.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only this provider's.")] = None,
    model: Annotated[str | None, typer.Option(help="Only this model's, as the vendor calls it.")] = None,
    capability: Annotated[str | None, typer.Option(help="Only text, image, video, speech, music …")] = None,
    by: Annotated[
        str, typer.Option(metavar="NAMES", help="Told apart by project, user, provider, model, capability.")
    ] = "",
    step: Annotated[str | None, typer.Option(help="In steps of a day, week or month.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="WHEN", help="2026-11, 2026-11-03 or 2026-11-03T12:00 (UTC).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="WHEN", help="The same; a month or a day is included.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there: each request, or the sums with --by or --step.")
    ] = None,
    parquet: Annotated[Path | None, typer.Option(metavar="FILE", help="Likewise, for data frames.")] = None,
    as_json: Json = False,
) -> None:
    """What was consumed and what it cost. Sums of different currencies are never added up."""
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.usage.queries import UsageFilters, usage_totals
    from aianime_pipeline.production.usage.ranges import check_stretch

    start, end = moment(since, end=False), moment(until, end=True)
    check_stretch(start, end)
    groups = [name.strip() for name in narrow(by).split(",") if name.strip()]
    filters = UsageFilters(project, organisation, user, provider, model, capability)
    with installation().database.one_moment() as session:
        totals = usage_totals(session, filters, by=groups, start=start, end=end, step=step)
        files = {kind: file for kind, file in (("csv", csv), ("parquet", parquet)) if file is not None}
        sums = totals if groups or step is not None else None
        written = {kind: _write(session, kind, file, sums, filters, start, end) for kind, file in files.items()}
    if as_json:
        print_json(
            {
                "from": start.isoformat() if start is not None else None,
                "to": end.isoformat() if end is not None else None,
                "usage": [total.to_document() for total in totals],
                "files": {kind: {"path": str(files[kind]), "rows": rows} for kind, rows in written.items()},
            }
        )
    else:
        _tell(totals)
        for kind, rows in written.items():
            typer.echo(f"{rows} rows in {files[kind]}")


def moment(text: str | None, *, end: bool) -> datetime | None:
    """A month, a day or an instant, in UTC unless it says otherwise. As an `end`, a month or a day is over when the
    next begins. Raises BadSettingError."""
    if text is None:
        return None
    plain = narrow(text)
    try:
        if month := _MONTH.fullmatch(plain):
            first = datetime(int(month[1]), int(month[2]), 1, tzinfo=UTC)
            return (first + timedelta(days=32)).replace(day=1) if end else first
        found = datetime.fromisoformat(plain)
        if _DAY.fullmatch(plain):
            return found.replace(tzinfo=UTC) + timedelta(days=end)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadSettingError(f"{text!r} is no time; right would be 2026-11, 2026-11-03 or 2026-11-03T12:00.") from None


def _write(
    session: "Session",
    kind: str,
    file: Path,
    sums: "list[UsageTotal] | None",
    filters: "UsageFilters",
    start: datetime | None,
    end: datetime | None,
) -> int:
    from aianime_pipeline.production.usage.exporting import totals_frame, usage_frames, write_csv, write_parquet

    frames = usage_frames(session, filters, start=start, end=end) if sums is None else [totals_frame(sums)]
    return write_csv(frames, file) if kind == "csv" else write_parquet(frames, file)


def _tell(totals: "list[UsageTotal]") -> None:
    from rich.console import Console
    from rich.table import Table

    if not totals:
        typer.echo("no usage")
        return
    documents = [total.to_document() for total in totals]
    # What nobody used makes no column.
    always = ("requests", "cost_micros")
    shown = [
        name for name in documents[0] if name in always or (name != "currency" and any(row[name] for row in documents))
    ]
    table = Table(box=None, pad_edge=False)
    for name in shown:
        number = isinstance(documents[0][name], int | float)
        table.add_column(_HEADINGS.get(name, name.replace("_", " ")), justify="right" if number else "left")
    for document in documents:
        table.add_row(*(_cell(document, name) for name in shown))
    Console().print(table)


_HEADINGS = {"start": "from", "cost_micros": "cost", "latency_ms": "latency s"}


def _cell(document: dict[str, Any], name: str) -> str:
    from rich.markup import escape

    from aianime_pipeline.providers.prices import amount

    if name == "cost_micros":
        return f"{amount(document[name])} {document['currency']}"
    if name == "latency_ms":
        return f"{document[name] / 1000:.1f}"
    return escape(str(document[name]))
