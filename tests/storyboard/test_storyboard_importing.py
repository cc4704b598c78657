"""The one door for storyboard files."""

import json

import pytest
from support.storyboards import write_v4_storyboard

from aianime_pipeline.errors import EmptyFileError, StoryboardFormatError, UnknownFormatError
from aianime_pipeline.storyboard.importing import looks_like_storyboard, read_storyboard, write_storyboard

V4 = json.dumps(write_v4_storyboard(3), ensure_ascii=False).encode()
TABLE = "镜号,时长,画面描述\n1,3,雨\n".encode("gb18030")
SCREENPLAY = "第1集\n1-1 日 外 渡口\n△雾。\n林夏：走。\n".encode()


@pytest.mark.parametrize(
    ("data", "filename", "looks"),
    [
        (V4, "a.json", True),
        (V4, "upload", True),
        (TABLE, "a.csv", True),
        (TABLE, "a.txt", True),
        (V4[:-20], "a.txt", True),
        (b"{broken", "a.json", True),
        (b"number,seconds\n", "a.csv", True),
        (SCREENPLAY, "a.txt", False),
        (SCREENPLAY, "a.md", False),
        (b'{"scenes": []}', "a.txt", False),
        (b"PK\x03\x04\x00\x00", "a.docx", False),
        (b"", "a.txt", False),
    ],
)
def test_a_storyboard_is_told_from_a_screenplay(data: bytes, filename: str, looks: bool) -> None:
    assert looks_like_storyboard(data, filename) is looks


def test_a_file_is_read_by_its_content_whatever_its_name() -> None:
    assert len(read_storyboard(V4, filename="upload").shots) == 3
    assert len(read_storyboard(TABLE, filename="表.txt").shots) == 1


@pytest.mark.parametrize("format", ["v4", "storyboard_ai_v4", "JSON"])
def test_a_named_format_is_used(format: str) -> None:
    assert len(read_storyboard(V4, filename="a.csv", format=format).shots) == 3


def test_a_file_in_another_format_than_named_is_told_so() -> None:
    with pytest.raises(StoryboardFormatError, match="not valid JSON"):
        read_storyboard(TABLE, filename="a.csv", format="v4")


def test_a_damaged_file_is_told_by_its_ending_what_is_wrong_with_it() -> None:
    with pytest.raises(StoryboardFormatError, match="line 1, column 2"):
        read_storyboard(b"{broken", filename="a.json")
    with pytest.raises(EmptyFileError):
        read_storyboard(b"", filename="a.csv")


@pytest.mark.parametrize(("filename", "format"), [("a.txt", None), ("a.json", "xml")])
def test_what_is_no_storyboard_is_refused(filename: str, format: str | None) -> None:
    with pytest.raises(UnknownFormatError, match=filename):
        read_storyboard(SCREENPLAY, filename=filename, format=format)


def test_the_ending_chooses_what_is_written() -> None:
    storyboard = read_storyboard(V4, filename="a.json")
    assert json.loads(write_storyboard(storyboard, "b.JSON")) == json.loads(V4)
    assert write_storyboard(storyboard, "b.csv").startswith(b"\xef\xbb\xbfnumber,")
    with pytest.raises(UnknownFormatError, match="xlsx"):
        write_storyboard(storyboard, "b.xlsx")
