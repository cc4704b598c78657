"""The cells of a storyboard's CSV: texts that a spreadsheet must not run, lists of names, and a word with its text.

Every pair of functions is exact: what is written is read back the same.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

Word = TypeVar("Word", bound=StrEnum)

ACTIVE = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
"""What a spreadsheet may take for a formula (East Asian ones in full width too), also if it already has our mark."""

NAME_SEPARATORS = "/、;；，,／"


def write_text(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would otherwise run it."""
    return f"'{text}" if ACTIVE.match(text) else text


def read_text(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and ACTIVE.match(cell) else cell


def write_names(names: Sequence[str]) -> str:
    """Names with a slash between them; separators within a name get a backslash."""
    return write_text("/".join(re.sub(rf"([\\{NAME_SEPARATORS}])", r"\\\1", name) for name in names))


def read_names(cell: str) -> tuple[str, ...]:
    """Names separated by a slash, comma or semicolon of either width."""
    parts = re.findall(rf"(?:\\.|[^\\{NAME_SEPARATORS}])+", read_text(cell))
    return tuple(re.sub(r"\\(.)", r"\1", part).strip() for part in parts if part.strip())


def write_word(word: StrEnum, text: str, recognised: StrEnum) -> str:
    """The free text where it is `recognised` as `word`, else the standard word, with the text after a colon."""
    if not text:
        return word.value
    alone = recognised is word and not re.match(rf"\s*(?:{'|'.join(type(word))})(?:\s*$|: )", text)
    return write_text(text) if alone and text == text.strip() else f"{word.value}: {text}"


def read_word(cell: str, words: type[Word]) -> tuple[Word | None, str]:
    """The standard word if the cell begins with one, and the free text."""
    match = re.match(rf"\s*({'|'.join(words)})(?:\s*$|: (.*)$)", cell, re.DOTALL)
    return (words(match[1]), match[2] or "") if match else (None, read_text(cell).strip())
