"""Stretches of time for usage: which whole days lie in them, and which step a day belongs to. Pure; days are UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from aianime_pipeline.errors import BadSettingError

DAY = timedelta(days=1)


class Step(StrEnum):
    DAY = "day"
    WEEK = "week"
    """Begins on Monday."""
    MONTH = "month"


@dataclass(frozen=True)
class Ragged:
    """Part of one day: from `start` until before `end`."""

    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Stretch:
    """A stretch of time as whole days, from `first` until before `last`, and what sticks out at both ends. None:
    without an end on that side."""

    first: date | None
    last: date | None
    ragged: tuple[Ragged, ...] = ()

    @property
    def has_days(self) -> bool:
        return self.first is None or self.last is None or self.first < self.last


def check_stretch(start: datetime | None, end: datetime | None) -> None:
    """Raises BadSettingError for one that has no time in it, which a person did not mean."""
    if start is not None and end is not None and start >= end:
        raise BadSettingError(
            f"The end, {end.astimezone(UTC):%Y-%m-%d %H:%M} UTC, is not after the start, "
            f"{start.astimezone(UTC):%Y-%m-%d %H:%M}.",
            field="end",
        )


def stretch(start: datetime | None, end: datetime | None) -> Stretch:
    """From `start` until before `end`; None: without an end on that side."""
    if start is not None and end is not None and start >= end:
        return Stretch(date.min, date.min)
    first = None if start is None else day_of(start)
    last = None if end is None else day_of(end)
    if start is not None and end is not None and first == last and start != midnight(day_of(start)):
        return Stretch(first, last, (Ragged(day_of(start), start, end),))
    ragged = []
    if start is not None and start != midnight(day_of(start)):
        first = day_of(start) + DAY
        ragged.append(Ragged(day_of(start), start, midnight(first)))
    if end is not None and end != midnight(day_of(end)):
        ragged.append(Ragged(day_of(end), midnight(day_of(end)), end))
    return Stretch(first, last, tuple(ragged))


def step_start(day: date, step: Step) -> date:
    """The first day of the day's step."""
    match step:
        case Step.DAY:
            return day
        case Step.WEEK:
            return day - timedelta(days=day.weekday())
        case Step.MONTH:
            return day.replace(day=1)


def day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
