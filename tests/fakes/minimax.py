"""A fake MiniMax: speech, pictures and clips by both video interfaces, with the vendor's forms and small real files.

It charges 200 micros for a character (a Chinese one counts as two, as in the vendor's own bill), 25,000 for a picture
and 2,000,000 for a clip. The price table that comes to the same: per_1k_characters = "0.2", per_image = "0.025",
per_request = "2" for clips.
"""

import base64
import io
import math
import re
import struct
import tempfile
import uuid
import wave
from pathlib import Path
from typing import Any, ClassVar

from PIL import Image

from aianime_pipeline.film.ffmpeg import run_ffmpeg
from fakes.clips import clip
from fakes.vendor import Asked, FakeVendor, Job, Reply

KEY = "fake-minimax-key"

MICROS_PER_CHARACTER = 200
MICROS_PER_IMAGE = 25_000
MICROS_PER_CLIP = 2_000_000

MILLISECONDS_PER_CHARACTER = 90
EMOTIONS = ("happy", "sad", "angry", "fearful", "disgusted", "surprised", "calm", "fluent")
RATIOS = ("1:1", "16:9", "4:3", "3:2", "2:3", "3:4", "9:16", "21:9")
CLIP_SIZE = (192, 108)

_DATA_URL = re.compile(r"data:image/(png|jpeg);base64,.+", re.DOTALL)
_WORDS = {"queued": "Queueing", "running": "Processing", "succeeded": "Success", "failed": "Fail"}
_OK = {"status_code": 0, "status_msg": "success"}
_LOGIN = "login fail: Please carry the API secret key in the 'Authorization' field of the request header"


class MiniMax(FakeVendor):
    name: ClassVar[str] = "minimax"
    routes: ClassVar[tuple[tuple[str, str, str, str], ...]] = (
        ("POST", r"/v1/t2a_v2", "submit", "speech"),
        ("POST", r"/v1/image_generation", "submit", "image"),
        ("POST", r"/v1/video_generation", "submit", "video_v1"),
        ("POST", r"/v2/video_generation", "submit", "video_v2"),
        ("GET", r"/v1/query/video_generation", "poll", "query_v1"),
        ("GET", r"/v2/query/video_generation/(\w+)", "poll", "query_v2"),
        ("GET", r"/v1/files/retrieve", "free", "retrieve"),
    )

    def speech(self, asked: Asked) -> Reply:
        body, setting = asked.body, asked.body.get("voice_setting", {})
        audio = body.get("audio_setting", {})
        wrong = (
            _unauthorised(asked)
            or _missing(body, "model", "text")
            or _missing(setting, "voice_id")
            or _one_of("emotion", setting.get("emotion", "calm"), EMOTIONS)
            or _one_of("format", audio.get("format", "mp3"), ("wav", "mp3", "flac"))
        )
        if wrong:
            return wrong
        characters = sum(2 if ord(character) >= 0x2E80 else 1 for character in body["text"])
        milliseconds = round(characters * MILLISECONDS_PER_CHARACTER / setting.get("speed", 1))
        self.charge(uuid.uuid4().hex, characters * MICROS_PER_CHARACTER, body)
        sound = _encoded(_tone(milliseconds, audio.get("sample_rate", 32_000)), audio.get("format", "mp3"))
        return Reply(
            {
                "data": {"audio": sound.hex(), "status": 2},
                "extra_info": {
                    "audio_length": milliseconds,
                    "audio_sample_rate": audio.get("sample_rate", 32_000),
                    "audio_size": len(sound),
                    "word_count": len(body["text"]),
                    "usage_characters": characters,
                    "audio_format": audio.get("format", "mp3"),
                    "audio_channel": 1,
                },
                "trace_id": uuid.uuid4().hex,
                "base_resp": _OK,
            }
        )

    def image(self, asked: Asked) -> Reply:
        body = asked.body
        references = body.get("subject_reference", [])
        wrong = (
            _unauthorised(asked)
            or _missing(body, "model", "prompt")
            or _one_of("aspect_ratio", body.get("aspect_ratio", "1:1"), RATIOS)
        )
        if wrong:
            return wrong
        if any(side % 8 or not 512 <= side <= 2048 for side in (body.get("width", 512), body.get("height", 512))):
            return _v1(2013, "invalid params, width and height must be multiples of 8 from 512 to 2048")
        if any(not _DATA_URL.fullmatch(one.get("image_file", "")) for one in references):
            return _v1(2013, "invalid params, image_file")
        self.charge(uuid.uuid4().hex, MICROS_PER_IMAGE, body)
        across, down = (int(part) for part in body.get("aspect_ratio", "1:1").split(":"))
        size = (body["width"], body["height"]) if "width" in body else (across * 40, down * 40)
        with io.BytesIO() as file:
            Image.new("RGB", size, (body.get("seed", 0) % 256, 120, 90)).save(file, "PNG")
            picture = file.getvalue()
        found = (
            {"image_base64": [base64.b64encode(picture).decode()]}
            if body.get("response_format") == "base64"
            else {"image_urls": [self.keep_file(picture, "image/png")]}
        )
        counts = {"success_count": "1", "failed_count": "0"}
        return Reply({"id": uuid.uuid4().hex, "data": found, "metadata": counts, "base_resp": _OK})

    def video_v1(self, asked: Asked) -> Reply:
        body = asked.body
        frame = body.get("first_frame_image", "")
        wrong = _unauthorised(asked) or _missing(body, "model", "prompt")
        if wrong:
            return wrong
        if frame and not _DATA_URL.fullmatch(frame):
            return _v1(2013, "invalid params, first_frame_image")
        if (body.get("resolution"), body.get("duration")) not in (("768P", 6), ("768P", 10), ("1080P", 6)):
            return _v1(2013, "invalid params, duration is not offered at this resolution")
        job = self.begin(body, MICROS_PER_CLIP)
        return Reply({"task_id": job.id, "base_resp": _OK})

    def query_v1(self, asked: Asked) -> Reply:
        wrong = _unauthorised(asked)
        job = self.jobs.get(asked.query.get("task_id", ""))
        if wrong or job is None or job.state == "expired":
            return wrong or _v1(2013, "invalid params, invalid task_id")
        self.settle(job)
        said: dict[str, Any] = {"task_id": job.id, "status": _WORDS.get(job.state, "Polishing"), "base_resp": _OK}
        if job.state == "failed":
            code = int(job.error.get("code", 0))
            said["base_resp"] = {"status_code": code, "status_msg": job.error.get("message", "success")}
        if job.state == "succeeded":
            said |= {"file_id": job.id, "video_width": CLIP_SIZE[0], "video_height": CLIP_SIZE[1]}
        return Reply(said)

    def retrieve(self, asked: Asked) -> Reply:
        wrong = _unauthorised(asked)
        job = self.jobs.get(asked.query.get("file_id", ""))
        if wrong or job is None:
            return wrong or _v1(2013, "invalid params, file_id")
        file = {"file_id": 1, "filename": "output.mp4", "purpose": "video_generation", "download_url": self._kept(job)}
        return Reply({"file": file, "base_resp": _OK})

    def video_v2(self, asked: Asked) -> Reply:
        body = asked.body
        if _unauthorised(asked):
            return _v2(401, "authorized_error", f"{_LOGIN} (1004)")
        texts = [one.get("text") for one in body.get("content", []) if one.get("type") == "text"]
        pictures = [one for one in body.get("content", []) if one.get("type") == "image_url"]
        if not body.get("model") or not any(texts):
            return _v2(400, "bad_request_error", "invalid params, content must include a non-empty text item (2013)")
        if any(not _DATA_URL.fullmatch(one["image_url"]["url"]) for one in pictures):
            return _v2(400, "bad_request_error", "invalid params, image_url (2013)")
        if not 5 <= body.get("duration", 0) <= 15:
            return _v2(400, "bad_request_error", "invalid params, duration (2013)")
        return Reply({"task_id": self.begin(body, MICROS_PER_CLIP).id})

    def query_v2(self, asked: Asked) -> Reply:
        job = self.jobs.get(asked.match[1])
        if _unauthorised(asked):
            return _v2(401, "authorized_error", f"{_LOGIN} (1004)")
        if job is None or job.state == "expired":
            return _v2(400, "bad_request_error", "invalid task_id (2013)")
        self.settle(job)
        task: dict[str, Any] = {"id": job.id, "model": job.request["model"], "status": job.state}
        if job.state == "unknown":
            task["status"] = "polishing"
        if job.state == "failed":
            task["error"] = job.error
        if job.state == "succeeded":
            seconds = job.request["duration"]
            usage = {"total_seconds": seconds, "input_seconds": 0, "output_seconds": seconds, "input_image_count": 1}
            task |= {"content": {"url": self._kept(job)}, "duration": seconds, "usage": usage, "modality": "video"}
        return Reply({"task": task})

    def _kept(self, job: Job) -> str:
        """The clip's address, the same each time."""
        with self.lock:
            known = job.facts.get("url")
        if known is None:
            known = self.keep_file(clip(*CLIP_SIZE, job.request["duration"] * 24), "video/mp4")
            job.facts["url"] = known
        return str(known)


