"""The film's sound in stretches of 6.4 s, each kept by its content: how loud its mix is, and its AAC.

Stretches are what a change costs: one line that is spoken otherwise makes two or three of them new, and the others are
found. They begin at multiples of their length, where a frame of AAC, a hop of the loudness meter and a window of the
limiter begin too.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from aianime_pipeline.film.cache import content_key, part_beside, seal, sealed_facts
from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled
from aianime_pipeline.film.sound.aac import BEFORE, ENCODER, encode_stretch, joined, parted
from aianime_pipeline.film.sound.limiter import WINDOW_CONTEXT, WINDOW_STEP, limited_window
from aianime_pipeline.film.sound.loudness import ENERGY_CONTEXT, energies, factor, highest_peak
from aianime_pipeline.film.sound.mixing import Mix
from aianime_pipeline.film.sound.reading import Samples

STRETCH = 307_200
"""Samples: 300 frames of AAC, 64 hops, 5 windows."""

_RECIPE = "sound-stretch-1"
_WINDOWS_KEPT = 7
"""Limited windows kept in memory for each worker, half a megabyte each: those of a stretch and of its edges, which its
neighbour needs too."""

Share = Callable[[float], None]
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Level:
    """How the mix becomes the film's sound: a constant gain, and a ceiling (dBTP) for what that makes too high."""

    gain_db: float
    ceiling_db: float


@dataclass(frozen=True)
class StretchLoudness:
    """Energies by hop, and the highest true peak as a factor: what `loudness.integrated` puts together."""

    hops: tuple[float, ...]
    peak: float


@dataclass(frozen=True)
class EncodedStretch:
    """A stretch's AAC in the cache. `loudness` is that of what a player decodes."""

    path: Path
    sizes: tuple[int, ...]
    loudness: StretchLoudness

    def packets(self) -> Iterator[bytes]:
        return parted(self.path.read_bytes()[: sum(self.sizes)], self.sizes)


