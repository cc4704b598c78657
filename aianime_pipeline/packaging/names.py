"""Names inside the ZIP: readable, the same everywhere, and safe on every system that may unpack them.

Titles, speakers and file names come from people, so nothing of them is taken as a path. A name is made of parts of at
most 120 bytes, because the common file systems allow 255 and whoever unpacks puts a folder of their own before it.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

PartKind = Literal["shot_image", "shot_video", "voice", "film", "subtitles", "storyboard", "screenplay"]

MAX_PART_BYTES = 120

MANIFEST_NAME = "manifest.json"

_FOLDERS: dict[PartKind, str] = {
    "shot_image": "shots",
    "shot_video": "shots",
    "voice": "voices",
    "film": "film",
    "subtitles": "film",
    "storyboard": "storyboard",
    "screenplay": "screenplay",
}

# Our own table: `mimetypes` answers differently from one system to the next.
_ENDINGS = {
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/x-subrip": ".srt",
    "audio/aac": ".aac",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "text/csv": ".csv",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "text/vtt": ".vtt",
    "text/x-ssa": ".ass",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
}

# What Windows keeps for devices, with any ending; the superscripts count as digits there.
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN = set('<>:"/\\|?*')
_EDGES = "._"
# Control characters, lone surrogates, private and unassigned code points, line and paragraph separators.
_UNSAFE_CATEGORIES = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


def file_ending(media_type: str) -> str:
    """`.png` for `image/png` (parameters after `;` are ignored); `.bin` for a type that is not known."""
    return _ENDINGS.get(media_type.partition(";")[0].strip().lower(), ".bin")


def safe_part(text: str, *, ending: str = "") -> str:
    """One part of a path: `text` as nearly as every file system allows it, then `ending`; `unnamed` if nothing is left.

    Slashes, what Windows forbids, control characters and spaces become underscores; invisible format characters, such
    as those that turn the writing direction, go; dots and underscores at the edges too. Safe text comes back as it is.
    """
    room = MAX_PART_BYTES - len(ending.encode())
    characters = "".join(map(_safe_character, unicodedata.normalize("NFC", text)))
    stem = re.sub(r"[\s_]+", "_", unicodedata.normalize("NFC", characters)).strip(_EDGES)
    stem = _shortened(stem, room) or "unnamed"
    if _RESERVED.fullmatch(stem):
        stem = _shortened(f"_{stem}", room)
    return stem + ending


def path_in_package(kind: PartKind, media_type: str, *, episode_key: str, shot: int | None, label: str) -> str:
    """`shots/s012_image.png`, `voices/s012_林夏.wav`, `film/moonlit-e012.mp4` and so on.

    `shot` is the shot's number, where the file belongs to one. `label` is free text: who speaks, the language of the
    subtitles, the name of the screenplay's own file without its ending; empty for nothing special.
    """
    number = "" if shot is None else f"s{shot:03d}"
    match kind:
        case "shot_image" | "shot_video":
            words = [number, kind.removeprefix("shot_"), label]
        case "voice":
            words = [number, label or "voice"]
        case "screenplay":
            words = [label or episode_key]
        case _:
            words = [episode_key, label]
    return f"{_FOLDERS[kind]}/{safe_part('_'.join(filter(None, words)), ending=file_ending(media_type))}"


def unique_paths(paths: Iterable[str]) -> list[str]:
    """The same paths in the same order, the second of the same name with `_2` before its ending, and so on.

    Names that differ only in case are the same, as they are to Windows and macOS.
    """
    unique: list[str] = []
    taken: set[str] = set()
    for path in paths:
        candidate, count = path, 1
        while candidate.casefold() in taken:
            count += 1
            candidate = _numbered(path, count)
        taken.add(candidate.casefold())
        unique.append(candidate)
    return unique


def _numbered(path: str, count: int) -> str:
    folder, slash, part = path.rpartition("/")
    stem, dot, ending = part.rpartition(".")
    mark = f"_{count}{dot}{ending}" if dot else f"_{count}"
    return folder + slash + _shortened(stem if dot else part, MAX_PART_BYTES - len(mark.encode())) + mark


def _safe_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return "_" if character in _FORBIDDEN or category in _UNSAFE_CATEGORIES else character


def _shortened(text: str, room: int) -> str:
    """As many whole characters from the start as `room` bytes hold, without a dot or underscore left at the end."""
    return text.encode()[: max(room, 0)].decode("utf-8", "ignore").rstrip(_EDGES)
