"""What a request for a file asks for: all of it, a range, or nothing because the client has it. Pure; RFC 9110.

A file has a strong entity tag and no date, so conditions about dates do not hold (section 13.1). Of several ranges in
one request none is served: the answer is the whole file, as section 14.2 allows, and no body with many small parts can
be made us send. So a range that cannot be read is ignored, too, and only one that lies behind the end is refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]*)\s*-\s*([0-9]*)\s*", re.IGNORECASE | re.ASCII)
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_MOST_DIGITS = 18
"""A number with more is beyond the end of every file."""


class Condition(Enum):
    HOLDS = "the file is to be served"
    NOT_MODIFIED = "the client has it"
    FAILED = "the client wants what it knew, and it is another one now"


class UnsatisfiableRangeError(Exception):
    """The range begins behind the end of the file. Not an error of the pipeline: it becomes an answer at once."""


@dataclass(frozen=True)
class ByteRange:
    """The bytes from `start` to `stop`, which is behind the last."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start

    def content_range(self, size: int) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{size}"


def condition(tag: str, if_match: Sequence[str], if_none_match: Sequence[str]) -> Condition:
    """Of a GET or HEAD, by the values of all header fields of these names; `tag` is the file's, without its quotes."""
    if if_match and not _names(if_match, tag, weakly=False):
        return Condition.FAILED
    if if_none_match and _names(if_none_match, tag, weakly=True):
        return Condition.NOT_MODIFIED
    return Condition.HOLDS


def asked_range(size: int, tag: str, ranges: Sequence[str], if_range: str | None) -> ByteRange | None:
    """The part of a file of `size` bytes that a GET asks for; None: the whole file. `ranges` are the values of all its
    Range fields. Raises UnsatisfiableRangeError."""
    if len(ranges) != 1 or size == 0:
        return None
    found = _RANGE.fullmatch(ranges[0])
    if found is None or (if_range is not None and if_range.strip() != f'"{tag}"'):
        return None
    first, last = found.groups()
    if not first:
        return _suffix(size, last) if last else None
    start = _number(first)
    if last and _number(last) < start:
        return None
    if start >= size:
        raise UnsatisfiableRangeError
    return ByteRange(start, min(_number(last) + 1, size) if last else size)


def _suffix(size: int, digits: str) -> ByteRange:
    length = _number(digits)
    if length == 0:
        raise UnsatisfiableRangeError
    return ByteRange(max(size - length, 0), size)


def _number(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _names(values: Sequence[str], tag: str, *, weakly: bool) -> bool:
    if any(value.strip() == "*" for value in values):
        return True
    return any(
        found == tag and (weakly or not weak) for value in values for weak, found in _TAG.findall(value)
    )  # fmt: skip
