"""The timeline: what is seen and heard when. Pure; frames are integers, the rate is a Fraction, sound is in samples.

The builder's one rule of its own: speech is never cut and lines never overlap. A shot that is too short for its line
is held longer (its last frame goes on, or its camera move does), and that is reported. Nothing here opens a file.
"""

import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from aianime_pipeline.errors import BadDurationError, BadInputError, BadSettingError, DuplicateShotNumberError
from aianime_pipeline.film.subtitles import SHORTEST_CUE_MS, SubtitleCue, spread_line
from aianime_pipeline.storyboard.model import CameraMove

SAMPLE_RATE = 48_000
LEAD_IN_SAMPLES = SAMPLE_RATE * 15 // 100
"""Silence between a cut and the first word."""
TAIL_SAMPLES = SAMPLE_RATE * 30 // 100
"""Silence between the last word and the next cut."""

PictureKind = Literal["video", "still"]
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Clip:
    """One shot's picture. `digest` is the SHA-256 of the source's bytes, in hex; `frames` what it has on the timeline,
    `wanted_frames` what the storyboard asked for. A still moves by `camera_move`; a video plays as it is."""

    shot: int
    source: Path
    digest: str
    kind: PictureKind
    frames: int
    wanted_frames: int
    camera_move: CameraMove = CameraMove.HOLD
    keeps_own_sound: bool = False

    def __post_init__(self) -> None:
        _check_digest(self.digest, f"shot {self.shot}")
        if self.frames < 1:
            raise BadDurationError(f"Shot {self.shot} has {self.frames} frames; it needs at least one.", shot=self.shot)


@dataclass(frozen=True)
class SpeechCue:
    """A spoken line; `start` and `length` in samples at 48 kHz, from the film's beginning."""

    shot: int
    source: Path
    digest: str
    start: int
    length: int

    def __post_init__(self) -> None:
        _check_digest(self.digest, f"the voice line of shot {self.shot}")

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True)
class Music:
    """Under the whole film: looped or trimmed to its length. `gain_db` is against the speech as recorded."""

    source: Path
    digest: str
    gain_db: float = -12.0

    def __post_init__(self) -> None:
        _check_digest(self.digest, "the music")
        if not math.isfinite(self.gain_db) or abs(self.gain_db) > 60:
            raise BadSettingError(f"The music's gain is {self.gain_db} dB; it must lie between -60 and 60.")


@dataclass(frozen=True)
class GrownShot:
    """A shot that is held longer than the storyboard wanted, so that its line can be spoken."""

    number: int
    wanted_frames: int
    frames: int


@dataclass(frozen=True)
class Timeline:
    """A whole film. Sizes in pixels, `rate` in frames a second, `language` as a two- or three-letter ISO 639 code."""

    width: int
    height: int
    rate: Fraction
    clips: tuple[Clip, ...]
    speech: tuple[SpeechCue, ...] = ()
    subtitles: tuple[SubtitleCue, ...] = ()
    music: Music | None = None
    language: str = "zh"

    def __post_init__(self) -> None:
        _check_format(self.width, self.height, self.rate)
        if not self.clips:
            raise BadInputError("The film has no shot; at least one is needed.")
        for earlier, later in pairwise(self.speech):
            if later.start < earlier.end:
                raise BadInputError(f"The lines of shots {earlier.shot} and {later.shot} overlap; speech must not.")
        if self.speech and self.speech[-1].end > self.total_samples:
            raise BadInputError(f"The line of shot {self.speech[-1].shot} goes on after the film's end.")

    @property
    def total_frames(self) -> int:
        return sum(clip.frames for clip in self.clips)

    @property
    def seconds(self) -> Fraction:
        return self.total_frames / self.rate

    @property
    def total_samples(self) -> int:
        return samples_at(self.total_frames, self.rate)

    @property
    def starts(self) -> tuple[int, ...]:
        """The first frame of each clip."""
        starts, at = [], 0
        for clip in self.clips:
            starts.append(at)
            at += clip.frames
        return tuple(starts)

    @property
    def grown(self) -> tuple[GrownShot, ...]:
        return tuple(
            GrownShot(clip.shot, clip.wanted_frames, clip.frames)
            for clip in self.clips
            if clip.frames > clip.wanted_frames
        )

    @property
    def digest(self) -> str:
        """SHA-256 over everything that is seen, heard or read; where the files lie does not matter."""
        return hashlib.sha256(_canonical(self).encode()).hexdigest()


def samples_at(frame: int, rate: Fraction) -> int:
    """The sample nearest to the moment when `frame` begins, halves upwards: at most half a sample (10 µs) off, and
    never adding up, because it is always reckoned from the film's beginning."""
    return math.floor(frame / rate * SAMPLE_RATE + Fraction(1, 2))


@dataclass(frozen=True)
class Picture:
    path: Path
    digest: str
    kind: PictureKind
    keeps_own_sound: bool = False


@dataclass(frozen=True)
class VoiceFile:
    """`samples` is its length at 48 kHz, whatever the file's own rate is."""

    path: Path
    digest: str
    samples: int


@dataclass(frozen=True)
class TimelineShot:
    """A shot as the edit wants it: at least `duration_ms` long, longer where its line needs it."""

    number: int
    duration_ms: int
    picture: Picture
    camera_move: CameraMove = CameraMove.HOLD
    voice: VoiceFile | None = None
    dialogue: str = ""
    speaker: str = ""


