"""`aianime usage`, `budget` and `notices`: what a person and a script meet."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from support.command_line import CommandLine
from support.spending import add_generation, ask, use

from aianime_pipeline.cli.budgets import money
from aianime_pipeline.cli.usage import moment
from aianime_pipeline.db.models import Project
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.usage.exporting import COLUMNS
from aianime_pipeline.providers.prices import MICROS, Units

YUAN = MICROS
NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def used(empty: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Projects `p` and `q` with three settled generations in October and November 2026. To be looked at only."""
    line = empty.copy_to(tmp_path_factory.mktemp("used"))
    line.done("project", "p")
    line.done("project", "q")
    database = line.database()
    with database.write() as session:
        p, q = session.scalars(sa.select(Project).order_by(Project.slug))
        use(session, add_generation(session, p), 1_250_000, NOON)
        use(session, add_generation(session, p, requested_by="wang"), 2 * YUAN, NOON.replace(month=10))
        video = add_generation(session, q, model="seedance", capability="video")
        use(session, video, 3 * YUAN, NOON, currency="USD", units=Units(video_ms=5_250))
    database.close()
    return line


@pytest.fixture
def fresh_money(used: CommandLine, tmp_path: Path) -> CommandLine:
    return used.copy_to(tmp_path / "line")


# Usage


def test_usage_is_told_by_project_and_month(used: CommandLine) -> None:
    found = used.done("usage", "--by", "project,model", "--step", "month", "--json").json
    assert set(found) == {"from", "to", "usage", "files"}
    assert (found["from"], found["to"], found["files"]) == (None, None, {})
    assert [
        (row["start"], row["project"], row["model"], row["requests"], row["cost_micros"], row["currency"])
        for row in found["usage"]
    ] == [
        ("2026-10-01", "p", "seedream", 1, 2 * YUAN, "CNY"),
        ("2026-11-01", "p", "seedream", 1, 1_250_000, "CNY"),
        ("2026-11-01", "q", "seedance", 1, 3 * YUAN, "USD"),
    ]
    assert found["usage"][2]["video_seconds"] == 5.25


def test_usage_of_a_stretch_of_time_and_a_person(used: CommandLine) -> None:
    found = used.done("usage", "--project", "p", "--from", "2026-10", "--to", "2026-11-03", "--json").json
    assert (found["from"], found["to"]) == ("2026-10-01T00:00:00+00:00", "2026-11-04T00:00:00+00:00")
    assert [row["cost_micros"] for row in found["usage"]] == [2 * YUAN]
    found = used.done("usage", "--user", "li", "--capability", "image", "--json").json
    assert [row["cost_micros"] for row in found["usage"]] == [1_250_000]
    assert used.done("usage", "--from", "2026-12", "--json").json["usage"] == []


def test_usage_is_a_table_for_people(used: CommandLine) -> None:
    lines = used.done("usage", "--by", "provider,model").out.splitlines()
    assert lines[0].split() == ["provider", "model", "requests", "images", "latency", "s", "video", "seconds", "cost"]
    assert lines[1].split() == ["ark", "seedance", "1", "0", "1.5", "5.25", "3.00", "USD"]
    assert lines[2].split() == ["ark", "seedream", "2", "2", "3.0", "0.0", "3.25", "CNY"]
    assert used.done("usage", "--from", "2026-12").out == "no usage\n"


def test_usage_goes_out_as_files(used: CommandLine, tmp_path: Path) -> None:
    rows, sums = tmp_path / "rows.csv", tmp_path / "sums.csv"
    table = tmp_path / "rows.parquet"
    found = used.done("usage", "--project", "p", "--csv", rows, "--parquet", table, "--json").json
    assert found["files"] == {"csv": {"path": str(rows), "rows": 2}, "parquet": {"path": str(table), "rows": 2}}
    assert tuple(pd.read_csv(rows).columns) == tuple(pd.read_parquet(table).columns) == COLUMNS
    told = used.done("usage", "--by", "project", "--csv", sums).out
    assert told.endswith(f"2 rows in {sums}\n")
    assert pd.read_csv(sums)["project"].tolist() == ["p", "q"]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-11", "2026-11-01T00:00", "2026-12-01T00:00"),
        ("2026-12", "2026-12-01T00:00", "2027-01-01T00:00"),
        ("2026-11-03", "2026-11-03T00:00", "2026-11-04T00:00"),
        ("２０２６－１１－０３", "2026-11-03T00:00", "2026-11-04T00:00"),
        ("2026-11-03T12:30", "2026-11-03T12:30", "2026-11-03T12:30"),
        ("2026-11-03T12:30+08:00", "2026-11-03T04:30", "2026-11-03T04:30"),
    ],
)
def test_a_moment_is_a_month_a_day_or_an_instant(text: str, start: str, end: str) -> None:
    assert moment(text, end=False) == datetime.fromisoformat(f"{start}+00:00")
    assert moment(text, end=True) == datetime.fromisoformat(f"{end}+00:00")


