"""A `.docx` → text: paragraphs and table cells in the order of the document, soft breaks as lines.

The document's XML goes by piece by piece and no tree is built of it: what stays in memory is the text. Insertions under
change tracking, content controls and text boxes are text too.
"""

import io
import zipfile
import zlib
from xml.etree import ElementTree

from aianime_pipeline.errors import BadInputError, InputTooLargeError
from aianime_pipeline.screenplay.model import Notice

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_BODY, _PARAGRAPH, _RUN, _TEXT, _BREAK = (f"{_W}{name}" for name in ("body", "p", "r", "t", "br"))
_PIECES = {f"{_W}tab": "\t", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
# Moved-away text stands a second time where it went to; Fallback repeats a text box for old programs.
_SKIPPED = {f"{_W}moveFrom", f"{_W}del", f"{_COMPATIBILITY}Fallback"}
_ELSEWHERE = {f"{_W}footnoteReference": "footnotes", f"{_W}endnoteReference": "endnotes"}
_ELSEWHERE |= {f"{_W}commentReference": "comments"}
_NUMBERED = f"{_W}numPr"
_DOCUMENT = "word/document.xml"

MOST_XML_BYTES = 20 << 20
"""Of the document's XML, unpacked. 500 pages with three formatted pieces of text in each line have 9 MB."""
MOST_PARTS = 10_000
"""Of the ZIP. Each page's pictures are some parts."""
_AT_ONCE = 1 << 16

_DAMAGE = (KeyError, ValueError, IndexError, NotImplementedError, OSError, EOFError, zlib.error, zipfile.BadZipFile)


def is_word_document(data: bytes, filename: str) -> bool:
    """By its content, or by its name when it is at least a ZIP."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    return filename.lower().endswith((".docx", ".docm")) or b"word/document.xml" in data


def read_word_document(data: bytes, name: str) -> tuple[str, tuple[Notice, ...]]:
    """Raises BadInputError for a ZIP that is no Word document or a damaged one, InputTooLargeError for one of an
    unreasonable size."""
    # Each part has its header at the end of the file, of all of which a list is made when it is opened.
    if data.count(b"PK\x01\x02") > MOST_PARTS:
        raise InputTooLargeError.of(name, "parts", MOST_PARTS)
    reader = _Reader()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_other_archives(archive, name)
            _feed(archive, reader, name)
    except (*_DAMAGE, RuntimeError, ElementTree.ParseError) as error:
        raise _damaged(name, str(error)) from error
    if not reader.has_body:
        raise _damaged(name, "it has no body")
    return "\n".join("".join(pieces) for pieces in reader.paragraphs), tuple(reader.notices())


def _damaged(name: str, why: str) -> BadInputError:
    return BadInputError(
        f"{name} is a damaged Word document ({why}); open it in a word processor and save it again as .docx"
    )


def _refuse_other_archives(archive: zipfile.ZipFile, name: str) -> None:
    names = archive.namelist()
    if _DOCUMENT not in names:
        kinds = {
            "xl/": "an Excel workbook",
            "ppt/": "a PowerPoint file",
            "META-INF/": "an e-book",
            "content.xml": "ODF",
        }
        what = next((kind for start, kind in kinds.items() if any(entry.startswith(start) for entry in names)), "a ZIP")
        raise BadInputError(f"{name} is no Word document but {what}; save the screenplay as .docx or .txt")


def _feed(archive: zipfile.ZipFile, reader: "_Reader", name: str) -> None:
    parser = ElementTree.XMLParser(target=reader)
    size = 0
    with archive.open(_DOCUMENT) as file:
        # What the ZIP says of the size is only what somebody wrote there.
        while piece := file.read(_AT_ONCE):
            size += len(piece)
            if size > MOST_XML_BYTES:
                raise InputTooLargeError.of(name, "bytes of unpacked text", MOST_XML_BYTES)
            parser.feed(piece)
    parser.close()


class _Reader:
    """What the parser meets, one after the other. A paragraph in another's text box comes after the one around it."""

    def __init__(self) -> None:
        self.paragraphs: list[list[str]] = []
        self.has_body = False
        self._path: list[str] = []
        self._open: list[list[str]] = []
        self._skipped = 0
        self._counts = dict.fromkeys((*_ELSEWHERE, _NUMBERED), 0)

    def doctype(self, *_declared: str | None) -> None:
        """No Word document has one, and entities that it declares can grow without end."""
        raise ValueError("it declares a document type")

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        parent = self._path[-1] if self._path else ""
        self._path.append(tag)
        self.has_body = self.has_body or tag == _BODY
        if tag in self._counts:
            self._counts[tag] += 1
        if tag in _SKIPPED:
            self._skipped += 1
        elif tag == _PARAGRAPH:
            self._open.append([])
            if not self._skipped:
                self.paragraphs.append(self._open[-1])
        elif tag == _BREAK:
            self._add("\n")
        elif tag in _PIECES and parent == _RUN:
            self._add(_PIECES[tag])

    def data(self, text: str) -> None:
        if self._path[-1] == _TEXT:
            self._add(text)

    def end(self, tag: str) -> None:
        self._path.pop()
        if tag in _SKIPPED:
            self._skipped -= 1
        elif tag == _PARAGRAPH:
            self._open.pop()

    def close(self) -> None:
        """The parser asks for it."""

    def notices(self) -> list[Notice]:
        found = [
            Notice(None, f"{self._counts[tag]} {what} of the Word document were left out")
            for tag, what in _ELSEWHERE.items()
            if self._counts[tag]
        ]
        if count := self._counts[_NUMBERED]:
            told = f"{count} paragraphs are numbered by the word processor: their numbers are no text and were left out"
            found.append(Notice(None, told))
        return found

    def _add(self, text: str) -> None:
        if self._open and not self._skipped:
            self._open[-1].append(text)
