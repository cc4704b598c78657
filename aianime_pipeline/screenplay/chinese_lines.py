"""A line inside a scene → blocks: action, close-up, direction, speech. Headings and fields are told apart elsewhere.

A line that fits no form is kept as action with a notice, because a screenplay that loses a line loses a shot.
"""

import re
from collections.abc import Container

from aianime_pipeline.screenplay.characters import halfwidth
from aianime_pipeline.screenplay.chinese_speech import COLONS, is_voice_over_label, read_speech
from aianime_pipeline.screenplay.model import Block, Notice

Reading = tuple[tuple[Block, ...], tuple[Notice, ...]]

ACTION_MARKS = "△▲∆Δ▴▵"
"""The triangle that opens an action line, with those that fonts and keyboards put in its place."""

CAST_FIELDS = frozenset(["人物", "出场人物", "登场人物", "出场角色", "登场角色", "本场人物", "角色", "出场", "演员"])
TIME_FIELDS = frozenset(["时间", "时刻"])
PLACE_FIELDS = frozenset(["地点", "场景", "景", "场地", "环境"])
PROP_FIELDS = frozenset(["道具", "主要道具", "关键道具"])
ACTION_FIELDS = frozenset(["动作", "画面", "画面内容", "镜头画面"])
DIRECTION_FIELDS = frozenset(
    [
        "字幕",
        "标题",
        "片名",
        "音效",
        "音乐",
        "配乐",
        "bgm",
        "se",
        "歌曲",
        "片头曲",
        "片尾曲",
        "片头",
        "片尾",
        "转场",
        "特效",
        "镜头",
        "运镜",
        "景别",
        "备注",
        "注",
        "注意",
        "说明",
        "提示",
        "ps",
        "服装",
        "服化",
        "服化道",
        "化妆",
        "造型",
        "灯光",
        "时长",
        "钩子",
        "卡点",
        "看点",
        "爽点",
        "气氛",
        "氛围",
        "天气",
        "色调",
        "闪回",
        "闪回开始",
        "闪回结束",
        "回忆",
        "插入",
        "黑屏",
        "黑场",
        "空镜",
        "蒙太奇",
        "内外",
        "本集看点",
        "本集钩子",
        "本集梗概",
        "梗概",
    ]
)
"""Words before a colon that instruct the crew and name no speaker, half-width and lower case."""
_FIELDS = CAST_FIELDS | TIME_FIELDS | PLACE_FIELDS | PROP_FIELDS | ACTION_FIELDS | DIRECTION_FIELDS
# `【闪回】林夏：走` is a direction and then a line, `【道具】油灯` one field.
_STAND_ALONE = frozenset(["闪回", "闪回开始", "闪回结束", "回忆", "插入", "黑屏", "黑场", "空镜", "蒙太奇", "转场"])
_OPENING_FIELDS = "|".join(sorted(CAST_FIELDS | TIME_FIELDS | PLACE_FIELDS | PROP_FIELDS, key=len, reverse=True))
_BEFORE_FIELD = re.compile(rf"[\s;；|]+(?=(?:{_OPENING_FIELDS})\s*[{COLONS}])")

_FIELD = re.compile(
    rf"^[【\[]?\s*(?P<name>[^\s{COLONS}】\]]{{1,8}}?)\s*(?:[】\]]\s*[{COLONS}]?|[{COLONS}])\s*(?P<value>.*)$"
)
_CLOSE_UP = re.compile(
    rf"^[●○◎•■★\s]*[【\[（(]?\s*(?P<kind>(?:大|近|脸部|面部|手部|眼部|极)?特写(?:镜头)?)\s*"
    rf"(?:[{COLONS}，,]\s*(?P<inside>[^】\]）)]*)[】\]）)]|[】\]）)]\s*[{COLONS}]?\s*(?P<behind>.*)|[{COLONS}]\s*(?P<plain>.*)|$)"
)
_DOTTED_CLOSE_UP = re.compile(r"^[●○◎■★]\s*(?:大|近|脸部|面部|手部|眼部|极)?特写(?:镜头)?\s+(?P<seen>.+)$")
_DOT = re.compile(r"^[●○◎■★]\s*(?P<rest>.*)$")
_CAMERA = re.compile(
    r"(?:大?[远全中近]景|中近景|中全景|空镜头?|航拍|俯拍|仰拍|俯视|仰视|跟拍|慢镜头?|快切|闪回|蒙太奇|镜头|画面|字幕|转场|音效|黑屏|闪白)"
)
_WHOLE_BRACKET = re.compile(
    r"^(?:（(?P<a>.*)）|\((?P<b>.*)\)|【(?P<c>.*)】|\[(?P<d>.*)\]|〔(?P<e>.*)〕|〖(?P<f>.*)〗)[。.]?$"
)
_FRONT_BRACKET = re.compile(r"^[【\[〔〖](?P<inside>[^【】\[\]〔〕〖〗]*)[】\]〕〗]\s*(?P<rest>.+)$")
_BARE_DIRECTION = re.compile(
    r"^(?:闪回|闪回(?:开始|结束|完)|回忆(?:开始|结束)|切(?:至|到|回|入)?|切[黑白]|黑屏|黑场|黑幕|淡[入出]|渐[隐显黑]|闪[白黑]|叠化|转场|"
    r"(?:本集|全剧|剧|全文)?[完终]|剧终|全剧终|本集完|未完待续|待续|片头|片尾|第.{1,5}[集话回][\s（(·\-]*(?:完|终|结束)[）)]?)[。.…\s]*$"
)


