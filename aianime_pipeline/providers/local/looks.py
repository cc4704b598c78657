"""Frozen looks: what makes a character, a location or a prop the same thing in every picture.

A look is a JSON-ready sheet derived from the name and the hints of the description; it is stored with the asset and
handed back with every request, so that a later change here changes no character of a running series. `recipe` is
the version of this derivation. People are in `looks_of_people.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from aianime_pipeline.providers.local import look_words as words
from aianime_pipeline.providers.local.colour_reading import first_colour
from aianime_pipeline.providers.local.looks_of_people import character_look
from aianime_pipeline.providers.local.pictures.flames import flame_colour
from aianime_pipeline.providers.local.pictures.places import place_named
from aianime_pipeline.providers.local.pictures.seeding import digest_number, pick
from aianime_pipeline.providers.local.pictures.things import THING_WORDS, things_named
from aianime_pipeline.providers.local.pictures.vocabulary import strongest_meaning

RECIPE = 2
AssetKind = Literal["character", "location", "prop"]


def look_for(kind: AssetKind, name: str, description: str = "", *, project: str = "") -> dict[str, Any]:
    """The frozen look of an asset. `project` is the series' name or style text: it hints at the era, nothing else."""
    return distinct_look_for(kind, name, description, (), project=project)


def distinct_look_for(
    kind: AssetKind, name: str, description: str = "", taken: Sequence[Mapping[str, Any]] = (), *, project: str = ""
) -> dict[str, Any]:
    """As `look_for`, but away from the hair and clothing colours in the looks `taken`, and in their era.

    What the description says outright is kept even where somebody else has it.
    """
    if kind == "location":
        return _location(name, description)
    if kind == "prop":
        return _prop(name, description)
    others = [look for look in taken if look.get("kind") == "character"]
    return {"recipe": RECIPE, **character_look(name, description, others, project)}


def complete_look(
    kind: AssetKind, name: str, description: str, sheet: Mapping[str, Any], *, project: str = ""
) -> dict[str, Any]:
    """The sheet with every field that it lacks filled in from the name and the description."""
    return _merged(look_for(kind, name, description, project=project), sheet)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` wins where it has a value of the same type; anything else in it would break the drawing."""
    merged = dict(base)
    for key, value in over.items():
        known = base.get(key)
        if isinstance(known, Mapping):
            merged[key] = _merged(known, value) if isinstance(value, Mapping) else known
        elif key not in base or isinstance(value, type(known)) or {type(value), type(known)} <= {int, float}:
            merged[key] = value
    return merged


def _location(name: str, description: str) -> dict[str, Any]:
    text = f"{name}\n{description}"
    return {
        "recipe": RECIPE,
        "kind": "location",
        "name": name,
        "place": place_named(name) or place_named(description) or "",
        "era": strongest_meaning(text, words.ERA_WORDS) or "",
        "layout": digest_number("layout", name) % 2**31,
    }


def _prop(name: str, description: str) -> dict[str, Any]:
    text = f"{name}\n{description}"
    named = first_colour(name) or first_colour(description)
    things = things_named(name) or things_named(description)
    flame = flame_colour(text)
    # A lamp that burns blue is not a blue lamp.
    own = named if named and not (flame and things and things[0] in THING_WORDS and "灯" in name) else None
    return {
        "recipe": RECIPE,
        "kind": "prop",
        "name": name,
        "thing": things[0] if things else "box",
        "colour": own.colour if own else pick(words.PROP_COLOURS, "prop", name),
        "coloured": own is not None,
        "flame": flame or "",
    }
