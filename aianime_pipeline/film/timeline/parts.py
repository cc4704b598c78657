"""What a timeline is put together from: clips and how they begin, sounds, music, subtitles, markers. Pure.

Each checks what it can know of itself; what depends on its neighbours the timeline checks.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aianime_pipeline.errors import BadDurationError, BadInputError, BadSettingError
from aianime_pipeline.storyboard.model import CameraMove, Transition

SAMPLE_RATE = 48_000
HIGHEST_GAIN_DB = 60.0

PictureKind = Literal["video", "still"]
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")

OVERLAPPING = frozenset({Transition.DISSOLVE, Transition.WIPE})
"""The transitions that show both clips at once. The others end one clip before the next begins."""


@dataclass(frozen=True)
class ClipTransition:
    """How a clip begins: `in_offset` frames lie before its cut, over the end of the clip before it, and `out_offset`
    after it. At the film's beginning only a fade or a flash is possible, and nothing lies before it."""

    kind: Transition
    in_offset: int
    out_offset: int

    def __post_init__(self) -> None:
        if self.kind is Transition.CUT:
            raise BadInputError("A cut is no transition: leave the clip's transition out.")
        if self.in_offset < 0 or self.out_offset < 0 or self.frames == 0:
            raise BadDurationError(
                f"A transition of {self.in_offset} frames before and {self.out_offset} after its cut; "
                "neither may be negative, and together they are at least one."
            )

    @property
    def frames(self) -> int:
        return self.in_offset + self.out_offset


@dataclass(frozen=True)
class Clip:
    """One shot's picture. `shot` is its name on the timeline and stands there once; `digest` is the SHA-256 of the
    source's bytes, in hex.

    Of the source, counted in frames of the timeline's rate, the clip shows `source_in` up to but not including
    `source_out`, then holds the last for `hold` frames. `source_frames` is all the source has; None where that is
    without end (a still) or not known. `wanted_frames` is what the storyboard asked for. A still moves by
    `camera_move`; a video plays as it is. `slate` says why a card stands in for the shot; empty for a real picture.
    """

    shot: int
    source: Path
    digest: str
    kind: PictureKind
    source_out: int
    source_in: int = 0
    hold: int = 0
    source_frames: int | None = None
    wanted_frames: int = 0
    camera_move: CameraMove = CameraMove.HOLD
    keeps_own_sound: bool = False
    own_gain_db: float = 0.0
    transition: ClipTransition | None = None
    slate: str = ""

    def __post_init__(self) -> None:
        _check_digest(self.digest, f"shot {self.shot}")
        _check_gain(self.own_gain_db, f"the own sound of shot {self.shot}")
        if self.source_in < 0 or self.source_out <= self.source_in or self.hold < 0:
            raise BadDurationError(
                f"Shot {self.shot} goes from frame {self.source_in} to {self.source_out} of its source and holds the "
                f"last for {self.hold}; it needs at least one frame of its source.",
                shot=self.shot,
            )
        if self.source_frames is not None and self.source_out > self.source_frames:
            raise BadDurationError(
                f"Shot {self.shot} goes to frame {self.source_out} of its source, which has {self.source_frames}.",
                shot=self.shot,
            )
        if self.kind == "still" and (self.source_in or self.hold or self.source_frames is not None):
            raise BadInputError(f"Shot {self.shot} is a still: it has a length, and no in-point and no hold.")

    @property
    def frames(self) -> int:
        return self.source_out - self.source_in + self.hold


@dataclass(frozen=True)
class SoundClip:
    """A spoken line or an effect. `offset` (from the first sample of its shot's clip; negative: before it), `length`
    and the fades are in samples at 48 kHz, `source_in` what is left out of the source's beginning."""

    shot: int
    source: Path
    digest: str
    offset: int
    length: int
    source_in: int = 0
    gain_db: float = 0.0
    fade_in: int = 0
    fade_out: int = 0

    def __post_init__(self) -> None:
        _check_digest(self.digest, f"a sound of shot {self.shot}")
        _check_gain(self.gain_db, f"a sound of shot {self.shot}")
        if self.length < 1 or self.source_in < 0:
            raise BadDurationError(f"A sound of shot {self.shot} has {self.length} samples; it needs one at least.")
        if self.fade_in < 0 or self.fade_out < 0 or self.fade_in + self.fade_out > self.length:
            raise BadDurationError(f"The fades of a sound of shot {self.shot} are longer than the sound itself.")


@dataclass(frozen=True)
class Music:
    """Under the whole film: looped or trimmed to its length. `gain_db` is against the speech as recorded,
    `ducking_db` how far it goes down under speech (0: not at all); the fades are in samples at 48 kHz."""

    source: Path
    digest: str
    gain_db: float = -12.0
    ducking_db: float = -10.0
    fade_in: int = 0
    fade_out: int = 2 * SAMPLE_RATE

    def __post_init__(self) -> None:
        _check_digest(self.digest, "the music")
        _check_gain(self.gain_db, "the music")
        if not -HIGHEST_GAIN_DB <= self.ducking_db <= 0:
            raise BadSettingError(f"The music is ducked by {self.ducking_db} dB; it must lie between -60 and 0.")
        if self.fade_in < 0 or self.fade_out < 0:
            raise BadDurationError("The music's fades must not be negative.")


@dataclass(frozen=True)
class TrackGains:
    """dB added to a whole track: the lines, the clips' own sound, the effects. The music has its own."""

    speech: float = 0.0
    own_sound: float = 0.0
    effects: float = 0.0

    def __post_init__(self) -> None:
        for name in ("speech", "own_sound", "effects"):
            _check_gain(getattr(self, name), f"the track {name}")


@dataclass(frozen=True)
class SubtitleLine:
    """Text under a clip, one or two lines: milliseconds from the clip's first frame."""

    shot: int
    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    speaker: str = ""

    def __post_init__(self) -> None:
        if self.end_ms <= self.start_ms:
            raise BadDurationError(f"A subtitle of shot {self.shot} ends at {self.end_ms} ms, before it is seen.")
        if not any(line.strip() for line in self.lines):
            raise BadInputError(f"A subtitle of shot {self.shot} has no text.")


@dataclass(frozen=True)
class SubtitleTrack:
    """The subtitles of one language, by its ISO 639 code. Two are never on screen at once."""

    language: str
    lines: tuple[SubtitleLine, ...]

    def __post_init__(self) -> None:
        check_language(self.language)


@dataclass(frozen=True)
class Marker:
    """A note to whoever edits: `offset` in frames from its clip's first."""

    shot: int
    offset: int
    text: str
    colour: str = "red"


def _check_digest(digest: str, whose: str) -> None:
    if not _DIGEST.fullmatch(digest):
        raise BadInputError(f"The digest of {whose} is {digest!r}; a SHA-256 in 64 small hex digits is wanted.")


def _check_gain(gain_db: float, whose: str) -> None:
    if not math.isfinite(gain_db) or abs(gain_db) > HIGHEST_GAIN_DB:
        raise BadSettingError(f"The gain of {whose} is {gain_db} dB; it must lie between -60 and 60.")


def check_language(language: str) -> None:
    """Raises BadSettingError for what is no ISO 639 code."""
    if not _LANGUAGE.fullmatch(language):
        raise BadSettingError(f"{language!r} is no language code; right would be zh, en or zh-Hant.")
