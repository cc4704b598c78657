"""Colours of a person: as the description says, and away from those of the others where it says nothing."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aianime_pipeline.providers.local import look_words as words
from aianime_pipeline.providers.local.colour_reading import Named
from aianime_pipeline.providers.local.pictures.colours import distance, from_hex
from aianime_pipeline.providers.local.pictures.seeding import digest_number, pick


def hair_colour(
    said: Mapping[str, Named], age: str, years: int, era: str, name: str, taken: Sequence[Mapping[str, Any]]
) -> str:
    if "hair" in said:
        return words.HAIR_COLOURS[said["hair"].family]
    if age == "elder" or said.get("beard", Named("", "")).family == "white":
        return pick(("d9d8e0", "b9bac6", "c9c5c4"), "grey", name)
    if age == "adult" and years >= 46:
        return pick(("4b4a54", "524c4c", "45464f"), "greying", name)
    return _far_from(words.HAIR_PALETTE[era], _colours(taken, "hair"), "hair", name)


def cloth_colour(
    said: Mapping[str, Named], outfit: str, era: str, name: str, taken: Sequence[Mapping[str, Any]]
) -> str:
    if "cloth" in said:
        return said["cloth"].colour
    if "lower" in said and outfit not in ("ruqun", "jacket", "beizi"):
        return said["lower"].colour
    if "lower" in said:
        # Only the skirt is named: the blouse over it is pale.
        return pick(("ece6d8", "e6e9ea", "efe2da"), "blouse", name)
    if "cloak" in said:
        # Under a cloak one wears what goes with it.
        base = from_hex(said["cloak"].colour)
        return "{:02x}{:02x}{:02x}".format(*(min(255, round(c * 0.72 + 52)) for c in base))
    if outfit == "doctor":
        return "eceef0"
    if outfit in ("suit", "uniform", "school"):
        return _far_from(("2f3850", "3d3f4c", "4a3a40", "2f4a4c", "5a5560"), _colours(taken, "outfit"), "suit", name)
    if outfit in ("work", "armour"):
        return _far_from(("7a6a55", "5f6a70", "6b5a4a", "4f5f6a", "75624a"), _colours(taken, "outfit"), "work", name)
    return _far_from(words.CLOTH_PALETTE[era], _colours(taken, "outfit"), "cloth", name)


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


def second_colour(said: Mapping[str, Named], main: str, name: str) -> str:
    for part in ("lower", "inner"):
        if part in said and said[part].colour != main:
            return said[part].colour
    light = sum(from_hex(main)) > 540
    return pick(("5b6f8c", "8c5f66", "5d7a6e", "6f6484") if light else ("e8e2d6", "d9dde4", "efe4d8"), "second", name)


def accent_colour(main: str, name: str) -> str:
    return max(
        ("c9a24e", "a83f46", "3f6f8c", "4f7d5c"),
        key=lambda c: (distance(from_hex(c), from_hex(main)) > 180, pick((0, 1, 2), c, name)),
    )
