"""Paths, words and limits of the interface: what a person mends here when the vendor changes it."""

from aianime_pipeline.providers.adapters.sent_pictures import Taken
from aianime_pipeline.providers.capabilities import JobState

BASE_URL = "https://ark.cn-beijing.volces.com/api/v3"
IMAGES = "/images/generations"
TASKS = "/contents/generations/tasks"
MODELS = "/models"

REQUEST_ID_HEADER = "X-Client-Request-Id"
"""Our own id of a request, as the vendor's own client sends it."""

STATES = {
    "queued": JobState.QUEUED,
    "running": JobState.RUNNING,
    "succeeded": JobState.SUCCEEDED,
    "failed": JobState.FAILED,
    "expired": JobState.EXPIRED,
    "cancelled": JobState.CANCELLED,
}
NOT_CHARGED = frozenset({"failed", "expired", "cancelled"})
"""Only what succeeded is billed."""

WITHDRAWN = "Shutdown"
"""The status of a model in the list that is not served any more."""

ENDPOINT_PREFIX = "ep-"
"""An endpoint of the user's own, named instead of a model; it stands in no list."""

# Pictures.

REFERENCES = 14
"""Reference pictures that Seedream 4.0, 4.5 and 5.0-lite take; 5.0-pro takes 10."""

REFERENCE_PICTURES = Taken(most_bytes=10 * 1024 * 1024, least_side=15, most_ratio=16)

PIXELS = (3_686_400, 4_624_220)
"""Fewest and most pixels of a picture that every Seedream from 4.0 on makes. 4.0 and 5.0-pro begin at 921,600; 4.0, 4.5
and 5.0-lite go beyond."""

MOST_SHAPE = 16
"""The longer side by the shorter."""

GUIDANCE_SCALE = (1.0, 10.0)
RESPONSE_FORMATS = ("url", "b64_json")
OUTPUT_FORMATS = ("jpeg", "png")
OPTIMIZE_PROMPT_MODES = ("standard", "fast")

# Clips.

FRAME_PICTURES = Taken(most_bytes=30 * 1024 * 1024, most_ratio=2.5)
RESOLUTIONS = ("480p", "720p", "1080p", "4k")
RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "adaptive")
SERVICE_TIERS = ("default", "flex")
DURATIONS = (4, 12)
"""From and to, in whole seconds: what 1.5 pro, 2.0 (to 15) and 2.5 (to 30) all make."""
