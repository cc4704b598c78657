"""Where in a film's sound a recording is heard, found by correlating the one with the other."""

import io
import wave
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 48_000

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Heard:
    """`place` is the sample at which the recording begins; `likeness` 1 where nothing else is heard with it, 0 where
    it is not there at all."""

    place: int
    likeness: float


def read_wav(data: bytes) -> Samples:
    """A recording of one channel and 16 bits, brought to 48 kHz; other ones fail."""
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        rate = file.getframerate()
        samples = (np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768).astype(np.float32)
    if rate == SAMPLE_RATE:
        return samples
    places = np.arange(round(len(samples) * SAMPLE_RATE / rate)) * (rate / SAMPLE_RATE)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)


def find_recording(recording: Samples, sound: Samples, *, around: int, reach: int) -> Heard:
    """The best place for `recording` in `sound`, at most `reach` samples from `around`.

    What would lie before the beginning or after the end of the sound counts as silence.
    """
    first = around - reach
    window = np.zeros(len(recording) + 2 * reach, np.float64)
    there = sound[max(first, 0) : max(first + len(window), 0)]
    window[max(-first, 0) : max(-first, 0) + len(there)] = there
    size = 1 << (len(window) + len(recording) - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(window, size) * np.conj(np.fft.rfft(recording, size)), size)[: 2 * reach + 1]
    best = int(np.argmax(products))
    loudness = np.linalg.norm(recording) * np.linalg.norm(window[best : best + len(recording)])
    return Heard(first + best, float(products[best] / loudness) if loudness else 0.0)
