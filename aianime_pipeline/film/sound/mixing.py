"""The mix before its loudness is set: any stretch of it, on demand, from sources that are decoded already.

Music and the clips' own sound are ducked by the timeline's own speech times instead of by listening to the speech:
they can begin to make way before the first word, and never pump between two words. Lines are brought to a common
loudness first, because voices come from different makers and at unlike levels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.sound.buses import (
    DUCK_AFTER,
    DUCK_BEFORE,
    EDGE,
    OWN_DUCKING_DB,
    SHORT_EDGE,
    HeardSound,
    Ramp,
    edged,
)
from aianime_pipeline.film.sound.loudness import factor
from aianime_pipeline.film.sound.reading import Samples
from aianime_pipeline.film.sound.sources import SourceSound
from aianime_pipeline.film.timeline import SAMPLE_RATE

CROSSFADE = SAMPLE_RATE * 2
"""Where the music's end meets its beginning again; a quarter of the piece if that is shorter."""

LINE_LUFS = -20.0
"""What every line is brought to before its own gain: about where a voice lies under a peak of full scale."""
MOST_LEVELLING_DB = 12.0
"""No line is moved by more: what is quieter than that is noise as much as voice."""

_LENGTH_TOLERANCE = SAMPLE_RATE // 10
"""Encoder padding may make a file differ from its stated length by this much."""
_TRIMMED = SAMPLE_RATE // 100

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class BoundSound:
    """A sound of the film with its samples. `gain` is a factor."""

    heard: HeardSound
    source: SourceSound
    gain: float
    ducked_db: float

    def key(self, origin: int) -> list[Any]:
        return [*self.heard.key(origin), self.gain, self.ducked_db]


@dataclass(frozen=True)
class MusicBed:
    """The music under a film; it `loops` where it is shorter. `gain` is a factor."""

    source: SourceSound
    gain: float
    ducked_db: float
    ramps: tuple[Ramp, ...]
    loops: bool

    def read(self, start: int, stop: int) -> Samples:
        """The piece as recorded, without gain, ramps and ducking."""
        return looped(self.source, start, stop - start) if self.loops else self.source.read(start, stop)

    def key(self, start: int, stop: int) -> list[Any]:
        near = [ramp for ramp in self.ramps if ramp.touches(start, stop)]
        ramps = [(ramp.first - start, ramp.last - start, ramp.rising) for ramp in near]
        return [self.source.digest, start, self.loops, self.gain, self.ducked_db, ramps]


def bound(heard: HeardSound, source: SourceSound) -> BoundSound:
    """Raises UnreadableMediaError where a line's or an effect's file has less sound than the timeline was told. A
    clip's own sound may be shorter than its picture."""
    gain_db, ducked_db = heard.gain_db, 0.0
    if heard.bus == "own":
        ducked_db = OWN_DUCKING_DB
        if heard.source_end > source.samples:
            stop = max(heard.start + 1, heard.stop - (heard.source_end - source.samples))
            heard = edged(replace(heard, stop=stop), EDGE, begin=False)
    else:
        if heard.source_end - source.samples > _LENGTH_TOLERANCE:
            raise _too_short(heard, source)
        fades_out = any(not ramp.rising for ramp in heard.ramps)
        if not fades_out and source.samples - heard.source_end > _TRIMMED:
            heard = edged(heard, SHORT_EDGE, begin=False)
    if heard.bus == "speech":
        gain_db += levelling_db(source)
    return BoundSound(heard, source, factor(gain_db), ducked_db)


def levelling_db(line: SourceSound) -> float:
    """dB that bring a line to the common loudness, as far as that is allowed; 0 for a silent one."""
    if line.lufs is None:
        return 0.0
    return float(np.clip(LINE_LUFS - line.lufs, -MOST_LEVELLING_DB, MOST_LEVELLING_DB))


