"""Arithmetic of sound samples: rate, loudness, silence, fades, and the WAV file they end up in.

Samples are float32 between −1 and 1, shaped (n,) or (n, channels). Everything is a pure function but `write_wav`.
"""

import math
import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.film.sound.limiter import limited
from aianime_pipeline.film.sound.loudness import LoudnessMeter

Samples = NDArray[np.float32]

SAMPLE_RATE = 48_000
"""Of every file the built-in provider makes; the rate of film."""


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """One channel at another sample rate, band-limited: the spectrum is cut or continued with zeros. The length is
    rounded up to a whole sample."""
    if rate == wanted or samples.size == 0:
        return samples
    common = math.gcd(rate, wanted)
    down, up = rate // common, wanted // common
    # A quarter second of silence keeps the end from ringing into the beginning.
    length = -(-(samples.size + rate // 4) // down) * down
    spectrum = np.fft.rfft(samples, length)
    longer = length // down * up
    stretched = np.fft.irfft(spectrum[: longer // 2 + 1], longer) * (longer / length)
    return stretched[: -(-samples.size * up // down)].astype(np.float32)


def loudness(blocks: Iterable[Samples]) -> float:
    """Integrated loudness in LUFS of sound at 48 kHz that comes in blocks, each (n,) or (n, 2). One channel is measured
    as it is played in a film: by both speakers. −inf for silence."""
    meter = LoudnessMeter()
    for block in blocks:
        meter.add(_in_both_ears(block))
    measured = meter.loudness().lufs
    return -math.inf if measured is None else measured


def levelled(samples: Samples, *, gain: float, peak: float) -> Samples:
    """One channel times `gain`, turned down around every peak that would pass `peak` (both factors)."""

    def read(start: int, stop: int) -> Samples:
        within = samples[max(start, 0) : max(stop, 0)]
        before = max(-start, 0)
        return _in_both_ears(np.pad(within, (before, stop - start - before - len(within))))

    return limited(read, 0, len(samples), gain=gain, ceiling=peak)[:, 0]


def _in_both_ears(samples: Samples) -> Samples:
    return np.repeat(samples[:, None], 2, axis=1) if samples.ndim == 1 else samples


def trimmed(samples: Samples, *, below: float = 0.004) -> Samples:
    """One channel without what lies under `below` times its peak at the beginning and at the end. Silence gives
    nothing."""
    peak = float(np.abs(samples).max(initial=0.0))
    if peak <= 0.0:
        return samples[:0]
    heard = np.flatnonzero(np.abs(samples) > peak * below)
    return samples[heard[0] : heard[-1] + 1]


def faded(samples: Samples, *, into: int, out: int) -> Samples:
    """A copy that begins and ends in silence: raised-cosine fades of `into` and `out` samples, shortened to fit."""
    result = samples.copy()
    into, out = min(into, len(result) // 2), min(out, len(result) // 2)
    shape = (-1,) + (1,) * (samples.ndim - 1)
    result[:into] *= rising(into).reshape(shape)
    result[len(result) - out :] *= rising(out)[::-1].reshape(shape)
    return result


def rising(count: int) -> Samples:
    """The first half of a raised cosine, from exactly 0."""
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / max(count, 1))).astype(np.float32)


def silence(milliseconds: int) -> Samples:
    return np.zeros(SAMPLE_RATE * milliseconds // 1000, np.float32)


def from_pcm(pcm: bytes) -> Samples:
    """Samples of signed 16-bit little-endian PCM."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)


def write_wav(path: Path, blocks: Iterable[Samples], *, channels: int) -> int:
    """Write 48 kHz PCM of 16 bits and return the number of samples per channel. Values beyond ±1 are clipped."""
    count = 0
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        for block in blocks:
            file.writeframes(np.rint(np.clip(block, -1.0, 1.0) * 32767).astype("<i2").tobytes())
            count += len(block)
    return count
