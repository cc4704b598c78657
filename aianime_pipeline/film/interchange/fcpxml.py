"""FCPXML 1.10 for Final Cut Pro, by our own hand: the public adapter drops dissolves.

Every time is a whole number of frames, written as the fraction of a second that it is. The spine has no gap, and a
transition lies over the cut. Sounds, titles and markers hang on the spine's item under their first frame, so their
times are counted in that item's own time. A fade to or from black is opacity, which needs no handles.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from aianime_pipeline.film.interchange.edit_list import (
    PictureItem,
    SoundItem,
    fit_transitions,
    in_frames,
    marker_frames,
    on_tracks,
    picture_items,
    sound_items,
    text_frames,
)
from aianime_pipeline.film.interchange.fcpxml_resources import CROSS_DISSOLVE, TITLE, Resources
from aianime_pipeline.film.interchange.losses import Losses
from aianime_pipeline.film.interchange.media import MediaPaths
from aianime_pipeline.film.interchange.timecode import first_frame, is_ntsc
from aianime_pipeline.film.interchange.wording import one_line, xml_safe
from aianime_pipeline.film.timeline import OVERLAPPING, SAMPLE_RATE, ClipTransition, Timeline
from aianime_pipeline.storyboard.model import Transition

VERSION = "1.10"
_ROLES = {"speech": "dialogue", "own sound": "dialogue", "effects": "effects", "music": "music"}
_KNOWN_RATES = {24, 25, 30, 50, 60}


def write_fcpxml(timeline: Timeline, path: Path, title: str, media: MediaPaths, losses: Losses) -> None:
    items = fit_transitions(picture_items(timeline, media), timeline.rate, losses)
    sounds = sound_items(timeline, media, losses)
    _note_losses(timeline, items, losses)
    root = ET.Element("fcpxml", version=VERSION)
    resources = Resources(ET.SubElement(root, "resources"), timeline)
    event = ET.SubElement(ET.SubElement(root, "library"), "event", name=one_line(title))
    sequence = ET.SubElement(
        ET.SubElement(event, "project", name=one_line(title)),
        "sequence",
        format=resources.film_format,
        duration=resources.time(timeline.total_frames),
        tcStart=resources.time(first_frame(timeline.rate)),
        tcFormat="NDF",
        audioLayout="stereo",
        audioRate="48k",
    )
    _Spine(ET.SubElement(sequence, "spine"), timeline, resources, items).fill(in_frames(sounds, timeline.rate, losses))
    ET.indent(root)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
    path.write_text(head + ET.tostring(root, "unicode") + "\n", "utf-8")


class _Spine:
    def __init__(
        self, spine: ET.Element, timeline: Timeline, resources: Resources, items: Sequence[PictureItem]
    ) -> None:
        self.spine, self.timeline, self.items = spine, timeline, items
        self.resources, self.time = resources, resources.time
        self.origin = first_frame(timeline.rate)

    def fill(self, sounds: Sequence[SoundItem]) -> None:
        """What hangs on an item comes after its settings and before its markers, as the format's grammar wants."""
        elements = []
        for place, item in enumerate(self.items):
            after = self.items[place + 1].transition if place + 1 < len(self.items) else None
            if item.transition is not None and item.transition.kind in OVERLAPPING:
                self._transition(item.transition, item.start)
            elements.append(self._item(item, after, self._own_sound(item, sounds)))
        self._titles(elements)
        lane = 0
        for role in _ROLES:
            wanted = [] if role == "own sound" else [sound for sound in sounds if sound.role == role]
            for track in on_tracks(wanted):
                lane -= 1
                for sound in track:
                    self._sound(elements, sound, lane)
        for at, text, _ in marker_frames(self.timeline):
            place, local = self._under(at)
            ET.SubElement(
                elements[place], "marker", start=self.time(local), duration=self.time(1), value=one_line(text) or "-"
            )

    def _own_sound(self, item: PictureItem, sounds: Sequence[SoundItem]) -> SoundItem | None:
        if item.frozen:
            return None
        found = (sound for sound in sounds if sound.role == "own sound" and sound.shot == item.clip.shot)
        return next(found, None)

    def _item(self, item: PictureItem, after: ClipTransition | None, own_sound: SoundItem | None) -> ET.Element:
        place = {
            "name": item.name,
            "ref": self.resources.asset(item.file),
            "offset": self.time(self.origin + item.start),
            "start": self.time(self._local_start(item)),
            "duration": self.time(item.frames),
        }
        if item.clip.kind == "still":
            made = ET.SubElement(self.spine, "video", place)
        else:
            heard = {"audioRole": "dialogue"} if own_sound is not None else {"srcEnable": "video"}
            made = ET.SubElement(self.spine, "asset-clip", place | {"tcFormat": "NDF"} | heard)
        if item.frozen:
            held = ET.SubElement(made, "timeMap", frameSampling="floor")
            beyond = after.out_offset if after is not None and after.kind in OVERLAPPING else 0
            for at in (0, item.frames + beyond):
                ET.SubElement(held, "timept", time=self.time(at), value=self.time(item.source_in), interp="linear")
        self._fades(made, item.transition, after)
        if own_sound is not None:
            self._volume(made, own_sound)
        return made

    def _fades(self, made: ET.Element, before: ClipTransition | None, after: ClipTransition | None) -> None:
        rising = before.out_offset if before is not None and before.kind is Transition.FADE_BLACK else 0
        falling = after.in_offset if after is not None and after.kind is Transition.FADE_BLACK else 0
        if rising or falling:
            opacity = ET.SubElement(ET.SubElement(made, "adjust-blend"), "param", name="amount")
            if rising:
                ET.SubElement(opacity, "fadeIn", type="linear", duration=self.time(rising))
            if falling:
                ET.SubElement(opacity, "fadeOut", type="linear", duration=self.time(falling))

    def _transition(self, transition: ClipTransition, cut: int) -> None:
        made = ET.SubElement(
            self.spine,
            "transition",
            name="Cross Dissolve",
            offset=self.time(self.origin + cut - transition.in_offset),
            duration=self.time(transition.frames),
        )
        ET.SubElement(made, "filter-video", ref=self.resources.effect(*CROSS_DISSOLVE), name="Cross Dissolve")

    def _titles(self, elements: Sequence[ET.Element]) -> None:
        number = 0
        for lane, track in enumerate(self.timeline.subtitles, start=1):
            for cue in self.timeline.cues(track.language):
                number += 1
                first, end = text_frames(cue.start_ms, cue.end_ms, self.timeline.rate)
                place, local = self._under(first)
                made = ET.SubElement(
                    elements[place],
                    "title",
                    name=one_line(cue.text),
                    lane=str(lane),
                    ref=self.resources.effect(*TITLE),
                    offset=self.time(local),
                    start=self.time(0),
                    duration=self.time(end - first),
                    role=f"titles.{track.language}",
                )
                style = ET.SubElement(ET.SubElement(made, "text"), "text-style", ref=f"ts{number}")
                style.text = xml_safe(cue.text)
                defined = ET.SubElement(made, "text-style-def", id=f"ts{number}")
                size = str(max(12, self.timeline.height // 20))
                ET.SubElement(
                    defined, "text-style", font="PingFang SC", fontSize=size, fontColor="1 1 1 1", alignment="center"
                )

    def _sound(self, elements: Sequence[ET.Element], sound: SoundItem, lane: int) -> None:
        place, local = self._under(sound.start)
        made = ET.SubElement(
            elements[place],
            "asset-clip",
            name=sound.file.stem,
            lane=str(lane),
            ref=self.resources.asset(sound.file),
            offset=self.time(local),
            start=self.time(sound.source_in),
            duration=self.time(sound.length),
            audioRole=_ROLES[sound.role],
        )
        self._volume(made, sound)

    def _volume(self, made: ET.Element, sound: SoundItem) -> None:
        if not (sound.gain_db or sound.fade_in or sound.fade_out):
            return
        level = ET.SubElement(made, "adjust-volume", amount=f"{sound.gain_db:.2f}dB")
        if sound.fade_in or sound.fade_out:
            amount = ET.SubElement(level, "param", name="amount")
            for tag, samples in (("fadeIn", sound.fade_in), ("fadeOut", sound.fade_out)):
                if samples:
                    frames = max(1, round(samples * self.timeline.rate / SAMPLE_RATE))
                    ET.SubElement(amount, tag, type="linear", duration=self.time(frames))

    def _under(self, frame: int) -> tuple[int, int]:
        """The spine's item under a frame of the film, and that frame in the item's own time."""
        place = next((at for at, item in enumerate(self.items) if frame < item.end), len(self.items) - 1)
        item = self.items[place]
        return place, self._local_start(item) + frame - item.start

    def _local_start(self, item: PictureItem) -> int:
        """A still begins an hour into itself, as Final Cut Pro writes it: there is picture before it."""
        if item.clip.kind == "still":
            return self.origin
        return 0 if item.frozen else item.source_in


def _note_losses(timeline: Timeline, items: Sequence[PictureItem], losses: Losses) -> None:
    for kind, one, many in (
        (
            Transition.WIPE,
            "The wipe into {shots} is a cross dissolve.",
            "The wipes into {shots} are cross dissolves.",
        ),
        (
            Transition.FLASH_WHITE,
            "The white flash into {shots} is a cut.",
            "The white flashes into {shots} are cuts.",
        ),
    ):
        losses.shots((i.clip.shot for i in items if i.transition is not None and i.transition.kind is kind), one, many)
    if timeline.subtitles:
        losses.note("The subtitles are titles in the middle of the picture: the format says no place for them here.")
    if any(colour != "red" for _, _, colour in marker_frames(timeline)):
        losses.note("The colours of the markers are not in the file.")
    whole = timeline.rate * Fraction(1001, 1000) if is_ntsc(timeline.rate) else timeline.rate
    if whole not in _KNOWN_RATES:
        losses.note(f"Final Cut Pro has no projects at {timeline.rate} frames a second and may refuse the file.")
