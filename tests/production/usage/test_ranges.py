"""Stretches of time as whole days and what sticks out of them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from aianime_pipeline.production.usage.ranges import Ragged, Step, Stretch, step_start, stretch

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 4, tzinfo=UTC)
WEDNESDAY = date(2026, 11, 4)
DAY = timedelta(days=1)


STRETCHES = [
    (None, None, Stretch(None, None)),
    (MIDNIGHT, MIDNIGHT + 3 * DAY, Stretch(WEDNESDAY, WEDNESDAY + 3 * DAY)),
    (NOON, None, Stretch(WEDNESDAY + DAY, None, (Ragged(WEDNESDAY, NOON, MIDNIGHT + DAY),))),
    (None, NOON, Stretch(None, WEDNESDAY, (Ragged(WEDNESDAY, MIDNIGHT, NOON),))),
    (NOON, NOON + timedelta(hours=1), Stretch(WEDNESDAY, WEDNESDAY, (Ragged(WEDNESDAY, NOON, NOON + DAY / 24),))),
    (MIDNIGHT, NOON, Stretch(WEDNESDAY, WEDNESDAY, (Ragged(WEDNESDAY, MIDNIGHT, NOON),))),
    (
        NOON,
        NOON + DAY,
        Stretch(
            WEDNESDAY + DAY,
            WEDNESDAY + DAY,
            (Ragged(WEDNESDAY, NOON, MIDNIGHT + DAY), Ragged(WEDNESDAY + DAY, MIDNIGHT + DAY, NOON + DAY)),
        ),
    ),
    (NOON, NOON, Stretch(date.min, date.min)),
    (NOON, MIDNIGHT, Stretch(date.min, date.min)),
]


@pytest.mark.parametrize(("start", "end", "parts"), STRETCHES)
def test_a_stretch_is_whole_days_and_what_sticks_out(
    start: datetime | None, end: datetime | None, parts: Stretch
) -> None:
    assert stretch(start, end) == parts


@pytest.mark.parametrize(
    ("day", "step", "first"),
    [
        (WEDNESDAY, Step.DAY, WEDNESDAY),
        (WEDNESDAY, Step.WEEK, date(2026, 11, 2)),
        (date(2026, 11, 2), Step.WEEK, date(2026, 11, 2)),
        (date(2026, 11, 1), Step.WEEK, date(2026, 10, 26)),
        (date(2027, 1, 1), Step.WEEK, date(2026, 12, 28)),
        (WEDNESDAY, Step.MONTH, date(2026, 11, 1)),
        (date(2028, 2, 29), Step.MONTH, date(2028, 2, 1)),
    ],
)
def test_a_week_begins_on_monday_and_a_month_on_its_first(day: date, step: Step, first: date) -> None:
    assert step_start(day, step) == first
