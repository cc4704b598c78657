"""Make a shot's object in a storyboard_ai_v4 file say what the `Shot` says, changing nothing else in it.

An unchanged shot leaves its object as it came, because only the fields that read differently are written. A new shot
starts from a skeleton with every key of the format.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from aianime_pipeline.storyboard import v4_layout as layout
from aianime_pipeline.storyboard.model import CameraMove, Framing, Shot, Transition, Want
from aianime_pipeline.storyboard.v4_dialogue import Line, write_line
from aianime_pipeline.storyboard.v4_layout import Json, Key
from aianime_pipeline.storyboard.v4_shot import FileContext, line_of, prompt_of, read_shot
from aianime_pipeline.storyboard.vocabulary import (
    recognise_camera_move,
    recognise_framing,
    v4_camera_move,
    v4_framing,
    v4_transition,
)

PLANNING_KEYS = {
    "scene": "场次",
    "place": "地点",
    "time_of_day": "时间",
    "interior": "内外",
    "characters": "出场角色",
    "props": "道具",
}
NEUTRAL_FEELINGS = [0.0] * 8


def edited(entry: Mapping[str, Any], shot: Shot, context: FileContext) -> Json:
    """A copy of `entry` that reads as `shot`."""
    copy = deepcopy(dict(entry))
    # A second look, because one field may be read from two places: a line that lost its stage direction
    # has taken the emotion with it. Who is seen comes last, because most of it follows from the rest.
    for _ in range(2):
        _write_differences(copy, shot, read_shot(copy, shot.number, context), context)
    _write_planning(copy, shot, read_shot(copy, shot.number, context))
    return copy


def skeleton(shot: Shot) -> Json:
    """An object with every key of the format and neutral values; `edited` fills in the rest."""
    return {
        "镜号": shot.number,
        "时长": shot.duration_ms / 1000,
        "时间轴": {"开始时间": 0.0, "结束时间": 0.0},
        "优先级": layout.PRIORITY_WORDS["P1"],
        "景别": v4_framing(Framing.MEDIUM),
        "运镜方式": v4_camera_move(CameraMove.HOLD),
        "角色站位": "",
        "画面描述": shot.description,
        "台词": "（无）",
        "角色": "",
        "角色ID": "",
        "情绪描述": "",
        "情绪向量": list(NEUTRAL_FEELINGS),
        "音频设计": "",
        "AI提示词": "",
        "反向提示词": "",
        "转场方式": v4_transition(Transition.CUT),
        "生成任务": [word for want, word in layout.TASK_WORDS.items() if want in shot.wants],
        "音频": {"VO": {"启用": bool(shot.dialogue) and "voice" in shot.wants, "类型": "TTS"}},
        "图像": {"启用": "image" in shot.wants, "类型": "静态图"},
        "视频": {"启用": "video" in shot.wants, "类型": "动态视频"},
        "依赖关系": {"前置镜头": [], "后置镜头": []},
        "备注": "",
    }


def _write_differences(entry: Json, shot: Shot, read: Shot, context: FileContext) -> None:
    _write_times_and_words(entry, shot, read)
    _write_texts(entry, shot, read)
    if (shot.dialogue, shot.speakers, shot.voice_over) != (read.dialogue, read.speakers, read.voice_over):
        _write_dialogue(entry, shot, read)
    if shot.emotion != read.emotion:
        _set(entry, layout.EMOTION, shot.emotion)
        if line_of(entry, "", context.names).manner:
            _write_dialogue(entry, shot, read)
    if shot.wants != read.wants:
        _write_wants(entry, shot)


def _write_planning(entry: Json, shot: Shot, read: Shot) -> None:
    for field, name in PLANNING_KEYS.items():
        value = getattr(shot, field)
        if value != getattr(read, field):
            _inner(entry, layout.PLANNING)[name] = list(value) if isinstance(value, tuple) else value


def _write_times_and_words(entry: Json, shot: Shot, read: Shot) -> None:
    if shot.number != read.number:
        _set(entry, layout.NUMBER, shot.number)
    if shot.duration_ms != read.duration_ms:
        _set(entry, layout.DURATION, seconds_like(layout.get(entry, layout.DURATION), shot.duration_ms))
    if (shot.framing, shot.framing_text) != (read.framing, read.framing_text):
        says_so = recognise_framing(shot.framing_text).value is shot.framing and shot.framing_text
        _set(entry, layout.FRAMING, says_so or v4_framing(shot.framing))
    if (shot.camera_move, shot.camera_text) != (read.camera_move, read.camera_text):
        says_so = recognise_camera_move(shot.camera_text).value is shot.camera_move and shot.camera_text
        _set(entry, layout.CAMERA, says_so or v4_camera_move(shot.camera_move))
    if shot.transition is not read.transition:
        _set(entry, layout.TRANSITION, v4_transition(shot.transition))
    if shot.priority != read.priority:
        _set(entry, layout.PRIORITY, layout.PRIORITY_WORDS[shot.priority])


def _write_texts(entry: Json, shot: Shot, read: Shot) -> None:
    if shot.description != read.description:
        _set(entry, layout.DESCRIPTION, shot.description)
    if shot.blocking != read.blocking:
        _set(entry, layout.BLOCKING, shot.blocking)
    if shot.note != read.note:
        _set(entry, layout.NOTE, shot.note)
    # Looked up again: where the description served as the prompt and changed, the prompt stays what it was.
    if shot.prompt != (prompt_of(entry, "") or layout.text_of(entry, layout.DESCRIPTION, "")):
        _set_where_found(entry, layout.IMAGE_PROMPT, layout.PROMPT, shot.prompt)
    if shot.negative_prompt != read.negative_prompt:
        _set_where_found(entry, layout.NEGATIVE, layout.NEGATIVE, shot.negative_prompt)


def _write_dialogue(entry: Json, shot: Shot, read: Shot) -> None:
    _set(entry, layout.DIALOGUE, write_line(Line(shot.speakers, shot.dialogue, shot.voice_over)))
    if shot.speakers and shot.speakers != read.speakers:
        _set(entry, layout.ROLE, "/".join(shot.speakers))
        if entry.get("角色ID"):
            # It named the speaker before.
            entry["角色ID"] = ""
    voice = (entry.get("音频") or {}).get("VO") or {}
    if "台词" in voice:
        voice["台词"] = shot.dialogue
    if not shot.dialogue and voice.get("启用"):
        voice["启用"] = False


def _write_wants(entry: Json, shot: Shot) -> None:
    """Tasks that stay keep their words and places; unknown ones stay too."""
    meant = {task: layout.WANT_OF_TASK.get(task.strip().lower()) for task in _tasks(entry)}
    kept = [task for task, want in meant.items() if want is None or want in shot.wants]
    new = [word for want, word in layout.TASK_WORDS.items() if want in shot.wants and want not in meant.values()]
    _set(entry, layout.TASKS, kept + new)
    # An empty list reads as "not said", so wanting nothing has to be said by switches.
    switches: list[tuple[Want, Json, str]] = [("image", entry, "图像"), ("video", entry, "视频")]
    if not shot.wants:
        switches.append(("voice", _inner(entry, "音频"), "VO"))
    for want, parent, name in switches:
        if name in parent or not shot.wants:
            _inner(parent, name)["启用"] = want in shot.wants


def _tasks(entry: Mapping[str, Any]) -> list[str]:
    return list(layout.texts_of(entry, layout.TASKS, "") or ())


def seconds_like(before: object, milliseconds: int) -> int | float:
    """Seconds, as a whole number where the file wrote whole numbers."""
    if isinstance(before, int) and milliseconds % 1000 == 0:
        return milliseconds // 1000
    return milliseconds / 1000


def _set_where_found(entry: Json, image_key: Key, key: Key, value: str) -> None:
    """Write to the 图像 object if it is what counts now, else to the shot."""
    image = entry.get("图像")
    if isinstance(image, dict) and layout.text_of(image, image_key, ""):
        image[layout.name_in(image, image_key)] = value
        if value:
            return
    _set(entry, key, value)


def _set(entry: Json, key: Key, value: object) -> None:
    entry[layout.name_in(entry, key)] = value


def _inner(entry: Json, name: str) -> Json:
    inner: Json = entry.setdefault(name, {})
    return inner
