"""A file's bytes → `Screenplay`: the one door. Chooses the format by name and content and says why it cannot."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

from aianime_pipeline.errors import InputTooLargeError, NoSceneError, UnknownFormatError
from aianime_pipeline.screenplay.characters import split_lines, without_marks
from aianime_pipeline.screenplay.chinese import SCENE_HEADING_EXAMPLES, parse_chinese
from aianime_pipeline.screenplay.chinese_headings import read_episode_heading, read_scene_heading
from aianime_pipeline.screenplay.chinese_lines import ACTION_MARKS
from aianime_pipeline.screenplay.fountain import parse_fountain
from aianime_pipeline.screenplay.limits import MOST_LINES
from aianime_pipeline.screenplay.model import Screenplay
from aianime_pipeline.screenplay.prose import parse_text
from aianime_pipeline.screenplay.reading import read_source

FORMATS: dict[str, Callable[[str], Screenplay]] = {
    "chinese": parse_chinese,
    "fountain": parse_fountain,
    "text": parse_text,
}

_FOUNTAIN_HEADING = re.compile(r"^(?:INT|EXT|EST|INT\./EXT|INT/EXT|I/E)[. ]", re.IGNORECASE)
_OTHER_FORMATS = {
    ".fdx": "a Final Draft file; export it as Fountain",
    ".json": "a JSON file; a storyboard is imported as a storyboard, not as a screenplay",
    ".celtx": "a Celtx file; export it as Fountain",
    ".html": "an HTML page; save its text as .txt",
}


def parse_screenplay(data: bytes, *, filename: str, format: str | None = None) -> Screenplay:
    """The screenplay in a file. `format` is a key of `FORMATS`; None chooses by the file's name and content.

    Raises EmptyFileError, BinaryFileError, EncodingError, BadInputError (a damaged .docx), InputTooLargeError (too many
    lines; what they hold is bounded in limits.py), UnknownFormatError, NoSceneError and DuplicateEpisodeError.
    """
    if format is not None and format not in FORMATS:
        raise UnknownFormatError(
            f"there is no screenplay format `{format}`; choose one of {', '.join(FORMATS)}", formats=list(FORMATS)
        )
    source = read_source(data, filename=filename)
    if len(split_lines(source.text)) > MOST_LINES:
        raise InputTooLargeError.of(filename, "lines", MOST_LINES)
    screenplay = FORMATS[format or recognise_format(source.text, filename)](source.text)
    return replace(screenplay, notices=(*screenplay.notices, *source.notices))


def recognise_format(text: str, filename: str) -> str:
    """`chinese` or `fountain`. Raises UnknownFormatError for a known other format, NoSceneError for prose."""
    ending = PurePath(filename.replace("\\", "/")).suffix.lower()
    if ending in (".fountain", ".spmd"):
        return "fountain"
    if ending in _OTHER_FORMATS:
        raise UnknownFormatError(
            f"{filename} is {_OTHER_FORMATS[ending]}. Screenplays are read as {', '.join(FORMATS)}",
            formats=list(FORMATS),
        )
    chinese = fountain = 0
    chinese_signs = 0
    for line in map(without_marks, split_lines(text)):
        if _FOUNTAIN_HEADING.match(line):
            fountain += 1
        elif line and read_scene_heading(line) is not None:
            chinese += 1
        elif line and (line[0] in ACTION_MARKS or read_episode_heading(line) is not None):
            chinese_signs += 1
    if fountain > chinese and not chinese_signs:
        return "fountain"
    if chinese or chinese_signs:
        return "chinese"
    raise NoSceneError(
        f"{filename} has no screenplay layout: no line is a scene heading such as {SCENE_HEADING_EXAMPLES}, or "
        "`INT. FERRY - NIGHT` in Fountain. Prose has to be broken down into scenes by a language model; without one, "
        "the format `text` keeps it as one scene with a block for each paragraph"
    )
