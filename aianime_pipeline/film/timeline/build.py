"""The first edit of an episode, from its shots as the storyboard wants them. Pure; nothing here opens a file.

The builder's rules: speech is never cut and lines never overlap, so a shot that is too short for its line is held
longer (its last frame goes on, or its camera move does), and that is reported. A transition that is longer than its
neighbours allow is shortened, and that is reported too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from aianime_pipeline.errors import BadDurationError, BadInputError, DuplicateShotNumberError
from aianime_pipeline.film.subtitles.cues import SHORTEST_CUE_MS, spread_line
from aianime_pipeline.film.timeline.model import GrownShot, Timeline, check_format, milliseconds, samples_at
from aianime_pipeline.film.timeline.parts import (
    OVERLAPPING,
    SAMPLE_RATE,
    Clip,
    ClipTransition,
    Music,
    PictureKind,
    SoundClip,
    SubtitleLine,
    SubtitleTrack,
)
from aianime_pipeline.storyboard.model import CameraMove, Transition

LEAD_IN_SAMPLES = SAMPLE_RATE * 15 // 100
"""Silence between a cut and the first word."""
TAIL_SAMPLES = SAMPLE_RATE * 30 // 100
"""Silence between the last word and the next cut."""

TRANSITION_SECONDS = {
    Transition.DISSOLVE: Fraction(1, 2),
    Transition.FADE_BLACK: Fraction(4, 5),
    Transition.FLASH_WHITE: Fraction(1, 4),
    Transition.WIPE: Fraction(2, 5),
}
"""How long a transition is where nobody says otherwise: what editing programs offer, rather short."""
_BEFORE_CUT = {Transition.FLASH_WHITE: Fraction(1, 3)}
"""Share of a transition that lies before its cut; a half for the others. A flash comes up fast and dies away."""


@dataclass(frozen=True)
class Picture:
    """`seconds` is the source's length; None for a still, and where it is not known."""

    path: Path
    digest: str
    kind: PictureKind
    keeps_own_sound: bool = False
    seconds: Fraction | None = None


@dataclass(frozen=True)
class VoiceFile:
    """`samples` is its length at 48 kHz, whatever the file's own rate is."""

    path: Path
    digest: str
    samples: int


@dataclass(frozen=True)
class TimelineShot:
    """A shot as the edit wants it: at least `duration_ms` long, longer where its line needs it. `translations` are the
    line's words by language; `slate` says why a card stands in for the picture."""

    number: int
    duration_ms: int
    picture: Picture
    camera_move: CameraMove = CameraMove.HOLD
    voice: VoiceFile | None = None
    dialogue: str = ""
    speaker: str = ""
    transition: Transition = Transition.CUT
    translations: tuple[tuple[str, str], ...] = ()
    slate: str = ""


@dataclass(frozen=True)
class BuiltTimeline:
    timeline: Timeline
    grown: tuple[GrownShot, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())


def build_timeline(
    shots: Sequence[TimelineShot],
    *,
    width: int,
    height: int,
    rate: Fraction,
    music: Music | None = None,
    language: str = "zh",
) -> BuiltTimeline:
    """Shots in their order. A wanted duration is rounded to the nearest frame, shot by shot, so that a change in one
    shot never moves another by a frame.

    Raises BadDurationError, DuplicateShotNumberError, BadSettingError, BadInputError.
    """
    check_format(width, height, rate)
    clips: list[Clip] = []
    speech: list[SoundClip] = []
    tracks: dict[str, list[SubtitleLine]] = {}
    notes: list[str] = []
    seen: set[int] = set()
    at = 0
    for shot in shots:
        if shot.number in seen:
            raise DuplicateShotNumberError(f"Shot {shot.number} is on the timeline twice.", shot=shot.number)
        seen.add(shot.number)
        wanted = _wanted_frames(shot, rate)
        line = _speech(shot)
        frames = wanted if line is None else max(wanted, _frames_for(line, at, rate) - at)
        clip = _clip(shot, frames, wanted, rate)
        clips.append(clip)
        if line is not None:
            speech.append(line)
        for spoken_in, words in ((language, shot.dialogue), *shot.translations):
            tracks.setdefault(spoken_in, []).extend(_subtitle_lines(shot, words, line, frames / rate))
        at += frames
    for place, shot in enumerate(shots):
        before = clips[place - 1] if place else None
        clips[place], said = _begun_by(shot.transition, before, clips[place], rate)
        notes += said
    timeline = Timeline(
        width=width,
        height=height,
        rate=rate,
        clips=tuple(clips),
        speech=tuple(speech),
        music=music,
        subtitles=tuple(SubtitleTrack(name, tuple(lines)) for name, lines in tracks.items() if lines),
        language=language,
    )
    return BuiltTimeline(timeline, timeline.grown, tuple(notes))


