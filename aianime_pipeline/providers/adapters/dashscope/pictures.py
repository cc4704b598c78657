"""A picture: one message with the references, the most important first, and the prompt; the answer has its address.

Options of a model: `references` (how many pictures it takes, 3 unless said, 0 for one that reads only text), `sizes`
(the only ones that it makes, such as ["1664*928", "928*1664"]; any size unless said), `least_pixels`, `most_pixels`,
`watermark`, `prompt_extend` (the vendor rewrites the prompt; off unless said), `negative` (`field`, or `words` for a
model without the field).
"""

import math
from collections.abc import Mapping
from typing import Any

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.providers.adapters.dashscope import wire
from aianime_pipeline.providers.adapters.not_asked import not_asked
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.adapters.sent_pictures import sent_picture
from aianime_pipeline.providers.capabilities import ImageRequest, JobState
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model, ResultFile
from aianime_pipeline.providers.wording import image_prompt, references

OPTIONS = ("references", "sizes", "least_pixels", "most_pixels", "watermark", "prompt_extend", "negative")
NEGATIVE_FORMS = ("field", "words")

_STEP = 16
"""Pixels that a side grows by."""


def body(model: Model, request: ImageRequest) -> dict[str, Any]:
    """Raises ProviderError(BAD_INPUT) and BadSettingError."""
    options = Options(model.options, model.name, OPTIONS)
    most = options.whole("references", wire.REFERENCES, most=wire.MOST_REFERENCES)
    shown = references(request, most)
    pictures = [sent_picture(one.path, wire.REFERENCE_PICTURES, model.provider).data_url for one in shown]
    width, height = _size(model, options, request)
    parameters: dict[str, Any] = {
        "n": 1,
        "size": f"{width}*{height}",
        "seed": request.seed,
        "watermark": options.flag("watermark", False),
        "prompt_extend": options.flag("prompt_extend", False),
    }
    prompt = with_negative(image_prompt(request, shown), request.negative_prompt, options, parameters)
    content = [*({"image": picture} for picture in pictures), {"text": prompt}]
    return {
        "model": model.vendor_name,
        "input": {"messages": [{"role": "user", "content": content}]},
        "parameters": parameters,
    }


def result(answer: Mapping[str, Any], sent: Mapping[str, Any]) -> Answer | None:
    """None where the answer holds no picture."""
    choices = wire.table(answer.get("output")).get("choices")
    for choice in choices if isinstance(choices, list) else []:
        content = wire.table(wire.table(choice).get("message")).get("content")
        for part in content if isinstance(content, list) else []:
            address = wire.table(part).get("image")
            if isinstance(address, str) and address:
                images = wire.counted(wire.table(answer.get("usage")), "image_count")
                return Answer(
                    JobState.SUCCEEDED,
                    file=ResultFile(url=address),
                    units=None if images is None else Units(images=images),
                    facts={name: sent["parameters"][name] for name in ("seed", "size")},
                )
    return None


def with_negative(prompt: str, negative: str, options: Options, fields: dict[str, Any]) -> str:
    """The prompt; what is not to be seen goes into `fields`, or into its words. Raises BadSettingError."""
    form = options.word("negative", NEGATIVE_FORMS[0], NEGATIVE_FORMS)
    if not negative:
        return prompt
    if form == "words":
        return f"{prompt}. Avoid: {negative}"
    fields["negative_prompt"] = negative[: wire.MOST_NEGATIVE]
    return prompt


def fitting_size(width: int, height: int, sizes: tuple[tuple[int, int], ...], least_pixels: int) -> tuple[int, int]:
    """Of `sizes` the one of the nearest shape, the smallest of those that is not smaller than wished, else the largest;
    without `sizes` the wished one, made larger in its shape until it has `least_pixels`."""
    if sizes:

        def order(size: tuple[int, int]) -> tuple[float, bool, int]:
            shape = abs(math.log(size[0] * height / (size[1] * width)))
            smaller = size[0] < width or size[1] < height
            area = size[0] * size[1]
            return round(shape, 2), smaller, -area if smaller else area

        return min(sizes, key=order)
    if width * height >= least_pixels:
        return width, height
    by = math.sqrt(least_pixels / (width * height))
    return math.ceil(width * by / _STEP) * _STEP, math.ceil(height * by / _STEP) * _STEP


def _size(model: Model, options: Options, request: ImageRequest) -> tuple[int, int]:
    most = options.whole("most_pixels", wire.MOST_PIXELS, least=1)
    least = options.whole("least_pixels", wire.LEAST_PIXELS)
    sizes = tuple(_sides(model, text) for text in options.words("sizes"))
    width, height = fitting_size(request.width, request.height, sizes, least)
    if not sizes and width * height > most:
        pixels = width * height
        raise not_asked(model.provider, f"{width}x{height} are {pixels} pixels; {model.name} makes {most} at most")
    return width, height


def _sides(model: Model, text: str) -> tuple[int, int]:
    width, _, height = text.partition("*")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise BadSettingError(f"{model.name}: the option sizes has {text!r}; it takes sizes such as 1664*928.")
    return int(width), int(height)
