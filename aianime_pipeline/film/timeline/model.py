"""The timeline: what is seen, heard and read when. Pure; integer frames, a Fraction as rate, sound in samples.

Clips stand one after the other, cut to cut. Everything else hangs on a clip: a transition says how its clip begins,
and speech, effects, subtitles and markers are placed from their clip's first frame. So a clip that moves or grows
takes along what belongs to it, and nothing has to be shifted. Only the music belongs to the film as a whole.

A transition never changes the length of the film: it lies over the cut, from `in_offset` frames before it to
`out_offset` frames after it, as in OpenTimelineIO. While a dissolve or a wipe shows both clips, each goes on beyond
its cut with what its source still has, or with its first or last frame held.
"""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from aianime_pipeline.errors import BadDurationError, BadInputError, BadSettingError, DuplicateShotNumberError
from aianime_pipeline.film.subtitles.cues import SubtitleCue, writable
from aianime_pipeline.film.timeline.parts import (
    OVERLAPPING,
    SAMPLE_RATE,
    Clip,
    Marker,
    Music,
    SoundClip,
    SubtitleTrack,
    TrackGains,
    check_language,
)


@dataclass(frozen=True)
class PlacedSound:
    """A sound clip where it lies in the film, in samples at 48 kHz."""

    clip: SoundClip
    start: int

    @property
    def end(self) -> int:
        return self.start + self.clip.length


@dataclass(frozen=True)
class GrownShot:
    """A shot that is held longer than the storyboard wanted, so that its line can be spoken."""

    number: int
    wanted_frames: int
    frames: int


@dataclass(frozen=True)
class Timeline:
    """A whole film. Sizes in pixels, `rate` in frames a second, `language` as an ISO 639 code.

    Raises BadSettingError, BadInputError, BadDurationError, DuplicateShotNumberError where it makes no sense.
    """

    width: int
    height: int
    rate: Fraction
    clips: tuple[Clip, ...]
    speech: tuple[SoundClip, ...] = ()
    effects: tuple[SoundClip, ...] = ()
    music: Music | None = None
    gains: TrackGains = field(default_factory=TrackGains)
    subtitles: tuple[SubtitleTrack, ...] = ()
    markers: tuple[Marker, ...] = ()
    language: str = "zh"

    def __post_init__(self) -> None:
        check_format(self.width, self.height, self.rate)
        if not self.clips:
            raise BadInputError("The film has no shot; at least one is needed.")
        self._check_shots()
        self._check_transitions()
        self._check_speech()
        self._check_subtitles()

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
    def start_of(self) -> dict[int, int]:
        """The first frame of each shot."""
        return {clip.shot: start for clip, start in zip(self.clips, self.starts, strict=True)}

    @property
    def placed_speech(self) -> tuple[PlacedSound, ...]:
        return self._placed(self.speech)

    @property
    def placed_effects(self) -> tuple[PlacedSound, ...]:
        return self._placed(self.effects)

    def cues(self, language: str) -> tuple[SubtitleCue, ...]:
        """The subtitles of a language at their times in the film, in order; empty where it has none."""
        starts = self.start_of
        lines = [line for track in self.subtitles if track.language == language for line in track.lines]
        cues = []
        for line in lines:
            at = milliseconds(starts[line.shot] / self.rate)
            words = tuple(map(writable, line.lines))
            cues.append(SubtitleCue(at + line.start_ms, at + line.end_ms, words, writable(line.speaker)))
        cues.sort(key=lambda cue: cue.start_ms)
        for place, (earlier, later) in enumerate(pairwise(cues)):
            if later.start_ms == earlier.end_ms - 1:  # only the clips' moments, rounded one by one
                cues[place] = replace(earlier, end_ms=later.start_ms)
        return tuple(cues)

    @property
    def grown(self) -> tuple[GrownShot, ...]:
        return tuple(
            GrownShot(clip.shot, clip.wanted_frames, clip.frames)
            for clip in self.clips
            if 0 < clip.wanted_frames < clip.frames
        )

    @property
    def digest(self) -> str:
        """SHA-256 over everything that is seen, heard or read; where the files lie does not matter."""
        bare = without_files(replace(self, markers=()))
        bare = replace(bare, clips=tuple(replace(clip, wanted_frames=0) for clip in bare.clips))
        facts = json.dumps(asdict(bare), sort_keys=True, default=str, separators=(",", ":"))
        return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()

    def clip_of(self, shot: int) -> Clip:
        """Raises BadInputError where the shot is not on the timeline."""
        for clip in self.clips:
            if clip.shot == shot:
                return clip
        raise BadInputError(f"Shot {shot} is not on the timeline.", shot=shot)

    def _placed(self, sounds: tuple[SoundClip, ...]) -> tuple[PlacedSound, ...]:
        starts = self.start_of
        placed = (PlacedSound(clip, samples_at(starts[clip.shot], self.rate) + clip.offset) for clip in sounds)
        return tuple(sorted(placed, key=lambda sound: (sound.start, sound.clip.digest)))

    def _check_shots(self) -> None:
        seen: set[int] = set()
        for clip in self.clips:
            if clip.shot in seen:
                raise DuplicateShotNumberError(f"Shot {clip.shot} is on the timeline twice.", shot=clip.shot)
            seen.add(clip.shot)
        hanging = [one.shot for one in (*self.speech, *self.effects)]
        hanging += [line.shot for track in self.subtitles for line in track.lines]
        for shot in (*hanging, *(marker.shot for marker in self.markers)):
            if shot not in seen:
                raise BadInputError(f"Something hangs on shot {shot}, which is not on the timeline.", shot=shot)

    def _check_transitions(self) -> None:
        first = self.clips[0]
        if first.transition is not None and (first.transition.in_offset or first.transition.kind in OVERLAPPING):
            raise BadInputError(
                f"Shot {first.shot} begins the film: it can fade or flash in, but nothing lies before it.",
                shot=first.shot,
            )
        for clip, after in pairwise((*self.clips, None)):
            assert clip is not None
            wanted = transition_frames(clip, after)
            if wanted > clip.frames:
                raise BadDurationError(
                    f"The transitions of shot {clip.shot} take {wanted} frames, and it has {clip.frames}: "
                    "shorten them, or hold the shot longer.",
                    shot=clip.shot,
                )

    def _check_speech(self) -> None:
        speech = self.placed_speech
        for earlier, later in pairwise(speech):
            if later.start < earlier.end:
                raise BadInputError(
                    f"The lines of shots {earlier.clip.shot} and {later.clip.shot} overlap; speech must not."
                )
        for sound in (*speech, *self.placed_effects):
            if sound.start < 0:
                raise BadInputError(f"A sound of shot {sound.clip.shot} begins before the film.", shot=sound.clip.shot)
        if speech and speech[-1].end > self.total_samples:
            raise BadInputError(f"The line of shot {speech[-1].clip.shot} goes on after the film's end.")

    def _check_subtitles(self) -> None:
        check_language(self.language)
        languages = [track.language for track in self.subtitles]
        if len(set(languages)) != len(languages):
            raise BadInputError(f"The subtitle languages are {', '.join(languages)}; each may come once.")
        for language in languages:
            cues = self.cues(language)
            for earlier, later in pairwise(cues):
                if later.start_ms < earlier.end_ms:
                    raise BadInputError(
                        f"Two subtitles ({language}) are on screen at {later.start_ms} ms: {earlier.text!r} ends only "
                        f"at {earlier.end_ms} ms."
                    )
            if cues and (cues[0].start_ms < 0 or cues[-1].end_ms > milliseconds(self.seconds) + 1):
                raise BadInputError(f"A subtitle ({language}) lies outside the film.")


