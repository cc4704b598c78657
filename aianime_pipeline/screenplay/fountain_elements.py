"""Lines of Fountain → its elements, by the rules of the published syntax.

A line's kind depends on its neighbours: a cue has a blank line before it and none behind it, a transition has both.
Lenient in one point: a scene heading needs the blank line before it, not the one behind it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aianime_pipeline.screenplay.fountain_source import Line, joined, plain

Kind = Literal["heading", "action", "speech", "lyric", "transition", "centered", "section", "synopsis", "page_break"]

SCENE_PREFIX = re.compile(
    r"^(?P<prefix>INT\.?\s?/\s?EXT\.?|EXT\.?\s?/\s?INT\.?|INT\.?|EXT\.?|EST\.?|I/E\.?)(?<=[.\s])\s*|"
    r"^(?P<spaced>INT\.?\s?/\s?EXT|EXT\.?\s?/\s?INT|INT|EXT|EST|I/E)\.?\s+",
    re.IGNORECASE,
)
_CUE = re.compile(r"^(?P<name>[^(（]+?)?\s*(?P<extensions>(?:[(（][^()（）]*[)）]\s*)*)(?P<dual>\^?)$")
_EXTENSION = re.compile(r"[(（]([^()（）]*)[)）]")
_PARENTHETICAL = re.compile(r"^[(（](?P<inside>.*)[)）]$")


@dataclass(frozen=True)
class Speech:
    """One piece of what a character says. `extensions` as in `MARA (V.O.) (CONT'D)`; `sung` for lyrics."""

    speaker: str
    extensions: tuple[str, ...]
    parenthetical: str | None
    text: str
    line: int
    dual: bool
    sung: bool = False


@dataclass(frozen=True)
class Element:
    """`depth` is the number of `#` of a section; `speeches` only for kind `speech`."""

    kind: Kind
    text: str
    line: int
    depth: int = 0
    speeches: tuple[Speech, ...] = ()


def read_elements(lines: Sequence[Line]) -> tuple[Element, ...]:
    elements: list[Element] = []
    index = 0
    while index < len(lines):
        number, line = lines[index]
        if not line.strip():
            index += 1
            continue
        after_blank = index == 0 or not lines[index - 1][1].strip()
        before_blank = index + 1 == len(lines) or not lines[index + 1][1]
        if element := _marked(number, line.strip()):
            elements.append(element)
            index += 1
        elif after_blank and _is_scene_heading(line):
            elements.append(Element("heading", line.strip(), number))
            index += 1
        elif after_blank and before_blank and _is_transition(line.strip()):
            elements.append(Element("transition", line.strip(), number))
            index += 1
        elif not before_blank and (line.lstrip().startswith("@") or (after_blank and _is_cue(line.strip()))):
            index, element = _read_speech(lines, index)
            # A cue with nothing but spaces behind it.
            elements.append(element if element.speeches else Element("action", line.strip(), number))
        else:
            index, element = _read_action(lines, index)
            elements.append(element)
    return tuple(elements)


def _marked(number: int, text: str) -> Element | None:
    """Elements that a mark at the front of their line makes what they are."""
    if len(text) >= 3 and not text.strip("="):
        return Element("page_break", text, number)
    if text[0] == "=":
        return Element("synopsis", plain(text[1:]), number)
    if text[0] == "#":
        title = text.lstrip("#")
        return Element("section", plain(title), number, depth=len(text) - len(title))
    if text[0] == "." and len(text) > 1 and text[1].isalnum():
        return Element("heading", text[1:].strip(), number)
    if text[0] == "~":
        return Element("lyric", plain(text[1:]), number)
    if text[0] == ">":
        if text[-1] == "<" and len(text) > 1:
            return Element("centered", plain(text[1:-1]), number)
        return Element("transition", plain(text[1:]), number)
    return None


def _is_scene_heading(line: str) -> bool:
    match = SCENE_PREFIX.match(line)
    return match is not None and bool(line[match.end() :].strip())


def _is_transition(text: str) -> bool:
    return text.endswith("TO:") and text == text.upper()


def _is_cue(text: str) -> bool:
    match = _CUE.match(text)
    name = plain(match["name"] or "") if match else ""
    return text[0] not in "!(" and name == name.upper() and any(letter.isupper() for letter in name)


def _read_action(lines: Sequence[Line], index: int) -> tuple[int, Element]:
    number, first = lines[index]
    forced = first.strip().startswith("!")
    texts = [first.strip()[1:] if forced else first]
    index += 1
    while index < len(lines) and lines[index][1].strip() and not _marked(lines[index][0], lines[index][1].strip()):
        if lines[index][1].lstrip()[0] in "!@":
            break
        texts.append(lines[index][1])
        index += 1
    return index, Element("action", plain(joined(texts)), number)


def _read_speech(lines: Sequence[Line], index: int) -> tuple[int, Element]:
    number, cue = lines[index]
    speaker, extensions, dual = _read_cue(cue.strip())
    speeches: list[Speech] = []
    parenthetical: str | None = None
    texts: list[str] = []
    start = number

    def close(sung: bool = False) -> None:
        nonlocal parenthetical, texts
        if texts or parenthetical is not None:
            text = plain(joined(texts))
            speeches.append(Speech(speaker, extensions, parenthetical, text, start, dual, sung))
        parenthetical, texts = None, []

    index += 1
    # Two spaces keep a speech open over an empty line.
    while index < len(lines) and (lines[index][1].strip() or len(lines[index][1]) >= 2):
        line_number, text = lines[index][0], lines[index][1].strip()
        index += 1
        if match := _PARENTHETICAL.match(text):
            close()
            start, parenthetical = line_number, plain(match["inside"])
        elif text.startswith("~"):
            close()
            start, texts = line_number, [text[1:]]
            close(sung=True)
        elif text:
            if not texts and parenthetical is None:
                start = line_number
            texts.append(text)
    close()
    return index, Element("speech", speaker, number, speeches=tuple(speeches))


def _read_cue(text: str) -> tuple[str, tuple[str, ...], bool]:
    dual = text.endswith("^")
    text = text.removeprefix("@").removesuffix("^").strip()
    match = _CUE.match(text)
    if match is None or not (match["name"] or "").strip():
        return plain(text), (), dual
    extensions = [part.strip() for part in _EXTENSION.findall(match["extensions"])]
    return plain(match["name"]), tuple(filter(None, extensions)), dual
