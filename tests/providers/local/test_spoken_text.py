"""What of a line is spoken, and how its numbers are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.providers.local.spoken_text import (
    chinese_number,
    clauses,
    is_spoken,
    language_of,
    left_out,
    numbers_in_chinese,
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026年", "二零二六年"),
        ("15个", "十五个"),
        ("2个苹果", "两个苹果"),
        ("第2集", "第二集"),
        ("2月2日", "二月二日"),
        ("3.5%", "百分之三点五"),
        ("12:30", "十二点三十分"),
        ("2:05", "两点零五分"),
        ("8:00", "八点整"),
        ("1,200元", "一千二百元"),
        ("-5度", "负五度"),
        ("13800138000", "幺三八零零幺三八零零零"),
        ("１２３", "一百二十三"),
        ("没有数字", "没有数字"),
    ],
)
def test_numbers_are_read_as_in_mandarin(written: str, read: str) -> None:
    assert numbers_in_chinese(written) == read


@pytest.mark.parametrize(
    ("digits", "read"),
    [
        ("0", "零"),
        ("10", "十"),
        ("12", "十二"),
        ("101", "一百零一"),
        ("1010", "一千零一十"),
        ("10001", "一万零一"),
        ("100000", "十万"),
        ("1230004", "一百二十三万零四"),
        ("1000000001", "十亿零一"),
        ("20000000000", "二百亿"),
    ],
)
def test_amounts_have_their_zeros_where_they_belong(digits: str, read: str) -> None:
    assert chinese_number(digits) == read


def parsed(words: str) -> int:
    total = group = digit = 0
    for word in words:
        if word in "零一二三四五六七八九":
            digit = "零一二三四五六七八九".index(word)
        elif word in "十百千":
            group += (digit or (1 if word == "十" else 0)) * 10 ** ("十百千".index(word) + 1)
            digit = 0
        else:
            total += (group + digit) * {"万": 10**4, "亿": 10**8}[word]
            group = digit = 0
    return total + group + digit


@given(st.integers(0, 10**12 - 1))
def test_an_amount_read_back_is_the_same_amount(number: int) -> None:
    assert parsed(chinese_number(str(number))) == number


def test_a_line_is_cut_where_one_breathes_and_the_longest_sign_counts() -> None:
    said = clauses("我……我不知道！！“你呢？”——他说，一点、两点。", chinese=True)
    assert [clause.text for clause in said] == ["我,", "我不知道!", "“你呢?", "他说,", "一点,", "两点."]
    pauses = [clause.pause_ms for clause in said]
    assert pauses[0] > pauses[1] > pauses[3] > pauses[4] > 0


def test_a_number_is_not_cut_at_its_point_or_comma() -> None:
    assert [clause.text for clause in clauses("It costs 1,200.50 dollars, you know.", chinese=False)] == [
        "It costs 1,200.50 dollars,",
        "you know.",
    ]


@pytest.mark.parametrize("text", ["……", "！？", "😀", "", " \n", "——", "♪"])
def test_signs_alone_are_not_spoken(text: str) -> None:
    assert not is_spoken(text)
    assert clauses(text, chinese=True) == ()


@given(st.text(max_size=60))
def test_every_clause_has_something_to_say_and_no_letter_is_lost(text: str) -> None:
    said = clauses(text, chinese=False)
    assert all(is_spoken(clause.text) and clause.pause_ms >= 0 for clause in said)
    letters = [letter for letter in text if letter.isalpha()]
    assert [letter for clause in said for letter in clause.text if letter.isalpha()] == letters


def test_emoji_are_left_out_and_named() -> None:
    assert left_out("好的😀，OK♪") == "😀♪"
    assert left_out("好的，OK！100%") == ""


@pytest.mark.parametrize(
    ("text", "tag", "language"),
    [
        ("你好", "zh", "zh"),
        ("你好", "en", "zh"),
        ("你好", "zh-HK", "yue"),
        ("你好", "yue", "yue"),
        ("我用iPhone", "zh-CN", "zh"),
        ("Hello", "zh", "en"),
        ("123", "zh-TW", "zh"),
        ("Hello", "en-GB", "en-gb"),
        ("Bonjour", "fr", "fr"),
        ("こんにちは", "zh", "ja"),
        ("今日", "ja", "ja"),
        ("안녕", "zh", "ko"),
    ],
)
def test_the_script_decides_the_language(text: str, tag: str, language: str) -> None:
    assert language_of(text, tag) == language
