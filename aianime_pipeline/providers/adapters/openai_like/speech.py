"""A spoken line, as bytes in one answer without a word on what it costs: that is the characters of the text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aianime_pipeline.providers.adapters.not_asked import not_asked
from aianime_pipeline.providers.adapters.openai_like import wire
from aianime_pipeline.providers.adapters.openai_like.choices import extra_of
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.capabilities import JobState, SpeechRequest
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model, ResultFile
from aianime_pipeline.providers.wording import voice_of


@dataclass(frozen=True)
class SpeechOptions:
    voices: Mapping[str, Any]
    format: str
    instructions: bool
    extra: Mapping[str, Any]


def speech_options(model: Model) -> SpeechOptions:
    """Raises BadSettingError."""
    options = Options(model.options, model.name, ("voices", "format", "instructions", "extra"))
    return SpeechOptions(
        options.table("voices") or wire.VOICES,
        options.word("format", "wav", tuple(wire.FORMATS)),
        options.flag("instructions", False),
        extra_of(model, options),
    )


def speech_body(model: Model, request: SpeechRequest) -> dict[str, Any]:
    """Raises BadSettingError, and ProviderError(BAD_INPUT) for a line that cannot be spoken."""
    options = speech_options(model)
    if not request.text.strip():
        raise not_asked(model.provider, "the line is empty")
    if len(request.text) > wire.MOST_SPOKEN:
        raise not_asked(model.provider, f"the line has {len(request.text)} characters; it takes {wire.MOST_SPOKEN}")
    voice = voice_of(request, options.voices)
    if not voice:
        raise not_asked(model.provider, f"the option voices of {model.name} has no voice for {request.speaker!r}")
    told = _told(request) if options.instructions else ""
    return {
        "model": model.vendor_name,
        "input": request.text,
        "voice": voice,
        "response_format": options.format,
        **({"instructions": told} if told else {}),
        **options.extra,
    }


def spoken(model: Model, request: SpeechRequest, data: bytes, media_type: str) -> Answer:
    if not media_type.startswith("audio/"):
        media_type = wire.FORMATS[speech_options(model).format]
    file = ResultFile(media_type=media_type, data=data)
    return Answer(JobState.SUCCEEDED, file=file, units=Units(characters=len(request.text)))


def _told(request: SpeechRequest) -> str:
    emotion = f"Speak it so: {request.emotion.strip()}" if request.emotion.strip() else ""
    feedback = (
        f"The take before was rejected, mend this: {request.feedback.strip()}" if request.feedback.strip() else ""
    )
    return ". ".join(part for part in (emotion, feedback) if part)
