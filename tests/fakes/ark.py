"""Volcengine Ark as its documentation says: pictures of Seedream in one answer, clips of Seedance as tasks.

It charges 0.25 for a picture (250,000 micros, `per_image = "0.25"`) and 16 for a million completion tokens of video (16
micros a token, `per_1m_tokens_out = "16"`); a clip has width x height x 24 frames x seconds / 1024 of them, its short
side by the resolution and the other by the first frame's shape, in whole 16s. Only what succeeds is charged.

Every key but one with `wrong` in it is right. It has the models of `MODELS` and every endpoint `ep-...`. `jobs` steer
clips; `end = "failed"` with an `error` also refuses pictures, inside `data` as the vendor does. A picture with a
watermark is white in its lower right corner.
"""

import base64
import hashlib
import tempfile
import threading
import time
import uuid
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from aianime_pipeline.film.ffmpeg import run_ffmpeg
from fakes.vendor import Asked, FakeVendor, Job, Reply

PICTURE_MICROS = 250_000
TOKEN_MICROS = 16
RATE = 24

MODELS = (
    "doubao-seedream-3-0-t2i-250415",
    "doubao-seedream-4-0",
    "doubao-seedream-4-0-250828",
    "doubao-seedream-4-5",
    "doubao-seedream-4-5-251128",
    "doubao-seedance-1-5-pro",
    "doubao-seedance-1-5-pro-251215",
    "doubao-seedance-2-0",
    "doubao-seedance-2-0-260128",
    "doubao-seedance-2-5-260628",
)
WITHDRAWN = "doubao-seedream-3-0-t2i-250415"
_LEAST_PIXELS = {"doubao-seedream-4-0": 921_600, "doubao-seedream-4-5": 3_686_400}
_MOST_PIXELS = 16_777_216
_LONGEST = {"doubao-seedance-1-5": 12, "doubao-seedance-2-0": 15, "doubao-seedance-2-5": 30}
_SHORT_SIDES = {"480p": 480, "720p": 720, "1080p": 1080}
_KEYWORDS = {"1K": (1024, 1024), "2K": (2048, 2048), "4K": (4096, 4096)}
_MOST_REFERENCES, _MOST_REFERENCE_BYTES = 14, 10 * 1024 * 1024
_FFMPEG = threading.Lock()


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str, param: str = "") -> None:
        super().__init__(message)
        self.reply = refusal(status, code, message, param)


def refusal(status: int, code: str, message: str, param: str = "") -> Reply:
    request = uuid.uuid4().hex
    kind = {400: "BadRequest", 401: "Unauthorized", 404: "NotFound", 409: "Conflict"}.get(status, "")
    error = {"code": code, "message": f"{message} Request id: {request}", "param": param, "type": kind}
    return Reply({"error": error}, status, {"x-request-id": request})


def invalid(param: str, why: str) -> Refused:
    message = f"The parameter `{param}` specified in the request is not valid: {why}."
    return Refused(400, "InvalidParameter", message, param)


