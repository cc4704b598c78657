"""A storyboard as a table: it survives the way through a spreadsheet, and errors name line and column."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.planned_episodes import ferry_episode
from support.storyboards import write_v4_storyboard

from aianime_pipeline.errors import (
    BadDurationError,
    BadInputError,
    DuplicateShotNumberError,
    EmptyFileError,
    MissingDescriptionError,
    StoryboardFormatError,
)
from aianime_pipeline.storyboard.model import DEFAULT_WANTS, CameraMove, Framing, Shot, Storyboard, Transition
from aianime_pipeline.storyboard.planner import plan_storyboard
from aianime_pipeline.storyboard.table import read_csv, write_csv
from aianime_pipeline.storyboard.v4 import read_v4

HEADER = (
    "number,seconds,framing,camera_move,description,blocking,speaker,dialogue,voice_over,emotion,transition,prompt,"
    "negative_prompt,scene,place,time_of_day,interior,characters,props,priority,wants,note"
)


def a_storyboard(*shots: Shot) -> Storyboard:
    return Storyboard("p", 1, "t", shots)


def a_shot(**fields: Any) -> Shot:
    values = {
        "number": 1,
        "duration_ms": 3000,
        "framing": Framing.MEDIUM,
        "camera_move": CameraMove.HOLD,
        "description": "A door.",
    }
    return Shot(**(values | fields))


def cells_of(storyboard: Storyboard) -> list[dict[str, str]]:
    text = write_csv(storyboard).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_planned_storyboard_survives_the_table_whole() -> None:
    planned = plan_storyboard(ferry_episode(), project="m", language="zh", props=("铜铃",))
    read = read_csv(write_csv(planned))
    assert (read.shots, read.notices, read.language) == (planned.shots, (), "zh")


def test_an_imported_storyboard_keeps_its_free_text_through_the_table() -> None:
    shots = read_v4(json.dumps(write_v4_storyboard())).shots
    wanted = [replace(shot, extra={}, warnings=()) for shot in shots]
    assert list(read_csv(write_csv(a_storyboard(*shots))).shots) == wanted


def test_the_file_opens_in_a_spreadsheet() -> None:
    written = write_csv(a_storyboard(a_shot(description='两行\n一个"引号", 逗号')))
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig").split("\r\n")[0] == HEADER
    assert '"两行\n一个""引号"", 逗号"'.encode() in written


@pytest.mark.parametrize("text", ["=1+1", "+49", "-x", "@SUM(A1)", "\tx", "＝A1", "'=1", "''=1", '=HYPERLINK("x")'])
def test_a_cell_that_a_spreadsheet_would_run_is_defused_and_comes_back_the_same(text: str) -> None:
    storyboard = a_storyboard(a_shot(dialogue=text, note=text, characters=("=x",)))
    (cells,) = cells_of(storyboard)
    assert cells["dialogue"] == f"'{text}"
    assert all(cells[column][0] == "'" for column in ("dialogue", "characters", "note"))
    assert read_csv(write_csv(storyboard)).shots == storyboard.shots


def test_an_apostrophe_before_an_ordinary_word_is_left_alone() -> None:
    (cells,) = cells_of(a_storyboard(a_shot(dialogue="'tis")))
    assert cells["dialogue"] == "'tis"


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("'=+-@\t\n,;\"/、"), max_size=15)
NAME = ANY_TEXT.map(str.strip).filter(bool)
ANY_SHOT = st.builds(
    Shot,
    number=st.integers(0, 99_999),
    duration_ms=st.integers(1, 60_000),
    framing=st.sampled_from(Framing),
    camera_move=st.sampled_from(CameraMove),
    description=ANY_TEXT.filter(lambda text: bool(text.strip())),
    framing_text=ANY_TEXT.map(str.strip) | st.sampled_from(["特写", "close_up", "close_up: x", "中近景（过肩）"]),
    camera_text=ANY_TEXT.map(str.strip) | st.sampled_from(["hold", "缓慢推近+轻微晃动"]),
    blocking=ANY_TEXT,
    dialogue=ANY_TEXT,
    speakers=st.lists(NAME, max_size=2).map(tuple),
    voice_over=st.booleans(),
    emotion=ANY_TEXT,
    transition=st.sampled_from(Transition),
    prompt=ANY_TEXT,
    negative_prompt=ANY_TEXT,
    scene=ANY_TEXT,
    place=ANY_TEXT,
    time_of_day=st.sampled_from(["dawn", "day", "dusk", "night", None]),
    interior=st.sampled_from(["int", "ext", "int_ext", None]),
    characters=st.lists(NAME, max_size=3).map(tuple),
    props=st.lists(NAME, max_size=2).map(tuple),
    priority=st.sampled_from(["P0", "P1", "P2"]),
    wants=st.frozensets(st.sampled_from(["image", "video", "voice", "effects", "music", "transition"])),
    note=ANY_TEXT,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ANY_SHOT, min_size=1, max_size=3, unique_by=lambda shot: shot.number))
def test_any_shots_come_back_the_same(shots: list[Shot]) -> None:
    assert list(read_csv(write_csv(a_storyboard(*shots))).shots) == shots


def test_chinese_headers_in_any_order_and_missing_columns_are_fine() -> None:
    table = "景别,画面描述,镜号,时长,角色,台词,内外,时间\n特写,雨夜,1,2.5,林夏、沈渡,走。,外,夜\n,天亮,2,3秒,,,,\n"
    storyboard = read_csv(table.encode("gb18030"))
    first, second = storyboard.shots
    assert (first.framing, first.framing_text, first.speakers) == (Framing.CLOSE_UP, "特写", ("林夏", "沈渡"))
    assert (first.interior, first.time_of_day, first.duration_ms) == ("ext", "night", 2500)
    assert (second.framing, second.duration_ms, second.wants) == (Framing.MEDIUM, 3000, DEFAULT_WANTS)
    assert storyboard.notices == ()


def test_without_a_speaker_column_the_speaker_may_stand_before_the_line() -> None:
    (shot,) = read_csv("镜号,时长,画面描述,台词\n1,3,雨,林夏os：走。\n".encode()).shots
    assert (shot.speakers, shot.dialogue, shot.voice_over) == (("林夏",), "走。", True)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_are_read(delimiter: str) -> None:
    table = "number,seconds,description\n1,2,Rain\n".replace(",", delimiter)
    assert read_csv(table.encode()).shots[0].description == "Rain"


def test_a_comma_may_be_the_decimal_sign() -> None:
    assert read_csv(b"number;seconds;description\n1;2,5;Rain\n").shots[0].duration_ms == 2500


def test_what_is_odd_but_usable_becomes_a_notice_with_its_line() -> None:
    storyboard = read_csv("number,seconds,description,framing,colour\n\n1,2,Rain,主观,red\n".encode())
    assert [(notice.line, notice.shot) for notice in storyboard.notices] == [(1, None), (3, 1)]
    assert storyboard.shots[0].framing_text == "主观"


ROW = "number,seconds,description,voice_over,speaker,time_of_day,priority,wants\n"


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ("seconds,description\n1,x\n", StoryboardFormatError, "Line 1: the header has no column number (镜号)"),
        ("number,镜号,seconds,description\n", StoryboardFormatError, "Line 1: two columns both mean number"),
        ("number,seconds,description\n", StoryboardFormatError, "no shots"),
        (ROW + "x,2,Rain\n", StoryboardFormatError, "Line 2, column number: “x”"),
        (ROW + '1,2,"two\nlines"\n,2,Rain\n', StoryboardFormatError, "Line 4, column number: “”"),
        (ROW + "1,2,Rain\n2,0,Rain\n", BadDurationError, "Line 3, column seconds: “0”"),
        (ROW + "1,nan,Rain\n", BadDurationError, "Line 2, column seconds"),
        (ROW + "1,61,Rain\n", BadDurationError, "at most 60"),
        (ROW + "1,,Rain\n", BadDurationError, "Line 2, column seconds: “”"),
        (ROW + "1,2, \n", MissingDescriptionError, "Line 2, column description: shot 1 has none"),
        (ROW + "1,2,Rain,perhaps\n", StoryboardFormatError, "Line 2, column voice_over: “perhaps”"),
        (ROW + "1,2,Rain,,,noonish\n", StoryboardFormatError, "Line 2, column time_of_day: “noonish”"),
        (ROW + "1,2,Rain,,,,P9\n", StoryboardFormatError, "Line 2, column priority"),
        (ROW + "1,2,Rain,,,,,hologram\n", StoryboardFormatError, "Line 2, column wants: “hologram”"),
        (ROW + "1,2,Rain,,,,,,one too many\n", StoryboardFormatError, "Line 2: 9 cells for 8 columns"),
        (ROW + "1,2,Rain\n1,2,Sun\n", DuplicateShotNumberError, "1 on lines 2, 3"),
        (ROW + '1,2,"Rain\n', StoryboardFormatError, "Line 2:"),
    ],
)
def test_what_cannot_be_used_is_refused_with_line_and_column(
    table: str, error: type[BadInputError], message: str
) -> None:
    with pytest.raises(error) as raised:
        read_csv(table.encode())
    assert message in raised.value.message


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(EmptyFileError):
        read_csv(b"")
