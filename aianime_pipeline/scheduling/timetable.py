"""A cron expression in a time zone: which instants it means, also on the days when the clocks are changed.

An expression that runs in every hour (such as `*/15 * * * *`) is about time that passes: nothing is due in the hour
that the clocks leave out, and all of it in both passes of the hour that they repeat. Every other one is about times of
the day: a time that the clocks leave out is due at the first moment after the gap, once, and one that comes twice is
due the first time.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from aianime_pipeline.scheduling.cron import Cron, parse_cron
from aianime_pipeline.scheduling.zones import parse_zone

_MINUTE = timedelta(minutes=1)
_WIDEST_CHANGE = timedelta(hours=3)
"""No clock is moved by more at once: two hours is the most (Antarctica/Troll)."""


@dataclass(frozen=True)
class Timetable:
    cron: Cron
    zone: ZoneInfo

    def after(self, instant: datetime) -> Iterator[datetime]:
        """What is due after `instant`, in UTC, ascending, each instant once."""
        last, second_passes = instant, deque[datetime]()
        for clock in self.cron.after(self._clock_before(instant)):
            first, second = self._instant(clock, 0), self._instant(clock, 1)
            left_out = first > second
            if left_out and self.cron.every_hour:
                continue
            if left_out:
                first = self._after_gap(clock)
            while second_passes and second_passes[0] < first:
                yield second_passes.popleft()
            if first > last:
                yield (last := first)
            if self.cron.every_hour and second > max(first, instant):
                second_passes.append(second)

    def _clock_before(self, instant: datetime) -> datetime:
        """From where on the wall clock shows everything that is due after the instant."""
        offsets = {self._offset(instant + by) for by in (-_WIDEST_CHANGE, timedelta(), _WIDEST_CHANGE)}
        clock = instant.astimezone(self.zone).replace(tzinfo=None)
        return clock if len(offsets) == 1 else clock - _WIDEST_CHANGE

    def _offset(self, instant: datetime) -> timedelta | None:
        return instant.astimezone(self.zone).utcoffset()

    def _instant(self, clock: datetime, fold: int) -> datetime:
        return clock.replace(tzinfo=self.zone, fold=fold).astimezone(UTC)

    def _after_gap(self, clock: datetime) -> datetime:
        while self._instant(clock, 0) > self._instant(clock, 1):
            clock += _MINUTE
        return self._instant(clock, 0)


@lru_cache(maxsize=20_000)
def parse_timetable(cron: str, zone: str) -> Timetable:
    """Raises BadSettingError for the one or the other."""
    return Timetable(parse_cron(cron), parse_zone(zone))
