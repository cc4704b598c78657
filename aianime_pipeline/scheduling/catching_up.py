"""What becomes of times that are over: which of them are run now, and which are missed. Pure.

A time is *on time* up to two minutes: somebody looks every few seconds, so whatever is later is late because nobody
looked, as when the machine was off. On time, each is run. Of the late ones, up to the schedule's grace, `skip` runs
none, `latest` the last one unless one is on time anyway, `all` the last 24. What is older than the grace is missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.scheduling.timetable import Timetable

ON_TIME = timedelta(minutes=2)
MOST_CAUGHT_UP = 24
MOST_COUNTED = 1_000
SHORTEST_GRACE, LONGEST_GRACE = timedelta(minutes=1), timedelta(days=31)


class CatchUp(StrEnum):
    SKIP = "skip"
    LATEST = "latest"
    ALL = "all"


@dataclass(frozen=True)
class Missed:
    """`counted_all` is False where there were more than anybody counts."""

    count: int
    first: datetime
    last: datetime
    counted_all: bool = True


@dataclass(frozen=True)
class Due:
    """Instants in UTC, ascending."""

    run: tuple[datetime, ...] = ()
    missed: Missed | None = None


def due_between(timetable: Timetable, after: datetime, now: datetime, catch_up: CatchUp, grace: timedelta) -> Due:
    """What is due after `after` up to and with `now`."""
    horizon = max(after, now - grace - timedelta(microseconds=1))
    too_old = list(islice(takewhile(lambda tick: tick <= horizon, timetable.after(after)), MOST_COUNTED + 1))
    in_grace = list(takewhile(lambda tick: tick <= now, timetable.after(horizon)))
    late = [tick for tick in in_grace if now - tick > ON_TIME]
    on_time = in_grace[len(late) :]
    caught_up = _caught_up(late, on_time, catch_up)
    missed = [*too_old[:MOST_COUNTED], *late[: len(late) - len(caught_up)]]
    if not missed:
        return Due((*caught_up, *on_time))
    counted_all = len(too_old) <= MOST_COUNTED
    return Due((*caught_up, *on_time), Missed(len(missed), missed[0], missed[-1], counted_all))


def checked_catch_up(value: object) -> CatchUp:
    """Raises BadSettingError."""
    if value not in tuple(CatchUp):
        raise BadSettingError(f"catch_up is {value!r}; it takes one of {', '.join(CatchUp)}.")
    return CatchUp(str(value))


def checked_grace(seconds: object) -> int:
    """Raises BadSettingError."""
    shortest, longest = int(SHORTEST_GRACE.total_seconds()), int(LONGEST_GRACE.total_seconds())
    if type(seconds) is not int or not shortest <= seconds <= longest:
        raise BadSettingError(
            f"grace_seconds is {seconds!r}; it takes {shortest} to {longest} seconds: a minute to 31 days."
        )
    return seconds


def _caught_up(late: Sequence[datetime], on_time: Sequence[datetime], catch_up: CatchUp) -> Sequence[datetime]:
    match catch_up:
        case CatchUp.SKIP:
            return ()
        case CatchUp.LATEST:
            return () if on_time else late[-1:]
        case CatchUp.ALL:
            return late[-MOST_CAUGHT_UP:]
