"""A clip from its first frame: a job whose id is the video's, until its file can be fetched."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote

from PIL import Image, ImageOps

from aianime_pipeline.providers.adapters.openai_like import wire
from aianime_pipeline.providers.adapters.openai_like.choices import (
    Size,
    avoiding,
    extra_of,
    nearest_size,
    size_text,
    sizes_of,
)
from aianime_pipeline.providers.adapters.openai_like.refusals import kind_of, said
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.adapters.sent_pictures import SentPicture, sent_picture
from aianime_pipeline.providers.capabilities import ErrorKind, JobState, VideoRequest
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Model, ResultFile
from aianime_pipeline.providers.wording import seconds_offered, video_prompt, wanted_seconds

_FACTS = ("size", "seconds")


@dataclass(frozen=True)
class VideoOptions:
    sizes: tuple[Size, ...]
    durations: tuple[int, ...]
    seed: bool
    extra: Mapping[str, Any]


def video_options(model: Model) -> VideoOptions:
    """Raises BadSettingError."""
    options = Options(model.options, model.name, ("sizes", "durations", "seed", "extra"))
    return VideoOptions(
        sizes_of(model, options, wire.VIDEO_SIZES),
        options.seconds("durations", wire.VIDEO_DURATIONS),
        options.flag("seed", False),
        extra_of(model, options, "size", "seconds"),
    )


def video_body(model: Model, request: VideoRequest) -> tuple[dict[str, Any], SentPicture]:
    """The fields and the first frame. Raises BadSettingError, and ProviderError(BAD_INPUT) for a first frame that is no
    picture."""
    options = video_options(model)
    size = nearest_size(request.width, request.height, options.sizes)
    body = {
        "model": model.vendor_name,
        "prompt": avoiding(video_prompt(request), request.negative_prompt),
        "seconds": str(seconds_offered(wanted_seconds(request), options.durations)),
        "size": size_text(size),
        **({"seed": request.seed} if options.seed else {}),
    }
    frame = sent_picture(request.first_frame, wire.FIRST_FRAMES, model.provider)
    return body | dict(options.extra), _fitted(frame, size)


def frame_files(frame: SentPicture) -> list[tuple[str, tuple[str, bytes, str]]]:
    name = f"first_frame.{frame.media_type.partition('/')[2]}"
    return [(wire.FIRST_FRAME, (name, frame.data, frame.media_type))]


def expected(model: Model, request: VideoRequest) -> Units:
    """The seconds of the clip that is asked for, which may be longer than the shot. Raises BadSettingError."""
    seconds = seconds_offered(wanted_seconds(request), video_options(model).durations)
    return Units(video_ms=seconds * 1000)


def standing(job_id: str, found: Mapping[str, Any], base_url: str, clean: Callable[[str], str]) -> Answer:
    """How the job stands, whether it was just asked for or asked about."""
    state = wire.STATES.get(str(found.get("status", "")).strip().lower(), JobState.RUNNING)
    if state is JobState.SUCCEEDED and _is_past(found.get("expires_at")):
        return Answer(JobState.EXPIRED, job_id, error="The file is not kept any more.")
    if state is JobState.FAILED:
        words, code, kind_named = said(found.get("error") or "without a word")
        kind = kind_of(code, kind_named) or ErrorKind.BAD_INPUT
        named = f" [{clean(code)}]" if code else ""
        return Answer(state, job_id, error_kind=kind, error=clean(words) + named)
    if state is not JobState.SUCCEEDED:
        return Answer(state, job_id, progress=_progress(found.get("progress")))
    url = f"{base_url}{video_path(job_id)}{wire.CONTENT}"
    file = ResultFile(media_type="video/mp4", url=url, authorised=True)
    facts = {name: found[name] for name in _FACTS if isinstance(found.get(name), str)}
    return Answer(state, job_id, file=file, units=_units(found.get("seconds")), progress=1.0, facts=facts)


def video_path(job_id: str) -> str:
    return f"{wire.VIDEOS}/{quote(job_id, safe='')}"


def _fitted(frame: SentPicture, size: Size) -> SentPicture:
    """The frame in exactly the clip's size, as servers ask for it: scaled, and cut where the shape is another."""
    with Image.open(BytesIO(frame.data)) as picture:
        if picture.size == size:
            return frame
        fitted = ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS)
    with BytesIO() as file:
        fitted.save(file, "PNG")
        return SentPicture(file.getvalue(), "image/png")


def _units(seconds: Any) -> Units | None:
    try:
        return Units(video_ms=round(float(seconds) * 1000))
    except (TypeError, ValueError, OverflowError):
        return None


def _progress(percent: Any) -> float | None:
    if isinstance(percent, bool) or not isinstance(percent, int | float):
        return None
    return min(max(percent / 100, 0.0), 1.0)


def _is_past(moment: Any) -> bool:
    """Of a moment in seconds since 1970."""
    return type(moment) is int and 0 < moment < time.time()
