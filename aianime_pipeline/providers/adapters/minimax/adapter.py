"""The adapter itself: three kinds of requests, each to its path, and the tasks of clips until they end."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NoReturn
from urllib.parse import quote

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters.bearer import bearer_http
from aianime_pipeline.providers.adapters.free_questions import checked_by
from aianime_pipeline.providers.adapters.minimax import pictures, speech, videos, wire
from aianime_pipeline.providers.adapters.minimax.refusals import TELLING_LENGTH, classify, table
from aianime_pipeline.providers.adapters.not_asked import not_asked
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.capabilities import (
    Capability,
    ErrorKind,
    ImageRequest,
    JobState,
    SpeechRequest,
    VideoRequest,
)
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Call, Checked, Model, ProviderSettings

_OPTIONS_OF = {
    Capability.SPEECH: speech.speech_options,
    Capability.IMAGE: pictures.image_options,
    Capability.VIDEO: videos.video_options,
}


class MiniMax:
    SECRETS: ClassVar[tuple[str, ...]] = ("api_key",)
    BASE_URL: ClassVar[str] = wire.BASE_URL
    capabilities = frozenset(_OPTIONS_OF)

    def __init__(self, settings: ProviderSettings) -> None:
        """Raises BadSettingError: the provider itself has no options, its models have."""
        Options(settings.options, settings.name, ())
        self._name = settings.name
        self.http = bearer_http(settings, self.BASE_URL, classify)

    def submit(self, call: Call) -> Answer:
        match call.request:
            case SpeechRequest():
                body = speech.speech_body(self._name, call.model, call.request)
                found = self.http.ask(wire.SPEECH, body=body)
                return speech.spoken(body, found) or self._without("a sound", found)
            case ImageRequest():
                found = self.http.ask(wire.IMAGES, body=pictures.image_body(self._name, call.model, call.request))
                return pictures.pictured(found) or self._without("a picture", found)
            case VideoRequest():
                return self._task(call.model, call.request)
        raise not_asked(self._name, f"it makes no {call.model.capability.value}")

    def _task(self, model: Model, request: VideoRequest) -> Answer:
        """The vendor reports no usage before the end, and v1 never: the units are the seconds that were asked for."""
        api, body = videos.video_body(self._name, model, request)
        found = self.http.ask(wire.VIDEOS[api], body=body)
        task = found.get("task_id")
        if not task:
            self._without("a task", found)
        return Answer(JobState.QUEUED, job_id=f"{api}/{task}", units=Units(video_ms=body["duration"] * 1000))

    def _without(self, what: str, found: Mapping[str, Any]) -> NoReturn:
        """For an answer that is a success and holds no result: it may have been charged for."""
        told = self.http.clean(str(dict(found)))[:TELLING_LENGTH]
        words = f"{self._name} answered without {what}: {told}"
        raise ProviderError(words, kind=ErrorKind.AMBIGUOUS, provider=self._name)

    def poll(self, job_id: str, model: Model) -> Answer:
        answer = self._standing(job_id)
        return replace(answer, error=self.http.clean(answer.error)[:TELLING_LENGTH])

    def _standing(self, job_id: str) -> Answer:
        api, _, task = job_id.partition("/")
        try:
            if api == "v2":
                return videos.standing_v2(job_id, self.http.read(wire.QUERY_V2 + quote(task, safe="")))
            answer, file_id = videos.standing_v1(job_id, self.http.read(wire.QUERY_V1, params={"task_id": task}))
        except ProviderError as refused:
            return self._refused_query(job_id, refused)
        return self._file(job_id, file_id) if answer.state is JobState.SUCCEEDED else answer

    def _refused_query(self, job_id: str, refused: ProviderError) -> Answer:
        """v1 tells a moderated clip as an error of the query."""
        if refused.kind == ErrorKind.MODERATED:
            return Answer(JobState.FAILED, job_id, error_kind=refused.kind, error=refused.message)
        if refused.details.get("code") in wire.NO_SUCH_TASK:
            return Answer(JobState.EXPIRED, job_id, error=f"{self._name} does not know the task {job_id}.")
        raise _passing(refused)

    def _file(self, job_id: str, file_id: str) -> Answer:
        """The address of a finished file; it is good for some hours."""
        if not file_id:
            return videos.finished(job_id, "")
        try:
            found = self.http.read(wire.FILES, params={"file_id": file_id})
        except ProviderError as refused:
            raise _passing(refused) from refused
        return videos.finished(job_id, str(table(found.get("file")).get("download_url") or ""))

    def cancel(self, job_id: str, model: Model) -> bool:
        """The vendor documents no way to cancel a task."""
        return False

    def check(self, model: Model) -> Checked:
        try:
            _OPTIONS_OF[model.capability](model)
        except KeyError:
            return Checked(None, None, False, f"{self._name} makes no {model.capability.value}.")
        except BadSettingError as error:
            return Checked(None, None, False, error.message)
        try:
            self.http.read(wire.QUERY_V1, params={"task_id": wire.UNKNOWN_TASK})
        except ProviderError as refused:
            if refused.details.get("code") not in wire.NO_SUCH_TASK:
                return checked_by(refused)
        return Checked(True, True, None, f"Whether there is a model {model.vendor_name!r} only a paid request tells.")


def _passing(refused: ProviderError) -> ProviderError:
    """A question that was refused says nothing of the job, unless a person has to act: it is asked again later."""
    if refused.kind in (ErrorKind.AUTH, ErrorKind.NO_MONEY):
        return refused
    return ProviderError(refused.message, **refused.details | {"kind": ErrorKind.TRANSIENT})
