"""The vendor's error codes: which kind of refusal each is. A code that no line fits goes by its HTTP status."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from aianime_pipeline.providers.capabilities import ErrorKind
from aianime_pipeline.providers.http import Refusal

CODES: tuple[tuple[str, ErrorKind], ...] = (
    ("*SensitiveContentDetected*", ErrorKind.MODERATED),
    ("*RiskDetection*", ErrorKind.MODERATED),
    ("MissingParameter*", ErrorKind.BAD_INPUT),
    ("InvalidParameter*", ErrorKind.BAD_INPUT),
    ("InvalidImageURL*", ErrorKind.BAD_INPUT),
    ("InvalidEndpointOrModel*", ErrorKind.BAD_INPUT),
    ("AuthenticationError*", ErrorKind.AUTH),
    ("AccessDenied*", ErrorKind.AUTH),
    ("InvalidAccountStatus*", ErrorKind.AUTH),
    ("ModelNotOpen*", ErrorKind.AUTH),
    ("AccountOverdueError*", ErrorKind.NO_MONEY),
    ("OperationDenied.ServiceOverdue*", ErrorKind.NO_MONEY),
    ("OperationDenied.PermissionDenied*", ErrorKind.AUTH),
    ("OperationDenied.ServiceNotOpen*", ErrorKind.AUTH),
    ("OperationDenied*", ErrorKind.BAD_INPUT),
    # 429 as well, but no waiting helps: an allowance is used up, or the limit that the user set is reached.
    ("QuotaExceeded*", ErrorKind.NO_MONEY),
    ("SetLimitExceeded*", ErrorKind.NO_MONEY),
    ("InflightBatchsizeExceeded*", ErrorKind.CONCURRENCY_FULL),
    ("RateLimitExceeded*", ErrorKind.RATE_LIMITED),
    ("*RateLimitExceeded", ErrorKind.RATE_LIMITED),
    ("RequestBurstTooFast*", ErrorKind.RATE_LIMITED),
    ("ServerOverloaded*", ErrorKind.RATE_LIMITED),
    ("InternalServiceError*", ErrorKind.TRANSIENT),
)
"""The first line that fits decides; `*` stands for anything."""

MODEL_CODES = ("InvalidEndpointOrModel*", "ModelNotOpen*")
"""A 404 with one of these speaks of the model, any other of the task that was asked after."""

_BY_STATUS = {401: ErrorKind.AUTH, 402: ErrorKind.NO_MONEY, 403: ErrorKind.AUTH, 429: ErrorKind.RATE_LIMITED}


def kind_of(code: str) -> ErrorKind | None:
    """None for a code that is not known."""
    return next((kind for pattern, kind in CODES if fnmatchcase(code, pattern)), None)


def is_unknown_task(status: object, code: str) -> bool:
    """Whether a refusal says that there is no such task. A 404 without a code comes from somebody else's server."""
    return status == 404 and bool(code) and not any(fnmatchcase(code, pattern) for pattern in MODEL_CODES)


def said(found: object) -> tuple[str, str] | None:
    """Code and message of an `error`; None where it is none."""
    if not isinstance(found, Mapping) or not (found.get("code") or found.get("message")):
        return None
    return str(found.get("code") or ""), str(found.get("message") or "")


def classify(status: int, body: Mapping[str, Any]) -> Refusal | None:
    """The refusal that an answer is. The error of a task that failed is part of a success: it was found."""
    error = said(body.get("error"))
    if error is None or (status < 300 and (body.get("status") or body.get("data"))):
        return None
    code, message = error
    kind = kind_of(code)
    if kind is None:
        if status >= 500:
            return None
        kind = _BY_STATUS.get(status, ErrorKind.BAD_INPUT)
    return Refusal(kind, message or code, code)
