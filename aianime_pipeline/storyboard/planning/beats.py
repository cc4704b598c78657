"""Divide a scene into beats: what one shot shows or lets be heard. Every block ends up in at least one beat."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from aianime_pipeline.screenplay.model import Block, Scene
from aianime_pipeline.storyboard.planning.cues import Cue, cues_in
from aianime_pipeline.storyboard.planning.directions import direction_kind
from aianime_pipeline.storyboard.planning.people import is_narrator, names_in, speaker_names
from aianime_pipeline.storyboard.planning.rules import PlanningRules
from aianime_pipeline.storyboard.planning.splitting import sentences, split_to_length
from aianime_pipeline.storyboard.speech_length import CHINESE, LATIN_WORD, speech_ms

BeatKind = Literal["place", "action", "closeup", "speech", "voice_over"]

ENDS_A_SENTENCE = re.compile(r"[。！？!?.…；;][”’」』\"'）)]*$")


@dataclass(frozen=True)
class Beat:
    """`text` is what is seen, or for speech and voice-over what is spoken; empty for a bare view of the place."""

    kind: BeatKind
    text: str
    speakers: tuple[str, ...] = ()
    emotion: str = ""
    directions: tuple[str, ...] = ()
    """Texts of the direction blocks in front of it."""
    establishing: bool = False
    continued: bool = False
    """A further part of a speech that was split."""


def action_ms(text: str) -> int:
    """Milliseconds that what `text` tells takes to be seen; not yet held to the shortest and longest shot.

    A glance at the place and who is in it takes a second and a half; each further fact costs about what reading it
    does (80 ms a character is a calm silent reader's pace).
    """
    return round(1400 + 80 * (len(CHINESE.findall(text)) + 1.7 * len(LATIN_WORD.findall(text))))


def scene_beats(scene: Scene, names: Sequence[str], rules: PlanningRules) -> tuple[list[Beat], tuple[str, ...]]:
    """The beats of a scene, the first one establishing its place, and directions that no beat follows."""
    beats: list[Beat] = []
    waiting: tuple[str, ...] = ()
    for block in scene.blocks:
        if block.type == "direction":
            waiting += (block.text,)
            continue
        parts = _beats_of_block(block, rules)
        if not parts:
            waiting += (block.text,) if block.text else ()
            continue
        parts[0] = replace(parts[0], directions=waiting)
        waiting = ()
        merged = _merged(beats[-1], parts[0], names, rules) if beats and len(parts) == 1 else None
        beats = [*beats[:-1], merged] if merged else beats + parts
    return _with_establishing(beats, names, rules), waiting


def _beats_of_block(block: Block, rules: PlanningRules) -> list[Beat]:
    if not block.text.strip():
        return []
    if block.type in ("dialogue", "os"):
        return _speech_beats(block, rules)
    if block.type == "closeup":
        return [Beat("closeup", part) for part in split_to_length(block.text, rules.action_max_ms, action_ms)]
    return [Beat("action", part) for part in split_to_length(block.text, rules.action_max_ms, action_ms)]


def _speech_beats(block: Block, rules: PlanningRules) -> list[Beat]:
    parts = split_to_length(block.text, rules.shot_max_ms - rules.speech_tail_ms, speech_ms)
    speakers = speaker_names(block.speaker)
    narrated = bool(speakers) and all(map(is_narrator, speakers))
    kind: BeatKind = "speech" if block.type == "dialogue" and not narrated else "voice_over"
    return [Beat(kind, part, speakers, block.emotion or "", continued=index > 0) for index, part in enumerate(parts)]


def _merged(before: Beat, beat: Beat, names: Sequence[str], rules: PlanningRules) -> Beat | None:
    """Two short actions of the same people as one; None where they are better two shots."""
    if before.kind != "action" or beat.kind != "action" or beat.directions:
        return None
    if Cue.DETAIL in cues_in(beat.text) or Cue.DETAIL in cues_in(before.text):
        return None
    now, then = names_in(beat.text, names), names_in(before.text, names)
    if now and now != then:
        return None
    text = _joined(before.text, beat.text)
    return replace(before, text=text) if action_ms(text) <= rules.merged_actions_max_ms else None


def _joined(first: str, second: str) -> str:
    chinese = bool(CHINESE.search(first + second))
    if not ENDS_A_SENTENCE.search(first):
        first += "。" if chinese else "."
    return first + second if chinese else f"{first} {second}"


def _with_establishing(beats: list[Beat], names: Sequence[str], rules: PlanningRules) -> list[Beat]:
    """The first beat shows the place if it can; otherwise a view of the place comes before it."""
    if not beats:
        return [Beat("place", "", establishing=True)]
    first, rest = beats[0], beats[1:]
    if first.kind == "action" and not _is_close(first.text):
        return [*_opened(first, names, rules), *rest]
    if first.kind == "voice_over":
        return [replace(first, establishing=True), *rest]
    place = Beat("place", "", directions=first.directions, establishing=True)
    return [place, replace(first, directions=()), *rest]


def _opened(action: Beat, names: Sequence[str], rules: PlanningRules) -> list[Beat]:
    """A first action that is long, or that tells of the place and then of people: two shots, the place first."""
    first, *others = sentences(action.text)
    rest = "".join(others).strip()
    turns_to_people = not names_in(first, names) and bool(names_in(rest, names))
    fits = action_ms(action.text) <= rules.establishing_max_ms and not turns_to_people
    if fits or action_ms(rest) < rules.action_min_ms:
        return [replace(action, establishing=True)]
    return [replace(action, text=first.strip(), establishing=True), Beat("action", rest)]


def _is_close(text: str) -> bool:
    cues = cues_in(sentences(text)[0])
    return bool(cues & {Cue.DETAIL, Cue.FACE}) and not cues & {Cue.TRAVEL, Cue.CROWD, Cue.TALL}


def picture_directions(beat: Beat) -> tuple[str, ...]:
    """Those directions of the beat that tell of something seen."""
    return tuple(text for text in beat.directions if direction_kind(text) == "picture")


def feels_strongly(beat: Beat) -> bool:
    """Whether a line is said with strong feeling, by its emotion or by how it is written."""
    shouted = beat.text.count("！") + beat.text.count("!") >= 2
    return shouted or Cue.STRONG_FEELING in cues_in(beat.emotion)
