"""What the editors' formats are tested with: an edit with everything in it, and what must come out, by hand."""

import hashlib
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from hypothesis import strategies as st
from support.film_media import Media, digest

from aianime_pipeline.film.interchange import InterchangeReport, MediaFile, MediaPaths, collect_media, export_timeline
from aianime_pipeline.film.timeline import (
    Clip,
    ClipTransition,
    Marker,
    Music,
    SoundClip,
    SubtitleLine,
    SubtitleTrack,
    Timeline,
    TrackGains,
    transition_frames,
)
from aianime_pipeline.storyboard.model import CameraMove, Transition

NASTY = "月光 <b>&amp; \"夜\" 'x' 👨‍👩‍👧 {\\an8} 100%\x07 ]]>"
TITLE = f"第1集\n{NASTY}"
FITTED = {2: (6, 6), 3: (4, 4), 6: (5, 7), 8: (0, 4), 9: (4, 0)}
"""The dissolves and wipes with what the sources have: shot 8 has nothing before its first frame or after its last."""


@dataclass(frozen=True)
class Row:
    """A stretch of picture as a reader found it, in frames."""

    path: str
    start: int
    frames: int
    source_in: int
    frozen: bool = False


@dataclass(frozen=True)
class Joint:
    """A transition as a reader found it: its first frame and its length."""

    kind: str
    start: int
    frames: int


@dataclass(frozen=True)
class Edit:
    timeline: Timeline
    media: MediaPaths
    folder: Path

    def export(self, format: str, name: str) -> InterchangeReport:
        return export_timeline(self.timeline, format, self.folder / name, title=TITLE, media=self.media)

    def rows(self) -> list[Row]:
        """By the timeline's own words: what plays, and what is held after it."""
        rows, at = [], 0
        for clip in self.timeline.clips:
            path = self.media[clip.digest].path
            shown = clip.source_out - clip.source_in
            rows.append(Row(path, at, shown, clip.source_in))
            if clip.hold:
                rows.append(Row(path, at + shown, clip.hold, clip.source_out - 1, frozen=True))
            at += shown + clip.hold
        return rows

    def joints(self, fitted: dict[int, tuple[int, int]] | None = None) -> list[Joint]:
        joints = []
        for clip, start in zip(self.timeline.clips, self.timeline.starts, strict=True):
            if clip.transition is not None:
                begun = clip.transition.in_offset, clip.transition.out_offset
                before, after = (fitted or {}).get(clip.shot, begun)
                joints.append(Joint(clip.transition.kind.value, start - before, before + after))
        return joints


