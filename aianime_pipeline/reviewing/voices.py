"""What a spoken line, or a clip's sound, is like in numbers: how long, how much of it is heard, how it ends. Judges
nothing."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aianime_pipeline.film.sound.reading import channel_blocks
from aianime_pipeline.film.timeline import SAMPLE_RATE

_WINDOW = SAMPLE_RATE // 50
_HEARD_DB = -50.0
"""dBFS of a window of 20 ms: a quiet room is under it."""
_FULL_SCALE = 0.99
_NOTHING_DB = -180.0


@dataclass(frozen=True)
class VoiceLook:
    """`heard` is the share (0 to 1) of the line that is louder than a quiet room, `overdriven` that of its samples at
    full scale; `loudest` and `end` are in dBFS, of the loudest 20 ms and of the last ones."""

    milliseconds: int
    heard: float
    overdriven: float
    loudest: float
    end: float


def listen_to(path: Path) -> VoiceLook | None:
    """None for a file without a sound in it. Raises UnreadableMediaError."""
    blocks = [block.mean(axis=1) for block in channel_blocks(path)]
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if not len(samples):
        return None
    count = max(1, len(samples) // _WINDOW)
    levels = [_level(window) for window in np.array_split(samples, count)]
    return VoiceLook(
        milliseconds=round(len(samples) * 1000 / SAMPLE_RATE),
        heard=sum(level > _HEARD_DB for level in levels) / count,
        overdriven=float((np.abs(samples) >= _FULL_SCALE).mean()),
        loudest=max(levels),
        end=levels[-1],
    )


def _level(window: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    power = float(np.square(window.astype(np.float64)).mean())
    return 10 * float(np.log10(power)) if power > 0 else _NOTHING_DB
