"""A provider for tests of the orchestration: every file is real and as cheap as it can be, and told from outside.

Runs are other processes, so what a job is to do lies in files of the folder that `QUICK_PROVIDER_DIR` names:

- `fail/*.json`: one failure each, used up by the first request that it fits;
- `hold/*.json`: what it fits stays at work for as long as the file is there;
- `charges`: while it is there, a provider that is opened takes money;
- `submitted.log`: one line per request, the failed ones too.

What a request is told by are its words: a picture's or a clip's prompt, a line's text, the music's mood.
`Steering` is the test's side of the folder.
"""

import colorsys
import json
import os
import threading
import uuid
import wave
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from aianime_pipeline.errors import PipelineError, ProviderError
from aianime_pipeline.film.ffmpeg import run_ffmpeg
from aianime_pipeline.production.shots.requests import document_digest
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

FOLDER_VARIABLE = "QUICK_PROVIDER_DIR"
PRICE_MICROS = 1_000
"""Of every request, when the provider takes money."""

SAMPLE_RATE = 48_000
_MS_PER_LETTER = 60
_SHORTEST_MS = 400

Request = ImageRequest | VideoRequest | SpeechRequest | MusicRequest


@dataclass(frozen=True)
class Submitted:
    """A line of `submitted.log`. `digest` is that of the whole request, `pid` the process that asked."""

    capability: str
    words: str
    digest: str
    pid: int


