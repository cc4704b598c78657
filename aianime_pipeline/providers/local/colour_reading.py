"""Which colour a description gives to what: `玄青斗篷`, `月白色斜襟长衫`, `a dark red silk dress`.

A colour belongs to the next thing named after it in the same clause, and to one thing only: `白衣长发` is white
clothes and hair of no named colour.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from aianime_pipeline.providers.local.colour_words import DARKER, LIGHTER, NAMED_COLOURS, NOT_COLOURS
from aianime_pipeline.providers.local.pictures.colours import RGB, from_hex, mix
from aianime_pipeline.providers.local.pictures.vocabulary import pattern

FARTHEST_SIGNS = 7
"""Chinese signs that may stand between a colour and what it colours: `月白色暗纹斜襟的长衫`."""
FARTHEST_WORDS = 3
"""English words that may."""


@dataclass(frozen=True)
class Named:
    """A colour as a text names it."""

    family: str
    colour: str
    """Six hexadecimal digits."""


def colours_of_things(text: str, things: Mapping[str, tuple[str, ...]], name: str = "") -> dict[str, Named]:
    """By the keys of `things` (each with the words for it): the first colour that the text gives to each.

    `name` is left out of the text: 白露 is not white for her name.
    """
    found: dict[str, Named] = {}
    for clause in re.split(r"[，。,.;；、！!？?：:\n（）()]", _bare(text, name)):
        named = _things_in(clause, things)
        # The 褐 of 短褐 is cloth, not brown.
        colours = [c for c in _colours_in(clause) if not any(a <= c[0][0] and c[0][1] <= b for (a, b), _ in named)]
        for (start, _), key in sorted(named):
            before = [colour for colour in colours if colour[0][1] <= start]
            if not before:
                continue
            (_, end), colour = before[-1]
            between = [span for span, _ in named if end <= span[0] < start]
            if not between and _near(clause[end:start]):
                found.setdefault(key, colour)
    return found


def first_colour(text: str) -> Named | None:
    """The first colour that a text names, whatever it colours."""
    found = _colours_in(_bare(text, ""))
    return found[0][1] if found else None


def all_colours(text: str) -> tuple[Named, ...]:
    """Every colour of the text, in its order."""
    return tuple(named for _, named in _colours_in(_bare(text, "")))


def _bare(text: str, name: str) -> str:
    lowered = text.lower()
    for word in (name.lower().strip(), *NOT_COLOURS):
        if word:
            lowered = lowered.replace(word, "□" * len(word))
    return lowered


def _near(between: str) -> bool:
    if between.isascii() and between.strip():
        return len(between.split()) <= FARTHEST_WORDS
    return len(between) <= FARTHEST_SIGNS


@lru_cache(maxsize=1)
def _colour_pattern() -> tuple[re.Pattern[str], dict[str, Named]]:
    named = {word: Named(family, colour) for family, words in NAMED_COLOURS.items() for word, colour in words.items()}
    ordered = sorted(named, key=len, reverse=True)
    parts = [rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in ordered]
    shades = "|".join(sorted((*LIGHTER, *DARKER), key=len, reverse=True))
    return re.compile(rf"(?:(?P<shade>{shades})[\s-]*)?(?P<word>{'|'.join(parts)})"), named


def _colours_in(text: str) -> list[tuple[tuple[int, int], Named]]:
    signs, named = _colour_pattern()
    found = []
    for match in signs.finditer(text):
        colour = named[match["word"]]
        if match["shade"]:
            towards: RGB = (250, 248, 244) if match["shade"] in LIGHTER else (16, 14, 24)
            mixed = mix(from_hex(colour.colour), towards, 0.42)
            colour = Named(colour.family, "{:02x}{:02x}{:02x}".format(*mixed))
        found.append((match.span(), colour))
    return found


def _things_in(text: str, things: Mapping[str, tuple[str, ...]]) -> list[tuple[tuple[int, int], str]]:
    """Every thing named, a longer word instead of the shorter ones inside it."""
    found: list[tuple[tuple[int, int], str]] = []
    for key, words in things.items():
        for word in words:
            found += [(match.span(), key) for match in pattern(word).finditer(text)]
    longest = sorted(found, key=lambda f: (f[0][0] - f[0][1], f[0][0]))
    kept: list[tuple[tuple[int, int], str]] = []
    for span, key in longest:
        if not any(a < span[1] and span[0] < b for (a, b), _ in kept):
            kept.append((span, key))
    return kept
