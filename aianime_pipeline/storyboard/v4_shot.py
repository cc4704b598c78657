"""One shot of a storyboard_ai_v4 file as a `Shot`, with what a person should know about it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from aianime_pipeline.errors import BadDurationError, MissingDescriptionError, StoryboardFormatError
from aianime_pipeline.screenplay.model import Interior, TimeOfDay
from aianime_pipeline.storyboard import v4_layout as layout
from aianime_pipeline.storyboard.model import DEFAULT_WANTS, Priority, Shot, Want
from aianime_pipeline.storyboard.planning.people import is_narrator, names_in
from aianime_pipeline.storyboard.v4_dialogue import Line, is_no_line, read_line, role_names
from aianime_pipeline.storyboard.vocabulary import recognise_camera_move, recognise_framing, recognise_transition

LONGEST_SHOT_MS = 60_000
LARGEST_NUMBER = 99_999


@dataclass(frozen=True)
class FileContext:
    """What a shot's reading needs of the rest of its file."""

    names: Collection[str]
    """Names of people anywhere in the file, in order of appearance."""
    negative_prompt: str


def read_shot(entry: Mapping[str, Any], position: int, context: FileContext) -> Shot:
    """The shot in `entry`, the `position`th of the list; its remarks are in `warnings`.

    Raises StoryboardFormatError, MissingDescriptionError or BadDurationError, each naming the shot.
    """
    warnings: list[str] = []
    number = shot_number(entry, position)
    where = f"Shot {number} (position {position})"
    line = line_of(entry, where, context.names)
    warnings += _speaker_warnings(line)
    framing_text = layout.text_of(entry, layout.FRAMING, where)
    camera_text = layout.text_of(entry, layout.CAMERA, where)
    description = _description(entry, where, number)
    blocking = layout.text_of(entry, layout.BLOCKING, where)
    planning = layout.object_of(entry, layout.PLANNING, where)
    return Shot(
        number=number,
        duration_ms=_duration_ms(entry, where, number, warnings),
        framing=_recognised(recognise_framing(framing_text), framing_text, "景别", warnings),
        camera_move=_recognised(recognise_camera_move(camera_text), camera_text, "运镜方式", warnings),
        description=description,
        framing_text=framing_text,
        camera_text=camera_text,
        blocking=blocking,
        dialogue=line.text,
        speakers=line.speakers,
        voice_over=line.voice_over,
        emotion=_emotion(layout.text_of(entry, layout.EMOTION, where), line),
        transition=_transition(entry, where, warnings),
        prompt=prompt_of(entry, where) or description,
        negative_prompt=negative_of(entry, where) or context.negative_prompt,
        scene=layout.text_of(planning, ("场次",), where),
        place=layout.text_of(planning, ("地点",), where),
        time_of_day=_one_of(planning, "时间", get_args(TimeOfDay), where),
        interior=_one_of(planning, "内外", get_args(Interior), where),
        characters=_characters(entry, planning, line, f"{blocking}\n{description}", context, where),
        props=layout.texts_of(planning, ("道具",), where) or (),
        priority=_priority(entry, where, warnings),
        wants=_wants(entry, where, warnings),
        note=layout.text_of(entry, layout.NOTE, where),
        warnings=tuple(warnings),
        extra=dict(entry),
    )


def shot_number(entry: Mapping[str, Any], position: int) -> int:
    """The 镜号: a whole number, also as `3.0` or `"03"`."""
    value = layout.get(entry, layout.NUMBER)
    if value is None:
        raise StoryboardFormatError(
            f"The shot at position {position} has no 镜号; give every shot a whole number, from 1.", position=position
        )
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_NUMBER:
        raise StoryboardFormatError(
            f"The shot at position {position} has 镜号 {value!r}; it must be a whole number, from 1.", position=position
        )
    return value


def line_of(entry: Mapping[str, Any], where: str, names: Collection[str]) -> Line:
    """The shot's dialogue: its 台词, or where that is empty the text of an enabled 音频.VO."""
    role = role_text(entry, where)
    voice = layout.object_of(layout.object_of(entry, "音频", where), "VO", where)
    text = layout.text_of(entry, layout.DIALOGUE, where)
    if is_no_line(text) and voice.get("启用") is True:
        text = layout.text_of(voice, ("台词",), where)
    line = read_line(text, role, names)
    over = layout.text_of(voice, ("类型",), where).upper() in {"OS", "旁白", "画外音", "内心独白", "独白"}
    return Line(line.speakers, line.text, line.voice_over or (over and bool(line.text)), line.manner)


def _speaker_warnings(line: Line) -> list[str]:
    if line.text and not line.speakers:
        return ["台词 has no speaker; name one in 角色, so that a voice can be chosen."]
    if "\n" in line.text and len(line.speakers) > 1:
        return [f"{'、'.join(line.speakers)} have a line each in one shot; split it to give each their own voice."]
    return []


def role_text(entry: Mapping[str, Any], where: str) -> str:
    """The 角色 field; a list of names is as good as `甲/乙`."""
    if isinstance(layout.get(entry, layout.ROLE), list):
        return "/".join(layout.texts_of(entry, layout.ROLE, where) or ())
    return layout.text_of(entry, layout.ROLE, where)


