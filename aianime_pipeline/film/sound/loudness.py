"""How loud a sound is: integrated loudness and true peak after ITU-R BS.1770-4. Pure NumPy.

A whole sound is fed block by block to a `LoudnessMeter`. One of which only a part has changed is measured part by part
(`energies`, `highest_peak`), and the parts' numbers are put together (`integrated`): the same result.

The K-weighting is two recursive filters. Run sample by sample they would take minutes in Python, so their impulse
response is cut where it has fallen under -120 dB and convolved by FFT: the same numbers within 0.01 LU, a second for
five minutes of sound, and no process to start.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.film.sound.reading import Samples

Read = Callable[[int, int], Samples]
"""Gives the samples from a first up to another; silence where there is no sound."""

BLOCK = 61_440
"""Samples that callers best hand over at once: with the filter's memory it makes an FFT of 65,536."""

HOP = 4_800
"""100 ms: gating blocks of 400 ms overlap by three quarters."""
_HOPS_PER_GATE = 4
_RESPONSE = 4_096
ENERGY_CONTEXT = _RESPONSE - 1
"""Samples before a part that its K-weighting still hears."""
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_OFFSET = -0.691

PEAK_MARGIN = 512
_PEAK_WINDOW = 8_192
_PEAK_STEP = _PEAK_WINDOW - 2 * PEAK_MARGIN
_PEAKS_AT_ONCE = 8 * _PEAK_STEP
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
    """Feed it 48 kHz stereo with `add`; `loudness` may be asked at the end."""

    def __init__(self) -> None:
        self._memory: Samples = np.zeros((ENERGY_CONTEXT, 2), np.float32)
        self._rest: NDArray[np.float64] = np.zeros(0)
        self._hops: list[float] = []
        self._samples = 0
        self._peak = 0.0
        self._unpeaked: Samples = np.zeros((PEAK_MARGIN, 2), np.float32)

    def add(self, block: Samples) -> None:
        for start in range(0, len(block), BLOCK):
            self._add_energy(block[start : start + BLOCK])
        self._samples += len(block)
        self._add_peaks(block)

    def loudness(self) -> Loudness:
        """What was heard so far. The meter can go on afterwards only if nothing more comes."""
        self._add_peaks(np.zeros((_PEAKS_AT_ONCE + 2 * PEAK_MARGIN, 2), np.float32))
        return Loudness(integrated([*self._hops, float(self._rest.sum())], self._samples), decibels(self._peak))

    def _add_energy(self, block: Samples) -> None:
        heard = np.concatenate([self._memory, block])
        self._memory = heard[-ENERGY_CONTEXT:]
        energy = np.concatenate([self._rest, _energy(heard)])
        whole = len(energy) // HOP * HOP
        self._hops.extend(energy[:whole].reshape(-1, HOP).sum(axis=1).tolist())
        self._rest = energy[whole:]

    def _add_peaks(self, block: Samples) -> None:
        waiting = np.concatenate([self._unpeaked, block])
        while len(waiting) >= _PEAKS_AT_ONCE + 2 * PEAK_MARGIN:
            self._peak = _peak_within(waiting[: _PEAKS_AT_ONCE + 2 * PEAK_MARGIN], self._peak)
            waiting = waiting[_PEAKS_AT_ONCE:]
        self._unpeaked = waiting


