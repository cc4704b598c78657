"""Gains, fades, effects, music and lines that move; subtitles with other words and other times."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.timelines import digest, file_of, film, line, still, timelines, video, words, words_of

from aianime_pipeline.errors import BadDurationError, BadInputError, BadSettingError
from aianime_pipeline.film.subtitles.line_breaking import LINE_UNITS, units
from aianime_pipeline.film.timeline import (
    Music,
    SubtitleLine,
    SubtitleTrack,
    Timeline,
    TrackGains,
    add_effect,
    add_subtitle,
    move_speech,
    remove_effect,
    remove_subtitle,
    set_music,
    set_music_fades,
    set_own_gain,
    set_own_sound,
    set_sound_fades,
    set_sound_gain,
    set_subtitle_text,
    set_subtitle_times,
    set_track_gain,
)

MUSIC = Music(file_of(digest(300)), digest(300))
LONG = "你终于来了。我在这里等了整整三年，每一天都在想你，每一夜都在想你。可是你从来没有给我写过一封信，一封也没有。"


def spoken() -> Timeline:
    return film(
        video(1),
        still(2),
        speech=(line(1), line(2)),
        effects=(line(2, offset=0), line(2, offset=480)),
        music=MUSIC,
        subtitles=(SubtitleTrack("zh", (words_of(1), words_of(2))),),
    )


def test_gains_go_to_the_track_the_clip_or_the_sound_they_are_meant_for() -> None:
    timeline = set_track_gain(spoken(), "own_sound", -3.0).timeline
    timeline = set_track_gain(timeline, "music", -20.0).timeline
    timeline = set_own_gain(timeline, 1, 2.0).timeline
    timeline = set_sound_gain(timeline, "effects", 2, -6.0, 1).timeline
    timeline = set_sound_fades(timeline, "speech", 2, fade_in=100, fade_out=200).timeline
    timeline = set_music_fades(timeline, fade_in=10, fade_out=20).timeline
    assert timeline.gains == TrackGains(own_sound=-3.0)
    assert timeline.music is not None
    assert (timeline.music.gain_db, timeline.music.fade_in, timeline.music.fade_out) == (-20.0, 10, 20)
    assert [clip.own_gain_db for clip in timeline.clips] == [2.0, 0.0]
    assert [effect.gain_db for effect in timeline.effects] == [0.0, -6.0]
    assert [(sound.fade_in, sound.fade_out) for sound in timeline.speech] == [(0, 0), (100, 200)]


def test_a_gain_or_a_fade_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadSettingError, match="own sound of shot 1 is 61 dB; it must lie between -60 and 60"):
        set_own_gain(spoken(), 1, 61)
    with pytest.raises(BadDurationError, match="fades of a sound of shot 2 are longer"):
        set_sound_fades(spoken(), "speech", 2, fade_in=20_000, fade_out=20_000)
    with pytest.raises(BadInputError, match="Shot 2 has no effect number 2: it has 2 of them, counted from 0"):
        set_sound_gain(spoken(), "effects", 2, 0.0, 2)
    with pytest.raises(BadInputError, match="Shot 9 is not on the timeline"):
        set_sound_gain(spoken(), "speech", 9, 0.0)
    with pytest.raises(BadInputError, match="The film has no music"):
        set_track_gain(set_music(spoken(), None).timeline, "music", 0.0)
    with pytest.raises(BadInputError, match="Shot 2 is a still: it has no sound of its own"):
        set_own_sound(spoken(), 2, kept=True)
    assert set_own_sound(spoken(), 1, kept=True).timeline.clips[0].keeps_own_sound


def test_an_effect_comes_and_goes() -> None:
    added = add_effect(spoken(), line(1, offset=99)).timeline
    assert len(added.effects) == 3
    assert remove_effect(added, 1).timeline == spoken()
    with pytest.raises(BadInputError, match="Shot 9 is not on the timeline"):
        add_effect(spoken(), line(9))


def test_a_line_that_is_moved_takes_its_subtitle_along_and_no_line_may_overlap_another() -> None:
    moved = move_speech(spoken(), 2, -4_800).timeline
    assert moved.placed_speech[1].start == 96_000 - 4_800
    assert [(cue.start_ms, cue.end_ms) for cue in moved.cues("zh")] == [(150, 850), (1_900, 2_600)]
    assert move_speech(moved, 2, 7_200).timeline == spoken()
    with pytest.raises(BadInputError, match="line of shot 1 would still be spoken"):
        move_speech(spoken(), 2, -70_000)
    with pytest.raises(BadInputError, match="after the film's end"):
        move_speech(spoken(), 2, 96_000)
    with pytest.raises(BadInputError, match=r"line of shot 1 would begin 0\.01 s before the film"):
        move_speech(spoken(), 1, -480)


@given(st.text(min_size=1, max_size=120) | words | st.just(LONG))
@settings(max_examples=40, deadline=None)
def test_a_new_text_is_broken_into_lines_that_fit_over_the_same_time(text: str) -> None:
    try:
        edited = set_subtitle_text(spoken(), "zh", 1, 0, text)
    except BadInputError as error:
        assert "no text" in error.message  # noqa: PT017
        return
    lines = edited.timeline.subtitles[0].lines
    mine = [one for one in lines if one.shot == 1]
    assert lines[-1] == words_of(2)
    assert (mine[0].start_ms, mine[-1].end_ms) == (150, 850)
    assert all(len(one.lines) <= 2 and one.speaker == "阿月" for one in mine)
    assert all(units(row) <= LINE_UNITS for one in mine for row in one.lines if len(row) > 1)
    assert bool(edited.notes) == (len(mine) > 1)


def test_a_text_that_is_too_long_for_two_lines_becomes_several_subtitles_and_says_so() -> None:
    edited = set_subtitle_text(spoken(), "zh", 1, 0, LONG)
    lines = [one for one in edited.timeline.subtitles[0].lines if one.shot == 1]
    assert len(lines) == 2
    assert edited.notes == ("The subtitle of shot 1 is too long for two lines: it is shown as 2, one after another.",)
    with pytest.raises(BadInputError, match="has no text; to have none, remove it"):
        set_subtitle_text(spoken(), "zh", 1, 0, " \n ")
    with pytest.raises(BadInputError, match="no subtitles in 'en'; it has: zh"):
        set_subtitle_text(spoken(), "en", 1, 0, "x")


def test_a_subtitle_may_be_on_screen_while_no_other_is() -> None:
    moved = set_subtitle_times(spoken(), "zh", 2, 0, -1_150, 100).timeline
    assert [(cue.start_ms, cue.end_ms) for cue in moved.cues("zh")] == [(150, 850), (850, 2_100)]
    with pytest.raises(BadInputError, match="from -1150 to 2000 ms is free"):
        set_subtitle_times(spoken(), "zh", 2, 0, -1_200, 100)
    with pytest.raises(BadInputError, match="from 0 to 2150 ms is free"):
        set_subtitle_times(spoken(), "zh", 1, 0, 0, 2_200)
    with pytest.raises(BadDurationError, match="before it is seen"):
        set_subtitle_times(spoken(), "zh", 1, 0, 9, 9)


def test_a_subtitle_comes_and_goes_and_so_does_its_track() -> None:
    added = add_subtitle(spoken(), "en", 2, "At last!", 0, 900, speaker="Yue").timeline
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in added.cues("en")] == [(2_000, 2_900, "At last!")]
    assert remove_subtitle(added, "en", 2).timeline == spoken()
    with pytest.raises(BadInputError, match=r"subtitle \(zh\) of shot 1 cannot be on screen from 0 to 900 ms"):
        add_subtitle(spoken(), "zh", 1, "好", 0, 900)
    with pytest.raises(BadSettingError, match="'English' is no language code"):
        add_subtitle(spoken(), "English", 1, "x", 0, 900)
    with pytest.raises(BadDurationError, match="ends at 0 ms, before it is seen"):
        add_subtitle(spoken(), "zh", 1, "", 0, 0)


@given(timelines(), st.data())
@settings(max_examples=30, deadline=None)
def test_a_free_time_is_taken_and_any_other_refused(timeline: Timeline, data: st.DataObject) -> None:
    shot = data.draw(st.sampled_from([clip.shot for clip in timeline.clips]))
    start = data.draw(st.integers(-1_000, 4_000))
    try:
        edited = add_subtitle(timeline, "zh", shot, "好。", start, start + 300)
    except BadInputError as error:
        assert "cannot be on screen" in error.message  # noqa: PT017
        return
    assert len(edited.timeline.cues("zh")) == len(timeline.cues("zh")) + 1
    assert remove_subtitle(
        edited.timeline, "zh", shot, sum(one.shot == shot for one in _lines(timeline))
    ).timeline.cues("zh") == timeline.cues("zh")


def _lines(timeline: Timeline) -> list[SubtitleLine]:
    return [one for track in timeline.subtitles if track.language == "zh" for one in track.lines]


def test_an_effect_that_would_begin_after_the_film_is_refused() -> None:
    timeline = spoken()
    with pytest.raises(BadInputError, match=r"would begin at .* s, and the film is .* s long"):
        add_effect(timeline, line(2, offset=timeline.total_samples, length=99))
