"""What a film says of itself: titles and comments as iTunes writes them (`udta/meta/ilst`), and its cover.

Keys are ffmpeg's names. One that has no box of its own becomes a free one (`----`), which ffmpeg and others read.
"""

import struct
from collections.abc import Mapping

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.mp4.boxes import box, full_box

_KINDS = {
    "title": b"\xa9nam", "artist": b"\xa9ART", "album_artist": b"aART", "album": b"\xa9alb", "composer": b"\xa9wrt",
    "date": b"\xa9day", "genre": b"\xa9gen", "comment": b"\xa9cmt", "encoder": b"\xa9too", "grouping": b"\xa9grp",
    "lyrics": b"\xa9lyr", "copyright": b"cprt", "description": b"desc", "synopsis": b"ldes", "show": b"tvsh",
    "episode_id": b"tven", "network": b"tvnn", "keywords": b"keyw",
}  # fmt: skip
_TEXT, _JPEG, _PNG = 1, 13, 14
_OWNER = b"com.apple.iTunes"
_LONGEST = 16 * 1024**2


def user_data(tags: Mapping[str, str], poster: bytes | None) -> bytes:
    """The film's `udta`; empty where there is nothing to say. A tag without a text is none.

    Raises BadSettingError for a poster that is neither JPEG nor PNG, and for what is too large."""
    items = [_tag(key, text) for key, text in tags.items() if text]
    if poster is not None:
        items.append(box(b"covr", _data(poster, _picture_kind(poster))))
    if not items:
        return b""
    handler = full_box(b"hdlr", bytes(4), b"mdirappl", bytes(9))
    return box(b"udta", full_box(b"meta", handler, box(b"ilst", *items)))


def _tag(key: str, text: str) -> bytes:
    value = _data(_utf8(text), _TEXT)
    if key in _KINDS:
        return box(_KINDS[key], value)
    return box(b"----", full_box(b"mean", _OWNER), full_box(b"name", _utf8(key)), value)


def _utf8(text: str) -> bytes:
    """Half a surrogate pair can stand in a text that came as JSON; no file can hold it."""
    return text.encode("utf-8", "replace")


def _data(value: bytes, kind: int) -> bytes:
    if len(value) > _LONGEST:
        raise BadSettingError(f"A tag or poster of {len(value)} bytes is too large; it may have {_LONGEST}.")
    return box(b"data", struct.pack(">II", kind, 0), value)


def _picture_kind(poster: bytes) -> int:
    if poster.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if poster.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    raise BadSettingError(f"A poster is a JPEG or PNG picture; this one begins with {poster[:8].hex() or 'nothing'}.")
