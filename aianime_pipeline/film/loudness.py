"""How loud a sound is: integrated loudness and true peak after ITU-R BS.1770-4, fed block by block. Pure NumPy.

The K-weighting is two recursive filters. Run sample by sample they would take minutes in Python, so their impulse
response is cut where it has fallen under -120 dB and convolved by FFT: the same numbers within 0.01 LU, a second for
five minutes of sound, and no process to start.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.film.audio_reading import Samples

BLOCK = 61_440
"""Samples that callers best hand over at once: with the filter's memory it makes an FFT of 65,536."""

_HOP = 4_800
"""100 ms: gating blocks of 400 ms overlap by three quarters."""
_HOPS_PER_GATE = 4
_RESPONSE = 4_096
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_OFFSET = -0.691

_PEAK_WINDOW = 32_768
_PEAK_MARGIN = 512
_OVERSAMPLING = 4

# ITU-R BS.1770-4, tables 1 and 2, for 48 kHz: b0, b1, b2, a1, a2.
_SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
_HIGH_PASS = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)


@dataclass(frozen=True)
class Loudness:
    """`lufs` is None where nothing passes the gate (silence); `true_peak` in dBTP, None where all is zero."""

    lufs: float | None
    true_peak: float | None


class LoudnessMeter:
    """Feed it 48 kHz stereo with `add`; `lufs` and `true_peak` may be asked at the end."""

    def __init__(self) -> None:
        self._memory: Samples = np.zeros((_RESPONSE - 1, 2), np.float32)
        self._rest: NDArray[np.float64] = np.zeros(0)
        self._hops: list[float] = []
        self._peak = 0.0
        self._unpeaked: Samples = np.zeros((_PEAK_MARGIN, 2), np.float32)

    def add(self, block: Samples) -> None:
        for start in range(0, len(block), BLOCK):
            self._add_energy(block[start : start + BLOCK])
        self._add_peaks(block)

    def loudness(self) -> Loudness:
        """What was heard so far. The meter can go on afterwards only if nothing more comes."""
        self._add_peaks(np.zeros((_PEAK_WINDOW, 2), np.float32))
        return Loudness(self._integrated(), decibels(self._peak))

    def _add_energy(self, block: Samples) -> None:
        heard = np.concatenate([self._memory, block])
        size = 1 << (len(heard) - 1).bit_length()
        spectrum = np.fft.rfft(heard, size, axis=0) * _k_weighting(size)[:, None]
        weighted = np.fft.irfft(spectrum, size, axis=0)[_RESPONSE - 1 : len(heard)]
        self._memory = heard[-(_RESPONSE - 1) :]
        energy = np.concatenate([self._rest, np.square(weighted, dtype=np.float64).sum(axis=1)])
        whole = len(energy) // _HOP * _HOP
        self._hops.extend(energy[:whole].reshape(-1, _HOP).sum(axis=1).tolist())
        self._rest = energy[whole:]

    def _add_peaks(self, block: Samples) -> None:
        waiting = np.concatenate([self._unpeaked, block])
        step = _PEAK_WINDOW - 2 * _PEAK_MARGIN
        while len(waiting) >= _PEAK_WINDOW:
            window = waiting[:_PEAK_WINDOW]
            # Between two samples a wave rises by a few dB at most: what lies 6 dB lower cannot hold the peak.
            if float(np.abs(window).max()) * 2 > self._peak:
                self._peak = max(self._peak, float(oversampled_peaks(window)[_PEAK_MARGIN:-_PEAK_MARGIN].max()))
            waiting = waiting[step:]
        self._unpeaked = waiting

    def _integrated(self) -> float | None:
        hops = np.asarray(self._hops)
        if len(hops) < _HOPS_PER_GATE:  # a sound of less than 400 ms is one block
            count = len(hops) * _HOP + len(self._rest)
            powers = np.asarray([(hops.sum() + self._rest.sum()) / max(count, 1)])
        else:
            powers = np.convolve(hops, np.ones(_HOPS_PER_GATE), "valid") / (_HOPS_PER_GATE * _HOP)
        powers = powers[powers > 10 ** ((_ABSOLUTE_GATE - _OFFSET) / 10)]
        if not len(powers):
            return None
        powers = powers[powers > powers.mean() * 10 ** (_RELATIVE_GATE / 10)]
        return _OFFSET + 10 * math.log10(float(powers.mean()))


def measure(read: Callable[[int, int], Samples], samples: int) -> Loudness:
    """The loudness of `samples` samples that `read(start, stop)` gives."""
    meter = LoudnessMeter()
    for start in range(0, samples, BLOCK):
        meter.add(read(start, min(start + BLOCK, samples)))
    return meter.loudness()


def oversampled_peaks(window: Samples) -> NDArray[np.float32]:
    """For each sample the highest that the wave, drawn four times as finely, reaches from there to the next, in either
    channel. The outer 512 samples on both sides are only context: they are faded, so that the ends don't ring."""
    count = len(window)
    fade = np.ones(count, np.float32)
    ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(_PEAK_MARGIN // 2) / (_PEAK_MARGIN // 2))).astype(np.float32)
    fade[: len(ramp)] = ramp
    fade[-len(ramp) :] = ramp[::-1]
    spectrum = np.fft.rfft(window * fade[:, None], axis=0)
    fine = np.fft.irfft(spectrum, count * _OVERSAMPLING, axis=0) * np.float32(_OVERSAMPLING)
    peaks: NDArray[np.float32] = np.abs(fine).reshape(count, -1).max(axis=1)
    return peaks


def decibels(factor: float) -> float | None:
    return 20 * math.log10(factor) if factor > 0 else None


def factor(decibel: float) -> float:
    return float(10 ** (decibel / 20))


@cache
def _k_weighting(size: int) -> NDArray[np.complex64]:
    signal = np.zeros(_RESPONSE)
    signal[0] = 1.0
    for filter_ in (_SHELF, _HIGH_PASS):
        signal = _filtered(signal, filter_)
    return np.fft.rfft(signal, size).astype(np.complex64)


def _filtered(signal: NDArray[np.float64], filter_: tuple[float, float, float, float, float]) -> NDArray[np.float64]:
    b0, b1, b2, a1, a2 = filter_
    out = np.zeros_like(signal)
    x1 = x2 = y1 = y2 = 0.0
    for place, x in enumerate(signal.tolist()):
        y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
        x1, x2, y1, y2 = x, x1, y, y1
        out[place] = y
    return out
