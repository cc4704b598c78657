"""How long questions to the usage take on PostgreSQL, with millions of settled requests behind them.

    python benchmarks/usage.py [--json] [--rows 5000000] [--rounds 7]

Fills a PostgreSQL server of its own (the tests' one, with PostgreSQL's own settings for memory) with two years of usage
of 40 projects: 8 models of 4 providers and 3 people in each. Then it asks through the service what the pages ask: a
project's month, day by day and model by model, and a year of all projects by provider and month. Each is asked once
before it is timed; the median of the rounds counts. A month of which only a part is asked for, so that rows are read
too, and writing one more request down are timed without a bound.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from film import Ratio, bounds_table, machine, tell
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Generation, Project
from aianime_pipeline.db.schema import upgrade
from aianime_pipeline.production.usage.queries import UsageFilters, usage_totals
from aianime_pipeline.production.usage.recording import record_usage
from aianime_pipeline.providers.prices import Units

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.postgres import PostgresServer

PROJECTS = 40
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 730
MONTH = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)

# Foreign keys are not looked at while the rows are filled in: usage is asked about without its generations.
_ROWS = """
INSERT INTO provider_usage (id, generation_id, project_id, requested_by, provider, model, capability, images, video_ms,
    audio_ms, characters, tokens_in, tokens_out, latency_ms, attempts, cost_micros, currency, created_at)
SELECT n, n, 1 + n % :projects, 'person ' || (n % :projects) || '-' || (n / 7919) % 3, 'provider ' || m % 4,
    'model ' || m,
    (ARRAY['image', 'video', 'speech', 'text'])[1 + m % 4],
    (m % 4 = 0)::int, (m % 4 = 1)::int * 5000, (m % 4 = 2)::int * 3000, (m % 4 = 2)::int * 40, (m % 4 = 3)::int * 900,
    (m % 4 = 3)::int * 400, 1000 + n % 60000, 1, 1000 * (1 + n % 900), CASE WHEN m % 4 = 3 THEN 'USD' ELSE 'CNY' END,
    CAST(:first AS timestamp) + interval '1 second' * (CAST(:seconds AS double precision) * n / :rows)
FROM (SELECT n, (n / 104729 + n / :projects) % 8 AS m FROM generate_series(1, :rows) AS n) AS numbered
"""

_DAYS = """
INSERT INTO usage_days (project_id, day, provider, model, capability, requested_by, currency, requests, images,
    video_ms, audio_ms, characters, tokens_in, tokens_out, latency_ms, cost_micros)
SELECT project_id, created_at::date, provider, model, capability, requested_by, currency, count(*), sum(images),
    sum(video_ms), sum(audio_ms), sum(characters), sum(tokens_in), sum(tokens_out), sum(latency_ms), sum(cost_micros)
FROM provider_usage GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


@dataclass(frozen=True)
class Timed:
    """Milliseconds of the rounds, and how many sums were answered."""

    milliseconds: Sequence[float]
    sums: int

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds)


def fill(database: Database, rows: int) -> dict[str, int]:
    """Two years of usage. Returns how many rows there are of each table."""
    upgrade(database)
    with database.write() as session:
        session.add_all(Project(slug=f"project-{n}", title=f"project {n}") for n in range(1, PROJECTS + 1))
    with database.write() as session:
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        values = {
            "rows": rows,
            "projects": PROJECTS,
            "first": FIRST.replace(tzinfo=None),
            "seconds": timedelta(days=DAYS).total_seconds() - 1,
        }
        session.execute(sa.text(_ROWS), values)
        session.execute(sa.text(_DAYS))
        for table in ("provider_usage", "generations"):
            session.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), :rows)"), {"rows": rows})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
        return {
            table: connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0
            for table in ("provider_usage", "usage_days")
        }


