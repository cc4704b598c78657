"""A true-peak limiter: turns down around each peak, before it comes, so that the wave never passes the ceiling. Pure.

For each sample the gain that its peak needs is known; the lowest of 10 ms to both sides is taken, then averaged over
as much. Every value in that average already satisfies the peak in its middle, so the average does too, and the gain
moves without a corner.
"""

import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.film.sound.loudness import Read, oversampled_peaks
from aianime_pipeline.film.sound.reading import Samples

_REACH = 480
_MARGIN = 512
WINDOW_STEP = 61_440
"""The grid that windows lie on, counted from sample 0."""
_WINDOW = 65_536
WINDOW_CONTEXT = (_WINDOW - WINDOW_STEP) // 2
"""Samples on both sides of a window's place that it is computed with; more than twice the reach and the margin."""


def limited(read: Read, start: int, stop: int, *, gain: float, ceiling: float) -> Samples:
    """Samples `start` to `stop` times `gain`, held under `ceiling` (both factors). The windows lie on a fixed grid:
    wherever a stretch is cut, its samples are the same."""
    parts = [np.zeros((0, 2), np.float32)]
    for at in range(start // WINDOW_STEP * WINDOW_STEP, stop, WINDOW_STEP):
        window = limited_window(read, at // WINDOW_STEP, gain=gain, ceiling=ceiling)
        parts.append(window[max(start - at, 0) : stop - at])
    return np.concatenate(parts)


def limited_window(read: Read, number: int, *, gain: float, ceiling: float) -> Samples:
    """The grid's window `number`: WINDOW_STEP samples."""
    first = number * WINDOW_STEP - WINDOW_CONTEXT
    window = read(first, first + _WINDOW) * np.float32(gain)
    inner = window[WINDOW_CONTEXT:-WINDOW_CONTEXT]
    if float(np.abs(window).max()) * 2 > ceiling:
        inner = inner * _gains(window, ceiling)[WINDOW_CONTEXT:-WINDOW_CONTEXT, None]
    return inner


def _gains(window: Samples, ceiling: float) -> NDArray[np.float32]:
    peaks = oversampled_peaks(window, above=ceiling)
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
