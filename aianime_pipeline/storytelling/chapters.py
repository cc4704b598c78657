"""A prose text cut up for a language model: chapters by their headings, and each chapter in parts that fit one answer.

A chapter becomes an episode. Nothing of the text is left out; what stands before the first heading belongs to the first
chapter, but for the title.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aianime_pipeline.screenplay.characters import halfwidth, language_of
from aianime_pipeline.screenplay.numerals import NUMERAL, read_number
from aianime_pipeline.screenplay.prose import paragraphs_of
from aianime_pipeline.storyboard.planning.splitting import split_to_length
from aianime_pipeline.storyboard.speech_length import CHINESE

PART_WEIGHT = 2_400
"""Chinese characters, or four times as many other ones. Told again as scenes it is some 4,000 tokens, which is what the
smaller models answer at most."""

_LONGEST_HEADING = 50
_CHINESE_HEADING = re.compile(
    rf"(?:正文\s*)?第\s*(?P<number>{NUMERAL})\s*[章回](?:\s*[:、.·\-—]\s*|\s+|$)(?P<title>.*)"
)
_CHINESE_UNNUMBERED = re.compile(r"(?P<title>楔子|序章|序幕|引子|尾声|终章|后记|番外)(?:\s*[:、.·]?\s*.{0,20})?")
_ENGLISH_HEADING = re.compile(
    r"chapter\s+(?P<number>\d+|[ivxlc]+|[a-z]+(?:-[a-z]+)?)\b(?:\s*[:.\-–—]\s*|\s+|$)(?P<title>.*)", re.IGNORECASE
)
_ENGLISH_UNNUMBERED = re.compile(r"(?P<title>prologue|epilogue)\b[.:]?.{0,30}", re.IGNORECASE)
_ENDS_A_SENTENCE = re.compile(r"[。，,；;]$|[^.]\.$")
_TITLE = re.compile(r"(?:#\s+)?《(?P<title>[^《》]{1,40})》|#\s+(?P<plain>\S.{0,60})")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(frozen=True)
class Paragraph:
    """`line` counts from 1; of a paragraph that was divided each piece has its line."""

    line: int
    text: str


@dataclass(frozen=True)
class Chapter:
    number: int
    title: str | None
    line: int
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Prose:
    title: str | None
    language: str
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True)
class _Heading:
    number: int | None
    title: str | None


def read_prose(text: str) -> Prose:
    """The text's chapters; one where it has no headings, none where it has no words."""
    language = language_of(text)
    found = paragraphs_of(text, every_line=language == "zh", stands_alone=lambda line: _heading(line) is not None)
    paragraphs = [Paragraph(line, words) for line, words in found]
    title, paragraphs = _titled(paragraphs)
    chapters = [chapter for chapter in _divided(paragraphs) if chapter[2]]
    numbers = [heading.number for heading, _, _ in chapters if heading is not None and heading.number is not None]
    as_written = len(numbers) == len(chapters) and len(set(numbers)) == len(numbers) and min(numbers, default=1) > 0
    return Prose(
        title,
        language,
        tuple(
            Chapter(
                number=(heading.number if as_written and heading and heading.number else index),
                title=heading.title if heading else None,
                line=line,
                paragraphs=tuple(kept),
            )
            for index, (heading, line, kept) in enumerate(chapters, start=1)
        ),
    )


def parts_of(chapter: Chapter, *, most: int = PART_WEIGHT) -> list[tuple[Paragraph, ...]]:
    """The chapter's paragraphs in runs of about equal weight, `most` each; a longer paragraph is divided."""
    pieces = [piece for paragraph in chapter.paragraphs for piece in _pieces(paragraph, most)]
    total = sum(weight(piece.text) for piece in pieces)
    wanted = total / max(1, -(-total // most))
    parts: list[list[Paragraph]] = []
    filled = 0
    for piece in pieces:
        heavy = weight(piece.text)
        if not parts or filled + heavy > most or filled >= wanted:
            parts.append([])
            filled = 0
        parts[-1].append(piece)
        filled += heavy
    return [tuple(part) for part in parts]


def weight(text: str) -> int:
    """How long a text is for a language model, in Chinese characters."""
    chinese = len(CHINESE.findall(text))
    return chinese + (len(text) - chinese + 3) // 4


def _pieces(paragraph: Paragraph, most: int) -> Iterator[Paragraph]:
    for text in split_to_length(paragraph.text, most, weight):
        yield Paragraph(paragraph.line, text)


def _titled(paragraphs: list[Paragraph]) -> tuple[str | None, list[Paragraph]]:
    found = _TITLE.fullmatch(paragraphs[0].text) if paragraphs else None
    if found is None or _heading(paragraphs[0].text) is not None or len(paragraphs) < 2:
        return None, paragraphs
    return found["title"] or found["plain"], paragraphs[1:]


def _divided(paragraphs: Sequence[Paragraph]) -> list[tuple[_Heading | None, int, list[Paragraph]]]:
    """Heading, line and paragraphs of each chapter; what is before the first heading goes into its chapter."""
    divided: list[tuple[_Heading | None, int, list[Paragraph]]] = []
    front: list[Paragraph] = []
    for paragraph in paragraphs:
        heading = _heading(paragraph.text)
        if heading is not None:
            divided.append((heading, paragraph.line, front))
            front = []
        elif divided:
            divided[-1][2].append(paragraph)
        else:
            front.append(paragraph)
    return divided or ([(None, front[0].line, front)] if front else [])


def _heading(text: str) -> _Heading | None:
    text = halfwidth(text).strip().lstrip("#").strip().strip("*").strip()
    if not text or len(text) > _LONGEST_HEADING:
        return None
    if found := _CHINESE_HEADING.fullmatch(text) or _ENGLISH_HEADING.fullmatch(text):
        title = found["title"].strip()
        number = _number(found["number"])
        if number is None or (title and _ENDS_A_SENTENCE.search(title)):
            return None
        return _Heading(number, title or None)
    if found := _CHINESE_UNNUMBERED.fullmatch(text) or _ENGLISH_UNNUMBERED.fullmatch(text):
        return None if _ENDS_A_SENTENCE.search(text) else _Heading(None, text)
    return None


def _number(text: str) -> int | None:
    if (number := read_number(text)) is not None:
        return number
    text = text.lower()
    if text in _ENGLISH_NUMBERS:
        return _ENGLISH_NUMBERS[text]
    return _roman(text) if set(text) <= set(_ROMAN) else None


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    return sum(
        -value if any(later > value for later in values[index + 1 : index + 2]) else value
        for index, value in enumerate(values)
    )


_UNITS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_ENGLISH_NUMBERS = {word: number for number, word in enumerate(f"{_UNITS} eighteen nineteen twenty".split(), start=1)}
_ENGLISH_NUMBERS |= {
    f"{ten}-{unit}": 10 * tens + units
    for tens, ten in enumerate(("twenty", "thirty", "forty"), start=2)
    for units, unit in enumerate(_UNITS.split()[:9], start=1)
}
_ENGLISH_NUMBERS |= {"thirty": 30, "forty": 40, "fifty": 50}
