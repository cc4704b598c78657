"""A spoken line: text, voice and language; the answer has the address of a WAV.

Options of a model: `voices` (a table: the vendor's voice by speaker, by gender and age, or `default`), `language_type`
(the line's own language unless said), `most_characters`.
"""

from collections.abc import Mapping
from typing import Any

from aianime_pipeline.providers.adapters.dashscope import wire
from aianime_pipeline.providers.adapters.not_asked import not_asked
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.capabilities import JobState, SpeechRequest
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model, ResultFile
from aianime_pipeline.providers.wording import voice_of

OPTIONS = ("voices", "language_type", "most_characters")


def body(model: Model, request: SpeechRequest) -> dict[str, Any]:
    """Raises ProviderError(BAD_INPUT) and BadSettingError."""
    options = Options(model.options, model.name, OPTIONS)
    voice = voice_of(request, options.table("voices"))
    if not voice:
        speaker = request.speaker or "the line"
        raise not_asked(model.provider, f"{model.name} has no voice for {speaker}; give voices.default")
    most = options.whole("most_characters", wire.MOST_SPOKEN, least=1)
    if len(request.text) > most:
        count = len(request.text)
        raise not_asked(model.provider, f"the line has {count} characters; {model.name} speaks {most} at most")
    own = wire.LANGUAGES.get(request.language.partition("-")[0].lower(), wire.ANY_LANGUAGE)
    return {
        "model": model.vendor_name,
        "input": {"text": request.text, "voice": voice, "language_type": options.word("language_type", own)},
    }


def result(answer: Mapping[str, Any], sent: Mapping[str, Any]) -> Answer | None:
    """None where the answer holds no sound."""
    address = wire.table(wire.table(answer.get("output")).get("audio")).get("url")
    if not isinstance(address, str) or not address:
        return None
    return Answer(
        JobState.SUCCEEDED,
        file=ResultFile("audio/wav", url=address),
        units=_units(wire.table(answer.get("usage"))),
        facts={"voice": sent["input"]["voice"]},
    )


def _units(usage: Mapping[str, Any]) -> Units | None:
    """Newer models are charged by characters, older ones by tokens."""
    characters = wire.counted(usage, "characters")
    tokens_in, tokens_out = wire.counted(usage, "input_tokens"), wire.counted(usage, "output_tokens")
    if characters is None and tokens_in is None and tokens_out is None:
        return None
    return Units(characters=characters or 0, tokens_in=tokens_in or 0, tokens_out=tokens_out or 0)
