"""Frozen looks: what makes a character, a location or a prop the same thing in every picture.

A look is a JSON-ready sheet derived from the name and the hints of the description; it is stored with the asset and
handed back with every request, so that a later change here changes no character of a running series. `recipe` is
the version of this derivation. Words and palettes are in `look_words.py`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from aianime_pipeline.providers.local import look_words as words
from aianime_pipeline.providers.local.pictures.colours import distance, from_hex
from aianime_pipeline.providers.local.pictures.places import PLACE_WORDS
from aianime_pipeline.providers.local.pictures.seeding import digest_number, pick
from aianime_pipeline.providers.local.pictures.things import THING_WORDS
from aianime_pipeline.providers.local.pictures.vocabulary import (
    all_meanings,
    first_meaning,
    mentions,
    strongest_meaning,
)

RECIPE = 1
AssetKind = Literal["character", "location", "prop"]

_CLOTH = (
    "衣|衫|裙|袍|裳|装|外套|大衣|毛衣|卫衣|衬|甲|褂|服|T恤|"
    "dress|shirt|coat|robe|suit|jacket|sweater|hoodie|skirt|clothe|hanfu|gown|uniform"
)
_HAIR = "发|头发|辫|hair|braid|ponytail"
_EYES = "眼|瞳|眸|eye"


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
    return _character(name, description, [look for look in taken if look.get("kind") == "character"], project)


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


def _character(name: str, description: str, taken: Sequence[Mapping[str, Any]], project: str) -> dict[str, Any]:
    text = f"{name}\n{description}"
    gender = _gender(name, description)
    age = _age(text)
    era = _era(text, project, taken)
    hair_style = _hair_style(text, gender, age, era, name)
    outfit = _outfit(text, gender, age, era, name)
    main = _cloth_colour(text, outfit, era, name, taken)
    elder = age == "elder"
    hair = _colour_near(text, _HAIR, words.HAIR_COLOURS) or (
        pick(("d9d8e0", "b9bac6", "c9c5c4"), "grey", name)
        if elder
        else _far_from(words.HAIR_PALETTE[era], _colours(taken, "hair"), "hair", name)
    )
    build = first_meaning(text, words.BUILD_WORDS) or "usual"
    return {
        "recipe": RECIPE,
        "kind": "character",
        "name": name,
        "gender": gender,
        "age": age,
        "era": era,
        "skin": pick(words.SKIN_PALETTE[: 4 if gender == "female" else 5], "skin", name),
        "hair": {"colour": hair, "style": hair_style, "bangs": _bangs(text, gender, age, name)},
        "eyes": {
            "colour": _colour_near(text, _EYES, words.EYE_COLOURS) or pick(words.EYE_PALETTE, "eyes", name),
            "shape": pick(("round", "almond", "tilted") if gender == "female" else ("almond", "narrow"), "shape", name),
        },
        "outfit": {"kind": outfit, "main": main, "second": _second_colour(main, name), "accent": _accent(main, name)},
        "build": {
            "frame": build,
            "heads": _heads(gender, age, text, name),
            "shoulders": _shoulders(gender, age, build),
        },
        "accessories": _accessories(text, gender, age, name),
    }


def _gender(name: str, description: str) -> str:
    for text in (description, name):
        found = all_meanings(text, words.GENDER_WORDS)
        if found:
            return found[0]
    first = re.split(r"[\s,·.]+", name.strip().lower())[0]
    if first in words.FEMALE_NAMES or first in words.MALE_NAMES:
        return "female" if first in words.FEMALE_NAMES else "male"
    given = name[1:] or name
    lean = sum(c in words.FEMALE_NAME_SIGNS for c in given) - sum(c in words.MALE_NAME_SIGNS for c in given)
    if lean:
        return "female" if lean > 0 else "male"
    return pick(("female", "male"), "gender", name)


def _age(text: str) -> str:
    years = re.search(r"(\d{1,2})\s*(?:岁|years? old|-year-old)", text.lower())
    if years:
        n = int(years.group(1))
        return "child" if n < 13 else "young" if n < 28 else "adult" if n < 58 else "elder"
    for word in words.NOT_OLD:
        text = text.replace(word, "")
    return first_meaning(text, words.AGE_WORDS) or "young"


def _era(text: str, project: str, taken: Sequence[Mapping[str, Any]]) -> str:
    for hint in (text, project):
        found = strongest_meaning(hint, words.ERA_WORDS)
        if found:
            return found
    ancient = sum(look.get("era") == "ancient" for look in taken)
    return "ancient" if ancient * 2 > len(taken) else "modern"


def _hair_style(text: str, gender: str, age: str, era: str, name: str) -> str:
    style = first_meaning(text, words.HAIR_WORDS)
    if style == "bob" and gender == "male":
        return "short"
    if style:
        return style
    female = gender == "female"
    if era == "ancient":
        if age == "child":
            return "double_bun" if female else "topknot"
        if female:
            return "bun" if age == "elder" else pick(("half_up", "long", "half_up", "bun"), "style", name)
        return "topknot" if age in ("elder", "adult") else pick(("half_up", "topknot", "ponytail"), "style", name)
    if female:
        options = ("bun", "bob") if age == "elder" else ("long", "bob", "ponytail", "wavy", "long")
        return pick(options, "style", name)
    return pick(("short", "parted") if age in ("elder", "adult") else ("messy", "parted", "short"), "style", name)


def _bangs(text: str, gender: str, age: str, name: str) -> str:
    if mentions(text, ("刘海", "齐刘海", "bangs", "fringe")):
        return "straight"
    if age == "elder":
        return "none"
    return pick(
        ("parted", "swept", "straight", "swept") if gender == "female" else ("swept", "parted", "spiky"), "bangs", name
    )


def _outfit(text: str, gender: str, age: str, era: str, name: str) -> str:
    kind = first_meaning(text, words.OUTFIT_WORDS)
    if kind:
        return kind
    if era == "ancient":
        return "hanfu"
    if age == "elder":
        return pick(("sweater", "coat"), "outfit", name)
    return pick(("coat", "sweater", "shirt", "hoodie", "dress" if gender == "female" else "suit"), "outfit", name)


def _cloth_colour(text: str, outfit: str, era: str, name: str, taken: Sequence[Mapping[str, Any]]) -> str:
    named = _colour_near(text, _CLOTH, words.CLOTH_COLOURS)
    if named:
        return named
    if outfit == "doctor":
        return "eceef0"
    if outfit in ("suit", "uniform", "school"):
        return _far_from(("2f3850", "3d3f4c", "4a3a40", "2f4a4c", "5a5560"), _colours(taken, "outfit"), "suit", name)
    if outfit in ("work", "armour"):
        return _far_from(("7a6a55", "5f6a70", "6b5a4a", "4f5f6a", "75624a"), _colours(taken, "outfit"), "work", name)
    return _far_from(words.CLOTH_PALETTE[era], _colours(taken, "outfit"), "cloth", name)


def _colour_near(text: str, thing: str, colours: Mapping[str, str]) -> str | None:
    """A colour word that stands shortly before one of the things: `月白色长衫`, `red silk dress`."""
    for key, names in words.COLOUR_WORDS.items():
        for word in names:
            gap = r"(?:\s+\w+){0,2}\s+\w*" if word.isascii() else r"[^，。,.;；、\s衣衫裙袍裳装发眼眸]{0,3}?"
            start = r"\b" if word.isascii() else ""
            if re.search(f"{start}{word}{gap}(?:{thing})", text.lower()):
                return colours[key]
    return None


def _far_from(palette: Sequence[str], taken: Sequence[str], *parts: object) -> str:
    """The palette's colour by chance of the name, or the one farthest from those taken."""
    if not taken:
        return pick(palette, *parts)
    start = digest_number(*parts) % len(palette)
    order = [*palette[start:], *palette[:start]]
    return max(order, key=lambda c: min(distance(from_hex(c), from_hex(t)) for t in taken))


