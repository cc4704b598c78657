"""Reading the values of a JSON document strictly: nothing is guessed, and each error names the field and what would
be right there. Pure.

Documents come from people and from programs, so a value may be anything at all. Numbers have bounds: a timeline
counts no more than a day, and an integer of a million digits cannot even be put into a message.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from aianime_pipeline.errors import BadInputError

MOST_FRAMES = 24 * 60 * 60 * 120
MOST_SAMPLES = 24 * 60 * 60 * 48_000
MOST_MS = 24 * 60 * 60 * 1000
MOST_SHOT = 999_999_999
_MOST_TEXT = 20_000
_RATE = re.compile(r"[0-9]{1,9}(/[0-9]{1,9})?")

_Choice = TypeVar("_Choice", bound=StrEnum)
_Made = TypeVar("_Made")
_REQUIRED: Any = object()


class Fields:
    """One JSON object of a document, at `path` in it. Every key must be read: `closed` refuses what is left over."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, Mapping):
            raise BadInputError(f"{path or 'The document'} is {shown(value)}; an object is wanted.")
        self._value = value
        self._path = path
        self._known: list[str] = []

    def path(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        """Whether there is something to read: a null counts as left out."""
        return self._raw(name, None) is not None

    def integer(self, name: str, least: int, most: int, default: int = _REQUIRED) -> int:
        value = self._raw(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self._bad(name, value, f"a whole number from {least} to {most}")
        return value

    def number(self, name: str, default: float) -> float:
        """The model knows the bounds of a level; here it only has to be a number that a float can hold."""
        value = self._raw(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._bad(name, value, "a number")
        if not (-1e6 <= value <= 1e6) or not math.isfinite(value):
            raise self._bad(name, value, "a number from -60 to 60")
        return float(value)

    def truth(self, name: str, default: bool) -> bool:
        value = self._raw(name, default)
        if not isinstance(value, bool):
            raise self._bad(name, value, "true or false")
        return value

    def text(self, name: str, default: str = _REQUIRED) -> str:
        return _text(self._raw(name, default), self.path(name))

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(_text(value, path) for value, path in self._items(name, _REQUIRED, 100))

    def choice(self, name: str, kind: type[_Choice], default: _Choice = _REQUIRED) -> _Choice:
        value = self._raw(name, default)
        if not isinstance(value, str) or value not in {one.value for one in kind}:
            raise self._bad(name, value, "one of " + ", ".join(one.value for one in kind))
        return kind(value)

    def rate(self, name: str) -> Fraction:
        value = self._raw(name, _REQUIRED)
        if not isinstance(value, str) or not _RATE.fullmatch(value) or value.rpartition("/")[2].strip("0") == "":
            raise self._bad(name, value, 'frames a second as text, such as "24" or "24000/1001"')
        return Fraction(value)

    def objects(self, name: str, most: int, make: Callable[["Fields"], _Made]) -> tuple[_Made, ...]:
        """What `make` makes of each object of a list; an empty one where the list is left out. What it raises gets the
        object's path, and what it does not read is refused."""
        return tuple(_made(make, value, path) for value, path in self._items(name, (), most))

    def object(self, name: str, make: Callable[["Fields"], _Made]) -> _Made | None:
        """What `make` makes of an object; None where it is left out or null."""
        value = self._raw(name, None)
        return None if value is None else _made(make, value, self.path(name))

    def closed(self) -> None:
        """Raises BadInputError for a key that nobody read."""
        for key in self._value:
            if key not in self._known:
                where = f" in {self._path}" if self._path else ""
                raise BadInputError(f"There is no field {shown(key)}{where}; known are {', '.join(self._known)}.")

    def _raw(self, name: str, default: Any) -> Any:
        if name not in self._known:
            self._known.append(name)
        value = self._value.get(name, default)
        if value is _REQUIRED:
            raise BadInputError(f"{self.path(name)} is missing.")
        return value

    def _items(self, name: str, default: Any, most: int) -> Iterator[tuple[Any, str]]:
        value = self._raw(name, default)
        if not isinstance(value, list | tuple):
            raise self._bad(name, value, "a list")
        if len(value) > most:
            raise BadInputError(f"{self.path(name)} has {len(value)} entries; at most {most} can be.")
        return ((item, f"{self.path(name)}[{place}]") for place, item in enumerate(value))

    def _bad(self, name: str, value: Any, right: str) -> BadInputError:
        return BadInputError(f"{self.path(name)} is {shown(value)}; right would be {right}.")


def shown(value: Any) -> str:
    """A value as a message can name it, however strange it is."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and abs(value) >= 10**18:
        return "a number far too large"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:59] + "…")
    return (
        "an object" if isinstance(value, Mapping) else "a list" if isinstance(value, list | tuple) else "no JSON value"
    )


def _made(make: Callable[[Fields], _Made], value: Any, path: str) -> _Made:
    fields = Fields(value, path)
    try:
        made = make(fields)
    except BadInputError as error:
        if error.message.startswith((path, "There is no field")):
            raise
        raise BadInputError(f"{path}: {error.message}", **error.details) from error
    fields.closed()
    return made


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise BadInputError(f"{path} is {shown(value)}; right would be a text.")
    if len(value) > _MOST_TEXT:
        raise BadInputError(f"{path} has {len(value)} characters; at most {_MOST_TEXT} can be.")
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise BadInputError(f"{path} is {shown(value)}: it holds something that is no character.")
    return value
