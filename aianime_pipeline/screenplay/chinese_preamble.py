"""What stands before the first scene of a Chinese screenplay: title, fields, profiles, synopsis.

Nothing of it is a scene, and nothing of it is lost: it becomes the screenplay's title and metadata, keyed by the
headings that the file itself uses (`人物小传`, `故事梗概`, `类型`). Text under no heading is kept under `PREAMBLE`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aianime_pipeline.screenplay.chinese_speech import COLONS
from aianime_pipeline.screenplay.model import Notice

PREAMBLE = "preamble"
"""Key of text that stands under no heading."""

PROFILE_KEYS: tuple[str, ...] = (
    "人物小传",
    "人物介绍",
    "人物简介",
    "人物设定",
    "角色介绍",
    "角色小传",
    "角色设定",
    "主要人物",
    "主要角色",
)
PROFILE_KEYS += ("人物表", "角色表", "人物", "角色", "出场人物", "Characters", "Cast")
"""Metadata keys whose lines describe characters, one figure a line."""

PLACE_KEYS = ("场景介绍", "场景设定", "主要场景", "场景表", "Locations")
PROP_KEYS = ("道具介绍", "道具设定", "主要道具", "关键道具", "道具表", "道具", "Props")

_OTHER_SECTIONS = [
    "故事梗概",
    "剧情梗概",
    "剧情简介",
    "故事简介",
    "内容简介",
    "梗概",
    "简介",
    "一句话故事",
    "一句话梗概",
    "故事大纲",
    "大纲",
    "分集大纲",
    "分集梗概",
    "分集简介",
    "目录",
    "世界观",
    "世界观设定",
    "背景",
    "故事背景",
    "主题",
    "正文",
    "剧本正文",
    "剧本",
    "备注",
    "说明",
    "风格",
    "美术风格",
    "画风",
    "创作说明",
]
_SECTIONS = frozenset((*PROFILE_KEYS, *PLACE_KEYS, *PROP_KEYS, *_OTHER_SECTIONS))
_TITLE_FIELDS = frozenset(["剧名", "片名", "剧本名", "剧本名称", "作品名", "作品名称", "名称", "标题", "书名", "title"])
_FIELD = re.compile(rf"^(?P<name>[^\s{COLONS}]{{1,12}})\s*[{COLONS}]\s*(?P<value>.*)$")
_SENTENCE = re.compile(r"[。！？!?；;，,：:△▲●]")
_TITLE = re.compile(r"^《(?P<title>[^》]+)》(?P<rest>.*)$")


@dataclass(frozen=True)
class Preamble:
    title: str | None
    metadata: dict[str, str]
    notices: tuple[Notice, ...]


def read_preamble(lines: Iterable[tuple[int, str]]) -> Preamble:
    """Numbered, cleaned lines before the first scene → title and metadata."""
    title: str | None = None
    found: dict[str, list[str]] = {}
    section = PREAMBLE
    loose: list[int] = []
    for number, line in lines:
        text = line.lstrip("#").strip()
        name = section_name(text)
        if name is not None:
            section = name
            found.setdefault(section, [])
        elif (field := _read_title(text, line, first=title is None and not found)) is not None:
            title, rest = field
            if rest:
                found.setdefault(PREAMBLE, []).append(rest)
        elif section == PREAMBLE and (match := _FIELD.match(text)) and match["value"]:
            found.setdefault(match["name"], []).append(match["value"].strip())
        else:
            found.setdefault(section, []).append(text)
            if section == PREAMBLE:
                loose.append(number)
    notices = []
    if loose:
        text = f"{len(loose)} lines before the first scene belong to no scene; kept in the metadata as `{PREAMBLE}`"
        notices.append(Notice(loose[0], text))
    return Preamble(title, {name: "\n".join(texts) for name, texts in found.items()}, tuple(notices))


def section_name(text: str) -> str | None:
    """The section that a line opens: `人物小传`, `【人物小传】`, `一、故事梗概：`. None for every other line."""
    bare = re.sub(r"^[一二三四五六七八九十\d]{1,2}[、.．]\s*", "", text.strip().lstrip("#").strip())
    bare = bare.strip(f"【】[]《》<> 　=-—*·{COLONS}")
    return bare if bare in _SECTIONS else None


def _read_title(text: str, line: str, *, first: bool) -> tuple[str, str] | None:
    """Title and what follows it on its line; `first` where nothing but a title may stand."""
    if (match := _FIELD.match(text)) and match["name"].lower() in _TITLE_FIELDS and match["value"]:
        return match["value"].strip("《》 "), ""
    if not first:
        return None
    if match := _TITLE.match(text):
        return match["title"].strip(), match["rest"].strip()
    if len(text) <= 30 and not _SENTENCE.search(text) and (line.startswith("#") or len(text) <= 16):
        return text, ""
    return None
