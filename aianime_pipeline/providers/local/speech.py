"""A line of dialogue as a WAV file, spoken offline by espeak-ng (the extra `voice`).

espeak-ng says the clauses; everything else is done here: the pauses between them, the trimming, the rate of 48 kHz,
the loudness, and the speed that a wished length needs.
"""

import json
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.capabilities import ErrorKind, Produced, SpeechRequest
from aianime_pipeline.providers.local import espeak_process, waves
from aianime_pipeline.providers.local.delivery import Delivery, delivery_of
from aianime_pipeline.providers.local.spoken_text import Clause, clauses, is_spoken, language_of, left_out
from aianime_pipeline.providers.local.voices import ENGINE

MAX_SPEED = 1.25
"""How many times faster than usual a line may be spoken to meet a wished length."""

MAX_CHARACTERS = 5_000
"""Some fifteen minutes of Mandarin: nothing a character says in one shot."""

BREATH_MS = 400
"""Length of the silence for a line without a word, such as `……`."""

LOUDNESS_LUFS = -20.0
"""Of a neutral line, played by both speakers; an emotion adds its level."""

_PEAK = 10 ** (-3.0 / 20)

_VOICES = {"zh": "cmn", "en": "en-us", "en-gb": "en", "en-us": "en-us", "pt": "pt", "nb": "nb"}
"""espeak-ng's name for a language where it is not the language's own tag."""

_TONAL = frozenset({"cmn", "yue", "vi", "th"})
_RANGE, _TONAL_RANGE = 50, 75
"""How far the melody goes. At the usual 50 a male voice's four tones lie within five semitones, at 75 within eight."""

_VOLUME = 55
"""espeak-ng clips some voices at its usual 100; the level is set afterwards anyway."""

_PAUSE_BEFORE_MS, _PAUSE_AFTER_MS = 20, 60
_FADE_IN_MS, _FADE_OUT_MS = 4, 35
"""espeak-ng ends a clause at full voice, where a person lets it go."""

_TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class _Manner:
    """What espeak-ng is told besides the words."""

    voice: str
    rate: int
    pitch: int
    range: int


def check_speech(request: SpeechRequest) -> None:
    """Raise ProviderError where `speak` could not succeed, without speaking."""
    voice = request.voice
    if voice.get("engine") != ENGINE or not {"variant", "pitch", "rate"} <= voice.keys():
        raise ProviderError(
            f"This voice is not one of the built-in provider's: {dict(voice)!r}. "
            "A voice made by voice_for() would be right.",
            kind=ErrorKind.BAD_INPUT,
        )
    if len(request.text) > MAX_CHARACTERS:
        raise ProviderError(
            f"The line has {len(request.text)} characters; at most {MAX_CHARACTERS} can be spoken at once. "
            "Split it over several shots.",
            kind=ErrorKind.BAD_INPUT,
        )
    if request.max_ms is not None and request.max_ms <= 0:
        raise ProviderError(f"max_ms is {request.max_ms}; it must be over 0.", kind=ErrorKind.BAD_INPUT)
    if is_spoken(request.text):
        _espeak_name(request.text, request.language)
        _, data = _espeak_paths()
        # espeak-ng itself would speak on in another timbre without a word.
        if str(voice["variant"]) not in {path.name for path in (Path(data) / "voices" / "!v").iterdir()}:
            raise ProviderError(
                f"espeak-ng has no timbre {voice['variant']!r}. One of voices.VARIANTS would be right.",
                kind=ErrorKind.BAD_INPUT,
            )


def speak(request: SpeechRequest, into: Path) -> Produced:
    """Write the spoken line to `into` (WAV, 48 kHz, mono, 16 bits) and say how long it is.

    A line with no word to speak becomes a short silence, marked `silent` in the metadata. Raises ProviderError.
    """
    check_speech(request)
    manner_of_saying = delivery_of(request.emotion, request.feedback)
    if not is_spoken(request.text):
        count = waves.write_wav(into, [waves.silence(BREATH_MS)], channels=1)
        return _produced(into, count, {"silent": True, "reason": "the line has no word to speak"})
    voice_name = _espeak_name(request.text, request.language)
    said = clauses(request.text, chinese=voice_name in ("cmn", "yue"))
    manner = _manner(request.voice, voice_name, manner_of_saying)
    samples, speed = _within(said, manner, request.max_ms)
    count = waves.write_wav(into, [_levelled(samples, manner_of_saying.level_db)], channels=1)
    facts: dict[str, Any] = {
        "silent": False,
        "language": voice_name,
        "delivery": manner_of_saying.name,
        "speed": round(speed, 3),
    }
    if mute := left_out(request.text):
        facts["left_out"] = mute
    return _produced(into, count, facts)


def _produced(path: Path, samples: int, facts: Mapping[str, Any]) -> Produced:
    milliseconds = round(samples * 1000 / waves.SAMPLE_RATE)
    sound = {"sample_rate": waves.SAMPLE_RATE, "channels": 1, "samples": samples, "milliseconds": milliseconds}
    return Produced(path, "audio/wav", {**sound, **facts})


