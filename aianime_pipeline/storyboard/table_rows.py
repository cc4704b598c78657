"""The rows of a storyboard's CSV: from text to cells by column, each row knowing its line."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from aianime_pipeline.errors import StoryboardFormatError
from aianime_pipeline.storyboard.model import StoryboardNotice
from aianime_pipeline.storyboard.table_cells import read_text
from aianime_pipeline.storyboard.table_columns import COLUMNS, FIELD_OF_HEADER, REQUIRED


@dataclass(frozen=True)
class Row:
    """A shot's cells by column, as written. `line` is the first line of the row in the file."""

    line: int
    cells: Mapping[str, str]
    notices: list[StoryboardNotice] = field(default_factory=list)

    def text(self, column: str) -> str:
        return read_text(self.cells.get(column, ""))

    def word(self, column: str) -> str:
        return self.text(column).strip()

    def where(self, column: str) -> str:
        return f"Line {self.line}, column {column}"


def read_rows(text: str) -> tuple[list[Row], list[StoryboardNotice]]:
    """Every row that has something in it. Raises StoryboardFormatError where header or quoting is wrong."""
    records = _records(text)
    header_line, header = next(records, (1, []))
    columns = [FIELD_OF_HEADER.get(name.strip().lower()) for name in header]
    missing = [f"{name} ({COLUMNS[name][0]})" for name in REQUIRED if name not in columns]
    if missing:
        raise StoryboardFormatError(
            f"Line {header_line}: the header has no column {', '.join(missing)}; the first line must name the columns.",
            line=header_line,
        )
    known = [column for column in columns if column]
    if twice := {column for column in known if known.count(column) > 1}:
        raise StoryboardFormatError(
            f"Line {header_line}: two columns both mean {', '.join(sorted(twice))}; keep one of each.", line=header_line
        )
    notices = [
        StoryboardNotice(f"Column “{name}” is not one we know; it was left out.", line=header_line)
        for name, column in zip(header, columns, strict=True)
        if column is None and name.strip()
    ]
    rows = [_row(line, record, columns) for line, record in records if any(cell.strip() for cell in record)]
    if not rows:
        raise StoryboardFormatError("The table has a header and no shots; a storyboard needs at least one row.")
    return rows, notices


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its first line."""
    first_line = text.lstrip().splitlines()[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first_line.count), strict=True)
    line = 1
    try:
        for record in reader:
            if record or line > 1:
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise StoryboardFormatError(
            f"Line {line}: {error}; a cell with quotes in it must be quoted, and its quotes doubled.", line=line
        ) from None


def _row(line: int, record: list[str], columns: list[str | None]) -> Row:
    if any(cell.strip() for cell in record[len(columns) :]):
        raise StoryboardFormatError(
            f"Line {line}: {len(record)} cells for {len(columns)} columns; a cell with a comma in it must be quoted.",
            line=line,
        )
    cells = zip_longest(columns, record[: len(columns)], fillvalue="")
    return Row(line, {column: cell for column, cell in cells if column})
