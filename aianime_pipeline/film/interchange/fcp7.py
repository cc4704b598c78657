"""Final Cut Pro 7 XML (`xmeml`), which Premiere and Resolve read best of all.

Beside a transition a clip's `start` or `end` is -1 and its `in` and `out` take in the frames under the transition. A
fade is two one-sided transitions that meet at the cut, so that it needs no handles. A held frame is a clip of its own,
marked as a still of that frame and slowed to nothing.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
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
    text_frames,
)
from aianime_pipeline.film.interchange.fcp7_effects import (
    freeze,
    loudest_gain,
    text_generator,
    transition_effect,
    volume,
)
from aianime_pipeline.film.interchange.losses import Losses, counted
from aianime_pipeline.film.interchange.media import MediaFile, MediaPaths
from aianime_pipeline.film.interchange.timecode import first_frame, is_ntsc, nominal_rate, timecode
from aianime_pipeline.film.interchange.wording import xml_safe
from aianime_pipeline.film.timeline import OVERLAPPING, SAMPLE_RATE, ClipTransition, Timeline

_STEREO = 2


def write_fcp7(timeline: Timeline, path: Path, title: str, media: MediaPaths, losses: Losses) -> None:
    """Raises BadSettingError for a rate that the format has no word for."""
    rate = timeline.rate
    if rate.denominator != 1 and not is_ntsc(rate):
        raise BadSettingError(f"FCP7 XML knows whole rates and those slowed by 1000/1001; this film has {rate}.")
    items = fit_transitions(picture_items(timeline, media), rate, losses)
    sounds = sound_items(timeline, media, losses)
    _note_losses(timeline, items, sounds, losses)
    root = ET.Element("xmeml", version="5")
    sequence = _child(root, "sequence", id="sequence-1")
    _child(sequence, "name", xml_safe(title))
    _child(sequence, "duration", timeline.total_frames)
    _rate(sequence, rate)
    _timecode(sequence, first_frame(rate), rate)
    tracks = _child(sequence, "media")
    writer = _Writer(timeline)
    writer.video(_child(tracks, "video"), items)
    writer.audio(_child(tracks, "audio"), in_frames(sounds, rate, losses))
    for at, text, colour in marker_frames(timeline):
        marker = _child(sequence, "marker")
        for tag, value in (("name", xml_safe(text)), ("comment", colour), ("in", at), ("out", -1)):
            _child(marker, tag, value)
    ET.indent(root)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'
    path.write_text(head + ET.tostring(root, "unicode") + "\n", "utf-8")


class _Writer:
    """A file is told in full where it is first used, and by its id after that."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline, self.rate = timeline, timeline.rate
        self.files: dict[str, str] = {}
        self.clips = 0

    def video(self, video: ET.Element, items: Sequence[PictureItem]) -> None:
        sample = _child(_child(video, "format"), "samplecharacteristics")
        _rate(sample, self.rate)
        _child(sample, "width", self.timeline.width)
        _child(sample, "height", self.timeline.height)
        _child(sample, "pixelaspectratio", "square")
        track = _child(video, "track")
        for place, item in enumerate(items):
            after = items[place + 1].transition if place + 1 < len(items) else None
            if item.transition is not None:
                self._transition(track, item.transition, item.start)
            self._picture(track, item, after)
        for subtitles in self.timeline.subtitles:
            track = _child(video, "track")
            for cue in self.timeline.cues(subtitles.language):
                first, end = text_frames(cue.start_ms, cue.end_ms, self.rate)
                generator = _child(track, "generatoritem", id=self._clip_id())
                self._times(
                    generator, xml_safe(cue.text.replace("\n", " ")), end - first, (first, end), (0, end - first)
                )
                generator.append(text_generator(xml_safe(cue.text)))

    def audio(self, audio: ET.Element, sounds: Sequence[SoundItem]) -> None:
        _child(audio, "numOutputChannels", _STEREO)
        sample = _child(_child(audio, "format"), "samplecharacteristics")
        _child(sample, "depth", 16)
        _child(sample, "samplerate", SAMPLE_RATE)
        for role in ("speech", "own sound", "effects", "music"):
            for lane in on_tracks([sound for sound in sounds if sound.role == role]):
                count = _STEREO if any(sound.file.channels > 1 for sound in lane) else 1
                for channel in range(count):
                    track = _child(audio, "track")
                    if count > 1:
                        track.set("currentExplodedTrackIndex", str(channel))
                        track.set("totalExplodedTrackCount", str(count))
                    for sound in lane:
                        if channel < sound.file.channels:
                            self._sound(track, sound, channel)
                    _child(track, "outputchannelindex", channel + 1)

    def _picture(self, track: ET.Element, item: PictureItem, after: ClipTransition | None) -> None:
        """The numbers take in what lies under the transitions at both ends."""
        before = item.transition
        start = item.start if before is None or (not before.out_offset and before.kind not in OVERLAPPING) else -1
        end = item.end if after is None or (not after.in_offset and after.kind not in OVERLAPPING) else -1
        first = item.source_in - (before.in_offset if before is not None and before.kind in OVERLAPPING else 0)
        last = item.source_in + item.frames
        last += after.out_offset if after is not None and after.kind in OVERLAPPING else 0
        shift = -min(0, first) if item.clip.kind == "still" else 0  # a still has frames before any frame
        has = item.file.frames(self.rate)
        clip = _child(track, "clipitem", id=self._clip_id())
        length = max(has or 0, last + shift)
        self._times(clip, item.name, length, (start, end), (first + shift, last + shift))
        if item.frozen or item.clip.kind == "still":
            _child(clip, "stillframe", "TRUE")
            _child(clip, "stillframeoffset", item.source_in)
        clip.append(self._file(item.file, length))
        if item.frozen:
            clip.append(freeze())

    def _sound(self, track: ET.Element, sound: SoundItem, channel: int) -> None:
        clip = _child(track, "clipitem", id=self._clip_id())
        has = sound.file.frames(self.rate) or sound.source_in + sound.length
        span = sound.source_in, sound.source_in + sound.length
        self._times(clip, sound.file.stem, has, (sound.start, sound.end), span)
        clip.append(self._file(sound.file, has))
        source = _child(clip, "sourcetrack")
        _child(source, "mediatype", "audio")
        _child(source, "trackindex", channel + 1)
        if sound.gain_db or sound.fade_in or sound.fade_out:
            clip.append(volume(sound, self.rate))

    def _times(
        self, item: ET.Element, name: str, duration: int, placed: tuple[int, int], source: tuple[int, int]
    ) -> None:
        _child(item, "name", name)
        _child(item, "duration", duration)
        _rate(item, self.rate)
        for tag, value in zip(("start", "end", "in", "out"), (*placed, *source), strict=True):
            _child(item, tag, value)

    def _transition(self, track: ET.Element, transition: ClipTransition, cut: int) -> None:
        first, end = cut - transition.in_offset, cut + transition.out_offset
        if transition.kind in OVERLAPPING:
            alignment = "start" if first == cut else "end" if end == cut else "center"
            self._one_transition(track, transition, first, end, alignment)
            return
        if transition.in_offset:
            self._one_transition(track, transition, first, cut, "end-black")
        if transition.out_offset:
            self._one_transition(track, transition, cut, end, "start-black")

    def _one_transition(
        self, track: ET.Element, transition: ClipTransition, first: int, end: int, alignment: str
    ) -> None:
        item = _child(track, "transitionitem")
        _rate(item, self.rate)
        _child(item, "start", first)
        _child(item, "end", end)
        _child(item, "alignment", alignment)
        item.append(transition_effect(transition.kind))

    def _file(self, file: MediaFile, frames: int) -> ET.Element:
        known = self.files.get(file.path)
        if known is not None:
            return ET.Element("file", id=known)
        self.files[file.path] = known = f"file-{len(self.files) + 1}"
        made = ET.Element("file", id=known)
        _child(made, "name", file.name)
        _child(made, "pathurl", file.url)
        _rate(made, self.rate)
        _child(made, "duration", frames)
        streams = _child(made, "media")
        if file.kind != "sound":
            sample = _child(_child(streams, "video"), "samplecharacteristics")
            _child(sample, "width", file.width)
            _child(sample, "height", file.height)
        if file.channels:
            audio = _child(streams, "audio")
            _child(_child(audio, "samplecharacteristics"), "samplerate", file.sound_rate)
            _child(audio, "channelcount", file.channels)
        return made

    def _clip_id(self) -> str:
        self.clips += 1
        return f"clipitem-{self.clips}"


