"""Any edits one after another: the film stays one that can be rendered, kept and read back."""

from fractions import Fraction
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from support.timelines import RATES, assert_in_order, clips, file_of, gains, sounds, subtitle_lines, timelines, words

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.timeline import (
    Clip,
    Edited,
    Marker,
    ShotParts,
    SoundClip,
    SubtitleLine,
    SubtitleTrack,
    Timeline,
    add_effect,
    add_marker,
    add_subtitle,
    from_document,
    insert,
    merge,
    move,
    move_speech,
    remove,
    remove_effect,
    remove_subtitle,
    retimed,
    roll,
    set_frames,
    set_sound_gain,
    set_subtitle_text,
    set_subtitle_times,
    set_transition,
    slip,
    to_document,
    trim,
)
from aianime_pipeline.storyboard.model import Transition

shots = st.integers(1, 9)
frames = st.integers(-20, 90)
times = st.integers(-300, 3_000)


class Editing(RuleBasedStateMachine):
    """Refusals are fine as long as they are the tree's; what comes back must be in order."""

    timeline: Timeline

    @initialize(timeline=timelines())
    def begin(self, timeline: Timeline) -> None:
        self.timeline = self.base = timeline

    def edit(self, change: Any, *args: Any, **options: Any) -> None:
        try:
            edited: Edited = change(self.timeline, *args, **options)
        except BadInputError as error:
            assert error.message  # noqa: PT017
            return
        assert all(note.endswith(".") for note in edited.notes)
        self.timeline = edited.timeline

    @rule(shot=shots, index=st.integers(0, 6))
    def move(self, shot: int, index: int) -> None:
        self.edit(move, shot, index)

    @rule(clip=clips(9), line=sounds(9), words=subtitle_lines(9), index=st.integers(0, 6))
    def insert(self, clip: Clip, line: SoundClip, words: SubtitleLine, index: int) -> None:
        self.edit(insert, ShotParts(clip, (line,), (line,), (SubtitleTrack("zh", (words,)),), ()), index)

    @rule(shot=shots)
    def remove(self, shot: int) -> None:
        self.edit(remove, shot)

    @rule(shot=shots, first=st.none() | frames, out=st.none() | frames, hold=st.none() | frames)
    def trim(self, shot: int, first: int | None, out: int | None, hold: int | None) -> None:
        self.edit(trim, shot, source_in=first, source_out=out, hold=hold)

    @rule(shot=shots, by=frames)
    def roll(self, shot: int, by: int) -> None:
        self.edit(roll, shot, by)

    @rule(shot=shots, by=frames)
    def slip(self, shot: int, by: int) -> None:
        self.edit(slip, shot, by)

    @rule(shot=shots, length=frames)
    def set_frames(self, shot: int, length: int) -> None:
        self.edit(set_frames, shot, length)

    @rule(shot=shots, kind=st.sampled_from(Transition), length=st.none() | frames)
    def set_transition(self, shot: int, kind: Transition, length: int | None) -> None:
        self.edit(set_transition, shot, kind, length)

    @rule(shot=shots, offset=st.integers(-9_000, 60_000), n=st.integers(0, 1))
    def move_speech(self, shot: int, offset: int, n: int) -> None:
        self.edit(move_speech, shot, offset, n)

    @rule(effect=shots.flatmap(sounds))
    def add_effect(self, effect: SoundClip) -> None:
        self.edit(add_effect, effect)

    @rule(shot=shots, n=st.integers(0, 2))
    def remove_effect(self, shot: int, n: int) -> None:
        self.edit(remove_effect, shot, n)

    @rule(shot=shots, gain=gains)
    def set_gain(self, shot: int, gain: float) -> None:
        self.edit(set_sound_gain, "speech", shot, gain)

    @rule(shot=shots, text=words, start=times, end=times)
    def subtitle(self, shot: int, text: str, start: int, end: int) -> None:
        self.edit(add_subtitle, "zh", shot, text, start, end)
        self.edit(set_subtitle_text, "zh", shot, 0, text * 20)
        self.edit(set_subtitle_times, "zh", shot, 0, start, end)

    @rule(shot=shots)
    def remove_subtitle(self, shot: int) -> None:
        self.edit(remove_subtitle, "zh", shot)

    @rule(shot=shots, offset=frames)
    def mark(self, shot: int, offset: int) -> None:
        self.edit(add_marker, Marker(shot, offset, "x"))

    @rule(rate=st.sampled_from(RATES))
    def retime(self, rate: Fraction) -> None:
        assert_in_order(retimed(self.timeline, rate))

    @rule(theirs=timelines())
    def rebuild(self, theirs: Timeline) -> None:
        assert_in_order(merge(self.base, self.timeline, theirs).timeline)

    @invariant()
    def in_order(self) -> None:
        if hasattr(self, "timeline"):
            assert_in_order(self.timeline)
            assert from_document(to_document(self.timeline), file_of) == self.timeline


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
