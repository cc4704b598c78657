"""Who is who in an episode: names, narrators, and whom a text mentions."""

import re
from collections.abc import Iterable, Sequence

from aianime_pipeline.screenplay.model import Scene, ScreenplayEpisode

NARRATORS = frozenset(
    {"旁白", "画外音", "解说", "解说词", "字幕", "narrator", "narration", "voice-over", "voiceover", "v.o."}
)
"""Speakers who are never in the picture."""

PRONOUN = re.compile(r"[他她](?!们)|\b(?:he|she|his|her|him)\b", re.IGNORECASE)
PLURAL_PRONOUN = re.compile(r"[他她]们|两人|二人|\b(?:they|them|their|both)\b", re.IGNORECASE)


def is_narrator(name: str) -> bool:
    return name.strip().lower() in NARRATORS


def speaker_names(speaker: str | None) -> tuple[str, ...]:
    """`船工甲/船工乙` are two people who speak together."""
    return tuple(name.strip() for name in re.split(r"[/／&＆]", speaker or "") if name.strip())


def cast_of(scene: Scene) -> tuple[str, ...]:
    """Everybody in the scene: its cast line first, then whoever speaks on it, in order of appearance."""
    from_cast = [entry.name for entry in scene.cast]
    spoken = [name for block in scene.blocks if block.type == "dialogue" for name in speaker_names(block.speaker)]
    return tuple(name for name in dict.fromkeys(from_cast + spoken) if not is_narrator(name))


def groups_of(scene: Scene) -> frozenset[str]:
    """Names of the cast line that are more than one person: `船工*2`, `村民若干`."""
    return frozenset(entry.name for entry in scene.cast if entry.count != 1)


def known_names(episode: ScreenplayEpisode) -> tuple[str, ...]:
    """Every name of the episode, voice-over speakers included."""
    speakers = [name for scene in episode.scenes for block in scene.blocks for name in speaker_names(block.speaker)]
    in_casts = [name for scene in episode.scenes for name in cast_of(scene)]
    return tuple(name for name in dict.fromkeys(in_casts + speakers) if not is_narrator(name))


def names_in(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Which of `names` the text mentions, in order of first mention. `船工甲` is not a mention of `船工`."""
    longest_first = sorted((name for name in names if name), key=len, reverse=True)
    if not longest_first:
        return ()
    by_lower = {name.lower(): name for name in reversed(longest_first)}
    alternatives = "|".join(_as_written(name) for name in longest_first)
    mentions = (by_lower.get(match.lower()) for match in re.findall(alternatives, text, re.IGNORECASE))
    return tuple(dict.fromkeys(name for name in mentions if name))


def people_in(text: str, names: Sequence[str], last_seen: Sequence[str]) -> tuple[str, ...]:
    """Names that the text mentions; where it only says `她` or `they`, those who were seen last."""
    mentioned = names_in(text, names)
    if mentioned:
        return mentioned
    if PLURAL_PRONOUN.search(text):
        return tuple(last_seen)
    return tuple(last_seen[:1]) if PRONOUN.search(text) else ()


def _as_written(name: str) -> str:
    escaped = re.escape(name)
    return rf"(?<![A-Za-z]){escaped}(?![A-Za-z])" if name.isascii() else escaped
