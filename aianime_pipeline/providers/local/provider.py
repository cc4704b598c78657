"""The built-in provider as an object: jobs in, files out, worked on by a few threads of its own.

It speaks the same three steps as a vendor (submit, poll, fetch), so that the pipeline has no second path for it. What
a job does is elsewhere: `pictures`, `clips`, `speech`, `music`.
"""

import logging
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from aianime_pipeline.errors import BadInputError, PipelineError, ProviderError, UnreadableMediaError
from aianime_pipeline.film.ffmpeg import FfmpegCancelled
from aianime_pipeline.providers.capabilities import (
    Capability,
    ErrorKind,
    ImageRequest,
    JobState,
    JobStatus,
    MusicRequest,
    Produced,
    SpeechRequest,
    Usage,
    VideoRequest,
)
from aianime_pipeline.providers.local import clips, music, speech

log = logging.getLogger(__name__)

MODELS: dict[Capability, str] = {
    Capability.IMAGE: "animatic-image-2",
    Capability.VIDEO: "animatic-video-1",
    Capability.SPEECH: "animatic-speech-1",
    Capability.MUSIC: "animatic-music-1",
}
"""Raise a number whenever the same request gives other pixels or samples: the name is part of what makes a take."""

_KEPT_JOBS = 256
"""Fetched jobs that can be fetched again; older ones are forgotten, with their files."""

Work = Callable[[Path, Callable[[], bool]], Produced]
"""Makes the file in a folder; the second argument says whether the job was cancelled."""

_DAY_SECONDS = 86_400


@dataclass
class _Job:
    folder: Path
    usage: Usage
    cancelled: threading.Event = field(default_factory=threading.Event)
    future: "Future[Produced] | None" = None
    settled: bool = False
    """The work is over, whatever came of it: too late to cancel."""
    fetched: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class AnimaticProvider:
    """Images, videos, speech and music with no key, no network and no cost. See `capabilities` for the methods.

    `workdir` is where the files lie until they are fetched; `max_workers` jobs are worked on at once. `close` (or the
    end of a `with` block) stops the work and removes the files.
    """

    name = "animatic"
    charges = False

    def __init__(self, workdir: Path, *, max_workers: int = 2) -> None:
        workdir.mkdir(parents=True, exist_ok=True)
        _sweep(workdir)
        self._folder = Path(tempfile.mkdtemp(prefix="animatic-", dir=workdir))
        self._pool = ThreadPoolExecutor(max_workers, thread_name_prefix="animatic")
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()
        self._closed = False

    def model(self, capability: Capability) -> str:
        if capability not in MODELS:
            raise ProviderError(
                f"The built-in provider has no {capability.value}; it has {', '.join(sorted(MODELS))}.",
                kind=ErrorKind.BAD_INPUT,
            )
        return MODELS[capability]

    def submit_image(self, request: ImageRequest) -> str:
        _check_image(request)
        return self._submit(Capability.IMAGE, Usage(images=1), lambda folder, _: _draw(request, folder / "image.png"))

    def submit_video(self, request: VideoRequest) -> str:
        clips.check_video(request)
        usage = Usage(video_ms=round(request.frames / request.rate * 1000))

        def work(folder: Path, cancelled: Callable[[], bool]) -> Produced:
            return clips.make_clip(request, folder / "video.mp4", cancelled=cancelled)

        return self._submit(Capability.VIDEO, usage, work)

    def submit_speech(self, request: SpeechRequest) -> str:
        speech.check_speech(request)
        usage = Usage(characters=len(request.text))
        return self._submit(Capability.SPEECH, usage, lambda folder, _: speech.speak(request, folder / "speech.wav"))

    def submit_music(self, request: MusicRequest) -> str:
        music.check_music(request)
        return self._submit(Capability.MUSIC, Usage(), lambda folder, _: music.compose(request, folder / "music.wav"))

    def poll(self, job_id: str) -> JobStatus:
        job = self._job(job_id)
        if job is None or job.future is None:
            return JobStatus(JobState.EXPIRED, error=f"The built-in provider knows no job {job_id}.")
        future = job.future
        if future.cancelled():
            return JobStatus(JobState.CANCELLED)
        if not future.done():
            running = future.running()
            return JobStatus(JobState.RUNNING if running else JobState.QUEUED)
        failure = future.exception()
        if failure is None:
            return JobStatus(JobState.SUCCEEDED, progress=1.0, usage=job.usage)
        if isinstance(failure, FfmpegCancelled):
            return JobStatus(JobState.CANCELLED)
        return JobStatus(JobState.FAILED, error_kind=_kind_of(failure), error=_words_of(failure))

    def fetch(self, job_id: str, into: Path) -> Produced:
        """Put the finished file into the folder `into`, which is made if it is not there. May be called again."""
        job = self._job(job_id)
        status = self.poll(job_id)
        if job is None or job.future is None or status.state is not JobState.SUCCEEDED:
            raise ProviderError(
                f"The job {job_id} has no file to fetch: it is {status.state.value}. {status.error}".rstrip(),
                kind=status.error_kind or ErrorKind.BAD_INPUT,
                state=status.state.value,
            )
        made = job.future.result()
        into.mkdir(parents=True, exist_ok=True)
        target = into / f"{job_id}{made.path.suffix}"
        partial = target.with_name(f".{target.name}.part")
        shutil.copyfile(made.path, partial)
        partial.replace(target)
        job.fetched = True
        self._forget_old()
        return Produced(target, made.media_type, made.metadata)

    def cancel(self, job_id: str) -> bool:
        """True for a job that was still waiting or at work. A picture or a sound at work is finished and dropped."""
        job = self._job(job_id)
        if job is None or job.future is None:
            return False
        with job.lock:
            if job.settled:
                return False
            job.cancelled.set()
        job.future.cancel()
        return True

    def close(self) -> None:
        """Stop everything, wait for the threads and remove the files. Jobs are unknown afterwards."""
        with self._lock:
            self._closed = True
            jobs = list(self._jobs.values())
            self._jobs.clear()
        for job in jobs:
            job.cancelled.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> "AnimaticProvider":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _submit(self, capability: Capability, usage: Usage, work: Work) -> str:
        job_id = f"{self.name}-{capability.value}-{uuid.uuid4().hex}"
        job = _Job(self._folder / job_id, usage)
        with self._lock:
            if self._closed:
                raise ProviderError("The built-in provider is closed.", kind=ErrorKind.TRANSIENT)
            self._jobs[job_id] = job
            job.future = self._pool.submit(_worked, job, work)
        return job_id

    def _job(self, job_id: str) -> _Job | None:
        with self._lock:
            return self._jobs.get(job_id)

    def _forget_old(self) -> None:
        with self._lock:
            fetched = [job_id for job_id, job in self._jobs.items() if job.fetched]
            old = [self._jobs.pop(job_id) for job_id in fetched[:-_KEPT_JOBS]]
        for job in old:
            shutil.rmtree(job.folder, ignore_errors=True)


