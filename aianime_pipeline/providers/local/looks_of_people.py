"""The frozen look of a character: from what the description says, and by chance of the name where it says nothing."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aianime_pipeline.providers.local import look_words as words
from aianime_pipeline.providers.local.colour_reading import colours_of_things
from aianime_pipeline.providers.local.looks_in_colour import accent_colour, cloth_colour, hair_colour, second_colour
from aianime_pipeline.providers.local.pictures.flames import flame_colour
from aianime_pipeline.providers.local.pictures.scene_words import CARRIED
from aianime_pipeline.providers.local.pictures.seeding import pick
from aianime_pipeline.providers.local.pictures.things import STANDS, things_named
from aianime_pipeline.providers.local.pictures.vocabulary import (
    all_meanings,
    first_meaning,
    mentions,
    strongest_meaning,
)

YEARS = {"child": 8, "young": 20, "adult": 38, "elder": 68}
"""Assumed where only the age's word is known."""


def character_look(name: str, description: str, taken: Sequence[Mapping[str, Any]], project: str) -> dict[str, Any]:
    """All of a look but its `recipe`, away from the colours of the looks `taken`."""
    text = f"{name}\n{description}"
    gender = _gender(name, description)
    age, years = _age(text)
    era = _era(text, project, taken)
    outfit = _outfit(text, gender, age, era, name)
    said = colours_of_things(text, words.COLOURED_PARTS, name)
    main = cloth_colour(said, outfit, era, name, taken)
    build = first_meaning(text, words.BUILD_WORDS) or "usual"
    accessories = _accessories(text, gender, age, years, name)
    return {
        "kind": "character",
        "name": name,
        "gender": gender,
        "age": age,
        "years": years,
        "era": era,
        "skin": pick(words.SKIN_PALETTE[: 4 if gender == "female" else 5], "skin", name),
        "hair": {
            "colour": hair_colour(said, age, years, era, name, taken),
            "style": _hair_style(text, gender, age, era, name),
            "bangs": _bangs(text, gender, age, years, name),
        },
        "eyes": {
            "colour": words.EYE_COLOURS[said["eyes"].family]
            if "eyes" in said
            else pick(words.EYE_PALETTE, "eyes", name),
            "shape": pick(("round", "almond", "tilted") if gender == "female" else ("almond", "narrow"), "shape", name),
        },
        "face": first_meaning(text, words.FACE_WORDS) or ("round" if age == "child" or build == "stout" else "oval"),
        "outfit": {
            "kind": outfit,
            "main": main,
            "second": second_colour(said, main, name),
            "accent": said["belt"].colour if "belt" in said else accent_colour(main, name),
            "cloak": said["cloak"].colour if "cloak" in said else "3a3644" if "cloak" in accessories else "",
            "towel": said["towel"].colour if "towel" in said else "ecebe6",
            "scarf": said["scarf"].colour if "scarf" in said else "",
        },
        "build": {
            "frame": build,
            "heads": _heads(gender, age, years, text, name),
            "shoulders": _shoulders(gender, age, build),
        },
        "accessories": accessories,
        "carries": _carried(description),
        "flame": flame_colour(description) or "",
    }


def _carried(description: str) -> str:
    """The thing that the description puts into the hand, as a key of THING_WORDS."""
    for clause in re.split(r"[，。,.;；\n]", description):
        for word in CARRIED:
            at = clause.lower().find(word)
            things = things_named(clause[at + len(word) :]) if at >= 0 else ()
            held = [thing for thing in things if STANDS[thing] == "held"]
            if held:
                return held[0]
    return ""


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


def _age(text: str) -> tuple[str, int]:
    """The age's word, and years."""
    years = re.search(r"(\d{1,3})\s*(?:多|余)?(?:岁|years? old|-year-old)", text.lower())
    if years:
        n = min(120, int(years.group(1)))
        return ("child" if n < 13 else "young" if n < 28 else "adult" if n < 58 else "elder"), n
    for word in words.NOT_OLD:
        text = text.replace(word, "")
    age = first_meaning(text, words.AGE_WORDS) or "young"
    return age, 48 if age == "adult" and mentions(text, ("中年", "掌柜", "大叔", "middle-aged")) else YEARS[age]


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
    if style == "long" and gender == "male" and era == "ancient":
        return "half_up"
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


def _bangs(text: str, gender: str, age: str, years: int, name: str) -> str:
    if mentions(text, ("刘海", "齐刘海", "bangs", "fringe")):
        return "straight"
    if age == "elder" or (gender == "male" and years >= 40):
        return "none"
    return pick(
        ("parted", "swept", "straight", "swept") if gender == "female" else ("swept", "parted", "spiky"), "bangs", name
    )


def _outfit(text: str, gender: str, age: str, era: str, name: str) -> str:
    kind = first_meaning(text, words.OUTFIT_WORDS)
    if kind:
        return kind
    if era == "ancient":
        return pick(("hanfu", "ruqun", "beizi"), "outfit", name) if gender == "female" and age != "elder" else "hanfu"
    if age == "elder":
        return pick(("sweater", "coat"), "outfit", name)
    return pick(("coat", "sweater", "shirt", "hoodie", "dress" if gender == "female" else "suit"), "outfit", name)


def _heads(gender: str, age: str, years: int, text: str, name: str) -> float:
    """The figure's height in heads: of a child by its years, of a tall man nearly seven and a half."""
    chance = pick((-0.1, 0.0, 0.1), "heads", name)
    if age == "child":
        return round(3.95 + 0.12 * max(3, years) + chance / 2, 2)
    tall = 0.25 if mentions(text, ("高大", "高挑", "tall")) else 0.0
    base = {"young": 6.4, "adult": 6.6, "elder": 6.3}[age] + (0.5 if gender == "male" else 0.0)
    return round(base + tall + chance, 2)


def _shoulders(gender: str, age: str, build: str) -> float:
    base = {"child": 0.47, "young": 0.60, "adult": 0.62, "elder": 0.60}[age] + (
        0.24 if gender == "male" and age != "child" else 0
    )
    return round(base + {"broad": 0.11, "slim": -0.05, "stout": 0.10}.get(build, 0.0), 2)


def _accessories(text: str, gender: str, age: str, years: int, name: str) -> list[str]:
    found = list(all_meanings(text, words.ACCESSORY_WORDS))
    for worn in ("waist_bell", "waist_jade"):
        if worn in found and not _at_the_waist(text, words.ACCESSORY_WORDS[worn]):
            found.remove(worn)
    if "beard" in found and "short_beard" in found:
        found.remove("beard")
    bearded = {"beard", "short_beard", "moustache"} & set(found)
    if age == "elder" and gender == "male" and not bearded:
        found.append("beard")
    elif gender == "male" and age == "adult" and years >= 40 and not bearded:
        found.append(pick(("moustache", "short_beard", "stubble"), "beard", name))
    elif age == "adult" and gender == "male" and not found and pick((0, 0, 1), "stubble", name):
        found.append("stubble")
    return found


def _at_the_waist(text: str, things: Sequence[str]) -> bool:
    return any(
        mentions(clause, words.AT_THE_WAIST) and mentions(clause, things) for clause in re.split(r"[，。,.;；\n]", text)
    )
