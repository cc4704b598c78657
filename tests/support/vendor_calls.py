"""Requests as a shot makes them, for tests of adapters, and the pictures that go with them."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

from aianime_pipeline.providers.capabilities import (
    AssetBrief,
    Capability,
    ImageRequest,
    PictureBrief,
    SpeechRequest,
    VideoRequest,
)
from aianime_pipeline.providers.vendor import Call, Model, VendorRequest
from aianime_pipeline.storyboard.model import CameraMove, Framing


def picture(folder: Path, name: str, size: tuple[int, int] = (640, 360), colour: str = "navy") -> Path:
    path = folder / name
    Image.new("RGB", size, colour).save(path)
    return path


def call(
    request: VendorRequest, vendor_name: str, options: dict[str, Any] | None = None, request_id: str = "ours-1"
) -> Call:
    capabilities = {
        ImageRequest: Capability.IMAGE,
        VideoRequest: Capability.VIDEO,
        SpeechRequest: Capability.SPEECH,
    }
    capability = capabilities.get(type(request), Capability.TEXT)
    return Call(Model("vendor/model", "vendor", capability, vendor_name, options or {}), request, request_id)


def image_request(references: Sequence[tuple[str, str, Path | None]] = (), **more: Any) -> ImageRequest:
    """`references`: kind, name and picture of who and what is seen."""
    briefs = [AssetBrief(kind, name, f"{name}'s look", reference=path) for kind, name, path in references]  # type: ignore[arg-type]
    brief = PictureBrief(
        "Two people at a table",
        Framing.MEDIUM,
        characters=tuple(one for one in briefs if one.kind == "character"),
        location=next((one for one in briefs if one.kind == "location"), None),
        props=tuple(one for one in briefs if one.kind == "prop"),
        speaker=more.pop("speaker", None),
    )
    given = {"width": 1280, "height": 720, "seed": 7, "prompt": "Two people at a table", "subject": brief}
    return ImageRequest(**given | more)


def video_request(first_frame: Path, seconds: Fraction | int = 4, **more: Any) -> VideoRequest:
    given = {
        "width": 1280,
        "height": 720,
        "frames": int(24 * seconds),
        "rate": Fraction(24),
        "seed": 7,
        "prompt": "She turns to the window",
        "first_frame": first_frame,
        "camera_move": CameraMove.PUSH,
    }
    return VideoRequest(**given | more)


def speech_request(text: str = "今晚的月亮真圆。", **more: Any) -> SpeechRequest:
    voice = {"gender": "female", "age": "young"}
    return SpeechRequest(**{"text": text, "language": "zh", "voice": voice, "speaker": "阿月"} | more)