@pytest.mark.parametrize("text", ["", "today", "2026", "2026-13", "2026-02-30", "03.11.2026", "9999-12-31"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(BadSettingError, match="right would be 2026-11, 2026-11-03"):
        moment(text, end=True)


# Budgets


def test_a_budget_is_set_told_and_removed(fresh_money: CommandLine) -> None:
    line = fresh_money
    assert line.done("budget", "list", "--json").json == {"budgets": []}
    assert line.done("budget", "list").out.startswith("no budget is set: ")
    found = line.done("budget", "set", "10", "--project", "p", "--period", "total", "--json").json["budget"]
    assert found == {
        "scope": "project",
        "subject": "p",
        "period": "total",
        "current": "total",
        "currency": "CNY",
        "hard": True,
        "limit_micros": 10 * YUAN,
        "spent_micros": 3_250_000,
        "reserved_micros": 0,
        "left_micros": 6_750_000,
    }
    told = line.done("budget", "set", "20", "--project", "p", "--period", "total", "--soft").out
    assert told == "project p, total, soft: 3.25 of 20.00 CNY (3.25 spent, 0.00 reserved), 16.75 left\n"
    line.done("budget", "set", "2", "--organisation", "studio", "--period", "total", "--currency", "usd")
    everything = line.done("budget", "list").out.splitlines()
    assert everything[0].startswith("organisation studio, total, hard: 3.00 of 2.00 USD")
    assert everything[0].endswith("over by 1.00")
    assert [row["subject"] for row in line.done("budget", "list", "--project", "q", "--json").json["budgets"]] == [
        "studio"
    ]
    removed = line.done("budget", "remove", "--project", "p", "--period", "total", "--json").json["removed"]
    assert removed == {"scope": "project", "subject": "p", "period": "total", "currency": "CNY"}
    assert len(line.done("budget", "list", "--json").json["budgets"]) == 1


@pytest.mark.parametrize(("text", "micros"), [("500", 500 * YUAN), ("99.50", 99_500_000), ("０.000001", 1), ("0", 0)])
def test_a_limit_is_read_exactly(text: str, micros: int) -> None:
    assert money(text) == micros


@pytest.mark.parametrize("text", ["", "-1", "1e3", "0.0000001", "1,000", "ten", "1.", "²"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(BadSettingError, match=r"is no limit; right would be 500 or 99\.50"):
        money(text)


# Notices


def test_notices_are_told_until_they_are_read(fresh_money: CommandLine) -> None:
    line = fresh_money
    assert line.done("notices").out == "nothing new\n"
    line.done("budget", "set", "10", "--project", "p")
    database = line.database()
    with database.read() as session:
        project = session.scalars(sa.select(Project).where(Project.slug == "p")).one()
    ask(database, project, 8 * YUAN)
    database.close()
    found = line.done("notices", "--json").json["notices"]
    assert [row["text"].split()[0] for row in found] == ["50", "80"]
    assert set(found[0]) == {"id", "at", "kind", "text", "project_id", "user", "link", "read_at"}
    assert (found[0]["kind"], found[0]["read_at"]) == ("budget", None)
    assert line.done("notices", "--project", "q").out == "nothing new\n"
    assert len(line.done("notices", "--read").out.splitlines()) == 2
    assert line.done("notices", "--json").json == {"notices": []}
    everything = line.done("notices", "--all", "--json").json["notices"]
    assert [row["read_at"] is not None for row in everything] == [True, True]
    others = line.done("notices", "--json", environment={"LOGNAME": "somebody-else"}).json["notices"]
    assert [row["read_at"] for row in others] == [None, None], "each reads for themselves"


WRONG = [
    (["usage", "--by", "shot"], "ERR_SETTING", "project, user, provider, model, capability"),
    (["usage", "--step", "year"], "ERR_SETTING", "day, week, month"),
    (["usage", "--from", "soon"], "ERR_SETTING", "right would be 2026-11"),
    (["usage", "--from", "2026-12", "--to", "2026-11"], "ERR_SETTING", "is not after"),
    (["usage", "--project", "r"], "ERR_NOT_FOUND", "there are: p, q"),
    (["usage", "--csv", "no/such/usage.csv"], "ERR_BAD_INPUT", "there is no folder"),
    (["budget", "set", "ten", "--project", "p"], "ERR_SETTING", "right would be 500"),
    (["budget", "set", "10"], "ERR_BAD_INPUT", "--project or --organisation"),
    (["budget", "set", "10", "--project", "r"], "ERR_NOT_FOUND", "there are: p, q"),
    (["budget", "set", "10", "--organisation", "studio"], "ERR_BAD_INPUT", "Give --currency"),
    (["budget", "set", "10", "--project", "p", "--period", "week"], "ERR_SETTING", "month, total"),
    (["budget", "set", "10", "--project", "p", "--currency", "yuan"], "ERR_SETTING", "three letters"),
    (["budget", "remove", "--project", "p"], "ERR_NOT_FOUND", "no budget for a month in CNY"),
    (["notices", "--project", "r"], "ERR_NOT_FOUND", "there are: p, q"),
]


@pytest.mark.parametrize(("arguments", "error", "right"), WRONG, ids=[" ".join(one[0]) for one in WRONG])
def test_what_is_wrong_is_told_with_what_would_be_right(
    used: CommandLine, arguments: list[str], error: str, right: str
) -> None:
    ended = used.run(*arguments, "--json")
    assert (ended.code, ended.error["code"]) == (2, error)
    assert right in ended.error["message"]
