"""A model's answer → the JSON object in it, whatever stands around: code fences, leading words, thoughts."""

import json
import re
from collections.abc import Iterator
from typing import Any

_FENCED = re.compile(r"```[\w-]*[ \t]*\r?\n(.*?)```", re.DOTALL)
_THOUGHTS = re.compile(r"^.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
# No database keeps a NUL or half of a pair of UTF-16; other control characters belong in no story.
_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class NoJsonError(ValueError):
    """The answer holds no JSON object; the message says where reading it stopped, for the model."""


def extract_object(answer: str) -> dict[str, Any]:
    """The JSON object. Raises NoJsonError."""
    text = _THOUGHTS.sub("", answer).strip()
    if not text:
        raise NoJsonError("the answer is empty")
    failure = "the answer has no JSON object"
    for candidate in _candidates(text):
        try:
            # Not strict: a line break inside a string is meant as one.
            found = json.loads(candidate, strict=False)
        except json.JSONDecodeError as error:
            failure = _where(error, candidate) if "{" in candidate else failure
        except (ValueError, RecursionError) as error:
            failure = f"the answer is no usable JSON: {error}"
        else:
            if isinstance(found, dict):
                return dict(_as_text(found))
            failure = f"the answer is a JSON {_kind(found)}, not an object"
    raise NoJsonError(failure)


def _candidates(text: str) -> Iterator[str]:
    """What may be the object, the least likely first: the failure that is told is that of the likeliest."""
    yield from (match[1] for match in _FENCED.finditer(text))
    yield text
    begin, end = text.find("{"), text.rfind("}")
    if begin >= 0:
        yield text[begin : end + 1] if end > begin else text[begin:]


def _where(error: json.JSONDecodeError, candidate: str) -> str:
    if error.pos >= len(candidate.rstrip()) or error.msg.startswith("Unterminated"):
        return "the JSON breaks off before its end; answer more briefly, and in full"
    near = candidate[max(0, error.pos - 40) : error.pos + 10]
    return f"the JSON is broken at line {error.lineno}, column {error.colno} ({error.msg}), near {near!r}"


def _as_text(value: Any) -> Any:
    if isinstance(value, str):
        return _NOT_TEXT.sub("", value)
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    if isinstance(value, dict):
        return {_NOT_TEXT.sub("", name): _as_text(one) for name, one in value.items()}
    return value


def _kind(found: object) -> str:
    return {list: "list", str: "string", type(None): "null"}.get(type(found), "number or truth value")
