"""Read and write storyboard_ai_v4 files: JSON with Chinese keys.

`read_v4` keeps every object of the file beside what it understood of it, and `write_v4` writes those objects again
with only the changed fields touched: a round trip without changes gives the same JSON, key order and kind of number
included.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from aianime_pipeline.errors import DuplicateShotNumberError, StoryboardFormatError
from aianime_pipeline.screenplay.numerals import read_number
from aianime_pipeline.storyboard import v4_layout as layout
from aianime_pipeline.storyboard.decoding import decode
from aianime_pipeline.storyboard.model import Shot, Storyboard, StoryboardNotice
from aianime_pipeline.storyboard.speech_length import CHINESE
from aianime_pipeline.storyboard.v4_dialogue import role_names
from aianime_pipeline.storyboard.v4_edit import edited, skeleton
from aianime_pipeline.storyboard.v4_layout import Json
from aianime_pipeline.storyboard.v4_shot import FileContext, line_of, read_shot, role_text
from aianime_pipeline.storyboard.v4_timeline import retimed, timeline_notice
from aianime_pipeline.storyboard.words import V4_CAMERA_MOVE, V4_FRAMING, V4_TRANSITION

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Halves of cut-off emoji and NUL: valid in JSON, but no database, request or file of text can hold them."""

DEEPEST = 100


def read_v4(data: bytes | str) -> Storyboard:
    """The storyboard in a storyboard_ai_v4 file.

    Raises StoryboardFormatError, DuplicateShotNumberError, MissingDescriptionError or BadDurationError, each naming the
    shot, or the line and column where the JSON ends making sense. What is odd but usable becomes a notice.
    """
    notices: list[StoryboardNotice] = []
    top = _parse(data if isinstance(data, str) else decode(data), notices)
    entries = _entries(top)
    notices += _identity_notices(top)
    context = _context(top, entries)
    shots = tuple(read_shot(entry, position, context) for position, entry in enumerate(entries, start=1))
    _check_numbers(shots)
    _check_finite(top, "the file")
    notices += [StoryboardNotice(warning, shot=shot.number) for shot in shots for warning in shot.warnings]
    notices += [notice for notice in (_order_notice(shots), timeline_notice(entries, shots)) if notice]
    # The numbers hold the list's place among the keys, and tell an export whether shots were added or taken out.
    extra = {**top, layout.SHOTS: [shot.number for shot in shots]}
    return replace(_head(extra, notices), shots=shots, language=_language(shots), notices=tuple(notices), extra=extra)


def write_v4(storyboard: Storyboard) -> bytes:
    """The storyboard as a storyboard_ai_v4 file: UTF-8, indented, one final newline."""
    top = _written_head(storyboard)
    entries = [dict(shot.extra) if shot.extra else skeleton(shot) for shot in storyboard.shots]
    context = _context(top, entries, [name for shot in storyboard.shots for name in shot.speakers])
    written = [edited(entry, shot, context) for entry, shot in zip(entries, storyboard.shots, strict=True)]
    top[layout.SHOTS] = retimed(written, storyboard)
    return (json.dumps(top, ensure_ascii=False, indent=2) + "\n").encode()


def _parse(text: str, notices: list[StoryboardNotice]) -> Json:
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> Json:
        unique = dict(items)
        if len(unique) < len(items):
            repeated.extend(key for key, count in Counter(key for key, _ in items).items() if count > 1)
        return unique

    try:
        top = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        raise StoryboardFormatError(
            f"This is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}.",
            line=error.lineno,
            column=error.colno,
        ) from None
    except (RecursionError, ValueError) as error:
        raise StoryboardFormatError(f"This JSON cannot be read: {error}.") from None
    if not isinstance(top, dict):
        raise StoryboardFormatError(f"The file must hold one JSON object with {layout.SHOTS}, from {{ to }}.")
    if repeated:
        names = "、".join(dict.fromkeys(repeated))
        notices.append(StoryboardNotice(f"Keys written twice in one object ({names}): the last one counts."))
    return _storable(top, notices)


def _storable(top: Json, notices: list[StoryboardNotice]) -> Json:
    replaced: Json = _each_text(top, 0)
    if replaced != top:
        notices.append(StoryboardNotice("Broken characters (half an emoji, or NUL) were replaced by \ufffd."))
    return replaced


