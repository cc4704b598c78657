"""DashScope's words: paths, states, error codes, limits. What a person mends when the vendor changes them."""

from collections.abc import Mapping
from typing import Any

from aianime_pipeline.providers.adapters.sent_pictures import Taken
from aianime_pipeline.providers.capabilities import ErrorKind, JobState
from aianime_pipeline.providers.http import Refusal

HOST = "https://dashscope.aliyuncs.com"
GENERATION = "/api/v1/services/aigc/multimodal-generation/generation"
"""Pictures and speech."""
VIDEO = "/api/v1/services/aigc/video-generation/video-synthesis"
TASKS = "/api/v1/tasks/"
CANCEL = "/cancel"
"""After a task's path. Only a task that still waits can be cancelled."""
ASYNC = {"X-DashScope-Async": "enable"}
NO_TASK = "00000000-0000-0000-0000-000000000000"
"""Asked for to see whether the key is right."""

STATES = {
    "PENDING": JobState.QUEUED,
    "RUNNING": JobState.RUNNING,
    "SUCCEEDED": JobState.SUCCEEDED,
    "FAILED": JobState.FAILED,
    "CANCELED": JobState.CANCELLED,
    "UNKNOWN": JobState.EXPIRED,  # a day old, or of another account
}

CODES: Mapping[str, ErrorKind] = {
    "InvalidParameter": ErrorKind.BAD_INPUT,
    "BadRequest": ErrorKind.BAD_INPUT,
    "InvalidURL": ErrorKind.BAD_INPUT,
    "ModelNotFound": ErrorKind.BAD_INPUT,
    "UnsupportedOperation": ErrorKind.BAD_INPUT,
    "DataInspectionFailed": ErrorKind.MODERATED,
    "IPInfringementSuspect": ErrorKind.MODERATED,
    "Arrearage": ErrorKind.NO_MONEY,
    "PrepaidBillOverdue": ErrorKind.NO_MONEY,
    "PostpaidBillOverdue": ErrorKind.NO_MONEY,
    "AllocationQuota.FreeTierOnly": ErrorKind.NO_MONEY,
    "InvalidApiKey": ErrorKind.AUTH,
    "AccessDenied": ErrorKind.AUTH,
    "Model.AccessDenied": ErrorKind.AUTH,
    "Workspace.AccessDenied": ErrorKind.AUTH,
    "CommodityNotPurchased": ErrorKind.AUTH,
    "Throttling": ErrorKind.RATE_LIMITED,
    "RequestTimeOut": ErrorKind.TRANSIENT,
    "InternalError": ErrorKind.TRANSIENT,
    "ModelServingError": ErrorKind.TRANSIENT,
    "ModelUnavailable": ErrorKind.TRANSIENT,
    "ServiceUnavailable": ErrorKind.TRANSIENT,
}
"""A code with a dot is found by itself, then by what is before the dot: Throttling.RateQuota is Throttling."""

MOST_PIXELS = 2048 * 2048
LEAST_PIXELS = 512 * 512
REFERENCES = 3
MOST_REFERENCES = 9
MOST_NEGATIVE = 500
"""Characters; the vendor cuts what is longer."""
MOST_SPOKEN = 600
"""Characters of one line."""
SECONDS_OFFERED = tuple(range(2, 16))
RESOLUTIONS = ("480P", "720P", "1080P")
REFERENCE_PICTURES = Taken(10 * 1024 * 1024)
FRAME_PICTURES = Taken(10 * 1024 * 1024, least_side=240, most_ratio=8)

LANGUAGES = {
    "zh": "Chinese",
    "en": "English",
    "ja": "Japanese",
    "ko": "Korean",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "ru": "Russian",
}
ANY_LANGUAGE = "Auto"


def kind_of(code: str) -> ErrorKind | None:
    while code:
        if code in CODES:
            return CODES[code]
        code = code.rpartition(".")[0]
    return None


def classify(status: int, body: Mapping[str, Any]) -> Refusal | None:
    """An error has a code beside no output; a failed task has its code inside the output and is told by `poll`."""
    code = body.get("code")
    if not isinstance(code, str) or not code or body.get("output"):
        return None
    kind = kind_of(code)
    if kind is None:
        return None
    return Refusal(kind, str(body.get("message") or "without a word"), code)


def table(found: Any) -> Mapping[str, Any]:
    """`found` if it is a table, else an empty one: an answer may lack anything."""
    return found if isinstance(found, Mapping) else {}


def counted(usage: Mapping[str, Any], name: str) -> int | None:
    """A whole number of the usage, not negative; None where it says nothing."""
    value = usage.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
