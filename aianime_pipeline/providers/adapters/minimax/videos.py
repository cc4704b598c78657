"""A clip as MiniMax's two video interfaces want it asked for, and how a task of theirs stands.

v1 takes a prompt and the first frame and gives the number of a file; v2 takes a list of texts and pictures with roles
and gives the clip's address itself. A job's id begins with the interface: `v1/123`.
"""

from collections.abc import Mapping
from typing import Any

from aianime_pipeline.providers.adapters.minimax import wire
from aianime_pipeline.providers.adapters.minimax.refusals import code_in, fitting, table
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.adapters.sent_pictures import sent_picture
from aianime_pipeline.providers.capabilities import ErrorKind, JobState, VideoRequest
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model, ResultFile
from aianime_pipeline.providers.wording import seconds_offered, video_prompt, wanted_seconds

OPTIONS = {
    "v1": ("api", "resolution", "durations", "last_frame", "prompt_optimizer"),
    "v2": ("api", "resolution", "durations", "last_frame"),
}


def video_options(model: Model) -> Options:
    """Raises BadSettingError."""
    api = Options(model.options, model.name, tuple(model.options)).word("api", "v1", tuple(wire.VIDEOS))
    options = Options(model.options, model.name, OPTIONS[api])
    options.word("resolution", wire.RESOLUTION)
    options.seconds("durations", wire.ALL_DURATIONS[api])
    options.flag("last_frame", False)
    options.flag("prompt_optimizer", True)
    return options


def video_body(provider: str, model: Model, request: VideoRequest) -> tuple[str, dict[str, Any]]:
    """The interface and the request; `duration` is in seconds. Raises ProviderError(BAD_INPUT)."""
    options = video_options(model)
    api, resolution = options.word("api", "v1"), options.word("resolution", wire.RESOLUTION)
    offered = wire.DURATIONS.get((api, resolution), wire.ALL_DURATIONS[api])
    prompt = video_prompt(request)
    if request.negative_prompt.strip():
        prompt = f"{prompt}. Avoid: {request.negative_prompt.strip()}"
    prompt = fitting(provider, prompt, wire.MOST_VIDEO_PROMPT[api])
    frames = {"first_frame": sent_picture(request.first_frame, wire.FRAMES, provider).data_url}
    if request.last_frame is not None and options.flag("last_frame", api == "v2"):
        frames["last_frame"] = sent_picture(request.last_frame, wire.FRAMES, provider).data_url
    body: dict[str, Any] = {
        "model": model.vendor_name,
        **(_content_v2(prompt, frames) if api == "v2" else _content_v1(prompt, frames)),
        "duration": seconds_offered(wanted_seconds(request), options.seconds("durations", offered)),
        "resolution": resolution,
    }
    if options.given("prompt_optimizer"):
        body["prompt_optimizer"] = options.flag("prompt_optimizer", True)
    return api, body


def _content_v1(prompt: str, frames: Mapping[str, str]) -> dict[str, Any]:
    return {"prompt": prompt, **{f"{role}_image": data_url for role, data_url in frames.items()}}


def _content_v2(prompt: str, frames: Mapping[str, str]) -> dict[str, Any]:
    pictures = [{"type": "image_url", "image_url": {"url": url}, "role": role} for role, url in frames.items()]
    return {"content": [{"type": "text", "text": prompt}, *pictures]}


def standing_v1(job_id: str, found: Mapping[str, Any]) -> tuple[Answer, str]:
    """How a task stands, and the number of its file once it has succeeded (empty until it is there)."""
    state = _state(found.get("status"))
    if state is JobState.FAILED:
        said = table(found.get("base_resp"))
        code, words = str(said.get("status_code") or ""), str(said.get("status_msg") or "")
        return _failed(job_id, words if code not in ("", "0") else "", code), ""
    return Answer(state, job_id), str(found.get("file_id") or "") if state is JobState.SUCCEEDED else ""


def standing_v2(job_id: str, found: Mapping[str, Any]) -> Answer:
    task = table(found.get("task"))
    state = _state(task.get("status"))
    if state is JobState.FAILED:
        error = table(task.get("error"))
        return _failed(job_id, str(error.get("message") or ""), str(error.get("code") or ""))
    if state is not JobState.SUCCEEDED:
        return Answer(state, job_id)
    url = str(table(task.get("content")).get("url") or "")
    seconds = table(task.get("usage")).get("output_seconds")
    units = Units(video_ms=round(seconds * 1000)) if isinstance(seconds, int | float) else None
    return finished(job_id, url, units)


def finished(job_id: str, url: str, units: Units | None = None) -> Answer:
    """A clip without an address yet is not ready."""
    if not url:
        return Answer(JobState.RUNNING, job_id)
    return Answer(JobState.SUCCEEDED, job_id, file=ResultFile("video/mp4", url=url), units=units)


def _state(word: Any) -> JobState:
    return wire.STATES.get(str(word or "").lower(), JobState.RUNNING)


def _failed(job_id: str, words: str, code: str = "") -> Answer:
    """A failure without a known code may pass: the vendor charges for none."""
    kind = wire.CODES.get(code) or wire.CODES.get(code_in(words)) or ErrorKind.TRANSIENT
    return Answer(JobState.FAILED, job_id, error_kind=kind, error=words or "the task failed, without a word why")
