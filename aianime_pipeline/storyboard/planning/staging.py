"""Choose framing, camera move and who is seen for a beat, the way a director would on a first pass.

`Continuity` is what the shots before leave behind: it keeps an exchange alternating, a move from coming three times
running, and two shots of the same person in the same size from following each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from aianime_pipeline.screenplay.model import Scene
from aianime_pipeline.storyboard.model import CameraMove, Framing
from aianime_pipeline.storyboard.planning.beats import Beat, feels_strongly, picture_directions
from aianime_pipeline.storyboard.planning.camera import choose_move
from aianime_pipeline.storyboard.planning.cues import PATTERNS, Cue, cues_in
from aianime_pipeline.storyboard.planning.people import (
    cast_of,
    groups_of,
    is_narrator,
    names_in,
    people_in,
    speaker_names,
)

CLOSER = {
    Framing.VERY_WIDE: Framing.WIDE,
    Framing.WIDE: Framing.FULL,
    Framing.FULL: Framing.MEDIUM_WIDE,
    Framing.MEDIUM_WIDE: Framing.MEDIUM,
    Framing.MEDIUM: Framing.MEDIUM_CLOSE_UP,
    Framing.OVER_SHOULDER: Framing.MEDIUM_CLOSE_UP,
    Framing.MEDIUM_CLOSE_UP: Framing.CLOSE_UP,
    Framing.CLOSE_UP: Framing.MEDIUM_CLOSE_UP,
    Framing.EXTREME_CLOSE_UP: Framing.CLOSE_UP,
}
"""Where to cut to when the same subject would stand in the same size twice; a tight one opens up again."""

WIDE_FRAMINGS = {Framing.FULL, Framing.WIDE, Framing.VERY_WIDE}


EXCHANGE = (Framing.OVER_SHOULDER, Framing.MEDIUM_CLOSE_UP, Framing.MEDIUM_CLOSE_UP, Framing.OVER_SHOULDER)
"""Turn by turn: over-shoulder shots and singles in matching pairs, so that neither speaker owns one size."""


@dataclass(frozen=True)
class SceneSetting:
    """What stays the same through a scene. `sides` are the individuals in the order left to right."""

    scene: Scene
    names: Sequence[str]
    first_of_episode: bool
    same_place: bool

    @property
    def cast(self) -> tuple[str, ...]:
        """Those of the cast line, those who speak, and those whom an action names."""
        shown = " ".join(block.text for block in self.scene.blocks if block.type in ("action", "closeup"))
        return tuple(dict.fromkeys((*cast_of(self.scene), *names_in(shown, self.names))))

    @property
    def sides(self) -> tuple[str, ...]:
        groups = groups_of(self.scene)
        return tuple(name for name in self.cast if name not in groups)


@dataclass
class Continuity:
    """Carried from shot to shot; the last entries are the latest."""

    moves: list[CameraMove] = field(default_factory=list)
    framing: Framing | None = None
    characters: tuple[str, ...] = ()
    speakers: list[str] = field(default_factory=list)
    """Those who spoke in this scene, one entry a shot."""
    last_seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Staging:
    framing: Framing
    camera_move: CameraMove
    characters: tuple[str, ...]
    listener: str | None = None


def stage(beat: Beat, setting: SceneSetting, before: Continuity) -> Staging:
    """The staging of `beat`; `before` is brought up to date for the next one."""
    cues = cues_in(
        " ".join((beat.text if beat.kind not in ("speech", "voice_over") else "", *picture_directions(beat)))
    )
    listener = _listener(beat, setting, before) if beat.kind == "speech" else None
    subjects = _subjects(beat, setting, before)
    framing = _framing(beat, cues, subjects, listener, setting, before)
    if not beat.establishing and _would_jump(framing, subjects, before):
        framing = CLOSER[framing]
    characters = _characters(subjects, listener, framing, beat, setting)
    move = choose_move(beat, cues, framing, inside=setting.scene.interior == "int", before=before.moves)
    _remember(before, framing, move, subjects, characters, beat)
    return Staging(framing, move, characters, listener)


def _would_jump(framing: Framing, subjects: tuple[str, ...], before: Continuity) -> bool:
    """Whether a cut to `framing` would look like a mistake: the same size of the same person, or of the same place."""
    if framing is not before.framing:
        return False
    # Over one shoulder and then over the other is a reverse angle, though both people are in both.
    seen_before = before.characters[:1] if framing is Framing.OVER_SHOULDER else before.characters
    return framing in WIDE_FRAMINGS or bool(set(subjects[:1]) & set(seen_before))


def _subjects(beat: Beat, setting: SceneSetting, before: Continuity) -> tuple[str, ...]:
    """Whom the shot is about, the most important first; empty for a shot of the place."""
    if beat.kind == "place":
        return ()
    if beat.kind == "speech":
        return beat.speakers
    if beat.kind == "voice_over":
        return () if beat.establishing or beat.continued else _under_the_voice(beat, setting, before)
    told = people_in(beat.text, setting.names, before.last_seen)
    return told or (before.last_seen[:1] if beat.kind == "action" and _leaves_out_its_subject(beat) else ())


def _under_the_voice(beat: Beat, setting: SceneSetting, before: Continuity) -> tuple[str, ...]:
    """Who thinks aloud if they are there, else who hears the voice; nobody for a narrator."""
    thinker = tuple(name for name in beat.speakers if name in setting.cast)
    narrated = all(map(is_narrator, beat.speakers))
    return thinker or (() if narrated else before.last_seen[:1])


def _leaves_out_its_subject(beat: Beat) -> bool:
    """`转身离开。` and `眼里全是泪。` are of whoever was seen last; `门开了。` is of the door."""
    begins_with_a_verb = any(PATTERNS[cue].match(beat.text) for cue in (Cue.MOTION, Cue.TRAVEL))
    return not beat.establishing and (begins_with_a_verb or Cue.FACE in cues_in(beat.text))


def _listener(beat: Beat, setting: SceneSetting, before: Continuity) -> str | None:
    """Whom the line is said to: who spoke before, else who answers, else the first other person there."""
    later = [name for block in setting.scene.blocks for name in speaker_names(block.speaker)]
    for name in (*reversed(before.speakers), *later, *setting.sides):
        if name and name in setting.sides and name not in beat.speakers:
            return name
    return None


def _framing(
    beat: Beat,
    cues: frozenset[Cue],
    subjects: tuple[str, ...],
    listener: str | None,
    setting: SceneSetting,
    before: Continuity,
) -> Framing:
    if beat.establishing:
        return _establishing_framing(cues, setting)
    match beat.kind:
        case "closeup":
            return Framing.EXTREME_CLOSE_UP if before.framing is Framing.CLOSE_UP else Framing.CLOSE_UP
        case "speech":
            return _speech_framing(beat, listener, before)
        case "voice_over":
            if not subjects:
                return Framing.WIDE if before.framing is not Framing.WIDE else Framing.FULL
            return Framing.CLOSE_UP if feels_strongly(beat) else Framing.MEDIUM_CLOSE_UP
        case _:
            return _action_framing(cues, subjects, before)


def _establishing_framing(cues: frozenset[Cue], setting: SceneSetting) -> Framing:
    if setting.same_place:
        return Framing.FULL
    outside = setting.scene.interior == "ext"
    return Framing.VERY_WIDE if outside and (setting.first_of_episode or Cue.TALL in cues) else Framing.WIDE


def _speech_framing(beat: Beat, listener: str | None, before: Continuity) -> Framing:
    if len(beat.speakers) > 1:
        return Framing.MEDIUM
    if feels_strongly(beat):
        return Framing.CLOSE_UP
    if beat.continued:
        return Framing.MEDIUM_CLOSE_UP
    turn = len(before.speakers)
    if listener is None or turn == 0:
        return Framing.MEDIUM if turn % 2 == 0 else Framing.MEDIUM_CLOSE_UP
    return EXCHANGE[(turn - 1) % len(EXCHANGE)]


def _action_framing(cues: frozenset[Cue], subjects: tuple[str, ...], before: Continuity) -> Framing:
    if cues & {Cue.CROWD, Cue.FAR} or len(subjects) > 3:
        return Framing.WIDE
    if Cue.TRAVEL in cues and subjects:
        return Framing.FULL if before.framing not in WIDE_FRAMINGS else Framing.MEDIUM_WIDE
    if Cue.DETAIL in cues or {Cue.FACE, Cue.STRONG_FEELING} <= cues:
        return Framing.CLOSE_UP
    if Cue.FACE in cues and Cue.MOTION not in cues:
        return Framing.MEDIUM_CLOSE_UP
    if Cue.MOTION in cues:
        wider = len(subjects) > 1 or (subjects and before.framing in WIDE_FRAMINGS)
        return Framing.MEDIUM_WIDE if wider else Framing.MEDIUM
    return Framing.MEDIUM if subjects else Framing.WIDE


def _characters(
    subjects: tuple[str, ...], listener: str | None, framing: Framing, beat: Beat, setting: SceneSetting
) -> tuple[str, ...]:
    """The subjects, and who else the size of the picture takes in."""
    if beat.kind == "speech" and framing in (Framing.OVER_SHOULDER, Framing.MEDIUM) and listener:
        return (*subjects, listener)
    if beat.kind == "voice_over" and not subjects and not beat.establishing:
        return setting.sides[:3]
    if beat.establishing and beat.kind in ("place", "voice_over"):
        return tuple(name for name in setting.cast if not _comes_in_later(name, setting))[:4]
    return subjects


def _comes_in_later(name: str, setting: SceneSetting) -> bool:
    return any(
        block.type == "action" and name in block.text and Cue.ENTERING in cues_in(block.text)
        for block in setting.scene.blocks
    )


def _remember(
    before: Continuity,
    framing: Framing,
    move: CameraMove,
    subjects: tuple[str, ...],
    characters: tuple[str, ...],
    beat: Beat,
) -> None:
    before.moves.append(move)
    before.framing = framing
    before.characters = characters
    before.last_seen = tuple(name for name in subjects if not is_narrator(name)) or before.last_seen
    if beat.kind == "speech":
        before.speakers.extend(beat.speakers[:1])
