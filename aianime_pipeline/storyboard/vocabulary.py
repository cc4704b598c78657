"""Recognise the field's standard words in what people write, in Chinese, English or abbreviations.

Real files hold free text where a word of a list was meant (`缓慢推近+轻微晃动`), so nothing is refused here:
each function answers with a usable value and says whether it recognised one. Which word decides, of several:

1. What stands outside brackets decides; brackets are read only when nothing outside them is recognised
   (`固定（不推不拉）` holds). An over-shoulder shot is the exception: it counts wherever it is written.
2. A word with a negation in front of it (`不`, `无需`, `no`) is not counted.
3. A camera move beats holding still (`固定，随后推近` pushes), and any transition beats a cut.
4. Of what is left the first one written decides (`全景到特写` begins as a full shot); of words that begin at the same
   place, the longest.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Generic, NamedTuple, TypeVar

from aianime_pipeline.storyboard.model import CameraMove, Framing, Transition
from aianime_pipeline.storyboard.words import (
    CAMERA_WORDS,
    FRAMING_WORDS,
    OVER_SHOULDER_WORDS,
    TRANSITION_WORDS,
    V4_CAMERA_MOVE,
    V4_FRAMING,
    V4_TRANSITION,
)

Word = TypeVar("Word", bound=StrEnum)

DEFAULT_FRAMING = Framing.MEDIUM
DEFAULT_CAMERA_MOVE = CameraMove.HOLD
DEFAULT_TRANSITION = Transition.CUT

BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
NEGATION = re.compile(r"(?:不|勿|别|无需|不要|无|没有|\bno|\bnot|\bwithout|\bnever)\s?$")


class Recognised(NamedTuple, Generic[Word]):
    """`value` is the default where `recognised` is False."""

    value: Word
    recognised: bool


def recognise_framing(text: str) -> Recognised[Framing]:
    """The framing meant by `text`; MEDIUM where none is recognised."""
    plain = _plain(text)
    if _pattern(OVER_SHOULDER_WORDS).search(plain):
        return Recognised(Framing.OVER_SHOULDER, True)
    return _recognise(plain, _enum_words(Framing) | FRAMING_WORDS, DEFAULT_FRAMING, weak=None)


def recognise_camera_move(text: str) -> Recognised[CameraMove]:
    """The camera move meant by `text`; HOLD where none is recognised."""
    words = _enum_words(CameraMove) | CAMERA_WORDS
    found = _recognise(_plain(text), words, DEFAULT_CAMERA_MOVE, weak=CameraMove.HOLD)
    if found.value is CameraMove.PAN_RIGHT:
        return Recognised(_pan_direction(_plain(text)), True)
    return found


def recognise_transition(text: str) -> Recognised[Transition]:
    """The transition meant by `text`; CUT where none is recognised."""
    words = _enum_words(Transition) | TRANSITION_WORDS
    return _recognise(_plain(text), words, DEFAULT_TRANSITION, weak=Transition.CUT)


def v4_framing(framing: Framing) -> str:
    """The word of a storyboard_ai_v4 file for `framing`."""
    return V4_FRAMING[framing]


def v4_camera_move(move: CameraMove) -> str:
    """The word of a storyboard_ai_v4 file for `move`."""
    return V4_CAMERA_MOVE[move]


def v4_transition(transition: Transition) -> str:
    """The word of a storyboard_ai_v4 file for `transition`."""
    return V4_TRANSITION[transition]


def _recognise(plain: str, words: Mapping[str, Word | None], default: Word, *, weak: Word | None) -> Recognised[Word]:
    outside = BRACKETED.sub(" ", plain)
    inside = " ".join(BRACKETED.findall(plain))
    for part in (outside, inside):
        found = list(_found(part, words))
        strong = [word for word in found if word is not weak]
        if strong or found:
            return Recognised((strong or found)[0], True)
    return Recognised(default, False)


def _found(text: str, words: Mapping[str, Word | None]) -> Iterator[Word]:
    for match in _pattern(tuple(words)).finditer(text):
        word = words[match.group()]
        if word is not None and not NEGATION.search(text[: match.start()]):
            yield word


def _pan_direction(plain: str) -> CameraMove:
    """`从右向左横移`: the side that the camera goes to, wherever in the text it is named."""
    to_left = re.search(r"[向往至到朝]左|[从由自]右|左[摇移]|[摇移]左|\bleft\b", plain)
    to_right = re.search(r"[向往至到朝]右|[从由自]左|右[摇移]|[摇移]右|\bright\b", plain)
    first_is_left = to_left and (not to_right or to_left.start() < to_right.start())
    return CameraMove.PAN_LEFT if first_is_left else CameraMove.PAN_RIGHT


def _enum_words(words: type[Word]) -> dict[str, Word]:
    return {_plain(word.value): word for word in words}


def _plain(text: str) -> str:
    """Half-width, lower case, one space where there were spaces, hyphens or underscores."""
    return re.sub(r"[\s_\-]+", " ", unicodedata.normalize("NFKC", text).lower()).strip()


@cache
def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Any of `words`, the longest first; Latin ones as whole words only (`cu` is not in `focus`)."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(_as_whole_word(word) for word in longest_first))


def _as_whole_word(word: str) -> str:
    escaped = re.escape(word)
    return rf"(?<![a-z0-9]){escaped}(?![a-z0-9])" if word.isascii() else escaped
