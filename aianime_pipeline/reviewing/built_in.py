"""The built-in reviewer, which needs no key: the technical look, and then the likeness."""

from collections.abc import Sequence
from pathlib import Path

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.reviewing.clips import look_at_clip
from aianime_pipeline.reviewing.likeness import LIKENESS, Reference, judge_picture_likeness, judge_video_likeness
from aianime_pipeline.reviewing.opinion import Opinion, Verdict, not_judged, together
from aianime_pipeline.reviewing.pictures import Pixels, read_picture
from aianime_pipeline.reviewing.technical import Wanted, judge_picture, judge_video, judge_voice, unreadable
from aianime_pipeline.reviewing.voices import listen_to

ReferenceFile = tuple[str, str, Path]
"""Kind (character, location or prop), name and picture."""


def review_picture(path: Path, wanted: Wanted, references: Sequence[ReferenceFile]) -> tuple[Opinion, bool]:
    """What it says, and whether that is final: a technical reject is, and nobody else needs to be asked."""
    try:
        pixels = read_picture(path)
    except UnreadableMediaError as error:
        return together(unreadable(error)), True
    technical = judge_picture(pixels, wanted)
    if technical.verdict is Verdict.REJECT:
        return together(technical), True
    try:
        sheets = [Reference(kind, name, read_picture(picture)) for kind, name, picture in references]
    except UnreadableMediaError as error:
        return together(technical, not_judged(LIKENESS, error.message)), False
    return together(technical, judge_picture_likeness(pixels, sheets)), False


def review_video(path: Path, wanted: Wanted, image: Path | None) -> tuple[Opinion, bool]:
    """`image` is the shot's image. Returns as `review_picture`."""
    try:
        look, sound = look_at_clip(path), listen_to(path)
    except UnreadableMediaError as error:
        return together(unreadable(error)), True
    before: Pixels | None = None
    likeness: list[Opinion] = []
    try:
        before = read_picture(image) if image is not None else None
    except UnreadableMediaError as error:
        likeness = [not_judged(LIKENESS, error.message)]
    technical = judge_video(look, wanted, before, sound)
    if technical.verdict is Verdict.REJECT:
        return together(technical), True
    if before is not None:
        likeness = [judge_video_likeness(look, before)]
    return together(technical, *likeness), False


def review_voice(path: Path, text: str) -> Opinion:
    """`text` is what is to be spoken."""
    try:
        look = listen_to(path)
    except UnreadableMediaError as error:
        return together(unreadable(error))
    return together(judge_voice(look, text))
