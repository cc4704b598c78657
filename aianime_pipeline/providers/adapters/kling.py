"""Kling's video interface: a clip from a shot's first frame (image2video), made as a task and asked for until it ends.

Paths, fields, words and codes were taken from the vendor's documentation and from public clients, and were not tried
against the live service. All of them stand here at the top.

Options of a model: `mode` (std, pro or 4k), `durations` (seconds of the clips that it offers, [5, 10] unless said),
`last_frame` (false for a mode that takes none), `sound` (sent only if given: it is charged for), `cfg_scale` (first
generation only). The vendor reports no usage: it charges for the seconds that were asked for, by `mode` and `sound`.
"""

import time
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import jwt

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters.free_questions import checked_by
from aianime_pipeline.providers.adapters.not_asked import not_asked
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.adapters.sent_pictures import Taken, sent_picture
from aianime_pipeline.providers.capabilities import Capability, ErrorKind, JobState, VideoRequest
from aianime_pipeline.providers.cleaning import one_line
from aianime_pipeline.providers.http import Refusal, VendorHttp
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Call, Checked, Model, ProviderSettings, ResultFile
from aianime_pipeline.providers.wording import seconds_offered, video_prompt, wanted_seconds

VIDEOS = "/v1/videos/"
SUB_PATH = "image2video"
"""A task is asked for under the path that made it, so it is part of the job's id."""

TOKEN_SECONDS = 1800
TOKEN_LEEWAY = 5
"""Seconds that a token is valid before it was signed: clocks differ."""

MODES = ("std", "pro", "4k")
DURATIONS = (5, 10)
MOST_PROMPT = 2500
"""Characters, of the prompt and of the negative prompt."""
PICTURES = Taken(10 * 1024 * 1024, ("image/png", "image/jpeg"), least_side=300, most_ratio=2.5)
MODEL_OPTIONS = ("mode", "durations", "last_frame", "sound", "cfg_scale")

STATES = {
    "submitted": JobState.QUEUED,
    "processing": JobState.RUNNING,
    "succeed": JobState.SUCCEEDED,
    "failed": JobState.FAILED,
}

NO_SUCH_TASK = 1203
CODES: Mapping[int, ErrorKind] = {
    **dict.fromkeys((1000, 1001, 1002, 1003, 1004), ErrorKind.AUTH),
    **dict.fromkeys((1100, 1101, 1102), ErrorKind.NO_MONEY),  # with HTTP 429, as if waiting would help
    1103: ErrorKind.AUTH,
    **dict.fromkeys((1200, 1201, 1202, NO_SUCH_TASK), ErrorKind.BAD_INPUT),
    **dict.fromkeys((1300, 1301), ErrorKind.MODERATED),
    1302: ErrorKind.RATE_LIMITED,
    1303: ErrorKind.CONCURRENCY_FULL,
    1304: ErrorKind.AUTH,  # this machine's address is not on the account's list
    **dict.fromkeys((5000, 5001, 5002), ErrorKind.TRANSIENT),
}
CLOCK_CODES = (1003, 1004)
FAILURE_WORDS: tuple[tuple[ErrorKind, tuple[str, ...]], ...] = (
    (ErrorKind.MODERATED, ("risk control", "sensitive", "content security", "policy")),
    (ErrorKind.TRANSIENT, ("timeout", "timed out", "busy", "try again", "internal error", "system error")),
)
"""A failed task has words and no code: the first kind that has one of them, else the request is held to be at fault."""

_TELLING_LENGTH = 400


