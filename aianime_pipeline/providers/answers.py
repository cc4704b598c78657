"""What a vendor's HTTP answer says when the vendor's own words do not: by its status, its headers and its bytes. Pure.

The answers here are whole: their bodies have been read and decoded.
"""

import email.utils
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2

from aianime_pipeline.providers.capabilities import ErrorKind

_BY_STATUS = {
    **dict.fromkeys((301, 302, 307, 308), ErrorKind.AUTH),
    401: ErrorKind.AUTH,
    402: ErrorKind.NO_MONEY,
    403: ErrorKind.AUTH,
    408: ErrorKind.TRANSIENT,
    425: ErrorKind.TRANSIENT,
    429: ErrorKind.RATE_LIMITED,
    501: ErrorKind.BAD_INPUT,
    503: ErrorKind.TRANSIENT,
}
"""For refusals without a code of the vendor's; any other 4xx is BAD_INPUT. An address that has moved is for a person to
set right, as a key is. 408 says that the request never came whole, 503 that it was not handled; any other 5xx may come
from a gateway whose upstream took it."""

_LONGEST_WAIT = 86_400.0
_LOOKED_AT = 20_000
"""Bytes of an answer that may be told of: many more than are told, so that no secret is cut in two where it shows."""


def kind_of(response: httpx2.Response, unknown: ErrorKind) -> ErrorKind:
    """Of a refusal by its HTTP status; `unknown` where that does not say whether the request was taken."""
    return _BY_STATUS.get(response.status_code, ErrorKind.BAD_INPUT if response.is_client_error else unknown)


def json_object(content: bytes) -> Mapping[str, Any] | None:
    """None for anything else."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def text_of(response: httpx2.Response) -> str:
    """The beginning of the body."""
    return response.content[:_LOOKED_AT].decode("utf-8", errors="replace")


def refusal_words(response: httpx2.Response) -> str:
    """A refusal's status, and its body or where the address has moved to."""
    moved = response.headers.get("location", "").partition("?")[0] if response.is_redirect else ""
    return f"answered {response.status_code}: " + (f"its address has moved to {moved}" if moved else text_of(response))


def retry_after(response: httpx2.Response) -> float | None:
    """Seconds of the Retry-After header, a day at most: a number, or a date (RFC 9110, 10.2.3)."""
    text = response.headers.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (email.utils.parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError, OverflowError):
            return None
    return min(max(0.0, seconds), _LONGEST_WAIT) if math.isfinite(seconds) else None


def plain_headers(headers: httpx2.Headers) -> list[tuple[bytes, bytes]]:
    """Those of a body that is decoded already, as they came: a vendor's own need not be ASCII."""
    dropped = (b"content-encoding", b"content-length", b"transfer-encoding")
    return [(name, value) for name, value in headers.raw if name.lower() not in dropped]
