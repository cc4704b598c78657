"""The keys of a storyboard_ai_v4 file, and typed looks into its objects.

Tools that write the format differ in some keys (`镜头号` for `镜号`, `负面词` for `反向提示词`); each key here lists
the names it goes by, the standard one first, and an edit goes to the name that the file uses.
"""

from collections.abc import Mapping
from typing import Any

from aianime_pipeline.errors import StoryboardFormatError
from aianime_pipeline.storyboard.model import Priority, Want

Key = tuple[str, ...]
"""Names of one field, the standard one first."""

Json = dict[str, Any]

FORMAT_NAME = "storyboard_ai_v4"
VERSION = "4.0"

SHOTS = "镜头列表"
META = "项目元信息"
PLANNING = "拍摄信息"
"""Ours: what a planned shot knows and the format has no key for. Written only where it says something."""

STYLE: Key = ("全局风格",)
DEFAULT_NEGATIVE: Key = ("默认反向提示词", "默认负面词")

NUMBER: Key = ("镜号", "镜头号")
DURATION: Key = ("时长",)
TIMELINE: Key = ("时间轴",)
PRIORITY: Key = ("优先级",)
FRAMING: Key = ("景别",)
CAMERA: Key = ("运镜方式", "运镜")
BLOCKING: Key = ("角色站位", "角色位置")
DESCRIPTION: Key = ("画面描述", "场景描述")
DIALOGUE: Key = ("台词",)
ROLE: Key = ("角色", "角色名")
EMOTION: Key = ("情绪描述",)
PROMPT: Key = ("AI提示词",)
NEGATIVE: Key = ("反向提示词", "负面词")
TRANSITION: Key = ("转场方式", "转场")
TASKS: Key = ("生成任务",)
NOTE: Key = ("备注",)
IMAGE_PROMPT: Key = ("提示词",)

PRIORITY_WORDS: dict[Priority, str] = {"P0": "P0必出", "P1": "P1核心", "P2": "P2过渡"}
TASK_WORDS: dict[Want, str] = {
    "image": "图像",
    "video": "视频",
    "voice": "TTS",
    "effects": "音效",
    "music": "BGM",
    "transition": "转场",
}
WANT_OF_TASK: dict[str, Want] = {
    **{word.lower(): want for want, word in TASK_WORDS.items()},
    **dict.fromkeys(("图片", "image"), "image"),
    **dict.fromkeys(("动画", "video"), "video"),
    **dict.fromkeys(("配音", "语音", "vo", "voice"), "voice"),
    **dict.fromkeys(("拟声", "effects", "sfx"), "effects"),
    **dict.fromkeys(("音乐", "配乐", "music"), "music"),
    **dict.fromkeys(("transition",), "transition"),
}

TYPE_NAMES = {bool: "true/false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}


def name_in(entry: Mapping[str, Any], key: Key) -> str:
    """The name under which `entry` has the field; the standard one where it has none."""
    return next((name for name in key if name in entry), key[0])


def get(entry: Mapping[str, Any], key: Key) -> Any:
    return entry.get(name_in(entry, key))


def text_of(entry: Mapping[str, Any], key: Key, where: str) -> str:
    """The field as stripped text, a number as its digits; empty where it is missing or null."""
    value = get(entry, key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise wrong_type(where, name_in(entry, key), "text", value)
    return str(value).strip()


def object_of(entry: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    """The object under `name`; an empty one where it is missing or null."""
    value = entry.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong_type(where, name, "an object", value)
    return value


def texts_of(entry: Mapping[str, Any], key: Key, where: str) -> tuple[str, ...] | None:
    """A list of texts, or one text with its parts separated by punctuation; None where the field is missing."""
    value = get(entry, key)
    if value is None:
        return None
    if isinstance(value, str):
        return tuple(
            part for part in value.replace("，", "、").replace(",", "、").replace("/", "、").split("、") if part
        )
    if not isinstance(value, list) or any(not isinstance(part, str) for part in value):
        raise wrong_type(where, name_in(entry, key), "a list of texts", value)
    return tuple(value)


def wrong_type(where: str, name: str, right: str, value: object) -> StoryboardFormatError:
    found = TYPE_NAMES.get(type(value), "null")
    return StoryboardFormatError(f"{where}: {name} must be {right}, but it is {found}.", field=name)