class Kling:
    SECRETS: ClassVar[tuple[str, ...]] = ("access_key", "secret_key")
    BASE_URL: ClassVar[str] = "https://api-beijing.klingai.com"
    capabilities = frozenset({Capability.VIDEO})

    def __init__(self, settings: ProviderSettings) -> None:
        Options(settings.options, settings.name, ())
        self._name, self._secrets = settings.name, settings.secrets
        self.http = VendorHttp(
            settings.name,
            settings.base_url or self.BASE_URL,
            classify=classify,
            headers=self._signed,
            secrets=tuple(settings.secrets.values()),
            timeout_seconds=settings.timeout_seconds,
        )

    def submit(self, call: Call) -> Answer:
        if not isinstance(call.request, VideoRequest):
            raise not_asked(self._name, f"it makes no {call.model.capability.value}")
        answer = self.http.ask(VIDEOS + SUB_PATH, body=self._body(call, call.request))
        data = _table(answer.get("data"))
        if not data.get("task_id"):
            raise self._unclear(ErrorKind.AMBIGUOUS, "a task", answer)
        return Answer(JobState.QUEUED, f"{SUB_PATH}/{data['task_id']}")

    def expected(self, call: Call) -> Units:
        """The seconds of the clip that is asked for, which may be longer than the shot. Raises BadSettingError."""
        assert isinstance(call.request, VideoRequest)
        return Units(video_ms=_seconds(_options(call.model), call.request) * 1000)

    def poll(self, job_id: str, model: Model) -> Answer:
        sub_path, _, task = job_id.partition("/")
        try:
            answer = self.http.read(f"{VIDEOS}{quote(sub_path, safe='')}/{quote(task, safe='')}")
        except ProviderError as error:
            if error.details.get("code") == str(NO_SUCH_TASK):
                return Answer(JobState.EXPIRED, job_id, error=f"{self._name} does not know the task {job_id}.")
            if error.kind == ErrorKind.BAD_INPUT:
                raise ProviderError(error.message, **error.details | {"kind": ErrorKind.TRANSIENT}) from error
            raise
        data = _table(answer.get("data"))
        if not data.get("task_status"):
            raise self._unclear(ErrorKind.TRANSIENT, "a state", answer)
        return self._standing(job_id, data)

    def cancel(self, job_id: str, model: Model) -> bool:
        """The vendor documents no way to cancel a task."""
        return False

    def check(self, model: Model) -> Checked:
        try:
            _options(model)
        except BadSettingError as error:
            return Checked(None, None, False, error.message)
        try:
            answer = self.http.read(VIDEOS + SUB_PATH, params={"pageNum": "1", "pageSize": "1"})
        except ProviderError as error:
            return checked_by(error)
        if answer.get("code") != 0:
            return Checked(False, None, None, self._unclear(ErrorKind.TRANSIENT, "a code", answer).message)
        return Checked(True, True, None, f"Whether there is a model {model.vendor_name!r} only a paid request tells.")

    def _signed(self) -> Mapping[str, str]:
        access, secret = (self._secrets.get(name, "") for name in self.SECRETS)
        if not access or not secret:
            return {}
        now = int(time.time())
        claims = {"iss": access, "exp": now + TOKEN_SECONDS, "nbf": now - TOKEN_LEEWAY}
        return {"Authorization": f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"}

    def _body(self, call: Call, request: VideoRequest) -> dict[str, Any]:
        """Raises ProviderError(BAD_INPUT) and BadSettingError."""
        options = _options(call.model)
        body: dict[str, Any] = {
            "model_name": call.model.vendor_name,
            "prompt": self._fitting("prompt", video_prompt(request)),
            "image": sent_picture(request.first_frame, PICTURES, self._name).plain_base64,
            "mode": options.word("mode", MODES[0], MODES),
            "duration": str(_seconds(options, request)),
            "external_task_id": call.request_id,
        }
        if request.negative_prompt:
            body["negative_prompt"] = self._fitting("negative prompt", request.negative_prompt)
        if request.last_frame is not None and options.flag("last_frame", True):
            body["image_tail"] = sent_picture(request.last_frame, PICTURES, self._name).plain_base64
        if options.given("sound"):
            body["sound"] = "on" if options.flag("sound", False) else "off"
        if options.given("cfg_scale"):
            body["cfg_scale"] = options.number("cfg_scale", 0.5, least=0, most=1)
        return body

    def _standing(self, job_id: str, data: Mapping[str, Any]) -> Answer:
        state = STATES.get(str(data["task_status"]), JobState.RUNNING)
        if state is JobState.FAILED:
            words = self._told(str(data.get("task_status_msg") or "the task failed, without a word why"))
            return Answer(state, job_id, error_kind=failure_kind(words), error=words)
        if state is not JobState.SUCCEEDED:
            return Answer(state, job_id)
        videos = _table(data.get("task_result")).get("videos")
        video = _table(videos[0]) if isinstance(videos, list) and videos else {}
        if not video.get("url"):
            return Answer(JobState.RUNNING, job_id)
        return Answer(state, job_id, file=ResultFile("video/mp4", url=str(video["url"])))

    def _fitting(self, what: str, text: str) -> str:
        if len(text) > MOST_PROMPT:
            raise not_asked(self._name, f"the {what} has {len(text)} characters; it takes {MOST_PROMPT}")
        return text

    def _told(self, words: str) -> str:
        return one_line(self.http.clean(words))[:_TELLING_LENGTH]

    def _unclear(self, kind: ErrorKind, missing: str, answer: Mapping[str, Any]) -> ProviderError:
        words = self._told(f"{self._name} answered without {missing}: {dict(answer)}")
        return ProviderError(words, kind=kind, provider=self._name)


def classify(status: int, body: Mapping[str, Any]) -> Refusal | None:
    """By the vendor's code, which is 0 for a success."""
    code = str(body.get("code", ""))
    if not code.isdecimal() or code == "0":
        return None
    kind = CODES.get(int(code))
    if kind is None:
        return None
    message = str(body.get("message") or "without a word")
    if int(code) in CLOCK_CODES:
        message += " (look whether this machine's clock is right)"
    return Refusal(kind, message, code)


def failure_kind(words: str) -> ErrorKind:
    """Of a failed task, by what the vendor says."""
    said = words.lower()
    return next((kind for kind, told in FAILURE_WORDS if any(word in said for word in told)), ErrorKind.BAD_INPUT)


def _options(model: Model) -> Options:
    return Options(model.options, model.name, MODEL_OPTIONS)


def _seconds(options: Options, request: VideoRequest) -> int:
    return seconds_offered(wanted_seconds(request), options.seconds("durations", DURATIONS))


def _table(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}
