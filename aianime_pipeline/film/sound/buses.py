"""What is heard when: every line, effect and own sound of a clip as a stretch of its source at its place in the film,
with its gain and its fades. Pure: nothing here opens a file.

The same list names the finished sound, so what is not in it cannot be heard, and a change in the pictures alone
changes nothing here.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.film.timeline import (
    OVERLAPPING,
    SAMPLE_RATE,
    Clip,
    ClipTransition,
    Music,
    PlacedSound,
    Timeline,
    samples_at,
)

OWN_DUCKING_DB = -6.0
"""How far a clip's own sound goes down under speech: half of what music does. It belongs to the picture and must stay
to be heard, but a generated clip often murmurs or hums just where the words are."""
DUCK_BEFORE = SAMPLE_RATE // 4
DUCK_AFTER = SAMPLE_RATE * 6 // 10

EDGE = SAMPLE_RATE // 200
"""5 ms at both ends of a clip's own sound, so that a cut does not click."""
SHORT_EDGE = SAMPLE_RATE // 500
"""2 ms where an effect or the music is cut off by the film's end, or a sound was trimmed."""

Bus = Literal["speech", "own", "effects"]


@dataclass(frozen=True)
class Ramp:
    """A factor from 0 before `first` to 1 from `last` on, or the other way round. Linear, or (`power`) as a sine, so
    that two sounds that cross are as loud together as each alone."""

    first: int
    last: int
    rising: bool
    power: bool = False

    def at(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        share = np.clip((places - self.first) / (self.last - self.first), 0, 1)
        share = share if self.rising else 1 - share
        return np.asarray(np.sin(share * (np.pi / 2)) if self.power else share, np.float64)

    def touches(self, start: int, stop: int) -> bool:
        """Whether the factor is anything but 1 somewhere from `start` to `stop`."""
        return start < self.last if self.rising else stop > self.first


@dataclass(frozen=True)
class HeardSound:
    """From `start` to `stop` in the film the source is heard, of which sample `source_at` lies at `start`."""

    bus: Bus
    shot: int
    source: Path
    digest: str
    start: int
    stop: int
    source_at: int
    gain_db: float
    ramps: tuple[Ramp, ...] = ()

    @property
    def source_end(self) -> int:
        return self.source_at + self.stop - self.start

    def key(self, origin: int) -> list[Any]:
        """All that makes a difference to the ear, places counted from `origin`."""
        ramps = [(ramp.first - origin, ramp.last - origin, ramp.rising, ramp.power) for ramp in self.ramps]
        return [self.bus, self.digest, self.start - origin, self.stop - origin, self.source_at, self.gain_db, ramps]


def heard_sounds(timeline: Timeline) -> tuple[HeardSound, ...]:
    """Everything but the music, in order of its beginning."""
    sounds = [*_speech(timeline), *_effects(timeline), *_own_sounds(timeline)]
    return tuple(sorted(sounds, key=lambda sound: (sound.start, sound.bus, sound.digest)))


def spoken_spans(timeline: Timeline) -> tuple[tuple[int, int], ...]:
    """From where to where there is speech, in samples. Pauses too short for anything to come up and go down again
    count as speech."""
    spans: list[tuple[int, int]] = []
    for line in timeline.placed_speech:
        if spans and line.start - spans[-1][1] < DUCK_BEFORE + DUCK_AFTER:
            spans[-1] = (spans[-1][0], line.end)
        else:
            spans.append((line.start, line.end))
    return tuple(spans)


def music_ramps(music: Music, total: int) -> tuple[Ramp, ...]:
    """How the music comes and goes: neither takes more than half of the film, and at its end there is no click."""
    ramps = []
    if fade_in := min(music.fade_in, total // 2):
        ramps.append(Ramp(0, fade_in, rising=True))
    ramps.append(Ramp(total - max(min(music.fade_out, total // 2), min(SHORT_EDGE, total)), total, rising=False))
    return tuple(ramps)


def _speech(timeline: Timeline) -> list[HeardSound]:
    return [_placed("speech", line, timeline.gains.speech) for line in timeline.placed_speech]


def _effects(timeline: Timeline) -> list[HeardSound]:
    """An effect that is longer than the film is cut off at its end."""
    total, effects = timeline.total_samples, []
    for placed in timeline.placed_effects:
        effect = _placed("effects", placed, timeline.gains.effects)
        if effect.start >= total:
            continue
        if effect.stop > total:
            end = Ramp(max(total - SHORT_EDGE, effect.start), total, rising=False)
            effect = replace(effect, stop=total, ramps=(*effect.ramps, end))
        effects.append(effect)
    return effects


def _placed(bus: Bus, placed: PlacedSound, track_gain: float) -> HeardSound:
    clip, ramps = placed.clip, []
    if clip.fade_in:
        ramps.append(Ramp(placed.start, placed.start + clip.fade_in, rising=True))
    elif clip.source_in:
        ramps.append(Ramp(placed.start, placed.start + SHORT_EDGE, rising=True))
    if clip.fade_out:
        ramps.append(Ramp(placed.end - clip.fade_out, placed.end, rising=False))
    return HeardSound(
        bus,
        clip.shot,
        clip.source,
        clip.digest,
        placed.start,
        placed.end,
        clip.source_in,
        clip.gain_db + track_gain,
        tuple(ramps),
    )


def _own_sounds(timeline: Timeline) -> list[HeardSound]:
    sounds = []
    starts = timeline.starts
    for (clip, after), start in zip(pairwise((*timeline.clips, None)), starts, strict=True):
        if clip is not None and clip.keeps_own_sound:
            sounds.append(_own_sound(timeline, clip, start, None if after is None else after.transition))
    return sounds


def _own_sound(timeline: Timeline, clip: Clip, start: int, leaving: ClipTransition | None) -> HeardSound:
    """A clip's own sound from its in-point to its out-point, and further where a transition shows the clip beyond its
    cuts: as far as the source goes. While the last frame is held nothing is heard."""
    rate, entering = timeline.rate, clip.transition
    first, last = start, start + clip.source_out - clip.source_in
    end = start + clip.frames
    ramps = []
    if entering is not None:
        overlaps = entering.kind in OVERLAPPING
        if overlaps:
            first -= min(entering.in_offset, clip.source_in)
        begins = start - entering.in_offset if overlaps else start
        if begins < start + entering.out_offset:
            ramps.append(_between(timeline, begins, start + entering.out_offset, rising=True, power=overlaps))
    if leaving is not None:
        overlaps = leaving.kind in OVERLAPPING
        if overlaps and clip.hold == 0:
            last += leaving.out_offset
            if clip.source_frames is not None:
                last = min(last, end + clip.source_frames - clip.source_out)
        ends = end + leaving.out_offset if overlaps else end
        if end - leaving.in_offset < ends:
            ramps.append(_between(timeline, end - leaving.in_offset, ends, rising=False, power=overlaps))
    source_at = samples_at(clip.source_in - (start - first), rate)
    gain = clip.own_gain_db + timeline.gains.own_sound
    begin, stop = samples_at(first, rate), min(samples_at(last, rate), timeline.total_samples)
    return edged(
        HeardSound("own", clip.shot, clip.source, clip.digest, begin, stop, source_at, gain, tuple(ramps)), EDGE
    )


def edged(sound: HeardSound, edge: int, *, begin: bool = True, end: bool = True) -> HeardSound:
    """The sound with a short fade at its ends, so that it does not click where it is cut."""
    edge = max(1, min(edge, (sound.stop - sound.start) // 2))
    ramps = sound.ramps
    if begin:
        ramps = (*ramps, Ramp(sound.start, sound.start + edge, rising=True))
    if end:
        ramps = (*ramps, Ramp(sound.stop - edge, sound.stop, rising=False))
    return replace(sound, ramps=ramps)


def _between(timeline: Timeline, first: int, last: int, *, rising: bool, power: bool) -> Ramp:
    return Ramp(samples_at(first, timeline.rate), samples_at(last, timeline.rate), rising, power)
