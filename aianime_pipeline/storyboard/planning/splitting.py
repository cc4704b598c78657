"""Divide a text into consecutive parts at the ends of sentences, then of clauses. No letter is lost or moved."""

import re
from collections.abc import Callable, Iterable
from math import ceil

CLOSING = "”’」』\"'）)"
SENTENCE_ENDS = re.compile(
    rf"(?<=[。！？!?；;])(?![。！？!?；;…{CLOSING}])|(?<=[。！？!?；;…][{CLOSING}])|(?<=\.)(?=\s+[A-Z\"'“])"
)
CLAUSE_ENDS = re.compile(r"(?<=[，、：—…])(?![，、：—…。！？!?”’」』])|(?<=[,:])(?=\s)")
WORD_ENDS = re.compile(r"(?<=\s)(?=\S)")

TITLE_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Jr|Sr|Prof|Capt|Lt|Sgt)\.$")


def sentences(text: str) -> list[str]:
    """The sentences of `text`; joined they are `text` again."""
    parts: list[str] = []
    for part in _cut(text, SENTENCE_ENDS):
        if parts and TITLE_ABBREVIATION.search(parts[-1]):
            parts[-1] += part
        else:
            parts.append(part)
    return parts


def split_to_length(text: str, limit: int, measure: Callable[[str], int]) -> list[str]:
    """Parts of `text` that each measure at most `limit`, about equally long, cut where speech best allows it.

    Sentence ends come first, then clauses, then spaces; a run of characters without any of them is cut by count.
    Parts are stripped of white space at their ends; nothing else is lost.
    """
    total = measure(text)
    if total <= limit:
        return [text.strip()]
    even = min(limit, round(1.2 * total / ceil(total / limit)))
    return [part.strip() for part in _pack(_pieces(text, limit, measure), even, limit, measure) if part.strip()]


def _pieces(text: str, limit: int, measure: Callable[[str], int]) -> list[str]:
    """Pieces of `text` as large as punctuation allows, each within `limit`."""
    pieces = sentences(text)
    for ends in (CLAUSE_ENDS, WORD_ENDS):
        pieces = [
            smaller for piece in pieces for smaller in ([piece] if measure(piece) <= limit else _cut(piece, ends))
        ]
    return [smaller for piece in pieces for smaller in _halved(piece, limit, measure)]


def _halved(piece: str, limit: int, measure: Callable[[str], int]) -> list[str]:
    if measure(piece) <= limit or len(piece) < 2:
        return [piece]
    middle = len(piece) // 2
    return _halved(piece[:middle], limit, measure) + _halved(piece[middle:], limit, measure)


def _pack(pieces: Iterable[str], even: int, limit: int, measure: Callable[[str], int]) -> list[str]:
    parts: list[str] = []
    for piece in pieces:
        joined = parts[-1] + piece if parts else piece
        nearly_full = bool(parts) and measure(parts[-1]) >= even * 0.5
        if parts and (measure(joined) <= even or (measure(joined) <= limit and not nearly_full)):
            parts[-1] = joined
        else:
            parts.append(piece)
    return _without_short_last(parts, limit, measure)


def _without_short_last(parts: list[str], limit: int, measure: Callable[[str], int]) -> list[str]:
    """A last word alone in a shot of its own would flash by."""
    if len(parts) > 1 and measure(parts[-1]) < limit * 0.15 and measure(parts[-2] + parts[-1]) <= limit:
        return [*parts[:-2], parts[-2] + parts[-1]]
    return parts


def _cut(text: str, ends: re.Pattern[str]) -> list[str]:
    return [part for part in ends.split(text) if part]
