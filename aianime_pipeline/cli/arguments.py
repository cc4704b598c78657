"""What the commands have in common: how shots, lengths and changes are written, and how one JSON object is printed.

People here type on Chinese keyboards: full-width digits, commas and signs mean what the narrow ones do.
"""

import json
import math
import re
from collections.abc import Collection, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from aianime_pipeline.errors import BadInputError, BadSettingError, NotFoundError


def counted(text: str) -> int:
    """A shot's number, a place, a version. Raises BadSettingError."""
    if not _COUNT.fullmatch(plain := narrow(str(text))):
        raise BadSettingError(f"{text!r} is no number; right would be 3.")
    return int(plain)


def narrow(text: str) -> str:
    """Full-width letters, digits and signs as the narrow ones."""
    return text.translate(_NARROW).strip()


_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {ord("−"): "-", ord("　"): " "}
"""Only those: Unicode's own folding makes a 2 of ² as well."""
_COUNT = re.compile(r"[0-9]{1,9}")
_SAMPLES_A_SECOND = 48_000

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
EpisodeKey = Annotated[str, typer.Argument(metavar="EPISODE_KEY", help="Such as moonlit-e012.")]
ShotNumber = Annotated[int, typer.Argument(parser=counted, metavar="SHOT", help="The shot's number.")]
Version = Annotated[
    int | None,
    typer.Option("--version", parser=counted, metavar="N", help="Only if the edit still has this version (see show)."),
]

_SHOTS = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")
_LENGTH = re.compile(r"([+-]?)([0-9]{1,9})(\.[0-9]{1,6})?\s*(f|s?)", re.IGNORECASE)
_GAIN = re.compile(r"([+-]?[0-9]{1,6}(?:\.[0-9]{1,6})?)\s*(?:db)?", re.IGNORECASE)


def print_json(document: Any) -> None:
    # Bytes of an argument that are no UTF-8 are half characters here: they go out as JSON's own escapes.
    typer.echo(json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace").decode())


def shot_numbers(text: str | None) -> list[int]:
    """`3,4` and `7-9` as numbers, none for None. Raises BadSettingError, also for a text that names no shot."""
    if text is None:
        return []
    numbers: list[int] = []
    for part in re.split("[,、]", narrow(text)):
        found = _SHOTS.fullmatch(part.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last:
            raise BadSettingError(f"{part.strip()!r} names no shot; right would be 3,4 or 7-9.")
        numbers += range(first, last + 1)
    return numbers


def frames_of(text: str, rate: Fraction, *, bare: Literal["f", "s"]) -> int:
    """`36f` or `1.5s` as frames at `rate`, the nearest one; `bare` says what a number alone is. May be negative.

    Raises BadSettingError.
    """
    seconds, number = _length(text, bare)
    return math.floor(number * rate + Fraction(1, 2)) if seconds else int(number)


def samples_of(text: str, rate: Fraction) -> int:
    """`1.5s`, `1.5` or, in frames at `rate`, `36f` as samples at 48 kHz. May be negative. Raises BadSettingError."""
    seconds, number = _length(text, "s")
    return round((number if seconds else number / rate) * _SAMPLES_A_SECOND)


def milliseconds_of(text: str, rate: Fraction) -> int:
    """As `samples_of`, in milliseconds."""
    return round(Fraction(samples_of(text, rate) * 1000, _SAMPLES_A_SECOND))


def decibels(text: str) -> float:
    """`-6`, `-6dB` or `+3.5`. Raises BadSettingError."""
    found = _GAIN.fullmatch(narrow(text))
    if found is None:
        raise BadSettingError(f"{text!r} is no gain; right would be -6 or +3.5, in dB.")
    return float(found[1])


def one_of(name: str, value: str, choices: Collection[str]) -> str:
    """The value, which is one of `choices`. Raises BadSettingError that lists them."""
    plain = narrow(value).replace("-", "_")
    if plain not in choices:
        raise BadSettingError(f"{name} is {value!r}; it takes one of {', '.join(choices)}.")
    return plain


def nth(number: int, there: int, what: str, shot: int) -> int:
    """The number of something that hangs on a shot, counted from 0 and not, as people do, from 1.

    Raises BadInputError where there are fewer.
    """
    if 1 <= number <= there:
        return number - 1
    has = f"it has 1 to {there}" if there > 1 else "it has one" if there else "it has none"
    raise BadInputError(f"Shot {shot} has no {what} number {number}; {has}.", shot=shot)


def changes_of(words: Sequence[str]) -> dict[str, str]:
    """`field=value` words by their field. Raises BadSettingError."""
    changes: dict[str, str] = {}
    for word in words:
        field, sign, value = narrow(word).partition("=")
        if not sign or not field.strip():
            raise BadSettingError(f"{word!r} changes nothing; right would be resolution=4k.")
        changes[field.strip().replace("-", "_")] = value.strip()
    return changes


def file_there(path: Path) -> Path:
    """Raises NotFoundError for what is no file."""
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.", path=str(path))
    return path


def exactly_one(**given: object) -> str:
    """The name of the only option that is given. Raises BadInputError naming them all."""
    there = [name for name, value in given.items() if value is not None and value is not False]
    if len(there) != 1:
        names = " or ".join(name if name.isupper() else f"--{name.replace('_', '-')}" for name in given)
        raise BadInputError(f"Give {names}{', and only one of them' if there else ''}.")
    return there[0]


def _length(text: str, bare: Literal["f", "s"]) -> tuple[bool, Fraction]:
    """Whether it is in seconds, and the number."""
    found = _LENGTH.fullmatch(narrow(text))
    unit = (found[4].lower() or bare) if found else ""
    if found is None or (unit == "f" and found[3]):
        raise BadSettingError(f"{text!r} is no length; right would be 36f in frames or 1.5s in seconds.")
    return unit == "s", Fraction(found[1] + found[2] + (found[3] or ""))
