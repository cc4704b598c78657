"""Where lines break, how long cues last, and what a SubRip reader gets back."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.errors import BadDurationError
from aianime_pipeline.film.subtitles.cues import SHORTEST_CUE_MS, SubtitleCue, spread_line, to_srt
from aianime_pipeline.film.subtitles.line_breaking import LINE_UNITS, break_lines, clusters, units

AWKWARD = [
    "{x} <i>b</i> \\N {\\an8}",
    "00:00:01,000 --> 00:00:02,000",
    "42\n\n43\r\n--> -->",
    "👨‍👩‍👧‍👦" * 25,
    "שלום עולם, זה מבחן ארוך מאוד של כתוביות מימין לשמאל! مرحبا بالعالم",
    "🇨🇳🇯🇵🇰🇷" * 30,
    "e\u0301" * 100,
    "……" * 60,
    "（（（（（（（（（（（（（（（（（（（（（（（（（（",
    "Supercalifragilisticexpialidocious" * 4,
    "\x00\x07\u2028\ufeffbell",
]
texts = (
    st.sampled_from(AWKWARD) | st.text(max_size=200) | st.text("你我他好的了，。！？“”—… abcXYZ,.!?-\n", max_size=200)
)


def bare(text: str) -> str:
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cs"))


def read_srt(text: str) -> list[tuple[str, str, list[str]]]:
    """A small strict reader: number, times, lines, empty line."""
    found = []
    for number, block in enumerate(text.rstrip("\n").split("\n\n") if text else [], start=1):
        index, times, *lines = block.split("\n")
        assert index == str(number)
        match = re.fullmatch(r"(\d\d:\d\d:\d\d,\d{3}) --> (\d\d:\d\d:\d\d,\d{3})", times)
        assert match is not None
        found.append((match[1], match[2], lines))
    return found


@given(texts)
@settings(max_examples=150, deadline=None)
def test_lines_fit_and_nothing_of_the_text_is_lost(text: str) -> None:
    lines = break_lines(text)
    kept = "".join(bare(line) for line in lines)
    assert kept.replace("\ufffd", "") == bare(text).replace("\ufffd", "")
    for line in lines:
        assert line == line.strip()
        assert line
        assert units(line) <= LINE_UNITS or len(clusters(line)) == 1


@given(texts, st.integers(0, 10_000_000), st.integers(1, 30_000))
@settings(max_examples=150, deadline=None)
def test_cues_fill_exactly_the_time_that_the_words_are_spoken(text: str, start: int, length: int) -> None:
    try:
        cues = spread_line(text, start_ms=start, end_ms=start + length, speaker="阿月")
    except BadDurationError:
        assert length < len(break_lines(text))
        return
    if not break_lines(text):
        assert cues == ()
        return
    assert cues[0].start_ms == start
    assert cues[-1].end_ms == start + length
    assert all(before.end_ms == after.start_ms for before, after in pairwise(cues))
    least = min(SHORTEST_CUE_MS, length // len(cues))
    assert all(cue.end_ms - cue.start_ms >= least and 1 <= len(cue.lines) <= 2 for cue in cues)
    assert [line for cue in cues for line in cue.lines] == break_lines(text)


@given(st.lists(texts, max_size=4))
@settings(max_examples=80, deadline=None)
def test_a_subrip_reader_gets_every_line_back(dialogue: list[str]) -> None:
    cues = [
        cue
        for place, text in enumerate(dialogue)
        for cue in spread_line(text, start_ms=place * 100_000, end_ms=place * 100_000 + 50_000)
    ]
    read = read_srt(to_srt(cues))
    assert [[line.replace("--\u2060>", "-->") for line in lines] for _, _, lines in read] == [
        list(cue.lines) for cue in cues
    ]
    to_srt(cues).encode("utf-8")


def test_twenty_chinese_or_forty_two_latin_characters_fill_a_line() -> None:
    assert break_lines("月" * 20) == ["月" * 20]
    assert [len(line) for line in break_lines("月" * 21)] != [21]
    assert len(break_lines("a" * 42)) == 1
    assert len(break_lines("a" * 43)) == 2


def test_lines_break_at_punctuation_and_no_line_begins_with_it() -> None:
    assert break_lines("你终于来了。我在这里等了整整三年，每一天都在想你会不会回来") == [
        "你终于来了。我在这里等了整整三年，",
        "每一天都在想你会不会回来",
    ]
    assert break_lines("I waited here for three years, and every day I thought of you.") == [
        "I waited here for three years,",
        "and every day I thought of you.",
    ]
    for length in range(15, 30):
        assert not any(line[0] in "，。！”" for line in break_lines("“" + "月" * length + "！”她说。"))


def test_time_is_shared_by_the_characters_that_are_spoken() -> None:
    cues = spread_line("一" * 40 + "。" + "二" * 20 + "。", start_ms=0, end_ms=6000)
    spoken = [sum(c.isalnum() for line in cue.lines for c in line) for cue in cues]
    for cue, count in zip(cues, spoken, strict=True):
        assert abs((cue.end_ms - cue.start_ms) - count * 100) <= 1


def test_a_joined_emoji_is_one_character_to_the_reader() -> None:
    assert clusters("👨‍👩‍👧‍👦🇨🇳🇯🇵👍🏽e\u0301") == ["👨‍👩‍👧‍👦", "🇨🇳", "🇯🇵", "👍🏽", "e\u0301"]


def test_cues_without_time_are_refused_and_hours_are_written() -> None:
    with pytest.raises(BadDurationError, match="no time"):
        spread_line("好" * 100, start_ms=5, end_ms=6)
    assert to_srt([SubtitleCue(3_723_004, 3_724_000, ("好",))]) == "1\n01:02:03,004 --> 01:02:04,000\n好\n"
    assert to_srt([]) == ""
