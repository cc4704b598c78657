from datetime import datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.scheduling.cron import parse_cron
from aianime_pipeline.scheduling.zones import parse_zone

NEW_YEAR = datetime(2027, 1, 1)
"""A Friday."""

MEANS = [
    # expression, its first times from 2027 on
    ("* * * * *", ["01-01 00:01", "01-01 00:02"]),
    ("*/20 * * * *", ["01-01 00:20", "01-01 00:40", "01-01 01:00"]),
    ("10-50/20 3 * * *", ["01-01 03:10", "01-01 03:30", "01-01 03:50", "01-02 03:10"]),
    ("40/10 3 * * *", ["01-01 03:40", "01-01 03:50", "01-02 03:40"]),
    ("0 9 * * MON-FRI", ["01-01 09:00", "01-04 09:00", "01-05 09:00"]),
    ("0 9 * * mon,wed", ["01-04 09:00", "01-06 09:00", "01-11 09:00"]),
    ("0 9 * * 7", ["01-03 09:00", "01-10 09:00"]),
    ("0 9 * * 0", ["01-03 09:00", "01-10 09:00"]),
    ("0 9 * * 6-7", ["01-02 09:00", "01-03 09:00", "01-09 09:00"]),
    ("30 0 1 * *", ["01-01 00:30", "02-01 00:30"]),
    ("0 0 1 JAN,JUL *", ["07-01 00:00"]),
    # The end of a month
    ("0 0 31 * *", ["01-31 00:00", "03-31 00:00", "05-31 00:00"]),
    ("0 0 30 * *", ["01-30 00:00", "03-30 00:00", "04-30 00:00"]),
    ("0 0 L * *", ["01-31 00:00", "02-28 00:00", "03-31 00:00", "04-30 00:00"]),
    ("0 0 15,L * *", ["01-15 00:00", "01-31 00:00", "02-15 00:00", "02-28 00:00"]),
    ("0 0 LW * *", ["01-29 00:00", "02-26 00:00", "03-31 00:00"]),
    ("0 0 * * MON#1", ["01-04 00:00", "02-01 00:00", "03-01 00:00"]),
    ("0 0 * * 5L", ["01-29 00:00", "02-26 00:00"]),
]


@pytest.mark.parametrize(("expression", "times"), MEANS, ids=[one[0] for one in MEANS])
def test_an_expression_means_these_times(expression: str, times: list[str]) -> None:
    found = islice(parse_cron(expression).after(NEW_YEAR), len(times))
    assert [f"{time:%m-%d %H:%M}" for time in found] == times


def test_29_february_comes_in_leap_years_only() -> None:
    found = islice(parse_cron("0 12 29 2 *").after(datetime(2095, 1, 1)), 3)
    assert [f"{time:%Y-%m-%d %H}" for time in found] == ["2096-02-29 12", "2104-02-29 12", "2108-02-29 12"]


def test_it_is_kept_in_one_way_of_writing() -> None:
    assert parse_cron("  0   9 * *  mon-fri ").text == "0 9 * * MON-FRI"


@pytest.mark.parametrize(
    ("expression", "every_hour"),
    [("* * * * *", True), ("*/15 * * * *", True), ("5 0-23 * * *", True), ("0 */2 * * *", False), ("* 3 * * *", False)],
)
def test_what_runs_in_every_hour_is_told_from_what_has_times_of_the_day(expression: str, every_hour: bool) -> None:
    assert parse_cron(expression).every_hour is every_hour


WRONG = [
    ("", "it has 0 fields and takes five: minute hour day month weekday"),
    ("0 9 * *", "it has 4 fields"),
    ("0 0 9 * * *", "it has 6 fields"),
    ("@daily", "it has 1 fields"),
    ("60 9 * * *", "its minute is '60': it takes *, 0 to 59"),
    ("0 24 * * *", "its hour is '24': it takes *, 0 to 23"),
    ("0 9 0 * *", "its day is '0': it takes *, 1 to 31"),
    ("0 9 * 13 *", "its month is '13': it takes *, 1 to 12 or JAN to DEC"),
    ("0 9 * * 8", "its weekday is '8': it takes *, 0 to 7 or SUN to SAT"),
    ("0 9 * * MONDAY", "MON#1 to MON#5, 5L"),
    ("0 9 * * MON#6", "MON#1 to MON#5, 5L"),
    ("0 9 ? * *", "its day is '?'"),
    ("MON 9 * * *", "its minute is 'MON'"),
    ("-5 9 * * *", "its minute is '-5'"),
    ("5- 9 * * *", "its minute is '5-'"),
    ("1.5 9 * * *", "its minute is '1.5'"),
    ("，5 9 * * *", "its minute is '，5'"),
    ("², 9 * * *", "its minute is '²,'"),
    ("99999999999999999999 9 * * *", "its minute is '9999"),
    # What a cron understands otherwise than most people do.
    ("0 9 1-7 * MON", "it names the day '1-7' and the weekday 'MON', of which a cron takes either"),
    ("0 9 */2 * MON", "make two schedules, or write such as MON#1"),
    ("*/90 * * * *", "a step of 90 does not fit; it takes 1 to 59"),
    ("*/0 * * * *", "a step of 0 does not fit"),
    ("0 9 * * */7", "it takes 1 to 6"),
    ("5-5/10 * * * *", "a step needs more than one minute"),
    ("5,* * * * *", "* does not go into a list"),
    ("0 9 L/2 * *", "its day is 'L/2'"),
    ("50-10 * * * *", "write it as two, such as 50-59,0-10"),
    ("0 9 * * FRI-MON", "write it as two, such as FRI-7,0-MON"),
    ("0 9 30 2 *", "no such month has a day 30"),
    ("0 9 31 4,6 *", "no such month has a day 31"),
    ("0 9 * * " + "1," * 200 + "1", "it has more than 200 characters"),
]


@pytest.mark.parametrize(("expression", "trouble"), WRONG, ids=[one[0][:20] for one in WRONG])
def test_what_is_wrong_is_said_with_what_would_be_right(expression: str, trouble: str) -> None:
    with pytest.raises(BadSettingError) as caught:
        parse_cron(expression)
    assert trouble in caught.value.message
    assert "Right would be '0 9 * * MON-FRI'" in caught.value.message


@given(st.text(alphabet="0159*/-,#LWMONFRI ", max_size=20))
def test_any_text_is_an_expression_with_a_next_time_or_refused(text: str) -> None:
    try:
        cron = parse_cron(text)
    except BadSettingError:
        return
    assert next(cron.after(NEW_YEAR)) > NEW_YEAR
    assert parse_cron(cron.text) == cron


@pytest.mark.parametrize("name", ["Asia/Shanghai", "asia/shanghai", "UTC", " America/New_York "])
def test_a_zone_is_known_by_its_name(name: str) -> None:
    assert parse_zone(name).key.casefold() == name.strip().casefold()


@pytest.mark.parametrize(
    "name", ["", "UTC+8", "Beijing", "Asia", "../etc/passwd", "localtime", "Factory", "\0", "a" * 300]
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(BadSettingError, match="right would be a name such as Asia/Shanghai"):
        parse_zone(name)