@dataclass(frozen=True)
class BuiltTimeline:
    timeline: Timeline
    grown: tuple[GrownShot, ...] = field(default=())


def build_timeline(
    shots: Sequence[TimelineShot],
    *,
    width: int,
    height: int,
    rate: Fraction,
    music: Music | None = None,
    language: str = "zh",
) -> BuiltTimeline:
    """Shots in their order, cut to cut. A wanted duration is rounded to the nearest frame, shot by shot, so that a
    change in one shot never moves another by a frame.

    Raises BadDurationError, DuplicateShotNumberError, BadSettingError, BadInputError.
    """
    _check_format(width, height, rate)
    clips: list[Clip] = []
    speech: list[SpeechCue] = []
    subtitles: list[SubtitleCue] = []
    seen: set[int] = set()
    at = 0
    for shot in shots:
        if shot.number in seen:
            raise DuplicateShotNumberError(f"Shot {shot.number} is on the timeline twice.", shot=shot.number)
        seen.add(shot.number)
        wanted = _wanted_frames(shot, rate)
        cue = _speech_cue(shot, at, rate)
        frames = wanted if cue is None else max(wanted, _frame_after(cue.end + TAIL_SAMPLES, rate) - at)
        clips.append(_clip(shot, frames, wanted))
        if cue is not None:
            speech.append(cue)
        subtitles.extend(_subtitle_cues(shot, cue, at, at + frames, rate))
        at += frames
    timeline = Timeline(width, height, rate, tuple(clips), tuple(speech), tuple(subtitles), music, language)
    return BuiltTimeline(timeline, timeline.grown)


def _wanted_frames(shot: TimelineShot, rate: Fraction) -> int:
    if shot.duration_ms <= 0:
        raise BadDurationError(
            f"Shot {shot.number} is to last {shot.duration_ms} ms; a shot needs more than 0.", shot=shot.number
        )
    return max(1, math.floor(Fraction(shot.duration_ms, 1000) * rate + Fraction(1, 2)))


def _speech_cue(shot: TimelineShot, at: int, rate: Fraction) -> SpeechCue | None:
    if shot.voice is None:
        return None
    if shot.voice.samples < 1:
        raise BadDurationError(f"The voice line of shot {shot.number} has no sound in it.", shot=shot.number)
    start = samples_at(at, rate) + LEAD_IN_SAMPLES
    return SpeechCue(shot.number, shot.voice.path, shot.voice.digest, start, shot.voice.samples)


def _clip(shot: TimelineShot, frames: int, wanted: int) -> Clip:
    picture = shot.picture
    move = shot.camera_move if picture.kind == "still" else CameraMove.HOLD
    own_sound = picture.keeps_own_sound and picture.kind == "video"
    return Clip(shot.number, picture.path, picture.digest, picture.kind, frames, wanted, move, own_sound)


def _subtitle_cues(
    shot: TimelineShot, cue: SpeechCue | None, first: int, end: int, rate: Fraction
) -> tuple[SubtitleCue, ...]:
    """A spoken line is read while it is spoken; one without a voice while its shot is seen."""
    shot_start, shot_end = _ms(first / rate), _ms(end / rate)
    if cue is not None:
        start, stop = _ms(Fraction(cue.start, SAMPLE_RATE)), _ms(Fraction(cue.end, SAMPLE_RATE))
        # A cry of a quarter of a second could not be read: it stays a little, but never into the next shot.
        stop = max(stop, min(start + SHORTEST_CUE_MS, shot_end))
    else:
        start, stop = shot_start, shot_end
    return spread_line(shot.dialogue, start_ms=start, end_ms=stop, speaker=shot.speaker)


def _frame_after(sample: int, rate: Fraction) -> int:
    """The first frame that begins at `sample` or later."""
    frame = math.ceil(Fraction(sample, SAMPLE_RATE) * rate)
    # A frame's own moment is rounded to a sample, so the one before may begin at this very sample.
    return frame - 1 if samples_at(frame - 1, rate) >= sample else frame


def _ms(seconds: Fraction) -> int:
    return math.floor(seconds * 1000 + Fraction(1, 2))


def _check_format(width: int, height: int, rate: Fraction) -> None:
    if not (16 <= width <= 8192 and 16 <= height <= 8192) or width % 2 or height % 2:
        raise BadSettingError(f"The film's size is {width}x{height}; both sides must be even, from 16 to 8192 pixels.")
    if not 1 <= rate <= 120:
        raise BadSettingError(f"The film's rate is {rate} frames a second; it must lie between 1 and 120.")


def _check_digest(digest: str, whose: str) -> None:
    if not _DIGEST.fullmatch(digest):
        raise BadInputError(f"The digest of {whose} is {digest!r}; a SHA-256 in 64 small hex digits is wanted.")


def _canonical(timeline: Timeline) -> str:
    facts: dict[str, Any] = {
        "size": [timeline.width, timeline.height],
        "rate": str(timeline.rate),
        "language": timeline.language,
        "clips": [[c.shot, c.digest, c.kind, c.frames, c.camera_move, c.keeps_own_sound] for c in timeline.clips],
        "speech": [[c.shot, c.digest, c.start, c.length] for c in timeline.speech],
        "subtitles": [[c.start_ms, c.end_ms, c.lines, c.speaker] for c in timeline.subtitles],
        "music": None if timeline.music is None else [timeline.music.digest, timeline.music.gain_db],
    }
    return json.dumps(facts, sort_keys=True, separators=(",", ":"))