def _note_losses(timeline: Timeline, items: Sequence[PictureItem], sounds: Sequence[SoundItem], losses: Losses) -> None:
    both = [i for i in items if i.transition is not None and i.transition.kind in OVERLAPPING]
    losses.shots(
        (i.clip.shot for i in both if i.transition is not None and _off_centre(i.transition)),
        "The transition into {shots} lies centred on its cut in this format, and does not in the film.",
        "The transitions into {shots} lie centred on their cuts in this format, and do not in the film.",
    )
    too_loud = sum(sound.gain_db > loudest_gain() for sound in sounds)
    if too_loud:
        losses.note(
            f"The format ends at {loudest_gain():.0f} dB of gain: {counted(too_loud, 'sound')} should have more."
        )
    if any(sound.file.channels > _STEREO for sound in sounds):
        losses.note("Of sounds with more than two channels only the first two are in the file.")
    if any(":" not in item.file.url for item in items):
        losses.note("The media is named relative to the file: a program that wants whole paths asks once where it is.")
    if timeline.subtitles:
        losses.note("The subtitles are text generators: their font and place are the program's own.")


def _off_centre(transition: ClipTransition) -> bool:
    return bool(transition.in_offset and transition.out_offset) and transition.in_offset != transition.out_offset


def _rate(parent: ET.Element, rate: Fraction) -> None:
    made = _child(parent, "rate")
    _child(made, "timebase", nominal_rate(rate))
    _child(made, "ntsc", "TRUE" if is_ntsc(rate) else "FALSE")


def _timecode(parent: ET.Element, frame: int, rate: Fraction) -> None:
    made = _child(parent, "timecode")
    _rate(made, rate)
    _child(made, "string", timecode(frame, rate))
    _child(made, "frame", frame)
    _child(made, "displayformat", "NDF")


def _child(parent: ET.Element, tag: str, text: object = None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, tag, attributes)
    if text is not None:
        made.text = str(text)
    return made