def _espeak_name(text: str, language: str) -> str:
    tag = language_of(text, language)
    if tag == "ja":
        raise ProviderError(
            "The built-in voice cannot read Japanese: espeak-ng knows no kanji. Use a provider of speech that can.",
            kind=ErrorKind.BAD_INPUT,
        )
    return _VOICES.get(tag) or _VOICES.get(tag.split("-")[0]) or tag.split("-")[0]


def _manner(voice: Mapping[str, Any], voice_name: str, delivery: Delivery) -> _Manner:
    usual = _TONAL_RANGE if voice_name in _TONAL else _RANGE
    return _Manner(
        voice=f"{voice_name}+{voice['variant']}",
        rate=_clamped(int(voice["rate"]) * delivery.rate, 80, 360),
        pitch=_clamped(int(voice["pitch"]) + delivery.pitch, 0, 99),
        range=_clamped(usual * delivery.range, 0, 99),
    )


def _clamped(value: float, low: int, high: int) -> int:
    return min(max(round(value), low), high)


def _within(said: Sequence[Clause], manner: _Manner, max_ms: int | None) -> tuple[waves.Samples, float]:
    """The line at its usual speed, or as much faster as `max_ms` needs and MAX_SPEED allows."""
    speed = 1.0
    samples = _line(said, manner, speed)
    usual = len(samples)
    wished = max_ms * waves.SAMPLE_RATE / 1000 if max_ms is not None else float("inf")
    # espeak-ng's lengths follow its rate only roughly, so the first try may fall a little short.
    for spare in (1.01, 1.04, 1.08):
        if len(samples) <= wished or speed >= MAX_SPEED:
            break
        speed = min(usual / wished * spare, MAX_SPEED)
        samples = _line(said, manner, speed)
    return samples, speed


def _line(said: Sequence[Clause], manner: _Manner, speed: float) -> waves.Samples:
    faster = replace(manner, rate=int(manner.rate * speed))
    parts: list[waves.Samples] = [waves.silence(_PAUSE_BEFORE_MS)]
    spoken = _spoken([clause.text for clause in said], faster)
    for index, (clause, samples) in enumerate(zip(said, spoken, strict=True)):
        parts.append(samples)
        if index + 1 < len(said):
            parts.append(waves.silence(round(clause.pause_ms / speed)))
    parts.append(waves.silence(_PAUSE_AFTER_MS))
    return np.concatenate(parts)


def _spoken(texts: Sequence[str], manner: _Manner) -> list[waves.Samples]:
    """Each clause at 48 kHz, trimmed, from a fresh process of espeak-ng."""
    library, data = _espeak_paths()
    order = {
        "library": library,
        "data": data,
        "voice": manner.voice,
        "clauses": list(texts),
        "rate": manner.rate,
        "pitch": manner.pitch,
        "range": manner.range,
        "volume": _VOLUME,
    }
    script = str(Path(espeak_process.__file__))
    try:
        # -I -S: nothing of the surroundings can change what is said, and it starts in 15 ms.
        done = subprocess.run(
            [sys.executable, "-I", "-S", script],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProviderError(
            f"espeak-ng did not finish within {_TIMEOUT_SECONDS} s.", kind=ErrorKind.TRANSIENT
        ) from error
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
        kind = ErrorKind.BAD_INPUT if done.returncode == espeak_process.UNKNOWN_VOICE else ErrorKind.TRANSIENT
        raise ProviderError(f"espeak-ng could not speak (exit code {done.returncode}): {words[0]}", kind=kind)
    rate, spoken = _unpacked(done.stdout)
    heard = [waves.trimmed(samples) for samples in spoken]
    if len(heard) != len(texts) or all(samples.size == 0 for samples in heard):
        raise ProviderError("espeak-ng returned silence for words.", kind=ErrorKind.TRANSIENT)
    into, out = rate * _FADE_IN_MS // 1000, rate * _FADE_OUT_MS // 1000
    return [waves.resampled(waves.faded(samples, into=into, out=out), rate, waves.SAMPLE_RATE) for samples in heard]


def _unpacked(answer: bytes) -> tuple[int, list[waves.Samples]]:
    rate = int.from_bytes(answer[:4], "little")
    spoken: list[waves.Samples] = []
    at = 4
    while at < len(answer):
        size = int.from_bytes(answer[at : at + 4], "little") * 2
        at += 4
        spoken.append(waves.from_pcm(answer[at : at + size]))
        at += size
    return rate, spoken


def _levelled(samples: waves.Samples, level_db: float) -> waves.Samples:
    measured = waves.loudness([samples])
    if not math.isfinite(measured):
        raise ProviderError("espeak-ng returned next to silence for words.", kind=ErrorKind.TRANSIENT)
    return waves.levelled(samples, gain=10 ** ((LOUDNESS_LUFS + level_db - measured) / 20), peak=_PEAK)


def _espeak_paths() -> tuple[str, str]:
    """Library and data of espeak-ng, found without loading it into this process."""
    if find_spec("espeakng_loader") is None:
        # AUTH: nothing is wrong with the request, and trying again helps as little as with a missing key.
        raise ProviderError(
            "The built-in voice is not installed. Install it with: pip install 'aianime-pipeline[voice]'",
            kind=ErrorKind.AUTH,
        )
    import espeakng_loader

    return espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