class Stretches:
    """All stretches of one mix. `workers` are made at once. Every method raises FfmpegCancelled, DiskFullError."""

    def __init__(self, mix: Mix, folder: Path, *, workers: int, cancelled: Cancelled | None) -> None:
        self._mix, self._folder = mix, folder
        self._workers, self._cancelled = max(1, workers), cancelled
        self._places = [(at, min(at + STRETCH, mix.total)) for at in range(0, mix.total, STRETCH)]

    def __len__(self) -> int:
        return len(self._places)

    def raw(self, on_share: Share) -> list[StretchLoudness]:
        """How loud the mix is."""
        return self._each(self._raw, on_share)

    def limited(self, raw: Sequence[StretchLoudness], level: Level, on_share: Share) -> list[StretchLoudness]:
        """How loud the mix is at that level, before it is encoded. Where the limiter has nothing to do that is
        arithmetic. The peaks are those of the raw mix, times the gain: a bound."""
        held = self._held(level)
        gain, ceiling = factor(level.gain_db), factor(level.ceiling_db)
        numbered = dict(zip(self._places, raw, strict=True))

        def measured(start: int, stop: int) -> StretchLoudness:
            before = numbered[start, stop]
            near = [numbered[place].peak for place in self._around(start, stop)]
            if max(near) * gain <= ceiling:
                return StretchLoudness(tuple(hop * gain**2 for hop in before.hops), before.peak * gain)
            key = self._key("limited", start, stop, level)
            hops = self._facts(key, lambda: {"hops": energies(held, start, stop)})["hops"]
            return StretchLoudness(tuple(hops), before.peak * gain)

        return self._each(measured, on_share)

    def encoded(self, level: Level, on_share: Share) -> list[EncodedStretch]:
        """The AAC of all of them at that level."""
        held = self._held(level)
        return self._each(lambda start, stop: self._encoded(held, level, start, stop), on_share)

    def _raw(self, start: int, stop: int) -> StretchLoudness:
        key = self._key("raw", start, stop, None)

        def make() -> dict[str, Any]:
            around = self._mix.read(start - ENERGY_CONTEXT, stop + ENERGY_CONTEXT)
            read = _reading(around, start - ENERGY_CONTEXT)
            return {"hops": energies(read, start, stop), "peak": highest_peak(read, start, stop)}

        facts = self._facts(key, make)
        return StretchLoudness(tuple(facts["hops"]), facts["peak"])

    def _encoded(self, held: Callable[[int, int], Samples], level: Level, start: int, stop: int) -> EncodedStretch:
        path = self._folder / f"{self._key('aac', start, stop, level)}.aac"
        facts = sealed_facts(path)
        if facts is None:
            packets, decoded = encode_stretch(held, start, stop, self._mix.total)
            read = _reading(decoded, max(0, start - BEFORE))
            payload, sizes = joined(packets)
            facts = {"sizes": sizes, "hops": energies(read, start, stop), "peak": highest_peak(read, start, stop)}
            with part_beside(path) as part:
                part.write_bytes(payload)
                seal(part, facts)
                part.replace(path)
        return EncodedStretch(path, tuple(facts["sizes"]), StretchLoudness(tuple(facts["hops"]), facts["peak"]))

    def _held(self, level: Level) -> Callable[[int, int], Samples]:
        """Reads the mix at that level, limited; windows that were just computed are taken from memory."""
        gain, ceiling = factor(level.gain_db), factor(level.ceiling_db)

        @lru_cache(maxsize=_WINDOWS_KEPT * self._workers)
        def window(number: int) -> Samples:
            return limited_window(self._mix.read, number, gain=gain, ceiling=ceiling)

        def read(start: int, stop: int) -> Samples:
            first, last = start // WINDOW_STEP, -(-stop // WINDOW_STEP)
            whole = np.concatenate([window(number) for number in range(first, last)])
            return whole[start - first * WINDOW_STEP :][: stop - start]

        return read

    def _around(self, start: int, stop: int) -> list[tuple[int, int]]:
        """The stretch and its neighbours."""
        return [place for place in self._places if place[0] <= stop and place[1] >= start]

    def _key(self, what: str, start: int, stop: int, level: Level | None) -> str:
        """By all that is heard in the stretch and as far around it as anything is computed with."""
        if level is None:
            heard, how = self._mix.key(start - ENERGY_CONTEXT, stop + ENERGY_CONTEXT), None
        else:
            reach = WINDOW_STEP + WINDOW_CONTEXT
            heard, how = self._mix.key(start - reach, stop + reach), (level.gain_db, level.ceiling_db, ENCODER)
        return content_key(_RECIPE, what=what, samples=stop - start, heard=heard, how=how)

    def _facts(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Numbers without a file of their own: a sealed nothing holds them."""
        path = self._folder / f"{key}.level"
        facts = sealed_facts(path)
        if facts is None:
            facts = make()
            with part_beside(path) as part:
                part.touch()
                seal(part, facts)
                part.replace(path)
        return facts

    def _each(self, work: Callable[[int, int], _Result], on_share: Share) -> list[_Result]:
        def one(place: tuple[int, int]) -> _Result:
            if self._cancelled is not None and self._cancelled():
                raise FfmpegCancelled("mix the sound")
            return work(*place)

        found: list[_Result] = []
        with ThreadPoolExecutor(self._workers, thread_name_prefix="sound") as pool:
            try:
                for result in pool.map(one, self._places):
                    found.append(result)
                    on_share(len(found) / len(self._places))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return found


def _reading(samples: Samples, first: int) -> Callable[[int, int], Samples]:
    """Reads from samples that begin with the film's sample `first`; silence around them."""

    def read(start: int, stop: int) -> Samples:
        block = np.zeros((stop - start, 2), np.float32)
        begin, end = max(start, first), min(stop, first + len(samples))
        if begin < end:
            block[begin - start : end - start] = samples[begin - first : end - first]
        return block

    return read
