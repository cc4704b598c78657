"""How long a text takes to speak."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.storyboard.speech_length import speech_ms


def test_chinese_is_spoken_at_a_good_four_characters_a_second() -> None:
    assert speech_ms("一二三四五六七八九十百千万两半几多少零双对") == 5000


def test_english_is_spoken_at_a_good_two_and_a_half_words_a_second() -> None:
    assert speech_ms("one two three four five six seven eight nine ten eleven twelve thirteen") == 5000


@pytest.mark.parametrize(
    ("text", "pause"), [("走吧，快", 250), ("走吧。快", 400), ("走吧……快", 350), ("走吧，，快", 500), ("走吧——快", 350)]
)
def test_punctuation_between_words_is_a_pause(text: str, pause: int) -> None:
    assert speech_ms(text) == pytest.approx(speech_ms("走吧快") + pause, abs=1)


def test_punctuation_after_the_last_word_takes_no_time() -> None:
    assert speech_ms("走吧！……”") == speech_ms("走吧")


@pytest.mark.parametrize("text", ["", "……", "（叹气）", "【闪回】", "?!"])
def test_nothing_to_speak_takes_no_time(text: str) -> None:
    assert speech_ms(text) == 0


def test_a_stage_direction_is_not_spoken() -> None:
    assert speech_ms("（压低声音）走吧") == speech_ms("走吧")


def test_digits_are_read_out_one_by_one() -> None:
    assert speech_ms("2026") == speech_ms("20") * 2 == 1000


@settings(max_examples=60)
@given(st.text(max_size=40), st.text(max_size=40))
def test_more_text_never_takes_less_time(first: str, second: str) -> None:
    without_brackets = str.maketrans("", "", "（）()【】")
    first, second = first.translate(without_brackets), second.translate(without_brackets)
    assert speech_ms(first + " " + second) >= max(speech_ms(first), speech_ms(second))
