"""A fake ComfyUI: uploads, graphs in API form that are looked at as the program does, a queue, a history and files.

It charges nothing; its ledger has an entry of 0 micros for each graph that was run. Pictures have the size of the
graph's latent, at most 640 pixels a side; clips have its frames and rate.
"""

import email
import email.policy
import io
import urllib.parse
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any, ClassVar

from PIL import Image

from fakes.clips import clip
from fakes.vendor import Asked, FakeVendor, Job, Reply

OBJECTS = (
    "CheckpointLoaderSimple", "CLIPTextEncode", "CLIPVisionEncode", "CreateVideo", "EmptyLatentImage", "IPAdapter",
    "KSampler", "LoadImage", "PreviewImage", "SaveImage", "SaveVideo", "VAEDecode", "VHS_VideoCombine",
    "WanImageToVideo",
)  # fmt: skip
SAVING = ("SaveImage", "PreviewImage", "VHS_VideoCombine", "SaveVideo")
MOST_SIDE = 640
CLIP_SIZE = (192, 108)

Graph = dict[str, dict[str, Any]]


class ComfyUi(FakeVendor):
    name: ClassVar[str] = "comfyui"
    routes: ClassVar[tuple[tuple[str, str, str, str], ...]] = (
        ("POST", r"/upload/image", "upload", "upload"),
        ("POST", r"/prompt", "submit", "prompt"),
        ("GET", r"/history/([\w-]+)", "poll", "history"),
        ("GET", r"/queue", "poll", "queue"),
        ("POST", r"/queue", "free", "take_out"),
        ("POST", r"/interrupt", "free", "interrupt"),
        ("GET", r"/object_info", "free", "object_info"),
        ("GET", r"/view", "download", "view"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.pictures: dict[str, bytes] = {}
        self.made: dict[tuple[str, str, str], bytes] = {}
        self.looked: dict[str, int] = {}

    def upload(self, asked: Asked) -> Reply:
        head = f"Content-Type: {asked.headers.get('content-type', '')}\r\n\r\n".encode()
        message = email.message_from_bytes(head + asked.raw, policy=email.policy.HTTP)
        parts = list(message.iter_parts()) if isinstance(message, EmailMessage) and message.is_multipart() else []
        part = next((one for one in parts if one.get_param("name", header="content-disposition") == "image"), None)
        if part is None or not part.get_filename():
            return Reply(b"", 400)
        data, name = part.get_payload(decode=True), str(part.get_filename())
        assert isinstance(data, bytes)
        stem, _, ending = name.rpartition(".")
        number = 0
        with self.lock:
            while self.pictures.get(name, data) != data:
                number += 1
                name = f"{stem} ({number}).{ending}"
            self.pictures[name] = data
        return Reply({"name": name, "subfolder": "", "type": "input"})

    def prompt(self, asked: Asked) -> Reply:
        graph: Graph | None = asked.body.get("prompt")
        if graph is None:
            return Reply({"error": "no prompt", "node_errors": []}, 400)
        for node, found in graph.items():
            if found.get("class_type") not in OBJECTS:
                message = f"Cannot execute because node {found.get('class_type')} does not exist."
                return _refused("invalid_prompt", message, f"Node ID '#{node}'", {})
        outputs = [node for node, found in graph.items() if found["class_type"] in SAVING]
        if not outputs:
            return _refused("prompt_no_outputs", "Prompt has no outputs", "", {})
        errors = self._against(graph)
        good = [node for node in outputs if not errors.keys() & _needed(graph, node)]
        if not good:
            return _refused("prompt_outputs_failed_validation", "Prompt outputs failed validation", "", errors)
        job = self.begin(asked.body, 0, outputs=good)
        return Reply({"prompt_id": job.id, "number": len(self.jobs), "node_errors": errors})

    def _against(self, graph: Graph) -> dict[str, dict[str, Any]]:
        errors: dict[str, dict[str, Any]] = {}
        for node, found in graph.items():
            for told in self._wrong_inputs(graph, found):
                error = errors.setdefault(node, {"errors": [], "dependent_outputs": [], "class_type": ""})
                error["class_type"] = found["class_type"]
                error["errors"].append(told)
        return errors

    def _wrong_inputs(self, graph: Graph, found: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for name, value in found["inputs"].items():
            if isinstance(value, list) and str(value[0]) not in graph:
                yield {"type": "bad_linked_input", "message": "Bad linked input", "details": name}
            if name in ("seed", "width", "height", "length") and not isinstance(value, int | list):
                yield {"type": "invalid_input_type", "message": "Failed to convert an input value", "details": name}
        picture = found["inputs"].get("image")
        if found["class_type"] == "LoadImage" and picture not in self.pictures and picture != "neutral.png":
            details = f"image - Invalid image file: {picture}"
            yield {"type": "custom_validation_failed", "message": "Custom validation failed", "details": details}

    def history(self, asked: Asked) -> Reply:
        job = self.jobs.get(asked.match[1])
        if job is None or job.state in ("queued", "running", "expired"):
            return Reply({})
        self.settle(job)
        outputs: dict[str, Any] = self._run(job) if job.state == "succeeded" else {}
        entry = {"prompt": [0, job.id, job.request["prompt"], {}, []], "outputs": outputs, "status": _status(job)}
        return Reply({job.id: entry})

    def queue(self, asked: Asked) -> Reply:
        entries = {
            state: [[0, job.id, job.request["prompt"], {}, []] for job in self.jobs.values() if job.state == state]
            for state in ("running", "queued")
        }
        return Reply({"queue_running": entries["running"], "queue_pending": entries["queued"]})

    def take_out(self, asked: Asked) -> Reply:
        for one in asked.body.get("delete", []):
            with self.lock:
                if one in self.jobs and self.jobs[one].state == "queued":
                    del self.jobs[one]
        return Reply(b"")

    def interrupt(self, asked: Asked) -> Reply:
        wanted = asked.body.get("prompt_id")
        for job in self.jobs.values():
            if job.state == "running" and wanted in (None, job.id):
                job.cancelled = True
        return Reply(b"")

    def object_info(self, asked: Asked) -> Reply:
        return Reply({name: {"input": {"required": {}}, "name": name} for name in OBJECTS})

    def view(self, asked: Asked) -> Reply:
        said = {name: urllib.parse.unquote_plus(value) for name, value in asked.query.items()}
        place = said.get("type", "output"), said.get("subfolder", ""), said.get("filename", "")
        with self.lock:
            self.looked[place[2]] = self.looked.get(place[2], 0) + 1
            if place not in self.made or self.looked[place[2]] <= self.how["polls_not_ready"]:
                return Reply(b"", 404)
        media_type = "image/png" if place[2].endswith(".png") else "video/mp4"
        return Reply(self.made[place], headers={"content-type": media_type})

    def _run(self, job: Job) -> dict[str, Any]:
        """The outputs by node. Files are made once."""
        graph: Graph = job.request["prompt"]
        if "made" not in job.facts:
            job.facts["made"] = {node: self._saved(job, graph, node) for node in job.facts["outputs"]}
        return dict(job.facts["made"])

    def _saved(self, job: Job, graph: Graph, node: str) -> dict[str, Any]:
        kind, inputs = graph[node]["class_type"], graph[node]["inputs"]
        folder, _, stem = str(inputs.get("filename_prefix", "ComfyUI")).rpartition("/")
        clip_made = kind in ("VHS_VideoCombine", "SaveVideo")
        name = f"{stem}_{job.id[:8]}_{node}_." + ("mp4" if clip_made else "png")
        place = ("temp" if kind == "PreviewImage" else "output", folder, name)
        self.made[place] = _clip(graph, inputs) if clip_made else _picture(graph)
        file = {"filename": name, "subfolder": folder, "type": place[0]}
        match kind:
            case "VHS_VideoCombine":
                return {"gifs": [file | {"format": "video/h264-mp4"}]}
            case "SaveVideo":
                return {"images": [file], "animated": [True]}
        return {"images": [file]}


def _refused(kind: str, message: str, details: str, node_errors: dict[str, Any]) -> Reply:
    error = {"type": kind, "message": message, "details": details, "extra_info": {}}
    return Reply({"error": error, "node_errors": node_errors}, 400)


def _needed(graph: Graph, node: str) -> set[str]:
    """The node and all that it is made from."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one in graph and one not in found:
            found.add(one)
            waiting += [str(value[0]) for value in graph[one]["inputs"].values() if isinstance(value, list)]
    return found


def _status(job: Job) -> dict[str, Any]:
    start = ["execution_start", {"prompt_id": job.id, "timestamp": 1}]
    match job.state:
        case "succeeded":
            end = ["execution_success", {"prompt_id": job.id, "timestamp": 2}]
            return {"status_str": "success", "completed": True, "messages": [start, end]}
        case "cancelled":
            end = ["execution_interrupted", {"prompt_id": job.id, "node_id": "3", "node_type": "KSampler"}]
        case "failed":
            told = {"exception_type": job.error.get("code", "RuntimeError"), "exception_message": job.error["message"]}
            end = ["execution_error", {"prompt_id": job.id, "node_id": "3", "node_type": "KSampler", **told}]
        case _:
            return {"status_str": "postponed", "completed": False, "messages": [start]}
    return {"status_str": "error", "completed": False, "messages": [start, end]}


def _input_of(graph: Graph, kind: str, name: str, default: int) -> int:
    return next((int(node["inputs"][name]) for node in graph.values() if node["class_type"] == kind), default)


def _picture(graph: Graph) -> bytes:
    size = [min(MOST_SIDE, _input_of(graph, "EmptyLatentImage", side, 512)) for side in ("width", "height")]
    with io.BytesIO() as file:
        Image.new("RGB", (size[0], size[1]), (30, 60, 90)).save(file, "PNG")
        return file.getvalue()


def _clip(graph: Graph, inputs: dict[str, Any]) -> bytes:
    return clip(*CLIP_SIZE, _input_of(graph, "WanImageToVideo", "length", 24), int(inputs.get("frame_rate", 24)))


if __name__ == "__main__":
    ComfyUi().serve()
