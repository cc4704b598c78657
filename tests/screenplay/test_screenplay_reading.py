"""Bytes → text: encodings that real files have, and each kind of file that is no text."""

import io
import tracemalloc
import zipfile

import docx
import pytest
from support.seasons import write_season

from aianime_pipeline.errors import BadInputError, BinaryFileError, EmptyFileError, EncodingError, InputTooLargeError
from aianime_pipeline.screenplay.reading import MOST_TEXT_BYTES, read_source, read_text
from aianime_pipeline.screenplay.word_document import MOST_PARTS, MOST_XML_BYTES

TEXT = "第1集\n1-1日，外，青石渡口\n林夏：（压低声音）你听见了吗？……😀\n"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("gb18030", "gb18030"),
    ],
)
def test_a_file_in_any_usual_encoding_gives_its_text(encoding: str, name: str) -> None:
    source = read_source(TEXT.encode(encoding))
    assert (source.text, source.encoding) == (TEXT, name)


def test_utf16_of_either_byte_order_is_read() -> None:
    assert read_text(b"\xff\xfe" + TEXT.encode("utf-16-le")) == TEXT
    assert read_text(b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT


def test_a_whole_season_in_gb18030_is_read() -> None:
    season = write_season(5, seed=3)
    assert read_text(season.encode("gb18030")) == season


def test_traditional_chinese_in_gb18030_is_read() -> None:
    text = "第一集\n1-1 日 外 青石渡口\n林夏：你聽見了嗎？我們在這裡。\n沈渡：今天的月亮真好，不要說話。\n"
    assert read_text(text.encode("gb18030")) == text


def test_an_english_file_in_plain_ascii_is_utf8() -> None:
    assert read_source(b"INT. HOUSE - DAY\n").encoding == "utf-8"


@pytest.mark.parametrize(
    "data", [b"", b"\xef\xbb\xbf", b" \r\n\t\n", "　\n　".encode(), b"\xff\xfe", "\n".encode("utf-16")]
)
def test_a_file_with_no_text_is_refused_as_empty(data: bytes) -> None:
    with pytest.raises(EmptyFileError):
        read_text(data, filename="a.txt")


def _zip_of(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "seems"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 20, "PNG"),
        (b"\xff\xd8\xff\xe0JFIF", "JPEG"),
        (b"%PDF-1.7\n", "PDF"),
        (_zip_of("a.txt"), "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 20, "old .doc"),
        (b"{\\rtf1 hello}", "RTF"),
        (b"\x00\x00\x00\x18ftypmp42", "MP4"),
        (b"abc\x00def", "NUL byte at offset 3"),
        ("第1集".encode("utf-16-le") + b"\x00a", "UTF-16"),
        (b"\x01\x02\x03\x04\x05\x06 abc", "control characters"),
    ],
)
def test_a_binary_file_is_refused_naming_what_it_seems_to_be(data: bytes, seems: str) -> None:
    with pytest.raises(BinaryFileError, match=seems) as caught:
        read_text(data, filename="a.txt")
    assert "a.txt" in caught.value.message


def test_one_broken_byte_in_utf8_is_refused_with_offset_and_line() -> None:
    data = TEXT.encode()
    position = data.index("林夏".encode()) + 1
    broken = data[:position] + b"\xff" + data[position + 1 :]
    with pytest.raises(EncodingError) as caught:
        read_text(broken, filename="a.txt")
    # The decoder names the first byte of the broken character.
    assert caught.value.details == {"offset": position - 1, "line": 3}
    assert "line 3" in caught.value.message


def test_a_cut_off_utf8_file_is_refused_at_its_end() -> None:
    data = TEXT.rstrip("😀\n").encode() + "渡".encode()[:2]
    with pytest.raises(EncodingError) as caught:
        read_text(data)
    assert caught.value.details["line"] == 3


@pytest.mark.parametrize(
    "data",
    [
        "Él está aquí, señor. ¿Dónde está el niño?\n".encode("latin-1") * 3,
        "これは日本語のテキストです。カタカナとひらがな。\n".encode("shift-jis") * 3,
        "第一集 河邊的渡口，沒有人聽見聲音。\n".encode("big5") * 3,
        "Это русский текст, совсем не китайский.\n".encode("cp1251") * 3,
        b"\xff\xfe\x00",
    ],
)
def test_other_encodings_are_refused_and_not_guessed(data: bytes) -> None:
    with pytest.raises(EncodingError, match="UTF-8"):
        read_text(data)


