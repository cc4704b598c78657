from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.notifying.timing import MOST_ATTEMPTS, Quiet, again_at, checked_digest, due_at, released


def at(text: str, zone: str = "UTC", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


NIGHT = ("22:00", "07:00")
# Berlin: 2026-03-29 02:00 → 03:00, 2026-10-25 03:00 → 02:00. New York: 2026-03-08 02:00 → 03:00, 2026-11-01 02:00 →
# 01:00. Lord Howe: 2026-10-04 02:00 → 02:30, 2026-04-05 02:00 → 01:30. Santiago changes at midnight: 2026-09-06 00:00 →
# 01:00.
QUIET = [
    (NIGHT, "Asia/Shanghai", "2026-11-03T21:59:59", None),
    (NIGHT, "Asia/Shanghai", "2026-11-03T22:00", "2026-11-04T07:00"),
    (NIGHT, "Asia/Shanghai", "2026-11-04T06:59:59", "2026-11-04T07:00"),
    (NIGHT, "Asia/Shanghai", "2026-11-04T07:00", None),
    (("12:00", "13:30"), "Asia/Shanghai", "2026-11-04T12:45", "2026-11-04T13:30"),
    (("12:00", "13:30"), "Asia/Shanghai", "2026-11-04T23:00", None),
    (("00:00", "23:59"), "Asia/Shanghai", "2026-11-04T23:58", "2026-11-04T23:59"),
    (NIGHT, "Europe/Berlin", "2026-03-29T01:30", "2026-03-29T07:00"),
    (NIGHT, "Europe/Berlin", "2026-10-25T02:30", "2026-10-25T07:00"),
    (NIGHT, "America/New_York", "2026-11-01T01:30", "2026-11-01T07:00"),
    (NIGHT, "America/Santiago", "2026-09-05T23:30", "2026-09-06T07:00"),
    # An end that the clock leaves out comes an hour later by the new time, which is when it would have come.
    (("22:00", "02:30"), "Europe/Berlin", "2026-03-29T01:45", "2026-03-29T03:30"),
    (("22:00", "02:15"), "Australia/Lord_Howe", "2026-10-04T01:45", "2026-10-04T02:45"),
    (("22:00", "00:30"), "America/Santiago", "2026-09-05T23:30", "2026-09-06T01:30"),
    # So does a beginning.
    (("02:30", "06:00"), "Europe/Berlin", "2026-03-29T03:15", None),
    (("02:30", "06:00"), "Europe/Berlin", "2026-03-29T03:30", "2026-03-29T06:00"),
]


@pytest.mark.parametrize(("hours", "zone", "moment", "ends"), QUIET)
def test_quiet_hours_end_when_the_clock_on_the_wall_says_so(
    hours: tuple[str, str], zone: str, moment: str, ends: str | None
) -> None:
    quiet = Quiet.of(*hours, zone)
    assert quiet.end_of(at(moment, zone)) == (at(ends, zone) if ends is not None else None)
    assert released(at(moment, zone), quiet) == at(ends or moment, zone)


def test_an_hour_that_comes_twice_is_quiet_from_its_first_minute_to_its_last() -> None:
    zone = "Europe/Berlin"
    until = Quiet.of("22:00", "02:30", zone)
    ends = at("2026-10-25T02:30", zone, fold=1)
    assert ends - at("2026-10-25T02:30", zone) == timedelta(hours=1)
    assert until.end_of(at("2026-10-25T02:29", zone)) == ends
    assert until.end_of(at("2026-10-25T02:45", zone)) == ends, "between the two it stays quiet"
    assert until.end_of(ends) is None
    begins = Quiet.of("02:30", "06:00", zone)
    assert begins.end_of(at("2026-10-25T02:29", zone)) is None
    assert begins.end_of(at("2026-10-25T02:30", zone)) == at("2026-10-25T06:00", zone)
    assert begins.end_of(at("2026-10-25T02:15", zone, fold=1)) == at("2026-10-25T06:00", zone)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"])
@pytest.mark.parametrize("hours", [NIGHT, ("02:10", "02:20"), ("01:20", "02:40"), ("23:00", "01:40")])
def test_in_a_whole_year_quiet_hours_always_end_and_are_over_then(zone: str, hours: tuple[str, str]) -> None:
    quiet = Quiet.of(*hours, zone)
    moment, quiet_minutes = at("2026-01-01T00:00"), 0
    while moment < at("2027-01-01T00:00"):
        ends = quiet.end_of(moment)
        if ends is not None:
            assert moment < ends < moment + timedelta(hours=25)
            assert quiet.end_of(ends) is None
            quiet_minutes += 10
        moment += timedelta(minutes=10)
    begins, until = (datetime.fromisoformat(f"2026-01-01T{one}") for one in hours)
    usual = (until - begins) % timedelta(days=1) / timedelta(minutes=1)
    assert abs(quiet_minutes - 365 * usual) <= 120, "but for the clock changes"


@pytest.mark.parametrize(
    ("hours", "zone", "words"),
    [
        (("22:00", "22:00"), "UTC", "are none, or the whole day"),
        (("24:00", "07:00"), "UTC", "'24:00' is no time of the day; right would be 22:00"),
        (("22:00", "7"), "UTC", "'7' is no time of the day"),
        (NIGHT, "Asia/Peking", "no time zone 'Asia/Peking'; right would be Asia/Shanghai"),
        (NIGHT, "", "no time zone ''"),
        (NIGHT, "../UTC", "no time zone"),
    ],
)
def test_what_are_no_quiet_hours_is_refused(hours: tuple[str, str], zone: str, words: str) -> None:
    with pytest.raises(BadSettingError, match=words):
        Quiet.of(*hours, zone)


TOLD = at("2026-11-03T12:00")
SEEN = at("2026-11-03T12:00:10")
SHANGHAI_NIGHT = Quiet.of(*NIGHT, "Asia/Shanghai")

DUE = [
    # (digest minutes, the digest that collects now goes out at, quiet) → due
    (0, None, None, "2026-11-03T12:00"),
    (0, "2026-11-03T12:30", None, "2026-11-03T12:00"),
    (30, None, None, "2026-11-03T12:30:10"),
    (30, "2026-11-03T12:20", None, "2026-11-03T12:20"),
    (30, "2026-11-03T12:00:10", None, "2026-11-03T12:30:10"),
    (0, None, SHANGHAI_NIGHT, "2026-11-03T12:00"),
    (150, None, SHANGHAI_NIGHT, "2026-11-03T23:00"),
    (30, "2026-11-03T23:00", SHANGHAI_NIGHT, "2026-11-03T23:00"),
]


@pytest.mark.parametrize(("minutes", "open_until", "quiet", "due"), DUE)
def test_a_notice_is_due_at_once_with_its_digest_or_after_the_quiet_hours(
    minutes: int, open_until: str | None, quiet: Quiet | None, due: str
) -> None:
    collecting = at(open_until) if open_until is not None else None
    assert due_at(TOLD, SEEN, digest_minutes=minutes, open_until=collecting, quiet=quiet) == at(due)


def test_a_refused_message_is_tried_again_over_some_three_hours() -> None:
    waits = [again_at(attempt, TOLD, timedelta(0)) - TOLD for attempt in range(1, MOST_ATTEMPTS)]
    assert [wait.total_seconds() for wait in waits] == [30, 120, 480, 1920, 7680]
    assert again_at(1, TOLD, timedelta(minutes=10)) - TOLD == timedelta(minutes=10)


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_a_digest_takes_up_to_a_day(minutes: int) -> None:
    assert checked_digest(1440) == 1440
    with pytest.raises(BadSettingError, match="it takes 0 to 1440"):
        checked_digest(minutes)
