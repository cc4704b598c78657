"""Names in the Chinese layout: cast lines, profiles of characters, variants of one name.

`林夏（女，22岁，白衣）` is the name 林夏 with a description; `林夏（少年）` is a figure of its own, because the same
person at another age needs another picture.
"""

import re
from dataclasses import dataclass

from aianime_pipeline.screenplay.characters import halfwidth, has_ideograph
from aianime_pipeline.screenplay.model import CastEntry
from aianime_pipeline.screenplay.numerals import NUMERAL, read_number

AGE = re.compile(
    r"(?:幼年|童年|少年|少女|青年|中年|老年|晚年|成年|小时候|儿时|年轻时?|年老|幼|少|老)(?:时期?)?|\d{1,3}岁|young|old|child",
    re.IGNORECASE,
)
"""A word in brackets behind a name that makes it another figure, on half-width text."""

_OPENING, _CLOSING = "（(【[〔", "）)】]〕"
_BRACKETED = re.compile(rf"^(?P<name>[^{re.escape(_OPENING)}]+?)\s*[（(](?P<inside>[^（()）]*)[）)]\s*(?P<rest>.*)$")
_TIMES = r"(?:[*×✕]|(?<=[^\x00-\x7f])\s*[xX])"
_COUNTED = re.compile(rf"^(?P<name>.+?)\s*(?:{_TIMES}\s*(?P<times>\d{{1,3}}|若干)|(?P<number>{NUMERAL})[人名位个])$")
_SEVERAL = re.compile(
    r"^(?:(?P<before>.+?)\s*\(?(?:若干|数[人名位个]|多[人名位个]|几[人名位个]|等人?)\)?|若干(?:名|个|位)?(?P<after>.+))$"
)
_LIST_MARK = re.compile(r"^\s*(?:\d{1,2}\s*[.、):：]\s*|[-•·*●○◆■]\s*)")
_PROFILE_NAME = re.compile(r"^(?P<name>[^\s:：，,、—\-–（(【\[=]{1,20})(?P<rest>[\s:：，,、—\-–（(=].*)$")


@dataclass(frozen=True)
class Profile:
    """A figure and what the screenplay says of it (looks, age, manner)."""

    name: str
    description: str


def read_cast(text: str) -> tuple[tuple[CastEntry, ...], tuple[Profile, ...]]:
    """Entries of a cast line (without its `人物：`), and the descriptions that stood in brackets behind the names."""
    entries: list[CastEntry] = []
    profiles: list[Profile] = []
    for part in _split(text):
        name, count = _name_and_count(part)
        profile = split_description(name)
        if profile.description:
            profiles.append(profile)
        if profile.name and profile.name not in ("无", "—", "-"):
            entries.append(CastEntry(profile.name, count))
    return tuple(entries), tuple(profiles)


def split_description(text: str) -> Profile:
    """`林夏（女，白衣）` → 林夏 and what it says; an age stays in the name: `林夏（少年，赤脚）` → `林夏（少年）`."""
    match = _BRACKETED.match(text.strip())
    if match is None:
        return Profile(text.strip(), "")
    name, inside, rest = match["name"].strip(), match["inside"].strip(), match["rest"].strip(" \t:：，,、")
    first, _, others = inside.replace(",", "，").partition("，")
    if AGE.fullmatch(halfwidth(first.strip())) and not first.strip()[0].isdigit():
        name, inside = f"{name}（{first.strip()}）", others.strip()
    return Profile(name, "；".join(filter(None, (inside, rest))))


def read_profile(line: str) -> Profile | None:
    """A line of 人物小传: `林夏：女，22岁，白衣`, `林夏（女，22岁）`, `1. 林夏，女`. None for a line of prose."""
    line = _LIST_MARK.sub("", line).strip()
    if line[:1] == "【" and "】" in line:
        line = line[1:].replace("】", "：", 1)
    if not has_ideograph(line) and ":" in line:
        name, _, description = line.partition(":")
        return Profile(name.strip(), description.strip()) if len(name) <= 40 else None
    match = _PROFILE_NAME.match(line)
    if match is None or not match["rest"].strip():
        return None
    rest = match["rest"].lstrip()
    if rest[0] in "（(":
        profile = split_description(line)
        return profile if profile.description or profile.name != line else None
    return Profile(match["name"], rest.lstrip("：:，,、—-–= \t　"))


def _split(text: str) -> list[str]:
    """At commas, outside brackets; at spaces only where no comma stands, so that `John Smith` stays one name."""
    parts, depth, start = [], 0, 0
    for position, letter in enumerate(text):
        if letter in _OPENING:
            depth += 1
        elif letter in _CLOSING:
            depth = max(0, depth - 1)
        elif letter in "，,、；;" and not depth:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    if len(parts) == 1 and has_ideograph(text) and not any(letter in _OPENING for letter in text):
        parts = re.split(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", text)
    return [part.strip() for part in parts if part.strip(" \t　。.")]


def _name_and_count(part: str) -> tuple[str, int | None]:
    part = part.rstrip("。").strip()
    folded = halfwidth(part)
    if len(part) > 100:
        return part, 1
    if match := _COUNTED.match(folded):
        number = match["times"] or match["number"]
        return part[: match.end("name")].strip(), read_number(number)
    if match := _SEVERAL.match(folded):
        group = "before" if match["before"] else "after"
        return part[slice(*match.span(group))].strip(" (（"), None
    return part, 1
