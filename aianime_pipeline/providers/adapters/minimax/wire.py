"""MiniMax's paths, words, codes and limits, in one place where a person can correct them."""

from collections.abc import Mapping

from aianime_pipeline.providers.adapters.sent_pictures import Taken
from aianime_pipeline.providers.capabilities import ErrorKind, JobState

BASE_URL = "https://api.minimaxi.com"
"""In China; `base_url` for the international service."""

SPEECH = "/v1/t2a_v2"
IMAGES = "/v1/image_generation"
VIDEOS = {"v1": "/v1/video_generation", "v2": "/v2/video_generation"}
QUERY_V1 = "/v1/query/video_generation"
QUERY_V2 = "/v2/query/video_generation/"
FILES = "/v1/files/retrieve"

UNKNOWN_TASK = "0"
"""An id that no task has: asking for it says whether the key is right, and costs nothing."""

STATES: Mapping[str, JobState] = {
    "preparing": JobState.QUEUED,
    "queueing": JobState.QUEUED,
    "processing": JobState.RUNNING,
    "success": JobState.SUCCEEDED,
    "fail": JobState.FAILED,
    "queued": JobState.QUEUED,
    "running": JobState.RUNNING,
    "succeeded": JobState.SUCCEEDED,
    "failed": JobState.FAILED,
    "cancelled": JobState.CANCELLED,
}
"""Of both interfaces, in small letters."""

INVALID = "2013"
NO_SUCH_TASK = (INVALID, "bad_request_error")
"""Bad parameters; of a query, which has no others, they mean that there is no such task."""

CODES: Mapping[str, ErrorKind] = {
    **dict.fromkeys(("1000", "1001", "1013", "1024", "1033"), ErrorKind.TRANSIENT),
    **dict.fromkeys(("1002", "1039", "2045"), ErrorKind.RATE_LIMITED),
    "1041": ErrorKind.CONCURRENCY_FULL,
    **dict.fromkeys(("1004", "2049"), ErrorKind.AUTH),
    "2061": ErrorKind.AUTH,  # the account's plan has not this model
    "1008": ErrorKind.NO_MONEY,
    "2056": ErrorKind.NO_MONEY,  # the plan's allowance is used up
    **dict.fromkeys(("1026", "1027"), ErrorKind.MODERATED),
    **dict.fromkeys((INVALID, "20132", "1042", "2042"), ErrorKind.BAD_INPUT),
}
"""By `base_resp.status_code`, or by the number at the end of a message of v2."""

KINDS: Mapping[str, ErrorKind] = {
    "bad_request_error": ErrorKind.BAD_INPUT,
    "authorized_error": ErrorKind.AUTH,
    "insufficient_balance_error": ErrorKind.NO_MONEY,
    "unprocessable_entity_error": ErrorKind.MODERATED,
    "rate_limit_error": ErrorKind.RATE_LIMITED,
    "server_error": ErrorKind.TRANSIENT,
    "api_error": ErrorKind.TRANSIENT,
}
"""By `error.type` of v2, where the message ends with no number that is known."""

MOST_SPOKEN = 9_999
MOST_IMAGE_PROMPT = 1_500
MOST_VIDEO_PROMPT = {"v1": 2_000, "v2": 7_000}
"""Characters."""

SAMPLE_RATE = 44_100
FORMATS = {"wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac"}
SPEEDS = (0.5, 2.0)

IMAGE_SIDES = (512, 2_048)
IMAGE_STEP = 8
"""Pixels of a side: least and most, and what it is a multiple of."""
IMAGE_RATIOS = ("1:1", "16:9", "4:3", "3:2", "2:3", "3:4", "9:16", "21:9")
REFERENCES = Taken(10 * 1024 * 1024, ("image/png", "image/jpeg"))

FRAMES = Taken(20 * 1024 * 1024, ("image/png", "image/jpeg"), least_side=300, most_ratio=2.5)
RESOLUTION = "768P"
DURATIONS: Mapping[tuple[str, str], tuple[int, ...]] = {("v1", "1080P"): (6,)}
"""Seconds by interface and resolution, where not all of the interface's are offered."""
ALL_DURATIONS = {"v1": (6, 10), "v2": tuple(range(5, 16))}
