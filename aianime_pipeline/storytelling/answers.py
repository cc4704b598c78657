"""Ask a language model for a structured answer, and for a better one where it does not fit.

An answer fits when it is JSON of the wanted type and breaks none of the caller's rules. What is wrong with it goes back
to the model together with it, in a new request: a model mends its own answer far more often than it answers well at the
second try.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from aianime_pipeline.errors import StoryAnswerError
from aianime_pipeline.providers.capabilities import TextRequest
from aianime_pipeline.storytelling.extracting import NoJsonError, extract_object
from aianime_pipeline.storytelling.forms import AskText, TakenForm
from aianime_pipeline.storytelling.material import material
from aianime_pipeline.storytelling.prompts import ANSWER_AGAIN, ANSWER_AS_JSON

__all__ = ["ATTEMPTS", "AskText", "ask", "schema_of"]

Answer = TypeVar("Answer", bound=BaseModel)

ATTEMPTS = 3

_MOST_PROBLEMS = 25
_LONGEST_ANSWER_SENT_BACK = 16_000
"""Characters. What is longer was a runaway, and its beginning shows what is wrong with it."""

_BOUNDS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)
_NOT_IN_STRICT_SCHEMAS = frozenset(("title", "default", "pattern", *_BOUNDS))


def ask(
    model: AskText,
    instructions: str,
    text: str,
    answer_type: type[Answer],
    *,
    attempts: int = ATTEMPTS,
    check: Callable[[Answer], Iterable[str]] = lambda answer: (),
) -> Answer:
    """The model's answer to `text`, asked for at most `attempts` times. `check` says which rules an answer breaks.

    Raises StoryAnswerError with what was wrong with the last answer, and what `model` raises.
    """
    model = TakenForm.of(model)
    schema = schema_of(answer_type)
    first = request = TextRequest(f"{instructions}\n\n{ANSWER_AS_JSON}", text, schema)
    problems: Sequence[str] = ()
    for _ in range(attempts):
        came = model(request)
        answer, problems = _read(came, answer_type, check)
        if answer is not None:
            return answer
        request = replace(
            first,
            # In words too: there are gateways that take a schema and do nothing with it.
            instructions=f"{first.instructions}\n\n{ANSWER_AGAIN}\n{json.dumps(schema, ensure_ascii=False)}",
            text=f"{text}\n\n{material(your_answer_before=_shortened(came), what_is_wrong_with_it=list(problems))}",
        )
    raise StoryAnswerError(
        f"The language model was asked {attempts} times and gave no usable answer: {'; '.join(problems[:3])}.",
        problems=list(problems),
        attempts=attempts,
    )


def schema_of(answer_type: type[BaseModel]) -> Mapping[str, Any]:
    """The JSON schema in the strict dialect: every field required, no others, no bounds.

    What vendors call strict refuses anything else, and a model that must name each field forgets none.
    """
    strict = _strict(answer_type.model_json_schema())
    assert isinstance(strict, dict)
    return strict


def _strict(schema: Any, *, by_name: bool = False) -> Any:
    """`by_name`: it is no schema but a table of schemas, in which a field may be called `title` too."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if by_name:
        return {name: _strict(one) for name, one in schema.items()}
    strict = {
        key: _strict(value, by_name=key in ("properties", "$defs"))
        for key, value in schema.items()
        if key not in _NOT_IN_STRICT_SCHEMAS
    }
    if "properties" in strict:
        strict |= {"required": list(strict["properties"]), "additionalProperties": False}
    return strict


def _read(
    came: str, answer_type: type[Answer], check: Callable[[Answer], Iterable[str]]
) -> tuple[Answer | None, Sequence[str]]:
    try:
        answer = answer_type.model_validate(extract_object(came))
    except NoJsonError as error:
        return None, (str(error),)
    except ValidationError as error:
        return None, _told(error)
    broken = tuple(check(answer))
    if broken:
        return None, _at_most(broken)
    return answer, ()


def _told(error: ValidationError) -> Sequence[str]:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return _at_most([f"{'.'.join(map(str, one['loc'])) or 'the answer'}: {one['msg']}" for one in found])


def _at_most(problems: Sequence[str]) -> Sequence[str]:
    more = len(problems) - _MOST_PROBLEMS
    return (*problems[:_MOST_PROBLEMS], f"and {more} more") if more > 0 else tuple(problems)


def _shortened(came: str) -> str:
    return came if len(came) <= _LONGEST_ANSWER_SENT_BACK else came[:_LONGEST_ANSWER_SENT_BACK] + " …"
