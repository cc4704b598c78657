"""Values of the providers' file, each read so that a mistake is told with its place and what would be right. Pure.

All of these raise BadSettingError. `place` is where the value stands, such as `providers.ark.models.seedream`.
"""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from aianime_pipeline.errors import BadSettingError

_MOST_MONEY = Decimal(1_000_000)
_MOST_DECIMALS = 12


def only_known(entry: Mapping[str, Any], place: str, known: Sequence[str], hint: str = "") -> None:
    """A key that means nothing is a mistake. `hint` is said with the keys that there are."""
    for key in entry:
        if key not in known:
            where = f"{place}.{key}" if place else key
            raise BadSettingError(f"{where} means nothing; there are {', '.join(known)}{hint}.")


def table(found: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise BadSettingError(f"{place} takes a table, not a single value.")
    return found


def plain_table(entry: Mapping[str, Any], place: str, key: str) -> Mapping[str, Any]:
    """A table that goes into records as JSON; empty where there is none."""
    found = table(entry.get(key, {}), f"{place}.{key}")
    _check_plain(found, f"{place}.{key}")
    return found


def word(entry: Mapping[str, Any], place: str, key: str, known: Sequence[str]) -> str:
    found = entry.get(key)
    if found not in known:
        raise BadSettingError(f"{place}.{key} is {_told(found)}; it takes one of {', '.join(known)}.")
    return str(found)


def text(entry: Mapping[str, Any], place: str, key: str) -> str:
    found = entry.get(key)
    if not isinstance(found, str) or not found.strip():
        raise BadSettingError(f"{place}.{key} is {_told(found)}; it takes a text.")
    return found.strip()


def whole_number(entry: Mapping[str, Any], place: str, key: str) -> int | None:
    """From 1; None where there is none."""
    found = entry.get(key)
    if found is None:
        return None
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise BadSettingError(f"{place}.{key} is {_told(found)}; it takes a whole number from 1.")
    return found


def amount(found: Any, place: str) -> Decimal:
    """Of money, in units of a currency."""
    try:
        read = Decimal(str(found))
    except InvalidOperation:
        read = Decimal("NaN")
    exponent = read.as_tuple().exponent
    if not isinstance(exponent, int) or not 0 <= read <= _MOST_MONEY or exponent < -_MOST_DECIMALS:
        raise BadSettingError(f'{place} is {_told(found)}; it takes an amount such as "0.25", {_MOST_MONEY} at most.')
    return read


def _check_plain(found: Any, place: str) -> None:
    if isinstance(found, dict):
        for name, value in found.items():
            _check_plain(value, f"{place}.{name}")
    elif isinstance(found, list):
        for number, value in enumerate(found):
            _check_plain(value, f"{place}[{number}]")
    elif not isinstance(found, str | int | float) or (isinstance(found, float) and not math.isfinite(found)):
        raise BadSettingError(f"{place} is {found}; write it as a text in quotes.")


def _told(found: Any) -> str:
    """As it stands in the file, or nearly."""
    if found is None:
        return "missing"
    return str(found).lower() if isinstance(found, bool) else repr(found)
