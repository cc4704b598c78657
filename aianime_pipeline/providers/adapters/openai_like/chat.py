"""Text by a schema, and a look at pictures: both are a talk of one turn.

What a filter stopped or the model refused is charged like any answer, so that it is a failure with units and not a
refusal of the request.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from aianime_pipeline.providers.adapters.openai_like import wire
from aianime_pipeline.providers.adapters.openai_like.choices import extra_of
from aianime_pipeline.providers.adapters.openai_like.refusals import kind_of, said, unreadable
from aianime_pipeline.providers.adapters.openai_like.schemas import response_format, schema_in_words
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.adapters.sent_pictures import sent_picture
from aianime_pipeline.providers.capabilities import (
    ErrorKind,
    JobState,
    PictureReviewRequest,
    TextRequest,
)
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model

_LIMITS_OF_TOKENS = ("max_completion_tokens", "max_tokens")


def text_options(model: Model) -> tuple[str, Mapping[str, Any]]:
    """How an answer is made to fit its schema, and what else is sent. Raises BadSettingError."""
    options = Options(model.options, model.name, ("structured", "extra"))
    return options.word("structured", wire.STRUCTURED[0], wire.STRUCTURED), extra_of(model, options)


def review_options(model: Model) -> Mapping[str, Any]:
    """Raises BadSettingError."""
    return extra_of(model, Options(model.options, model.name, ("extra",)))


def text_body(model: Model, request: TextRequest) -> dict[str, Any]:
    """Raises BadSettingError."""
    of_the_model, extra = text_options(model)
    return _body(model, request, request.structured or of_the_model, request.text) | dict(extra)


def review_body(model: Model, request: PictureReviewRequest) -> dict[str, Any]:
    """Raises BadSettingError, and ProviderError(BAD_INPUT) for a picture that is none."""
    extra = review_options(model)
    pictures = [sent_picture(path, wire.PICTURES, model.provider) for path in request.pictures]
    content: list[dict[str, Any]] = [
        {"type": "text", "text": request.text},
        *({"type": "image_url", "image_url": {"url": picture.data_url}} for picture in pictures),
    ]
    return _body(model, request, request.structured or wire.STRUCTURED[0], content) | dict(extra)


def _body(
    model: Model, request: TextRequest | PictureReviewRequest, structured: str, content: str | list[dict[str, Any]]
) -> dict[str, Any]:
    told = [part for part in (request.instructions, schema_in_words(structured, request.schema)) if part.strip()]
    messages: list[dict[str, Any]] = [{"role": "system", "content": "\n\n".join(told)}] if told else []
    messages.append({"role": "user", "content": content})
    body: dict[str, Any] = {"model": model.vendor_name, "messages": messages}
    if (form := response_format(structured, request.schema)) is not None:
        body["response_format"] = form
    return body


def expected(model: Model, request: TextRequest | PictureReviewRequest) -> Units:
    """An upper bound: a Chinese character is about one token, a Latin letter a quarter. Raises BadSettingError."""
    told = len(request.instructions) + len(request.text) + len(json.dumps(request.schema, ensure_ascii=False))
    if isinstance(request, TextRequest):
        extra = text_options(model)[1]
    else:
        extra = review_options(model)
        told += len(request.pictures) * wire.EXPECTED_PICTURE_TOKENS
    limits = [extra[name] for name in _LIMITS_OF_TOKENS if type(extra.get(name)) is int]
    return Units(tokens_in=told + 200, tokens_out=min(limits, default=wire.EXPECTED_TOKENS_OUT))


def answered(provider: str, found: Mapping[str, Any], clean: Callable[[str], str]) -> Answer:
    """Raises ProviderError(AMBIGUOUS) for an answer that says nothing."""
    choices, units = found.get("choices"), _units(found.get("usage"))
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, Mapping):
        raise unreadable(provider, "a choice")
    message = choice.get("message")
    refused, text = _parts(message if isinstance(message, Mapping) else {})
    finish = choice.get("finish_reason")
    if choice.get("error"):
        words, code, kind_named = said(choice["error"])
        return _failed(kind_of(code, kind_named) or ErrorKind.BAD_INPUT, clean(words), units)
    if finish == wire.FINISHED_BY_FILTER or (refused and not text):
        return _failed(ErrorKind.MODERATED, clean(refused or text or f"finished by {finish}"), units)
    cut = finish == wire.FINISHED_BY_LENGTH
    if not text and not cut:
        raise unreadable(provider, "a text")
    return Answer(JobState.SUCCEEDED, text=text, units=units, facts={"cut": True} if cut else {})


def _failed(kind: ErrorKind, words: str, units: Units | None) -> Answer:
    return Answer(JobState.FAILED, units=units, error_kind=kind, error=words)


def _parts(message: Mapping[str, Any]) -> tuple[str, str]:
    """What the model refuses with, and what it says; some servers give either in parts."""
    content, refusal = message.get("content"), message.get("refusal")
    parts = [one for one in content if isinstance(one, Mapping)] if isinstance(content, list) else []
    refused = "".join(str(one.get("refusal") or "") for one in parts)
    text = content if isinstance(content, str) else "".join(str(one.get("text") or "") for one in parts)
    return refusal if isinstance(refusal, str) and refusal else refused, text


def _units(usage: Any) -> Units | None:
    found = usage if isinstance(usage, Mapping) else {}
    tokens_in, tokens_out = found.get("prompt_tokens"), found.get("completion_tokens")
    if type(tokens_in) is not int or type(tokens_out) is not int:
        return None
    return Units(tokens_in=tokens_in, tokens_out=tokens_out)
