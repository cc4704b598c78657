"""The adapter itself: each kind of request to its path, the jobs of clips until they end, and the free question."""

from collections.abc import Mapping
from typing import Any, ClassVar

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters.bearer import bearer_http
from aianime_pipeline.providers.adapters.free_questions import checked_by
from aianime_pipeline.providers.adapters.not_asked import not_asked
from aianime_pipeline.providers.adapters.openai_like import chat, images, speech, videos, wire
from aianime_pipeline.providers.adapters.openai_like.choices import as_form
from aianime_pipeline.providers.adapters.openai_like.refusals import classify, unreadable
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.capabilities import (
    Capability,
    ErrorKind,
    ImageRequest,
    JobState,
    PictureReviewRequest,
    SpeechRequest,
    TextRequest,
    VideoRequest,
)
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Call, Checked, Model, ProviderSettings

_OPTIONS_OF = {
    Capability.TEXT: chat.text_options,
    Capability.PICTURE_REVIEW: chat.review_options,
    Capability.IMAGE: images.image_options,
    Capability.SPEECH: speech.speech_options,
    Capability.VIDEO: videos.video_options,
}
_NOT_FOUND = (404, 410)
_TOLD_MODELS = 12


class OpenAiLike:
    SECRETS: ClassVar[tuple[str, ...]] = ()
    """`api_key` is taken where it is given; servers of one's own ask for none."""
    BASE_URL: ClassVar[str] = wire.BASE_URL
    capabilities = frozenset(_OPTIONS_OF)

    def __init__(self, settings: ProviderSettings) -> None:
        """Raises BadSettingError: the provider itself has no options, its models have."""
        Options(settings.options, settings.name, ())
        self._name, self._has_key = settings.name, bool(settings.secrets.get("api_key"))
        self.http = bearer_http(settings, self.BASE_URL, classify)

    def submit(self, call: Call) -> Answer:
        model, headers = call.model, {wire.REQUEST_ID_HEADER: call.request_id}
        match call.request:
            case TextRequest() as request:
                found = self.http.ask(wire.CHAT, body=chat.text_body(model, request), headers=headers)
                return chat.answered(self._name, found, self.http.clean)
            case PictureReviewRequest() as request:
                found = self.http.ask(wire.CHAT, body=chat.review_body(model, request), headers=headers)
                return chat.answered(self._name, found, self.http.clean)
            case ImageRequest() as request:
                return self._pictured(model, request, headers)
            case SpeechRequest() as request:
                came = self.http.ask_bytes(wire.SPEECH, body=speech.speech_body(model, request), headers=headers)
                return speech.spoken(model, request, *came)
            case VideoRequest() as request:
                return self._job(model, request, headers)
        raise not_asked(self._name, f"it makes no {model.capability.value}")

    def expected(self, call: Call) -> Units:
        """What the request will be charged for, as far as it can be told before. Raises BadSettingError."""
        match call.request:
            case TextRequest() | PictureReviewRequest() as request:
                return chat.expected(call.model, request)
            case ImageRequest() as request:
                return images.expected(call.model, request)
            case SpeechRequest(text=text):
                return Units(characters=len(text))
            case VideoRequest() as request:
                return videos.expected(call.model, request)
        raise not_asked(self._name, f"it makes no {call.model.capability.value}")

    def _pictured(self, model: Model, request: ImageRequest, headers: Mapping[str, str]) -> Answer:
        body, pictures = images.image_body(model, request)
        if pictures:
            files = images.edit_files(pictures)
            found = self.http.ask(wire.EDITS, form=as_form(body), files=files, headers=headers)
        else:
            found = self.http.ask(wire.IMAGES, body=body, headers=headers)
        return images.pictured(self._name, found)

    def _job(self, model: Model, request: VideoRequest, headers: Mapping[str, str]) -> Answer:
        body, frame = videos.video_body(model, request)
        found = self.http.ask(wire.VIDEOS, form=as_form(body), files=videos.frame_files(frame), headers=headers)
        job_id = found.get("id")
        if not isinstance(job_id, str) or not job_id:
            raise unreadable(self._name, "a job's id")
        return videos.standing(job_id, found, self.http.base_url, self.http.clean)

    def poll(self, job_id: str, model: Model) -> Answer:
        """A refusal says nothing of the job unless a person has to act on it; a 404 only in the interface's own form:
        a gateway's page says the same of everything."""
        try:
            found = self.http.read(videos.video_path(job_id))
        except ProviderError as error:
            if error.details.get("status") in _NOT_FOUND and "code" in error.details:
                return Answer(JobState.EXPIRED, job_id, error=f"{self._name} does not know the video {job_id}.")
            if error.kind == ErrorKind.MODERATED:
                return Answer(JobState.FAILED, job_id, error_kind=error.kind, error=error.message)
            if error.kind in (ErrorKind.AUTH, ErrorKind.NO_MONEY, ErrorKind.RATE_LIMITED):
                raise
            raise ProviderError(error.message, **error.details | {"kind": ErrorKind.TRANSIENT}) from error
        return videos.standing(job_id, found, self.http.base_url, self.http.clean)

    def cancel(self, job_id: str, model: Model) -> bool:
        """The interface documents no way to stop a video; deleting one is for videos that have ended."""
        return False

    def check(self, model: Model) -> Checked:
        """The list of models costs nothing. A server that has none can only be asked for the thing itself."""
        try:
            _OPTIONS_OF[model.capability](model)
        except KeyError:
            return Checked(None, None, False, f"{self._name} makes no {model.capability.value}.")
        except BadSettingError as error:
            return Checked(None, None, False, error.message)
        try:
            found = self.http.read(wire.MODELS)
        except ProviderError as error:
            checked = checked_by(error)
            if checked.address is False and error.details.get("status") == 404:
                hint = f"{error.message} The base_url ends with /v1 as a rule."
                return Checked(False, None, None, hint)
            return checked
        return self._listed(model, found)

    def _listed(self, model: Model, found: Mapping[str, Any]) -> Checked:
        data = found.get("data")
        entries = data if isinstance(data, list) else []
        names = [str(one["id"]) for one in entries if isinstance(one, Mapping) and one.get("id")]
        key = True if self._has_key else None
        if not names:
            return Checked(True, key, None, "The server lists no models: only a request can tell.")
        # Ollama lists a model with its tag, and takes it without.
        if model.vendor_name in names or f"{model.vendor_name}:latest" in names:
            return Checked(True, key, True)
        told = ", ".join(self.http.clean(name) for name in names[:_TOLD_MODELS])
        more = ", …" if len(names) > _TOLD_MODELS else ""
        return Checked(True, key, False, f"The server does not list {model.vendor_name!r}; it lists {told}{more}.")
