"""What MiniMax's refusals mean, in the form of either interface, and the adapter's own words for refusing."""

import re
from collections.abc import Mapping
from typing import Any

from aianime_pipeline.providers.adapters.minimax import wire
from aianime_pipeline.providers.adapters.not_asked import not_asked
from aianime_pipeline.providers.capabilities import ErrorKind, JobState
from aianime_pipeline.providers.http import Refusal

_ENDING_CODE = re.compile(r"\((\d{4,5})\)\s*$")
TELLING_LENGTH = 400


def classify(status: int, body: Mapping[str, Any]) -> Refusal | None:
    """v1 answers 200 and says in `base_resp` whether it is an error; v2 answers with a status and an `error`.

    A code that nobody knows is BAD_INPUT with a status of success: the vendor refused, and asking again by itself
    might cost.
    """
    if body.get("type") == "error" or ("error" in body and "task" not in body):
        return _of_v2(table(body.get("error")))
    said = table(body.get("base_resp"))
    if wire.STATES.get(str(body.get("status")).lower()) is JobState.FAILED:
        return None  # the answer to a query: what `base_resp` says is then of the task
    code = str(said.get("status_code") or "")
    if code in ("", "0"):
        return None
    kind = wire.CODES.get(code) or (ErrorKind.BAD_INPUT if status < 400 else None)
    return Refusal(kind, str(said.get("status_msg") or "without a word"), code) if kind else None


def _of_v2(error: Mapping[str, Any]) -> Refusal | None:
    message, kind_named = str(error.get("message") or ""), str(error.get("type") or "")
    code = code_in(message)
    kind = wire.CODES.get(code) or wire.KINDS.get(kind_named)
    return Refusal(kind, message or "without a word", code or kind_named) if kind else None


def code_in(message: str) -> str:
    """The number in brackets that a message of v2 ends with; empty where there is none."""
    found = _ENDING_CODE.search(message)
    return found[1] if found else ""


def fitting(provider: str, text: str, most: int) -> str:
    """`text` if it has at most `most` characters. Raises ProviderError(BAD_INPUT)."""
    if len(text) > most:
        raise not_asked(provider, f"the text has {len(text)} characters; it takes {most}")
    return text


def table(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}
