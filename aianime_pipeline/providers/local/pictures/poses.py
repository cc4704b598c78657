"""How the people of a shot hold themselves, by the words of its description: gesture, stance, a bowed head."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aianime_pipeline.providers.local.pictures import scene_words as words
from aianime_pipeline.providers.local.pictures.vocabulary import all_meanings, first_meaning, mentions


@dataclass(frozen=True)
class Bearing:
    """`arms` is empty where the text says nothing of them."""

    arms: str = ""
    stance: str = "stand"
    bowed: bool = False


def bearing_of(text: str) -> Bearing:
    for word in words.NOT_POSES:
        text = text.replace(word, "□")
    return Bearing(
        arms=next(iter(all_meanings(text, words.ARM_WORDS)), ""),
        stance=first_meaning(text, words.STANCE_WORDS) or "stand",
        bowed=mentions(text, words.BOWED_WORDS),
    )


def bearings(names: Sequence[str], description: str, speaker: str | None, emotion: str) -> dict[str, Bearing]:
    """By name. A clause is about whom it names, or about the one named last before it; the first of `names` starts.

    What stands in the emotion (`打着伞走近`) is the speaker's.
    """
    texts = dict.fromkeys(names, "")
    subject = names[:1]
    for clause in re.split(r"[，。,.;；、！!？?]", description):
        named = _named(clause, names)
        subject = named or subject
        for name in subject[:1]:
            texts[name] += clause + "\n"
    if speaker in texts:
        texts[speaker] += emotion
    return {name: bearing_of(text) for name, text in texts.items()}


def _named(clause: str, names: Sequence[str]) -> list[str]:
    """The names in a clause, the earliest first; a name inside a longer one is not meant."""
    rest, found = clause, []
    for name in sorted(names, key=len, reverse=True):
        for form in (name, re.sub(r"[（(].*?[）)]", "", name)):
            if form and form in rest:
                found.append((clause.find(form), name))
                rest = rest.replace(form, "□" * len(form))
    return [name for _, name in sorted(found)]