def transition_frames(clip: Clip, after: Clip | None) -> int:
    """How many frames of a clip its own transition and that of the clip after it take together."""
    own = clip.transition.out_offset if clip.transition is not None else 0
    return own + (after.transition.in_offset if after is not None and after.transition is not None else 0)


def samples_at(frame: int, rate: Fraction) -> int:
    """The sample nearest to the moment when `frame` begins, halves upwards: at most half a sample (10 µs) off, and
    never adding up, because it is always reckoned from the film's beginning."""
    return math.floor(frame / rate * SAMPLE_RATE + Fraction(1, 2))


def milliseconds(seconds: Fraction) -> int:
    """Whole milliseconds, halves upwards."""
    return math.floor(seconds * 1000 + Fraction(1, 2))


def without_files(timeline: Timeline) -> Timeline:
    """The same timeline with each source named by its digest alone: equal for equal films, wherever the files lie."""
    return replace(
        timeline,
        clips=tuple(replace(clip, source=Path(clip.digest)) for clip in timeline.clips),
        speech=tuple(replace(clip, source=Path(clip.digest)) for clip in timeline.speech),
        effects=tuple(replace(clip, source=Path(clip.digest)) for clip in timeline.effects),
        music=None if timeline.music is None else replace(timeline.music, source=Path(timeline.music.digest)),
    )


def check_format(width: int, height: int, rate: Fraction) -> None:
    """Raises BadSettingError for a size or a rate that no film can have."""
    if not (16 <= width <= 8192 and 16 <= height <= 8192) or width % 2 or height % 2:
        raise BadSettingError(f"The film's size is {width}x{height}; both sides must be even, from 16 to 8192 pixels.")
    if not 1 <= rate <= 120:
        raise BadSettingError(f"The film's rate is {rate} frames a second; it must lie between 1 and 120.")
