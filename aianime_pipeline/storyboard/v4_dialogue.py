"""The 台词 of a storyboard_ai_v4 shot: who says it, in the picture or over it, and how.

Files write `林夏os：……`, `林夏：（压低声音）……`, a bare line with the speaker in 角色, or `（无）`. A colon after the
first words does not make them a speaker (`记住：不要回头`): they are one when the file knows the name, or marks it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from aianime_pipeline.storyboard.planning.people import is_narrator

NO_LINE = {"", "无", "无台词", "-", "—", "——", "/", "none", "null", "n/a", "no dialogue", "无对白", "静默"}
NOT_A_NAME = {
    "记住",
    "听着",
    "注意",
    "听好",
    "告诉你",
    "结果",
    "结论",
    "答案",
    "原来",
    "第一",
    "第二",
    "不过",
    "所以",
    "remember",
    "listen",
}

OVER_WORDS = r"o\.?\s?s\.?|v\.?\s?o\.?|画外音|旁白|内心独白|独白|内心|心声"
OVER_MARK = rf"(?:[（(]\s*(?:{OVER_WORDS})\s*[）)]|(?<![A-Za-z])(?:os|vo|o\.s\.|v\.o\.))"
PREFIX = re.compile(
    rf"^\s*(?P<name>[^：:，。！？!?…\n“”\"（(]{{0,24}}?)\s*(?P<over>{OVER_MARK})?\s*"
    r"(?P<manner>[（(][^）)]*[）)])?\s*[：:]\s*(?P<text>.*)$",
    re.IGNORECASE | re.DOTALL,
)
ROLE_MARK = re.compile(rf"\s*{OVER_MARK}\s*$", re.IGNORECASE)
MANNER = re.compile(r"^\s*[（(](?P<manner>[^）)]*)[）)]\s*(?P<text>.*)$", re.DOTALL)
BETWEEN_NAMES = re.compile(r"\s*[/／、&＆+]\s*")


@dataclass(frozen=True)
class Line:
    """What a shot's 台词 and 角色 come to. `manner` is a stage direction that stood in the line."""

    speakers: tuple[str, ...]
    text: str
    voice_over: bool = False
    manner: str = ""


def role_names(role: str) -> tuple[str, ...]:
    """The names in a 角色 field, without marks of voice-over."""
    if is_no_line(role):
        return ()
    names = (ROLE_MARK.sub("", name).strip() for name in BETWEEN_NAMES.split(role))
    return tuple(dict.fromkeys(name for name in names if name))


def is_no_line(text: str) -> bool:
    """`（无）`, `无`, a dash, or nothing at all."""
    return text.strip().strip("（）()【】[]。 ").lower() in NO_LINE


def read_line(text: str, role: str, known: Collection[str]) -> Line:
    """The line that `text` holds; without words the speakers are empty too. `known` are the file's names."""
    if is_no_line(text):
        return Line((), "")
    rows = [row for row in text.strip().splitlines() if row.strip()]
    lines = [_read_row(row, role, known) for row in rows]
    if len(lines) > 1 and all(line is not None for line in lines):
        return _together([line for line in lines if line is not None])
    line = _read_row(text.strip(), role, known)
    if line is None:
        manner, words = _manner_and_words(text.strip())
        marked = any(ROLE_MARK.search(name) for name in BETWEEN_NAMES.split(role))
        names = role_names(role)
        line = Line(names, words, marked or any(map(is_narrator, names)), manner)
    return line if line.text else Line((), "", False, line.manner)


def write_line(line: Line) -> str:
    """A 台词 that `read_line` reads back as the same line."""
    if not line.text:
        return "（无）"
    names = "/".join(line.speakers)
    if line.voice_over and not all(map(is_narrator, line.speakers or ("",))):
        names += "（OS）" if names[-1:].isascii() else "os"
    return f"{names}：{line.text}" if names else line.text


def _read_row(row: str, role: str, known: Collection[str]) -> Line | None:
    """None where the row has no speaker in front of it."""
    match = PREFIX.match(row)
    if match is None:
        return None
    over = match["over"] is not None
    names = role_names(match["name"]) or (role_names(role) if over else ())
    if not (over or _are_speakers(names, role_names(role), known)):
        return None
    manner, words = _manner_and_words(match["text"])
    manners = [part for part in ((match["manner"] or "").strip("（()） "), manner) if part]
    return Line(names, words, over or any(map(is_narrator, names)), "，".join(manners))


def _are_speakers(names: tuple[str, ...], roles: tuple[str, ...], known: Collection[str]) -> bool:
    if not names:
        return False
    if all(name in roles or name in known or is_narrator(name) for name in names):
        return True
    unnamed = not roles and all(len(name) <= (6 if not name.isascii() else 20) for name in names)
    return unnamed and not any(name.lower() in NOT_A_NAME for name in names)


def _manner_and_words(text: str) -> tuple[str, str]:
    match = MANNER.match(text)
    return (match["manner"].strip(), match["text"].strip()) if match else ("", text.strip())


def _together(lines: list[Line]) -> Line:
    return Line(
        tuple(dict.fromkeys(name for line in lines for name in line.speakers)),
        "\n".join(line.text for line in lines if line.text),
        all(line.voice_over for line in lines),
        "，".join(dict.fromkeys(line.manner for line in lines if line.manner)),
    )
