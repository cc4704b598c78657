"""One door for storyboard files: tell the format, read it, write it."""

import json
from pathlib import PurePath
from typing import Literal

from aianime_pipeline.errors import BadInputError, InputTooLargeError, UnknownFormatError
from aianime_pipeline.storyboard.decoding import decode
from aianime_pipeline.storyboard.editing import MOST_SHOTS
from aianime_pipeline.storyboard.model import Storyboard
from aianime_pipeline.storyboard.table import read_csv, write_csv
from aianime_pipeline.storyboard.table_columns import FIELD_OF_HEADER, REQUIRED
from aianime_pipeline.storyboard.v4 import read_v4, write_v4
from aianime_pipeline.storyboard.v4_layout import FORMAT_NAME, SHOTS

StoryboardFormat = Literal["v4", "csv"]

FORMAT_OF_ENDING: dict[str, StoryboardFormat] = {".json": "v4", ".csv": "csv", ".tsv": "csv"}
FORMAT_NAMES: dict[str, StoryboardFormat] = {"v4": "v4", FORMAT_NAME: "v4", "json": "v4", "csv": "csv"}


def looks_like_storyboard(data: bytes, filename: str) -> bool:
    """Whether this is a storyboard rather than a screenplay, by its content, else by the ending of `filename`.

    No screenplay is JSON or CSV, so a damaged file with such an ending looks like a storyboard too: reading it then
    says what is wrong with it.
    """
    return _told_format(data, filename) is not None


def read_storyboard(data: bytes, *, filename: str, format: str | None = None) -> Storyboard:
    """The storyboard in a file. `format` is `v4` (or its full name, or `json`) or `csv`; None tells it by itself.

    Raises UnknownFormatError where it is neither, InputTooLargeError for too many shots, and what `read_v4` and
    `read_csv` raise.
    """
    chosen = FORMAT_NAMES.get(format.lower()) if format else _told_format(data, filename)
    if chosen is None:
        raise UnknownFormatError(
            f"“{filename}” is no storyboard that can be read"
            + (f" as “{format}”" if format else "")
            + f"; bring a {FORMAT_NAME} file (.json) or a table with the columns {', '.join(REQUIRED)} (.csv)."
        )
    storyboard = read_v4(data) if chosen == "v4" else read_csv(data)
    if len(storyboard.shots) > MOST_SHOTS:
        raise InputTooLargeError.of(filename, "shots", MOST_SHOTS)
    return storyboard


def write_storyboard(storyboard: Storyboard, filename: str) -> bytes:
    """The storyboard in the format of the file name's ending: `.json` or `.csv`. Raises UnknownFormatError."""
    ending = PurePath(filename).suffix.lower()
    if ending not in (".json", ".csv"):
        raise UnknownFormatError(f"“{filename}”: a storyboard is written as .json ({FORMAT_NAME}) or .csv.")
    return write_v4(storyboard) if ending == ".json" else write_csv(storyboard)


def _told_format(data: bytes, filename: str) -> StoryboardFormat | None:
    return _format_by_content(data) or FORMAT_OF_ENDING.get(PurePath(filename).suffix.lower())


def _format_by_content(data: bytes) -> StoryboardFormat | None:
    try:
        text = decode(data).lstrip()
    except BadInputError:
        # Not text: no storyboard. Reading it says why.
        return None
    if text.startswith("{"):
        return "v4" if _is_v4(text) else None
    return "csv" if _has_table_header(text) else None


def _is_v4(text: str) -> bool:
    try:
        top = json.loads(text)
    except (ValueError, RecursionError):
        return f'"{SHOTS}"' in text or FORMAT_NAME in text
    return isinstance(top, dict) and (SHOTS in top or top.get("格式标识") == FORMAT_NAME)


def _has_table_header(text: str) -> bool:
    first_line = text.splitlines()[0]
    delimiter = max(",;\t", key=first_line.count)
    names = {FIELD_OF_HEADER.get(name.strip(' "').lower()) for name in first_line.split(delimiter)}
    return names.issuperset(REQUIRED)
