"""Which episodes a schedule is about: all that there are, or those of some numbers. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.partitions import LAST_NUMBER

ALL = "all"
_RANGE = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")


@dataclass(frozen=True)
class EpisodeNumbers:
    """`ranges` are first and last numbers, ascending and apart; None: all, also those that will come."""

    ranges: tuple[tuple[int, int], ...] | None = None

    @classmethod
    def of(cls, value: object) -> Self:
        """From `"all"`, `"3-8,12"` or a list of numbers. Raises BadSettingError."""
        if isinstance(value, str) and value.strip().lower() == ALL:
            return cls()
        words: list[Any] = (
            re.split("[,、]", value) if isinstance(value, str) else value if isinstance(value, list) else []
        )
        ranges = [_range_of(word) for word in words]
        if not ranges or None in ranges:
            raise BadSettingError(
                f"episodes is {value!r}; it takes all, numbers from 1 to {LAST_NUMBER} such as 3-8,12, or a list of "
                "them such as [3, 4].",
                episodes=value,
            )
        return cls(_joined(found for found in ranges if found is not None))

    def __contains__(self, number: int) -> bool:
        return self.ranges is None or any(first <= number <= last for first, last in self.ranges)

    def __str__(self) -> str:
        if self.ranges is None:
            return ALL
        return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in self.ranges)


def _range_of(word: object) -> tuple[int, int] | None:
    if type(word) is int:
        first = last = word
    elif isinstance(word, str) and (found := _RANGE.fullmatch(word.strip())):
        first, last = int(found[1]), int(found[2] or found[1])
    else:
        return None
    return (first, last) if 1 <= first <= last <= LAST_NUMBER else None


def _joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return tuple(joined)
