"""A picture in one answer: made from words, or as an edit of the reference pictures where the request has some."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aianime_pipeline.providers.adapters.openai_like import wire
from aianime_pipeline.providers.adapters.openai_like.choices import (
    Size,
    avoiding,
    extra_of,
    nearest_size,
    size_text,
    sizes_of,
)
from aianime_pipeline.providers.adapters.openai_like.refusals import unreadable
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.adapters.sent_pictures import SentPicture, sent_picture
from aianime_pipeline.providers.capabilities import ImageRequest, JobState
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model, ResultFile
from aianime_pipeline.providers.wording import image_prompt, references

_FACTS = ("size", "quality")


@dataclass(frozen=True)
class ImageOptions:
    sizes: tuple[Size, ...]
    references: int
    seed: bool
    extra: Mapping[str, Any]


def image_options(model: Model) -> ImageOptions:
    """Raises BadSettingError."""
    options = Options(model.options, model.name, ("sizes", "references", "seed", "extra"))
    return ImageOptions(
        sizes_of(model, options),
        options.whole("references", wire.IMAGE_REFERENCES, most=wire.IMAGE_REFERENCES),
        options.flag("seed", False),
        extra_of(model, options),
    )


def image_body(model: Model, request: ImageRequest) -> tuple[dict[str, Any], list[SentPicture]]:
    """The fields, and the reference pictures in their order; without any it is no edit. Raises BadSettingError, and
    ProviderError(BAD_INPUT) for a picture that is none."""
    options = image_options(model)
    shown = references(request, options.references)
    body = {
        "model": model.vendor_name,
        "prompt": avoiding(image_prompt(request, shown), request.negative_prompt),
        "size": size_text(nearest_size(request.width, request.height, options.sizes)),
        **({"seed": request.seed} if options.seed else {}),
    }
    return body | dict(options.extra), [sent_picture(one.path, wire.PICTURES, model.provider) for one in shown]


def edit_files(pictures: list[SentPicture]) -> list[tuple[str, tuple[str, bytes, str]]]:
    name = wire.EDITED_ONE if len(pictures) == 1 else wire.EDITED_MANY
    return [
        (name, (f"reference{number}.{one.media_type.partition('/')[2]}", one.data, one.media_type))
        for number, one in enumerate(pictures, start=1)
    ]


def expected(model: Model, request: ImageRequest) -> Units:
    """A picture, and for prices by tokens an upper bound of them. Raises BadSettingError."""
    options = image_options(model)
    shown = references(request, options.references)
    tokens_in = len(image_prompt(request, shown)) + len(shown) * wire.EXPECTED_PICTURE_TOKENS
    return Units(images=1, tokens_in=tokens_in, tokens_out=wire.EXPECTED_MADE_TOKENS)


def pictured(provider: str, found: Mapping[str, Any]) -> Answer:
    """Raises ProviderError(AMBIGUOUS) for an answer without a picture."""
    data = found.get("data")
    first = data[0] if isinstance(data, list) and data and isinstance(data[0], Mapping) else {}
    file = _file(first)
    if file is None:
        raise unreadable(provider, "a picture")
    facts = {name: found[name] for name in _FACTS if isinstance(found.get(name), str)}
    if isinstance(first.get("revised_prompt"), str):
        facts["revised_prompt"] = first["revised_prompt"]
    return Answer(JobState.SUCCEEDED, file=file, units=_units(found.get("usage"), data), facts=facts)


def _file(found: Mapping[str, Any]) -> ResultFile | None:
    text, url = found.get("b64_json"), found.get("url")
    if isinstance(text, str) and text:
        plain = text.partition("base64,")[2] if text.startswith("data:") else text
        try:
            return ResultFile(data=base64.b64decode(plain, validate=True))
        except binascii.Error:
            # It is charged: whoever looks at the file sees that it is no picture, and writes down both.
            return ResultFile(data=text.encode())
    return ResultFile(url=url) if isinstance(url, str) and url else None


def _units(usage: Any, data: Any) -> Units | None:
    """The models that report anything report tokens, and not all do."""
    found = usage if isinstance(usage, Mapping) else {}
    tokens_in, tokens_out = found.get("input_tokens"), found.get("output_tokens")
    if type(tokens_in) is not int or type(tokens_out) is not int:
        return None
    return Units(images=len(data), tokens_in=tokens_in, tokens_out=tokens_out)
