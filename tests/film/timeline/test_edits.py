"""Whole shots moved, put in and taken out; cuts trimmed, rolled and slipped; transitions within their limits."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.timelines import assert_in_order, film, kinds, line, still, timelines, video, words_of

from aianime_pipeline.errors import BadDurationError, BadInputError, DuplicateShotNumberError
from aianime_pipeline.film.timeline import (
    OVERLAPPING,
    ClipTransition,
    Edited,
    Marker,
    ShotParts,
    SubtitleTrack,
    Timeline,
    TransitionLimits,
    add_marker,
    insert,
    move,
    remove,
    remove_marker,
    roll,
    set_frames,
    set_hold,
    set_transition,
    shot_parts,
    slip,
    transition_limits,
    trim,
)
from aianime_pipeline.storyboard.model import Transition

DISSOLVE = ClipTransition(Transition.DISSOLVE, 6, 6)
FADE = ClipTransition(Transition.FADE_BLACK, 9, 10)
laws = settings(max_examples=40, deadline=None)


def hanging(timeline: Timeline) -> tuple[object, ...]:
    return timeline.speech, timeline.effects, timeline.subtitles, timeline.markers


def by_shot(timeline: Timeline) -> dict[int, ShotParts]:
    return {clip.shot: shot_parts(timeline, clip.shot) for clip in timeline.clips}


def done(edited: Edited) -> Timeline:
    """The timeline of an edit that nothing had to give way to."""
    assert edited.notes == ()
    return edited.timeline


@given(timelines(), st.data())
@laws
def test_a_move_is_a_permutation_and_what_hangs_on_clips_keeps_its_place(
    timeline: Timeline, data: st.DataObject
) -> None:
    order = [clip.shot for clip in timeline.clips]
    shot, index = data.draw(st.sampled_from(order)), data.draw(st.integers(0, len(order) - 1))
    try:
        edited = move(timeline, shot, index)
    except BadInputError:
        assume(False)
        return
    moved = edited.timeline
    rest = [other for other in order if other != shot]
    assert [clip.shot for clip in moved.clips] == [*rest[:index], shot, *rest[index:]]
    assert moved.total_frames == timeline.total_frames
    assert moved.speech == timeline.speech
    assert moved.markers == timeline.markers
    if not edited.notes:
        assert by_shot(moved) == by_shot(timeline)
        assert done(move(moved, shot, order.index(shot))) == timeline
    bare = [replace(clip, transition=None) for clip in moved.clips]
    assert sorted(bare, key=lambda clip: clip.shot) == sorted(
        (replace(clip, transition=None) for clip in timeline.clips), key=lambda clip: clip.shot
    )


@given(timelines(), timelines(shots=[9]), st.data())
@laws
def test_a_shot_that_is_put_in_and_taken_out_again_leaves_no_trace(
    timeline: Timeline, other: Timeline, data: st.DataObject
) -> None:
    assume(timeline.rate >= other.rate)  # else its subtitle may be longer than the film it comes into
    index = data.draw(st.integers(0, len(timeline.clips)))
    try:
        edited = insert(timeline, shot_parts(other, 9), index)
    except BadInputError:
        assume(False)
        return
    assert edited.timeline.clips[index].shot == 9
    assert edited.timeline.total_frames == timeline.total_frames + other.total_frames
    if not edited.notes:
        empty = {track.language for track in timeline.subtitles if not track.lines}
        back = done(remove(edited.timeline, 9))
        tracks = tuple(track for track in timeline.subtitles if track.language not in empty)
        left = tuple(track for track in back.subtitles if track.lines)
        assert replace(back, subtitles=()) == replace(timeline, subtitles=())
        assert left == tracks


@given(timelines(), st.data())
@laws
def test_taking_a_shot_out_takes_all_that_hangs_on_it_and_nothing_else(timeline: Timeline, data: st.DataObject) -> None:
    assume(len(timeline.clips) > 1)
    shot = data.draw(st.sampled_from([clip.shot for clip in timeline.clips]))
    try:
        edited = remove(timeline, shot)
    except BadInputError:
        assume(False)
        return
    assert edited.timeline.total_frames == timeline.total_frames - timeline.clip_of(shot).frames
    if not edited.notes:
        expected = by_shot(timeline)
        del expected[shot]
        assert by_shot(edited.timeline) == expected


@given(timelines(), st.data())
@laws
def test_a_ripple_trim_changes_the_films_length_by_exactly_the_trimmed_frames(
    timeline: Timeline, data: st.DataObject
) -> None:
    clip = data.draw(st.sampled_from(timeline.clips))
    first = 0 if clip.kind == "still" else data.draw(st.integers(0, clip.source_out))
    out = data.draw(st.integers(first + 1, first + 90))
    assume(clip.source_frames is None or out <= clip.source_frames)
    hold = 0 if clip.kind == "still" else data.draw(st.integers(0, 20))
    try:
        edited = trim(timeline, clip.shot, source_in=first, source_out=out, hold=hold)
    except BadInputError as error:
        assert "line of shot" in error.message  # noqa: PT017 - the only thing that may stand in the way
        return
    trimmed = edited.timeline
    assert trimmed.total_frames - timeline.total_frames == (out - first + hold) - clip.frames
    now = trimmed.clip_of(clip.shot)
    assert (now.source_in, now.source_out, now.hold) == (first, out, hold)
    assert trimmed.speech == timeline.speech
    if not edited.notes:
        assert hanging(trimmed) == hanging(timeline)


@given(timelines(), st.data())
@laws
def test_rolling_a_cut_moves_it_alone_and_nothing_that_is_heard_or_read(
    timeline: Timeline, data: st.DataObject
) -> None:
    assume(len(timeline.clips) > 1)
    place = data.draw(st.integers(1, len(timeline.clips) - 1))
    shot, frames = timeline.clips[place].shot, data.draw(st.integers(-30, 30))
    try:
        edited = roll(timeline, shot, frames)
    except BadDurationError as error:
        assert str(timeline.clips[place].shot) in error.message or str(timeline.clips[place - 1].shot) in error.message  # noqa: PT017
        return
    rolled = edited.timeline
    expected = list(timeline.starts)
    expected[place] += frames
    assert list(rolled.starts) == expected
    assert rolled.total_frames == timeline.total_frames
    assert [(one.start, one.end) for one in rolled.placed_speech] == [
        (one.start, one.end) for one in timeline.placed_speech
    ]
    assert [one.start for one in rolled.placed_effects] == [one.start for one in timeline.placed_effects]
    for track in timeline.subtitles:
        assert rolled.cues(track.language) == timeline.cues(track.language)
    moments = [
        sorted((one.start_of[marker.shot] + marker.offset, marker.text) for marker in one.markers)
        for one in (timeline, rolled)
    ]
    assert moments[0] == moments[1]


def test_a_cut_that_is_rolled_there_and_back_is_where_it_was() -> None:
    timeline = film(video(1, 96), video(2, 96, source_in=20), speech=(line(2),), markers=(Marker(2, 3, "x"),))
    assert done(roll(done(roll(timeline, 2, 10)), 2, -10)) == timeline
    assert done(roll(done(roll(timeline, 2, -10)), 2, 10)) == timeline


def test_a_rolled_cut_shows_what_the_source_has_and_then_holds_it_with_a_note() -> None:
    edited = roll(film(video(1, 115), video(2, 48)), 2, 8)
    before = edited.timeline.clips[0]
    assert (before.source_out, before.hold) == (120, 3)
    assert edited.notes == ("Shot 1 holds its last frame for 3 frames more: its source has no others.",)
    with pytest.raises(BadDurationError, match="Shot 2 cannot begin 1 frames earlier: its source has 0"):
        roll(film(video(1, 115), video(2, 48)), 2, -1)
    with pytest.raises(BadDurationError, match="Shot 2 has 48 frames: at most 47 of them can go"):
        roll(film(video(1, 20), video(2, 48)), 2, 48)
    with pytest.raises(BadInputError, match="Shot 1 begins the film: there is no cut to roll"):
        roll(film(video(1)), 1, 3)


@given(timelines(), st.data())
@laws
def test_a_slip_shows_another_part_at_the_same_length_or_says_how_far_it_can_go(
    timeline: Timeline, data: st.DataObject
) -> None:
    clip = data.draw(st.sampled_from(timeline.clips))
    frames = data.draw(st.integers(-40, 40))
    try:
        slipped = done(slip(timeline, clip.shot, frames))
    except BadInputError as error:
        assert f"Shot {clip.shot} " in error.message  # noqa: PT017
        most = clip.source_frames - clip.source_out if clip.source_frames is not None else 0
        assert clip.kind == "still" or not -clip.source_in <= frames <= most
        return
    assert slipped.starts == timeline.starts
    assert slipped.clip_of(clip.shot).source_in == clip.source_in + frames
    if clip.source_frames is not None:  # else nobody knows any more that the source goes so far
        assert done(slip(slipped, clip.shot, -frames)) == timeline


@given(timelines(), kinds, st.integers(1, 60), st.data())
@laws
def test_a_transition_fits_exactly_when_it_is_within_its_limits(
    timeline: Timeline, kind: Transition, frames: int, data: st.DataObject
) -> None:
    shot = data.draw(st.sampled_from([clip.shot for clip in timeline.clips]))
    limits = transition_limits(timeline, shot, kind)
    if frames > limits.frames or limits.frames < 2:
        with pytest.raises(BadDurationError, match=str(limits.frames if limits.frames > 1 else "no room")):
            set_transition(timeline, shot, kind, frames)
        return
    edited = set_transition(timeline, shot, kind, frames)
    now = edited.timeline.clip_of(shot).transition
    assert now is not None
    assert (now.kind, now.frames) == (kind, frames)
    assert now.in_offset <= limits.before
    assert now.out_offset <= limits.after
    assert transition_limits(edited.timeline, shot, kind) == limits
    assert edited.timeline.starts == timeline.starts


def test_a_transition_shares_its_clips_with_the_next_one() -> None:
    timeline = film(video(1, 30), video(2, 20), video(3, 30, transition=DISSOLVE))
    assert transition_limits(timeline, 2) == TransitionLimits(30, 14)
    assert transition_limits(timeline, 1) == TransitionLimits(0, 0)
    assert transition_limits(timeline, 1, Transition.FADE_BLACK) == TransitionLimits(0, 30)
    edited = set_transition(timeline, 2, Transition.WIPE, 40)
    assert edited.timeline.clips[1].transition == ClipTransition(Transition.WIPE, 26, 14)
    assert edited.notes[0].startswith("Of the 40 frames of the wipe at the beginning of shot 2, 26 lie before the cut")
    chosen = done(set_transition(timeline, 2, Transition.WIPE, 12, before=3))
    assert chosen.clips[1].transition == ClipTransition(Transition.WIPE, 3, 9)
    with pytest.raises(BadDurationError, match="30 cannot lie before the cut of shot 2: from 0 to 12 can"):
        set_transition(timeline, 2, Transition.WIPE, 12, before=30)
    assert done(set_transition(chosen, 2, Transition.CUT)).clips[1].transition is None


def test_a_wipe_longer_than_both_neighbours_is_refused_with_the_most_that_is_possible() -> None:
    with pytest.raises(BadDurationError, match=r"shot 2 can have from 1 to 50 frames \(30 before .* 20 after"):
        set_transition(film(video(1, 30), video(2, 20)), 2, Transition.WIPE, 51)
    with pytest.raises(BadDurationError, match="no room for a dissolve at the beginning of shot 1"):
        set_transition(film(video(1, 30)), 1, Transition.DISSOLVE)


def test_a_transition_of_the_usual_length_is_as_long_as_there_is_room_for() -> None:
    edited = set_transition(film(video(1, 3), video(2, 4)), 2, Transition.DISSOLVE)
    assert edited.timeline.clips[1].transition == ClipTransition(Transition.DISSOLVE, 3, 4)
    assert "7 frames long instead of 12" in edited.notes[0]
    flash = done(set_transition(film(video(1), video(2)), 2, Transition.FLASH_WHITE))
    assert flash.clips[1].transition == ClipTransition(Transition.FLASH_WHITE, 2, 4)


def test_a_trim_shortens_the_transitions_that_no_longer_fit_and_says_so() -> None:
    timeline = film(video(1), video(2, transition=DISSOLVE), video(3, transition=DISSOLVE))
    edited = trim(timeline, 2, source_out=8)
    assert [clip.transition for clip in edited.timeline.clips] == [
        None,
        ClipTransition(Transition.DISSOLVE, 6, 4),
        ClipTransition(Transition.DISSOLVE, 4, 6),
    ]
    assert len(edited.notes) == 2
    assert "shot 2 is 10 frames long now instead of 12" in edited.notes[0]


def test_the_shot_that_comes_to_begin_the_film_loses_its_dissolve_and_keeps_half_of_its_fade() -> None:
    dissolved = move(film(video(1), video(2, transition=DISSOLVE)), 2, 0)
    assert dissolved.timeline.clips[0].transition is None
    assert dissolved.notes == ("Shot 2 begins the film now: it cannot begin with a dissolve, so it begins with a cut.",)
    faded = remove(film(video(1), video(2, transition=FADE)), 1)
    assert faded.timeline.clips[0].transition == ClipTransition(Transition.FADE_BLACK, 0, 10)
    assert "only the 10 frames after the cut stay" in faded.notes[0]


def test_a_trim_that_would_cut_a_line_is_refused_with_the_frames_that_are_missing() -> None:
    speaking = film(video(1), video(2), speech=(line(1, length=72_000), line(2)))
    with pytest.raises(
        BadInputError, match=r"shot 1 would still be spoken for 0\.667 s .* shot 1 needs 16 frames more"
    ):
        trim(speaking, 1, source_out=20)
    assert trim(speaking, 1, source_out=36).timeline.total_frames == 84
    with pytest.raises(BadInputError, match=r"after the film's end: the last shot, 2, needs 6 frames more"):
        trim(speaking, 2, source_out=10)
    with pytest.raises(BadInputError, match=r"line of shot 2 would begin 0\.1 s before the film"):
        move(film(video(1), video(2), speech=(line(2, offset=-4_800),)), 2, 0)


def test_an_effect_loses_what_would_sound_before_the_film_and_a_subtitle_ends_where_the_next_begins() -> None:
    timeline = film(
        video(1),
        video(2),
        effects=(line(2, offset=-4_800, fade_in=2_400),),
        subtitles=(SubtitleTrack("zh", (words_of(1, end_ms=1_900), words_of(2, "走"))),),
    )
    edited = move(timeline, 2, 0)
    (effect,) = edited.timeline.effects
    assert (effect.offset, effect.source_in, effect.length) == (0, 4_800, 19_200)
    assert edited.notes == ("An effect of shot 2 lost its first 0.1 s: the film begins there.",)
    shorter = trim(timeline, 1, source_out=24)
    assert [(cue.start_ms, cue.end_ms) for cue in shorter.timeline.cues("zh")] == [(150, 1_150), (1_150, 1_850)]
    assert shorter.notes == ("The subtitle '好。' (zh) of shot 1 is seen for 1000 ms now instead of 1750.",)


def test_a_video_gets_longer_with_what_its_source_has_and_then_holds_it() -> None:
    timeline = film(video(1, 60, source_in=10, hold=5), still(2))
    longer = done(set_frames(timeline, 1, 115)).clips[0]
    assert (longer.source_in, longer.source_out, longer.hold) == (10, 120, 5)
    shorter = done(set_frames(timeline, 1, 52)).clips[0]
    assert (shorter.source_out, shorter.hold) == (60, 2)
    assert done(set_frames(timeline, 2, 99)).clips[1].source_out == 99
    assert done(set_hold(timeline, 1, 0)).clips[0].frames == 50
    with pytest.raises(BadInputError, match="Shot 2 is a still and has no hold"):
        set_hold(timeline, 2, 4)
    with pytest.raises(BadDurationError, match="Shot 1 is to have 0 frames"):
        set_frames(timeline, 1, 0)
    with pytest.raises(BadDurationError, match="Shot 1 goes to frame 121 of its source, which has 120"):
        trim(timeline, 1, source_out=121)


def test_shots_and_places_that_are_not_there_are_refused() -> None:
    timeline = film(video(1), video(2))
    for wrong in (
        lambda: move(timeline, 7, 0),
        lambda: remove(timeline, 7),
        lambda: trim(timeline, 7, hold=1),
        lambda: add_marker(timeline, Marker(7, 0, "x")),
    ):
        with pytest.raises(BadInputError, match=r"[sS]hot 7.* not on the timeline"):
            wrong()
    with pytest.raises(BadInputError, match="place 2 is not on the timeline; it must lie from 0 to 1"):
        move(timeline, 1, 2)
    with pytest.raises(DuplicateShotNumberError, match="Shot 2 is on the timeline already; move it instead"):
        insert(timeline, shot_parts(timeline, 2), 0)
    with pytest.raises(BadInputError, match="Shot 1 is the film's only one"):
        remove(film(video(1)), 1)
    with pytest.raises(BadInputError, match="Shot 1 has no marker number 0: it has none"):
        remove_marker(timeline, 1)
    marked = done(add_marker(timeline, Marker(1, 5, "x")))
    assert done(remove_marker(marked, 1)) == timeline


def test_a_film_of_five_hundred_shots_is_edited_like_any_other() -> None:
    long = film(*(video(shot, transition=DISSOLVE if shot > 1 else None) for shot in range(1, 501)))
    moved = done(move(long, 400, 20))
    assert_in_order(moved)
    assert moved.seconds == Fraction(1000)
    assert not {clip.transition.kind for clip in moved.clips if clip.transition} - OVERLAPPING


def test_a_shot_that_is_taken_out_and_put_back_is_among_the_others_in_their_order_again() -> None:
    timeline = film(
        video(1),
        video(2),
        video(3),
        speech=(line(1), line(2), line(3)),
        subtitles=(SubtitleTrack("zh", (words_of(1), words_of(2), words_of(3))),),
    )
    assert done(insert(done(remove(timeline, 2)), shot_parts(timeline, 2), 1)) == timeline


def test_a_rolled_cut_leaves_a_hold_a_hold_on_either_side_of_it() -> None:
    timeline = film(video(1, 40, hold=4), video(2, 10, hold=20))
    before, after = roll(timeline, 2, 15).timeline.clips
    assert (before.source_out, before.hold) == (40, 19)
    assert (after.source_in, after.source_out, after.hold) == (9, 10, 14)