def timed(database: Database, ask: Callable[[Session], Sequence[Any]], rounds: int) -> Timed:
    """Each round in a session of its own, as a request to a server is."""
    milliseconds, answered = [], 0
    for turn in range(rounds + 1):
        began = time.perf_counter()
        with database.read() as session:
            answered = len(ask(session))
        if turn:
            milliseconds.append((time.perf_counter() - began) * 1000)
    return Timed(milliseconds, answered)


def record(database: Database, rounds: int) -> float:
    """Milliseconds of writing one more request down, with the look at whether it is unusually dear: the median."""
    milliseconds = []
    for turn in range(rounds + 1):
        with database.write() as session:
            row = Generation(
                project_id=17,
                capability="image",
                provider="provider 0",
                model="model 4",
                request_digest="",
                requested_by="person 16-1",
                run_id="",
                worker_id="",
            )
            session.add(row)
            session.flush()
            began = time.perf_counter()
            record_usage(
                session,
                row,
                units=Units(images=1),
                latency_ms=1_000,
                attempts=1,
                cost_micros=450_000,
                currency="CNY",
                price=None,
                at=FIRST + timedelta(days=DAYS),
            )
            if turn:
                milliseconds.append((time.perf_counter() - began) * 1000)
    return statistics.median(milliseconds)


def run(database: Database, rows: int, rounds: int) -> dict[str, Any]:
    began = time.monotonic()
    counts = fill(database, rows)
    filled = time.monotonic() - began
    tell(f"{counts['provider_usage']} rows, {counts['usage_days']} sums of days, filled in {filled:.0f} s")
    project = UsageFilters(project="project-17")
    month = timed(database, lambda session: usage_totals(
        session, project, by=("provider", "model", "capability"), start=MONTH[0], end=MONTH[1], step="day"
    ), rounds)  # fmt: skip
    year = timed(database, lambda session: usage_totals(
        session, by=("provider",), start=YEAR[0], end=YEAR[1], step="month"
    ), rounds)  # fmt: skip
    apart = timed(database, lambda session: usage_totals(
        session, by=("project", "provider"), start=YEAR[0], end=YEAR[1], step="month"
    ), rounds)  # fmt: skip
    half_days = timedelta(hours=12)
    ragged = timed(database, lambda session: usage_totals(
        session, by=("provider",), start=MONTH[0] + half_days, end=MONTH[1] - half_days, step="day"
    ), rounds)  # fmt: skip
    recorded = record(database, rounds)
    bounds = [
        Ratio("the month of a project, by day and model", month.median, 50, "ms"),
        Ratio("a year of all projects, by provider and month", year.median, 500, "ms"),
        Ratio("the same, project by project", apart.median, 500, "ms"),
    ]
    return {
        "machine": machine(),
        "rows": counts,
        "filled_seconds": round(filled, 1),
        "rounds": rounds,
        "sums": {"month": month.sums, "year": year.sums, "year_by_project": apart.sums, "ragged": ragged.sums},
        "ratios": [{**vars(bound), "reached": bound.reached} for bound in bounds],
        "ragged_month_of_all_ms": round(ragged.median, 2),
        "recording_ms": round(recorded, 2),
        "all_reached": all(bound.reached for bound in bounds),
    }


def in_words(result: dict[str, Any]) -> str:
    rows = result["rows"]
    lines = [
        result["machine"],
        f"{rows['provider_usage']} settled requests, {rows['usage_days']} sums of days, {PROJECTS} projects, two years",
        "",
        *bounds_table(result["ratios"], 1),
    ]
    lines.append(
        f"| a month of all projects without half a day at both ends | {result['ragged_month_of_all_ms']} ms | | |"
    )
    lines.append(f"| writing one more request down | {result['recording_ms']} ms | | |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    server = PostgresServer()
    try:
        database = Database(server.url(server.new_database()))
        result = run(database, chosen.rows, chosen.rounds)
        database.close()
    finally:
        server.stop()
    print(json.dumps(result, indent=1) if chosen.json else in_words(result))
    raise SystemExit(0 if result["all_reached"] else 1)


if __name__ == "__main__":
    main()
