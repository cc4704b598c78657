"""The one door: which format a file is taken for, and what it says to files that it cannot take."""

from pathlib import Path

import pytest

from aianime_pipeline.errors import BinaryFileError, EncodingError, NoSceneError, UnknownFormatError
from aianime_pipeline.screenplay.model import Block
from aianime_pipeline.screenplay.parsing import parse_screenplay, recognise_format

CHINESE = "第1集\n1-1 夜 内 客栈\n△灯灭了。\n林夏：走\n"
FOUNTAIN = "Title: X\n\nINT. HOUSE - DAY\n\nMARA\nGo.\n"
PROSE = "很久以前，河边有一座渡口。\n\n一个姑娘每天在那里等船。\n"


@pytest.mark.parametrize(
    ("text", "filename", "expected"),
    [
        (CHINESE, "a.txt", "chinese"),
        (CHINESE, "a.md", "chinese"),
        (CHINESE, "no_ending", "chinese"),
        (FOUNTAIN, "a.fountain", "fountain"),
        (FOUNTAIN, "a.txt", "fountain"),
        ("INT. 客栈 - 夜\n\n@林夏\n走。\n", "a.md", "fountain"),
        ("1-1 夜 内 客栈\n△灯。\nEXT. 渡口 - 夜\nINT. 船 - 夜\n△雾。", "a.txt", "chinese"),
        ("△只有动作", "a.txt", "chinese"),
    ],
)
def test_the_format_is_recognised_by_name_and_content(text: str, filename: str, expected: str) -> None:
    assert recognise_format(text, filename) == expected


def test_a_named_format_wins_over_the_file_name() -> None:
    assert len(parse_screenplay(CHINESE.encode(), filename="a.fountain", format="chinese").episodes) == 1
    with pytest.raises(NoSceneError):
        parse_screenplay(CHINESE.encode(), filename="a.txt", format="fountain")


def test_an_unknown_format_is_refused_with_the_list() -> None:
    with pytest.raises(UnknownFormatError, match="chinese, fountain, text"):
        parse_screenplay(CHINESE.encode(), filename="a.txt", format="klingon")


@pytest.mark.parametrize("filename", ["a.fdx", "A.JSON", "a.html"])
def test_a_file_of_another_known_format_is_refused_with_the_way_out(filename: str) -> None:
    with pytest.raises(UnknownFormatError, match="chinese, fountain, text"):
        parse_screenplay(b"<x>", filename=filename)


def test_prose_is_refused_with_both_ways_out() -> None:
    with pytest.raises(NoSceneError, match=r"language model.*`text`"):
        parse_screenplay(PROSE.encode(), filename="a.txt")


def test_prose_is_kept_as_one_scene_with_a_block_for_each_paragraph() -> None:
    screenplay = parse_screenplay(PROSE.encode(), filename="a.txt", format="text")
    assert screenplay.language == "zh"
    assert screenplay.episodes[0].scenes[0].blocks == (
        Block("action", "很久以前，河边有一座渡口。", 1),
        Block("action", "一个姑娘每天在那里等船。", 3),
    )
    assert len(screenplay.notices) == 1


def test_english_prose_is_joined_over_its_line_breaks() -> None:
    text = "Once there was\na river.\n\nA girl waited.\n  Every day.\n"
    blocks = parse_screenplay(text.encode(), filename="a.txt", format="text").episodes[0].scenes[0].blocks
    assert [(block.text, block.line) for block in blocks] == [
        ("Once there was a river.", 1),
        ("A girl waited.", 4),
        ("Every day.", 5),
    ]


def test_errors_of_reading_name_the_file() -> None:
    with pytest.raises(BinaryFileError, match=r"pic\.txt"):
        parse_screenplay(b"\x89PNG\r\n", filename="pic.txt")
    with pytest.raises(EncodingError, match="line 2"):
        parse_screenplay("第1集\n".encode() + b"\xff\xff\n", filename="a.txt")


def test_one_season_in_two_encodings_is_one_screenplay() -> None:
    assert parse_screenplay(CHINESE.encode("gb18030"), filename="a.txt") == parse_screenplay(
        CHINESE.encode("utf-8-sig"), filename="a.txt"
    )


@pytest.mark.parametrize(
    ("name", "episodes", "language"), [("moonlit-ferry.txt", 3, "zh"), ("the-last-ferry.fountain", 1, "en")]
)
def test_the_examples_are_read_without_a_line_that_fits_no_form(name: str, episodes: int, language: str) -> None:
    data = (Path(__file__).parents[2] / "examples" / name).read_bytes()
    screenplay = parse_screenplay(data, filename=name)
    assert (len(screenplay.episodes), screenplay.language) == (episodes, language)
    assert [notice for notice in screenplay.notices if notice.line is not None] == []
    for episode in screenplay.episodes:
        for scene in episode.scenes:
            assert scene.place
            assert scene.time_of_day
            assert scene.interior
            assert scene.blocks


def test_the_first_episode_of_the_example_is_a_film_of_about_a_minute() -> None:
    data = (Path(__file__).parents[2] / "examples" / "moonlit-ferry.txt").read_bytes()
    episode = parse_screenplay(data, filename="moonlit-ferry.txt").episodes[0]
    blocks = [block for scene in episode.scenes for block in scene.blocks]
    spoken = [len(block.text) for block in blocks if block.type in ("dialogue", "os")]
    assert 4 <= len(episode.scenes) <= 5
    assert 12 <= len(spoken) <= 14
    assert all(6 <= length <= 25 for length in spoken)
    assert 7 <= sum(block.type == "action" for block in blocks) <= 9
    assert {scene.time_of_day for scene in episode.scenes} == {"dawn", "day", "dusk", "night"}
