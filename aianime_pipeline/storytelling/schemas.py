"""The answers that are asked for, as pydantic models. Strict towards the model in the schema, lenient in reading.

Words that are nearly ours are taken as ours (`close-up`, `特写`, `夜晚`); what is missing but not needed is empty; what
is too much is passed over.
"""

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from aianime_pipeline.screenplay import times
from aianime_pipeline.screenplay.model import BLOCK_TYPES, BlockType, Interior, TimeOfDay
from aianime_pipeline.storyboard.model import CameraMove, Framing, Transition
from aianime_pipeline.storyboard.vocabulary import recognise_camera_move, recognise_framing, recognise_transition

Gender = Literal["female", "male", "other"]

_BLOCK_WORDS: dict[str, BlockType] = {
    **dict.fromkeys(("voice_over", "voiceover", "vo", "narration", "thought", "旁白", "独白", "画外音"), "os"),
    **dict.fromkeys(("dialog", "speech", "line", "对白", "对话", "台词"), "dialogue"),
    **dict.fromkeys(("动作", "description", "scene"), "action"),
    **dict.fromkeys(("特写", "close_up", "close-up", "insert"), "closeup"),
    **dict.fromkeys(("字幕", "caption", "sound", "transition", "flashback"), "direction"),
}
_GENDER_WORDS: dict[str, Gender] = {
    **dict.fromkeys(("女", "女性", "f", "woman", "girl"), "female"),
    **dict.fromkeys(("男", "男性", "m", "man", "boy"), "male"),
}


def _words(value: Any) -> Any:
    """No text is an empty one, and a number is its digits."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _several(value: Any) -> Any:
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, str | int) else value


def _block_type(value: Any) -> Any:
    word = str(value).strip().lower()
    return word if word in BLOCK_TYPES else _BLOCK_WORDS.get(word, value)


def _time_of_day(value: Any) -> Any:
    if not isinstance(value, str) or value in get_args(TimeOfDay):
        return value
    return times.time_of_day(value)


def _interior(value: Any) -> Any:
    if not isinstance(value, str) or value in get_args(Interior):
        return value
    return times.interior(value)


def _gender(value: Any) -> Any:
    if not isinstance(value, str) or value in get_args(Gender):
        return value
    return _GENDER_WORDS.get(
        value.strip().lower(), None if value.strip().lower() in ("", "unknown", "未知") else "other"
    )


def _age(value: Any) -> Any:
    """`22岁`, `about 40`."""
    if not isinstance(value, str):
        return value
    found = re.search(r"\d{1,3}", value)
    return int(found[0]) if found else None


def _framing(value: Any) -> Any:
    found = recognise_framing(value) if isinstance(value, str) else None
    return found.value if found is not None and found.recognised else value


def _camera_move(value: Any) -> Any:
    found = recognise_camera_move(value) if isinstance(value, str) else None
    return found.value if found is not None and found.recognised else value


def _transition(value: Any) -> Any:
    if value is None or value == "":
        return Transition.CUT
    found = recognise_transition(value) if isinstance(value, str) else None
    return found.value if found is not None and found.recognised else value


Words = Annotated[str, BeforeValidator(_words)]
Names = Annotated[tuple[Words, ...], BeforeValidator(_several)]
Numbers = Annotated[tuple[int, ...], BeforeValidator(_several)]


class _Answered(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True, allow_inf_nan=False)


class FigureAnswer(_Answered):
    name: Words = Field(min_length=1)
    aliases: Names = ()


class BlockAnswer(_Answered):
    type: Annotated[BlockType, BeforeValidator(_block_type)]
    text: Words = Field(min_length=1)
    speaker: Words = Field("", description="only for dialogue and os")
    emotion: Words = ""


class SceneAnswer(_Answered):
    continues_last_scene: bool = False
    heading: Words = Field("", description="such as 夜 外 渡口, or EXT. FERRY - NIGHT")
    place: Words = Field(min_length=1)
    time_text: Words = Field("", description="the time of day in the story's own words")
    time_of_day: Annotated[TimeOfDay | None, BeforeValidator(_time_of_day)] = None
    interior: Annotated[Interior | None, BeforeValidator(_interior)] = None
    characters: Names = Field((), description="who is there")
    blocks: tuple[BlockAnswer, ...] = Field(min_length=1)
    summary: Words = ""


class ScenesAnswer(_Answered):
    """A piece of prose as scenes."""

    title: Words = Field("", description="of the chapter, where the prose has one")
    figures: tuple[FigureAnswer, ...] = ()
    scenes: tuple[SceneAnswer, ...] = Field(min_length=1)


class CharacterAnswer(_Answered):
    name: Words = Field(min_length=1)
    aliases: Names = ()
    appearance: Words = ""
    gender: Annotated[Gender | None, BeforeValidator(_gender)] = None
    age: Annotated[int | None, BeforeValidator(_age)] = Field(None, description="years")


class ThingAnswer(_Answered):
    name: Words = Field(min_length=1)
    appearance: Words = ""


class CastAnswer(_Answered):
    """Who and what some scenes show."""

    characters: tuple[CharacterAnswer, ...] = ()
    locations: tuple[ThingAnswer, ...] = ()
    props: tuple[ThingAnswer, ...] = ()


class ShotAnswer(_Answered):
    shows: Numbers = Field((), description="numbers of the action, closeup and direction items that are seen")
    speaks: Numbers = Field((), description="numbers of the dialogue and os items that are heard")
    seconds: float
    framing: Annotated[Framing, BeforeValidator(_framing)]
    camera_move: Annotated[CameraMove, BeforeValidator(_camera_move)]
    description: Words = Field(min_length=1)
    characters: Names = ()
    speaker: Words | None = None
    emotion: Words = ""
    props: Names = ()
    prompt: Words = Field(min_length=1)
    negative_prompt: Words = ""
    transition: Annotated[Transition, BeforeValidator(_transition)] = Transition.CUT


class BoardAnswer(_Answered):
    """The shots of a scene, in order."""

    shots: tuple[ShotAnswer, ...] = Field(min_length=1)
