"""The timeline as editing programs lay it out: items on a picture track and on sound tracks, side by side. Pure.

A program knows no held frame at a clip's end: a clip that holds becomes two items, one that plays and one that is
frozen. A dissolve or wipe shows what the sources have beyond the cut ("handles"); where a source has nothing more our
render holds a frame, and most programs cannot. So a transition is fitted to the handles, and that is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from aianime_pipeline.film.interchange.losses import Losses
from aianime_pipeline.film.interchange.media import MediaFile, MediaPaths
from aianime_pipeline.film.timeline import (
    OVERLAPPING,
    SAMPLE_RATE,
    Clip,
    ClipTransition,
    Music,
    PlacedSound,
    Timeline,
    samples_at,
)

SoundRole = Literal["speech", "effects", "own sound", "music"]


@dataclass(frozen=True)
class PictureItem:
    """Frames of the film from `start` on. Of its source it shows `source_in` and on; a frozen one only that frame.
    `transition` is how it begins."""

    clip: Clip
    file: MediaFile
    start: int
    frames: int
    source_in: int
    frozen: bool = False
    transition: ClipTransition | None = None

    @property
    def end(self) -> int:
        return self.start + self.frames

    @property
    def source_out(self) -> int:
        return self.source_in + (1 if self.frozen else self.frames)

    @property
    def name(self) -> str:
        return f"{self.file.stem} (hold)" if self.frozen else self.file.stem

    def head(self) -> int | None:
        """Frames the source has before this item; None where they have no end."""
        return None if self.clip.kind == "still" or self.frozen else self.source_in

    def tail(self, rate: Fraction) -> int | None:
        if self.clip.kind == "still" or self.frozen:
            return None
        has = self.clip.source_frames if self.clip.source_frames is not None else self.file.frames(rate)
        return None if has is None else max(0, has - self.source_out)


@dataclass(frozen=True)
class SoundItem:
    """`start`, `length` and `source_in` are samples at 48 kHz, or frames after `in_frames`; the fades stay samples."""

    role: SoundRole
    file: MediaFile
    start: int
    length: int
    source_in: int
    gain_db: float
    fade_in: int = 0
    fade_out: int = 0
    shot: int | None = None

    @property
    def end(self) -> int:
        return self.start + self.length


def picture_items(timeline: Timeline, media: MediaPaths) -> tuple[PictureItem, ...]:
    """With the transitions as the film has them."""
    items = []
    for clip, start in zip(timeline.clips, timeline.starts, strict=True):
        shown = clip.source_out - clip.source_in
        file = media[clip.digest]
        items.append(PictureItem(clip, file, start, shown, clip.source_in, transition=clip.transition))
        if clip.hold:
            items.append(PictureItem(clip, file, start + shown, clip.hold, clip.source_out - 1, frozen=True))
    return tuple(items)


def fit_transitions(items: Sequence[PictureItem], rate: Fraction, losses: Losses) -> tuple[PictureItem, ...]:
    """Each transition inside the two items it lies over and, where it shows both, inside what their sources have; one
    that has nothing left becomes a cut. The fade that a film begins with lies over one item only."""
    opening = items[0].transition
    if opening is not None:
        opening = replace(opening, out_offset=min(opening.out_offset, items[0].frames))
    fitted, gone = [replace(items[0], transition=opening)], []
    shorter = [items[0].clip.shot] if opening != items[0].transition else []
    for before, item in pairwise(items):
        wanted = item.transition
        found = None if wanted is None else _fitted(wanted, before, item, rate)
        if wanted is not None and found is None:
            gone.append(item.clip.shot)
        elif wanted != found:
            shorter.append(item.clip.shot)
        fitted.append(replace(item, transition=found))
    reason = "the sources have no frames to spare, where the film holds one"
    losses.shots(
        shorter,
        f"The transition into {{shots}} is shorter than in the film: {reason}.",
        f"The transitions into {{shots}} are shorter than in the film: {reason}.",
    )
    losses.shots(
        gone,
        f"The transition into {{shots}} is a cut: {reason}.",
        f"The transitions into {{shots}} are cuts: {reason}.",
    )
    return tuple(fitted)


def lacking_handles(items: Sequence[PictureItem], rate: Fraction) -> list[int]:
    """The shots whose transition goes beyond what the sources or the items beside it have."""
    fitted = fit_transitions(items, rate, Losses())
    return [had.clip.shot for had, has in zip(items, fitted, strict=True) if had.transition != has.transition]


def _fitted(wanted: ClipTransition, before: PictureItem, item: PictureItem, rate: Fraction) -> ClipTransition | None:
    handles = wanted.kind in OVERLAPPING
    head, tail = (item.head(), before.tail(rate)) if handles else (None, None)
    taken = before.transition.out_offset if before.transition is not None else 0
    earlier = min(wanted.in_offset, before.frames - taken, wanted.in_offset if head is None else head)
    later = min(wanted.out_offset, item.frames, wanted.out_offset if tail is None else tail)
    return ClipTransition(wanted.kind, earlier, later) if earlier + later else None


def sound_items(timeline: Timeline, media: MediaPaths, losses: Losses) -> tuple[SoundItem, ...]:
    """Every sound of the film, in samples, by role and time."""
    items = [_placed("speech", sound, media, timeline.gains.speech) for sound in timeline.placed_speech]
    items += [_placed("effects", sound, media, timeline.gains.effects) for sound in timeline.placed_effects]
    items += _own_sounds(timeline, media)
    if timeline.music is not None:
        items += _music(timeline.music, timeline.total_samples, media, losses)
    total = timeline.total_samples  # the film's end cuts off what goes on after it
    heard = (item if item.end <= total else _ended_at(total, item) for item in items if item.start < total)
    return tuple(heard)


def in_frames(items: Sequence[SoundItem], rate: Fraction, losses: Losses) -> tuple[SoundItem, ...]:
    """Begin and end on the nearest frame, for formats that count nothing smaller."""
    moved = Fraction(0)
    counted = 0
    framed = []
    for item in items:
        start, end = (_nearest_frame(at, rate) for at in (item.start, item.end))
        off = abs(start / rate - Fraction(item.start, SAMPLE_RATE))
        moved, counted = max(moved, off), counted + (off > Fraction(1, SAMPLE_RATE))
        source_in = _nearest_frame(item.source_in, rate)
        framed.append(replace(item, start=start, length=max(1, end - start), source_in=source_in))
    if counted:
        most = max(1, round(moved * 1000))
        losses.note(
            f"Sounds begin on whole frames: {counted} of them {'is' if counted == 1 else 'are'} up to {most} ms off."
        )
    return tuple(framed)


def on_tracks(items: Sequence[SoundItem]) -> tuple[tuple[SoundItem, ...], ...]:
    """As few tracks as hold them without overlap, in order of time."""
    tracks: list[list[SoundItem]] = []
    for item in sorted(items, key=lambda sound: (sound.start, sound.end)):
        track = next((track for track in tracks if track[-1].end <= item.start), None)
        if track is None:
            tracks.append([item])
        else:
            track.append(item)
    return tuple(tuple(track) for track in tracks)


def marker_frames(timeline: Timeline) -> list[tuple[int, str, str]]:
    """(frame of the film, text, colour), in order; one that hangs outside its film is drawn to its edge."""
    starts, last = timeline.start_of, timeline.total_frames - 1
    marks = [(starts[mark.shot] + mark.offset, mark.text, mark.colour) for mark in timeline.markers]
    return sorted((min(max(at, 0), last), text, colour) for at, text, colour in marks)


def text_frames(start_ms: int, end_ms: int, rate: Fraction) -> tuple[int, int]:
    """First and end frame of a subtitle, at least one frame."""
    first, end = (_nearest(Fraction(ms, 1000) * rate) for ms in (start_ms, end_ms))
    return first, max(end, first + 1)


def _placed(role: SoundRole, sound: PlacedSound, media: MediaPaths, track_gain: float) -> SoundItem:
    clip = sound.clip
    return SoundItem(
        role, media[clip.digest], sound.start, clip.length, clip.source_in, clip.gain_db + track_gain,
        clip.fade_in, clip.fade_out, clip.shot,
    )  # fmt: skip


def _ended_at(end: int, item: SoundItem) -> SoundItem:
    length = end - item.start
    fade_in = min(item.fade_in, length)
    return replace(item, length=length, fade_in=fade_in, fade_out=min(item.fade_out, length - fade_in))


def _own_sounds(timeline: Timeline, media: MediaPaths) -> list[SoundItem]:
    items = []
    for clip, start in zip(timeline.clips, timeline.starts, strict=True):
        file = media[clip.digest]
        if not clip.keeps_own_sound or not file.channels:
            continue
        first, end = (samples_at(frame, timeline.rate) for frame in (start, start + clip.source_out - clip.source_in))
        source_in = samples_at(clip.source_in, timeline.rate)
        gain = clip.own_gain_db + timeline.gains.own_sound
        items.append(SoundItem("own sound", file, first, end - first, source_in, gain, shot=clip.shot))
    return items


def _music(music: Music, total: int, media: MediaPaths, losses: Losses) -> list[SoundItem]:
    file = media[music.digest]
    once = total if file.seconds is None else max(1, int(file.seconds * SAMPLE_RATE))
    items = []
    for start in range(0, total, once):
        length = min(once, total - start)
        items.append(SoundItem("music", file, start, length, 0, music.gain_db))
    items[0] = replace(items[0], fade_in=min(music.fade_in, items[0].length))
    last = items[-1]
    items[-1] = replace(last, fade_out=min(music.fade_out, last.length - last.fade_in))
    if len(items) > 1:
        losses.note(f"The music is laid end to end {len(items)} times, with straight cuts instead of our seam.")
    return items


def _nearest_frame(sample: int, rate: Fraction) -> int:
    return _nearest(Fraction(sample, SAMPLE_RATE) * rate)


def _nearest(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
