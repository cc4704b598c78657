"""Timelines of every kind for the laws of editing: stills and videos, held and trimmed, with all that hangs on them."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from aianime_pipeline.film.timeline import (
    OVERLAPPING,
    Clip,
    ClipTransition,
    Marker,
    Music,
    SoundClip,
    SubtitleLine,
    SubtitleTrack,
    Timeline,
    TrackGains,
)
from aianime_pipeline.film.timeline.rough import RoughCut, settled
from aianime_pipeline.film.timeline.speech_room import with_room_for_speech
from aianime_pipeline.storyboard.model import CameraMove, Transition

RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(24000, 1001), Fraction(30000, 1001)]

rates = st.sampled_from(RATES)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
words = st.sampled_from(["好。", "你终于来了。", "Wait!", "三年后", "👨‍👩‍👧 שלום"])
gains = st.sampled_from([0.0, -6.0, 3.5, -60.0])
kinds = st.sampled_from([kind for kind in Transition if kind is not Transition.CUT])


def digest(number: int) -> str:
    return f"{number:064x}"


def file_of(sha256: str) -> Path:
    """Where the source with that digest would lie."""
    return Path("/media") / sha256


def source(number: int) -> dict[str, Any]:
    return {"digest": digest(number), "source": file_of(digest(number))}


def video(shot: int, out: int = 48, **changes: Any) -> Clip:
    return Clip(shot, kind="video", source_out=out, **{"source_frames": 120, **source(shot), **changes})


def still(shot: int, frames: int = 48, **changes: Any) -> Clip:
    return Clip(shot, kind="still", source_out=frames, **{**source(100 + shot), **changes})


def line(shot: int, offset: int = 7_200, length: int = 24_000, **changes: Any) -> SoundClip:
    return SoundClip(shot, offset=offset, length=length, **{**source(200 + shot), **changes})


def words_of(shot: int, text: str = "好。", start_ms: int = 150, end_ms: int = 850) -> SubtitleLine:
    return SubtitleLine(shot, start_ms, end_ms, (text,), "阿月")


def film(*clips: Clip, **changes: Any) -> Timeline:
    return Timeline(**{"width": 320, "height": 180, "rate": Fraction(24), "clips": clips, **changes})


@st.composite
def clips(draw: st.DrawFn, shot: int) -> Clip:
    begins = draw(st.none() | st.builds(ClipTransition, kinds, st.integers(0, 20), st.integers(1, 20)))
    changes = {"transition": begins, "wanted_frames": draw(st.integers(0, 60))}
    if draw(st.booleans()):
        move = draw(st.sampled_from(CameraMove))
        return still(shot, draw(st.integers(1, 80)), camera_move=move, slate=draw(texts), **changes)
    first = draw(st.integers(0, 30))
    out = first + draw(st.integers(1, 80))
    return video(
        shot,
        out,
        source_in=first,
        hold=draw(st.sampled_from([0, 0, 1, 12])),
        source_frames=draw(st.none() | st.integers(out, out + 40)),
        keeps_own_sound=draw(st.booleans()),
        own_gain_db=draw(gains),
        **source(draw(st.integers(1, 5))),
        **changes,
    )


@st.composite
def sounds(draw: st.DrawFn, shot: int) -> SoundClip:
    length = draw(st.integers(1, 60_000))
    fades = draw(st.sampled_from([(0, 0), (length // 3, length // 2)]))
    return SoundClip(
        shot,
        offset=draw(st.integers(-9_000, 50_000)),
        length=length,
        source_in=draw(st.sampled_from([0, 480])),
        gain_db=draw(gains),
        fade_in=fades[0],
        fade_out=fades[1],
        **source(draw(st.integers(200, 205))),
    )


@st.composite
def subtitle_lines(draw: st.DrawFn, shot: int) -> SubtitleLine:
    start = draw(st.integers(-500, 2_500))
    return SubtitleLine(
        shot,
        start,
        start + draw(st.integers(2, 2_000)),
        (draw(words), *draw(st.sampled_from([(), ("么",)]))),
        draw(texts),
    )


@st.composite
def timelines(draw: st.DrawFn, *, rate: Fraction | None = None, shots: list[int] | None = None) -> Timeline:
    """Up to six shots in any order; repaired by the same rules that an edit is."""
    if shots is None:
        shots = draw(st.lists(st.integers(1, 8), min_size=1, max_size=6, unique=True))
    some = st.lists(st.sampled_from(shots), max_size=4)
    film_clips = [draw(clips(shot)) for shot in shots]
    tracks = [
        SubtitleTrack(language, tuple(draw(subtitle_lines(shot)) for shot in draw(some)))
        for language in draw(st.sampled_from([["zh"], ["zh", "en"], []]))
    ]
    music = st.builds(Music, st.just(file_of(digest(300))), st.just(digest(300)), gains, st.sampled_from([0.0, -9.0]))
    rough = RoughCut(
        width=draw(st.sampled_from([320, 1920])),
        height=180,
        rate=rate or draw(rates),
        clips=tuple(film_clips),
        speech=tuple(draw(sounds(shot)) for shot in draw(some)),
        effects=tuple(draw(sounds(shot)) for shot in draw(some)),
        music=draw(st.none() | music),
        gains=TrackGains(*draw(st.tuples(gains, gains, gains))),
        subtitles=tuple(tracks),
        markers=tuple(Marker(shot, draw(st.integers(-9, 99)), draw(texts)) for shot in draw(some)),
    )
    return settled(with_room_for_speech(rough)[0]).timeline


def assert_in_order(timeline: Timeline) -> None:
    """What the model refuses, and what it cannot see by itself."""
    RoughCut.of(timeline).checked()
    first = timeline.clips[0].transition
    assert first is None or (first.in_offset == 0 and first.kind not in OVERLAPPING)
    for earlier, later in zip(timeline.placed_speech, timeline.placed_speech[1:], strict=False):
        assert earlier.end <= later.start