class Ark(FakeVendor):
    name = "ark"
    routes = (
        ("POST", r"(?:/api/v3)?/images/generations", "submit", "picture"),
        ("POST", r"(?:/api/v3)?/contents/generations/tasks", "submit", "begin_task"),
        ("GET", r"(?:/api/v3)?/contents/generations/tasks", "free", "tasks"),
        ("GET", r"(?:/api/v3)?/contents/generations/tasks/([^/]+)", "poll", "task"),
        ("DELETE", r"(?:/api/v3)?/contents/generations/tasks/([^/]+)", "free", "end_task"),
        ("GET", r"(?:/api/v3)?/models", "free", "models"),
    )

    def picture(self, asked: Asked) -> Reply:
        try:
            let_in(asked)
            width, height = checked_picture(asked.body)
        except Refused as error:
            return error.reply
        body = asked.body
        answer: dict[str, Any] = {"model": body["model"], "created": int(time.time())}
        if self.how["end"] == "failed":
            why = self.how["error"] or {"code": "InternalServiceError", "message": "The picture failed."}
            usage = {"generated_images": 0, "output_tokens": 0, "total_tokens": 0}
            return Reply(answer | {"data": [{"error": why}], "usage": usage})
        self.charge(uuid.uuid4().hex, PICTURE_MICROS, body)
        data, media_type = drawn(body, width, height)
        if body.get("response_format", "url") == "b64_json":
            found = {"b64_json": base64.b64encode(data).decode()}
        else:
            found = {"url": self.keep_file(data, media_type)}
        tokens = width * height // 256
        usage = {"generated_images": 1, "output_tokens": tokens, "total_tokens": tokens}
        return Reply(answer | {"data": [found | {"size": f"{width}x{height}"}], "usage": usage})

    def begin_task(self, asked: Asked) -> Reply:
        try:
            let_in(asked)
            width, height = checked_clip(asked.body)
        except Refused as error:
            return error.reply
        seconds = asked.body.get("duration", 5)
        tokens = width * height * RATE * seconds // 1024
        job = self.begin(
            asked.body, tokens * TOKEN_MICROS, prefix="cgt-",
            size=(width, height), seconds=seconds, tokens=tokens, created=int(time.time()),
        )  # fmt: skip
        return Reply({"id": job.id})

    def task(self, asked: Asked) -> Reply:
        try:
            let_in(asked)
            return Reply(self._said(self._job(asked)))
        except Refused as error:
            return error.reply

    def tasks(self, asked: Asked) -> Reply:
        try:
            let_in(asked)
        except Refused as error:
            return error.reply
        with self.lock:
            jobs = list(self.jobs.values())
        size = int(asked.query.get("page_size", "10"))
        return Reply({"items": [{"id": job.id, "status": job.state} for job in jobs[:size]], "total": len(jobs)})

    def end_task(self, asked: Asked) -> Reply:
        """Cancels what waits, forgets what has ended, and refuses for what runs."""
        try:
            let_in(asked)
            job = self._job(asked)
            if job.state in ("running", "cancelled"):
                message = f"Cannot delete task `{job.id}` because it is currently {job.state}."
                raise Refused(409, f"InvalidAction.{job.state.title()}TaskDeletion", message)
        except Refused as error:
            return error.reply
        if job.state == "queued":
            job.cancelled = True
        else:
            self.settle(job)
            with self.lock:
                del self.jobs[job.id]
        return Reply({})

    def models(self, asked: Asked) -> Reply:
        try:
            let_in(asked)
        except Refused as error:
            return error.reply
        listed = [{"id": name, "object": "model"} for name in MODELS if name != WITHDRAWN]
        return Reply({"object": "list", "data": [*listed, {"id": WITHDRAWN, "object": "model", "status": "Shutdown"}]})

    def _job(self, asked: Asked) -> Job:
        with self.lock:
            job = self.jobs.get(asked.match[1])
        if job is None:
            raise Refused(404, "ResourceNotFound.Task", f"The task {asked.match[1]} does not exist.")
        return job

    def _said(self, job: Job) -> dict[str, Any]:
        state = job.state
        said: dict[str, Any] = {"id": job.id, "model": job.request["model"], "status": state, "error": None}
        said |= {"created_at": job.facts["created"], "updated_at": int(time.time())}
        if state == "failed":
            said["error"] = job.error or {"code": "InternalServiceError", "message": "The clip failed."}
        if state != "succeeded":
            return said
        self.settle(job)
        width, height = job.facts["size"]
        if "url" not in job.facts:
            job.facts["url"] = self.keep_file(clip(width, height, job.facts["seconds"]), "video/mp4")
        tokens = job.facts["tokens"]
        return said | {
            "content": {"video_url": job.facts["url"]},
            "usage": {"completion_tokens": tokens, "total_tokens": tokens},
            "seed": job.request.get("seed", 12345),
            "resolution": job.request.get("resolution", "720p"),
            "ratio": job.request.get("ratio", "adaptive"),
            "duration": job.facts["seconds"],
            "framespersecond": RATE,
            "service_tier": job.request.get("service_tier", "default"),
            "generate_audio": job.request.get("generate_audio", True),
        }


def let_in(asked: Asked) -> None:
    """Raises Refused for a key that is wrong."""
    scheme, _, key = asked.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not key or "wrong" in key:
        raise Refused(401, "AuthenticationError", "The API key in the request is missing or invalid.")


def checked_model(body: dict[str, Any], family: str) -> str:
    model = body.get("model")
    if not model:
        raise Refused(400, "MissingParameter", "The request failed because it is missing `model` parameter.", "model")
    if not str(model).startswith("ep-") and (model not in MODELS or model == WITHDRAWN):
        message = f"The model or endpoint {model} does not exist or you do not have access to it."
        raise Refused(404, "InvalidEndpointOrModel.NotFound", message, "model")
    if not str(model).startswith(("ep-", family)):
        raise invalid("model", f"the requested model {model} does not support this api")
    return str(model)


