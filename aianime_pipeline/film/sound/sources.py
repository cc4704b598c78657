"""Sources decoded once: the sound of a file as samples in the cache, with what has to be known of it before mixing.

A line that moves, a gain, a fade or another film with the same take read these samples again; no decoder runs. The
first minutes of a long file are kept as far as they are needed, in whole minutes, so that an hour of music under a
short film does not fill the cache.
"""

import math
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from aianime_pipeline.film.cache import content_key, part_beside, seal, sealed_facts
from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled
from aianime_pipeline.film.sound.loudness import BLOCK, LoudnessMeter
from aianime_pipeline.film.sound.reading import Samples, channel_blocks, gathered, in_both_channels
from aianime_pipeline.film.timeline import SAMPLE_RATE

_RECIPE = "sound-source-1"
_KEPT_IN_STEPS_OF = 60 * SAMPLE_RATE
_AUDIBLE = 0.001
"""-60 dBFS: what lies lower at the ends of a piece of music is silence, and no place for a loop's seam."""


@dataclass(frozen=True)
class SourceSound:
    """`samples` samples at 48 kHz in one or two channels (none where the file has no sound); `complete` tells that
    the file has no more. `heard_from` and `heard_to` enclose what is not silence. `lufs` is None where nothing is
    loud enough, or where it was not measured."""

    path: Path
    digest: str
    channels: int
    samples: int
    complete: bool
    heard_from: int
    heard_to: int
    lufs: float | None

    def read(self, start: int, stop: int) -> Samples:
        """Samples `start` to `stop` as stereo; silence before the first and after the last."""
        block = np.zeros((stop - start, 2), np.float32)
        first, last = max(start, 0), min(stop, self.samples)
        if first < last:
            width = 4 * self.channels
            with self.path.open("rb") as file:
                raw = os.pread(file.fileno(), (last - first) * width, first * width)
            block[first - start : last - start] = np.frombuffer(raw, np.float32).reshape(-1, self.channels)
        return block


def decoded_source(
    source: Path, digest: str, *, need: int, cache: Path, measured: bool = False, cancelled: Cancelled | None = None
) -> SourceSound:
    """At least the first `need` samples of a file's sound, or all that it has; with its loudness if that is to be
    `measured`. Raises UnreadableMediaError for what is no media file, DiskFullError, FfmpegCancelled."""
    most = math.ceil(max(need, 1) / _KEPT_IN_STEPS_OF) * _KEPT_IN_STEPS_OF
    path = cache / f"{content_key(_RECIPE, digest=digest, most=most, measured=measured)}.pcm"
    facts = sealed_facts(path)
    if facts is None:
        with part_beside(path) as part:
            facts = _decode(source, digest, part, most, measured, cancelled)
            seal(part, facts)
            part.replace(path)
    return SourceSound(path=path, **facts)


def _decode(
    source: Path, digest: str, part: Path, most: int, measured: bool, cancelled: Cancelled | None
) -> dict[str, object]:
    found = SourceSound(part, digest, 0, 0, True, 0, 0, None)
    meter = LoudnessMeter() if measured else None
    heard_from: int | None = None
    with ExitStack() as stack:
        file = stack.enter_context(part.open("wb"))
        for block in _up_to(gathered(channel_blocks(source), BLOCK), most + 1):
            if cancelled is not None and cancelled():
                raise FfmpegCancelled("decode a sound")
            cut = block[: most - found.samples]
            file.write(np.ascontiguousarray(cut).data)
            if meter is not None:
                meter.add(in_both_channels(cut))
            audible = np.flatnonzero(np.abs(cut).max(axis=1) > _AUDIBLE)
            if len(audible):
                heard_from = found.samples + int(audible[0]) if heard_from is None else heard_from
                found = replace(found, heard_to=found.samples + int(audible[-1]) + 1)
            found = replace(
                found,
                channels=block.shape[1],
                samples=found.samples + len(cut),
                complete=len(cut) == len(block),
            )
    lufs = None if meter is None else meter.loudness().lufs
    facts = asdict(replace(found, heard_from=heard_from or 0, lufs=lufs))
    del facts["path"]
    return facts


def _up_to(blocks: Iterator[Samples], most: int) -> Iterator[Samples]:
    """Blocks until `most` samples have come: one more than are kept tells whether there is more."""
    count = 0
    for block in blocks:
        yield block
        count += len(block)
        if count >= most:
            break
