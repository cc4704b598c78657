"""The film's picture cut into pieces: every frame once, each from the right frame of its source."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from support.film_pieces import encoder

from aianime_pipeline.film.drawing.overlays import Overlay
from aianime_pipeline.film.picture.pieces import Piece, plan_pieces
from aianime_pipeline.film.picture.recipe import FrameFormat
from aianime_pipeline.film.picture.segments import segment_key
from aianime_pipeline.film.timeline import OVERLAPPING, Clip, ClipTransition, Timeline
from aianime_pipeline.storyboard.model import CameraMove, Transition

RATE = Fraction(24)
KINDS = [kind for kind in Transition if kind is not Transition.CUT]
FRAME = FrameFormat(320, 180, RATE)


def a_clip(shot: int, frames: int, **facts: object) -> Clip:
    return Clip(shot, Path(f"{shot}.mp4"), f"{shot:064x}", "video", **{"source_out": frames, **facts})  # type: ignore[arg-type]


@st.composite
def clips(draw: st.DrawFn, shot: int) -> Clip:
    length, move = draw(st.integers(1, 40)), draw(st.sampled_from(list(CameraMove)))
    if draw(st.booleans()):
        return Clip(shot, Path(f"{shot}.png"), f"{shot:064x}", "still", length, camera_move=move)
    begin, more = draw(st.integers(0, 15)), draw(st.integers(0, 15))
    has = draw(st.sampled_from([None, begin + length + more]))
    return a_clip(shot, begin + length, source_in=begin, hold=draw(st.integers(0, 9)), source_frames=has)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    shown = [draw(clips(shot)) for shot in range(1, draw(st.integers(1, 6)) + 1)]
    room = [clip.frames for clip in shown]
    for place, clip in enumerate(shown):
        kind = draw(st.sampled_from([Transition.CUT, *KINDS]))
        if kind is Transition.CUT or (place == 0 and kind in OVERLAPPING):
            continue
        into = draw(st.integers(0, room[place - 1])) if place else 0
        out = draw(st.integers(0, room[place]))
        if into + out:
            room[place] -= out
            if place:
                room[place - 1] -= into
            shown[place] = replace(clip, transition=ClipTransition(kind, into, out))
    return Timeline(320, 180, RATE, tuple(shown))


@given(timeline=timelines())
@settings(max_examples=100, deadline=None)
def test_the_pieces_cover_every_frame_of_the_film_once(timeline: Timeline) -> None:
    at = 0
    for piece in plan_pieces(timeline):
        assert piece.start == at
        assert piece.frames > 0
        lengths = [side.frames for side in piece.sides]
        whole = piece.body is not None or piece.kind in OVERLAPPING
        assert lengths == [piece.frames] * len(lengths) if whole else sum(lengths) == piece.frames
        at += piece.frames
    assert at == timeline.total_frames


@given(timeline=timelines())
@settings(max_examples=100, deadline=None)
def test_every_frame_comes_from_its_place_in_the_source_and_never_from_outside(timeline: Timeline) -> None:
    starts, by_shot = timeline.start_of, {clip.shot: place for place, clip in enumerate(timeline.clips)}
    for piece in plan_pieces(timeline):
        for side in piece.sides:
            clip = side.clip
            late = piece.kind not in OVERLAPPING and side is piece.incoming and piece.outgoing is not None
            for place in range(side.frames):
                offset = piece.start + place + (piece.before_cut if late else 0) - starts[clip.shot]
                if clip.kind == "still":
                    own = clip.transition
                    head = own.in_offset if own is not None and own.kind in OVERLAPPING else 0
                    assert side.frame(place) == head + offset
                    assert 0 <= side.frame(place) < side.extent
                else:
                    last = clip.source_out - 1 if clip.hold else (clip.source_frames or 10**9) - 1
                    assert side.frame(place) == min(max(clip.source_in + offset, 0), last)
        shots = [side.clip.shot for side in piece.sides]
        assert [by_shot[shot] for shot in shots] == sorted(by_shot[shot] for shot in shots)


def keys(pieces: tuple[Piece, ...]) -> list[str]:
    by = encoder()
    return [segment_key(piece, FRAME, by) for piece in pieces]


@given(timeline=timelines(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_another_source_changes_its_body_and_its_own_transitions_and_nothing_else(
    timeline: Timeline, data: st.DataObject
) -> None:
    chosen = data.draw(st.sampled_from(timeline.clips))
    other = replace(timeline, clips=tuple(
        replace(clip, digest="f" * 64) if clip is chosen else clip for clip in timeline.clips
    ))  # fmt: skip
    before, after = plan_pieces(timeline), plan_pieces(other)
    for piece, old, new in zip(before, keys(before), keys(after), strict=True):
        touched = any(side.clip is chosen for side in piece.sides)
        assert (old != new) == touched


def test_a_longer_shot_leaves_all_others_as_they_are_though_they_come_later() -> None:
    dissolve = ClipTransition(Transition.DISSOLVE, 3, 3)
    shown = [a_clip(1, 20), a_clip(2, 20, transition=dissolve), a_clip(3, 20, transition=dissolve), a_clip(4, 20)]
    old = keys(plan_pieces(Timeline(320, 180, RATE, tuple(shown))))
    shown[1] = replace(shown[1], source_out=25)
    new = keys(plan_pieces(Timeline(320, 180, RATE, tuple(shown))))
    assert [one == other for one, other in zip(old, new, strict=True)] == [True, True, False, False, True, True]


def test_beyond_its_cut_a_clip_goes_on_with_what_its_source_has_and_is_then_held() -> None:
    dissolve = ClipTransition(Transition.DISSOLVE, 4, 6)
    outgoing = a_clip(1, 20, source_frames=23)
    incoming = a_clip(2, 22, source_in=2, source_frames=40, transition=dissolve)
    _, piece, _ = plan_pieces(Timeline(320, 180, RATE, (outgoing, incoming)))
    assert piece.outgoing is not None
    assert piece.incoming is not None
    assert [piece.outgoing.frame(place) for place in range(10)] == [16, 17, 18, 19, 20, 21, 22, 22, 22, 22]
    assert [piece.incoming.frame(place) for place in range(10)] == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7]
    held = replace(outgoing, hold=2)
    _, piece, _ = plan_pieces(Timeline(320, 180, RATE, (held, incoming)))
    assert piece.outgoing is not None
    assert [piece.outgoing.frame(place) for place in range(10)] == [18, 19] + [19] * 8


def test_a_clip_that_its_transitions_cover_has_no_body() -> None:
    dissolve = ClipTransition(Transition.DISSOLVE, 5, 5)
    shown = (a_clip(1, 10), a_clip(2, 10, transition=dissolve), a_clip(3, 10, transition=dissolve))
    pieces = plan_pieces(Timeline(320, 180, RATE, shown))
    assert [str(piece) for piece in pieces] == [
        "shot 1", "the dissolve of shot 1 and shot 2", "the dissolve of shot 2 and shot 3", "shot 3",
    ]  # fmt: skip
    assert [piece.shot for piece in pieces] == [1, 2, 3, 3]


@given(timeline=timelines(), spans=st.lists(st.tuples(st.integers(0, 250), st.integers(1, 100)), max_size=5))
@settings(max_examples=100, deadline=None)
def test_an_overlay_is_seen_over_exactly_its_frames_whatever_pieces_it_spans(
    timeline: Timeline, spans: list[tuple[int, int]]
) -> None:
    overlays = [Overlay(b"%d" % number, 2, 4, first, first + long) for number, (first, long) in enumerate(spans)]
    seen: list[set[bytes]] = [set() for _ in range(timeline.total_frames)]
    for piece in plan_pieces(timeline, overlays):
        order = [overlay.png for overlay in piece.overlays]
        assert order == sorted(order)
        for overlay in piece.overlays:
            assert 0 <= overlay.first < overlay.end <= piece.frames
            for place in range(overlay.first, overlay.end):
                seen[piece.start + place].add(overlay.png)
    for frame, found in enumerate(seen):
        assert found == {overlay.png for overlay in overlays if overlay.first <= frame < overlay.end}


def test_a_moved_piece_keeps_its_key_and_another_overlay_place_or_picture_changes_it() -> None:
    shot, early, late = a_clip(7, 20), a_clip(1, 10), a_clip(2, 30)
    lay = Overlay(b"one", 2, 4, 3, 9)

    def key_after(first: Clip, shot: Clip, overlay: Overlay) -> str:
        moved = replace(overlay, first=overlay.first + first.frames, end=overlay.end + first.frames)
        pieces = plan_pieces(Timeline(320, 180, RATE, (first, shot)), [moved])
        return keys(pieces)[-1]

    key = key_after(early, shot, lay)
    assert key == key_after(late, replace(shot, shot=9, source=Path("moved"), wanted_frames=7), lay)
    others = [replace(lay, png=b"two"), replace(lay, x=4), replace(lay, first=4), replace(lay, end=10)]
    assert len({key, *(key_after(early, shot, other) for other in others)}) == 5
