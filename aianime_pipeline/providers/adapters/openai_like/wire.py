"""Paths, words, codes and limits of the interface, in one place where a person can correct them."""

from collections.abc import Mapping

from aianime_pipeline.providers.adapters.sent_pictures import Taken
from aianime_pipeline.providers.capabilities import ErrorKind, JobState

BASE_URL = "https://api.openai.com/v1"

CHAT = "/chat/completions"
IMAGES = "/images/generations"
EDITS = "/images/edits"
SPEECH = "/audio/speech"
VIDEOS = "/videos"
CONTENT = "/content"
"""After a video's own path."""
MODELS = "/models"

REQUEST_ID_HEADER = "X-Client-Request-Id"

STRUCTURED = ("json_schema", "json_object", "plain")
SCHEMA_NAME = "answer"
FINISHED_BY_FILTER = "content_filter"
FINISHED_BY_LENGTH = "length"

EDITED_ONE = "image"
EDITED_MANY = "image[]"
"""The field of the reference pictures of an edit: of a single one, and of each of several."""
FIRST_FRAME = "input_reference"

NOT_EXTRA = ("model", "messages", "prompt", "input", "stream", "n")
"""What `extra` may not hold: the request itself, and what would change the form of the answer."""

STATES: Mapping[str, JobState] = {
    "queued": JobState.QUEUED,
    "pending": JobState.QUEUED,
    "submitted": JobState.QUEUED,
    "not_start": JobState.QUEUED,
    "in_progress": JobState.RUNNING,
    "processing": JobState.RUNNING,
    "running": JobState.RUNNING,
    "completed": JobState.SUCCEEDED,
    "succeeded": JobState.SUCCEEDED,
    "success": JobState.SUCCEEDED,
    "succeed": JobState.SUCCEEDED,
    "failed": JobState.FAILED,
    "failure": JobState.FAILED,
    "fail": JobState.FAILED,
    "error": JobState.FAILED,
    "expired": JobState.EXPIRED,
    "cancelled": JobState.CANCELLED,
    "canceled": JobState.CANCELLED,
}
"""In small letters. OpenAI has queued, in_progress, completed and failed; gateways let those of other vendors
through."""

CODES: Mapping[str, ErrorKind] = {
    **dict.fromkeys(
        (
            "insufficient_quota",
            "billing_hard_limit_reached",
            "billing_not_active",
            "credit_balance_exhausted",
            "organization_spend_limit_exceeded",
            "project_spend_limit_exceeded",
            "organization_usage_limit_exceeded",
            "insufficient_balance",
            "exceeded_current_quota_error",  # Kimi
            "insufficient_user_quota",  # gateways
            "pre_consume_token_quota_failed",
            "quotaexceeded",  # Doubao
            "setlimitexceeded",
            "accountoverdueerror",
            "arrearage",  # Bailian
        ),
        ErrorKind.NO_MONEY,
    ),
    **dict.fromkeys(
        (
            "rate_limit_exceeded",
            "rate_limit_error",
            "rate_limit_reached_error",  # Kimi
            "too_many_requests",
            "requests",
            "tokens",
            "ratelimitexceeded",  # Doubao
            "accountratelimitexceeded",
            "throttling",  # Bailian
        ),
        ErrorKind.RATE_LIMITED,
    ),
    **dict.fromkeys(
        (
            "content_policy_violation",
            "moderation_blocked",
            "content_filter",
            "sensitive_words_detected",  # gateways
            "prompt_blocked",
            "sensitivecontentdetected",  # Doubao
            "inputtextsensitivecontentdetected",
            "inputimagesensitivecontentdetected",
            "outputtextsensitivecontentdetected",
            "outputimagesensitivecontentdetected",
            "datainspectionfailed",  # Bailian
            "data_inspection_failed",
        ),
        ErrorKind.MODERATED,
    ),
    **dict.fromkeys(
        (
            "invalid_api_key",
            "authentication_error",
            "invalid_authentication_error",  # Kimi
            "incorrect_api_key_error",
            "permission_denied_error",
            "permission_error",
            "account_deactivated",
            "unsupported_country_region_territory",
            "authenticationerror",  # Doubao
            "accessdenied",
        ),
        ErrorKind.AUTH,
    ),
    **dict.fromkeys(
        (
            "model_not_found",
            "context_length_exceeded",
            "resource_not_found_error",  # Kimi
            "invalidendpointormodel",  # Doubao
            "modelnotopen",
        ),
        ErrorKind.BAD_INPUT,
    ),
    **dict.fromkeys(
        (
            "server_error",
            "internal_error",
            "internal_server_error",
            "internalservererror",  # vLLM
            "overloaded",
            "overloaded_error",
            "engine_overloaded_error",  # Kimi
            "service_unavailable",
            "serveroverloaded",  # Doubao
            "internalserviceerror",
        ),
        ErrorKind.TRANSIENT,
    ),
}
"""By `error.code` or `error.type`, in small letters, whole or up to its first full stop. The names without an owner are
OpenAI's."""

IMAGE_REFERENCES = 16
PICTURES = Taken(50 * 1024 * 1024)
"""As reference or for a look."""
FIRST_FRAMES = Taken(50 * 1024 * 1024)

MOST_SPOKEN = 4_096
"""Characters."""
FORMATS: Mapping[str, str] = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "opus": "audio/ogg",
}
VOICES: Mapping[str, str] = {"female": "nova", "male": "onyx", "default": "alloy"}

VIDEO_SIZES = ("1280x720", "720x1280")
VIDEO_DURATIONS = (4, 8, 12)
"""Seconds."""

EXPECTED_TOKENS_OUT = 4_000
EXPECTED_PICTURE_TOKENS = 2_000
"""Of a picture that is sent."""
EXPECTED_MADE_TOKENS = 6_300
"""Of a picture that is made, at the best quality."""
