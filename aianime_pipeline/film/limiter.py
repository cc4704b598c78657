"""A true-peak limiter: turns down around each peak, before it comes, so that the wave never passes the ceiling. Pure.

For each sample the gain that its peak needs is known; the lowest of 10 ms to both sides is taken, then averaged over
as much. Every value in that average already satisfies the peak in its middle, so the average does too, and the gain
moves without a corner.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.film.audio_reading import Samples
from aianime_pipeline.film.loudness import oversampled_peaks

_REACH = 480
_MARGIN = 512
_CONTEXT = 2 * _REACH + _MARGIN
_WINDOW = 65_536


def limited(read: Callable[[int, int], Samples], start: int, stop: int, *, gain: float, ceiling: float) -> Samples:
    """Samples `start` to `stop` times `gain`, held under `ceiling` (both factors). Each block is
    computed with what lies around it, so where it is cut is not heard (within -60 dB)."""
    parts = []
    step = _WINDOW - 2 * _CONTEXT
    for at in range(start, stop, step):
        window = read(at - _CONTEXT, at - _CONTEXT + _WINDOW) * np.float32(gain)
        inner = window[_CONTEXT:-_CONTEXT]
        if float(np.abs(window).max()) * 2 > ceiling:
            inner = inner * _gains(window, ceiling)[_CONTEXT:-_CONTEXT, None]
        parts.append(inner[: stop - at])
    return np.concatenate(parts)


def _gains(window: Samples, ceiling: float) -> NDArray[np.float32]:
    peaks = oversampled_peaks(window)
    peaks[1:] = np.maximum(peaks[1:], peaks[:-1])  # the wave between two samples belongs to both
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    lowest = _lowest_around(needed, _REACH)
    kernel = np.hanning(2 * _REACH + 3)[1:-1]
    size = 2 * _WINDOW
    smooth = np.fft.irfft(np.fft.rfft(lowest, size) * np.fft.rfft(kernel / kernel.sum(), size), size)
    gains: NDArray[np.float32] = smooth[_REACH : _REACH + len(window)].astype(np.float32)
    return gains


def _lowest_around(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """The least of `reach` values to both sides, by doubling the window's length."""
    length, width = 2 * reach + 1, 1
    padded = np.pad(values, reach, constant_values=1.0)
    while width < length:
        shift = min(width, length - width)
        padded = np.minimum(padded[:-shift], padded[shift:])
        width += shift
    return padded
