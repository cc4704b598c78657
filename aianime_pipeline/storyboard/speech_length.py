"""How long it takes to speak a text: an estimate, for planning durations before any voice exists.

The spoken voice is measured later, and the film holds the shot where the voice turns out longer; so the estimate has to
be near, not exact. The rates: Mandarin newsreaders speak 250 to 300 characters a minute and animation dialogue sits at
the calm end of that, 250 a minute or 4.2 a second without its pauses (13 lines of the built-in voice: 4.2 to 4.6);
English dialogue is spoken at 150 to 160 words a minute, 2.6 a second.
"""

import re

MS_PER_CHINESE_CHARACTER = 1000 / 4.2
MS_PER_LATIN_WORD = 1000 / 2.6
MS_PER_DIGIT = 250
"""Digits are read out one by one in both languages, give or take the names of places (十, hundred)."""

SENTENCE_PAUSE_MS = 400
CLAUSE_PAUSE_MS = 250
HESITATION_PAUSE_MS = 350

CHINESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
DIGIT = re.compile(r"[0-9０-９]")
LATIN_WORD = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]+(?:['’][^\W\d_]+)*")
STAGE_DIRECTION = re.compile(r"（[^（）]*）|\([^()]*\)|【[^【】]*】")
PAUSES = re.compile(r"(?P<hesitation>…+|—+|\.{3,}|--+)|(?P<sentence>[。！？!?；;]+|\.(?=\s))|(?P<clause>[，、,：:])")


def speech_ms(text: str) -> int:
    """Milliseconds needed to speak `text`, without a pause after its last word; 0 where there is nothing to speak.

    What stands in brackets is a stage direction and is not spoken.
    """
    spoken = STAGE_DIRECTION.sub("", text)
    words_ms = (
        len(CHINESE.findall(spoken)) * MS_PER_CHINESE_CHARACTER
        + len(LATIN_WORD.findall(spoken)) * MS_PER_LATIN_WORD
        + len(DIGIT.findall(spoken)) * MS_PER_DIGIT
    )
    return round(words_ms + _pauses_ms(spoken)) if words_ms else 0


def _pauses_ms(spoken: str) -> int:
    lengths = {"hesitation": HESITATION_PAUSE_MS, "sentence": SENTENCE_PAUSE_MS, "clause": CLAUSE_PAUSE_MS}
    last_word = max((match.end() for match in re.finditer(r"\w", spoken)), default=0)
    return sum(lengths[str(match.lastgroup)] for match in PAUSES.finditer(spoken, 0, last_word))