def default_transition(kind: Transition, rate: Fraction) -> ClipTransition:
    """A transition of its usual length. Raises BadInputError for a cut."""
    if kind not in TRANSITION_SECONDS:
        raise BadInputError(f"A {kind} is no transition that has a length.")
    return transition_of(kind, max(2, math.floor(TRANSITION_SECONDS[kind] * rate + Fraction(1, 2))))


def transition_of(kind: Transition, frames: int) -> ClipTransition:
    """A transition of that length, lying over its cut as its kind usually does. Raises BadInputError for a cut and
    BadDurationError for no frame."""
    before = math.floor(frames * _BEFORE_CUT.get(kind, Fraction(1, 2)))
    return ClipTransition(kind, before, frames - before)


def source_frames_at(seconds: Fraction, rate: Fraction) -> int:
    """How many frames of the film's rate a source of that length gives."""
    return max(1, math.floor(seconds * rate + Fraction(1, 2)))


def _begun_by(kind: Transition, before: Clip | None, clip: Clip, rate: Fraction) -> tuple[Clip, list[str]]:
    """The clip with its transition, as long as there is room: never over more than half of a neighbour, so that the
    transition at its other end has as much."""
    if kind is Transition.CUT:
        return clip, []
    wanted = default_transition(kind, rate)
    if before is None:
        if kind in OVERLAPPING:
            return clip, [f"Shot {clip.shot} begins the film: it cannot begin with a {kind}, so it begins with a cut."]
        wanted = ClipTransition(kind, 0, wanted.frames)
    room_before = before.frames // 2 if before is not None else 0
    room_after = clip.frames // 2
    offsets = min(wanted.in_offset, room_before), min(wanted.out_offset, room_after)
    if sum(offsets) < min(2, wanted.frames):
        return clip, [f"The {kind} at the beginning of shot {clip.shot} has no room: its neighbours are too short."]
    found = ClipTransition(kind, *offsets)
    notes = []
    if found.frames < wanted.frames:
        notes.append(
            f"The {kind} at the beginning of shot {clip.shot} is {found.frames} frames long instead of "
            f"{wanted.frames}: its neighbours are too short."
        )
    return replace(clip, transition=found), notes


def _wanted_frames(shot: TimelineShot, rate: Fraction) -> int:
    if shot.duration_ms <= 0:
        raise BadDurationError(
            f"Shot {shot.number} is to last {shot.duration_ms} ms; a shot needs more than 0.", shot=shot.number
        )
    return max(1, math.floor(Fraction(shot.duration_ms, 1000) * rate + Fraction(1, 2)))


def _speech(shot: TimelineShot) -> SoundClip | None:
    if shot.voice is None:
        return None
    if shot.voice.samples < 1:
        raise BadDurationError(f"The voice line of shot {shot.number} has no sound in it.", shot=shot.number)
    return SoundClip(shot.number, shot.voice.path, shot.voice.digest, LEAD_IN_SAMPLES, shot.voice.samples)


def _clip(shot: TimelineShot, frames: int, wanted: int, rate: Fraction) -> Clip:
    picture = shot.picture
    still = picture.kind == "still"
    has = None if still or picture.seconds is None else source_frames_at(picture.seconds, rate)
    shown = frames if has is None else min(frames, has)
    return Clip(
        shot=shot.number,
        source=picture.path,
        digest=picture.digest,
        kind=picture.kind,
        source_out=shown,
        hold=frames - shown,
        source_frames=has,
        wanted_frames=wanted,
        camera_move=shot.camera_move if still else CameraMove.HOLD,
        keeps_own_sound=picture.keeps_own_sound and not still,
        slate=shot.slate,
    )


def _subtitle_lines(
    shot: TimelineShot, words: str, line: SoundClip | None, seconds: Fraction
) -> tuple[SubtitleLine, ...]:
    """A spoken line is read while it is spoken; one without a voice while its shot is seen."""
    end = milliseconds(seconds)
    if line is not None:
        start = milliseconds(Fraction(line.offset, SAMPLE_RATE))
        stop = milliseconds(Fraction(line.offset + line.length, SAMPLE_RATE))
        # A cry of a quarter of a second could not be read: it stays a little, but never into the next shot.
        stop = max(stop, min(start + SHORTEST_CUE_MS, end))
    else:
        start, stop = 0, end
    return tuple(
        SubtitleLine(shot.number, cue.start_ms, cue.end_ms, cue.lines, cue.speaker)
        for cue in spread_line(words, start_ms=start, end_ms=stop, speaker=shot.speaker)
    )


def _frames_for(line: SoundClip, at: int, rate: Fraction) -> int:
    """The first frame of the film that begins when a line is over, in a shot that begins at frame `at`."""
    sample = samples_at(at, rate) + line.offset + line.length + TAIL_SAMPLES
    frame = math.ceil(Fraction(sample, SAMPLE_RATE) * rate)
    # A frame's own moment is rounded to a sample, so the one before may begin at this very sample.
    return frame - 1 if samples_at(frame - 1, rate) >= sample else frame
