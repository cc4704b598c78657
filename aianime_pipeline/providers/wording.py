"""What a vendor is told of a request in words and pictures: prompt, references by importance, voice. Pure.

Vendors read text and a few pictures. What our requests hold in structured form is put into words here, once for all
adapters, so that every vendor is told the same of a shot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aianime_pipeline.providers.capabilities import (
    AssetBrief,
    ImageRequest,
    PictureBrief,
    SpeechRequest,
    VideoRequest,
)

_KIND_WORDS = {"character": "the character", "location": "the place", "prop": "the prop"}


@dataclass(frozen=True)
class Reference:
    """A picture that shows how something looks, as the prompt calls it."""

    path: Path
    kind: str
    name: str


def references(request: ImageRequest, most: int) -> tuple[Reference, ...]:
    """The reference pictures of a shot, the most important first, at most `most`: the speaker, the other characters in
    their order, the place, the props. An asset's own sheet has none."""
    brief = request.subject
    if isinstance(brief, AssetBrief):
        return ()
    characters = sorted(brief.characters, key=lambda one: one.name != brief.speaker)
    ordered = [*characters, *([brief.location] if brief.location is not None else []), *brief.props]
    found = [Reference(one.reference, one.kind, one.name) for one in ordered if one.reference is not None]
    return tuple(found[: max(0, most)])


def image_prompt(request: ImageRequest, shown: tuple[Reference, ...] = ()) -> str:
    """The picture in words: style, what is seen, who and what is in it and how that looks, which reference is what,
    and what a reviewer said of the take before. What the prompt says already is not said twice."""
    parts = [request.style if request.style not in request.prompt else "", request.prompt]
    brief = request.subject
    if isinstance(brief, PictureBrief):
        pictured = {one.name for one in shown}
        place = [brief.location] if brief.location is not None else []
        parts += [
            f"{one.name}: {one.description}"
            for one in (*brief.characters, *place, *brief.props)
            if one.description and one.name not in pictured and one.description not in request.prompt
        ]
        if brief.emotion not in request.prompt:
            parts.append(brief.emotion)
    for number, one in enumerate(shown, start=1):
        parts.append(
            f"Reference image {number} is {_KIND_WORDS.get(one.kind, one.kind)} {one.name}: keep the same look"
        )
    return _with_feedback(parts, request.feedback)


def video_prompt(request: VideoRequest) -> str:
    """The clip in words: what happens, how the camera moves, and what a reviewer said of the take before."""
    move = request.camera_move.value
    parts = [request.prompt, "" if move == "hold" else f"camera: {move.replace('_', ' ')}"]
    return _with_feedback(parts, request.feedback)


def wanted_seconds(request: VideoRequest) -> float:
    return float(request.frames / request.rate)


def seconds_offered(wanted: float, offered: tuple[int, ...]) -> int:
    """The shortest clip that is long enough, or the longest there is: the film holds the last frame for the rest.
    `wanted` and `offered` in seconds, one at least; what is missing by less than a frame or so is not missed."""
    return min((seconds for seconds in sorted(offered) if seconds >= wanted - 0.05), default=max(offered))


def voice_of(request: SpeechRequest, voices: Mapping[str, Any]) -> str:
    """The vendor's voice for a line, by the configuration's table: the speaker's own name, else gender and age
    (`female-young`), else gender, else `default`. Empty where the table has none of them."""
    gender, age = str(request.voice.get("gender", "")), str(request.voice.get("age", ""))
    for name in (request.speaker, f"{gender}-{age}" if gender and age else "", gender, "default"):
        if name and name in voices:
            return str(voices[name])
    return ""


def _with_feedback(parts: list[str], feedback: str) -> str:
    said = [ended for part in parts if (ended := part.strip().rstrip(".。").rstrip())]
    if told := feedback.strip().rstrip(".。"):
        said.append(f"The take before was rejected, mend this: {told}")
    return ". ".join(said)
