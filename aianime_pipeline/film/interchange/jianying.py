"""JianYing (剪映) draft: a ZIP with one folder, to be unpacked into JianYing's folder of drafts.

A draft's times are microseconds, so pictures stay on their frames and sounds nearly on their samples. JianYing cannot
hold a frame; its own users freeze one as a picture, and so do we: the held frame is taken out of the source.
"""

import json
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from aianime_pipeline.film.ffmpeg import Cancelled
from aianime_pipeline.film.interchange.archives import write_archive
from aianime_pipeline.film.interchange.edit_list import (
    PictureItem,
    SoundItem,
    on_tracks,
    picture_items,
    sound_items,
)
from aianime_pipeline.film.interchange.held_frames import held_name, take_held_frame
from aianime_pipeline.film.interchange.jianying_words import (
    STILL_DURATION,
    Json,
    draft_facts,
    empty_draft,
    identity,
    picture_material,
    segment,
    sound_material,
    text_material,
)
from aianime_pipeline.film.interchange.losses import Losses, counted
from aianime_pipeline.film.interchange.media import MediaPaths
from aianime_pipeline.film.interchange.wording import one_line, xml_safe
from aianime_pipeline.film.timeline import OVERLAPPING, SAMPLE_RATE, ClipTransition, Timeline
from aianime_pipeline.storyboard.model import Transition

_MILLION = 1_000_000
_SUBTITLE_HEIGHT = -0.8
_LOUDEST = 10.0
"""The highest volume JianYing knows: +20 dB."""
_RATES = {24, 25, 30, 50, 60}
_TITLE_LENGTH = 60

_TRANSITIONS = {
    Transition.DISSOLVE: ("叠化", "322577", "6724845717472416269", True),
    Transition.WIPE: ("向右擦除", "2917284", "6724849898857959950", True),
    Transition.FADE_BLACK: ("闪黑", "321493", "6724239388189921806", False),
    Transition.FLASH_WHITE: ("闪白", "322575", "6724845376098013708", False),
}
"""JianYing's own free ones: name, effect, resource, whether both clips are seen at once."""


def write_jianying(
    timeline: Timeline, path: Path, title: str, media: MediaPaths, losses: Losses, cancelled: Cancelled | None = None
) -> None:
    """Raises FfmpegCancelled, FfmpegFailedError where a held frame cannot be taken out of its source."""
    name = draft_name(title)
    with tempfile.TemporaryDirectory() as folder:
        draft = _Draft(timeline, name)
        items = picture_items(timeline, media)
        draft.picture(items)
        sounds = sound_items(timeline, media, losses)
        for role in ("speech", "effects", "music"):
            for track in on_tracks([sound for sound in sounds if sound.role == role]):
                draft.sound(role, track)
        draft.subtitles()
        _note_losses(timeline, sounds, losses)
        files = [(f"{name}/media/{file.name}", file.source) for file in media.files.values()]
        for item in items:
            if item.frozen:
                held = Path(folder, held_name(item))
                take_held_frame(item, timeline.rate, held, cancelled)
                files.append((f"{name}/media/{held.name}", held))
        texts = {
            f"{name}/draft_content.json": _dumped(draft.content),
            f"{name}/draft_meta_info.json": _dumped(draft_facts(name, draft.content["duration"])),
        }
        write_archive(path, texts, files, cancelled=cancelled)


def draft_name(title: str) -> str:
    """A folder's name on any system: JianYing shows it as the draft's."""
    kept = "".join("_" if c in '<>:"/\\|?*' else c for c in one_line(title))[:_TITLE_LENGTH]
    return kept.strip(" .") or "draft"