def _each_text(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise StoryboardFormatError(f"The JSON is nested more than {DEEPEST} levels deep; a storyboard needs five.")
    if isinstance(value, str):
        return UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_each_text(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_each_text(key, depth): _each_text(item, depth + 1) for key, item in value.items()}
    return value


def _entries(top: Json) -> list[Json]:
    entries = top.get(layout.SHOTS)
    if not isinstance(entries, list):
        raise StoryboardFormatError(f"The file has no {layout.SHOTS}; a storyboard lists its shots under that key.")
    if not entries:
        raise StoryboardFormatError(f"{layout.SHOTS} is empty; a storyboard needs at least one shot.")
    for position, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise layout.wrong_type(f"Position {position} of {layout.SHOTS}", "the shot", "an object", entry)
    return entries


def _identity_notices(top: Json) -> list[StoryboardNotice]:
    """A file of another format is refused; another version of this one is read as far as it goes."""
    name = str(top.get("格式标识") or "")
    if name and not name.lower().startswith("storyboard_ai"):
        raise StoryboardFormatError(f"格式标识 is “{name}”; this reads {layout.FORMAT_NAME}.", field="格式标识")
    notices = []
    if name != layout.FORMAT_NAME:
        notices.append(StoryboardNotice(f"格式标识 is “{name}”; the file is read as {layout.FORMAT_NAME}."))
    version = str(top.get("版本") or "")
    if version not in (layout.VERSION, "4"):
        notices.append(StoryboardNotice(f"版本 is “{version}”; the file is read as version {layout.VERSION}."))
    return notices


def _context(top: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], more: Sequence[str] = ()) -> FileContext:
    roles = [name for entry in entries for name in role_names(role_text(entry, "A shot"))]
    in_lines = [name for entry in entries for name in line_of(entry, "A shot", roles).speakers]
    meta = layout.object_of(top, layout.META, "The file")
    negative = layout.text_of(meta, layout.DEFAULT_NEGATIVE, layout.META)
    return FileContext(tuple(dict.fromkeys([*roles, *in_lines, *more])), negative)


def _check_numbers(shots: Sequence[Shot]) -> None:
    positions: dict[int, list[int]] = {}
    for position, shot in enumerate(shots, start=1):
        positions.setdefault(shot.number, []).append(position)
    twice = {number: where for number, where in positions.items() if len(where) > 1}
    if twice:
        told = "; ".join(f"{number} at positions {', '.join(map(str, where))}" for number, where in twice.items())
        raise DuplicateShotNumberError(f"镜号 must differ, but these come more than once: {told}.", positions=twice)


def _check_finite(value: Any, where: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise StoryboardFormatError(f"{where} is {value}, which is no JSON number; write a number or null.")
    inner = value.items() if isinstance(value, dict) else enumerate(value, start=1) if isinstance(value, list) else ()
    for key, item in inner:
        _check_finite(item, f"{where} → {key}")


def _order_notice(shots: Sequence[Shot]) -> StoryboardNotice | None:
    numbers = [shot.number for shot in shots]
    if numbers == list(range(1, len(numbers) + 1)):
        return None
    if numbers != sorted(numbers):
        return StoryboardNotice("镜号 are not in ascending order; the order of the file is the order of the story.")
    missing = sorted(set(range(1, numbers[-1] + 1)) - set(numbers))
    told = "、".join(map(str, missing[:10])) + ("…" if len(missing) > 10 else "")
    return StoryboardNotice(f"镜号 have gaps ({told}); the numbers are kept.") if missing else None


def _language(shots: Sequence[Shot]) -> str:
    text = "".join(shot.description + shot.dialogue for shot in shots)
    return "zh" if len(CHINESE.findall(text)) * 10 > len(text) else "en"


def _head(top: Mapping[str, Any], notices: list[StoryboardNotice]) -> Storyboard:
    """Everything but the shots."""
    meta = layout.object_of(top, layout.META, "The file")
    return Storyboard(
        project=layout.text_of(top, ("项目",), "The file"),
        episode=_episode(top, notices),
        title=layout.text_of(top, ("集标题",), "The file"),
        shots=(),
        style=layout.text_of(meta, layout.STYLE, layout.META),
        negative_prompt=layout.text_of(meta, layout.DEFAULT_NEGATIVE, layout.META),
    )


def _episode(top: Mapping[str, Any], notices: list[StoryboardNotice]) -> int:
    text = layout.text_of(top, ("集数",), "The file")
    digits = re.search(r"\d+", text)
    written = re.fullmatch(r"第?\s*([一二三四五六七八九十百零〇两]+)\s*[集话回]?", text.strip())
    if written is not None and (number := read_number(written[1])):
        return number
    if digits is None:
        notices.append(StoryboardNotice(f"集数 is “{text}”; it counts as episode 1."))
    return int(digits.group()) if digits else 1


def _written_head(storyboard: Storyboard) -> Json:
    top: Json = deepcopy(dict(storyboard.extra)) if storyboard.extra else _new_head()
    read = _head(top, [])
    for field, name in (("project", "项目"), ("episode", "集数"), ("title", "集标题")):
        if getattr(storyboard, field) != getattr(read, field):
            top[name] = getattr(storyboard, field)
    for field, key in (("style", layout.STYLE), ("negative_prompt", layout.DEFAULT_NEGATIVE)):
        if getattr(storyboard, field) != getattr(read, field):
            meta = top[layout.META] = top.get(layout.META) or {}
            meta[layout.name_in(meta, key)] = getattr(storyboard, field)
    return top


def _new_head() -> Json:
    return {
        "版本": layout.VERSION,
        "格式标识": layout.FORMAT_NAME,
        "项目": "",
        "集数": 1,
        "集标题": "",
        "受控词表": {
            "景别": list(V4_FRAMING.values()),
            "运镜": list(V4_CAMERA_MOVE.values()),
            "转场": list(V4_TRANSITION.values()),
            "优先级": list(layout.PRIORITY_WORDS.values()),
            "生成任务": list(layout.TASK_WORDS.values()),
        },
        layout.META: {"全局风格": "", "默认反向提示词": ""},
        layout.SHOTS: [],
    }
