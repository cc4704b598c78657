"""CMX3600 edit decision list: the oldest and poorest of the formats, and the one that everything reads.

An EDL knows a transition only as a property of the event that begins with it, so the event begins `in_offset` frames
before the cut. A fade through black is a dissolve to the reel BL and one from it. A held frame is an event with an M2
line of speed 0. Picture is on V, speech on A, effects on A2; there are no more channels in CMX3600.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.interchange.edit_list import (
    PictureItem,
    SoundItem,
    fit_transitions,
    in_frames,
    marker_frames,
    on_tracks,
    picture_items,
    sound_items,
)
from aianime_pipeline.film.interchange.losses import Losses, counted
from aianime_pipeline.film.interchange.media import MediaFile, MediaPaths
from aianime_pipeline.film.interchange.timecode import first_frame, nominal_rate, timecode
from aianime_pipeline.film.interchange.wording import one_line
from aianime_pipeline.film.timeline import Timeline
from aianime_pipeline.storyboard.model import Transition

BLACK = "BL"
REEL_LENGTH = 8
MOST_EVENTS = 999
_TITLE_LENGTH = 70
_WIPE = "W001"
_CHANNELS = {"speech": "A", "effects": "A2"}


def write_edl(timeline: Timeline, path: Path, title: str, media: MediaPaths, losses: Losses) -> None:
    """Raises BadSettingError for a rate of which timecode cannot count the frames in two digits."""
    if nominal_rate(timeline.rate) > 99:
        raise BadSettingError(f"An EDL counts up to 99 frames a second; this film has {timeline.rate}.")
    items = fit_transitions(_without_flashes(picture_items(timeline, media), losses), timeline.rate, losses)
    sounds = sound_items(timeline, media, Losses())  # how the music is laid is no loss where there is no music
    framed = in_frames([sound for sound in sounds if sound.role in _CHANNELS], timeline.rate, losses)
    heard = {
        channel: _one_track([sound for sound in framed if sound.role == role], role, losses)
        for role, channel in _CHANNELS.items()
    }
    _note_losses(timeline, sounds, losses)
    writer = _Writer(timeline.rate, _reels(media))
    writer.picture(items, marker_frames(timeline))
    for channel, track in heard.items():
        writer.sound(channel, track)
    if writer.events > MOST_EVENTS:
        losses.note(
            f"The EDL has {writer.events} events; programs that keep to CMX3600 read no more than {MOST_EVENTS}."
        )
    head = f"TITLE: {one_line(title)[:_TITLE_LENGTH]}\nFCM: NON-DROP FRAME\n\n"
    path.write_text(head + "\n".join(writer.lines) + "\n", "utf-8", newline="\n")


class _Writer:
    """Events by their number; record times begin at 01:00:00:00."""

    def __init__(self, rate: Fraction, reels: dict[str, str]) -> None:
        self.rate, self.reels = rate, reels
        self.lines: list[str] = []
        self.events = 0

    def picture(self, items: Sequence[PictureItem], marks: Iterable[tuple[int, str, str]]) -> None:
        left = list(marks)
        for place, item in enumerate(items):
            after = items[place + 1].transition if place + 1 < len(items) else None
            end = item.end - (after.in_offset if after is not None else 0)
            self._item(items[place - 1] if place else None, item, end)
            while left and left[0][0] < item.end:
                at, text, colour = left.pop(0)
                self.lines.append(f"* LOC: {self._record(at)} {colour.upper():7} {one_line(text)}")

    def sound(self, channel: str, sounds: Sequence[SoundItem]) -> None:
        for sound in sounds:
            self._event(
                self.reels[sound.file.path], channel, "C", sound.source_in, sound.start, sound.length, sound.length
            )
            self._names("FROM", sound.file)

    def _item(self, before: PictureItem | None, item: PictureItem, end: int) -> None:
        """One item, up to the frame where the next event begins."""
        reel, transition = self.reels[item.file.path], item.transition
        if transition is None:
            start, source = item.start, item.source_in
            if end > start:
                self._event(reel, "V", "C", source, start, 1 if item.frozen else end - start, end - start)
                self._names("FROM", item.file)
        elif transition.kind is Transition.FADE_BLACK:
            if transition.in_offset and before is not None:
                self._to_black(before, item.start, transition.in_offset)
            self._from_black(item, end, transition.out_offset)
        else:
            kind = "D" if transition.kind is Transition.DISSOLVE else _WIPE
            start = item.start - transition.in_offset
            self._event_from(self._source_at(before, start), start)
            source = max(0, item.source_in - transition.in_offset) if item.clip.kind == "video" else 0
            self._second(reel, f"{kind:4} {transition.frames:03d}", source, start, end - start)
            if before is not None:
                self._names("FROM", before.file)
            self._names("TO", item.file)
        if item.frozen and end > item.start:
            self.lines.append(f"M2   {reel:8}       000.0                {timecode(item.source_in, self.rate)}")
            self.lines.append("* * FREEZE FRAME")

    def _to_black(self, before: PictureItem, cut: int, frames: int) -> None:
        self._event_from(self._source_at(before, cut - frames), cut - frames)
        self._second(BLACK, f"D    {frames:03d}", 0, cut - frames, frames)
        self._names("FROM", before.file)

    def _from_black(self, item: PictureItem, end: int, frames: int) -> None:
        reel = self.reels[item.file.path]
        if not frames:
            self._event(reel, "V", "C", item.source_in, item.start, end - item.start, end - item.start)
            self._names("FROM", item.file)
            return
        self._event_from((BLACK, 0), item.start)
        self._second(reel, f"D    {frames:03d}", item.source_in, item.start, end - item.start)
        self._names("TO", item.file)

    def _source_at(self, item: PictureItem | None, frame: int) -> tuple[str, int]:
        if item is None:
            return BLACK, 0
        source = item.source_in if item.frozen else item.source_in + frame - item.start
        return self.reels[item.file.path], source

    def _event(self, reel: str, channel: str, kind: str, source: int, start: int, played: int, frames: int) -> None:
        self.events += 1
        self._line(reel, channel, kind, source, played, start, frames)

    def _event_from(self, origin: tuple[str, int], start: int) -> None:
        """The first line of an event with a transition: where it comes from, without length."""
        self._event(origin[0], "V", "C", origin[1], start, 0, 0)

    def _second(self, reel: str, kind: str, source: int, start: int, frames: int) -> None:
        self._line(reel, "V", kind, source, frames, start, frames)

    def _line(self, reel: str, channel: str, kind: str, source: int, played: int, start: int, frames: int) -> None:
        times = timecode(source, self.rate), timecode(source + played, self.rate)
        records = self._record(start), self._record(start + frames)
        self.lines.append(f"{self.events:03d}  {reel:8} {channel:5} {kind:8} {' '.join((*times, *records))}")

    def _names(self, side: str, file: MediaFile) -> None:
        self.lines.append(f"* {side} CLIP NAME: {one_line(file.name)}")
        self.lines.append(f"* {side} FILE: {one_line(file.path)}")

    def _record(self, frame: int) -> str:
        return timecode(first_frame(self.rate) + frame, self.rate)


def _reels(media: MediaPaths) -> dict[str, str]:
    """A reel for each file: eight letters and digits, none twice, none that means something else."""
    reels: dict[str, str] = {}
    for number, file in enumerate(media.files.values(), start=1):
        wish = re.sub(r"[^A-Z0-9]", "", file.stem.upper())
        if not wish or len(wish) > REEL_LENGTH or wish in reels.values() or wish in {BLACK, "AX", "BARS", "BLACK"}:
            wish = f"R{number:07d}"
        reels[file.path] = wish
    return reels


def _one_track(sounds: Sequence[SoundItem], role: str, losses: Losses) -> tuple[SoundItem, ...]:
    tracks = on_tracks(sounds)
    left_out = sum(len(track) for track in tracks[1:])
    if left_out:
        losses.note(f"Not in the EDL, which has one channel for {role}: {counted(left_out, 'sound')} over others.")
    return tracks[0] if tracks else ()


def _without_flashes(items: Sequence[PictureItem], losses: Losses) -> list[PictureItem]:
    flashes = [item.clip.shot for item in items if _flashes(item)]
    losses.shots(
        flashes,
        "The white flash into {shots} is a cut: an EDL knows no white.",
        "The white flashes into {shots} are cuts: an EDL knows no white.",
    )
    return [replace(item, transition=None) if _flashes(item) else item for item in items]


def _flashes(item: PictureItem) -> bool:
    return item.transition is not None and item.transition.kind is Transition.FLASH_WHITE


def _note_losses(timeline: Timeline, sounds: Sequence[SoundItem], losses: Losses) -> None:
    if timeline.rate.denominator != 1:
        losses.note(f"An EDL does not say its rate: set {float(timeline.rate):.3f} frames a second when reading it.")
    for role, words in (("own sound", "The videos' own sound is"), ("music", "The music is")):
        if any(sound.role == role for sound in sounds):
            losses.note(f"{words} not in the EDL: CMX3600 has two sound channels, for speech and effects.")
    told = [sound for sound in sounds if sound.role in _CHANNELS]
    for what, count in (
        ("gains", sum(sound.gain_db != 0 for sound in told)),
        ("fades", sum(bool(sound.fade_in or sound.fade_out) for sound in told)),
    ):
        if count:
            losses.note(f"Not in the EDL: {what} of {counted(count, 'sound')}.")
    if timeline.subtitles:
        losses.note("The subtitles are not in the EDL: use the .srt.")
