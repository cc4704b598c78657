"""What an answer of the web server says, and what became of what was asked. Pure.

Three outcomes, besides what was asked for, matter to whoever asked for something to be done:

- it was certainly not done, and may be asked again      → DagsterUnavailableError
- it was understood and refused                          → DagsterRefusedError
- it may have been done                                  → DagsterUnknownError

The last is also Dagster's own PythonError: a run is written down before it is handed on, and the second may fail.
HTTP 500 says nothing by itself: Dagster sends it with whole answers too.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from aianime_pipeline.dagster_client.documents import Document
from aianime_pipeline.errors import (
    DagsterClientError,
    DagsterRefusedError,
    DagsterUnavailableError,
    DagsterUnknownError,
)

DONE = frozenset(
    {
        "AddDynamicPartitionSuccess",
        # What was asked for is so.
        "DuplicateDynamicPartitionError",
        "LaunchBackfillSuccess",
        "LaunchRunSuccess",
        "PartitionBackfill",
        "Run",
        "Runs",
        "RunsFeedConnection",
        "TerminateRunSuccess",
        "WorkspaceLocationEntry",
    }
)
REFUSED = frozenset(
    {
        "ConflictingExecutionParamsError",
        "InvalidOutputError",
        "InvalidPipelineRunsFilterError",
        "InvalidStepError",
        "InvalidSubsetError",
        "NoModeProvidedError",
        "PartitionKeysNotFoundError",
        "PartitionSetNotFoundError",
        "PipelineNotFoundError",
        "PresetNotFoundError",
        "RunConfigValidationInvalid",
        "RunConflict",
        "TerminateRunFailure",
        "UnauthorizedError",
    }
)
ABSENT = frozenset({"BackfillNotFoundError", "RunNotFoundError"})
"""What a question is answered with None for, and what else is asked is refused for."""

_TOLD = 600

Found = TypeVar("Found")


def read_answer(asked: Document, status: int, content: bytes, read: Callable[[Any], Found]) -> Found:
    """What `read` makes of the answer; it is given None where there is no such thing. Raises DagsterClientError."""
    document = _object(content)
    if document is None or not ("data" in document or "errors" in document):
        words = (
            f"what answers at AIANIME_DAGSTER_URL does not answer as Dagster's web server does, but with {status}: "
            f"{one_line(content.decode('utf-8', 'replace'))}"
        )
        if 300 <= status < 500:
            raise DagsterUnavailableError(words)
        raise not_answered(asked, words)
    if document.get("errors"):
        raise _told_errors(asked, document["errors"])
    try:
        return read(_asked_for(asked, document["data"]["answer"]))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        words = f"its answer has another form than that of the Dagster that is installed here ({error!r})"
        raise not_answered(asked, words) from error


def not_answered(asked: Document, words: str) -> DagsterClientError:
    """It was sent, and nobody knows what became of it; a question may simply be asked again."""
    if asked.changes:
        return DagsterUnknownError(f"Dagster was asked, and it is not known whether it did it: {words}")
    return DagsterUnavailableError(f"Dagster did not answer: {words}")


def one_line(text: str) -> str:
    return " ".join(text.split())[:_TOLD]


def _asked_for(asked: Document, answer: Any) -> Any:
    if not isinstance(answer, dict) or "__typename" not in answer:
        return answer
    kind = answer["__typename"]
    if kind in DONE:
        return answer
    if kind in ABSENT and not asked.changes:
        return None
    words = one_line("; ".join(_texts({name: value for name, value in answer.items() if name != "__typename"})))
    if kind in REFUSED or kind in ABSENT:
        raise DagsterRefusedError(f"Dagster refused ({kind}): {words}", reason=kind)
    raise not_answered(asked, f"{kind}: {words}")


def _told_errors(asked: Document, errors: Any) -> DagsterClientError:
    if not isinstance(errors, list) or not all(isinstance(error, dict) for error in errors):
        return not_answered(asked, f"errors without a form: {errors!r:.{_TOLD}}")
    words = one_line("; ".join(_texts([error.get("message") for error in errors])))
    # Without a path it was not even begun (GraphQL, 7.1.2 "Request errors").
    if not any("path" in error for error in errors):
        return DagsterRefusedError(f"Dagster did not understand what it was asked: {words}", reason="request")
    return not_answered(asked, words)


def _object(content: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _texts(value: Any) -> Iterator[str]:
    """Every text in it: the members of a union say what is wrong each in a form of its own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
