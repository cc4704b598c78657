"""How long the dispatcher of schedules takes over 10,000 rows, on SQLite and PostgreSQL.

    python benchmarks/schedules.py [--json] [--rows 10000] [--rounds 7]

Writes so many schedules of 40 projects, with nearly as many expressions in six time zones, and looks at them as the
sensor does, while a few are due: once as in a new process (every expression is read and its next time looked for) and
then, with that remembered, a minute later each time; the median of the rounds counts. A look while no minute has begun,
and one at which every row is due for one episode, are timed without a bound. PostgreSQL is the tests' one.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import sqlalchemy as sa
from film import Ratio, bounds_table, machine, tell

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Project, Schedule
from aianime_pipeline.db.schema import upgrade
from aianime_pipeline.production.episodes.rows import get_or_create_episode
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.schedules import dispatch
from aianime_pipeline.scheduling.timetable import parse_timetable

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.postgres import PostgresServer

PROJECTS = 40
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DUE_EACH_MINUTE = 3
"""At least."""
ZONES = ("Asia/Shanghai", "Asia/Tokyo", "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")


def fill(database: Database, rows: int) -> None:
    upgrade(database)
    with database.write() as session:
        projects = [Project(slug=f"project-{n}", title=f"project {n}") for n in range(PROJECTS)]
        session.add_all(projects)
        session.flush()
        for project in projects:
            get_or_create_episode(session, project, 1, "")
        session.execute(sa.insert(Schedule), [_row(n, projects[n % PROJECTS].id) for n in range(rows)])


def _row(number: int, project_id: int) -> dict[str, Any]:
    """The first ones are due each minute, the others at some minute of some days."""
    often = number < DUE_EACH_MINUTE
    days = ("* * *", "* * MON-FRI", "1,15 * *", "L * *", "* 2 MON", "1 3,6,9,12 *", "* * SUN#1")[number // 1440 % 7]
    return {
        "uid": f"uid-{number}",
        "name": f"schedule {number}",
        "project_id": project_id,
        "cron": "* * * * *" if often else f"{number % 60} {number // 60 % 24} {days}",
        "time_zone": "UTC" if often else ZONES[number % len(ZONES)],
        "action": "film",
        "settings": {"episodes": "all"},
        "created_by": "li",
        "updated_at": NOON,
        "created_at": NOON,
    }


def timed(database: Database, moment: datetime) -> tuple[float, dispatch.Dispatched]:
    """Milliseconds of one look."""
    place = cast(Installation, SimpleNamespace(database=database))
    began = time.perf_counter()
    done = dispatch.dispatch(place, moment)
    return (time.perf_counter() - began) * 1000, done


def run(database: Database, rows: int, rounds: int) -> dict[str, float]:
    fill(database, rows)
    parse_timetable.cache_clear()
    dispatch._next_times.clear()
    processor = time.process_time()
    first, done = timed(database, NOON + timedelta(minutes=1))
    processor = time.process_time() - processor
    assert done.schedules == rows, done
    assert DUE_EACH_MINUTE <= done.asked < rows / 100, done
    looks = [timed(database, NOON + timedelta(minutes=2 + turn))[0] for turn in range(rounds)]
    idle = [timed(database, NOON + timedelta(minutes=1 + rounds, seconds=5))[0] for _ in range(rounds)]
    with database.write() as session:
        session.execute(sa.update(Schedule).values(cron="0 13 * * *", time_zone="UTC"))
    tell("every row is due")
    everything, done = timed(database, NOON + timedelta(hours=1, seconds=2))
    assert done.asked == rows, done
    return {
        "first_ms": first,
        "first_processor_ms": processor * 1000,
        "look_ms": statistics.median(looks),
        "idle_ms": statistics.median(idle),
        "all_due_ms": everything,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = {}
            for name, url in (
                ("SQLite", f"sqlite:///{folder}/aianime.db"),
                ("PostgreSQL", server.url(server.new_database())),
            ):
                database = Database(url)
                found[name] = run(database, chosen.rows, chosen.rounds)
                database.close()
                tell(f"{name}: {found[name]}")
    finally:
        server.stop()
    bounds = [
        Ratio(f"{what}, {name}", times[key], 1_000, "ms")
        for name, times in found.items()
        for key, what in (("first_ms", "the first look of a process"), ("look_ms", "a look in which a few are due"))
    ]
    result = {
        "machine": machine(),
        "rows": chosen.rows,
        "rounds": chosen.rounds,
        "ratios": [{**vars(bound), "reached": bound.reached} for bound in bounds],
        "unbounded": found,
        "all_reached": all(bound.reached for bound in bounds),
    }
    print(json.dumps(result, indent=1) if chosen.json else in_words(result))
    raise SystemExit(0 if result["all_reached"] else 1)


def in_words(result: dict[str, Any]) -> str:
    lines = [result["machine"], f"{result['rows']} schedules of {PROJECTS} projects", ""]
    lines += bounds_table(result["ratios"], 0)
    for name, times in result["unbounded"].items():
        lines.append(f"| the first look's processor time, {name} | {times['first_processor_ms']:.0f} ms | | |")
        lines.append(f"| while no minute has begun, {name} | {times['idle_ms']:.1f} ms | | |")
        lines.append(f"| every row is due for an episode, {name} | {times['all_due_ms'] / 1000:.1f} s | | |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