class Steering:
    """Both sides of the folder: the provider obeys it, a test writes it and reads the log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "submitted.log"
        for name in ("fail", "hold"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def fail(self, capability: str, words: str, *, kind: str = "bad_input", times: int = 1) -> None:
        """The next `times` requests of this capability with `words` in their words fail."""
        for _ in range(times):
            self._put("fail", {"capability": capability, "words": words, "kind": kind})

    def hold(self, capability: str, words: str) -> Path:
        """Requests that this fits stay at work until the returned file is deleted."""
        return self._put("hold", {"capability": capability, "words": words})

    def let_go(self) -> None:
        """Forget every failure and hold that was not used up."""
        for kind in ("fail", "hold"):
            for path, _ in self._rules(kind):
                path.unlink(missing_ok=True)

    @contextmanager
    def charging(self) -> Iterator[None]:
        """Runs that begin meanwhile have a provider that takes money."""
        mark = self.folder / "charges"
        mark.touch()
        try:
            yield
        finally:
            mark.unlink()

    def charges(self) -> bool:
        return (self.folder / "charges").exists()

    def _put(self, kind: str, rule: dict[str, str]) -> Path:
        target = self.folder / kind / f"{uuid.uuid4().hex}.json"
        part = target.with_suffix(".part")
        part.write_text(json.dumps(rule, ensure_ascii=False), encoding="utf-8")
        return part.replace(target)

    def submitted(self, words: str = "") -> list[Submitted]:
        """What was asked for so far with `words` in its words, in order."""
        if not self._log.exists():
            return []
        lines = [Submitted(**json.loads(line)) for line in self._log.read_text(encoding="utf-8").splitlines()]
        return [line for line in lines if words in line.words]

    def note(self, line: Submitted) -> None:
        # One write to a file opened for appending: lines of several processes do not mix.
        with self._log.open("ab") as log:
            log.write((json.dumps(asdict(line), ensure_ascii=False) + "\n").encode())

    def take_failure(self, capability: str, words: str) -> ErrorKind | None:
        """Use up a failure that this fits, if there is one."""
        for path, rule in self._rules("fail"):
            if _fits(rule, capability, words):
                try:
                    path.unlink()
                except FileNotFoundError:
                    continue  # another request was quicker
                return ErrorKind(rule["kind"])
        return None

    def held(self, capability: str, words: str) -> bool:
        return any(_fits(rule, capability, words) for _, rule in self._rules("hold"))

    def _rules(self, kind: str) -> list[tuple[Path, dict[str, str]]]:
        rules = []
        for path in sorted((self.folder / kind).glob("*.json")):
            try:
                rules.append((path, json.loads(path.read_text(encoding="utf-8"))))
            except FileNotFoundError:
                continue  # used up or let go since it was listed
        return rules


def _fits(rule: dict[str, str], capability: str, words: str) -> bool:
    return rule["capability"] == capability and rule["words"] in words


@dataclass(frozen=True)
class _Job:
    capability: Capability
    words: str
    usage: Usage
    failure: ErrorKind | None
    cancelled: threading.Event
    made: "Future[Produced] | None"


class QuickProvider:
    """Images, videos, speech and music of the right size, length and rate, with nothing to be seen or heard in them."""

    name = "quick"

    def __init__(self, workdir: Path, max_workers: int, steering: Steering | None = None) -> None:
        self._folder = workdir / f"quick-{uuid.uuid4().hex}"
        self._folder.mkdir(parents=True)
        self._pool = ThreadPoolExecutor(max_workers, thread_name_prefix="quick")
        self._steering = steering or Steering(Path(os.environ[FOLDER_VARIABLE]))
        self._jobs: dict[str, _Job] = {}
        self.charges = self._steering.charges()

    def model(self, capability: Capability) -> str:
        return f"quick-{capability}-1"

    def submit_image(self, request: ImageRequest) -> str:
        return self._submit(Capability.IMAGE, request, request.prompt, Usage(images=1))

    def submit_video(self, request: VideoRequest) -> str:
        usage = Usage(video_ms=round(request.frames / request.rate * 1000))
        return self._submit(Capability.VIDEO, request, request.prompt, usage)

    def submit_speech(self, request: SpeechRequest) -> str:
        return self._submit(Capability.SPEECH, request, request.text, Usage(characters=len(request.text)))

    def submit_music(self, request: MusicRequest) -> str:
        return self._submit(Capability.MUSIC, request, request.mood, Usage())

    def _submit(self, capability: Capability, request: Request, words: str, usage: Usage) -> str:
        self._steering.note(Submitted(capability, words, document_digest(_plain(asdict(request))), os.getpid()))
        failure = self._steering.take_failure(capability, words)
        job_id = f"{self.name}-{capability}-{uuid.uuid4().hex}"
        made = self._pool.submit(_make, request, self._folder / job_id) if failure is None else None
        price = PRICE_MICROS if self.charges else 0
        paid = Usage(usage.images, usage.video_ms, usage.characters, cost_micros=price)
        self._jobs[job_id] = _Job(capability, words, paid, failure, threading.Event(), made)
        return job_id

    def poll(self, job_id: str) -> JobStatus:
        job = self._jobs.get(job_id)
        if job is None:
            return JobStatus(JobState.EXPIRED, error=f"no job {job_id}")
        if job.made is None:
            return JobStatus(JobState.FAILED, error_kind=job.failure, error=f"told to fail with {job.failure}")
        if job.cancelled.is_set():
            return JobStatus(JobState.CANCELLED)
        if not job.made.done() or self._steering.held(job.capability, job.words):
            return JobStatus(JobState.RUNNING)
        failed = job.made.exception()
        if failed is None:
            return JobStatus(JobState.SUCCEEDED, progress=1.0, usage=job.usage)
        if not isinstance(failed, PipelineError):
            raise failed
        return JobStatus(JobState.FAILED, error_kind=ErrorKind.BAD_INPUT, error=failed.message)

    def fetch(self, job_id: str, into: Path) -> Produced:
        job = self._jobs.get(job_id)
        if job is None or job.made is None or self.poll(job_id).state is not JobState.SUCCEEDED:
            raise ProviderError(f"The job {job_id} has no file.", kind=ErrorKind.BAD_INPUT)
        made = job.made.result()
        target = into / made.path.name
        target.write_bytes(made.path.read_bytes())
        return Produced(target, made.media_type, made.metadata)

    def cancel(self, job_id: str) -> bool:
        job = self._jobs.get(job_id)
        if job is None or job.made is None or self.poll(job_id).state is JobState.SUCCEEDED:
            return False
        job.cancelled.set()
        return True

    def close(self) -> None:
        """Nothing is left behind: what it makes lies where it was told to work."""


def _plain(document: Any) -> Any:
    """JSON-ready; files by their content, because their paths differ from request to request."""
    if isinstance(document, dict):
        return {str(key): _plain(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [_plain(value) for value in document]
    if isinstance(document, Path):
        return document_digest(document.read_bytes().hex())
    return document if isinstance(document, str | int | float | None) else str(document)


def _make(request: Request, stem: Path) -> Produced:
    match request:
        case ImageRequest():
            return _picture(request, stem.with_suffix(".png"))
        case VideoRequest():
            return _clip(request, stem.with_suffix(".mp4"))
        case SpeechRequest():
            milliseconds = max(_SHORTEST_MS, _MS_PER_LETTER * len(request.text))
            return _tone(milliseconds, 220.0 + len(request.text) % 12 * 20, stem.with_suffix(".wav"))
        case MusicRequest():
            return _tone(request.milliseconds, 110.0 + request.seed % 50, stem.with_suffix(".wav"))


def _colour(seed: int) -> tuple[int, int, int]:
    """A light colour of the seed: never near black."""
    red, green, blue = colorsys.hsv_to_rgb(seed % 360 / 360, 0.5, 0.9)
    return round(red * 255), round(green * 255), round(blue * 255)


def _picture(request: ImageRequest, into: Path) -> Produced:
    picture = Image.new("RGB", (request.width, request.height), _colour(request.seed))
    # The seed again, pixel by pixel: two seeds of one hue are two pictures.
    for bit in range(31):
        if request.seed >> bit & 1:
            picture.putpixel((bit, 0), (255, 255, 255))
    picture.save(into, compress_level=1)
    return Produced(into, "image/png", {"seed": request.seed})


def _clip(request: VideoRequest, into: Path) -> Produced:
    colour = "0x" + bytes(_colour(request.seed)).hex()
    source = f"color=c={colour}:s={request.width}x{request.height}:r={request.rate}"
    run_ffmpeg(
        [
            *("-f", "lavfi", "-i", source, "-frames:v", str(request.frames)),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-threads", "1"),
            *("-metadata", f"comment={request.seed}", str(into)),
        ],
        doing=f"make the clip {into.name}",
    )
    return Produced(into, "video/mp4", {"seed": request.seed})


def _tone(milliseconds: int, hertz: float, into: Path) -> Produced:
    samples = milliseconds * SAMPLE_RATE // 1000
    sound = 0.2 * np.sin(2 * np.pi * hertz * np.arange(samples) / SAMPLE_RATE)
    with wave.open(str(into), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return Produced(into, "audio/wav", {"sample_rate": SAMPLE_RATE, "milliseconds": milliseconds})
