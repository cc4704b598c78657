"""Cutting long speech at the ends of sentences and clauses."""

from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.storyboard.planning.splitting import sentences, split_to_length
from aianime_pipeline.storyboard.speech_length import speech_ms


def test_a_short_text_stays_whole() -> None:
    assert split_to_length("走吧。", 8000, speech_ms) == ["走吧。"]


def test_a_long_speech_is_cut_at_the_ends_of_sentences() -> None:
    text = "他们说灯灭了人就回不来。可我守了三十年，一盏也没有灭过。你告诉我，他们都到哪里去了？"
    assert split_to_length(text, 6000, speech_ms) == [
        "他们说灯灭了人就回不来。",
        "可我守了三十年，一盏也没有灭过。",
        "你告诉我，他们都到哪里去了？",
    ]


def test_a_long_sentence_is_cut_at_its_commas() -> None:
    text = "那年冬天雪下得很大，船都冻在港里，谁也出不去"
    assert split_to_length(text, 3000, speech_ms) == ["那年冬天雪下得很大，", "船都冻在港里，谁也出不去"]


def test_a_closing_quotation_mark_stays_with_its_sentence() -> None:
    assert sentences("他说：“走！”我没动。") == ["他说：“走！”", "我没动。"]


def test_an_english_abbreviation_ends_no_sentence() -> None:
    assert sentences("Mr. Reed left. Nobody saw him.") == ["Mr. Reed left.", " Nobody saw him."]


TEXT = st.text(st.sampled_from("山水灯船我你他，。！？、：；……——“”（） ab.,!"), max_size=120)


@settings(max_examples=150)
@given(TEXT, st.integers(600, 4000))
def test_no_part_is_longer_than_the_limit_and_no_letter_is_lost(text: str, limit: int) -> None:
    parts = split_to_length(text, limit, len_ms)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(len_ms(part) <= limit for part in parts)


def len_ms(text: str) -> int:
    return 200 * len(text)
