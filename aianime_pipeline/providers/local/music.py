"""A quiet bed of music for a scene or an episode, as a WAV file of exactly the wanted length.

The notes come from `score`, their sound from `timbres`. The piece is mixed in blocks of some seconds, twice: once to
measure its loudness and once to write it, so that memory does not grow with its length.
"""

import math
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.capabilities import ErrorKind, MusicRequest, Produced
from aianime_pipeline.providers.local import timbres, waves
from aianime_pipeline.providers.local.score import PADS, Instrument, Note, Style, notes_of, style_of

Sounds = Callable[[Instrument, int, int], waves.Samples]
"""`timbres.note`, remembered for one piece."""

LOUDNESS_LUFS = -24.0
"""Some four decibels under the speech, before the mix ducks it."""

MAX_MILLISECONDS = 2 * 3600 * 1000
_PEAK = 10 ** (-3.0 / 20)
_BLOCK = 10 * waves.SAMPLE_RATE
_FADE_IN_MS, _FADE_OUT_MS = 1_200, 3_000


def check_music(request: MusicRequest) -> None:
    """Raise ProviderError for a length that cannot be made."""
    if not 0 < request.milliseconds <= MAX_MILLISECONDS:
        raise ProviderError(
            f"Music of {request.milliseconds} ms cannot be made: 1 ms to {MAX_MILLISECONDS} ms would be right.",
            kind=ErrorKind.BAD_INPUT,
        )


def compose(request: MusicRequest, into: Path) -> Produced:
    """Write the music to `into` (WAV, 48 kHz, stereo, 16 bits), exactly `milliseconds` long. Raises ProviderError."""
    check_music(request)
    style = style_of(request.mood)
    count = request.milliseconds * waves.SAMPLE_RATE // 1000
    # A piece has a few dozen different notes, played some hundred times.
    sounds = cache(timbres.note)
    highest = 0.0

    def watched() -> Iterator[waves.Samples]:
        nonlocal highest
        for block in _mixed(style, request.seed, count, sounds):
            highest = max(highest, float(np.abs(block).max(initial=0.0)))
            yield block

    measured = waves.loudness(watched())
    gain = 10 ** ((LOUDNESS_LUFS - measured) / 20) if math.isfinite(measured) else 1.0
    factor = np.float32(min(gain, _PEAK / highest if highest else gain))
    written = waves.write_wav(
        into, (block * factor for block in _mixed(style, request.seed, count, sounds)), channels=2
    )
    facts = {
        "sample_rate": waves.SAMPLE_RATE,
        "channels": 2,
        "samples": written,
        "milliseconds": request.milliseconds,
        "style": style.name,
    }
    return Produced(into, "audio/wav", facts)


def _mixed(style: Style, seed: int, count: int, sounds: Sounds) -> Iterator[waves.Samples]:
    """The piece before its last gain, in blocks, `count` samples in all, faded at both ends."""
    fade_in = min(_FADE_IN_MS * waves.SAMPLE_RATE // 1000, count // 4)
    fade_out = min(_FADE_OUT_MS * waves.SAMPLE_RATE // 1000, count // 4)
    ringing = np.zeros((0, 2), np.float32)
    # The last seconds only ring on: a note plucked into the fade would sound cut off.
    last = (count - fade_out) / waves.SAMPLE_RATE
    notes = (note for note in notes_of(style, seed) if note.start < last or note.instrument in PADS)
    coming = next(notes)
    for begin in range(0, count, _BLOCK):
        length = min(_BLOCK, count - begin)
        mix = np.zeros((max(length, len(ringing)), 2), np.float32)
        mix[: len(ringing)] = ringing
        while (start := round(coming.start * waves.SAMPLE_RATE) - begin) < length:
            mix = _added(mix, coming, start, sounds)
            coming = next(notes)
        yield _edged(mix[:length], begin, count, fade_in, fade_out)
        ringing = mix[length:]


def _added(mix: waves.Samples, note: Note, start: int, sounds: Sounds) -> waves.Samples:
    """The mix with a note from sample `start` on, longer where the note rings past its end."""
    milliseconds = round(note.seconds * 1000) if note.instrument in PADS else 0
    sound = sounds(note.instrument, note.pitch, milliseconds)
    end = start + len(sound)
    if end > len(mix):
        mix = np.vstack([mix, np.zeros((end - len(mix), 2), np.float32)])
    angle = (note.pan + 1) * math.pi / 4
    ears = np.array([math.cos(angle), math.sin(angle)], np.float32) * np.float32(math.sqrt(2) * note.level)
    mix[start:end] += sound * ears
    return mix


def _edged(block: waves.Samples, begin: int, count: int, fade_in: int, fade_out: int) -> waves.Samples:
    """A block of the piece with the piece's fades where they reach into it."""
    at = np.arange(begin, begin + len(block))
    if begin < fade_in or begin + len(block) > count - fade_out:
        near = np.minimum(at / max(fade_in, 1), (count - 1 - at) / max(fade_out, 1)).clip(0.0, 1.0)
        return np.asarray(block * (0.5 - 0.5 * np.cos(np.pi * near)).astype(np.float32)[:, None], np.float32)
    return block
