"""Which characters the bundled font can draw. Read from the font's own character map, not from trial drawings.

What it cannot draw (emoji, Hebrew, Arabic, rare characters) is left out of a picture and reported, because a box
tells a viewer nothing and looks like a fault of the film.
"""

import struct
import unicodedata
from bisect import bisect_right
from functools import cache, lru_cache
from typing import Any, BinaryIO

from aianime_pipeline.film.subtitles.line_breaking import clusters
from aianime_pipeline.fonts import cjk_font_path

_UNICODE_FULL = 12
"""The cmap format that maps runs of 32-bit code points: https://learn.microsoft.com/typography/opentype/spec/cmap"""

_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x180B, 0x1810))


def missing_glyphs(text: str) -> tuple[str, ...]:
    """What a reader would take for one character each and the font has no glyph for, each once, in order of first
    appearance. White space, control and format characters and variation selectors want no glyph. A lone surrogate
    is told as U+FFFD."""
    lost = dict.fromkeys(cluster for cluster in clusters(text) if _drawn_form(cluster) is None)
    return tuple("".join("\ufffd" if _is_surrogate(c) else c for c in cluster) for cluster in lost)


def drawable(text: str) -> str:
    """One line of the text as it is drawn: without what the font has no glyph for, without invisible characters. A
    space at either side of what was left out becomes one."""
    kept = ""
    left_out = False
    for cluster in clusters(text):
        form = _drawn_form(cluster)
        if form is None:
            left_out = True
            continue
        if left_out and form == " " and kept[-1:] in ("", " "):
            form = ""
        kept += form
        left_out = left_out and not form
    return kept.rstrip(" ") if left_out else kept


@lru_cache(maxsize=4096)
def _drawn_form(cluster: str) -> str | None:
    visible = "".join(character for character in cluster if not _is_invisible(character))
    if not visible:
        return " " if any(character in "\t\v\f" for character in cluster) else ""
    for form in (visible, unicodedata.normalize("NFC", visible)):
        if all(_has_glyph(ord(character)) for character in form):
            return form
    return " " if all(unicodedata.category(character) == "Zs" for character in visible) else None


def _is_invisible(character: str) -> bool:
    selector = any(ord(character) in selectors for selectors in _SELECTORS)
    return selector or unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")


def _is_surrogate(character: str) -> bool:
    return unicodedata.category(character) == "Cs"


def _has_glyph(code: int) -> bool:
    firsts, lasts = _runs()
    place = bisect_right(firsts, code) - 1
    return place >= 0 and code <= lasts[place]


@cache
def _runs() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """First and last code point of each run of characters that the font has."""
    path, face = cjk_font_path()
    with path.open("rb") as file:
        (tables_at,) = _read(file, 12 + 4 * face, ">I")
        (count,) = _read(file, tables_at + 4, ">H")
        directory = {
            tag: at for tag, _, at, _ in (_read(file, tables_at + 12 + 16 * n, ">4sIII") for n in range(count))
        }
        cmap = directory[b"cmap"]
        (maps,) = _read(file, cmap + 2, ">H")
        for place in range(maps):
            (at,) = _read(file, cmap + 4 + 8 * place + 4, ">I")
            if _read(file, cmap + at, ">H") == (_UNICODE_FULL,):
                return _full_map(file, cmap + at)
    raise AssertionError(f"{path.name} has no character map of format {_UNICODE_FULL}")


def _full_map(file: BinaryIO, at: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    (count,) = _read(file, at + 12, ">I")
    groups = list(struct.iter_unpack(">III", file.read(12 * count)))
    return tuple(first for first, _, _ in groups), tuple(last for _, last, _ in groups)


def _read(file: BinaryIO, at: int, layout: str) -> tuple[Any, ...]:
    file.seek(at)
    return struct.unpack(layout, file.read(struct.calcsize(layout)))
