"""The fields of a shot as a person or a program gives them, as JSON, checked one by one."""

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

from aianime_pipeline.errors import BadDurationError, BadInputError, MissingDescriptionError
from aianime_pipeline.screenplay.model import Interior, TimeOfDay
from aianime_pipeline.storyboard.document import WORDS
from aianime_pipeline.storyboard.model import Priority, Want
from aianime_pipeline.storyboard.v4_shot import LONGEST_SHOT_MS

MOST_CHARACTERS = 5_000
"""Of a text."""
MOST_NAME_CHARACTERS = 100
MOST_NAMES = 20
"""Of who or what is seen in one shot."""
MOST_SPEAKERS = 2

# A NUL, and half a pair of UTF-16: no database keeps them.
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


def checked_fields(given: Mapping[str, Any], shot: int) -> dict[str, Any]:
    """The values as a `Shot` has them. Raises BadInputError with the `field`, MissingDescriptionError for a shot
    without a description, BadDurationError for one that is not over 0 and at most a minute."""
    if unknown := sorted(set(given) - set(FIELDS)):
        raise BadInputError(
            f"a shot has no {unknown[0][:80]!a} that could be changed; it has {', '.join(FIELDS)}.",
            field=ascii(unknown[0][:80])[1:-1],
        )
    checked = {name: FIELDS[name](name, value) for name, value in given.items()}
    if checked.get("description") == "":
        raise MissingDescriptionError(f"shot {shot} needs a description: what is seen in it.", field="description")
    return checked


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _bad(name, value, "a text")
    if len(value) > MOST_CHARACTERS:
        raise BadInputError(f"{name} has {len(value):,} characters; it takes {MOST_CHARACTERS:,} at most.", field=name)
    if found := _NOT_TEXT.search(value):
        raise BadInputError(f"{name}: its character {found.start() + 1} is no text.", field=name)
    return value.strip()


def _one_line(name: str, value: Any) -> str:
    text = _text(name, value)
    if len(text) > MOST_NAME_CHARACTERS or (text and not text.isprintable()):
        raise _bad(name, value, f"one line of {MOST_NAME_CHARACTERS} characters at most")
    return text


def _names(most: int) -> Callable[[str, Any], tuple[str, ...]]:
    def check(name: str, value: Any) -> tuple[str, ...]:
        right = f"a list of {most} names at most"
        if not isinstance(value, list | tuple) or len(value) > most:
            raise _bad(name, value, right)
        found = tuple(_one_line(name, one) for one in value)
        if "" in found or len(set(found)) != len(found):
            raise _bad(name, value, f"{right}, each once and none empty")
        return found

    return check


def _word(name: str, value: Any) -> Any:
    try:
        return WORDS[name](value)
    except ValueError:
        raise _bad(name, value, f"one of {', '.join(WORDS[name])}") from None


def _one_of(*words: str | None) -> Callable[[str, Any], Any]:
    def check(name: str, value: Any) -> Any:
        if not any(value is word or (isinstance(value, str) and value == word) for word in words):
            raise _bad(name, value, f"one of {', '.join(word or 'null' for word in words)}")
        return value

    return check


def _wants(name: str, value: Any) -> frozenset[Any]:
    words = get_args(Want)
    if not isinstance(value, list | tuple | set | frozenset) or any(one not in words for one in value):
        raise _bad(name, value, f"a list of {', '.join(words)}")
    return frozenset(value)


def _yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _bad(name, value, "true or false")
    return value


def _duration(name: str, value: Any) -> int:
    if type(value) is not int or not 0 < value <= LONGEST_SHOT_MS:
        raise BadDurationError(
            f"{name} is {value!r}; it takes a whole number of milliseconds over 0 and at most {LONGEST_SHOT_MS:,}.",
            field=name,
        )
    return value


def _bad(name: str, value: Any, right: str) -> BadInputError:
    return BadInputError(f"{name} is {str(value)[:80]!r}; it takes {right}.", field=name)


FIELDS: Mapping[str, Callable[[str, Any], Any]] = {
    "description": _text,
    "duration_ms": _duration,
    "framing": _word,
    "framing_text": _one_line,
    "camera_move": _word,
    "camera_text": _one_line,
    "blocking": _text,
    "dialogue": _text,
    "speakers": _names(MOST_SPEAKERS),
    "voice_over": _yes_or_no,
    "emotion": _one_line,
    "transition": _word,
    "prompt": _text,
    "negative_prompt": _text,
    "scene": _one_line,
    "place": _one_line,
    "time_of_day": _one_of(*get_args(TimeOfDay), None),
    "interior": _one_of(*get_args(Interior), None),
    "characters": _names(MOST_NAMES),
    "props": _names(MOST_NAMES),
    "priority": _one_of(*get_args(Priority)),
    "wants": _wants,
    "note": _text,
}
"""What of a shot can be changed: all but its number and what a file brought besides."""
