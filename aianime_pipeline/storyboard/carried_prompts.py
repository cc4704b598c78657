"""A shot's prompt after the shot was edited, where the person did not write the prompt themselves.

A planned prompt is put together from what the shot says (planning/prompts.py). Those pieces of it that an edit changed
are exchanged, so that the picture shows the edit; words that somebody else wrote stay as they are.
"""

import re
from collections.abc import Iterator

from aianime_pipeline.storyboard.model import Shot
from aianime_pipeline.storyboard.planning.prompts import FRAMING_PHRASES, INTERIOR_PHRASES, people_phrase, things_phrase

_AROUND = " ，,。"


def carried_prompt(before: Shot, after: Shot) -> str:
    """The prompt of `before` with what `after` says. A prompt that had none of the pieces is returned as it is."""
    prompt = before.prompt
    for old, new in _pieces(before, after):
        if old != new and old:
            prompt = _exchanged(prompt, old, new)
    return prompt


def _pieces(before: Shot, after: Shot) -> Iterator[tuple[str, str]]:
    for language, phrases in FRAMING_PHRASES.items():
        yield phrases[before.framing], phrases[after.framing]
        inside = INTERIOR_PHRASES[language]
        yield (
            inside[before.interior] if before.interior else "",
            inside[after.interior] if after.interior else "",
        )
        yield people_phrase(before.characters, language), people_phrase(after.characters, language)
        yield things_phrase(before.props, language), things_phrase(after.props, language)
    yield before.place.strip(_AROUND), after.place.strip(_AROUND)
    yield before.description.strip(_AROUND), after.description.strip(_AROUND)


def _exchanged(prompt: str, old: str, new: str) -> str:
    """Where it stands between commas, the last time: a description may have the name of its place in it."""
    found = list(re.finditer(rf"(^|[，,] ?){re.escape(old)}(?=$|[，,。])", prompt))
    if not found:
        return prompt
    last = found[-1]
    piece = last[1] + new if new else ""
    return (prompt[: last.start()] + piece + prompt[last.end() :]).lstrip(_AROUND)
