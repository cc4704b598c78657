"""What ComfyUI's answers mean: a refused graph, a job in the queue, a finished or failed one and its file. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from aianime_pipeline.providers.capabilities import Capability, ErrorKind, JobState
from aianime_pipeline.providers.http import Refusal
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, ResultFile

VIEW = "/view"
STATES = {"success": JobState.SUCCEEDED, "error": JobState.FAILED}
"""By `status_str` in the history."""
FAILED, INTERRUPTED = "execution_error", "execution_interrupted"
"""Messages of a job's history."""

QUEUES = {"queue_running": JobState.RUNNING, "queue_pending": JobState.QUEUED}
PROMPT_ID = 1
"""Place of a job's id in an entry of the queue."""

FILES = ("images", "gifs", "videos")
"""Names under which nodes list their files. Clips may stand under any of them."""
ENDINGS: Mapping[Capability, Mapping[str, str]] = {
    Capability.IMAGE: {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"},
    Capability.VIDEO: {"mp4": "video/mp4", "mov": "video/mp4", "webm": "video/webm"},
}
TEMPORARY = "temp"
"""The kind of a preview's file; one that was saved is preferred."""

PASSING_WORDS = ("outofmemory", "out of memory")
"""Of a failure that may pass: the program frees its memory after it."""

_TELLING_LENGTH = 400


def classify(status: int, body: Mapping[str, Any]) -> Refusal | None:
    """A graph that was refused has an `error`, and `node_errors` by node."""
    if status not in (200, 400) or "error" not in body:
        return None
    error = body["error"]
    told = table(error)
    message = str(told.get("message") or error)
    nodes = node_words(body.get("node_errors"))
    return Refusal(ErrorKind.BAD_INPUT, nodes or _joined(message, told.get("details")), str(told.get("type") or ""))


def node_words(node_errors: Any) -> str:
    """Which node has what against its inputs; empty where none has."""
    return "; ".join(
        f"node {node} ({table(found).get('class_type', 'of no known class')}): "
        + ", ".join(_joined(one.get("message"), one.get("details")) for one in _tables(table(found).get("errors")))
        for node, found in table(node_errors).items()
    )


def queued_state(queue: Mapping[str, Any], job_id: str) -> JobState | None:
    """Whether the job runs or waits; None if it does neither."""
    for name, state in QUEUES.items():
        entries = queue.get(name)
        if isinstance(entries, list) and any(_prompt_id(entry) == job_id for entry in entries):
            return state
    return None


def outcome(entry: Mapping[str, Any], job_id: str, capability: Capability, output: str, address: str) -> Answer:
    """How the job of a history's entry ended. `output` is the node whose files count, empty for the first that fits;
    `address` is the server's."""
    status = table(entry.get("status"))
    told = {
        str(one[0]): table(one[1]) for one in status.get("messages") or [] if isinstance(one, list) and len(one) > 1
    }
    if INTERRUPTED in told:
        return Answer(JobState.CANCELLED, job_id)
    state = STATES.get(str(status.get("status_str")), JobState.RUNNING) if status else JobState.SUCCEEDED
    if state is JobState.FAILED:
        return _failed(job_id, told.get(FAILED, {}))
    if state is not JobState.SUCCEEDED:
        return Answer(state, job_id)
    file = _file(table(entry.get("outputs")), capability, output, address)
    if file is None:
        where = f"node {output}" if output else "the workflow"
        words = f"{where} saved no {capability.value}; look at its output nodes, or say which with the option output"
        return Answer(JobState.FAILED, job_id, error_kind=ErrorKind.BAD_INPUT, error=words)
    return Answer(JobState.SUCCEEDED, job_id, file=file, units=Units(requests=1))


def _failed(job_id: str, told: Mapping[str, Any]) -> Answer:
    words = str(told.get("exception_message") or "the workflow failed, without a word why").strip()
    passing = any(one in f"{told.get('exception_type')} {words}".lower() for one in PASSING_WORDS)
    where = f"node {told['node_id']} ({told.get('node_type')}): " if "node_id" in told else ""
    kind = ErrorKind.TRANSIENT if passing else ErrorKind.BAD_INPUT
    return Answer(JobState.FAILED, job_id, error_kind=kind, error=f"{where}{words}"[:_TELLING_LENGTH])


def _file(outputs: Mapping[str, Any], capability: Capability, output: str, address: str) -> ResultFile | None:
    nodes = [output] if output else list(outputs)
    endings = ENDINGS[capability]
    fitting = [
        found
        for node in nodes
        for found in _files_of(table(outputs.get(node)))
        if str(found.get("filename", "")).rpartition(".")[2].lower() in endings
    ]
    if not fitting:
        return None
    chosen = next((found for found in fitting if found.get("type") != TEMPORARY), fitting[0])
    name = str(chosen["filename"])
    asked = {"filename": name, "subfolder": chosen.get("subfolder") or "", "type": chosen.get("type") or "output"}
    return ResultFile(endings[name.rpartition(".")[2].lower()], url=f"{address}{VIEW}?{urlencode(asked)}")


def _files_of(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in FILES:
        yield from _tables(node.get(name))


def _prompt_id(entry: Any) -> str:
    return str(entry[PROMPT_ID]) if isinstance(entry, list) and len(entry) > PROMPT_ID else ""


def _joined(*words: Any) -> str:
    return ": ".join(str(word) for word in words if word)


def _tables(found: Any) -> list[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def table(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}
