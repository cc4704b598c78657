"""Read and write a storyboard as a table: CSV that spreadsheets open as it is.

A row is a shot. The table holds the shots' own fields and nothing of the episode around them: project, title and style
are empty after reading, for whoever imports the file to fill in. Written as RFC 4180 with a byte-order mark, without
which Excel takes Chinese for another encoding.
"""

import codecs
import csv
import io
from typing import get_args

from aianime_pipeline.errors import DuplicateShotNumberError
from aianime_pipeline.storyboard.decoding import decode
from aianime_pipeline.storyboard.model import Shot, Storyboard, Want
from aianime_pipeline.storyboard.speech_length import CHINESE
from aianime_pipeline.storyboard.table_cells import write_names, write_text, write_word
from aianime_pipeline.storyboard.table_columns import COLUMNS, WANTS_NOTHING
from aianime_pipeline.storyboard.table_rows import Row, read_rows
from aianime_pipeline.storyboard.table_shots import read_row
from aianime_pipeline.storyboard.vocabulary import recognise_camera_move, recognise_framing


def write_csv(storyboard: Storyboard) -> bytes:
    """The shots as CSV: UTF-8 with a byte-order mark, commas, CRLF, a header line of English names."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(COLUMNS), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_cells(shot) for shot in storyboard.shots)
    return codecs.BOM_UTF8 + text.getvalue().encode()


def read_csv(data: bytes) -> Storyboard:
    """The storyboard in a CSV file with commas, semicolons or tabs, its columns in any order, in English or Chinese.

    Raises StoryboardFormatError, DuplicateShotNumberError, MissingDescriptionError or BadDurationError, each naming the
    line and column. A column that is not known is left out with a notice.
    """
    rows, notices = read_rows(decode(data))
    shots = tuple(read_row(row) for row in rows)
    _check_numbers(shots, rows)
    notices += [notice for row in rows for notice in row.notices]
    text = "".join(shot.description + shot.dialogue for shot in shots)
    language = "zh" if len(CHINESE.findall(text)) * 10 > len(text) else "en"
    return Storyboard(project="", episode=1, title="", shots=shots, language=language, notices=tuple(notices))


def _cells(shot: Shot) -> dict[str, str]:
    wants = "/".join(want for want in get_args(Want) if want in shot.wants)
    return {
        "number": str(shot.number),
        "seconds": f"{shot.duration_ms / 1000:g}",
        "framing": write_word(shot.framing, shot.framing_text, recognise_framing(shot.framing_text).value),
        "camera_move": write_word(shot.camera_move, shot.camera_text, recognise_camera_move(shot.camera_text).value),
        "description": write_text(shot.description),
        "blocking": write_text(shot.blocking),
        "speaker": write_names(shot.speakers),
        "dialogue": write_text(shot.dialogue),
        "voice_over": "yes" if shot.voice_over else "no",
        "emotion": write_text(shot.emotion),
        "transition": shot.transition.value,
        "prompt": write_text(shot.prompt),
        "negative_prompt": write_text(shot.negative_prompt),
        "scene": write_text(shot.scene),
        "place": write_text(shot.place),
        "time_of_day": shot.time_of_day or "",
        "interior": shot.interior or "",
        "characters": write_names(shot.characters),
        "props": write_names(shot.props),
        "priority": shot.priority,
        "wants": wants or WANTS_NOTHING,
        "note": write_text(shot.note),
    }


def _check_numbers(shots: tuple[Shot, ...], rows: list[Row]) -> None:
    lines: dict[int, list[int]] = {}
    for shot, row in zip(shots, rows, strict=True):
        lines.setdefault(shot.number, []).append(row.line)
    twice = {number: where for number, where in lines.items() if len(where) > 1}
    if twice:
        told = "; ".join(f"{number} on lines {', '.join(map(str, where))}" for number, where in twice.items())
        raise DuplicateShotNumberError(
            f"Column number: shot numbers must differ, but these repeat: {told}.", lines=twice
        )
