"""Translations that come back as files, and where their lines then hang."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from aianime_pipeline.errors import BadInputError, BadSettingError
from aianime_pipeline.film.subtitles.cues import to_srt
from aianime_pipeline.film.subtitles.reading import read_subtitles
from aianime_pipeline.film.timeline import Picture, Timeline, TimelineShot, build_timeline
from aianime_pipeline.film.timeline.edits import move
from aianime_pipeline.film.timeline.subtitle_tracks import with_subtitle_track, without_subtitle_track

SRT = """1
00:00:00,500 --> 00:00:01,500
You came at last.

2
00:00:02,100 --> 00:00:03,900
<i>I</i> waited {for}
three years & more.
"""


def timeline() -> Timeline:
    still = Picture(Path("a.png"), "b" * 64, "still")
    shots = [TimelineShot(number, 2000, still, dialogue=f"第{number}句。") for number in (1, 2)]
    return build_timeline(shots, width=320, height=180, rate=Fraction(24)).timeline


def test_subrip_is_read_with_its_lines_and_without_its_style() -> None:
    first, second = read_subtitles(SRT)
    assert (first.start_ms, first.end_ms, first.lines) == (500, 1500, ("You came at last.",))
    assert second.lines == ("I waited {for}", "three years & more.")


def test_what_we_write_ourselves_is_read_back_the_same() -> None:
    cues = timeline().cues("zh")
    assert [replace(cue, speaker="") for cue in cues] == list(read_subtitles(to_srt(cues)))


def test_webvtt_is_read_with_voices_settings_and_notes() -> None:
    text = (
        "\ufeffWEBVTT - a film\n\nNOTE not shown\n\nSTYLE\n::cue { color: red }\n\n"
        "line-7\n00:01.000 --> 00:02.000 align:start line:90%\n<v.loud Lin &amp; Xia>You &lt;came&gt;</v>\n"
    )
    (cue,) = read_subtitles(text)
    assert (cue.start_ms, cue.end_ms, cue.text, cue.speaker) == (1000, 2000, "You <came>", "Lin & Xia")


def test_a_cue_that_is_too_long_for_the_screen_is_broken_and_spread_over_its_time() -> None:
    words = "word " * 60
    cues = read_subtitles(f"1\n00:00:00,000 --> 00:00:10,000\n{words}\n")
    assert len(cues) > 1
    assert (cues[0].start_ms, cues[-1].end_ms) == (0, 10_000)
    assert " ".join(cue.text.replace("\n", " ") for cue in cues) == words.strip()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no subtitle in the file"),
        ("<html><body>404</body></html>", "Line 1: '<html>"),
        ("1\n00:00:02,000 --> 00:00:01,000\nno\n", "Line 2: the subtitle ends before it begins"),
        ("1\n0:0:1 -> 0:0:2\nno\n", "Line 1: '1' begins no subtitle"),
        (SRT.replace("00:00:01,500", "00:00:02,500"), "Two subtitles are on screen at 2100 ms"),
    ],
)
def test_a_file_that_is_no_subtitles_is_refused_with_the_line(text: str, words: str) -> None:
    with pytest.raises(BadInputError, match=words):
        read_subtitles(text)


def test_a_translation_hangs_on_the_shots_it_is_spoken_in_and_goes_with_them() -> None:
    both = with_subtitle_track(timeline(), "en", read_subtitles(SRT))
    assert [(line.shot, line.start_ms) for line in both.subtitles[1].lines] == [(1, 500), (2, 100)]
    assert [cue.start_ms for cue in move(both, 2, 0).timeline.cues("en")] == [100, 2500]
    assert with_subtitle_track(both, "en", read_subtitles(SRT)) == both
    assert without_subtitle_track(both, "en") == timeline()


def test_a_translation_that_is_not_for_this_film_is_refused() -> None:
    late = read_subtitles("1\n00:00:03,000 --> 00:00:05,000\nlate\n")
    with pytest.raises(BadInputError, match=r"until 5\.000 s, and the film is 4\.000 s long"):
        with_subtitle_track(timeline(), "en", late)
    with pytest.raises(BadSettingError, match="no language code"):
        with_subtitle_track(timeline(), "English!", read_subtitles(SRT))
    with pytest.raises(BadInputError, match="no subtitles in 'fr'; the timeline has: zh"):
        without_subtitle_track(timeline(), "fr")