def _unauthorised(asked: Asked) -> Reply | None:
    return None if asked.headers.get("authorization") == f"Bearer {KEY}" else _v1(1004, _LOGIN)


def _missing(found: dict[str, Any], *names: str) -> Reply | None:
    missing = next((name for name in names if not found.get(name)), None)
    return _v1(2013, f"invalid params, {missing} is required") if missing else None


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> Reply | None:
    return None if value in allowed else _v1(2013, f"invalid params, {name} {value!r}")


def _v1(code: int, message: str) -> Reply:
    return Reply({"base_resp": {"status_code": code, "status_msg": message}})


def _v2(status: int, kind: str, message: str) -> Reply:
    error = {"type": kind, "message": message, "http_code": str(status)}
    return Reply({"type": "error", "error": error, "request_id": uuid.uuid4().hex}, status)


def _tone(milliseconds: int, rate: int) -> bytes:
    count = milliseconds * rate // 1000
    samples = (int(8_000 * math.sin(2 * math.pi * 220 * index / rate)) for index in range(count))
    with io.BytesIO() as file:
        with wave.open(file, "wb") as written:
            written.setnchannels(1)
            written.setsampwidth(2)
            written.setframerate(rate)
            written.writeframes(struct.pack(f"<{count}h", *samples))
        return file.getvalue()


def _encoded(sound: bytes, form: str) -> bytes:
    if form == "wav":
        return sound
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "tone.wav", Path(folder) / f"tone.{form}"
        source.write_bytes(sound)
        run_ffmpeg(["-i", str(source), str(made)])
        return made.read_bytes()


if __name__ == "__main__":
    MiniMax().serve()
