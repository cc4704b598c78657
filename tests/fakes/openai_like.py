"""OpenAI's interface as it is documented; under /open/v1 the same for a server that asks for no key.

What it charges, in millionths of a dollar: a token of text 1 in and 4 out; a token of a picture 5 in and 40 out, or
40,000 for a whole picture of the models that report no tokens; a character of speech 15; a second of video 100,000.

A model answers with the least that fits the schema: of the request, or else the first one in the instructions. Text
without a schema comes back as it was sent. Words in the text steer it: FILTERED, REFUSED, CUT, PARTS.
What the storytelling asks is answered with a story (story_writer.py), what the AI reviewers ask with a verdict
(picture_reviewer.py).
"""

import base64
import binascii
import json
import time
from collections.abc import Mapping
from io import BytesIO
from typing import Any, ClassVar

from PIL import Image

from fakes import picture_reviewer, story_writer
from fakes.clips import clip
from fakes.forms import form_of
from fakes.media import png, wav
from fakes.schemas import is_closed, least, schema_in
from fakes.vendor import Asked, FakeVendor, Job, Reply

KEY = "sk-fake-0123456789abcdef"

TEXT_MODEL, IMAGE_MODEL, OLD_IMAGE_MODEL = "gpt-fake", "gpt-image-fake", "dall-e-fake"
SPEECH_MODEL, VIDEO_MODEL = "tts-fake", "sora-fake"
MODELS = (TEXT_MODEL, IMAGE_MODEL, OLD_IMAGE_MODEL, SPEECH_MODEL, VIDEO_MODEL, "local-fake:latest")
VOICES = ("alloy", "nova", "onyx", "sage")
VIDEO_SIZES = ("1280x720", "720x1280")
VIDEO_SECONDS = ("4", "8", "12")

TEXT_MICROS = (1, 4)
IMAGE_MICROS = (5, 40)
OLD_IMAGE_MICROS = 40_000
CHARACTER_MICROS = 15
SECOND_MICROS = 100_000

_MILLISECONDS_A_CHARACTER = 60
_PICTURE_TOKENS = 800
_RATE, _SHOWN_AT = 10, 8
"""Of clips: frames in a second, and how many times they are smaller than asked for."""
_WORDS = {
    "queued": "queued",
    "running": "in_progress",
    "succeeded": "completed",
    "failed": "failed",
    "expired": "completed",
    "unknown": "dreaming",
}