class Mix:
    """The sum of all that is heard in a film of `total` samples."""

    def __init__(self, total: int, sounds: Sequence[BoundSound], music: MusicBed | None, spoken: Spans) -> None:
        self.total = total
        self._sounds = sounds
        self._music = music
        self._spoken = spoken

    def read(self, start: int, stop: int) -> Samples:
        """Samples `start` to `stop`; silence outside the film."""
        block = np.zeros((stop - start, 2), np.float32)
        first, last = max(start, 0), min(stop, self.total)
        if first >= last:
            return block
        film = block[first - start : last - start]
        depths: dict[float, NDArray[np.float64]] = {}
        for sound in self._sounds:
            if sound.heard.start < last and sound.heard.stop > first:
                self._add(sound, film, first, depths)
        if self._music is not None:
            places = np.arange(first, last)
            weights = self._music.gain * self._ducked(self._music.ducked_db, places, depths)
            for ramp in self._music.ramps:
                if ramp.touches(first, last):
                    weights = weights * ramp.at(places)
            film += self._music.read(first, last) * weights[:, None].astype(np.float32)
        return block

    def key(self, start: int, stop: int) -> Mapping[str, Any]:
        """Names what `read` gives for a stretch, by all that goes into it. Like stretches of two films have one name,
        wherever they lie."""
        near = [sound for sound in self._sounds if sound.heard.start < stop and sound.heard.stop > start]
        ducks = any(sound.ducked_db for sound in near) or (self._music is not None and self._music.ducked_db)
        return {
            "film": (max(-start, 0), min(stop, self.total) - start),
            "sounds": [sound.key(start) for sound in near],
            "music": None if self._music is None else self._music.key(start, stop),
            "spoken": [
                (begin - start, end - start)
                for begin, end in self._spoken
                if ducks and begin - DUCK_BEFORE < stop and end + DUCK_AFTER > start
            ],
        }

    def _add(self, sound: BoundSound, film: Samples, at: int, depths: dict[float, NDArray[np.float64]]) -> None:
        heard = sound.heard
        first, last = max(heard.start, at), min(heard.stop, at + len(film))
        source_at = heard.source_at + first - heard.start
        block = sound.source.read(source_at, source_at + last - first)
        ramps = [ramp for ramp in heard.ramps if ramp.touches(first, last)]
        if not ramps and not sound.ducked_db:
            film[first - at : last - at] += block * np.float32(sound.gain)
            return
        places = np.arange(first, last)
        weights = np.full(len(places), sound.gain)
        for ramp in ramps:
            weights *= ramp.at(places)
        weights *= self._ducked(sound.ducked_db, np.arange(at, at + len(film)), depths)[first - at : last - at]
        film[first - at : last - at] += block * weights[:, None].astype(np.float32)

    def _ducked(
        self, depth_db: float, places: NDArray[np.int64], depths: dict[float, NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """The factor of what makes way for speech, computed once for each depth."""
        if depth_db not in depths:
            depths[depth_db] = ducking(self._spoken, depth_db, places)
        return depths[depth_db]


def ducking(spoken: Spans, depth_db: float, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """1 away from speech, down by `depth_db` from the first word to the last, sliding in between."""
    first, last = int(places[0]), int(places[-1])
    near = [(begin, end) for begin, end in spoken if begin - DUCK_BEFORE <= last and end + DUCK_AFTER >= first]
    if not near or not depth_db:
        return np.ones(len(places))
    points = []
    for begin, end in near:
        points += [(begin - DUCK_BEFORE, 0.0), (begin, depth_db), (end, depth_db), (end + DUCK_AFTER, 0.0)]
    at, levels = zip(*points, strict=True)
    return np.asarray(10 ** (np.interp(places, at, levels) / 20), np.float64)


def looped(source: SourceSound, at: int, count: int) -> Samples:
    """`count` samples from `at` of a piece without end. It is repeated without the silence at its ends, and each round
    begins while the one before it fades out, with equal power, so that the seam is neither a dip nor a click."""
    begins, ends = source.heard_from, source.heard_to
    crossfade = min(CROSSFADE, (ends - begins) // 4)
    period = ends - begins - crossfade
    out = np.zeros((count, 2), np.float32)
    # Round 0 plays what the file begins with as well; round n lies n periods later.
    for turn in range(max(0, (at - ends) // period), (at + count - begins) // period + 1):
        shift = turn * period
        first, last = max(at, shift + begins if turn else 0), min(at + count, shift + ends)
        if first >= last:
            continue
        block = source.read(first - shift, last - shift)
        places = np.arange(first, last)
        ramps = [Ramp(shift + ends - crossfade, shift + ends, rising=False, power=True)]
        if turn:
            ramps.append(Ramp(shift + begins, shift + begins + crossfade, rising=True, power=True))
        for ramp in ramps:
            if crossfade and ramp.touches(first, last):
                block *= ramp.at(places)[:, None].astype(np.float32)
        out[first - at : last - at] += block
    return out


def _too_short(heard: HeardSound, source: SourceSound) -> UnreadableMediaError:
    name = "voice line" if heard.bus == "speech" else "effect"
    return UnreadableMediaError(
        f"The {name} of shot {heard.shot} has {source.samples / SAMPLE_RATE:.2f} s of sound, and the timeline was told "
        f"{heard.source_end / SAMPLE_RATE:.2f} s. The file is damaged or was exchanged.",
        shot=heard.shot,
        path=str(heard.source),
    )
