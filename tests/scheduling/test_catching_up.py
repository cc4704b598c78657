from datetime import UTC, datetime, timedelta

import pytest

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.scheduling.catching_up import (
    MOST_CAUGHT_UP,
    MOST_COUNTED,
    CatchUp,
    Due,
    checked_catch_up,
    checked_grace,
    due_between,
)
from aianime_pipeline.scheduling.timetable import parse_timetable


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-02T{clock}+00:00")


def due(cron: str, after: str, now: str, catch_up: CatchUp, hours: float = 1) -> Due:
    return due_between(parse_timetable(cron, "UTC"), at(after), at(now), catch_up, timedelta(hours=hours))


def clocks(found: Due) -> tuple[list[str], int]:
    return [f"{tick:%H:%M}" for tick in found.run], found.missed.count if found.missed else 0


POLICIES = [
    # expression, looked at until, now, policy, grace in hours, what is run, how many are missed
    ("0 9 * * *", "08:59:58", "09:00:03", "skip", 1, ["09:00"], 0),
    ("0 9 * * *", "08:59:58", "09:00:03", "latest", 1, ["09:00"], 0),
    ("0 9 * * *", "08:59:58", "09:00:00", "latest", 1, ["09:00"], 0),
    ("0 9 * * *", "09:00:00", "09:00:05", "latest", 1, [], 0),
    ("* * * * *", "09:00:30", "09:02:10", "skip", 1, ["09:01", "09:02"], 0),
    # Nobody looked for three hours.
    ("0 * * * *", "09:10:00", "12:30:00", "skip", 6, [], 3),
    ("0 * * * *", "09:10:00", "12:30:00", "latest", 6, ["12:00"], 2),
    ("0 * * * *", "09:10:00", "12:30:00", "all", 6, ["10:00", "11:00", "12:00"], 0),
    ("0 * * * *", "09:10:00", "12:30:00", "latest", 1, ["12:00"], 2),
    ("0 * * * *", "09:10:00", "12:30:00", "all", 2, ["11:00", "12:00"], 1),
    ("0 * * * *", "09:10:00", "12:30:00", "latest", 0.25, [], 3),
    # One is on time: the latest stands for those before.
    ("0 * * * *", "09:10:00", "12:01:00", "skip", 6, ["12:00"], 2),
    ("0 * * * *", "09:10:00", "12:01:00", "latest", 6, ["12:00"], 2),
    ("0 * * * *", "09:10:00", "12:01:00", "all", 6, ["10:00", "11:00", "12:00"], 0),
    # As old as the grace allows, and a second older.
    ("0 9 * * *", "08:00:00", "10:00:00", "latest", 1, ["09:00"], 0),
    ("0 9 * * *", "08:00:00", "10:00:01", "latest", 1, [], 1),
]


@pytest.mark.parametrize(("cron", "after", "now", "policy", "hours", "run", "missed"), POLICIES)
def test_what_is_run_and_what_is_missed(
    cron: str, after: str, now: str, policy: str, hours: float, run: list[str], missed: int
) -> None:
    assert clocks(due(cron, after, now, CatchUp(policy), hours)) == (run, missed)


def test_of_all_that_were_missed_so_many_of_the_last_are_run() -> None:
    found = due("*/5 * * * *", "00:00:00", "12:04:00", CatchUp.ALL, hours=24)
    assert (len(found.run), f"{found.run[-1]:%H:%M}") == (MOST_CAUGHT_UP, "12:00")
    assert found.missed is not None
    assert (found.missed.count, found.missed.first, found.missed.last) == (120, at("00:05"), at("10:00"))


def test_what_was_missed_for_months_is_counted_up_to_a_bound() -> None:
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    now = at("12:00:30")
    found = due_between(parse_timetable("* * * * *", "UTC"), long_ago, now, CatchUp.SKIP, timedelta(minutes=1))
    assert found.run == (at("12:00"),)
    assert found.missed is not None
    assert (found.missed.count, found.missed.counted_all) == (MOST_COUNTED, False)
    assert found.missed.first == long_ago + timedelta(minutes=1)


@pytest.mark.parametrize("seconds", [60, 3600, 31 * 86_400])
def test_a_grace_is_a_minute_to_a_month(seconds: int) -> None:
    assert checked_grace(seconds) == seconds


@pytest.mark.parametrize("seconds", [0, 59, -1, 31 * 86_400 + 1, "3600", 3600.0, True, None])
def test_no_other_grace_is_taken(seconds: object) -> None:
    with pytest.raises(BadSettingError, match="60 to 2678400 seconds: a minute to 31 days"):
        checked_grace(seconds)


@pytest.mark.parametrize("value", ["", "none", "LATEST", None, 1, ["all"], {}])
def test_no_other_catch_up_is_taken(value: object) -> None:
    with pytest.raises(BadSettingError, match="it takes one of skip, latest, all"):
        checked_catch_up(value)
