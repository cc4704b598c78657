"""Breaking a spoken text into subtitle lines: East Asian width, punctuation, whole words, whole emoji. Pure.

Widths are counted in units of which a line holds 840: a Latin letter takes 20 (42 to the line), a Chinese character
42 (20 to the line).
"""

import unicodedata
from dataclasses import dataclass

LINE_UNITS = 840
_NARROW, _WIDE = 20, 42

_CLOSING = frozenset("，。、；：？！…—～,.;:?!)]}»”’）】》」』〉〕％%")
_OPENING = frozenset("([{«“‘（【《「『〈〔")
_SENTENCE_ENDS = frozenset("。！？…；.!?;؟")
_CLAUSE_ENDS = frozenset("，、：—,:،؛")
_CLOSING_QUOTES = "”’」』）】》〉〕\"')]}»"
_JOINER = "\u200d"

_LINE_COST = 110
_BREAK_COST = {"sentence": 0, "clause": 20, "space": 100, "inside": 160}
"""How much worse a line's end is there than after a sentence. One more line is
better than a break inside a run, but worse than one at a space."""
_UNEVEN_COST = 60


@dataclass(frozen=True)
class _Atom:
    """A piece that no line break may divide."""

    text: str
    units: int
    after_space: bool


def break_lines(text: str) -> list[str]:
    """`text` in lines that fit, broken where it hurts least. White space is folded, nothing else is lost; control
    characters count as white space, and a lone surrogate (no character at all) becomes U+FFFD."""
    atoms = _atoms(_printable(text))
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(atoms) + 1):
        best.append(_best_line_to(atoms, end, best))
    lines, end = [], len(atoms)
    while end:
        start = best[end][1]
        lines.append(_joined(atoms[start:end]))
        end = start
    return lines[::-1]


def line_end(line: str) -> str:
    """Which of `sentence`, `clause`, `inside` the line ends with, closing quotes set aside."""
    bare = line.rstrip(_CLOSING_QUOTES) or line
    if bare[-1:] in _SENTENCE_ENDS:
        return "sentence"
    return "clause" if bare[-1:] in _CLAUSE_ENDS else "inside"


def clusters(text: str) -> list[str]:
    """What a reader sees as one character each: marks, joined emoji and flags stay whole."""
    found: list[str] = []
    for character in text:
        if found and (_attaches(character) or found[-1].endswith(_JOINER) or _completes_flag(found[-1], character)):
            found[-1] += character
        else:
            found.append(character)
    return found


def units(text: str) -> int:
    """How much of a line `text` takes. Quotes and dashes of ambiguous width are wide beside wide characters."""
    wide = _has_wide(text)
    return sum(_cluster_units(cluster, wide) for cluster in clusters(text))


def _best_line_to(atoms: list[_Atom], end: int, best: list[tuple[float, int]]) -> tuple[float, int]:
    found = (float("inf"), end - 1)
    taken = 0
    for start in range(end - 1, -1, -1):
        taken += atoms[start].units + (_NARROW if start + 1 < end and atoms[start + 1].after_space else 0)
        if taken > LINE_UNITS and start < end - 1:
            break
        uneven = _UNEVEN_COST * ((LINE_UNITS - taken) / LINE_UNITS) ** 2
        cost = best[start][0] + _LINE_COST + uneven + (_break_cost(atoms, end) if end < len(atoms) else 0)
        if cost < found[0]:
            found = (cost, start)
    return found


def _break_cost(atoms: list[_Atom], end: int) -> int:
    kind = line_end(atoms[end - 1].text)
    if kind == "inside" and atoms[end].after_space:
        kind = "space"
    return _BREAK_COST[kind]


def _joined(atoms: list[_Atom]) -> str:
    return "".join((" " if atom.after_space and place else "") + atom.text for place, atom in enumerate(atoms))


def _atoms(text: str) -> list[_Atom]:
    wide = _has_wide(text)
    atoms: list[_Atom] = []
    for word in text.split():
        for place, piece in enumerate(_pieces(clusters(word), wide)):
            size = sum(_cluster_units(cluster, wide) for cluster in piece)
            atoms.append(_Atom("".join(piece), size, after_space=place == 0 and bool(atoms)))
    return atoms


def _pieces(word: list[str], wide: bool) -> list[list[str]]:
    """A word's unbreakable pieces: one each for Chinese characters (with the punctuation that belongs to them), all of
    a Latin word, or as much of it as a line holds."""
    pieces: list[list[str]] = []
    taken = 0
    for cluster in word:
        size = _cluster_units(cluster, wide)
        if pieces and taken + size <= LINE_UNITS and not _may_break(pieces[-1][-1], cluster):
            pieces[-1].append(cluster)
            taken += size
        else:
            pieces.append([cluster])
            taken = size
    return pieces


def _may_break(before: str, after: str) -> bool:
    if after[0] in _CLOSING or before[0] in _OPENING:
        return False
    return _is_wide(before) or _is_wide(after)


def _has_wide(text: str) -> bool:
    return any(_is_wide(character) for character in text)


def _is_wide(cluster: str) -> bool:
    return any(unicodedata.east_asian_width(character) in "WF" for character in cluster)


def _cluster_units(cluster: str, wide_text: bool) -> int:
    if _is_wide(cluster) or (wide_text and unicodedata.east_asian_width(cluster[0]) == "A"):
        return _WIDE
    return 0 if unicodedata.category(cluster[0]) in ("Cf", "Mn", "Me") else _NARROW


def _attaches(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me", "Mc", "Cf") or "\U0001f3fb" <= character <= "\U0001f3ff"


def _completes_flag(cluster: str, character: str) -> bool:
    return _is_flag_letter(character) and _is_flag_letter(cluster) and len(cluster) == 1


def _is_flag_letter(text: str) -> bool:
    return all("\U0001f1e6" <= character <= "\U0001f1ff" for character in text)


def _printable(text: str) -> str:
    kinds = {"Cc": " ", "Cs": "\ufffd"}
    return "".join(kinds.get(unicodedata.category(character), character) for character in text)
