"""A line of speech as MiniMax wants it asked for, and what its answer holds. Pure."""

from collections.abc import Mapping
from typing import Any

from aianime_pipeline.providers.adapters.minimax import wire
from aianime_pipeline.providers.adapters.minimax.emotions import emotion_of
from aianime_pipeline.providers.adapters.minimax.refusals import fitting, table
from aianime_pipeline.providers.adapters.not_asked import not_asked
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.capabilities import JobState, SpeechRequest
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model, ResultFile
from aianime_pipeline.providers.wording import voice_of

OPTIONS = ("voices", "speed", "format")


def speech_options(model: Model) -> Options:
    """Raises BadSettingError."""
    options = Options(model.options, model.name, OPTIONS)
    options.table("voices")
    options.number("speed", 1.0, least=wire.SPEEDS[0], most=wire.SPEEDS[1])
    options.word("format", "wav", tuple(wire.FORMATS))
    return options


def speech_body(provider: str, model: Model, request: SpeechRequest) -> dict[str, Any]:
    """Raises ProviderError(BAD_INPUT) where the configuration has no voice for the speaker, or the line is too long."""
    options = speech_options(model)
    voice = voice_of(request, options.table("voices"))
    if not voice:
        raise not_asked(provider, f"{model.name} has no voice for {request.speaker or 'the narrator'} in its `voices`")
    setting: dict[str, Any] = {"voice_id": voice}
    if options.given("speed"):
        setting["speed"] = options.number("speed", 1.0, least=wire.SPEEDS[0], most=wire.SPEEDS[1])
    emotion = emotion_of(request.emotion)
    if emotion:
        setting["emotion"] = emotion
    return {
        "model": model.vendor_name,
        "text": fitting(provider, request.text, wire.MOST_SPOKEN),
        "stream": False,
        "voice_setting": setting,
        "audio_setting": {
            "sample_rate": wire.SAMPLE_RATE,
            "format": options.word("format", "wav", tuple(wire.FORMATS)),
            "channel": 1,
        },
    }


def spoken(body: Mapping[str, Any], found: Mapping[str, Any]) -> Answer | None:
    """The sound, which comes as hexadecimal text; None where there is none that can be read."""
    try:
        sound = bytes.fromhex(str(table(found.get("data")).get("audio") or ""))
    except ValueError:
        sound = b""
    if not sound:
        return None
    return Answer(
        JobState.SUCCEEDED,
        file=ResultFile(wire.FORMATS[body["audio_setting"]["format"]], data=sound),
        units=_units(table(found.get("extra_info"))),
        facts={"voice": body["voice_setting"]["voice_id"], "emotion": body["voice_setting"].get("emotion", "")},
    )


def _units(told: Mapping[str, Any]) -> Units | None:
    """A Chinese character counts as two in the vendor's bill, so its own count is taken, not ours."""
    characters, milliseconds = told.get("usage_characters"), told.get("audio_length")
    if not isinstance(characters, int):
        return None
    return Units(characters=characters, audio_ms=milliseconds if isinstance(milliseconds, int) else 0)
