"""Fountain before its elements: notes and boneyard taken out, the title page read, emphasis marks removed.

Line numbers stay those of the file, whatever is taken out.
"""

import re
from dataclasses import dataclass

from aianime_pipeline.screenplay.characters import has_ideograph, split_lines

_TITLE_KEYS = frozenset(
    [
        "title", "credit", "author", "authors", "source", "notes", "draft date", "date", "contact", "copyright",
        "revision", "episode", "genre", "logline", "format", "标题", "剧名", "作者", "编剧", "集数", "日期", "版权",
    ]
)  # fmt: skip
_KEY = re.compile(r"^(?P<key>[^\s:：][^:：]{0,40}?)\s*[:：]\s*(?P<value>.*)$")
_STARS = re.compile(r"(?<![*\\])(\*{1,3})(?=[^\s*])([^*]+)(?<=[^\s*\\])\1(?!\*)")
_UNDERLINE = re.compile(r"(?<![\w\\])_(?=[^\s_])([^_]+)(?<=[^\s_\\])_(?!\w)")
_ESCAPED = re.compile(r"\\([*_])")

Line = tuple[int, str]


@dataclass(frozen=True)
class FountainSource:
    """`lines` after the title page, numbered as in the file; a line that held only a note is gone."""

    title_page: dict[str, str]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    boneyard: tuple[str, ...]


def read_source_lines(text: str) -> FountainSource:
    text = "\n".join(line.replace("\t", "    ") for line in split_lines(text.lstrip("\ufeff")))
    raw = text.split("\n")
    text, boneyard = _take_out(text, "/*", "*/", over_blank_lines=True)
    text, notes = _take_out(text, "[[", "]]", over_blank_lines=False)
    kept = [
        (number, line)
        for number, (line, before) in enumerate(zip(text.split("\n"), raw, strict=True), 1)
        if line.strip() or not before.strip()
    ]
    title_page, lines = _split_title_page(kept)
    return FountainSource(title_page, tuple(lines), tuple(notes), tuple(boneyard))


def plain(text: str) -> str:
    """Without the marks of bold, italics and underline; `\\*` becomes a star."""
    for _ in range(3):  # bold in italics in underline
        text = _UNDERLINE.sub(r"\1", _STARS.sub(r"\2", text))
    return _ESCAPED.sub(r"\1", text).strip()


def joined(lines: list[str]) -> str:
    """Lines of one paragraph as running text: Chinese joins without a space."""
    text = ""
    for line in (line.strip() for line in lines):
        gap = " " if text and line and not (has_ideograph(text[-1]) or has_ideograph(line[0])) else ""
        text += gap + line
    return text


def _take_out(text: str, opening: str, closing: str, *, over_blank_lines: bool) -> tuple[str, list[str]]:
    """The text without what stands between the marks, but with its line ends; and what was taken out."""
    kept: list[str] = []
    taken: list[str] = []
    position = 0
    while (start := text.find(opening, position)) >= 0 and (end := text.find(closing, start + 2)) >= 0:
        inside = text[start + 2 : end]
        if not over_blank_lines and "\n\n" in inside:
            # Not a note: an opening mark that nobody closed. The text between stays.
            kept.append(text[position : start + 2])
            position = start + 2
            continue
        kept.append(text[position:start] + "\n" * inside.count("\n"))
        taken.append(inside.strip())
        position = end + 2
    kept.append(text[position:])
    return "".join(kept), [part for part in taken if part]


def _split_title_page(lines: list[Line]) -> tuple[dict[str, str], list[Line]]:
    first = next((index for index, (_, line) in enumerate(lines) if line.strip()), None)
    if first is None or not _opens_title_page(lines[first][1]):
        return {}, lines
    page: dict[str, list[str]] = {}
    key = ""
    for index in range(first, len(lines)):
        line = lines[index][1]
        if not line.strip():
            return _pages(page), lines[index:]
        match = _KEY.match(line)
        if match and not line.startswith("   "):
            key = match["key"].strip()
            page.setdefault(key, []).append(match["value"])
        else:
            page[key].append(line)
    return _pages(page), []


def _opens_title_page(line: str) -> bool:
    """`FADE IN:` and `CUT TO:` look like keys; an unknown key needs a value and small letters."""
    match = _KEY.match(line)
    if match is None:
        return False
    key = match["key"].strip()
    return key.lower() in _TITLE_KEYS or (bool(match["value"].strip()) and key.istitle() and key.isascii())


def _pages(page: dict[str, list[str]]) -> dict[str, str]:
    return {key: "\n".join(filter(None, (plain(value) for value in values))) for key, values in page.items()}
