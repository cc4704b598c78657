"""A rebuilt storyboard comes into an edited film: no edit is lost, or it is said which."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from support.timelines import (
    assert_in_order,
    digest,
    file_of,
    film,
    gains,
    line,
    source,
    still,
    timelines,
    video,
    words_of,
)

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.timeline import (
    Clip,
    ClipTransition,
    Edited,
    Marker,
    Merged,
    Music,
    SubtitleTrack,
    Timeline,
    TrackGains,
    add_effect,
    add_marker,
    merge,
    move,
    move_speech,
    remove,
    set_frames,
    set_music,
    set_sound_fades,
    set_sound_gain,
    set_subtitle_text,
    set_track_gain,
    set_transition,
    trim,
)
from aianime_pipeline.film.timeline.merge import merged_order
from aianime_pipeline.storyboard.model import CameraMove, Transition

laws = settings(max_examples=40, deadline=None)
MUSIC = Music(file_of(digest(300)), digest(300))


def base() -> Timeline:
    return film(
        video(1),
        video(2, transition=ClipTransition(Transition.DISSOLVE, 6, 6)),
        still(3),
        video(4, 96),
        speech=(line(1), line(4)),
        music=MUSIC,
        subtitles=(SubtitleTrack("zh", (words_of(1, "你来了。"), words_of(4, "走吧。"))),),
    )


def edited(timeline: Timeline, *edits: Callable[[Timeline], Edited]) -> Timeline:
    for edit in edits:
        timeline = edit(timeline).timeline
    return timeline


def with_clip(timeline: Timeline, clip: Clip) -> Timeline:
    return replace(timeline, clips=tuple(clip if had.shot == clip.shot else had for had in timeline.clips))


def order(timeline: Timeline) -> list[int]:
    return [clip.shot for clip in timeline.clips]


@given(timelines(), timelines())
@laws
def test_who_changed_nothing_gets_the_other_side(one: Timeline, other: Timeline) -> None:
    assert merge(one, one, other).timeline == other
    assert merge(one, other, one).timeline == other
    assert merge(one, other, other).timeline == other
    assert merge(one, one, one) == Merged(one)


@given(timelines(), timelines(), timelines())
@laws
def test_any_three_films_merge_into_one_that_is_in_order(one: Timeline, mine: Timeline, theirs: Timeline) -> None:
    merged = merge(one, mine, theirs)
    assert_in_order(merged.timeline)
    assert all(note.endswith(".") for note in merged.notes)
    assert not any(note.startswith("Your edits could not be kept") for note in merged.notes)
    shots = set(order(merged.timeline))
    assert shots <= set(order(mine)) | set(order(theirs))
    if shots != set(order(theirs)):
        assert not shots & (set(order(one)) - set(order(theirs)))


@given(st.lists(st.integers(1, 9), unique=True), st.permutations(range(1, 10)), st.permutations(range(1, 12)))
@laws
def test_the_merged_order_has_each_shot_once_and_keeps_the_order_that_was_changed(
    one: list[int], mine: list[int], theirs: list[int]
) -> None:
    found, _ = merged_order(one, mine, theirs)
    assert sorted(found) == sorted(set(mine) | set(theirs))
    common = [shot for shot in one if shot in mine]
    kept = theirs if [shot for shot in mine if shot in common] == common else mine
    assert [shot for shot in found if shot in kept] == list(kept)


@given(timelines(rate=Fraction(24), shots=[1, 2, 3]), timelines(rate=Fraction(24), shots=[1, 2, 3]), gains, st.data())
@laws
def test_an_edit_of_one_kind_survives_any_rebuild_of_the_same_shots(
    one: Timeline, theirs: Timeline, gain: float, data: st.DataObject
) -> None:
    shot = data.draw(st.sampled_from([1, 2, 3]))
    mine = edited(
        one,
        lambda t: set_track_gain(t, "effects", gain),
        lambda t: add_marker(t, Marker(shot, 1, "mine")),
        lambda t: set_music(t, replace(MUSIC, gain_db=-31.0)),
        lambda t: add_effect(t, line(shot, offset=77, length=99)),
    )
    merged = merge(one, mine, theirs).timeline
    assert merged.gains.effects == (gain if gain != one.gains.effects else theirs.gains.effects)
    assert Marker(shot, 1, "mine") in merged.markers
    assert merged.music is not None
    assert merged.music.gain_db == -31.0
    assert line(shot, offset=77, length=99) in merged.effects
    try:
        moved = edited(one, lambda t: move(t, shot, 0))
    except BadInputError:
        return
    if order(moved) != order(one):
        assert order(merge(one, moved, theirs).timeline) == order(moved)


def test_new_shots_come_after_the_one_they_follow_and_those_taken_out_stay_out() -> None:
    theirs = film(*(base().clips[place] for place in (0, 1)), video(7), base().clips[2], video(8))
    mine = edited(base(), lambda t: move(t, 3, 0), lambda t: remove(t, 2), lambda t: trim(t, 4, source_in=5))
    merged = merge(base(), mine, theirs)
    assert order(merged.timeline) == [3, 8, 1, 7]
    assert merged.notes == ("Shot 4 is no longer in the storyboard: it is gone, and your edits of it too.",)


def test_the_storyboards_new_order_is_taken_unless_the_person_has_one_of_their_own() -> None:
    theirs = edited(base(), lambda t: move(t, 4, 1))
    trimmed = edited(base(), lambda t: trim(t, 1, source_out=40))
    assert order(merge(base(), trimmed, theirs).timeline) == [1, 4, 2, 3]
    moved = edited(base(), lambda t: move(t, 3, 3))
    merged = merge(base(), moved, theirs)
    assert order(merged.timeline) == [1, 2, 4, 3]
    assert merged.notes == ("The storyboard has another order now; yours is kept.",)


def test_a_trim_is_kept_on_a_new_take_as_far_as_that_goes() -> None:
    mine = edited(base(), lambda t: trim(t, 4, source_in=20, source_out=90))
    longer = with_clip(base(), video(4, 96, **source(9), source_frames=200))
    merged = merge(base(), mine, longer)
    clip = merged.timeline.clip_of(4)
    assert (clip.digest, clip.source_in, clip.source_out, clip.source_frames) == (digest(9), 20, 90, 200)
    assert merged.notes == ()
    short = merge(base(), mine, with_clip(base(), video(4, 72, **source(9), source_frames=72)))
    assert (short.timeline.clip_of(4).source_in, short.timeline.clip_of(4).source_out) == (20, 72)
    assert short.notes == ("Shot 4: trimmed to 20-90, but the new take has 72 frames: it goes from 20 to 72.",)


def test_the_length_of_a_slate_is_kept_when_the_shots_video_comes() -> None:
    slated = with_clip(base(), still(4, 96, slate="missing"))
    mine = edited(slated, lambda t: set_frames(t, 4, 130))
    merged = merge(slated, mine, base())
    clip = merged.timeline.clip_of(4)
    assert (clip.kind, clip.slate, clip.source_out, clip.hold) == ("video", "", 120, 10)
    assert merged.notes == ("Shot 4 is a video now instead of a still: of your trim its 130 frames are kept.",)
    untouched = edited(slated, lambda t: trim(t, 1, source_out=40))
    assert merge(slated, untouched, base()).timeline.clip_of(4) == base().clip_of(4)


def test_a_transition_that_the_person_chose_is_kept_and_shortened_where_the_new_takes_are_short() -> None:
    mine = edited(base(), lambda t: set_transition(t, 2, Transition.WIPE, 30))
    theirs = with_clip(base(), video(2, 10, transition=ClipTransition(Transition.FADE_BLACK, 5, 5)))
    merged = merge(base(), mine, theirs)
    assert merged.timeline.clip_of(2).transition == ClipTransition(Transition.WIPE, 15, 10)
    assert merged.notes == (
        "Shot 2: your beginning (wipe of 30 frames) is kept; the storyboard now wants fade_black of 10 frames.",
        "The wipe at the beginning of shot 2 is 25 frames long now instead of 30: its neighbours are too short.",
    )


def test_a_persons_words_are_kept_over_the_time_in_which_the_new_voice_speaks() -> None:
    mine = edited(base(), lambda t: set_subtitle_text(t, "zh", 4, 0, "我们走吧。"))
    new_words = words_of(4, "快走！", 200, 1_600)
    theirs = replace(base(), subtitles=(SubtitleTrack("zh", (words_of(1, "你来了。"), new_words)),))
    merged = merge(base(), mine, theirs)
    assert merged.timeline.subtitles[0].lines[1] == words_of(4, "我们走吧。", 200, 1_600)
    assert merged.notes == (
        "The subtitle of shot 4 (zh) is '快走！' in the storyboard now; yours, '我们走吧。', is kept.",
    )
    long = "我们走吧，趁着天还没有亮，趁着他们还没有发现我们，趁着大门还开着，趁着外面还没有人看守，我们快一点走吧。"
    split = merge(base(), edited(base(), lambda t: set_subtitle_text(t, "zh", 4, 0, long)), theirs)
    lines = [one for one in split.timeline.subtitles[0].lines if one.shot == 4]
    assert len(lines) == 2
    assert (lines[0].start_ms, lines[-1].end_ms) == (200, 1_600)
    gone = replace(base(), subtitles=(SubtitleTrack("zh", (words_of(1, "你来了。"),)),))
    left = merge(base(), edited(mine, lambda t: trim(t, 1, source_out=47)), gone)
    assert left.notes == ("The subtitle of shot 4 (zh) is no longer in the storyboard; yours, '我们走吧。', is kept.",)


def test_a_new_recording_is_spoken_where_and_as_loud_as_the_person_wanted() -> None:
    mine = edited(
        base(),
        lambda t: move_speech(t, 4, 24_000),
        lambda t: set_sound_gain(t, "speech", 4, -4.0),
        lambda t: set_sound_fades(t, "speech", 4, fade_in=0, fade_out=9_600),
    )
    theirs = replace(base(), speech=(line(1), line(4, length=4_800, **source(250))))
    merged = merge(base(), mine, theirs)
    sound = merged.timeline.speech[1]
    assert (sound.digest, sound.length, sound.offset, sound.gain_db) == (digest(250), 4_800, 24_000, -4.0)
    assert (sound.fade_in, sound.fade_out) == (0, 4_800)
    assert merged.notes == ("The line of shot 4 is shorter now: its fades are shorter too.",)


def test_a_shot_that_was_trimmed_is_held_for_its_new_longer_line() -> None:
    mine = edited(base(), lambda t: trim(t, 1, source_out=36), lambda t: trim(t, 4, source_out=60))
    theirs = replace(base(), speech=(line(1, length=90_000), line(4, length=150_000)))
    merged = merge(base(), mine, theirs)
    assert merged.timeline.speech == theirs.speech
    assert merged.timeline.clip_of(4).source_out == 79
    assert merged.notes == ("Shot 4 is 19 frames longer, so that the line of shot 4 can be spoken to its end.",)


def test_levels_music_and_moves_are_merged_one_by_one() -> None:
    mine = edited(base(), lambda t: set_track_gain(t, "speech", 2.0), lambda t: set_track_gain(t, "music", -20.0))
    mine = with_clip(mine, replace(mine.clip_of(3), camera_move=CameraMove.PUSH))
    other = replace(MUSIC, digest=digest(301), source=file_of(digest(301)))
    theirs = replace(base(), gains=TrackGains(effects=-3.0), music=other)
    theirs = with_clip(theirs, replace(theirs.clip_of(3), camera_move=CameraMove.PULL))
    merged = merge(base(), mine, theirs)
    assert merged.timeline.gains == TrackGains(speech=2.0, effects=-3.0)
    assert merged.timeline.music == replace(other, gain_db=-20.0)
    assert merged.timeline.clip_of(3).camera_move is CameraMove.PUSH
    assert merged.notes == ("Shot 3: your camera move (push) is kept; the storyboard now wants pull.",)
    silent = edited(base(), lambda t: set_music(t, None))
    assert merge(base(), silent, theirs).timeline.music is None


def test_where_no_shot_is_left_of_a_persons_film_the_new_one_stands_alone() -> None:
    one = film(video(1), video(2))
    mine = edited(one, lambda t: remove(t, 2))
    theirs = film(video(2))
    merged = merge(one, mine, theirs)
    assert merged.timeline == theirs
    assert "none left: the new timeline stands alone" in merged.notes[0]


def test_edits_survive_a_new_frame_rate() -> None:
    mine = edited(base(), lambda t: trim(t, 4, source_in=24), lambda t: set_track_gain(t, "speech", 1.0))
    theirs = film(video(1, 50, source_frames=125), video(4, 100, source_frames=125), rate=Fraction(25))
    merged = merge(replace(base(), effects=()), mine, theirs)
    assert merged.timeline.rate == 25
    assert (merged.timeline.clip_of(4).source_in, merged.timeline.clip_of(4).source_out) == (25, 100)
    assert merged.timeline.gains.speech == 1.0
    assert merged.notes[-1] == "The film has 25 frames a second now instead of 24: cuts moved to the nearest frame."


def test_files_are_found_where_either_side_has_them() -> None:
    there = replace(base(), clips=tuple(replace(clip, source=file_of("x") / clip.digest) for clip in base().clips))
    mine = edited(base(), lambda t: add_effect(t, line(2, **source(260))))
    merged = merge(base(), mine, there).timeline
    assert [clip.source for clip in merged.clips] == [clip.source for clip in there.clips]
    assert merged.effects[0].source == file_of(digest(260))