def full_edit(media: Media, rate: Fraction, folder: Path) -> Edit:
    silent, talking = media.video("v.mp4", seconds=3), media.talking_video("t.mp4", rate="24", seconds=3)
    picture, other = media.picture(), media.picture("other.png", "blue")
    voice, noise, music = media.voice(), media.voice("noise.wav", seconds=0.5), media.music(seconds=5)

    def video(shot: int, first: int, end: int, source: Path = silent, **more: object) -> Clip:
        return Clip(shot, source, digest(source), "video", end, first, source_frames=72, **more)  # type: ignore[arg-type]

    def still(shot: int, frames: int, source: Path, **more: object) -> Clip:
        return Clip(shot, source, digest(source), "still", frames, **more)  # type: ignore[arg-type]

    def begun(kind: Transition, before: int, after: int) -> ClipTransition:
        return ClipTransition(kind, before, after)

    clips = (
        video(1, 10, 34, transition=begun(Transition.FADE_BLACK, 0, 6)),
        video(2, 12, 36, transition=begun(Transition.DISSOLVE, 6, 6)),
        still(3, 24, picture, camera_move=CameraMove.PUSH, transition=begun(Transition.WIPE, 4, 4)),
        video(
            4, 5, 29, talking, hold=12, keeps_own_sound=True, own_gain_db=-3.0,
            transition=begun(Transition.FADE_BLACK, 8, 8),
        ),
        video(5, 20, 44, transition=begun(Transition.FLASH_WHITE, 2, 4)),
        video(6, 30, 50, transition=begun(Transition.DISSOLVE, 5, 7)),
        still(7, 24, other, slate="没有"),
        video(8, 0, 72, transition=begun(Transition.DISSOLVE, 4, 4)),
        video(9, 10, 20, transition=begun(Transition.DISSOLVE, 4, 4)),
    )  # fmt: skip
    speech = (
        SoundClip(2, voice, digest(voice), 3000, 24_000, gain_db=2.5),
        SoundClip(3, voice, digest(voice), -4800, 40_000, source_in=4000, fade_in=2000, fade_out=4000),
    )
    effects = (
        SoundClip(4, noise, digest(noise), 0, 20_000, gain_db=-6.0),
        SoundClip(4, noise, digest(noise), 10_000, 14_000),
        SoundClip(9, noise, digest(noise), 4800, 24_000),
    )
    subtitles = (
        SubtitleTrack("zh", (SubtitleLine(2, 63, 563, ("我等了", NASTY), "阿月"),)),
        SubtitleTrack("en", (SubtitleLine(2, 63, 563, ("I <waited> & waited",)),)),
    )
    timeline = Timeline(
        320, 180, rate, clips, speech, effects, Music(music, digest(music), -12.0, -10.0, 4800, 48_000),
        TrackGains(speech=1.0), subtitles, (Marker(5, 3, NASTY, "green"),),
    )  # fmt: skip
    return Edit(timeline, collect_media(timeline, folder), folder)


def one_shot(edit: Edit) -> Edit:
    clip = replace(edit.timeline.clips[4], transition=None)
    bare = replace(edit.timeline, clips=(clip,), speech=(), effects=(), music=None, subtitles=(), markers=())
    return replace(edit, timeline=bare)


def long_edit(edit: Edit, count: int = 500) -> Edit:
    """Clip after clip of one source, each second one dissolving."""
    dissolve = ClipTransition(Transition.DISSOLVE, 3, 3)
    like = edit.timeline.clips[5]
    clips = tuple(
        replace(like, shot=number, transition=dissolve if number % 2 == 0 else None) for number in range(1, count + 1)
    )
    bare = replace(edit.timeline, clips=clips, speech=(), effects=(), music=None, subtitles=(), markers=())
    return replace(edit, timeline=bare)


@st.composite
def small_timelines(draw: st.DrawFn) -> Timeline:
    rate = draw(st.sampled_from([Fraction(24), Fraction(25), Fraction(30), Fraction(24000, 1001)]))
    clips: list[Clip] = []
    for shot in draw(st.lists(st.integers(1, 999), min_size=1, max_size=6, unique=True)):
        key = hashlib.sha256(str(shot % 3).encode()).hexdigest()
        first, shown = draw(st.integers(0, 50)), draw(st.integers(1, 40))
        hold = draw(st.integers(0, 10))
        clip = Clip(shot, Path("x.mp4"), key, "video", first + shown, first, hold)
        kinds = [Transition.FADE_BLACK, Transition.FLASH_WHITE]
        before = draw(st.integers(0, 5)) if clips else 0
        if clips:
            kinds += [Transition.DISSOLVE, Transition.WIPE]
        after = draw(st.integers(0, 5))
        if before + after and draw(st.booleans()):
            begun = replace(clip, transition=ClipTransition(draw(st.sampled_from(kinds)), before, after))
            room = not clips or transition_frames(clips[-1], begun) <= clips[-1].frames
            if room and transition_frames(begun, None) <= begun.frames:
                clip = begun
        clips.append(clip)
    return Timeline(64, 64, rate, tuple(clips))


def small_edit(timeline: Timeline, folder: Path) -> Edit:
    """With media that is only named: nine seconds each."""
    names = {clip.digest: f"media/{clip.shot} {clip.digest[:4]}.mp4" for clip in timeline.clips}
    files = {key: MediaFile(Path("x"), name, "video", Fraction(9), 64, 64) for key, name in names.items()}
    return Edit(timeline, MediaPaths(files), folder)
