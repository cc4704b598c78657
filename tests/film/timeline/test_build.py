"""Frames, samples and milliseconds of a built timeline, exactly."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.errors import BadDurationError, BadInputError, BadSettingError, DuplicateShotNumberError
from aianime_pipeline.film.timeline import (
    LEAD_IN_SAMPLES,
    TAIL_SAMPLES,
    BuiltTimeline,
    ClipTransition,
    GrownShot,
    Music,
    Picture,
    SoundClip,
    TimelineShot,
    VoiceFile,
    build_timeline,
    samples_at,
)
from aianime_pipeline.storyboard.model import CameraMove, Transition

RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(60), Fraction(24000, 1001), Fraction(30000, 1001)]
VIDEO = Picture(Path("shot.mp4"), "a" * 64, "video")
STILL = Picture(Path("shot.png"), "b" * 64, "still")


def voice(samples: int) -> VoiceFile:
    return VoiceFile(Path("line.wav"), "c" * 64, samples)


def built(*shots: TimelineShot, rate: Fraction = Fraction(24), music: Music | None = None) -> BuiltTimeline:
    return build_timeline(shots, width=320, height=180, rate=rate, music=music)


shot_lists = st.lists(
    st.tuples(
        st.integers(1, 12_000),
        st.sampled_from([VIDEO, STILL]),
        st.none() | st.integers(1, 600_000),
        st.sampled_from(["", "好。", "你终于来了。我在这里等了整整三年，每一天都在想你。"]),
    ),
    min_size=1,
    max_size=20,
).map(
    lambda rows: [
        TimelineShot(number, ms, picture, voice=None if samples is None else voice(samples), dialogue=text)
        for number, (ms, picture, samples, text) in enumerate(rows, start=1)
    ]
)


@given(shot_lists, st.sampled_from(RATES))
@settings(max_examples=80, deadline=None)
def test_every_line_lies_whole_within_its_own_shot_with_silence_around_it(
    shots: list[TimelineShot], rate: Fraction
) -> None:
    timeline = built(*shots, rate=rate).timeline
    cues = {placed.clip.shot: placed for placed in timeline.placed_speech}
    assert set(cues) == {shot.number for shot in shots if shot.voice is not None}
    for clip, first in zip(timeline.clips, timeline.starts, strict=True):
        if clip.shot in cues:
            cue = cues[clip.shot]
            assert cue.start == samples_at(first, rate) + LEAD_IN_SAMPLES
            assert cue.end + TAIL_SAMPLES <= samples_at(first + clip.frames, rate)


@given(shot_lists, st.sampled_from(RATES))
@settings(max_examples=80, deadline=None)
def test_a_shot_grows_only_for_its_line_and_by_no_frame_too_many(shots: list[TimelineShot], rate: Fraction) -> None:
    result = built(*shots, rate=rate)
    timeline = result.timeline
    cues = {placed.clip.shot: placed for placed in timeline.placed_speech}
    for clip, first, shot in zip(timeline.clips, timeline.starts, shots, strict=True):
        wanted = Fraction(shot.duration_ms, 1000) * rate
        assert clip.wanted_frames == 1 or abs(clip.wanted_frames - wanted) <= Fraction(1, 2)
        assert clip.frames >= clip.wanted_frames
        if clip.frames > clip.wanted_frames:
            shorter = samples_at(first + clip.frames - 1, rate)
            assert cues[clip.shot].end + TAIL_SAMPLES > shorter
            assert GrownShot(clip.shot, clip.wanted_frames, clip.frames) in result.grown
    assert len(result.grown) == sum(clip.frames > clip.wanted_frames for clip in timeline.clips)


def test_a_line_that_ends_on_the_sample_where_a_frame_begins_asks_for_no_frame_more() -> None:
    silent = [TimelineShot(number, 1, VIDEO) for number in (1, 2)]
    result = built(*silent, TimelineShot(3, 1, VIDEO, voice=voice(8831)), rate=Fraction(30000, 1001))
    last = result.timeline.clips[-1]
    assert samples_at(2 + last.frames, Fraction(30000, 1001)) == result.timeline.placed_speech[0].end + TAIL_SAMPLES


@given(shot_lists, st.sampled_from(RATES))
@settings(max_examples=80, deadline=None)
def test_subtitles_never_overlap_and_end_with_the_words(shots: list[TimelineShot], rate: Fraction) -> None:
    try:
        timeline = built(*shots, rate=rate).timeline
    except BadDurationError:
        return
    at = 0
    for cue in timeline.cues("zh"):
        assert at <= cue.start_ms < cue.end_ms
        at = cue.end_ms
    assert at <= timeline.seconds * 1000 + 1
    last_ends = [cue.end_ms for cue in timeline.cues("zh")]
    for shot, cue in zip([s for s in shots if s.voice], timeline.placed_speech, strict=True):
        if shot.dialogue and cue.clip.length > 48_000:
            assert round(cue.end / 48) in last_ends or any(abs(cue.end / 48 - end) <= 1 for end in last_ends)


def test_a_line_of_two_seconds_holds_a_one_second_shot_for_fifty_nine_frames() -> None:
    result = built(TimelineShot(7, 1000, STILL, voice=voice(96_000)), TimelineShot(8, 1000, VIDEO))
    assert result.grown == (GrownShot(7, 24, 59),)  # 0.15 + 2.0 + 0.3 s are 58.8 frames
    assert result.timeline.total_frames == 59 + 24
    assert result.timeline.seconds == Fraction(83, 24)


def test_a_cry_of_a_quarter_second_stays_readable_but_not_into_the_next_shot() -> None:
    timeline = built(TimelineShot(1, 2000, STILL, voice=voice(12_000), dialogue="啊！"), TimelineShot(2, 500, VIDEO))
    (cue,) = timeline.timeline.cues("zh")
    assert (cue.start_ms, cue.end_ms) == (150, 850)
    short = built(TimelineShot(1, 100, STILL, voice=voice(4_800), dialogue="啊！")).timeline
    assert short.cues("zh")[0].end_ms == round(short.seconds * 1000)


def test_a_line_without_a_voice_is_read_while_its_shot_is_seen() -> None:
    timeline = built(TimelineShot(1, 500, VIDEO), TimelineShot(2, 1500, VIDEO, dialogue="三年后")).timeline
    (cue,) = timeline.cues("zh")
    assert (cue.start_ms, cue.end_ms) == (500, 2000)


def test_only_a_still_has_a_camera_move_and_only_a_video_its_own_sound() -> None:
    talking = replace(VIDEO, keeps_own_sound=True)
    odd = replace(STILL, keeps_own_sound=True)
    clips = built(
        TimelineShot(1, 500, talking, camera_move=CameraMove.PUSH), TimelineShot(2, 500, odd, CameraMove.PUSH)
    ).timeline.clips
    assert [(clip.camera_move, clip.keeps_own_sound) for clip in clips] == [
        (CameraMove.HOLD, True),
        (CameraMove.PUSH, False),
    ]


def test_samples_are_reckoned_from_the_films_beginning_and_never_add_up() -> None:
    rate = Fraction(30000, 1001)
    assert samples_at(30_000, rate) == 1001 * 48_000
    assert all(abs(samples_at(n, rate) - n / rate * 48_000) <= Fraction(1, 2) for n in range(0, 10_000, 7))


def test_the_digest_follows_the_content_and_not_the_place() -> None:
    one = built(TimelineShot(1, 500, VIDEO, dialogue="好"), music=Music(Path("m.mp3"), "d" * 64)).timeline
    moved = built(
        TimelineShot(1, 500, replace(VIDEO, path=Path("else.mp4")), dialogue="好"), music=Music(Path("n"), "d" * 64)
    ).timeline
    assert one.digest == moved.digest
    others = [
        replace(one, width=640),
        replace(one, rate=Fraction(20)),
        replace(one, music=None),
        replace(one, subtitles=()),
        replace(one, language="en"),
        replace(one, clips=(replace(one.clips[0], digest="e" * 64),)),
        replace(one, clips=(replace(one.clips[0], source_out=13),)),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == len(others) + 1


def test_impossible_timelines_are_refused_with_the_shot_and_the_reason() -> None:
    with pytest.raises(BadDurationError, match="Shot 4 is to last 0 ms"):
        built(TimelineShot(4, 0, VIDEO))
    with pytest.raises(BadDurationError, match="voice line of shot 4"):
        built(TimelineShot(4, 100, VIDEO, voice=voice(0)))
    with pytest.raises(DuplicateShotNumberError, match="Shot 4"):
        built(TimelineShot(4, 100, VIDEO), TimelineShot(4, 100, VIDEO))
    with pytest.raises(BadInputError, match="no shot"):
        built()
    with pytest.raises(BadSettingError, match="321x180"):
        build_timeline([TimelineShot(1, 100, VIDEO)], width=321, height=180, rate=Fraction(24))
    with pytest.raises(BadSettingError, match="0 frames a second"):
        build_timeline([TimelineShot(1, 1000, VIDEO)], width=320, height=180, rate=Fraction(0))
    with pytest.raises(BadInputError, match="SHA-256"):
        built(TimelineShot(1, 100, replace(VIDEO, digest="abc")))
    with pytest.raises(BadSettingError, match="nan dB"):
        Music(Path("m.mp3"), "d" * 64, float("nan"))
    good = built(TimelineShot(1, 3000, VIDEO), TimelineShot(2, 3000, VIDEO)).timeline
    with pytest.raises(BadInputError, match="overlap"):
        replace(good, speech=(SoundClip(1, Path("a"), "c" * 64, 0, 144_001), SoundClip(2, Path("a"), "c" * 64, 0, 9)))
    with pytest.raises(BadInputError, match="after the film's end"):
        replace(good, speech=(SoundClip(1, Path("a"), "c" * 64, 0, 48_000 * 6 + 1),))


def test_a_video_that_is_shorter_than_its_shot_is_shown_to_its_end_and_held() -> None:
    short = replace(VIDEO, seconds=Fraction(3, 2))
    (clip,) = built(TimelineShot(1, 2000, short)).timeline.clips
    assert (clip.source_in, clip.source_out, clip.hold, clip.source_frames) == (0, 36, 12, 36)
    (unknown,) = built(TimelineShot(1, 2000, VIDEO)).timeline.clips
    assert (unknown.source_out, unknown.hold, unknown.source_frames) == (48, 0, None)


def test_a_transition_has_its_usual_length_and_never_more_than_half_of_a_neighbour() -> None:
    result = built(
        TimelineShot(1, 2000, VIDEO, transition=Transition.FADE_BLACK),
        TimelineShot(2, 2000, VIDEO, transition=Transition.DISSOLVE),
        TimelineShot(3, 250, VIDEO, transition=Transition.WIPE),
        TimelineShot(4, 42, VIDEO, transition=Transition.DISSOLVE),
    )
    assert [clip.transition for clip in result.timeline.clips] == [
        ClipTransition(Transition.FADE_BLACK, 0, 19),
        ClipTransition(Transition.DISSOLVE, 6, 6),
        ClipTransition(Transition.WIPE, 5, 3),
        ClipTransition(Transition.DISSOLVE, 3, 0),
    ]
    assert result.notes == (
        "The wipe at the beginning of shot 3 is 8 frames long instead of 10: its neighbours are too short.",
        "The dissolve at the beginning of shot 4 is 3 frames long instead of 12: its neighbours are too short.",
    )
    first = built(TimelineShot(1, 2000, VIDEO, transition=Transition.WIPE))
    assert first.timeline.clips[0].transition is None
    assert first.notes == ("Shot 1 begins the film: it cannot begin with a wipe, so it begins with a cut.",)


def test_each_language_has_a_track_of_its_own_over_the_same_words() -> None:
    shot = TimelineShot(1, 2000, STILL, dialogue="走吧。", speaker="阿月", translations=(("en", "Let us go."),))
    timeline = built(shot, TimelineShot(2, 1000, VIDEO)).timeline
    assert [track.language for track in timeline.subtitles] == ["zh", "en"]
    (cue,) = timeline.cues("en")
    assert (cue.start_ms, cue.end_ms, cue.text, cue.speaker) == (0, 2000, "Let us go.", "阿月")
    assert timeline.cues("fr") == ()
