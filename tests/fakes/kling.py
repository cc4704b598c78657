"""Kling's image2video as its documentation has it.

What it charges for a second: 0.40 in std, 0.70 in pro, 1.40 in 4k, and half as much again with sound. It reports none
of it.
"""

import base64
import binascii
import time
from typing import Any, ClassVar

import jwt

from fakes.clips import clip
from fakes.vendor import Asked, FakeVendor, Job, Reply

ACCESS_KEY = "access-fake-0123456789abcdef0123"
SECRET_KEY = "secret-fake-0123456789abcdef0123"
SECOND_MICROS = {"std": 400_000, "pro": 700_000, "4k": 1_400_000}

MODELS = ("kling-v1", "kling-v1-6", "kling-v2-6", "kling-v3")

_WORDS = {
    "queued": "submitted",
    "running": "processing",
    "succeeded": "succeed",
    "failed": "failed",
    "unknown": "reviewing",
}
_CLIP_SIZE = (96, 54)
_RATE = 10
_MOST_TOKEN_SECONDS = 1800


class Kling(FakeVendor):
    name = "kling"
    routes: ClassVar = (
        ("POST", r"/v1/videos/(image2video)", "submit", "image2video"),
        ("GET", r"/v1/videos/(image2video)", "free", "tasks"),
        ("GET", r"/v1/videos/(\w[\w-]*)/([\w-]+)", "poll", "task"),
    )

    def image2video(self, asked: Asked) -> Reply:
        if (refusal := _refused(asked)) is not None:
            return refusal
        body = asked.body
        if body.get("model_name", MODELS[0]) not in MODELS:
            return _reply(404, 1203, "model_name is not found")
        if not _is_plain_picture(body.get("image")):
            return _reply(400, 1201, "image is neither an address nor base64 without a prefix")
        if "image_tail" in body and not _is_plain_picture(body["image_tail"]):
            return _reply(400, 1201, "image_tail is neither an address nor base64 without a prefix")
        mode, duration, sound = body.get("mode", "std"), body.get("duration", "5"), body.get("sound", "off")
        if mode not in SECOND_MICROS or not isinstance(duration, str) or sound not in ("on", "off"):
            return _reply(400, 1201, "mode, duration or sound is not valid")
        if not duration.isdecimal() or not 3 <= int(duration) <= 15:
            return _reply(400, 1201, f"duration value '{duration}' is invalid")
        seconds = int(duration)
        micros = seconds * SECOND_MICROS[mode]
        job = self.begin(body, micros * 3 // 2 if sound == "on" else micros, seconds=seconds)
        return _reply(200, 0, "SUCCEED", {"task_id": job.id, "task_status": "submitted"})

    def tasks(self, asked: Asked) -> Reply:
        return _refused(asked) or _reply(200, 0, "SUCCEED", [])

    def task(self, asked: Asked) -> Reply:
        if (refusal := _refused(asked)) is not None:
            return refusal
        job = self.jobs.get(asked.match[2])
        if asked.match[1] != "image2video" or job is None or job.state == "expired":
            return _reply(404, 1203, "task is not found")
        self.settle(job)
        data: dict[str, Any] = {"task_id": job.id, "task_status": _WORDS[job.state], "task_status_msg": ""}
        if job.state == "failed":
            data["task_status_msg"] = job.error.get("message", "Failure to pass the risk control system")
        if job.state == "succeeded":
            video = {"id": job.id, "url": self._clip(job), "duration": str(job.facts["seconds"])}
            data["task_result"] = {"videos": [video]}
        return _reply(200, 0, "SUCCEED", data)

    def _clip(self, job: Job) -> str:
        if "address" not in job.facts:
            job.facts["address"] = self.keep_file(clip(*_CLIP_SIZE, job.facts["seconds"] * _RATE, _RATE), "video/mp4")
        return str(job.facts["address"])


def _refused(asked: Asked) -> Reply | None:
    """401 with the vendor's code for what is wrong with the token."""
    header = asked.headers.get("authorization", "")
    if not header:
        return _reply(401, 1001, "Authorization is empty")
    kind, _, token = header.partition(" ")
    if kind != "Bearer":
        return _reply(401, 1002, "Authorization is not valid")
    try:
        claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"], options={"require": ["iss", "exp", "nbf"]})
    except jwt.ImmatureSignatureError:
        return _reply(401, 1003, "Authorization is not valid yet")
    except jwt.ExpiredSignatureError:
        return _reply(401, 1004, "Authorization has expired")
    except jwt.InvalidSignatureError:
        return _reply(401, 1000, "signature is invalid")
    except jwt.InvalidTokenError:
        return _reply(401, 1002, "Authorization is not valid")
    if claims["iss"] != ACCESS_KEY or claims["exp"] > time.time() + _MOST_TOKEN_SECONDS:
        return _reply(401, 1002, "access key not found")
    return None


def _is_plain_picture(text: object) -> bool:
    try:
        data = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        return False
    return data.startswith((b"\x89PNG", b"\xff\xd8\xff"))


_count = iter(range(1_000_000))


def _reply(status: int, code: int, message: str, data: Any = None) -> Reply:
    body = {"code": code, "message": message, "request_id": f"request-{next(_count)}"}
    return Reply(body | ({} if data is None else {"data": data}), status)


if __name__ == "__main__":
    Kling().serve()
