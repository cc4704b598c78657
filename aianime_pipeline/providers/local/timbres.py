"""How a note sounds: instruments built from their partials, with their room, at 48 kHz in stereo.

A plucked string is the sum of its partials, each dying away at its own speed. That is what the delay line of a
Karplus-Strong string does, but in tune at every pitch: a delay line has a whole number of samples, which is 17 cents
wrong at 1 kHz.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.providers.local.score import Instrument
from aianime_pipeline.providers.local.waves import SAMPLE_RATE, Samples, faded, rising


@dataclass(frozen=True)
class _String:
    """`decay` seconds to 1/e of the first partial at A3; `brightness` how fast the partials fall off (bigger is
    duller); `damping` how much sooner high partials die; `plucked` where along its length the string is plucked."""

    decay: float
    brightness: float
    damping: float
    plucked: float
    stiffness: float
    attack: float
    partials: tuple[float, ...] = ()
    """Frequencies over the fundamental; the harmonic series when empty."""
    vibrato: float = 0.0


_STRINGS: dict[Instrument, _String] = {
    "zither": _String(1.5, 1.05, 0.55, 0.13, 0.00012, 0.002, vibrato=0.0028),
    "piano": _String(1.6, 1.7, 0.5, 0.12, 0.0004, 0.005),
    "marimba": _String(0.42, 1.6, 0.9, 0.5, 0.0, 0.003, partials=(1.0, 3.93, 9.2)),
    "pulse": _String(0.22, 1.8, 0.6, 0.4, 0.0, 0.012, partials=(1.0, 1.5, 2.1)),
}
_LEVEL: dict[Instrument, float] = {
    "zither": 0.5,
    "piano": 0.55,
    "marimba": 0.5,
    "pulse": 0.9,
    "pad": 0.16,
    "dark_pad": 0.17,
}

_ROOM_SECONDS = 1.6
_ROOM_SHARE = 0.22


def note(instrument: Instrument, pitch: int, milliseconds: int = 0) -> Samples:
    """One note with its room, (n, 2), beginning and ending at zero. `milliseconds` is a pad's length, 0 for others."""
    hertz = 440.0 * 2 ** ((pitch - 69) / 12)
    if instrument in ("pad", "dark_pad"):
        made = _pad(hertz, milliseconds / 1000, dark=instrument == "dark_pad")
    else:
        made = _in_room(_struck(_STRINGS[instrument], hertz, pitch))
    return made * np.float32(_LEVEL[instrument])


def _struck(string: _String, hertz: float, pitch: int) -> Samples:
    # Low strings ring longer than high ones.
    decay = string.decay * (220.0 / hertz) ** 0.4
    count = int(min(decay * 6, 6.0) * SAMPLE_RATE)
    time = np.arange(count, dtype=np.float32) / SAMPLE_RATE
    phase = 2 * np.pi * hertz * time.astype(np.float64)
    if string.vibrato:
        # The pressing hand sets in late: phase is the integral of a frequency that begins steady.
        late = np.minimum(time / 0.6, 1.0) ** 2
        phase += string.vibrato * hertz / 5.2 * late * -np.cos(2 * np.pi * 5.2 * time)
    chance = np.random.default_rng(pitch)
    sound = np.zeros(count, np.float32)
    for number, multiple in enumerate(string.partials or range(1, 25), start=1):
        frequency = multiple * np.sqrt(1 + string.stiffness * multiple**2)
        if frequency * hertz > 14_000:
            break
        strength = abs(np.sin(np.pi * number * string.plucked)) / number**string.brightness
        fall = decay / (1 + string.damping * (number - 1))
        heard = min(count, int(11 * fall * SAMPLE_RATE))
        wave = np.sin(frequency * phase[:heard] + chance.uniform(0, 2 * np.pi)).astype(np.float32)
        sound[:heard] += np.float32(strength) * np.exp(-time[:heard] / np.float32(fall)) * wave
    sound /= np.abs(sound).max()
    return faded(sound, into=int(string.attack * SAMPLE_RATE), out=SAMPLE_RATE // 4)


def _pad(hertz: float, seconds: float, *, dark: bool) -> Samples:
    """A soft held tone: two slightly detuned voices for each ear, slowly breathing."""
    count = int(seconds * SAMPLE_RATE)
    time = np.arange(count, dtype=np.float64) / SAMPLE_RATE
    slowly = time.astype(np.float32)
    sound = np.zeros((count, 2), np.float32)
    falloff = 1.5 if dark else 2.1
    for ear, cents in ((0, -4.0), (0, 3.0), (1, 5.0), (1, -2.5)):
        base = hertz * 2 ** (cents / 1200)
        turn = np.exp(2j * np.pi * base * time).astype(np.complex64)
        # The powers of one turning pointer are its harmonics: a fifth of the time that a sine for each would take.
        pointer = turn
        for number in range(1, 7 if dark else 5):
            if base * number > 4_000:
                break
            breath = 1 + 0.25 * np.sin(
                np.float32(2 * np.pi * (0.11 + 0.03 * number)) * slowly + np.float32(ear + cents)
            )
            phase = np.complex64(np.exp(1j * (number * 1.7 + cents)))
            sound[:, ear] += (pointer * phase).imag * breath * np.float32(number**-falloff)
            pointer = pointer * turn
    slow = int(2.5 * SAMPLE_RATE)
    return faded(sound, into=slow, out=slow)


@lru_cache(maxsize=1)
def _room() -> NDArray[np.complex64]:
    """Spectrum of a room's answer for each ear: noise that dies away and loses its height."""
    count = int(_ROOM_SECONDS * SAMPLE_RATE)
    time = np.arange(count) / SAMPLE_RATE
    noise = np.random.default_rng(7).standard_normal((count, 2)) * np.exp(-time * 4.2)[:, None]
    spectrum = np.fft.rfft(noise, _ROOM_LENGTH, axis=0)
    hertz = np.fft.rfftfreq(_ROOM_LENGTH, 1 / SAMPLE_RATE)[:, None]
    # Walls swallow the heights, and rumble would only muddy the speech.
    spectrum *= (hertz / (hertz + 180.0)) / (1 + (hertz / 3_500.0) ** 2)
    spectrum /= np.sqrt((np.abs(spectrum) ** 2).mean(axis=0))
    return spectrum.astype(np.complex64)


_ROOM_LENGTH = 384_000
"""Eight seconds: the longest note and its room. A product of small primes, for the Fourier transform."""


def _in_room(dry: Samples) -> Samples:
    count = len(dry) + int(_ROOM_SECONDS * SAMPLE_RATE)
    wet = np.fft.irfft(np.fft.rfft(dry, _ROOM_LENGTH)[:, None] * _room(), _ROOM_LENGTH, axis=0)[:count]
    sound = (wet * _ROOM_SHARE).astype(np.float32)
    sound[: len(dry)] += dry[:, None]
    # The room answers from the first sample on: it must begin at zero like the string.
    start = SAMPLE_RATE // 500
    sound[:start] *= rising(start)[:, None]
    return faded(sound, into=0, out=SAMPLE_RATE // 10)
