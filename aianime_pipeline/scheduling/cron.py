"""Cron expressions as people write them: five fields, checked more strictly than a cron does.

    minute  hour  day  month  weekday
    0       9     *    *      MON-FRI

A field takes `*`, a number, a range `1-5`, a step `*/15` or `10-50/20`, and lists of numbers and ranges; months and
weekdays their English names too (Sunday is 0 and 7). `L` is a month's last day and `LW` its last day from Monday to
Friday; `MON#1` is its first Monday, `5L` its last Friday.

What a cron would take and understand otherwise than most people is refused: a day together with a weekday (a cron runs
on either of them), a step that is longer than its field, and dates that never come.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cronsim import CronSim, CronSimError

from aianime_pipeline.errors import BadSettingError

EXAMPLE = "'0 9 * * MON-FRI' (at 9:00 from Monday to Friday)"
LONGEST = 200
"""Characters."""


@dataclass(frozen=True)
class _Field:
    name: str
    first: int
    last: int
    values: int
    """How many different ones there are: 0 and 7 are the same Sunday."""
    names: tuple[str, ...] = ()
    special: str = r"(?!)"
    forms: str = ""
    """What `special` is like."""

    def number(self, word: str) -> int | None:
        return self.names.index(word) + self.first if word in self.names else int(word) if word.isdigit() else None


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = (
    _Field("minute", 0, 59, 60),
    _Field("hour", 0, 23, 24),
    _Field("day", 1, 31, 31, special=r"LW?", forms=", L, LW"),
    _Field("month", 1, 12, 12, _MONTHS),
    _Field("weekday", 0, 7, 7, _WEEKDAYS, rf"[0-7]L|(?:[0-7]|{'|'.join(_WEEKDAYS)})#[1-5]", ", MON#1 to MON#5, 5L"),
)
_TERM = re.compile(
    r"(?:\*|(?P<first>[0-9]{1,4}|[A-Z]{3})(?:-(?P<last>[0-9]{1,4}|[A-Z]{3}))?)(?:/(?P<step>[0-9]{1,4}))?"
)


@dataclass(frozen=True)
class Cron:
    """An expression that was checked. `every_hour`: it is about minutes only, in whichever hour of the day."""

    text: str
    every_hour: bool

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The times after `moment`, as a clock on the wall shows them: without a time zone. Whole minutes; ends after
        50 years without any."""
        return CronSim(self.text, moment)


def parse_cron(text: str) -> Cron:
    """Raises BadSettingError that says which field is wrong and what would be right."""
    plain = " ".join(text.upper().split())
    words = plain.split(" ")
    if len(text) > LONGEST:
        raise _refusal(text[:40] + "…", f"it has more than {LONGEST} characters")
    if len(words) != len(_FIELDS):
        named = " ".join(field.name for field in _FIELDS)
        raise _refusal(text, f"it has {len(words) if plain else 0} fields and takes five: {named}")
    for field, word in zip(_FIELDS, words, strict=True):
        if trouble := _trouble(field, word):
            raise _refusal(text, f"its {field.name} is {word!r}: {trouble}")
    if words[2] != "*" and words[4] != "*":
        raise _refusal(
            text,
            f"it names the day {words[2]!r} and the weekday {words[4]!r}, of which a cron takes either; make two "
            "schedules, or write such as MON#1 for the month's first Monday",
        )
    try:
        hours = CronSim(plain, datetime(2000, 1, 1)).hours
    except CronSimError:
        raise _refusal(text, f"no such month has a day {words[2]}") from None
    return Cron(plain, len(hours) == 24)


@lru_cache(maxsize=1_000)
def _trouble(field: _Field, word: str) -> str | None:
    terms = word.split(",")
    if len(terms) > 1 and any(term.startswith("*") for term in terms):
        return "* does not go into a list"
    return next((trouble for term in terms if (trouble := _trouble_of(field, term))), None)


def _trouble_of(field: _Field, term: str) -> str | None:
    if re.fullmatch(field.special, term):
        return None
    names = f" or {field.names[0]} to {field.names[-1]}" if field.names else ""
    takes = f"it takes *, {field.first} to {field.last}{names}"
    found = _TERM.fullmatch(term)
    if found is None:
        forms = f"ranges such as {field.first}-{field.first + 2}, steps such as */2{field.forms}"
        return f"{takes}, {forms}, and lists of them"
    if step := found["step"]:
        if not 1 <= int(step) < field.values:
            return f"a step of {step} does not fit; it takes 1 to {field.values - 1}"
        if found["first"] and found["first"] == found["last"]:
            return f"a step needs more than one {field.name}"
    ends = [field.number(end) for end in (found["first"], found["last"]) if end is not None]
    if any(end is None or not field.first <= end <= field.last for end in ends):
        return takes
    if len(ends) == 2 and ends[0] > ends[1]:  # type: ignore[operator]
        two = term.replace("-", f"-{field.last},{field.first}-", 1)
        return f"the range ends before it begins; write it as two, such as {two}"
    return None


def _refusal(text: str, trouble: str) -> BadSettingError:
    return BadSettingError(
        f"The cron expression {text!r} does not fit: {trouble}. Right would be {EXAMPLE}.", cron=text
    )
