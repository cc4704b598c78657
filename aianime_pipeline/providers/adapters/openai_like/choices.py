"""What of a model's options is the same for several kinds of requests: sizes, further fields, what is to be avoided."""

import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.providers.adapters.openai_like import wire
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.vendor import Model

_SIZE = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")

Size = tuple[int, int]
"""Width and height in pixels."""


def sizes_of(model: Model, options: Options, default: Sequence[str] = ()) -> tuple[Size, ...]:
    """The sizes that the model makes; empty for any. Raises BadSettingError."""
    found = []
    for size in options.words("sizes") or default:
        match = _SIZE.fullmatch(size)
        if match is None:
            raise BadSettingError(f'{model.name}: the option sizes has {size!r}; it takes sizes such as "1536x1024".')
        found.append((int(match[1]), int(match[2])))
    return tuple(found)


def nearest_size(width: int, height: int, offered: Sequence[Size]) -> Size:
    """The one nearest in shape, and of these in area; the size itself where nothing is offered."""
    if not offered:
        return width, height
    return min(
        offered,
        key=lambda size: (
            _apart(Fraction(width, height), Fraction(size[0], size[1])),
            _apart(Fraction(width * height), Fraction(size[0] * size[1])),
        ),
    )


def size_text(size: Size) -> str:
    return f"{size[0]}x{size[1]}"


def extra_of(model: Model, options: Options, *written: str) -> Mapping[str, Any]:
    """`written` are fields that it may not have, beside those that it never may. Raises BadSettingError."""
    extra = options.table("extra")
    for name in (*wire.NOT_EXTRA, *written):
        if name in extra:
            raise BadSettingError(f"{model.name}: the option extra may not have {name}, which the adapter writes.")
    return extra


def as_form(body: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a JSON object as those of a multipart form."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for name, value in body.items()
    }


def avoiding(prompt: str, negative: str) -> str:
    """The interface has no field for what is to be avoided."""
    avoided = f"Avoid: {negative.strip()}" if negative.strip() else ""
    return ". ".join(part for part in (prompt, avoided) if part)


def _apart(one: Fraction, other: Fraction) -> Fraction:
    return max(one / other, other / one)
