"""When a notice is due on a channel: digests, quiet hours, and how a refused message is tried again. Pure.

Quiet hours are wall-clock times of a time zone. An hour that a clock change leaves out is read with the time before the
change (RFC 5545, 3.3.5: 02:30 is 03:30 on that night); of one that comes twice, quiet begins with the first and ends
with the second.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from aianime_pipeline.errors import BadSettingError

MOST_ATTEMPTS = 6
"""Of a message; after so many refusals it has failed. They are spread over some three hours."""
MOST_DIGEST_MINUTES = 1440

_FIRST_AGAIN = timedelta(seconds=30)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Quiet:
    """From `begins` until `ends` nothing is sent; `ends` may lie on the next day."""

    begins: time
    ends: time
    zone: ZoneInfo

    @classmethod
    def of(cls, begins: str, ends: str, zone: str) -> Self:
        """Of HH:MM and a name of the time zone database. Raises BadSettingError."""
        if begins == ends:
            raise BadSettingError(f"Quiet hours from {begins} until {ends} are none, or the whole day.")
        return cls(_time(begins), _time(ends), time_zone(zone))

    def end_of(self, moment: datetime) -> datetime | None:
        """When it ends, if `moment` is in it; None otherwise."""
        day = moment.astimezone(self.zone).date()
        for start in (day - _DAY, day):
            begins = self._instants(start, self.begins)[0]
            ends = max(self._instants(start if self.begins < self.ends else start + _DAY, self.ends))
            if begins <= moment < ends:
                return ends
        return None

    def _instants(self, day: date, at: time) -> tuple[datetime, datetime]:
        """What the wall clock's time is with the offset before, and after, a clock change of that moment."""
        local = datetime.combine(day, at, self.zone)
        return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)


def released(moment: datetime, quiet: Quiet | None) -> datetime:
    """`moment`, or the end of the quiet hours that it is in."""
    return (quiet.end_of(moment) if quiet is not None else None) or moment


def due_at(
    told: datetime, moment: datetime, *, digest_minutes: int, open_until: datetime | None, quiet: Quiet | None
) -> datetime:
    """When a notice that was told at `told` goes out of a channel that is handed it at `moment`. Notices that are due
    at the same instant are one message.

    `open_until` is when the digest goes out that the channel collects now, None where it collects none.
    """
    if digest_minutes == 0:
        return released(told, quiet)
    if open_until is not None and open_until > moment:
        return open_until
    return released(moment + timedelta(minutes=digest_minutes), quiet)


def again_at(attempts: int, moment: datetime, wait: timedelta) -> datetime:
    """When a message that was refused `attempts` times is tried again: after 30 s, 2 min, 8 min, ..., never before
    `wait` has passed."""
    return moment + max(_FIRST_AGAIN * int(4 ** (attempts - 1)), wait)


def time_zone(name: str) -> ZoneInfo:
    """Raises BadSettingError."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise BadSettingError(f"There is no time zone {name!r}; right would be Asia/Shanghai.") from None


def checked_digest(minutes: int) -> int:
    """Raises BadSettingError."""
    if not 0 <= minutes <= MOST_DIGEST_MINUTES:
        raise BadSettingError(f"A digest of {minutes} minutes is none; it takes 0 to {MOST_DIGEST_MINUTES}.")
    return minutes


def _time(text: str) -> time:
    found = _TIME.fullmatch(text)
    if found is None:
        raise BadSettingError(f"{text!r} is no time of the day; right would be 22:00.")
    return time(int(found[1]), int(found[2]))
