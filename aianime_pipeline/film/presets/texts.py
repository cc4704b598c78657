"""Export presets as JSON documents, and changes to them as people write them: `resolution=4k rate=23.976`. Pure."""

import dataclasses
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.presets.preset import CHOICES, RATES, SWITCHES, ExportPreset, one_of, wrong

FIELDS = tuple(field.name for field in dataclasses.fields(ExportPreset))

_YES_OR_NO = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
_SECONDS = re.compile(r"\d{1,12}(?:\.\d{1,6}|/[1-9]\d{0,6})?", re.ASCII)


def to_document(preset: ExportPreset) -> dict[str, Any]:
    """Every field, JSON-ready: the rate by its word, the poster's second as an exact number in text or None."""
    document = {field: getattr(preset, field) for field in FIELDS}
    document["rate"] = next(word for word, rate in RATES.items() if rate == preset.rate)
    document["languages"] = list(preset.languages)
    document["poster_second"] = None if preset.poster_second is None else str(preset.poster_second)
    return document


def preset_from_document(document: Any) -> ExportPreset:
    """A preset out of JSON. Only `name` must be there. Raises BadSettingError naming the field that is unknown, is
    missing, or holds what it cannot."""
    if not isinstance(document, Mapping):
        raise BadSettingError(f"An export preset is an object with the fields {', '.join(FIELDS)}.")
    for field in document:
        if field not in FIELDS:
            raise BadSettingError(f"{field!r} is no field of an export preset; there are: {', '.join(FIELDS)}.")
    if "name" not in document:
        raise BadSettingError("An export preset needs a name.", field="name")
    return ExportPreset(**{field: _value(field, value) for field, value in document.items()})


def parse_change(field: str, text: str) -> Any:
    """The value of `field` (with hyphens or underscores) out of a person's words. Raises BadSettingError naming the
    field and what it takes."""
    field = field.replace("-", "_")
    if field not in FIELDS or field == "name":
        changeable = ", ".join(name for name in FIELDS if name != "name")
        raise BadSettingError(f"{field!r} cannot be changed in an export preset; it takes {changeable}.")
    plain = text.strip().lower()
    if field in CHOICES:
        for choice in CHOICES[field]:
            if plain == str(choice):
                return choice
        raise wrong(field, text, one_of(CHOICES[field]))
    if field in SWITCHES:
        if plain not in _YES_OR_NO:
            raise wrong(field, text, "yes or no")
        return _YES_OR_NO[plain]
    if field == "languages":
        return tuple(code.strip() for code in text.split(",") if code.strip())
    return _rate(plain) if field == "rate" else _poster_second(plain)


def with_changes(preset: ExportPreset, /, **texts: str) -> ExportPreset:
    """The preset with fields changed by a person's words. Raises BadSettingError."""
    changes = {field.replace("-", "_"): parse_change(field, text) for field, text in texts.items()}
    return dataclasses.replace(preset, **changes)


def _value(field: str, value: Any) -> Any:
    """What JSON holds, as the preset's own type; what is of no right type is left for the preset to refuse."""
    if field == "languages":
        return tuple(value) if isinstance(value, list) else value
    number = isinstance(value, str | int | float) and not isinstance(value, bool)
    if field == "rate":
        return _rate(str(value)) if number else value
    if field == "poster_second":
        return _poster_second(str(value)) if number else value
    return value


def _rate(text: str) -> Fraction:
    for word, rate in RATES.items():
        if text in (word, str(rate), f"{word}.0"):
            return rate
    raise wrong("rate", text, one_of(RATES))


def _poster_second(text: str) -> Fraction | None:
    if text == "none":
        return None
    if not _SECONDS.fullmatch(text):
        raise wrong("poster_second", text, "seconds from 0 up such as 1.5, or none")
    return Fraction(text)
