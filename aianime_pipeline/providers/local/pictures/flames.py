"""The colour of a flame, where a text gives it one: `青焰`, `火苗变成幽幽的青色`, `a flame that burns blue`."""

import re

from aianime_pipeline.providers.local.colour_reading import all_colours, colours_of_things

FLAME_OF_FAMILY = {
    "teal": "62e6d4", "blue": "6eaaff", "green": "86ee9a", "purple": "be8cff", "red": "ff6a4c", "orange": "ff9c4e",
    "yellow": "ffd070", "white": "e6f0ff", "pink": "ff9cc4",
}  # fmt: skip

_FLAME = ("焰", "火苗", "灯", "火", "烛", "flame", "lamp", "candle", "lantern", "fire", "torch")
_BURNING = {
    "flame": ("火焰", "火苗", "火光", "烛火", "灯火", "灯焰", "青灯", "焰", "灯光", "火", "flame", "fire", "firelight"),
    "glow": ("光", "glow", "light"),
    "other": ("灯笼", "油灯", "灯罩", "灯", "lantern", "lamp"),
}
_TURNS = re.compile(r"变成|变为|变作|化作|化为|转为|成了|turn(?:s|ed)?\b|becom(?:es|ing|e)|became")
_IS = re.compile(r"(?:火焰|火苗|焰|flame)[^。；;]{0,8}?(?:是|为|呈|泛着?|发|\bis\b|\bburn(?:s|ed|ing)?\b)")
_NIGHTLY = ("teal", "blue", "green", "purple", "red")
"""Families whose light is named for itself: 青光 is a light's colour, 金光 mostly praise."""


def flame_colour(text: str) -> str | None:
    """Six hexadecimal digits, or None where no flame is said to have a colour. What it turns into wins."""
    lowered = text.lower()
    found: str | None = None
    for sentence in re.split(r"[。；;！!？?\n]|\.\s", lowered):
        burning = any(word in sentence for word in _FLAME)
        turn = _TURNS.search(sentence)
        after = all_colours(sentence[turn.end() :]) if turn and burning else ()
        if after:
            found = FLAME_OF_FAMILY.get(after[0].family) or found
            continue
        named = _named(sentence, burning)
        found = found or (FLAME_OF_FAMILY.get(named) if named else None)
    return found


def _named(sentence: str, burning: bool) -> str | None:
    """The family of the colour that stands before a flame, or that a flame is said to have."""
    if re.search("青[灯光焰火]", sentence):
        return "teal"
    said = colours_of_things(sentence, _BURNING)
    if "flame" in said:
        return said["flame"].family
    if "glow" in said and said["glow"].family in _NIGHTLY:
        return said["glow"].family
    stated = _IS.search(sentence) if burning else None
    after = all_colours(sentence[stated.end() :]) if stated else ()
    return after[0].family if after else None
