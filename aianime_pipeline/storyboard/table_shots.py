"""One row of a storyboard's CSV as a `Shot`; what is wrong names its line and column."""

from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from aianime_pipeline.errors import BadDurationError, MissingDescriptionError, StoryboardFormatError
from aianime_pipeline.storyboard.model import (
    DEFAULT_WANTS,
    CameraMove,
    Framing,
    Priority,
    Shot,
    StoryboardNotice,
    Transition,
    Want,
)
from aianime_pipeline.storyboard.table_cells import read_names, read_word
from aianime_pipeline.storyboard.table_columns import INTERIOR_WORDS, NO_WORDS, TIME_WORDS, WANTS_NOTHING, YES_WORDS
from aianime_pipeline.storyboard.table_rows import Row
from aianime_pipeline.storyboard.v4_dialogue import read_line
from aianime_pipeline.storyboard.v4_layout import WANT_OF_TASK
from aianime_pipeline.storyboard.v4_shot import LARGEST_NUMBER, LONGEST_SHOT_MS
from aianime_pipeline.storyboard.vocabulary import recognise_camera_move, recognise_framing, recognise_transition

Value = TypeVar("Value")


def read_row(row: Row) -> Shot:
    """The shot in `row`; what is odd in it becomes a notice of the row."""
    number = _number(row)
    framing, framing_text = _framing(row, number)
    camera_move, camera_text = _camera_move(row, number)
    description = row.text("description")
    if not description.strip():
        raise MissingDescriptionError(
            f"{row.where('description')}: shot {number} has none; write what is seen in it.", line=row.line
        )
    speakers, dialogue, voice_over = _dialogue(row)
    return Shot(
        number=number,
        duration_ms=_duration_ms(row),
        framing=framing,
        camera_move=camera_move,
        description=description,
        framing_text=framing_text,
        camera_text=camera_text,
        blocking=row.text("blocking"),
        dialogue=dialogue,
        speakers=speakers,
        voice_over=voice_over,
        emotion=row.text("emotion"),
        transition=_transition(row, number),
        prompt=row.text("prompt"),
        negative_prompt=row.text("negative_prompt"),
        scene=row.text("scene"),
        place=row.text("place"),
        time_of_day=_one_of(row, "time_of_day", TIME_WORDS) if row.word("time_of_day") else None,
        interior=_one_of(row, "interior", INTERIOR_WORDS) if row.word("interior") else None,
        characters=read_names(row.cells.get("characters", "")),
        props=read_names(row.cells.get("props", "")),
        priority=_priority(row),
        wants=_wants(row),
        note=row.text("note"),
    )


def _dialogue(row: Row) -> tuple[tuple[str, ...], str, bool]:
    """Speakers, words, voice-over. Without a speaker column the speaker may stand before the line: `林夏os：……`."""
    if "speaker" not in row.cells:
        line = read_line(row.text("dialogue"), "", ())
        return line.speakers, line.text, line.voice_over
    voice_over = _one_of(row, "voice_over", YES_WORDS | NO_WORDS)
    return read_names(row.cells["speaker"]), row.text("dialogue"), voice_over


def _number(row: Row) -> int:
    text = row.word("number").removesuffix(".0")
    if not text.isdecimal() or int(text) > LARGEST_NUMBER:
        raise StoryboardFormatError(
            f"{row.where('number')}: “{text}” must be a whole number, from 1.", line=row.line, column="number"
        )
    return int(text)


def _duration_ms(row: Row) -> int:
    text = row.word("seconds")
    try:
        seconds = float(text.rstrip("秒sS ").replace(",", "."))
    except ValueError:
        seconds = float("nan")
    if not 0 < seconds <= LONGEST_SHOT_MS / 1000 or round(seconds * 1000) == 0:
        raise BadDurationError(
            f"{row.where('seconds')}: “{text}” must be a number of seconds, over 0 and at most 60.",
            line=row.line,
            column="seconds",
        )
    return round(seconds * 1000)


def _framing(row: Row, number: int) -> tuple[Framing, str]:
    word, text = read_word(row.cells.get("framing", ""), Framing)
    return word or _told(row, number, "framing", text, recognise_framing(text)), text


def _camera_move(row: Row, number: int) -> tuple[CameraMove, str]:
    word, text = read_word(row.cells.get("camera_move", ""), CameraMove)
    return word or _told(row, number, "camera_move", text, recognise_camera_move(text)), text


def _transition(row: Row, number: int) -> Transition:
    text = row.word("transition")
    transition: Transition = _told(row, number, "transition", text, recognise_transition(text))
    return transition


def _told(row: Row, number: int, column: str, text: str, found: Any) -> Any:
    """The recognised value; where none was, a notice tells what it counts as."""
    if text and not found.recognised:
        message = f"{row.where(column)}: “{text}” is not a word we know; it counts as {found.value.value}."
        row.notices.append(StoryboardNotice(message, shot=number, line=row.line))
    return found.value


def _priority(row: Row) -> Priority:
    text = row.word("priority").upper()[:2]
    return _one_of_text(row, "priority", text or "P1", {priority: priority for priority in get_args(Priority)})


def _wants(row: Row) -> frozenset[Want]:
    text = row.word("wants")
    if text.lower() == WANTS_NOTHING:
        return frozenset()
    tasks = read_names(text)
    return frozenset(_one_of_text(row, "wants", task.lower(), WANT_OF_TASK) for task in tasks) or DEFAULT_WANTS


def _one_of(row: Row, column: str, words: Mapping[str, Value]) -> Value:
    return _one_of_text(row, column, row.word(column).lower(), words)


def _one_of_text(row: Row, column: str, text: str, words: Mapping[str, Value]) -> Value:
    if text not in words:
        right = ", ".join(word for word in words if word)
        raise StoryboardFormatError(
            f"{row.where(column)}: “{text}” must be one of {right}.", line=row.line, column=column
        )
    return words[text]
