"""Bytes → text: encodings that real files have, and each kind of file that is no text."""

import io
import zipfile

import docx
import pytest
from support.seasons import write_season

from aianime_pipeline.errors import BadInputError, BinaryFileError, EmptyFileError, EncodingError
from aianime_pipeline.screenplay.reading import read_source, read_text

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