def _colours(taken: Sequence[Mapping[str, Any]], part: str) -> list[str]:
    found = (look.get(part, {}).get("colour" if part == "hair" else "main") for look in taken)
    return [c for c in found if isinstance(c, str) and re.fullmatch(r"#?[0-9a-fA-F]{6}", c)]


def _second_colour(main: str, name: str) -> str:
    light = sum(from_hex(main)) > 540
    return pick(("5b6f8c", "8c5f66", "5d7a6e", "6f6484") if light else ("e8e2d6", "d9dde4", "efe4d8"), "second", name)


def _accent(main: str, name: str) -> str:
    return max(
        ("c9a24e", "a83f46", "3f6f8c", "4f7d5c"),
        key=lambda c: (distance(from_hex(c), from_hex(main)) > 180, pick((0, 1, 2), c, name)),
    )


def _heads(gender: str, age: str, text: str, name: str) -> float:
    tall = 0.25 if mentions(text, ("高大", "高挑", "tall")) else 0.0
    base = {"child": 4.9, "young": 6.5, "adult": 6.8, "elder": 6.3}[age] + (
        0.2 if gender == "male" and age != "child" else 0
    )
    return round(base + tall + pick((-0.1, 0.0, 0.1), "heads", name), 2)


def _shoulders(gender: str, age: str, build: str) -> float:
    base = {"child": 0.48, "young": 0.60, "adult": 0.63, "elder": 0.60}[age] + (
        0.13 if gender == "male" and age != "child" else 0
    )
    return round(base + {"broad": 0.11, "slim": -0.04, "stout": 0.12}.get(build, 0.0), 2)


def _accessories(text: str, gender: str, age: str, name: str) -> list[str]:
    found = list(all_meanings(text, words.ACCESSORY_WORDS))
    if age == "elder" and gender == "male" and "beard" not in found:
        found.append("beard")
    if age == "adult" and gender == "male" and not found and pick((0, 0, 1), "stubble", name):
        found.append("stubble")
    return found


def _location(name: str, description: str) -> dict[str, Any]:
    place = strongest_meaning(name, PLACE_WORDS) or strongest_meaning(description, PLACE_WORDS) or ""
    text = f"{name}\n{description}"
    return {
        "recipe": RECIPE,
        "kind": "location",
        "name": name,
        "place": place,
        "era": strongest_meaning(text, words.ERA_WORDS) or "",
        "layout": digest_number("layout", name) % 2**31,
    }


def _prop(name: str, description: str) -> dict[str, Any]:
    text = f"{name}\n{description}"
    named = next((words.CLOTH_COLOURS[k] for k in all_meanings(text, words.COLOUR_WORDS)), None)
    return {
        "recipe": RECIPE,
        "kind": "prop",
        "name": name,
        "thing": strongest_meaning(name, THING_WORDS) or strongest_meaning(description, THING_WORDS) or "box",
        "colour": named or pick(words.PROP_COLOURS, "prop", name),
        "coloured": named is not None,
    }