def read_field(text: str) -> tuple[str, str] | None:
    """Name (half-width, lower case) and value of a field such as `道具：油灯`, for the names listed in this module."""
    match = _FIELD.match(text)
    if match is None:
        return None
    name = halfwidth(match["name"]).strip().lower()
    bracketed = text[0] in "【[" and not any(colon in text[: match.start("value")] for colon in COLONS)
    if name not in _FIELDS or (bracketed and name in _STAND_ALONE):
        return None
    return name, match["value"].strip()


def split_fields(text: str) -> list[str]:
    """`时间：夜 地点：渡口` → two fields; every other line as it is."""
    if read_field(text) is None or len(text) > 500:
        return [text]
    return [part for part in _BEFORE_FIELD.split(text) if part]


def read_line(text: str, line: int, known: Container[str]) -> Reading:
    """Blocks of one cleaned line of a scene. `known` are the names that cast lines and profiles gave."""
    reading = read_form(text, line, known)
    if reading is not None:
        return reading
    shown = text if len(text) <= 40 else text[:40] + "…"
    return (Block("action", text, line),), (Notice(line, f"fits no form of line and is kept as action: {shown}"),)


def read_form(text: str, line: int, known: Container[str]) -> Reading | None:
    """As `read_line`, but None for a line that fits no form."""
    if text[0] in ACTION_MARKS:
        return _read_action(text.lstrip(ACTION_MARKS + " \t　" + COLONS), line)
    if close_up := _read_close_up(text, line):
        return close_up, ()
    if match := _WHOLE_BRACKET.match(text):
        inside = next(group for group in match.groups() if group is not None).strip()
        if not any(letter in "【】（）()[]" for letter in inside):
            return _read_bracketed(inside, line)
    if read_field(text) is not None:
        return _read_direction(text, line)
    if _FRONT_BRACKET.match(text):
        return _read_front_brackets(text, line, known)
    if match := _DOT.match(text):
        return ((Block("direction", match["rest"], line),), ()) if _CAMERA.match(match["rest"]) else None
    if _BARE_DIRECTION.match(text):
        return _read_direction(text, line)
    return read_speech(text, line, known)


def _read_action(text: str, line: int) -> Reading:
    if not text:
        return (), (Notice(line, "a triangle with no action behind it"),)
    return _read_close_up(text, line) or (Block("action", text, line),), ()


def _read_close_up(text: str, line: int) -> tuple[Block, ...]:
    if match := _DOTTED_CLOSE_UP.match(text):
        return (Block("closeup", match["seen"], line),)
    match = _CLOSE_UP.match(text)
    if match is None:
        return ()
    seen = (match["inside"] or match["behind"] or match["plain"] or "").strip()
    rest = text[match.end() :].strip()
    return (Block("closeup", " ".join(filter(None, (seen, rest))) or match["kind"], line),)


def _read_bracketed(inside: str, line: int) -> Reading | None:
    if not inside:
        return None
    name, _, words = inside.partition("：" if "：" in inside else ":")
    if words.strip() and is_voice_over_label(name):
        return (Block("os", words.strip(), line, name.strip()),), ()
    return (Block("direction", inside, line),), ()


def _read_front_brackets(text: str, line: int, known: Container[str]) -> Reading:
    """`【闪回】△她回头`: the direction, then the rest as its own line; `【旁白】` and `【林夏】` say who speaks."""
    directions: list[Block] = []
    while match := _FRONT_BRACKET.match(text):
        inside, text = match["inside"].strip(), match["rest"].strip()
        if is_voice_over_label(inside):
            speaker = None if halfwidth(inside).isascii() else inside
            return (*directions, Block("os", text.lstrip(COLONS + " ") or text, line, speaker)), ()
        if inside in known and (speech := read_speech(f"{inside}：{text.lstrip(COLONS)}", line, known)):
            return (*directions, *speech[0]), speech[1]
        if inside:
            directions.append(Block("direction", inside, line))
    blocks, notices = read_line(text, line, known)
    return (*directions, *blocks), notices


def _read_direction(text: str, line: int) -> Reading:
    field = read_field(text)
    if field and field[0] in ACTION_FIELDS and field[1]:
        return (Block("action", field[1], line),), ()
    return (Block("direction", text, line),), ()
