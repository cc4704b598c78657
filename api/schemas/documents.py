"""Documents of any form in bodies: only what every database keeps as it came."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator

DEEPEST = 32


def _storable(document: dict[str, Any]) -> dict[str, Any]:
    _check(document, 0)
    return document


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"it is nested more than {DEEPEST} deep")
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValueError("a text in it has a character that is none (NUL, or half of one)")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number in it is none")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check(name, depth + 1)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)


Document = Annotated[dict[str, Any], AfterValidator(_storable)]