def integrated(hops: Sequence[float], samples: int) -> float | None:
    """LUFS of a sound of `samples` samples from the energies of its hops, as `energies` gives them for all its parts
    in order; None where nothing passes the gate. An incomplete hop at the end does not count, as the standard wants
    it, unless there is hardly more."""
    whole = np.asarray(hops[: samples // HOP])
    if len(whole) < _HOPS_PER_GATE:  # a sound of less than 400 ms is one block
        powers = np.asarray([sum(hops) / max(samples, 1)])
    else:
        powers = np.convolve(whole, np.ones(_HOPS_PER_GATE), "valid") / (_HOPS_PER_GATE * HOP)
    powers = powers[powers > 10 ** ((_ABSOLUTE_GATE - _OFFSET) / 10)]
    if not len(powers):
        return None
    powers = powers[powers > powers.mean() * 10 ** (_RELATIVE_GATE / 10)]
    return _OFFSET + 10 * math.log10(float(powers.mean()))


def energies(read: Read, start: int, stop: int) -> list[float]:
    """K-weighted energy of each hop from sample `start`, which begins a hop, to `stop`; the last may be incomplete."""
    found: list[float] = []
    for at in range(start, stop, BLOCK - BLOCK % HOP):
        end = min(at + BLOCK - BLOCK % HOP, stop)
        energy = _energy(read(at - ENERGY_CONTEXT, end))
        found.extend(np.add.reduceat(energy, np.arange(0, len(energy), HOP)).tolist())
    return found


def highest_peak(read: Read, start: int, stop: int) -> float:
    """The highest that the wave reaches between two samples, from `start` to `stop`, as a factor of full scale."""
    peak = 0.0
    for at in range(start, stop, _PEAKS_AT_ONCE):
        end = min(at + _PEAKS_AT_ONCE, stop)
        peak = _peak_within(read(at - PEAK_MARGIN, end + PEAK_MARGIN), peak)
    return peak


def measure(read: Read, samples: int) -> Loudness:
    """The loudness of `samples` samples that `read(start, stop)` gives."""
    return Loudness(integrated(energies(read, 0, samples), samples), decibels(highest_peak(read, 0, samples)))


def oversampled_peaks(samples: Samples, *, above: float = 0.0) -> NDArray[np.float32]:
    """For each sample the highest that the wave, drawn four times as finely, reaches from there to the next, in either
    channel. The outer 512 samples on both sides are only context. Where nothing comes near `above` (a factor) the
    samples themselves are given."""
    peaks: NDArray[np.float32] = np.abs(samples).max(axis=1)
    for at, fine in _drawn_finely(samples, above):
        higher = np.maximum(fine[0], fine[1]).reshape(-1, _OVERSAMPLING)
        halves = np.maximum(higher[:, :2], higher[:, 2:])
        peaks[at : at + len(halves)] = np.maximum(halves[:, 0], halves[:, 1])
    return peaks


def _peak_within(samples: Samples, peak: float) -> float:
    """`peak`, or that of the samples if it is higher. The outer 512 on both sides are only context."""
    inner = samples[PEAK_MARGIN:-PEAK_MARGIN]
    peak = max(peak, float(np.abs(inner).max(initial=0)))
    for _, fine in _drawn_finely(samples, peak):
        peak = max(peak, float(fine.max()))
    return peak


def _drawn_finely(samples: Samples, above: float) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Stretch by stretch the wave's height (two rows, four values a sample) from a sample on, without the context at
    both ends. Stretches in which nothing comes near `above` are left out: between two samples a wave rises by a few dB
    at most, so what lies 6 dB lower cannot hold a peak of that height."""
    planes = np.ascontiguousarray(samples.T)
    fade = _window_fade()
    for at in range(0, len(samples) - 2 * PEAK_MARGIN, _PEAK_STEP):
        window = planes[:, at : at + _PEAK_WINDOW]
        if max(float(window.max()), -float(window.min())) * 2 <= above:
            continue
        spectrum = np.fft.rfft(window * fade[: window.shape[1]], _PEAK_WINDOW, axis=1)
        fine = np.fft.irfft(spectrum, _PEAK_WINDOW * _OVERSAMPLING, axis=1)
        last = window.shape[1] - PEAK_MARGIN
        inner = fine[:, PEAK_MARGIN * _OVERSAMPLING : last * _OVERSAMPLING] * np.float32(_OVERSAMPLING)
        yield at + PEAK_MARGIN, np.abs(inner, out=inner)


def _energy(heard: Samples) -> NDArray[np.float64]:
    """The K-weighted energy of each sample after the first ENERGY_CONTEXT, of both channels together."""
    size = 1 << (len(heard) - 1).bit_length()
    # FFTs along contiguous rows are twice as fast as along columns.
    spectrum = np.fft.rfft(np.ascontiguousarray(heard.T), size, axis=1) * _k_weighting(size)
    weighted = np.fft.irfft(spectrum, size, axis=1)[:, ENERGY_CONTEXT : len(heard)]
    return np.asarray(np.square(weighted, dtype=np.float64).sum(axis=0), np.float64)


def decibels(factor: float) -> float | None:
    return 20 * math.log10(factor) if factor > 0 else None


def factor(decibel: float) -> float:
    return float(10 ** (decibel / 20))


@cache
def _window_fade() -> NDArray[np.float32]:
    """So that a window's ends, which are only context, don't ring."""
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(PEAK_MARGIN // 2) / (PEAK_MARGIN // 2))
    return np.concatenate([ramp, np.ones(_PEAK_WINDOW - PEAK_MARGIN), ramp[::-1]]).astype(np.float32)


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
