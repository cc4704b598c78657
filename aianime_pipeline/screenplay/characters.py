"""What single characters are: full and half width, Chinese or Latin, marks that an editor left in a line.

All functions here are pure and know nothing of screenplay layout.
"""

import re

_HALFWIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_INVISIBLE = re.compile("[\ufeff\u200b-\u200f\u2060\u202a-\u202e\u00ad]")
_WIDE_GAP = re.compile(r"\s{4,}")
_LIST_MARK = re.compile(r"^(?:[-*+>]\s+)+(?=\S)")
# In `船工*2，村民*若干` the stars are no italics.
_ITALICS = re.compile(r"\*(?=[^\s*\d若])([^*]+)(?<=\S)\*(?![\d若])")
_LINE_END = re.compile(r"\r\n|\r|\n")
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


def halfwidth(text: str) -> str:
    """Full-width ASCII and spaces as half-width, character by character: positions stay what they were."""
    return text.translate(_HALFWIDTH)


def split_lines(text: str) -> list[str]:
    """Lines as an editor numbers them. `str.splitlines` also cuts at form feeds and Unicode separators."""
    return _LINE_END.split(text)


def without_marks(line: str) -> str:
    """A line without invisible characters and Markdown's marks for bold, italics, lists and quotes.

    A star that counts stays: `船工*2` means two of them.
    """
    line = _WIDE_GAP.sub("   ", _INVISIBLE.sub("", line).replace("**", "")).strip()
    line = _ITALICS.sub(r"\1", _LIST_MARK.sub("", line))
    for mark in ("__", "_"):
        if len(line) > 2 * len(mark) and line.startswith(mark) and line.endswith(mark):
            line = line[len(mark) : -len(mark)].strip()
    return line


def has_ideograph(text: str) -> bool:
    return _IDEOGRAPH.search(text) is not None


def language_of(text: str) -> str:
    """`zh` or `en`. An ideograph weighs as much as a short word: four Latin letters."""
    return "zh" if 4 * len(_IDEOGRAPH.findall(text)) >= max(1, len(_LATIN.findall(text))) else "en"
