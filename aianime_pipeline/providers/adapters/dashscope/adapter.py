"""DashScope's adapter: asks, and tells in our words what was answered."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters.bearer import bearer_http
from aianime_pipeline.providers.adapters.dashscope import clips, pictures, speech, wire
from aianime_pipeline.providers.adapters.free_questions import checked_by
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
from aianime_pipeline.providers.cleaning import one_line
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Call, Checked, Model, ProviderSettings

_OPTIONS = {Capability.IMAGE: pictures.OPTIONS, Capability.SPEECH: speech.OPTIONS, Capability.VIDEO: clips.OPTIONS}

_TELLING_LENGTH = 400

Result = Callable[[Mapping[str, Any], Mapping[str, Any]], Answer | None]
"""What was answered and what was asked → the result; None for none."""


class DashScope:
    SECRETS: ClassVar[tuple[str, ...]] = ("api_key",)
    BASE_URL: ClassVar[str] = wire.HOST
    capabilities = frozenset(_OPTIONS)

    def __init__(self, settings: ProviderSettings) -> None:
        Options(settings.options, settings.name, ())
        self._name = settings.name
        self.http = bearer_http(settings, self.BASE_URL, wire.classify)

    def submit(self, call: Call) -> Answer:
        match call.request:
            case ImageRequest():
                return self._at_once(pictures.body(call.model, call.request), pictures.result)
            case SpeechRequest():
                return self._at_once(speech.body(call.model, call.request), speech.result)
            case VideoRequest():
                return self._task(clips.body(call.model, call.request))
        raise not_asked(self._name, f"it makes no {call.model.capability.value}")

    def expected(self, call: Call) -> Units:
        """A picture, the line's characters, or the seconds of the clip that is asked for, which may be longer than the
        shot. Raises BadSettingError."""
        match call.request:
            case VideoRequest():
                return Units(video_ms=clips.asked_seconds(call.model, call.request) * 1000)
            case SpeechRequest(text=text):
                return Units(characters=len(text))
        return Units(images=1)

    def poll(self, job_id: str, model: Model) -> Answer:
        try:
            answer = self.http.read(_task_path(job_id))
        except ProviderError as error:
            if error.kind == ErrorKind.BAD_INPUT:
                raise ProviderError(error.message, **error.details | {"kind": ErrorKind.TRANSIENT}) from error
            raise
        found = clips.standing(job_id, answer)
        if found is None:
            raise self._unclear(ErrorKind.TRANSIENT, "a state", answer)
        return replace(found, error=self._told(found.error))

    def cancel(self, job_id: str, model: Model) -> bool:
        """Only a task that still waits can be cancelled; whatever is unclear counts as not cancelled."""
        try:
            answer = self.http.ask(_task_path(job_id) + wire.CANCEL)
        except ProviderError:
            return False
        return bool(answer.get("request_id"))

    def check(self, model: Model) -> Checked:
        try:
            Options(model.options, model.name, _OPTIONS.get(model.capability, ()))
        except BadSettingError as error:
            return Checked(None, None, False, error.message)
        try:
            answer = self.http.read(_task_path(wire.NO_TASK))
        except ProviderError as error:
            return checked_by(error)
        if clips.standing(wire.NO_TASK, answer) is None:
            return Checked(False, None, None, self._unclear(ErrorKind.TRANSIENT, "a state", answer).message)
        return Checked(True, True, None, f"Whether there is a model {model.vendor_name!r} only a paid request tells.")

    def _at_once(self, body: Mapping[str, Any], result: Result) -> Answer:
        answer = self.http.ask(wire.GENERATION, body=body)
        found = result(answer, body)
        if found is None:
            raise self._unclear(ErrorKind.AMBIGUOUS, "a result", answer)
        return found

    def _task(self, body: Mapping[str, Any]) -> Answer:
        answer = self.http.ask(wire.VIDEO, body=body, headers=wire.ASYNC)
        task = wire.table(answer.get("output")).get("task_id")
        if not isinstance(task, str) or not task:
            raise self._unclear(ErrorKind.AMBIGUOUS, "a task", answer)
        return Answer(JobState.QUEUED, task)

    def _told(self, words: str) -> str:
        return one_line(self.http.clean(words))[:_TELLING_LENGTH]

    def _unclear(self, kind: ErrorKind, missing: str, answer: Mapping[str, Any]) -> ProviderError:
        words = self._told(f"{self._name} answered without {missing}: {dict(answer)}")
        return ProviderError(words, kind=kind, provider=self._name)


def _task_path(job_id: str) -> str:
    return wire.TASKS + quote(job_id, safe="")
