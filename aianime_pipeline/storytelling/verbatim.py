"""Whether spoken words are those of the prose: none invented, none lost. Compared by letters and digits alone.

Quotation marks, stops, spaces and widths are an editor's matter and do not count.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from aianime_pipeline.storytelling.chapters import Paragraph

_CLAUSE_ENDS = re.compile(r"[，。！？；：、…—,.!?;:\n“”「」『』《》\"()（）]+|--+|\s[-–]\s")
_QUOTATION = re.compile(r"“([^“”]+)”|「([^「」]+)」|『([^『』]+)』|\"([^\"]+)\"|«([^«»]+)»")
_ENDS_AS_SPEECH = re.compile(r"[。！？!?…，,.—～~]\s*$")
_LEADS_TO_SPEECH = re.compile(r"[：:]\s*$")
_MOST_TOLD = 60
"""Characters of a lost line that are named to the model."""


class Source:
    """A piece of prose that words can be looked up in."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        self._paragraphs = paragraphs
        self._starts: list[int] = []
        letters: list[str] = []
        length = 0
        for paragraph in paragraphs:
            self._starts.append(length)
            letters.append(letters_of(paragraph.text))
            length += len(letters[-1])
        self._letters = "".join(letters)

    @property
    def length(self) -> int:
        return len(self._letters)

    def invented(self, words: str) -> str:
        """The first clause of `words` that is not in the prose; empty where all are."""
        return next((clause for clause in clauses(words) if letters_of(clause) not in self._letters), "")

    def line_of(self, words: str, after: int) -> int:
        """The line where `words` begin, at line `after` or behind it; `after` itself where they are not found."""
        first = next((index for index, paragraph in enumerate(self._paragraphs) if paragraph.line >= after), 0)
        begin = self._starts[first] if self._starts else 0
        for clause in clauses(words):
            at = self._letters.find(letters_of(clause), begin)
            if at >= 0:
                return self._paragraphs[bisect_right(self._starts, at) - 1].line
        return after

    def lost_speech(self, kept: Iterable[str]) -> Iterator[str]:
        """Quotations that are spoken and of which a clause is in none of the texts `kept`."""
        there = "\n".join(letters_of(text) for text in kept)
        for paragraph in self._paragraphs:
            for quotation in _spoken(paragraph.text):
                if any(letters_of(clause) not in there for clause in clauses(quotation)):
                    yield quotation if len(quotation) <= _MOST_TOLD else f"{quotation[:_MOST_TOLD]}…"


def clauses(words: str) -> list[str]:
    return [clause for clause in _CLAUSE_ENDS.split(words) if letters_of(clause)]


def letters_of(text: str) -> str:
    """Letters and digits in one width and case."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def _spoken(paragraph: str) -> Iterator[str]:
    """Quotations that end as a sentence does or follow a colon; a word in quotation marks (`the “ghost”`) does not."""
    for match in _QUOTATION.finditer(paragraph):
        words = next(filter(None, match.groups()))
        if _ENDS_AS_SPEECH.search(words) or _LEADS_TO_SPEECH.search(paragraph[: match.start()]):
            yield words.strip()