def prompt_of(entry: Mapping[str, Any], where: str) -> str:
    """图像.提示词, else AI提示词; empty where both are."""
    image = layout.object_of(entry, "图像", where)
    return layout.text_of(image, layout.IMAGE_PROMPT, where) or layout.text_of(entry, layout.PROMPT, where)


def negative_of(entry: Mapping[str, Any], where: str) -> str:
    """图像.反向提示词, else 反向提示词; empty where both are."""
    image = layout.object_of(entry, "图像", where)
    return layout.text_of(image, layout.NEGATIVE, where) or layout.text_of(entry, layout.NEGATIVE, where)


def _description(entry: Mapping[str, Any], where: str, number: int) -> str:
    description = layout.text_of(entry, layout.DESCRIPTION, where)
    if not description:
        raise MissingDescriptionError(f"{where} has no 画面描述; write what is seen in it.", shot=number)
    return description


def _duration_ms(entry: Mapping[str, Any], where: str, number: int, warnings: list[str]) -> int:
    value = layout.get(entry, layout.DURATION)
    if isinstance(value, str):
        try:
            seconds = float(value.strip().rstrip("秒sS "))
        except ValueError:
            raise bad_duration(where, number, value) from None
        warnings.append(f"时长 is the text “{value}”; read as {seconds:g} seconds.")
        value = seconds
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise bad_duration(where, number, value)
    return duration_ms(value, where, number)


def duration_ms(seconds: float, where: str, number: int) -> int:
    """Milliseconds of `seconds`; BadDurationError unless over 0 and at most a minute (NaN is neither)."""
    if not 0 < seconds <= LONGEST_SHOT_MS / 1000 or round(seconds * 1000) == 0:
        raise bad_duration(where, number, seconds)
    return round(seconds * 1000)


def bad_duration(where: str, number: int, value: object) -> BadDurationError:
    found = "is missing" if value is None else f"is {value}"
    longest = LONGEST_SHOT_MS // 1000
    return BadDurationError(
        f"{where}: the duration {found}; it must be a number of seconds over 0 and at most {longest}.", shot=number
    )


def _recognised(found: Any, text: str, name: str, warnings: list[str]) -> Any:
    if text and not found.recognised:
        warnings.append(f"{name} “{text}” is not a word we know; it is kept, and counts as {found.value.value}.")
    return found.value


def _transition(entry: Mapping[str, Any], where: str, warnings: list[str]) -> Any:
    text = layout.text_of(entry, layout.TRANSITION, where)
    return _recognised(recognise_transition(text), text, "转场方式", warnings)


def _emotion(written: str, line: Line) -> str:
    if not written or not line.manner or line.manner in written:
        return written or line.manner
    return f"{written}，{line.manner}"


def _characters(
    entry: Mapping[str, Any],
    planning: Mapping[str, Any],
    line: Line,
    seen: str,
    context: FileContext,
    where: str,
) -> tuple[str, ...]:
    """Who is in the picture: as listed, else those of 角色 and whom blocking and description name.

    Somebody heard over a picture that names only others is not in it.
    """
    listed = layout.texts_of(planning, ("出场角色",), where)
    if listed is not None:
        return listed
    named = names_in(seen, context.names)
    roles = tuple(name for name in (*line.speakers, *role_names(role_text(entry, where))) if not is_narrator(name))
    if line.voice_over and named:
        roles = tuple(name for name in roles if name in named)
    return tuple(dict.fromkeys(name for name in (*roles, *named) if not is_narrator(name)))


def _priority(entry: Mapping[str, Any], where: str, warnings: list[str]) -> Priority:
    text = layout.text_of(entry, layout.PRIORITY, where)
    for priority in get_args(Priority):
        if text.upper().startswith(priority):
            found: Priority = priority
            return found
    if text:
        warnings.append(f"优先级 “{text}” is none of P0, P1, P2; it is kept, and counts as P1.")
    return "P1"


def _wants(entry: Mapping[str, Any], where: str, warnings: list[str]) -> frozenset[Want]:
    """From 生成任务; where that is missing or empty, all the usual ones but those that are switched off."""
    tasks = layout.texts_of(entry, layout.TASKS, where)
    if not tasks:
        audio = layout.object_of(entry, "音频", where)
        switches: tuple[tuple[Want, Mapping[str, Any]], ...] = (
            ("image", layout.object_of(entry, "图像", where)),
            ("video", layout.object_of(entry, "视频", where)),
            ("voice", layout.object_of(audio, "VO", where)),
        )
        return DEFAULT_WANTS - {want for want, settings in switches if settings.get("启用") is False}
    unknown = [task for task in tasks if task.strip().lower() not in layout.WANT_OF_TASK]
    if unknown:
        warnings.append(f"生成任务 {'、'.join(unknown)} is not a task we know; it is kept, and nothing is made for it.")
    return frozenset(layout.WANT_OF_TASK[task.strip().lower()] for task in tasks if task not in unknown)


def _one_of(planning: Mapping[str, Any], name: str, allowed: tuple[str, ...], where: str) -> Any:
    text = layout.text_of(planning, (name,), where)
    if text and text not in allowed:
        raise StoryboardFormatError(f"{where}: {layout.PLANNING}.{name} is “{text}”; it must be one of {allowed}.")
    return text or None
