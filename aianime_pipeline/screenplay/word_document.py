"""A `.docx` → text: paragraphs and table cells in the order of the document, soft breaks as lines.

Opened through python-docx. The text is collected from the document's tree and not from `paragraph.text`, which
leaves out insertions under change tracking, content controls and text boxes.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.screenplay.model import Notice

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_PARAGRAPH = f"{_W}p"
_PIECES = {f"{_W}tab": "\t", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
# Moved-away text stands a second time where it went to; Fallback repeats a text box for old programs.
_SKIPPED = {f"{_W}moveFrom", f"{_W}del", f"{_COMPATIBILITY}Fallback"}
_ELSEWHERE = {f"{_W}footnoteReference": "footnotes", f"{_W}endnoteReference": "endnotes"}
_ELSEWHERE |= {f"{_W}commentReference": "comments"}
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""A document that unpacks to more is refused: a season's text is below 1 MB."""

_DAMAGE = (KeyError, ValueError, AttributeError, IndexError, NotImplementedError, OSError, EOFError, zlib.error)


def is_word_document(data: bytes, filename: str) -> bool:
    """By its content, or by its name when it is at least a ZIP."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    return filename.lower().endswith((".docx", ".docm")) or b"word/document.xml" in data


def read_word_document(data: bytes, name: str) -> tuple[str, tuple[Notice, ...]]:
    """Raises BadInputError for a ZIP that is no Word document, a damaged one, or one of an unreasonable size."""
    import docx  # 0.1 s that only such a file is worth
    from docx.exceptions import PythonDocxError
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_other_archives(archive, name)
        body = docx.Document(io.BytesIO(data)).element.body
    except (*_DAMAGE, zipfile.BadZipFile, RuntimeError, PythonDocxError, LxmlError) as error:
        raise BadInputError(
            f"{name} is a damaged Word document ({error}); open it in a word processor and save it again as .docx"
        ) from error
    lines = [line for paragraph in body.iter(_PARAGRAPH) if _is_kept(paragraph) for line in _lines_of(paragraph)]
    return "\n".join(lines), tuple(_notices(body))


def _refuse_other_archives(archive: zipfile.ZipFile, name: str) -> None:
    names = archive.namelist()
    if "word/document.xml" not in names:
        kinds = {
            "xl/": "an Excel workbook",
            "ppt/": "a PowerPoint file",
            "META-INF/": "an e-book",
            "content.xml": "ODF",
        }
        what = next((kind for start, kind in kinds.items() if any(entry.startswith(start) for entry in names)), "a ZIP")
        raise BadInputError(f"{name} is no Word document but {what}; save the screenplay as .docx or .txt")
    if (size := sum(entry.file_size for entry in archive.infolist())) > MAX_UNPACKED_BYTES:
        raise BadInputError(f"{name} unpacks to {size} bytes; a screenplay has at most {MAX_UNPACKED_BYTES}")


def _is_kept(paragraph: Any) -> bool:
    return not any(ancestor.tag in _SKIPPED for ancestor in paragraph.iterancestors())


def _lines_of(paragraph: Any) -> list[str]:
    return "".join(_texts_in(paragraph)).split("\n")


def _texts_in(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag == f"{_W}br":
            yield "\n"
        elif child.tag in _PIECES and element.tag == f"{_W}r":
            yield _PIECES[child.tag]
        elif child.tag not in _SKIPPED and child.tag != _PARAGRAPH:
            yield from _texts_in(child)


def _notices(body: Any) -> Iterator[Notice]:
    for tag, what in _ELSEWHERE.items():
        if count := sum(1 for _ in body.iter(tag)):
            yield Notice(None, f"{count} {what} of the Word document were left out")
    if count := sum(1 for _ in body.iter(f"{_W}numPr")):
        yield Notice(
            None, f"{count} paragraphs are numbered by the word processor: their numbers are no text and were left out"
        )