class OpenAiLike(FakeVendor):
    name = "openai_like"
    routes: ClassVar = (
        ("POST", r"(/open)?/v1/chat/completions", "submit", "chat"),
        ("POST", r"(/open)?/v1/images/generations", "submit", "image"),
        ("POST", r"(/open)?/v1/images/edits", "submit", "edit"),
        ("POST", r"(/open)?/v1/audio/speech", "submit", "speech"),
        ("POST", r"(/open)?/v1/videos", "submit", "video"),
        ("GET", r"(/open)?/v1/videos/([\w%.-]+)", "poll", "job"),
        ("GET", r"(/open)?/v1/videos/([\w%.-]+)/content", "download", "content"),
        ("GET", r"(/open)?/v1/models", "free", "models"),
    )

    def models(self, asked: Asked) -> Reply:
        data = [{"id": name, "object": "model", "created": 1, "owned_by": "fake"} for name in MODELS]
        return _let_in(asked) or Reply({"object": "list", "data": data})

    def chat(self, asked: Asked) -> Reply:
        body = asked.body
        if (refusal := _let_in(asked) or _missing(body, "model", "messages")) is not None:
            return refusal
        if body["model"] not in MODELS:
            return _error(404, f"The model `{body['model']}` does not exist", code="model_not_found", param="model")
        told = "\n".join(_texts(message["content"]) for message in body["messages"])
        pictures = [part for message in body["messages"] for part in _pictures(message["content"])]
        if not all(_is_picture(part) for part in pictures):
            return _error(400, "Invalid image data.", code="invalid_image_url", param="messages")
        form = body.get("response_format", {"type": "text"})
        if form["type"] == "json_object" and "json" not in told:
            return _error(400, "'messages' must contain the word 'json' in some form", param="messages")
        schema = form["json_schema"]["schema"] if form["type"] == "json_schema" else schema_in(told)
        if form["type"] == "json_schema" and form["json_schema"].get("strict") and not is_closed(schema):
            return _error(400, "Invalid schema: 'additionalProperties' is required", param="response_format")
        text = _texts(body["messages"][-1]["content"])
        answer = text if schema is None else json.dumps(least(schema, schema), ensure_ascii=False)
        if (story := story_writer.write(text)) is not None:
            answer = json.dumps(story, ensure_ascii=False)
        if (judged := picture_reviewer.judge(text)) is not None:
            answer = judged if isinstance(judged, str) else json.dumps(judged, ensure_ascii=False)
        return self._said(body, told, text, answer, len(pictures))

    def _said(self, body: dict[str, Any], told: str, text: str, answer: str, pictures: int) -> Reply:
        message: dict[str, Any] = {"role": "assistant", "content": answer, "refusal": None}
        finish = "stop"
        if "FILTERED" in text:
            finish, message["content"] = "content_filter", None
        elif "REFUSED" in text:
            message |= {"content": None, "refusal": "I'm sorry, I can't help with that."}
        elif "CUT" in text:
            finish, message["content"] = "length", answer[: len(answer) // 2]
        elif "PARTS" in text:
            message["content"] = [{"type": "text", "text": answer[:3]}, {"type": "text", "text": answer[3:]}]
        tokens_in, tokens_out = len(told) + pictures * _PICTURE_TOKENS, len(answer)
        job = self.begin(body, tokens_in * TEXT_MICROS[0] + tokens_out * TEXT_MICROS[1], prefix="chatcmpl-")
        self.charge(job.id, job.micros, body)
        usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        document = {"id": job.id, "object": "chat.completion", "created": 1, "model": body["model"]}
        return Reply(document | {"choices": [choice], "usage": usage})

    def image(self, asked: Asked) -> Reply:
        refusal = _let_in(asked) or _missing(asked.body, "model", "prompt")
        return refusal or self._made(asked.body, str(asked.body["prompt"]), 0)

    def edit(self, asked: Asked) -> Reply:
        fields, files = form_of(asked)
        if (refusal := _let_in(asked) or _missing(fields, "model", "prompt")) is not None:
            return refusal
        if not files or not all(name in ("image", "image[]") for name, _ in files):
            return _error(400, "Missing required parameter: 'image'.", code="missing_required_parameter")
        if not all(_opens(data) for _, data in files):
            return _error(400, "Invalid image file.", code="invalid_image_file", param="image")
        return self._made(fields, fields["prompt"], len(files))

    def _made(self, fields: Mapping[str, Any], prompt: str, shown: int) -> Reply:
        width, _, height = str(fields.get("size", "1024x1024")).partition("x")
        if not (width.isdecimal() and height.isdecimal() and 16 <= int(width) <= 4096 and 16 <= int(height) <= 4096):
            return _error(400, f"Invalid value: '{fields['size']}'.", code="invalid_value", param="size")
        if fields["model"] not in (IMAGE_MODEL, OLD_IMAGE_MODEL):
            return _error(400, f"The model '{fields['model']}' does not exist.", code="model_not_found", param="model")
        data = png(int(width), int(height))
        if fields["model"] == OLD_IMAGE_MODEL:
            job = self.begin(dict(fields), OLD_IMAGE_MICROS)
            self.charge(job.id, job.micros, fields)
            one = {"url": self.keep_file(data, "image/png"), "revised_prompt": f"A picture of {prompt}"}
            return Reply({"created": 1, "data": [one]})
        tokens_in, tokens_out = len(prompt) + shown * _PICTURE_TOKENS, int(width) * int(height) // 256
        job = self.begin(dict(fields), tokens_in * IMAGE_MICROS[0] + tokens_out * IMAGE_MICROS[1])
        self.charge(job.id, job.micros, fields)
        usage = {"input_tokens": tokens_in, "output_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}
        document = {"created": 1, "size": f"{width}x{height}", "quality": "high", "usage": usage}
        return Reply(document | {"data": [{"b64_json": base64.b64encode(data).decode()}]})

    def speech(self, asked: Asked) -> Reply:
        body = asked.body
        if (refusal := _let_in(asked) or _missing(body, "model", "input", "voice")) is not None:
            return refusal
        if body["voice"] not in VOICES:
            return _error(400, f"Invalid value: '{body['voice']}'.", code="invalid_value", param="voice")
        if body.get("response_format", "mp3") != "wav":
            return _error(400, "This fake speaks wav only.", code="invalid_value", param="response_format")
        job = self.begin(body, len(body["input"]) * CHARACTER_MICROS)
        self.charge(job.id, job.micros, body)
        return Reply(wav(len(body["input"]) * _MILLISECONDS_A_CHARACTER), headers={"content-type": "audio/wav"})

    def video(self, asked: Asked) -> Reply:
        fields, files = form_of(asked)
        if (refusal := _let_in(asked) or _missing(fields, "model", "prompt")) is not None:
            return refusal
        seconds, size = fields.get("seconds", "4"), fields.get("size", VIDEO_SIZES[1])
        if fields["model"] != VIDEO_MODEL:
            return _error(400, f"The model '{fields['model']}' does not exist.", code="model_not_found", param="model")
        if seconds not in VIDEO_SECONDS or size not in VIDEO_SIZES:
            return _error(400, f"Invalid value: '{seconds}' or '{size}'.", code="invalid_value")
        for name, data in files:
            if name != "input_reference" or _opens(data) != size:
                return _error(400, "Inpaint image must match the requested width and height")
        job = self.begin(fields, int(seconds) * SECOND_MICROS, prefix="video_", seconds=seconds, size=size)
        job.facts["not_ready"] = self.how["polls_not_ready"]
        return Reply(_standing(job))

    def job(self, asked: Asked) -> Reply:
        if (refusal := _let_in(asked)) is not None:
            return refusal
        job = self.jobs.get(asked.match[2])
        if job is None:
            return _error(404, f"Video with id '{asked.match[2]}' not found.")
        self.settle(job)
        return Reply(_standing(job))

    def content(self, asked: Asked) -> Reply:
        if (refusal := _let_in(asked)) is not None:
            return refusal
        job = self.jobs.get(asked.match[2])
        if job is None or job.state == "expired":
            return _error(404, "Video content has expired.")
        if job.state != "succeeded" or job.facts["not_ready"] > 0:
            job.facts["not_ready"] -= 1
            return _error(404, "Video is not ready yet, use GET /v1/videos/{video_id} to check status.")
        width, _, height = job.facts["size"].partition("x")
        frames = int(job.facts["seconds"]) * _RATE
        data = clip(int(width) // _SHOWN_AT // 2 * 2, int(height) // _SHOWN_AT // 2 * 2, frames, _RATE)
        return Reply(data, headers={"content-type": "video/mp4"})


def _standing(job: Job) -> dict[str, Any]:
    word = _WORDS[job.state]
    document: dict[str, Any] = {
        "id": job.id,
        "object": "video",
        "model": VIDEO_MODEL,
        "status": word,
        "progress": {"queued": 0, "in_progress": 40, "dreaming": 70}.get(word, 100),
        "created_at": int(time.time()),
        "seconds": job.facts["seconds"],
        "size": job.facts["size"],
        "error": None,
        "expires_at": None,
    }
    if word == "failed":
        document["error"] = job.error or {"code": "moderation_blocked", "message": "Blocked by our moderation system."}
    if word == "completed":
        document["expires_at"] = int(time.time()) + (-60 if job.state == "expired" else 3600)
    return document


def _let_in(asked: Asked) -> Reply | None:
    if asked.match[1]:
        return None
    header = asked.headers.get("authorization", "")
    if not header:
        return _error(401, "You didn't provide an API key.")
    if header != f"Bearer {KEY}":
        return _error(401, f"Incorrect API key provided: {header.removeprefix('Bearer ')}.", code="invalid_api_key")
    return None


def _missing(fields: Mapping[str, Any], *wanted: str) -> Reply | None:
    for name in wanted:
        if not fields.get(name):
            words = f"Missing required parameter: '{name}'."
            return _error(400, words, code="missing_required_parameter", param=name)
    return None


def _error(status: int, message: str, *, code: str | None = None, param: str | None = None) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return Reply({"error": error}, status, {"x-request-id": "req_fake"})


def _texts(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")


def _pictures(content: Any) -> list[str]:
    return [] if isinstance(content, str) else [part["image_url"]["url"] for part in content if "image_url" in part]


def _is_picture(url: str) -> bool:
    head, _, text = url.partition(";base64,")
    try:
        return head.startswith("data:image/") and bool(_opens(base64.b64decode(text, validate=True)))
    except binascii.Error:
        return False


def _opens(data: bytes) -> str:
    """A picture's size; empty for what is none."""
    try:
        with Image.open(BytesIO(data)) as picture:
            return f"{picture.width}x{picture.height}"
    except OSError:
        return ""


if __name__ == "__main__":
    OpenAiLike().serve()
