"""The adapter itself: pictures up, the filled graph into the queue, and the job until its file is there.

Putting a graph into the queue is the submission. Uploading before it costs nothing and is tried again; a name is made
of what the picture holds, so that the same picture does not fill the server's folder.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import stamina

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters.comfyui.outcome import (
    classify,
    node_words,
    outcome,
    queued_state,
    table,
)
from aianime_pipeline.providers.adapters.comfyui.workflow import (
    OPTIONS,
    asked_values,
    output_node,
    read_workflow,
)
from aianime_pipeline.providers.adapters.free_questions import checked_by
from aianime_pipeline.providers.adapters.not_asked import not_asked
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.adapters.sent_pictures import Taken, sent_picture
from aianime_pipeline.providers.capabilities import Capability, ErrorKind, ImageRequest, JobState, VideoRequest
from aianime_pipeline.providers.http import VendorHttp, is_passing
from aianime_pipeline.providers.vendor import Answer, Call, Checked, Model, ProviderSettings

PROMPT, HISTORY, QUEUE, INTERRUPT = "/prompt", "/history/", "/queue", "/interrupt"
UPLOAD, OBJECTS = "/upload/image", "/object_info"
PICTURES = Taken(64 * 1024 * 1024)

_UPLOADING = stamina.RetryingCaller(attempts=3, wait_initial=0.2, wait_max=2.0, timeout=None)


class ComfyUi:
    SECRETS: ClassVar[tuple[str, ...]] = ()
    BASE_URL: ClassVar[str] = "http://127.0.0.1:8188"
    capabilities = frozenset({Capability.IMAGE, Capability.VIDEO})

    def __init__(self, settings: ProviderSettings) -> None:
        """Raises BadSettingError for an option that means nothing; workflow and slots are looked at when used."""
        Options(settings.options, settings.name, OPTIONS)
        self._name, self._options = settings.name, dict(settings.options)
        self.http = VendorHttp(
            settings.name,
            settings.base_url or self.BASE_URL,
            classify=classify,
            timeout_seconds=settings.timeout_seconds,
        )

    def submit(self, call: Call) -> Answer:
        """Raises BadSettingError too: for a workflow or a slot that is not right."""
        if not isinstance(call.request, ImageRequest | VideoRequest):
            raise not_asked(self._name, f"it makes no {call.model.capability.value}")
        workflow = read_workflow(self._options, call.model)
        values, pictures = asked_values(workflow, call.request)
        values |= {slot: self._uploaded(path) for slot, path in pictures.items()}
        found = self.http.ask(PROMPT, body={"prompt": workflow.filled(values), "client_id": call.request_id})
        return self._queued(str(found.get("prompt_id") or ""), node_words(found.get("node_errors")))

    def _queued(self, job_id: str, against: str) -> Answer:
        """A graph of which only some outputs are right is taken, and what is wrong left out: it is put out again."""
        if against:
            if job_id:
                self._told(QUEUE, {"delete": [job_id]})
            raise ProviderError(f"{self._name} refused: {against}", kind=ErrorKind.BAD_INPUT, provider=self._name)
        if not job_id:
            raise ProviderError(
                f"{self._name} answered without a prompt_id.", kind=ErrorKind.AMBIGUOUS, provider=self._name
            )
        return Answer(JobState.QUEUED, job_id=job_id)

    def _uploaded(self, path: Path) -> str:
        """The name under which the server has the picture now. Raises ProviderError, never of kind AMBIGUOUS."""
        picture = sent_picture(path, PICTURES, self._name)
        name = f"{hashlib.sha256(picture.data).hexdigest()[:24]}.{picture.media_type.rpartition('/')[2]}"
        files = [("image", (name, picture.data, picture.media_type))]

        def upload() -> Mapping[str, Any]:
            try:
                return self.http.ask(UPLOAD, form={"type": "input"}, files=files)
            except ProviderError as error:
                if error.kind != ErrorKind.AMBIGUOUS:
                    raise
                raise ProviderError(error.message, **error.details | {"kind": ErrorKind.TRANSIENT}) from error

        found = _UPLOADING(is_passing, upload)
        folder = str(found.get("subfolder") or "")
        return f"{folder}/{found.get('name') or name}" if folder else str(found.get("name") or name)

    def poll(self, job_id: str, model: Model) -> Answer:
        """A job that ends between two questions is in neither queue nor history for one of them: it is asked for
        again before it counts as gone."""
        output = output_node(self._options, model)
        for _ in range(2):
            entry = table(self.http.read(HISTORY + quote(job_id, safe="")).get(job_id))
            if entry:
                return outcome(entry, job_id, model.capability, output, self.http.base_url)
            state = queued_state(self.http.read(QUEUE), job_id)
            if state is not None:
                return Answer(state, job_id)
        return Answer(JobState.EXPIRED, job_id, error=f"{self._name} knows no job {job_id}; was it started anew?")

    def cancel(self, job_id: str, model: Model) -> bool:
        """Interrupting stops whatever runs (older versions do not look at the id), so it is done only while the job
        itself runs; one that begins while it is being taken out of the queue is interrupted after all."""
        taken_out = False
        for _ in range(2):
            state = queued_state(self.http.read(QUEUE), job_id)
            if state is JobState.RUNNING:
                return self._told(INTERRUPT, {"prompt_id": job_id})
            if state is None:
                return taken_out
            taken_out = self._told(QUEUE, {"delete": [job_id]})
        return False

    def _told(self, path: str, body: Mapping[str, Any]) -> bool:
        """Whether the server took an order. It answers with a status and nothing else, which `ask` finds unreadable."""
        try:
            self.http.ask(path, body=body)
        except ProviderError as error:
            return int(error.details.get("status", 0)) in range(200, 300)
        return True

    def check(self, model: Model) -> Checked:
        """The model is the workflow: it is right if the server has all its classes of nodes."""
        if model.capability not in self.capabilities:
            return Checked(None, None, False, f"{self._name} makes no {model.capability.value}.")
        try:
            workflow = read_workflow(self._options, model)
        except BadSettingError as error:
            return Checked(None, None, False, error.message)
        try:
            known = self.http.read(OBJECTS)
        except ProviderError as error:
            return checked_by(error)
        unknown = sorted({str(node["class_type"]) for node in workflow.nodes.values()} - set(known))
        if unknown:
            return Checked(True, True, False, f"The server has no node {', '.join(unknown)}, which the workflow uses.")
        return Checked(True, True, True)
