"""A storyboard as a JSON-ready document, for storing: every field, exactly, both ways."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, fields
from functools import cache
from typing import Any

from aianime_pipeline.errors import StoryboardFormatError
from aianime_pipeline.storyboard.model import (
    CameraMove,
    Framing,
    ScenePlan,
    Shot,
    Storyboard,
    StoryboardNotice,
    Transition,
)

WORDS = {"framing": Framing, "camera_move": CameraMove, "transition": Transition}


def shot_to_document(shot: Shot) -> dict[str, Any]:
    """Lists for tuples, words for enumerations, a sorted list for `wants`."""
    return {field.name: _to_json(getattr(shot, field.name)) for field in fields(Shot)}


def shot_from_document(document: Mapping[str, Any]) -> Shot:
    """The shot that was stored. Fields that a document lacks have their default; `extra` is the document's own.

    Raises StoryboardFormatError where a field is unknown, needed and missing, or holds a word that is not ours.
    """
    _check_fields(document, fields(Shot), "shot")
    return Shot(**{name: _shot_value(name, value) for name, value in document.items()})


def to_document(storyboard: Storyboard) -> dict[str, Any]:
    """The whole storyboard, its shots and notices included."""
    document = {field.name: getattr(storyboard, field.name) for field in fields(Storyboard)}
    document["shots"] = [shot_to_document(shot) for shot in storyboard.shots]
    document["notices"] = [
        {"message": notice.message, "shot": notice.shot, "line": notice.line} for notice in storyboard.notices
    ]
    document["planned_by"] = [asdict(plan) for plan in storyboard.planned_by]
    document["extra"] = _copied(storyboard.extra)
    return document


def from_document(document: Mapping[str, Any]) -> Storyboard:
    """The storyboard that was stored; errors as in `shot_from_document`."""
    _check_fields(document, fields(Storyboard), "storyboard")
    values = dict(document)
    values["shots"] = tuple(shot_from_document(shot) for shot in document["shots"])
    values["notices"] = tuple(StoryboardNotice(**notice) for notice in document.get("notices", ()))
    values["planned_by"] = tuple(ScenePlan(**plan) for plan in document.get("planned_by", ()))
    return Storyboard(**values)


def _to_json(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, (Framing, CameraMove, Transition)):
        return value.value
    return _copied(value)


def _copied(value: Any) -> Any:
    """Of JSON: a tenth of the time of a deep copy, which has to be ready for anything."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Mapping):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _shot_value(name: str, value: Any) -> Any:
    if name in WORDS:
        try:
            return WORDS[name](value)
        except ValueError:
            right = ", ".join(WORDS[name])
            raise StoryboardFormatError(f"A stored shot's {name} is “{value}”; it must be one of {right}.") from None
    if name == "wants":
        return frozenset(value)
    return tuple(value) if isinstance(value, list) else value


def _check_fields(document: Mapping[str, Any], known: tuple[Field[Any], ...], what: str) -> None:
    names, needed = _names(known)
    unknown = sorted(document.keys() - names)
    missing = [name for name in needed if name not in document]
    if unknown or missing:
        raise StoryboardFormatError(
            f"A stored {what} has unknown fields {unknown} and lacks {missing}; it was written by another version."
        )


@cache
def _names(known: tuple[Field[Any], ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Those of all the fields, and of those without a default."""
    needed = [field.name for field in known if field.default is MISSING and field.default_factory is MISSING]
    return frozenset(field.name for field in known), tuple(needed)
