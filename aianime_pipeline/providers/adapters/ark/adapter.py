"""Asking Ark. A job's id is the task's; a picture has none, it comes with the answer."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters.ark import images, videos, wire
from aianime_pipeline.providers.adapters.ark.errors import classify, is_unknown_task
from aianime_pipeline.providers.adapters.bearer import bearer_http
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.capabilities import Capability, ErrorKind, ImageRequest, JobState, VideoRequest
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Call, Checked, Model, ProviderSettings

_OPTIONS = {Capability.IMAGE: images.OPTIONS, Capability.VIDEO: videos.OPTIONS}


class Ark:
    SECRETS: ClassVar[tuple[str, ...]] = ("api_key",)
    BASE_URL: ClassVar[str] = wire.BASE_URL
    capabilities = frozenset(_OPTIONS)

    def __init__(self, settings: ProviderSettings) -> None:
        """Raises BadSettingError."""
        Options(settings.options, settings.name, ())
        self.http = bearer_http(settings, self.BASE_URL, classify)

    def submit(self, call: Call) -> Answer:
        model, request = call.model, call.request
        headers = {wire.REQUEST_ID_HEADER: call.request_id}
        if isinstance(request, ImageRequest):
            came = self.http.ask(wire.IMAGES, body=images.body(model, request), headers=headers)
            try:
                return images.result(self.http.provider, came)
            except ProviderError as error:
                raise self._cleaned(error) from None
        if isinstance(request, VideoRequest):
            came = self.http.ask(wire.TASKS, body=videos.body(model, request), headers=headers)
            if not isinstance(came.get("id"), str) or not came["id"]:
                raise self._error("took a task and named none", ErrorKind.AMBIGUOUS)
            return Answer(JobState.QUEUED, came["id"])
        raise BadSettingError(f"{model.name}: Ark makes pictures and video, no {model.capability.value}.")

    def expected(self, call: Call) -> Units:
        """For the reservation. Raises BadSettingError."""
        if isinstance(call.request, VideoRequest):
            return videos.expected(call.model, call.request)
        return Units(images=1)

    def poll(self, job_id: str, model: Model) -> Answer:
        task = self._task(job_id)
        if task is None:
            return Answer(JobState.EXPIRED, job_id, error=f"{self.http.provider} knows no task {job_id}.")
        found = videos.standing(job_id, task)
        if found is None:
            raise self._error(f"says nothing of use on the task {job_id}", ErrorKind.TRANSIENT)
        return Answer(**{**vars(found), "error": self.http.clean(found.error)})

    def cancel(self, job_id: str, model: Model) -> bool:
        """A task that waits can be cancelled; one that runs cannot, and is charged. The same call would delete what is
        known of one that has ended, and with it the way to its file, so it is looked at before and after."""
        task = self._task(job_id)
        if _word(task) == "queued" and 200 <= self.http.delete(_path(job_id)) < 300:
            task = self._task(job_id)
        return _word(task) in wire.NOT_CHARGED

    def check(self, model: Model) -> Checked:
        """The list of tasks asks for a key and costs nothing; the list of models says whether there is the model."""
        try:
            Options(model.options, model.name, _OPTIONS.get(model.capability, ()))
        except BadSettingError as error:
            return Checked(None, None, False, error.message)
        try:
            self.http.read(wire.TASKS, params={"page_num": "1", "page_size": "1"})
        except ProviderError as error:
            return _not_let_in(error)
        return self._model_checked(model)

    def _model_checked(self, model: Model) -> Checked:
        if model.vendor_name.startswith(wire.ENDPOINT_PREFIX):
            return Checked(
                True, True, None, f"{model.vendor_name} is an endpoint of your own: only a request can tell."
            )
        try:
            found = self.http.read(wire.MODELS).get("data")
        except ProviderError as error:
            return Checked(True, True, None, f"The list of models cannot be read: {error.message}")
        listed = {
            str(one.get("id")): one.get("status")
            for one in (found if isinstance(found, list) else ())
            if isinstance(one, Mapping)
        }
        if not listed:
            return Checked(True, True, None, "The list of models is empty: only a request can tell.")
        if model.vendor_name not in listed:
            return Checked(True, True, False, f"There is no model {model.vendor_name}; its name ends with its date.")
        if listed[model.vendor_name] == wire.WITHDRAWN:
            return Checked(True, True, False, f"The model {model.vendor_name} was withdrawn by the vendor.")
        return Checked(True, True, True)

    def _task(self, job_id: str) -> Mapping[str, Any] | None:
        """What is known of a task; None if there is no such task."""
        try:
            return self.http.read(_path(job_id))
        except ProviderError as error:
            if is_unknown_task(error.details.get("status"), str(error.details.get("code", ""))):
                return None
            raise

    def _error(self, words: str, kind: ErrorKind) -> ProviderError:
        return ProviderError(f"{self.http.provider} {words}.", kind=kind, provider=self.http.provider)

    def _cleaned(self, error: ProviderError) -> ProviderError:
        details = {name: self.http.clean(str(value)) for name, value in error.details.items() if name != "kind"}
        return ProviderError(self.http.clean(error.message), kind=error.kind, **details)


def _path(job_id: str) -> str:
    return f"{wire.TASKS}/{quote(job_id, safe='')}"


def _word(task: Mapping[str, Any] | None) -> object:
    return None if task is None else task.get("status")


def _not_let_in(error: ProviderError) -> Checked:
    """What a refusal of a free question says of address and key."""
    if not error.details.get("status"):
        return Checked(False, None, None, error.message)
    if not error.details.get("code") and error.kind != ErrorKind.AUTH:
        return Checked(False, None, None, f"Something else answers at this address: {error.message}")
    key = {ErrorKind.AUTH: False, ErrorKind.NO_MONEY: True}.get(ErrorKind(error.kind))
    return Checked(True, key, None, error.message)