def _worked(job: _Job, work: Work) -> Produced:
    job.folder.mkdir()
    try:
        produced = work(job.folder, job.cancelled.is_set)
        with job.lock:
            if job.cancelled.is_set():
                raise FfmpegCancelled(job.folder.name)
            job.settled = True
    except BaseException as error:
        job.settled = True
        shutil.rmtree(job.folder, ignore_errors=True)
        if not isinstance(error, PipelineError | FfmpegCancelled):
            log.exception("The job %s failed", job.folder.name)
        raise
    return produced


def _kind_of(failure: BaseException) -> ErrorKind:
    if isinstance(failure, ProviderError):
        return ErrorKind(failure.kind)
    if isinstance(failure, BadInputError | UnreadableMediaError):
        return ErrorKind.BAD_INPUT
    if isinstance(failure, PipelineError | OSError | MemoryError):
        return ErrorKind.TRANSIENT
    # A fault in the drawing itself comes again with the same request: trying again would not help.
    return ErrorKind.BAD_INPUT


def _words_of(failure: BaseException) -> str:
    if isinstance(failure, PipelineError):
        return failure.message
    return f"The built-in provider failed: {type(failure).__name__}: {failure}"


def _check_image(request: ImageRequest) -> None:
    from aianime_pipeline.providers.local.pictures.drawing import LARGEST, SMALLEST

    if not (SMALLEST <= request.width <= LARGEST and SMALLEST <= request.height <= LARGEST):
        raise ProviderError(
            f"A picture of {request.width}×{request.height} pixels cannot be drawn: "
            f"each side must have {SMALLEST} to {LARGEST} pixels.",
            kind=ErrorKind.BAD_INPUT,
        )


def _draw(request: ImageRequest, into: Path) -> Produced:
    from aianime_pipeline.providers.local.pictures.drawing import draw_picture

    picture = draw_picture(request)
    if picture.size != (request.width, request.height) or picture.mode != "RGB":
        raise ProviderError(
            f"The picture came out as {picture.mode} of {picture.width}×{picture.height} instead of RGB of "
            f"{request.width}×{request.height}.",
            kind=ErrorKind.TRANSIENT,
        )
    # Level 3 is a third of the time of the usual 6, and some hundredths larger.
    picture.save(into, "PNG", compress_level=3)
    facts: dict[str, Any] = {"width": picture.width, "height": picture.height, "seed": request.seed}
    return Produced(into, "image/png", facts)


def _sweep(workdir: Path) -> None:
    """Remove what processes left that were killed a day ago or earlier: a living one writes more often."""
    for folder in workdir.glob("animatic-*"):
        if time.time() - folder.stat().st_mtime > _DAY_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
