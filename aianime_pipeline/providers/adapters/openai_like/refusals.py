"""What refusals in the common form mean, and the adapter's own words for refusing.

The form is {"error": {"message", "type", "param", "code"}}; some servers have only a text under `error`, some the
fields at the top with `object` = "error", some a number for the code.
"""

from collections.abc import Mapping
from typing import Any

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.adapters.openai_like import wire
from aianime_pipeline.providers.capabilities import ErrorKind
from aianime_pipeline.providers.http import Refusal

_BY_STATUS = {
    401: ErrorKind.AUTH,
    402: ErrorKind.NO_MONEY,
    403: ErrorKind.AUTH,
    408: ErrorKind.TRANSIENT,
    429: ErrorKind.RATE_LIMITED,
    503: ErrorKind.TRANSIENT,
}
_NO_CODE = "error"
"""So that a refusal in this form is known from another's even where it names no code."""


def classify(status: int, body: Mapping[str, Any]) -> Refusal | None:
    """None for what is no refusal: also the failure of a job that was asked for, which has the job's id.

    A server's error of which the code says nothing may come from behind a gateway, where the request was taken.
    """
    error = body if body.get("object") == "error" else body.get("error")
    if not error or (status < 400 and _is_job(body)):
        return None
    message, code, kind_named = said(error)
    return Refusal(kind_of(code, kind_named) or _by_status(status, code), message, code or kind_named or _NO_CODE)


def kind_of(code: str, kind_named: str) -> ErrorKind | None:
    """By the vendor's code and type; None where neither is known. Used-up money shows in either of them, beside words
    of a mere limit."""
    kinds = [_known(word) for word in (code, kind_named)]
    if ErrorKind.NO_MONEY in kinds:
        return ErrorKind.NO_MONEY
    return next((kind for kind in kinds if kind is not None), None)


def said(error: Any) -> tuple[str, str, str]:
    """Message, code and type of an error."""
    if not isinstance(error, Mapping):
        return str(error), "", ""
    message, code, kind_named = (error.get(name) for name in ("message", "code", "type"))
    return (
        str(message or "without a word"),
        "" if code is None else str(code),
        kind_named if isinstance(kind_named, str) else "",
    )


def unreadable(provider: str, what: str) -> ProviderError:
    """For an answer that is a success and holds no result: it may have been charged for."""
    return ProviderError(f"{provider} answered without {what}.", kind=ErrorKind.AMBIGUOUS, provider=provider)


def _is_job(body: Mapping[str, Any]) -> bool:
    return isinstance(body.get("status"), str) and bool(body.get("id"))


def _known(word: str) -> ErrorKind | None:
    word = word.lower().replace(" ", "_")
    return wire.CODES.get(word) or wire.CODES.get(word.partition(".")[0])


def _by_status(status: int, code: str) -> ErrorKind:
    """Where the status is a success, a number for the code is the status that was meant."""
    if status < 400 and code.isdecimal() and 400 <= int(code) < 600:
        status = int(code)
    return _BY_STATUS.get(status, ErrorKind.AMBIGUOUS if status >= 500 else ErrorKind.BAD_INPUT)
