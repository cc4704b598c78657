"""A clip from a shot's first frame, as a task; what is charged are the tokens that the vendor counts for it.

Options of a model: `resolution` (720p unless said), `durations` (in whole seconds, the shortest and the longest clip as
a pair such as [4, 12], or all that there are as a longer list), `ratio` (not sent unless given: the clip has the first
frame's shape, and newer models refuse another), `generate_audio` and `watermark` (false unless said), `service_tier`
(`default` or `flex`; 2.x models refuse both), and `seed`, `camera_fixed` and `last_frame` (false for a model that takes
none of it).
"""

from collections.abc import Mapping
from typing import Any

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.providers.adapters.ark import wire
from aianime_pipeline.providers.adapters.ark.errors import kind_of, said
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.adapters.sent_pictures import sent_picture
from aianime_pipeline.providers.capabilities import ErrorKind, JobState, VideoRequest
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model, ResultFile
from aianime_pipeline.providers.wording import seconds_offered, video_prompt, wanted_seconds
from aianime_pipeline.storyboard.model import CameraMove

OPTIONS = (
    "resolution", "durations", "ratio", "generate_audio", "watermark", "service_tier", "seed", "camera_fixed",
    "last_frame",
)  # fmt: skip
_FRAMES_A_SECOND, _PIXELS_A_TOKEN, _SIDE_STEP = 24, 1024, 16

FACTS = ("seed", "resolution", "ratio", "duration", "frames", "framespersecond", "service_tier", "generate_audio")
"""What the vendor says of a finished clip and we write down."""


def body(model: Model, request: VideoRequest) -> dict[str, Any]:
    """Raises ProviderError(BAD_INPUT) and BadSettingError."""
    options = Options(model.options, model.name, OPTIONS)
    asked: dict[str, Any] = {
        "model": model.vendor_name,
        "content": _content(model, options, request),
        "resolution": options.word("resolution", "720p", wire.RESOLUTIONS),
        "duration": seconds_offered(wanted_seconds(request), _durations(model, options)),
        "watermark": options.flag("watermark", False),
        "generate_audio": options.flag("generate_audio", False),
    }
    if options.flag("seed", True):
        asked["seed"] = request.seed
    if options.flag("camera_fixed", True) and request.camera_move is CameraMove.HOLD:
        asked["camera_fixed"] = True
    if options.given("ratio"):
        asked["ratio"] = options.word("ratio", "", wire.RATIOS)
    if options.given("service_tier"):
        asked["service_tier"] = options.word("service_tier", "", wire.SERVICE_TIERS)
    return asked


def expected(model: Model, request: VideoRequest) -> Units:
    """What a clip will be charged for, by the vendor's own formula: width x height x frames / 1024 tokens."""
    options = Options(model.options, model.name, OPTIONS)
    seconds = seconds_offered(wanted_seconds(request), _durations(model, options))
    short = int(options.word("resolution", "720p", wire.RESOLUTIONS).removesuffix("p"))
    shape = max(request.width, request.height) / min(request.width, request.height)
    long = round(short * shape / _SIDE_STEP) * _SIDE_STEP
    return Units(video_ms=seconds * 1000, tokens_out=short * long * _FRAMES_A_SECOND * seconds // _PIXELS_A_TOKEN)


def standing(job_id: str, task: Mapping[str, Any]) -> Answer | None:
    """How the task stands; None where the answer does not say, or names no file for a success."""
    word = task.get("status")
    if not isinstance(word, str) or not word:
        return None
    state = wire.STATES.get(word, JobState.RUNNING)
    if state is JobState.SUCCEEDED:
        return _finished(job_id, task)
    if state in (JobState.QUEUED, JobState.RUNNING):
        return Answer(state, job_id)
    code, message = said(task.get("error")) or ("", "")
    words = f"{message or f'The task is {word}.'}" + (f" [{code}]" if code else "")
    return Answer(state, job_id, error_kind=_kind(state, code), error=words)


def _kind(state: JobState, code: str) -> ErrorKind:
    """None of these is charged. One that waited too long may be asked for again by itself; what a person cancelled, or
    what failed for a reason that is not known, may not."""
    known = kind_of(code)
    if known is not None:
        return known
    return ErrorKind.TRANSIENT if state is JobState.EXPIRED else ErrorKind.BAD_INPUT


def _finished(job_id: str, task: Mapping[str, Any]) -> Answer | None:
    content = task.get("content")
    url = content.get("video_url") if isinstance(content, Mapping) else None
    if not isinstance(url, str) or not url:
        return None
    facts = {name: task[name] for name in FACTS if isinstance(task.get(name), str | int | float)}
    return Answer(
        JobState.SUCCEEDED, job_id, file=ResultFile("video/mp4", url=url), units=_units(task), facts=facts
    )  # fmt: skip


def _units(task: Mapping[str, Any]) -> Units | None:
    usage = task.get("usage")
    tokens = usage.get("completion_tokens") if isinstance(usage, Mapping) else None
    return Units(tokens_out=tokens, video_ms=_milliseconds(task)) if type(tokens) is int else None


def _milliseconds(task: Mapping[str, Any]) -> int:
    """The clip's length: the vendor says either whole seconds or frames. 0 where it says neither."""
    seconds, frames, rate = task.get("duration"), task.get("frames"), task.get("framespersecond")
    if isinstance(seconds, int | float):
        return round(seconds * 1000)
    if isinstance(frames, int) and isinstance(rate, int) and rate > 0:
        return round(frames * 1000 / rate)
    return 0


def _content(model: Model, options: Options, request: VideoRequest) -> list[dict[str, Any]]:
    avoided = request.negative_prompt.strip()
    text = ". ".join(part for part in (video_prompt(request), f"avoid: {avoided}" if avoided else "") if part)
    frames = [("first_frame", request.first_frame)]
    if request.last_frame is not None and options.flag("last_frame", True):
        frames.append(("last_frame", request.last_frame))
    pictures = [
        {
            "type": "image_url",
            "image_url": {"url": sent_picture(path, wire.FRAME_PICTURES, model.provider).data_url},
            "role": role,
        }
        for role, path in frames
    ]
    return [*([{"type": "text", "text": text}] if text else []), *pictures]


def _durations(model: Model, options: Options) -> tuple[int, ...]:
    found = options.seconds("durations", wire.DURATIONS)
    if len(found) != 2:
        return found
    shortest, longest = found
    if shortest > longest:
        raise BadSettingError(
            f"{model.name}: the option durations is {list(found)}; it takes the shortest before the longest."
        )
    return tuple(range(shortest, longest + 1))
