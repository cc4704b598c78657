"""The name under which a browser saves a file, and the type that it is told: RFC 6266 and RFC 8187."""

import re
import unicodedata
from urllib.parse import quote

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*")
_UNKNOWN_TYPE = "application/octet-stream"
# What a browser shows by itself without running anything. Not SVG, not HTML: those are programs.
_SHOWN = re.compile(r"(audio|video)/[a-z0-9.+-]+|image/(png|jpeg|webp|gif|avif)|text/(plain|vtt|csv)")
_ATTR_CHARS = "!#$&+-.^_`|~"
"""Of RFC 8187's attr-char those that `quote` would write out."""


def content_disposition(name: str, media_type: str, *, inline: bool) -> str:
    """`inline` only counts for what a browser shows without running anything; everything else is saved.

    Old clients take the name in ASCII, all others the one in its own script. No character of either can end the field.
    """
    kind = "inline" if inline and _SHOWN.fullmatch(content_type(media_type).partition(";")[0]) else "attachment"
    return f"{kind}; filename=\"{_in_ascii(name)}\"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS, errors='replace')}"


def content_type(media_type: str) -> str:
    """With the character set of a text; the unknown type for what is no media type."""
    kind = media_type.partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(kind):
        return _UNKNOWN_TYPE
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _in_ascii(name: str) -> str:
    """Without accents; underscores for other scripts, and for what would have to be escaped."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    stem, dot, ending = plain.rpartition(".")
    safe = [re.sub(r"[^A-Za-z0-9 ()\[\]+,=@!&._-]+", "_", part) for part in (stem, ending)]
    return dot.join(safe) if dot else safe[1]
