"""A picture as MiniMax wants it asked for, and what its answer holds. Pure but for reading the reference picture."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from aianime_pipeline.providers.adapters.minimax import wire
from aianime_pipeline.providers.adapters.minimax.refusals import fitting, table
from aianime_pipeline.providers.adapters.not_asked import not_asked
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.adapters.sent_pictures import sent_picture
from aianime_pipeline.providers.capabilities import ErrorKind, ImageRequest, JobState
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model, ResultFile
from aianime_pipeline.providers.wording import Reference, image_prompt, references

OPTIONS = ("references", "size", "prompt_optimizer")
_ALL = 1_000


def image_options(model: Model) -> Options:
    """Raises BadSettingError."""
    options = Options(model.options, model.name, OPTIONS)
    options.whole("references", 1, most=1)
    options.word("size", "pixels", ("pixels", "ratio"))
    options.flag("prompt_optimizer", False)
    return options


def image_body(provider: str, model: Model, request: ImageRequest) -> dict[str, Any]:
    """Raises ProviderError(BAD_INPUT)."""
    options = image_options(model)
    shown = subject(request)[: options.whole("references", 1, most=1)]
    body: dict[str, Any] = {
        "model": model.vendor_name,
        "prompt": fitting(provider, prompt_avoiding(image_prompt(request, shown), request), wire.MOST_IMAGE_PROMPT),
        "response_format": "url",
        "n": 1,
        "seed": request.seed,
    }
    if options.word("size", "pixels") == "ratio":
        body["aspect_ratio"] = nearest_ratio(request.width, request.height)
    else:
        body["width"], body["height"] = offered_size(provider, request.width, request.height)
    if options.given("prompt_optimizer"):
        body["prompt_optimizer"] = options.flag("prompt_optimizer", False)
    if shown:
        picture = sent_picture(shown[0].path, wire.REFERENCES, provider)
        body["subject_reference"] = [{"type": "character", "image_file": picture.data_url}]
    return body


def subject(request: ImageRequest) -> tuple[Reference, ...]:
    """The one picture that the vendor takes: of the first character who has one."""
    return tuple(one for one in references(request, _ALL) if one.kind == "character")[:1]


def prompt_avoiding(prompt: str, request: ImageRequest) -> str:
    """The vendor takes no negative prompt, so it is told in words."""
    unwanted = request.negative_prompt.strip()
    return f"{prompt}. Avoid: {unwanted}" if unwanted else prompt


def offered_size(provider: str, width: int, height: int) -> tuple[int, int]:
    """The size in pixels that is nearest to what is asked for, in the same ratio. Raises ProviderError(BAD_INPUT) for a
    ratio that is not offered."""
    least, most = wire.IMAGE_SIDES
    scale = max(1.0, least / min(width, height))
    scale = min(scale, most / max(width, height))
    sides = [round(side * scale / wire.IMAGE_STEP) * wire.IMAGE_STEP for side in (width, height)]
    if min(sides) < least:
        raise not_asked(provider, f"a picture of {width}x{height} is too narrow; it makes sides of {least} to {most}")
    return sides[0], sides[1]


def nearest_ratio(width: int, height: int) -> str:
    def distance(ratio: str) -> float:
        across, down = (int(part) for part in ratio.split(":"))
        wanted, offered = width / height, across / down
        return max(wanted / offered, offered / wanted)

    return min(wire.IMAGE_RATIOS, key=distance)


def pictured(found: Mapping[str, Any]) -> Answer | None:
    """The picture, by its address or as base64; None where there is none and none was held back."""
    data, counts = table(found.get("data")), table(found.get("metadata"))
    addresses, encoded = data.get("image_urls") or [], data.get("image_base64") or []
    if addresses:
        file = ResultFile("", url=str(addresses[0]))
    elif encoded:
        try:
            file = ResultFile("", data=base64.b64decode(str(encoded[0]), validate=True))
        except (binascii.Error, ValueError):
            return None
    elif _number(counts.get("failed_count")):
        words = "the picture was held back by the vendor's moderation"
        return Answer(JobState.FAILED, error_kind=ErrorKind.MODERATED, error=words)
    else:
        return None
    made = _number(counts.get("success_count")) or len(addresses or encoded)
    return Answer(JobState.SUCCEEDED, file=file, units=Units(images=made))


def _number(told: Any) -> int:
    """The vendor writes counts as texts."""
    return int(told) if str(told).isdigit() else 0