def _docx_bytes() -> bytes:
    document = docx.Document()
    paragraph = document.add_paragraph()
    paragraph.add_run("第").bold = True
    paragraph.add_run("1").bold = True
    paragraph.add_run("集")
    document.add_paragraph("1-1 夜 内 客栈\n△灯灭了。")
    table = document.add_table(rows=2, cols=2)
    for index, text in enumerate(["人物：林夏", "林夏：走", "△雾", "林夏os：嗯"]):
        table.cell(index // 2, index % 2).text = text
    document.add_paragraph("沈渡：别走\t。")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_a_word_document_gives_paragraphs_and_cells_in_order_with_soft_breaks_as_lines() -> None:
    source = read_source(_docx_bytes(), filename="a.docx")
    assert source.encoding == "docx"
    assert source.text.split("\n") == [
        "第1集",
        "1-1 夜 内 客栈",
        "△灯灭了。",
        "人物：林夏",
        "林夏：走",
        "△雾",
        "林夏os：嗯",
        "沈渡：别走\t。",
    ]


def test_a_word_document_is_known_by_its_content_too() -> None:
    assert read_source(_docx_bytes(), filename="a.txt").encoding == "docx"


def test_merged_cells_and_tracked_changes_are_read_once_each() -> None:
    document = docx.Document()
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "合并"
    body = document.element.body
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    inserted = f"<w:p {namespace}><w:ins><w:r><w:t>新写的</w:t></w:r></w:ins>"
    inserted += "<w:del><w:r><w:delText>删掉的</w:delText></w:r></w:del></w:p>"
    body.insert(0, docx.oxml.parse_xml(inserted))
    file = io.BytesIO()
    document.save(file)
    assert [line for line in read_text(file.getvalue()).split("\n") if line] == ["新写的", "合并"]


def test_a_zip_named_docx_is_refused_with_what_it_is() -> None:
    with pytest.raises(BadInputError, match="Excel"):
        read_text(_zip_of("xl/workbook.xml"), filename="a.docx")


def test_a_word_document_without_text_is_empty() -> None:
    file = io.BytesIO()
    docx.Document().save(file)
    with pytest.raises(EmptyFileError):
        read_text(file.getvalue(), filename="a.docx")


def test_a_damaged_word_document_is_refused_wherever_it_is_cut_or_changed() -> None:
    whole = _docx_bytes()
    refused = 0
    for step in range(1, 40):
        position = step * len(whole) // 40
        for damaged in (whole[:position], whole[:position] + b"\x55\xaa" + whole[position + 2 :]):
            try:
                read_text(damaged, filename="a.docx")
            except BadInputError:
                refused += 1
    assert refused >= 39


def _docx_of(*pieces: bytes) -> bytes:
    """A Word document whose XML has these pieces in its body; made without having them all at once."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as xml:
        xml.write(b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>')
        for piece in pieces:
            xml.write(piece)
        xml.write(b"</w:body></w:document>")
    return file.getvalue()


def _peak_of_reading(data: bytes) -> int:
    tracemalloc.start()
    try:
        with pytest.raises(BadInputError):
            read_text(data, filename="bomb.docx")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("piece", [b"<w:p/>" * 10_000, b"<w:p><w:r><w:t>" + b" " * 60_000 + b"</w:t></w:r></w:p>"])
def test_a_word_document_that_unpacks_to_gigabytes_is_left_after_twenty_megabytes(piece: bytes) -> None:
    bomb = _docx_of(*[piece] * (200 * 1024 * 1024 // len(piece)))
    assert len(bomb) < 2 * 1024 * 1024
    with pytest.raises(InputTooLargeError, match=r"bomb\.docx has more than 20,971,520 bytes") as refused:
        read_text(bomb, filename="bomb.docx")
    assert refused.value.details["most"] == MOST_XML_BYTES
    if piece.startswith(b"<w:p><w:r>"):
        assert _peak_of_reading(bomb) < 3 * MOST_XML_BYTES


def test_a_zip_that_says_less_of_its_size_than_it_unpacks_to_is_no_way_around_the_bound() -> None:
    data = bytearray(_docx_of(*[b" " * 1_000_000] * 30))
    size = data.rindex(b"PK\x01\x02") + 24
    data[size : size + 4] = (1_000).to_bytes(4, "little")
    assert _peak_of_reading(bytes(data)) < MOST_XML_BYTES


def test_a_word_document_that_declares_entities_is_refused_before_they_grow() -> None:
    grows = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", grows)
    with pytest.raises(BadInputError, match="declares a document type"):
        read_text(file.getvalue(), filename="a.docx")


def test_a_word_document_of_very_many_parts_is_refused_before_they_are_listed() -> None:
    with pytest.raises(InputTooLargeError, match=r"more than 10,000 parts"):
        read_text(_zip_of("word/document.xml", *map(str, range(MOST_PARTS))), filename="a.docx")


def test_a_long_word_document_is_read_whole() -> None:
    line = "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>林夏：走</w:t><w:tab/><w:t>。</w:t></w:r></w:p>".encode()
    text = read_text(_docx_of(*[line] * 50_000), filename="a.docx")
    assert text.split("\n") == ["林夏：走\t。"] * 50_000


def test_a_text_box_comes_after_the_paragraph_that_it_is_in() -> None:
    box = "<w:p><w:r><w:t>外</w:t><w:p><w:r><w:t>框</w:t></w:r></w:p><w:t>面</w:t></w:r></w:p>".encode()
    assert read_text(_docx_of(box), filename="a.docx") == "外面\n框"


def test_a_text_larger_than_any_is_refused_and_a_picture_is_still_called_one() -> None:
    with pytest.raises(InputTooLargeError, match=r"a\.txt has more than 10,000,000 bytes of text"):
        read_text(b"a" * (MOST_TEXT_BYTES + 1), filename="a.txt")
    with pytest.raises(BinaryFileError, match="PNG"):
        read_text(b"\x89PNG\r\n\x1a\n" + b"a" * MOST_TEXT_BYTES, filename="a.txt")
