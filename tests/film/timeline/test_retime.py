"""A film at another rate: cuts at the nearest frame, sound and subtitles where they were."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.timelines import RATES, assert_in_order, film, line, rates, still, timelines, video

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.timeline import ClipTransition, Timeline, resized, retimed
from aianime_pipeline.storyboard.model import Transition

laws = settings(max_examples=40, deadline=None)


@given(timelines())
@settings(max_examples=40, deadline=None)
def test_a_film_at_its_own_rate_is_itself(timeline: Timeline) -> None:
    assert retimed(timeline, timeline.rate) is timeline


@given(timelines(), rates)
@laws
def test_every_cut_lies_within_half_a_new_frame_of_its_old_moment(timeline: Timeline, rate: Fraction) -> None:
    assume(all(clip.frames / timeline.rate * rate >= 1 for clip in timeline.clips))
    now = retimed(timeline, rate)
    assert_in_order(now)
    for was, start in zip(timeline.starts, now.starts, strict=True):
        assert abs(was / timeline.rate - start / rate) <= Fraction(1, 2) / rate
    end = now.seconds - timeline.seconds
    spoken = max((sound.end for sound in timeline.placed_speech), default=0)
    assert -Fraction(1, 2) / rate <= end <= Fraction(3 if spoken else 1, 2) / rate


@given(timelines(), rates)
@laws
def test_sound_stays_at_its_sample_and_subtitles_at_their_millisecond(timeline: Timeline, rate: Fraction) -> None:
    now = retimed(timeline, rate)
    for was, placed in ((timeline.placed_speech, now.placed_speech), (timeline.placed_effects, now.placed_effects)):
        assert [(one.start, one.end, one.clip.digest) for one in was] == [
            (one.start, one.end, one.clip.digest) for one in placed
        ]
    end = round(now.seconds * 1000)
    for track in timeline.subtitles:
        was_read, read = timeline.cues(track.language), now.cues(track.language)
        assert [cue.start_ms for cue in read] == [cue.start_ms for cue in was_read if cue.start_ms < end][: len(read)]
        assert len(read) >= sum(cue.start_ms < end - 1 for cue in was_read)
        assert all(abs(a.end_ms - b.end_ms) <= 1 or b.end_ms >= end - 1 for a, b in zip(was_read, read, strict=False))


@given(timelines(), rates)
@laws
def test_a_clip_shows_the_same_part_of_its_source_to_the_frame(timeline: Timeline, rate: Fraction) -> None:
    assume(all(clip.frames / timeline.rate * rate >= 1 for clip in timeline.clips))
    ratio = rate / timeline.rate
    for was, clip in zip(timeline.clips, retimed(timeline, rate).clips, strict=True):
        assert abs(clip.source_in - was.source_in * ratio) <= Fraction(3, 2)
        assert abs(clip.source_out - was.source_out * ratio) <= 2 or clip.hold or clip.kind == "still"
        assert (clip.digest, clip.kind, clip.slate, clip.camera_move) == (
            was.digest,
            was.kind,
            was.slate,
            was.camera_move,
        )
        if clip.wanted_frames:
            assert was.wanted_frames >= was.frames or clip.frames == 1 or clip.wanted_frames < clip.frames


def test_a_film_of_five_hundred_odd_shots_does_not_drift() -> None:
    timeline = film(*(still(shot, 7) for shot in range(1, 501)))
    there = retimed(timeline, Fraction(30000, 1001))
    assert abs(there.seconds - timeline.seconds) <= Fraction(1001, 60000)
    assert {clip.frames for clip in there.clips} == {8, 9}


def test_the_last_shot_is_held_a_frame_longer_where_its_line_would_go_on() -> None:
    timeline = film(video(1, 49), speech=(line(1, offset=0, length=98_000),))
    now = retimed(timeline, Fraction(25))
    assert timeline.total_samples == now.placed_speech[0].end
    assert now.total_frames == 52
    assert retimed(film(video(1, 49)), Fraction(25)).total_frames == 51


def test_transitions_and_clips_shorter_than_a_new_frame_keep_one_frame() -> None:
    first, second = still(1, 10), still(2, 10, transition=ClipTransition(Transition.FLASH_WHITE, 0, 1))
    now = retimed(film(first, second, still(3, 1), still(4, 1), rate=Fraction(120)), Fraction(24))
    assert [clip.frames for clip in now.clips] == [2, 2, 1, 1]
    assert now.clips[1].transition == ClipTransition(Transition.FLASH_WHITE, 0, 1)


@pytest.mark.parametrize("rate", RATES)
def test_a_rate_that_no_film_can_have_is_refused_and_a_size_changes_nothing_else(rate: Fraction) -> None:
    timeline = film(video(1), rate=rate)
    with pytest.raises(BadSettingError, match="121 frames a second"):
        retimed(timeline, Fraction(121))
    assert resized(timeline, 1080, 1920) == replace(timeline, width=1080, height=1920)
    with pytest.raises(BadSettingError, match="1081x1920"):
        resized(timeline, 1081, 1920)


@given(st.sampled_from(RATES), st.integers(1, 200), st.integers(0, 40))
@laws
def test_a_shot_from_end_to_end_of_its_source_never_holds_more_than_one_frame(
    rate: Fraction, out: int, first: int
) -> None:
    timeline = film(video(1, first + out, source_in=first, source_frames=first + out))
    (clip,) = retimed(timeline, rate).clips
    assert clip.hold <= 1
    assert clip.source_frames is not None
    assert clip.source_out <= clip.source_frames
