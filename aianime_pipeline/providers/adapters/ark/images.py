"""A picture of a shot or a reference sheet, in one answer; what is charged is the picture.

Options of a model: `size` (`2K`, or `2560x1440`; by the request's shape unless said), `pixels` (fewest and most that
the model makes, such as [921600, 16777216]), `references` (how many pictures it takes, 14 unless said), `watermark`
(false unless said; the vendor's own default is true), `response_format` (`url` or `b64_json`), `seed` (true for a model
that takes one), and `guidance_scale`, `output_format` and `optimize_prompt`, sent only if given.
"""

import base64
import binascii
import math
import re
from collections.abc import Mapping
from typing import Any

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters.ark import wire
from aianime_pipeline.providers.adapters.ark.errors import kind_of, said
from aianime_pipeline.providers.adapters.not_asked import not_asked
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.adapters.sent_pictures import sent_picture
from aianime_pipeline.providers.capabilities import ErrorKind, ImageRequest, JobState
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model, ResultFile
from aianime_pipeline.providers.wording import image_prompt, references

OPTIONS = (
    "size", "pixels", "references", "watermark", "response_format", "seed", "guidance_scale", "output_format",
    "optimize_prompt",
)  # fmt: skip
_SIZE = re.compile(r"\d+x\d+|\d+(\.\d+)?[Kk]")


def body(model: Model, request: ImageRequest) -> dict[str, Any]:
    """Raises ProviderError(BAD_INPUT) and BadSettingError."""
    options = Options(model.options, model.name, OPTIONS)
    shown = references(request, options.whole("references", wire.REFERENCES, most=wire.REFERENCES))
    size = _size(model, options, request)
    prompt = [image_prompt(request, shown)]
    if "x" not in size:
        prompt.append(f"aspect ratio {_ratio(request.width, request.height)}")
    if request.negative_prompt.strip():
        prompt.append(f"avoid: {request.negative_prompt.strip()}")
    asked: dict[str, Any] = {
        "model": model.vendor_name,
        "prompt": ". ".join(part for part in prompt if part),
        "size": size,
        "response_format": options.word("response_format", "url", wire.RESPONSE_FORMATS),
        "watermark": options.flag("watermark", False),
    }
    pictures = [sent_picture(one.path, wire.REFERENCE_PICTURES, model.provider).data_url for one in shown]
    if pictures:
        asked["image"] = pictures[0] if len(pictures) == 1 else pictures
    if options.flag("seed", False):
        asked["seed"] = request.seed
    return asked | _if_given(options)


def result(provider: str, answer: Mapping[str, Any]) -> Answer:
    """The picture. Raises ProviderError for one that was refused, in the vendor's words."""
    data, usage = answer.get("data"), answer.get("usage")
    found = [one for one in data if isinstance(one, Mapping)] if isinstance(data, list) else []
    units = _units(usage) if isinstance(usage, Mapping) else None
    for one in found:
        file = _file(one)
        if file is not None:
            return Answer(JobState.SUCCEEDED, file=file, units=units, facts=_facts(answer, one))
    error = next((error for one in found if (error := said(one.get("error"))) is not None), None)
    if error is not None:
        code, message = error
        kind = kind_of(code) or ErrorKind.BAD_INPUT
        raise ProviderError(f"{provider} refused: {message} [{code}]", kind=kind, provider=provider, code=code)
    free = units is not None and units.images == 0
    raise ProviderError(
        f"{provider} answered without a picture.",
        kind=ErrorKind.TRANSIENT if free else ErrorKind.AMBIGUOUS,
        provider=provider,
    )


def computed_size(width: int, height: int, least: int, most: int) -> tuple[int, int] | None:
    """The request's shape with as few more or fewer pixels as bring their number into least..most; None where no such
    size keeps the shape. The sides' ratio is kept exactly where whole pixels allow it."""
    if max(width, height) > wire.MOST_SHAPE * min(width, height):
        return None
    if least <= width * height <= most:
        return width, height
    part = math.gcd(width, height)
    across, down = width // part, height // part
    smallest, largest = _root_up(least, across * down), math.isqrt(most // (across * down))
    if 0 < smallest <= largest:
        times = min(max(part, smallest), largest)
        return across * times, down * times
    if width * height < least:
        tall = _root_up(least * height, width)
        wide = -(-least // tall)
    else:
        tall = max(1, math.isqrt(most * height // width))
        wide = most // tall
    return (wide, tall) if least <= wide * tall <= most else None


def _root_up(value: int, by: int) -> int:
    """The least whole number whose square times `by` is `value` or more."""
    root = math.isqrt(value // by)
    while root * root * by < value:
        root += 1
    return root


def _size(model: Model, options: Options, request: ImageRequest) -> str:
    if options.given("size"):
        size = options.word("size", "")
        if not _SIZE.fullmatch(size):
            raise BadSettingError(
                f"{model.name}: the option size is {size!r}; it takes 2K, or a size such as 2560x1440."
            )
        return size
    least, most = _pixels(model)
    computed = computed_size(request.width, request.height, least, most)
    if computed is None:
        shape = f"{request.width}x{request.height}"
        raise not_asked(model.provider, f"no picture of the shape {shape} has from {least} to {most} pixels")
    return f"{computed[0]}x{computed[1]}"


def _pixels(model: Model) -> tuple[int, int]:
    value = model.options.get("pixels", list(wire.PIXELS))
    fits = isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value)
    if not fits or not 0 < value[0] <= value[1]:
        raise BadSettingError(
            f"{model.name}: the option pixels is {value!r}; it takes fewest and most, such as [921600, 16777216]."
        )
    return value[0], value[1]


def _ratio(width: int, height: int) -> str:
    part = math.gcd(width, height)
    return f"{width // part}:{height // part}"


def _if_given(options: Options) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if options.given("guidance_scale"):
        least, most = wire.GUIDANCE_SCALE
        given["guidance_scale"] = options.number("guidance_scale", least, least=least, most=most)
    if options.given("output_format"):
        given["output_format"] = options.word("output_format", "", wire.OUTPUT_FORMATS)
    if options.given("optimize_prompt"):
        given["optimize_prompt_options"] = {"mode": options.word("optimize_prompt", "", wire.OPTIMIZE_PROMPT_MODES)}
    return given


def _units(usage: Mapping[str, Any]) -> Units | None:
    images, tokens = usage.get("generated_images"), usage.get("output_tokens")
    if type(images) is not int:
        return None
    return Units(images=images, tokens_out=tokens if type(tokens) is int else 0)


def _file(found: Mapping[str, Any]) -> ResultFile | None:
    url, text = found.get("url"), found.get("b64_json")
    if isinstance(url, str) and url:
        return ResultFile(url=url)
    if not isinstance(text, str) or not text:
        return None
    try:
        return ResultFile(data=base64.b64decode(text, validate=True))
    except binascii.Error:
        # It is charged: whoever looks at the file sees that it is no picture, and writes down both.
        return ResultFile(data=text.encode())


def _facts(answer: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    facts = {"vendor_model": answer.get("model"), "vendor_size": found.get("size")}
    return {name: value for name, value in facts.items() if isinstance(value, str)}
