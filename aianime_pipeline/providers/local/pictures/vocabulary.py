"""Finding the words of a table in free text, Chinese by substring and English by whole words."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeVar

K = TypeVar("K")


@lru_cache(maxsize=8192)
def pattern(word: str) -> re.Pattern[str]:
    """What finds a word of a table in lower case text."""
    if word.isascii():
        return re.compile(rf"(?<![a-z]){re.escape(word)}(?:s|es)?(?![a-z])")
    return re.compile(re.escape(word))


def position(text: str, word: str) -> int:
    """Where `word` first stands in `text` (lower case), -1 if it does not."""
    found = pattern(word).search(text)
    return found.start() if found else -1


def mentions(text: str, words: Iterable[str]) -> bool:
    lowered = text.lower()
    return any(position(lowered, word) >= 0 for word in words)


def first_meaning(text: str, table: Mapping[K, Iterable[str]]) -> K | None:
    """The first key of the table, in the table's order, of which a word stands in the text."""
    return next((key for key, words in table.items() if mentions(text, words)), None)


def all_meanings(text: str, table: Mapping[K, Iterable[str]]) -> tuple[K, ...]:
    """Every key of which a word stands in the text, in the order in which the text names them."""
    lowered = text.lower()
    places: list[tuple[int, int, K]] = []
    for order, (key, words) in enumerate(table.items()):
        found = [at for word in words if (at := position(lowered, word)) >= 0]
        if found:
            places.append((min(found), order, key))
    return tuple(key for _, _, key in sorted(places, key=lambda place: place[:2]))


def strongest_meaning(text: str, table: Mapping[K, Iterable[str]]) -> K | None:
    """The key named by the longest word; the first of the table among equals. `渡口小镇` is sharper than `镇`."""
    lowered = text.lower()
    best: tuple[int, K] | None = None
    for key, words in table.items():
        length = max((_weight(word) for word in words if position(lowered, word) >= 0), default=0)
        if length and (best is None or length > best[0]):
            best = (length, key)
    return best[1] if best else None


def _weight(word: str) -> int:
    return len(word) if word.isascii() else 3 * len(word)
