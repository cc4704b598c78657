"""Bytes of a file → text: which encoding it is, or why it is no text.

Valid UTF-8 wins (a mark at its front is dropped), then UTF-16 with its mark, then strict GB18030 whose characters
look like Chinese. GB18030 gives a character to almost every pair of bytes, so decoding alone proves nothing: a
UTF-8 file with one broken byte decodes too, into rare characters that nobody writes.
"""

import codecs
import re
from dataclasses import dataclass

from aianime_pipeline.errors import BinaryFileError, EmptyFileError, EncodingError, InputTooLargeError
from aianime_pipeline.screenplay.model import Notice
from aianime_pipeline.screenplay.word_document import is_word_document, read_word_document


@dataclass(frozen=True)
class SourceText:
    """`encoding` is `utf-8`, `utf-16`, `gb18030` or `docx`; the notices say what of the file is not in the text."""

    text: str
    encoding: str
    notices: tuple[Notice, ...] = ()


_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF; export its text, or the document it was made from, as .docx or .txt"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old .doc, or a .docx with a password; save it as a plain .docx"),
    (b"{\\rtf", "an RTF document; save it as .docx or .txt"),
    (b"PK\x03\x04", "a ZIP archive; unpack it, or save the document as .docx or .txt"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"RIFF", "a WAV, AVI or WebP file"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM film"),
    (b"ID3", "an MP3 file"),
    (b"OggS", "an Ogg file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
)
MOST_TEXT_BYTES = 10_000_000
"""Of a file that is text. A season of 100 episodes has about 1 MB; a storyboard of 2,000 shots some 5 MB."""
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
_PUNCTUATION = frozenset("，。：；！？、“”‘’《》【】（）〈〉「」『』〔〕…—·～△▲●○■□◆◇★☆※→×\u3000￥％＊＋－／＝｜")


def read_text(data: bytes, *, filename: str = "") -> str:
    """The text of a screenplay file. Raises what `read_source` raises."""
    return read_source(data, filename=filename).text


def read_source(data: bytes, *, filename: str = "") -> SourceText:
    """The text with how it was found.

    Raises EmptyFileError, BinaryFileError (naming what the file seems to be), InputTooLargeError, EncodingError (with
    byte offset and line), and BadInputError for a damaged .docx.
    """
    name = filename or "the file"
    if not data:
        raise EmptyFileError(f"{name} is empty (0 bytes); hand in a screenplay as .txt, .md, .docx or .fountain")
    if is_word_document(data, filename):
        text, notices = read_word_document(data, name)
        source = SourceText(text, "docx", notices)
    else:
        _refuse_binary(data, name)
        if len(data) > MOST_TEXT_BYTES:
            raise InputTooLargeError.of(name, "bytes of text", MOST_TEXT_BYTES)
        source = SourceText(*_decode(data, name))
        _refuse_control_characters(source.text, name)
    if not source.text.strip("\ufeff\u200b \t\r\n\f\v\u3000\xa0\x1a"):
        raise EmptyFileError(f"{name} holds only blank space; hand in a file with text in it")
    return source


def _refuse_binary(data: bytes, name: str) -> None:
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise BinaryFileError(f"{name} is no text but seems to be {what}", seems=what)
    if data[4:8] == b"ftyp":
        raise BinaryFileError(f"{name} is no text but seems to be an MP4 film or HEIC picture", seems="MP4")
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and (offset := data.find(b"\x00")) >= 0:
        raise BinaryFileError(
            f"{name} is no text: it has a NUL byte at offset {offset}. If it is UTF-16, save it as UTF-8",
            offset=offset,
        )


def _refuse_control_characters(text: str, name: str) -> None:
    found = _CONTROL.findall(text)
    if "\x00" in found or len(found) > max(2, len(text) // 100):
        raise BinaryFileError(f"{name} is no text: it is full of control characters", control_characters=len(found))


def _decode(data: bytes, name: str) -> tuple[str, str]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_utf16(data, name), "utf-16"
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        # `utf-8-sig` counts offsets behind the mark; a second pass gives the offset in the file.
        first_bad = _first_bad_byte(data)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _not_decodable(data, name, first_bad, f"nor GB18030 (byte {error.start})") from error
    if not _looks_chinese(text):
        raise _not_decodable(data, name, first_bad, "and read as GB18030 it is no Chinese text")
    return text, "gb18030"


def _decode_utf16(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        line = data[: error.start].decode("utf-16", errors="replace").count("\n") + 1
        raise EncodingError(
            f"{name} begins as UTF-16 but breaks at byte {error.start} (line {line}); save it as UTF-8",
            offset=error.start,
            line=line,
        ) from error


def _first_bad_byte(data: bytes) -> int:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _not_decodable(data: bytes, name: str, offset: int, second: str) -> EncodingError:
    line = data[:offset].count(b"\n") + 1
    return EncodingError(
        f"{name} cannot be read: byte {offset} (line {line}) is not UTF-8, {second}. Save the file as UTF-8",
        offset=offset,
        line=line,
    )


def _looks_chinese(text: str) -> bool:
    """Whether most characters beyond ASCII are everyday Chinese ones, those of the standard GB 2312."""
    foreign = [letter for letter in text if not letter.isascii()]
    everyday = sum(1 for letter in foreign if letter in _PUNCTUATION or _is_everyday_ideograph(letter))
    return everyday >= 0.6 * len(foreign)


def _is_everyday_ideograph(letter: str) -> bool:
    if not "\u4e00" <= letter <= "\u9fff":
        return False
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
