"""DashScope as its documentation has it: pictures and speech at once, video as a task.

What it charges: 0.20 for a picture, 0.8 for 10,000 characters spoken, and for a second of video 0.30, 0.60 or 1.00 at
480P, 720P and 1080P.
"""

import base64
from typing import Any, ClassVar

from fakes.clips import clip
from fakes.media import png, wav
from fakes.vendor import Asked, FakeVendor, Job, Reply

KEY = "sk-fake-0123456789abcdef"
PICTURE_MICROS = 200_000
CHARACTER_MICROS = 80
SECOND_MICROS = {"480P": 300_000, "720P": 600_000, "1080P": 1_000_000}

MODELS = ("qwen-image-2.0", "qwen3-tts-flash", "wan2.7-i2v", "wan2.6-i2v")

_WORDS = {
    "queued": "PENDING",
    "running": "RUNNING",
    "succeeded": "SUCCEEDED",
    "failed": "FAILED",
    "expired": "UNKNOWN",
    "cancelled": "CANCELED",
    "unknown": "SUSPENDED",
}
_CLIP_SIZE = (96, 54)
_RATE = 10
_MILLISECONDS_A_CHARACTER = 120


class DashScope(FakeVendor):
    name = "dashscope"
    routes: ClassVar = (
        ("POST", r"/api/v1/services/aigc/multimodal-generation/generation", "submit", "generate"),
        ("POST", r"/api/v1/services/aigc/video-generation/video-synthesis", "submit", "video"),
        ("GET", r"/api/v1/tasks/([\w-]+)", "poll", "task"),
        ("POST", r"/api/v1/tasks/([\w-]+)/cancel", "cancel", "cancel"),
    )

    def generate(self, asked: Asked) -> Reply:
        model, inputs = asked.body.get("model"), asked.body.get("input") or {}
        if (refusal := _refused(asked)) is not None:
            return refusal
        if "tts" in str(model):
            return self._speech(inputs)
        return self._picture(inputs, asked.body.get("parameters") or {})

    def video(self, asked: Asked) -> Reply:
        if (refusal := _refused(asked)) is not None:
            return refusal
        if asked.headers.get("x-dashscope-async") != "enable":
            return _error(403, "AccessDenied", "current user api does not support synchronous calls.")
        inputs, parameters = asked.body.get("input") or {}, asked.body.get("parameters") or {}
        if asked.body["model"] == "wan2.6-i2v":
            frames = [inputs.get("img_url")]
        else:
            frames = [one.get("url") for one in inputs.get("media") or [] if one.get("type") == "first_frame"]
        if not inputs.get("prompt") or len(frames) != 1 or not _is_picture(frames[0]):
            return _error(400, "InvalidParameter", "input must contain a prompt and a first frame")
        seconds, resolution = parameters.get("duration", 5), parameters.get("resolution", "1080P")
        if not isinstance(seconds, int) or resolution not in SECOND_MICROS:
            return _error(400, "InvalidParameter", "The duration or the resolution is not valid")
        job = self.begin(asked.body, seconds * SECOND_MICROS[resolution], seconds=seconds, resolution=resolution)
        return _reply({"output": {"task_status": "PENDING", "task_id": job.id}})

    def task(self, asked: Asked) -> Reply:
        if not _is_known(asked):
            return _unknown_key()
        job = self.jobs.get(asked.match[1])
        if job is None:
            return _reply({"output": {"task_id": asked.match[1], "task_status": "UNKNOWN"}})
        self.settle(job)
        output: dict[str, Any] = {"task_id": job.id, "task_status": _WORDS[job.state]}
        if job.state == "failed":
            output |= {"code": "InternalError.Algo", "message": "The algorithm failed."} | job.error
        if job.state != "succeeded":
            return _reply({"output": output})
        seconds = job.facts["seconds"]
        usage = {
            "duration": seconds, "input_video_duration": 0, "output_video_duration": seconds, "video_count": 1,
            "SR": int(job.facts["resolution"][:-1]),
        }  # fmt: skip
        return _reply({"output": output | {"video_url": self._clip(job)}, "usage": usage})

    def cancel(self, asked: Asked) -> Reply:
        if not _is_known(asked):
            return _unknown_key()
        job = self.jobs.get(asked.match[1])
        if job is None or job.state != "queued":
            return _error(400, "UnsupportedOperation", "Failed to cancel the task, please confirm if it is PENDING.")
        job.cancelled = True
        return _reply({})

    def _picture(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Reply:
        messages = inputs.get("messages") or []
        content = messages[0].get("content") or [] if len(messages) == 1 else []
        pictures = [part["image"] for part in content if "image" in part]
        if sum("text" in part for part in content) != 1 or not all(map(_is_picture, pictures)):
            return _error(400, "InvalidParameter", "messages must hold one text, and pictures as addresses")
        width, _, height = str(parameters.get("size", "1024*1024")).partition("*")
        if not (width.isdecimal() and height.isdecimal()) or int(width) * int(height) > 2048 * 2048:
            return _error(400, "InvalidParameter", f"The size {parameters.get('size')} is not supported")
        address = self.keep_file(png(int(width), int(height)), "image/png")
        reply = _reply(
            {
                "output": {
                    "choices": [
                        {"finish_reason": "stop", "message": {"role": "assistant", "content": [{"image": address}]}}
                    ]
                },
                "usage": {"image_count": 1, "width": int(width), "height": int(height)},
            }
        )
        self.charge(reply.body["request_id"], PICTURE_MICROS, parameters)
        return reply

    def _speech(self, inputs: dict[str, Any]) -> Reply:
        text, voice = inputs.get("text"), inputs.get("voice")
        if not text or not voice:
            return _error(400, "InvalidParameter", "Required parameter(s) missing: text, voice")
        address = self.keep_file(wav(len(text) * _MILLISECONDS_A_CHARACTER), "audio/wav")
        reply = _reply(
            {
                "output": {"audio": {"url": address, "data": ""}, "finish_reason": "stop"},
                "usage": {"characters": len(text)},
            }
        )
        self.charge(reply.body["request_id"], len(text) * CHARACTER_MICROS, inputs)
        return reply

    def _clip(self, job: Job) -> str:
        if "address" not in job.facts:
            job.facts["address"] = self.keep_file(clip(*_CLIP_SIZE, job.facts["seconds"] * _RATE, _RATE), "video/mp4")
        return str(job.facts["address"])


def _refused(asked: Asked) -> Reply | None:
    if not _is_known(asked):
        return _unknown_key()
    if asked.body.get("model") not in MODELS:
        return _error(404, "ModelNotFound", f"Model {asked.body.get('model')} can not be found.")
    return None


def _is_known(asked: Asked) -> bool:
    return asked.headers.get("authorization") == f"Bearer {KEY}"


def _unknown_key() -> Reply:
    return _error(401, "InvalidApiKey", "Invalid API-key provided.")


def _is_picture(address: object) -> bool:
    head, _, data = str(address).partition(";base64,")
    return head in ("data:image/png", "data:image/jpeg", "data:image/webp") and len(base64.b64decode(data)) > 0


_count = iter(range(1_000_000))


def _reply(body: dict[str, Any], status: int = 200) -> Reply:
    return Reply(body | {"request_id": f"request-{next(_count)}"}, status)


def _error(status: int, code: str, message: str) -> Reply:
    return _reply({"code": code, "message": message}, status)


if __name__ == "__main__":
    DashScope().serve()