class _Draft:
    def __init__(self, timeline: Timeline, name: str) -> None:
        self.timeline, self.rate = timeline, timeline.rate
        rate = int(self.rate) if self.rate.denominator == 1 else round(float(self.rate), 3)
        self.content = empty_draft(
            name, timeline.width, timeline.height, float(rate), self._at_frame(timeline.total_frames)
        )
        self.materials: dict[str, list[Json]] = self.content["materials"]

    def picture(self, items: Sequence[PictureItem]) -> None:
        segments = []
        for place, item in enumerate(items):
            after = items[place + 1].transition if place + 1 < len(items) else None
            extras = [self._speed("picture", place)]
            if after is not None:
                extras.append(self._transition(after, place))
            placed = self._at_frame(item.start), self._at_frame(item.end)
            material, last = self._picture_material(item)
            first = 0 if item.frozen or item.clip.kind == "still" else self._at_frame(item.source_in)
            first = max(0, min(first, last - (placed[1] - placed[0])))  # rounding may put the end past the source's
            segments.append(
                segment(
                    identity("segment", "picture", place),
                    material,
                    placed,
                    (first, first + placed[1] - placed[0]),
                    volume=self._own_volume(item),
                    extras=extras,
                    seen=True,
                )
            )
        self._track("video", "", segments)

    def sound(self, role: str, sounds: Sequence[SoundItem]) -> None:
        segments = []
        number = len(self.content["tracks"])
        for place, sound in enumerate(sounds):
            key = (role, number, place)
            extras = [self._speed(*key)]
            if sound.fade_in or sound.fade_out:
                extras.append(self._fade(sound, key))
            placed = _at_sample(sound.start), _at_sample(sound.end)
            first = _at_sample(sound.source_in)
            material = self._sound_material(sound)
            segments.append(
                segment(
                    identity("segment", *key),
                    material,
                    placed,
                    (first, first + placed[1] - placed[0]),
                    volume=_volume(sound.gain_db),
                    extras=extras,
                )
            )
        self._track("audio", f"{role} {number}", segments)

    def subtitles(self) -> None:
        for track in self.timeline.subtitles:
            segments = []
            for place, cue in enumerate(self.timeline.cues(track.language)):
                material = identity("text", track.language, place)
                self.materials["texts"].append(text_material(material, xml_safe(cue.text)))
                span = cue.start_ms * 1000, cue.end_ms * 1000
                key = identity("segment", "text", track.language, place)
                extras = [self._speed("text", track.language, place)]
                segments.append(segment(key, material, span, None, extras=extras, seen=True, height=_SUBTITLE_HEIGHT))
            self._track("text", f"subtitles {track.language}", segments)

    def _track(self, kind: str, name: str, segments: list[Json]) -> None:
        index = len(self.content["tracks"])
        for made in segments:
            made["render_index"] = index
        self.content["tracks"].append(
            {
                "id": identity("track", index),
                "type": kind,
                "name": name,
                "is_default_name": not name,
                "attribute": 0,
                "flag": 0,
                "segments": segments,
            }
        )

    def _picture_material(self, item: PictureItem) -> tuple[str, int]:
        name = held_name(item) if item.frozen else item.file.name
        material = identity("picture", name)
        known = next((one for one in self.materials["videos"] if one["id"] == material), None)
        if known is None:
            seconds = None if item.frozen else item.file.seconds
            duration = STILL_DURATION if seconds is None else int(seconds * _MILLION)
            known = picture_material(material, item.file, name, duration)
            self.materials["videos"].append(known)
        known["duration"] = max(known["duration"], self._at_frame(item.source_out) if not item.frozen else 0)
        return material, known["duration"]

    def _sound_material(self, sound: SoundItem) -> str:
        material = identity("sound", sound.file.name)
        if not any(one["id"] == material for one in self.materials["audios"]):
            seconds = sound.file.seconds or Fraction(sound.length, SAMPLE_RATE)
            self.materials["audios"].append(sound_material(material, sound.file, int(seconds * _MILLION)))
        return material

    def _transition(self, transition: ClipTransition, place: int) -> str:
        name, effect, resource, overlap = _TRANSITIONS[transition.kind]
        made = identity("transition", place)
        self.materials["transitions"].append(
            {
                "id": made,
                "type": "transition",
                "name": name,
                "effect_id": effect,
                "resource_id": resource,
                "is_overlap": overlap,
                "duration": self._at_frame(transition.frames),
                "category_id": "",
                "category_name": "",
                "platform": "all",
            }
        )
        return made

    def _speed(self, *what: object) -> str:
        made = identity("speed", *what)
        self.materials["speeds"].append({"id": made, "type": "speed", "mode": 0, "speed": 1.0, "curve_speed": None})
        return made

    def _fade(self, sound: SoundItem, key: tuple[object, ...]) -> str:
        made = identity("fade", *key)
        spans = {f"fade_{end}_duration": _at_sample(n) for end, n in (("in", sound.fade_in), ("out", sound.fade_out))}
        self.materials["audio_fades"].append({"id": made, "type": "audio_fade", "fade_type": 0} | spans)
        return made

    def _own_volume(self, item: PictureItem) -> float:
        if item.frozen or not item.clip.keeps_own_sound:
            return 0.0
        return _volume(item.clip.own_gain_db + self.timeline.gains.own_sound)

    def _at_frame(self, frame: int) -> int:
        return round(frame / self.rate * _MILLION)


def _at_sample(sample: int) -> int:
    return round(Fraction(sample, SAMPLE_RATE) * _MILLION)


def _volume(gain_db: float) -> float:
    return round(min(_LOUDEST, float(10 ** (gain_db / 20))), 6)


def _dumped(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _note_losses(timeline: Timeline, sounds: Sequence[SoundItem], losses: Losses) -> None:
    first = timeline.clips[0].transition
    if first is not None:
        losses.note("The fade at the film's beginning is not in the draft: a JianYing transition needs two clips.")
    begun = [(clip.shot, clip.transition) for clip in timeline.clips[1:] if clip.transition is not None]
    losses.shots(
        (shot for shot, begins in begun if begins.in_offset != begins.out_offset),
        "The transition into {shots} lies centred on its cut in the draft, and does not in the film.",
        "The transitions into {shots} lie centred on their cuts in the draft, and do not in the film.",
    )
    losses.shots(
        (shot for shot, begins in begun if begins.kind not in OVERLAPPING),
        "The fade or flash into {shots} is JianYing's own, of a somewhat different course.",
        "The fades or flashes into {shots} are JianYing's own, of a somewhat different course.",
    )
    too_loud = sum(10 ** (sound.gain_db / 20) > _LOUDEST for sound in sounds)
    if too_loud:
        losses.note(f"JianYing ends at 20 dB of gain: {counted(too_loud, 'sound')} should have more.")
    if timeline.markers:
        losses.note("The markers are not in the draft.")
    if timeline.rate not in _RATES:
        losses.note(f"JianYing has no {float(timeline.rate):.3f} frames a second; it takes the nearest of its own.")
