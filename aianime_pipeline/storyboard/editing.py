"""A person's edits of a storyboard's shots. Pure: each gives a new storyboard, or is refused and says which and why.

A shot is named by its number, which stays with it wherever it stands: a number is never given to another shot, because
what was made of a shot is kept under it. Several edits follow each other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.storyboard.carried_prompts import carried_prompt
from aianime_pipeline.storyboard.checked_fields import checked_fields
from aianime_pipeline.storyboard.model import CameraMove, Framing, Shot, Storyboard
from aianime_pipeline.storyboard.v4_shot import LARGEST_NUMBER

MOST_SHOTS = 2_000
"""Of an episode: twenty times as many as one of two minutes has."""

FIRST = 0
"""As `after`: in front of all."""

_USUAL_MS = 3_000


@dataclass(frozen=True)
class InsertShot:
    """A new shot behind the shot `after`; None: the last. `fields` as in `ChangeShot`, a description at least."""

    fields: Mapping[str, Any]
    after: int | None = None


@dataclass(frozen=True)
class ChangeShot:
    """The fields of a shot that are others from now on, by their names, as JSON has them (checked_fields.py)."""

    shot: int
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class RemoveShot:
    shot: int


@dataclass(frozen=True)
class RestoreShot:
    """A shot that was removed stands behind `after` again, with what was made of it; None: the last."""

    shot: int
    after: int | None = None


@dataclass(frozen=True)
class MoveShot:
    shot: int
    after: int


@dataclass(frozen=True)
class OrderShots:
    """All shots, in the order that they are to have."""

    shots: tuple[int, ...]


ShotEdit = InsertShot | ChangeShot | RemoveShot | RestoreShot | MoveShot | OrderShots


def with_edits(
    storyboard: Storyboard, edits: Sequence[ShotEdit], *, removed: Mapping[int, Shot] | None = None
) -> Storyboard:
    """All or nothing. `removed`: shots that the episode had before, by number. A storyboard keeps one shot at least.

    Raises BadInputError (MissingDescriptionError and BadDurationError for those) with `edit`, its place in the list
    from 1, and the `field` where one is wrong.
    """
    gone = dict(removed or {})
    shots = list(storyboard.shots)
    for place, edit in enumerate(edits, start=1):
        try:
            shots = _edited(shots, edit, gone)
        except BadInputError as error:
            raise type(error)(f"Edit {place}: {error.message}", edit=place, **error.details) from error
    if edits and not shots:
        raise BadInputError("A storyboard keeps one shot at least.")
    return replace(storyboard, shots=tuple(shots))


def _edited(shots: list[Shot], edit: ShotEdit, gone: dict[int, Shot]) -> list[Shot]:
    match edit:
        case InsertShot():
            return _inserted(shots, _new_shot(shots, edit.fields, gone), edit.after)
        case ChangeShot():
            at = _place_of(shots, edit.shot)
            return [*shots[:at], _changed(shots[at], edit.fields), *shots[at + 1 :]]
        case RemoveShot():
            at = _place_of(shots, edit.shot)
            gone[edit.shot] = shots[at]
            return [*shots[:at], *shots[at + 1 :]]
        case RestoreShot():
            if edit.shot not in gone:
                told = _listed(gone) or "none"
                raise BadInputError(f"there is no removed shot {edit.shot}; there are {told}.", field="shot")
            _refuse_full(shots)
            return _inserted(shots, gone.pop(edit.shot), edit.after)
        case MoveShot():
            moved = shots[_place_of(shots, edit.shot)]
            if edit.after == edit.shot:
                raise BadInputError(f"shot {edit.shot} cannot stand behind itself.", field="after")
            return _inserted([shot for shot in shots if shot is not moved], moved, edit.after)
        case OrderShots():
            return _ordered(shots, edit.shots)


def _new_shot(shots: list[Shot], given: Mapping[str, Any], gone: Mapping[int, Shot]) -> Shot:
    _refuse_full(shots)
    number = max((*(shot.number for shot in shots), *gone), default=0) + 1
    if number > LARGEST_NUMBER:
        raise BadInputError(f"shots have the numbers 1 to {LARGEST_NUMBER:,}, and the last is taken.")
    blank = Shot(number, _USUAL_MS, Framing.MEDIUM, CameraMove.HOLD, "")
    return replace(blank, **checked_fields({"description": "", **given}, number))


def _refuse_full(shots: list[Shot]) -> None:
    if len(shots) >= MOST_SHOTS:
        raise BadInputError(f"the storyboard has {MOST_SHOTS:,} shots already, the most that one can have.")


def _changed(shot: Shot, given: Mapping[str, Any]) -> Shot:
    checked = checked_fields(given, shot.number)
    # The file's own words for a framing do not outlive it.
    for field, text in (("framing", "framing_text"), ("camera_move", "camera_text")):
        if field in checked and checked[field] is not getattr(shot, field):
            checked.setdefault(text, "")
    changed = replace(shot, **checked)
    if "prompt" not in checked:
        changed = replace(changed, prompt=carried_prompt(shot, changed))
    same = all(getattr(shot, field.name) == getattr(changed, field.name) for field in fields(Shot))
    # What was odd about the file has been looked at.
    return shot if same else replace(changed, warnings=())


def _inserted(shots: list[Shot], shot: Shot, after: int | None) -> list[Shot]:
    if after is None:
        return [*shots, shot]
    at = 0 if after == FIRST else _place_of(shots, after, "after") + 1
    return [*shots[:at], shot, *shots[at:]]


def _ordered(shots: list[Shot], numbers: Sequence[int]) -> list[Shot]:
    by_number = {shot.number: shot for shot in shots}
    if sorted(numbers) != sorted(by_number):
        missing, unknown = set(by_number) - set(numbers), set(numbers) - set(by_number)
        wrong = f"{_listed(missing)} missing" if missing else f"{_listed(unknown)} unknown" if unknown else "one twice"
        raise BadInputError(f"an order names every shot once: {wrong}.", field="shots")
    return [by_number[number] for number in numbers]


def _place_of(shots: list[Shot], number: int, field: str = "shot") -> int:
    for at, shot in enumerate(shots):
        if shot.number == number:
            return at
    raise BadInputError(f"there is no shot {number}.", field=field)


def _listed(numbers: Collection[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
