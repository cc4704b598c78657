"""The options of a provider or a model that are the adapter's own, read so that every mistake is told by its name.

An option that nobody knows is a mistake, and so is one of the wrong kind: a key written wrongly would otherwise only
show in the bill.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aianime_pipeline.errors import BadSettingError


class Options:
    """`place` is said in every mistake: the name of the provider or of the model."""

    def __init__(self, found: Mapping[str, Any], place: str, known: Sequence[str]) -> None:
        """Raises BadSettingError for an option that is not `known`."""
        for name in found:
            if name not in known:
                there_are = f"there are {', '.join(known)}" if known else "there are none"
                raise BadSettingError(f"{place}: the option {name!r} means nothing; {there_are}.")
        self._found, self._place = found, place

    def given(self, name: str) -> bool:
        return name in self._found

    def flag(self, name: str, default: bool) -> bool:
        value = self._found.get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def whole(self, name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
        value = self._found.get(name, default)
        fits = isinstance(value, int) and not isinstance(value, bool)
        if not fits or value < least or (most is not None and value > most):
            raise self._wrong(name, f"a whole number from {least}" + ("" if most is None else f" to {most}"))
        return int(value)

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        value = self._found.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self._wrong(name, f"a number from {least:g} to {most:g}")
        return float(value)

    def word(self, name: str, default: str, allowed: Sequence[str] = ()) -> str:
        """A text; one of `allowed` where there are some."""
        value = self._found.get(name, default)
        if not isinstance(value, str) or (allowed and value not in allowed):
            raise self._wrong(name, f"one of {', '.join(allowed)}" if allowed else "a text")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        value = self._found.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._wrong(name, "a list of texts")
        return tuple(value)

    def seconds(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """Whole numbers from 1, one at least."""
        value = self._found.get(name, list(default))
        fits = isinstance(value, list) and value and all(type(one) is int and one > 0 for one in value)
        if not fits:
            raise self._wrong(name, "a list of whole seconds such as [5, 10]")
        return tuple(value)

    def table(self, name: str) -> Mapping[str, Any]:
        value = self._found.get(name, {})
        if not isinstance(value, Mapping):
            raise self._wrong(name, "a table")
        return value

    def _wrong(self, name: str, takes: str) -> BadSettingError:
        return BadSettingError(f"{self._place}: the option {name} is {self._found.get(name)!r}; it takes {takes}.")
