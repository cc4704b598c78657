"""Prose cut up for a language model: by chapters, then in parts, and nothing of it lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.storytelling.chapters import parts_of, read_prose, weight


def told(text: str) -> list[tuple[int, str | None, list[str]]]:
    return [(one.number, one.title, [part.text for part in one.paragraphs]) for one in read_prose(text).chapters]


def test_chinese_chapters_are_numbered_as_they_are_written() -> None:
    text = "《月下渡》\n\n第三章 无人的船\n林夏来了。\n第四章：灯\n灯灭了。\n第五回\n天亮了。"
    assert read_prose(text).title == "月下渡"
    assert told(text) == [(3, "无人的船", ["林夏来了。"]), (4, "灯", ["灯灭了。"]), (5, None, ["天亮了。"])]


def test_english_chapters_in_figures_words_and_roman_numerals() -> None:
    first = "# The Last Ferry\n\nChapter One\nMara ran\nto the shore.\n\n"
    text = f"{first}CHAPTER II: The Lamp\n\nDark.\n\n## Chapter 3\n\nEnd."
    assert read_prose(text).title == "The Last Ferry"
    assert told(text) == [
        (1, None, ["Mara ran to the shore."]),
        (2, "The Lamp", ["Dark."]),
        (3, None, ["End."]),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "第一章里写的那些事，她都不信。",
        "Chapter one of his life was over, and he knew it.",
        "第二天清晨，雾散了。",
        "chapter and verse were lost on him",
        "序章之后的故事，没有人记得。",
    ],
)
def test_a_sentence_that_begins_like_a_heading_is_none(line: str) -> None:
    assert len(told(f"开头。\n\n{line}\n\n结尾。")) == 1


def test_a_prologue_makes_the_chapters_count_from_one() -> None:
    assert [(number, title) for number, title, _ in told("楔子\n雾。\n第一章\n船。\n尾声\n灯。")] == [
        (1, "楔子"),
        (2, None),
        (3, "尾声"),
    ]


def test_a_table_of_contents_makes_no_chapters_and_what_is_before_them_is_kept() -> None:
    text = "作者的话。\n第一章 船\n第二章 灯\n\n第一章 船\n船来了。\n第二章 灯\n灯灭了。"
    assert told(text) == [(1, "船", ["作者的话。"]), (2, "船", ["船来了。"]), (3, "灯", ["灯灭了。"])]


def test_text_without_headings_is_one_chapter_and_no_text_is_none() -> None:
    assert told("林夏来了。\n灯灭了。") == [(1, None, ["林夏来了。", "灯灭了。"])]
    assert told(" \n ") == []


def test_parts_are_about_even_and_within_what_a_model_answers() -> None:
    (chapter,) = read_prose("\n".join("灯火照着渡口的水面，" * 10 + f"{number}。" for number in range(80))).chapters
    parts = parts_of(chapter)
    weights = [sum(weight(one.text) for one in part) for part in parts]
    assert len(parts) in (4, 5)
    assert max(weights) <= 2400
    assert min(weights) > 1200


@given(st.lists(st.text("灯火 abc。，“”\n", max_size=400), max_size=30), st.integers(5, 400))
def test_no_letter_of_a_text_is_lost_in_parts(paragraphs: list[str], most: int) -> None:
    text = "\n".join(paragraphs)
    parts = [part for chapter in read_prose(text).chapters for part in parts_of(chapter, most=most)]
    kept = "".join(one.text for part in parts for one in part)
    assert "".join(kept.split()) == "".join(text.split())
    lines = [one.line for part in parts for one in part]
    assert lines == sorted(lines)
