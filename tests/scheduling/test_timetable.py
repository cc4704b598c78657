"""Which instants an expression means in a time zone, above all on the two days of the year when clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.scheduling.timetable import parse_timetable

CHANGES = [
    # zone, from (UTC), expression, what the clock there shows
    # New York: 2:00 is 3:00 on 8 March, 2:00 is 1:00 again on 1 November.
    ("America/New_York", "2026-03-07T12", "30 2 * * *", ["08 03:00-0400", "09 02:30-0400"]),
    ("America/New_York", "2026-03-07T12", "0,30 2 * * *", ["08 03:00-0400", "09 02:00-0400", "09 02:30-0400"]),
    ("America/New_York", "2026-03-08T05", "0 2,3 * * *", ["08 03:00-0400", "09 02:00-0400"]),
    ("America/New_York", "2026-03-08T05", "*/30 2 * * *", ["08 03:00-0400", "09 02:00-0400", "09 02:30-0400"]),
    ("America/New_York", "2026-03-08T05", "0 */2 * * *", ["08 03:00-0400", "08 04:00-0400", "08 06:00-0400"]),
    ("America/New_York", "2026-03-08T06", "30 * * * *", ["08 01:30-0500", "08 03:30-0400"]),
    ("America/New_York", "2026-11-01T03", "30 1 * * *", ["01 01:30-0400", "02 01:30-0500"]),
    ("America/New_York", "2026-11-01T05:40", "30 1 * * *", ["02 01:30-0500"]),
    ("America/New_York", "2026-11-01T06:10", "45 1 * * *", ["02 01:45-0500"]),
    ("America/New_York", "2026-11-01T05", "30 * * * *", ["01 01:30-0400", "01 01:30-0500", "01 02:30-0500"]),
    ("America/New_York", "2026-11-01T05:50", "*/30 * * * *", ["01 01:00-0500", "01 01:30-0500", "01 02:00-0500"]),
    # Berlin: 2:00 is 3:00 on 29 March, 3:00 is 2:00 again on 25 October.
    ("Europe/Berlin", "2026-03-28T12", "15 2 * * *", ["29 03:00+0200", "30 02:15+0200"]),
    ("Europe/Berlin", "2026-03-29T00:30", "*/15 * * * *", ["29 01:45+0100", "29 03:00+0200", "29 03:15+0200"]),
    ("Europe/Berlin", "2026-10-24T12", "0 2 * * *", ["25 02:00+0200", "26 02:00+0100"]),
    ("Europe/Berlin", "2026-10-25T00:10", "0,30 * * * *", ["25 02:30+0200", "25 02:00+0100", "25 02:30+0100"]),
    # Lord Howe: half an hour at 2:00, forth on 4 October and back on 5 April.
    ("Australia/Lord_Howe", "2026-10-03T12", "10 2 * * *", ["04 02:30+1100", "05 02:10+1100"]),
    ("Australia/Lord_Howe", "2026-10-03T15:10", "*/15 * * * *", ["04 01:45+1030", "04 02:30+1100", "04 02:45+1100"]),
    ("Australia/Lord_Howe", "2026-10-03T15", "0 3 * * *", ["04 03:00+1100", "05 03:00+1100"]),
    ("Australia/Lord_Howe", "2026-04-04T14:50", "*/15 1 * * *", ["06 01:00+1030", "06 01:15+1030"]),
    ("Australia/Lord_Howe", "2026-04-04T14:40", "*/15 * * * *", ["05 01:45+1100", "05 01:30+1030", "05 01:45+1030"]),
    # Cairo: midnight is 1:00 on 24 April, so that the day begins at 1:00.
    ("Africa/Cairo", "2026-04-23T12", "0 0 * * *", ["24 01:00+0300", "25 00:00+0300"]),
    ("Africa/Cairo", "2026-04-23T12", "*/30 * * * FRI", ["24 01:00+0300", "24 01:30+0300"]),
    # Shanghai changes nothing.
    ("Asia/Shanghai", "2026-03-07T12", "30 2 * * *", ["08 02:30+0800", "09 02:30+0800"]),
]


@pytest.mark.parametrize(("zone", "start", "cron", "times"), CHANGES, ids=[" ".join(one[:3]) for one in CHANGES])
def test_what_is_due_when_the_clocks_change(zone: str, start: str, cron: str, times: list[str]) -> None:
    start += "" if ":" in start else ":00"
    found = islice(parse_timetable(cron, zone).after(datetime.fromisoformat(f"{start}+00:00")), len(times))
    assert [tick.astimezone(ZoneInfo(zone)).strftime("%d %H:%M%z") for tick in found] == times


def test_a_time_itself_is_not_after_itself() -> None:
    table = parse_timetable("0 9 * * *", "Asia/Shanghai")
    nine = datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert next(table.after(nine - timedelta(microseconds=1))) == nine
    assert next(table.after(nine)) == nine + timedelta(days=1)
    assert next(table.after(nine + timedelta(microseconds=1))) == nine + timedelta(days=1)


HOURS = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ZONES = [
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Africa/Cairo",
    "Asia/Shanghai",
]
DAYS = [f"2026-{day}" for day in ("03-08", "03-29", "04-05", "04-24", "10-04", "10-25", "10-30", "11-01")]


def minute_by_minute(
    minutes: set[int], hours: set[int], zone: ZoneInfo, start: datetime, end: datetime
) -> list[datetime]:
    """What is due, from the words of the rule: every minute of the stretch and its clock are looked at."""
    due, before = set(), set()
    instant = start - 4 * HOURS
    clock_before = (instant - MINUTE).astimezone(zone).replace(tzinfo=None)
    while instant <= end:
        clock = instant.astimezone(zone).replace(tzinfo=None)
        left_out = [clock_before + MINUTE * n for n in range(1, (clock - clock_before) // MINUTE)]
        for shown in [*left_out, clock]:
            named = shown.minute in minutes and shown.hour in hours
            if len(hours) == 24:
                due |= {instant} if named and shown == clock else set()
            elif named and shown not in before:
                due.add(instant)
            before.add(shown)
        clock_before, instant = clock, instant + MINUTE
    return sorted(tick for tick in due if start < tick <= end)


@given(
    st.sets(st.integers(0, 59), min_size=1, max_size=4),
    st.just(set(range(24))) | st.sets(st.integers(0, 4) | st.integers(0, 23), min_size=1, max_size=3),
    st.sampled_from(ZONES),
    st.sampled_from(DAYS),
    st.integers(-16 * 60, 20 * 60),
)
def test_it_is_what_a_look_at_every_minute_finds(
    minutes: set[int], hours: set[int], zone: str, day: str, shift: int
) -> None:
    start = datetime.fromisoformat(f"{day}T00:00+00:00") + shift * MINUTE
    end = start + 12 * HOURS
    cron = f"{','.join(map(str, sorted(minutes)))} {','.join(map(str, sorted(hours)))} * * *"
    table = parse_timetable(cron, zone)
    found = list(takewhile(lambda tick: tick <= end, table.after(start)))
    assert found == minute_by_minute(minutes, hours, table.zone, start, end)
    for tick in found[:3]:
        rest = [later for later in found if later > tick]
        assert list(takewhile(lambda later: later <= end, table.after(tick))) == rest, "wherever one begins"