def checked_picture(body: dict[str, Any]) -> tuple[int, int]:
    """The size in pixels. Raises Refused."""
    model = checked_model(body, "doubao-seedream")
    if not body.get("prompt"):
        raise Refused(400, "MissingParameter", "The request failed because it is missing `prompt` parameter.", "prompt")
    pictures = body.get("image", [])
    pictures = [pictures] if isinstance(pictures, str) else pictures
    if len(pictures) > _MOST_REFERENCES:
        raise invalid("image", f"the number of images exceeds {_MOST_REFERENCES}")
    for url in pictures:
        if len(decoded("image", url)) > _MOST_REFERENCE_BYTES:
            raise invalid("image", "the image is larger than 10 MB")
    if "seed" in body and type(body["seed"]) is not int:
        raise invalid("seed", "it is no integer")
    size = body.get("size", "2048x2048")
    if size in _KEYWORDS:
        return _KEYWORDS[size]
    try:
        width, height = (int(side) for side in size.split("x"))
    except ValueError:
        raise invalid("size", "it is no size") from None
    least = next((pixels for start, pixels in _LEAST_PIXELS.items() if model.startswith(start)), 921_600)
    if not least <= width * height <= _MOST_PIXELS:
        raise invalid("size", f"image size must be at least {least} and at most {_MOST_PIXELS} pixels")
    return width, height


def checked_clip(body: dict[str, Any]) -> tuple[int, int]:
    """The size in pixels. Raises Refused."""
    model = checked_model(body, "doubao-seedance")
    content = body.get("content")
    if not content:
        message = "The request failed because it is missing `content` parameter."
        raise Refused(400, "MissingParameter", message, "content")
    roles = [part.get("role") for part in content if part["type"] == "image_url"]
    if sorted(roles) not in ([], ["first_frame"], ["first_frame", "last_frame"]):
        raise invalid("content", f"invalid roles {roles}")
    frames = [decoded("content", part["image_url"]["url"]) for part in content if part["type"] == "image_url"]
    shape = (16, 9)
    if frames:
        with Image.open(BytesIO(frames[0])) as picture:
            shape = picture.size
    if frames and body.get("ratio", "adaptive") != "adaptive" and "seedance-2-5" in model:
        raise invalid("ratio", "the output ratio follows the first-frame image")
    if "service_tier" in body and "seedance-2" in model:
        raise invalid("service_tier", "it must be empty")
    longest = next((seconds for start, seconds in _LONGEST.items() if model.startswith(start)), 30)
    seconds = body.get("duration", 5)
    if type(seconds) is not int or not 4 <= seconds <= longest:
        raise invalid("duration", f"for model {model} it is 4 to {longest} seconds")
    short = _SHORT_SIDES.get(body.get("resolution", "720p"))
    if short is None:
        raise invalid("resolution", f"not valid for model {model}")
    long = round(short * max(shape) / min(shape) / 16) * 16
    return (long, short) if shape[0] >= shape[1] else (short, long)


def decoded(param: str, url: Any) -> bytes:
    """The bytes of a data URL with a picture. Raises Refused."""
    head, _, text = str(url).partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise invalid(param, "resource download failed")
    try:
        data = base64.b64decode(text, validate=True)
        with Image.open(BytesIO(data)) as picture:
            picture.verify()
    except (OSError, ValueError):
        raise invalid(param, "invalid image data") from None
    return data


def drawn(body: dict[str, Any], width: int, height: int) -> tuple[bytes, str]:
    """A picture whose colour follows from prompt and seed, and its media type."""
    digest = hashlib.sha256(f"{body['prompt']} {body.get('seed')}".encode()).digest()
    picture = Image.new("RGB", (width, height), (digest[0] % 200, digest[1] % 200, digest[2] % 200))
    if body.get("watermark", True):
        picture.paste((255, 255, 255), (width * 3 // 4, height * 7 // 8, width, height))
    kind = "PNG" if body.get("output_format") == "png" else "JPEG"
    with BytesIO() as file:
        picture.save(file, kind)
        return file.getvalue(), f"image/{kind.lower()}"


def clip(width: int, height: int, seconds: int) -> bytes:
    with _FFMPEG:
        return _clip(width, height, seconds)


@cache
def _clip(width: int, height: int, seconds: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        source = f"color=c=0x336699:s={width}x{height}:r={RATE}:d={seconds}"
        run_ffmpeg(
            ["-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path)],
            doing="make a clip",
        )
        return path.read_bytes()


if __name__ == "__main__":
    Ark().serve()
