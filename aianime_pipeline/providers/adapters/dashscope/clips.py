"""A clip from a shot's first frame, as a task; its seconds are what is charged.

Options of a model: `resolution` (480P, 720P or 1080P; by the film's size unless said), `durations` (seconds of the
clips that it offers, 2 to 15 unless said), `frames` (how it takes its pictures: `media`, the newer form, or `img_url`,
the older one, which has no last frame), `last_frame` (false for a model that takes none), `watermark`, `prompt_extend`
and `negative` as of pictures, and `ratio` and `audio`, sent only if given.
"""

from collections.abc import Mapping
from typing import Any

from aianime_pipeline.providers.adapters.dashscope import wire
from aianime_pipeline.providers.adapters.dashscope.pictures import with_negative
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.adapters.sent_pictures import sent_picture
from aianime_pipeline.providers.capabilities import ErrorKind, JobState, VideoRequest
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model, ResultFile
from aianime_pipeline.providers.wording import seconds_offered, video_prompt, wanted_seconds

OPTIONS = (
    "resolution", "durations", "frames", "last_frame", "watermark", "prompt_extend", "negative", "ratio", "audio",
)  # fmt: skip
FRAME_FORMS = ("media", "img_url")


def body(model: Model, request: VideoRequest) -> dict[str, Any]:
    """Raises ProviderError(BAD_INPUT) and BadSettingError."""
    options = Options(model.options, model.name, OPTIONS)
    asked: dict[str, Any] = _frames(model, options, request)
    asked["prompt"] = with_negative(video_prompt(request), request.negative_prompt, options, asked)
    parameters: dict[str, Any] = {
        "resolution": options.word("resolution", _resolution(request), wire.RESOLUTIONS),
        "duration": _seconds(options, request),
        "seed": request.seed,
        "watermark": options.flag("watermark", False),
        "prompt_extend": options.flag("prompt_extend", False),
    }
    if options.given("ratio"):
        parameters["ratio"] = options.word("ratio", "")
    if options.given("audio"):
        parameters["audio"] = options.flag("audio", False)
    return {"model": model.vendor_name, "input": asked, "parameters": parameters}


def asked_seconds(model: Model, request: VideoRequest) -> int:
    """Raises BadSettingError."""
    return _seconds(Options(model.options, model.name, OPTIONS), request)


def standing(job_id: str, answer: Mapping[str, Any]) -> Answer | None:
    """How the task stands; None where the answer does not say."""
    output = wire.table(answer.get("output"))
    word = output.get("task_status")
    if not isinstance(word, str) or not word:
        return None
    state = wire.STATES.get(word, JobState.RUNNING)
    code, said = str(output.get("code") or ""), str(output.get("message") or "")
    address = output.get("video_url")
    if state is JobState.SUCCEEDED and not address:
        state = JobState.FAILED if code else JobState.RUNNING
    if state is JobState.FAILED:
        kind = wire.kind_of(code) or ErrorKind.BAD_INPUT
        return Answer(state, job_id, error_kind=kind, error=f"{said or 'failed without a word'} [{code or 'no code'}]")
    if state is not JobState.SUCCEEDED:
        return Answer(state, job_id)
    units = _units(wire.table(answer.get("usage")))
    return Answer(state, job_id, file=ResultFile("video/mp4", url=str(address)), units=units)


def _frames(model: Model, options: Options, request: VideoRequest) -> dict[str, Any]:
    first = sent_picture(request.first_frame, wire.FRAME_PICTURES, model.provider).data_url
    if options.word("frames", FRAME_FORMS[0], FRAME_FORMS) == "img_url":
        return {"img_url": first}
    media = [{"type": "first_frame", "url": first}]
    if request.last_frame is not None and options.flag("last_frame", True):
        last = sent_picture(request.last_frame, wire.FRAME_PICTURES, model.provider).data_url
        media.append({"type": "last_frame", "url": last})
    return {"media": media}


def _seconds(options: Options, request: VideoRequest) -> int:
    return seconds_offered(wanted_seconds(request), options.seconds("durations", wire.SECONDS_OFFERED))


def _units(usage: Mapping[str, Any]) -> Units | None:
    """The seconds that are charged; the older models call them otherwise, the newer ones have that name with a 0."""
    for name in ("duration", "video_duration"):
        seconds = usage.get(name)
        if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0:
            return Units(video_ms=round(seconds * 1000))
    return None


def _resolution(request: VideoRequest) -> str:
    return "720P" if min(request.width, request.height) <= 720 else "1080P"
