"""OpenTimelineIO: `.otio`, and `.otioz` with the media in it. The format nearest to our own timeline.

Picture is counted in frames of the film's rate, sound in samples at 48 kHz, so nothing is rounded. What OTIO has no
schema for (gains, fades, subtitles, the kind of a transition) lies in the metadata under `aianime`.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio  # type: ignore[import-untyped]

from aianime_pipeline.film.ffmpeg import Cancelled
from aianime_pipeline.film.interchange.archives import write_archive
from aianime_pipeline.film.interchange.edit_list import (
    PictureItem,
    SoundItem,
    lacking_handles,
    marker_frames,
    on_tracks,
    picture_items,
    sound_items,
)
from aianime_pipeline.film.interchange.losses import Losses, counted
from aianime_pipeline.film.interchange.media import MEDIA_FOLDER, MediaFile, MediaPaths
from aianime_pipeline.film.interchange.timecode import first_frame
from aianime_pipeline.film.timeline import SAMPLE_RATE, ClipTransition, Timeline
from aianime_pipeline.storyboard.model import Transition

NAMESPACE = "aianime"
_BUNDLE_VERSION = "1.0.0"

_TYPES = {Transition.DISSOLVE: "SMPTE_Dissolve", Transition.WIPE: "SMPTE_Wipe"}
"""The two that have a name in SMPTE 258M; the others are custom ones, told by their metadata."""


def write_otio(timeline: Timeline, path: Path, title: str, media: MediaPaths, losses: Losses) -> None:
    path.write_text(_document(timeline, title, media, losses), "utf-8")


def write_otioz(
    timeline: Timeline, path: Path, title: str, media: MediaPaths, losses: Losses, cancelled: Cancelled | None = None
) -> None:
    """Raises FfmpegCancelled."""
    bundled = media.under(MEDIA_FOLDER)
    document = _document(timeline, title, bundled, losses)
    files = [(file.path, file.source) for file in bundled.files.values()]
    write_archive(path, {"version.txt": _BUNDLE_VERSION, "content.otio": document}, files, cancelled=cancelled)


def _document(timeline: Timeline, title: str, media: MediaPaths, losses: Losses) -> str:
    rate = timeline.rate
    items = picture_items(timeline, media)
    sounds = sound_items(timeline, media, losses)
    _note_losses(timeline, items, sounds, losses)
    made = otio.schema.Timeline(name=title, global_start_time=_at(first_frame(rate), rate))
    made.tracks.append(_picture_track(items, rate))
    for role in ("speech", "own sound", "effects", "music"):
        tracks = on_tracks([sound for sound in sounds if sound.role == role])
        made.tracks.extend(_sound_track(role, number, track) for number, track in enumerate(tracks, start=1))
    made.tracks.markers.extend(
        otio.schema.Marker(
            name=text, marked_range=_range(at, 1, rate), color=colour.upper(), metadata={NAMESPACE: {"colour": colour}}
        )
        for at, text, colour in marker_frames(timeline)
    )
    made.metadata[NAMESPACE] = {
        "width": timeline.width,
        "height": timeline.height,
        "rate": str(rate),
        "subtitles": {
            track.language: [
                {"start_ms": cue.start_ms, "end_ms": cue.end_ms, "text": cue.text, "speaker": cue.speaker}
                for cue in timeline.cues(track.language)
            ]
            for track in timeline.subtitles
        },
    }
    return str(otio.adapters.write_to_string(made, "otio_json"))


def _note_losses(
    timeline: Timeline, items: tuple[PictureItem, ...], sounds: tuple[SoundItem, ...], losses: Losses
) -> None:
    losses.shots(
        lacking_handles(items, timeline.rate),
        "The transition into {shots} goes beyond what the sources have: a program may shorten it.",
        "The transitions into {shots} go beyond what the sources have: a program may shorten them.",
    )
    losses.shots(
        (i.clip.shot for i in items if i.transition is not None and i.transition.kind not in _TYPES),
        "The fade or flash into {shots} is told in the metadata; most programs take it for a dissolve.",
        "The fades or flashes into {shots} are told in the metadata; most programs take them for dissolves.",
    )
    told = sum(bool(sound.gain_db or sound.fade_in or sound.fade_out) for sound in sounds)
    if told:
        losses.note(
            f"Only told in the metadata, for OTIO has no word for them: gains and fades of {counted(told, 'sound')}."
        )
    if timeline.subtitles:
        losses.note("The subtitles are only told in the metadata; OTIO has no word for them: use the .srt.")


def _picture_track(items: tuple[PictureItem, ...], rate: Fraction) -> Any:
    track = otio.schema.Track(name="picture", kind=otio.schema.TrackKind.Video)
    for item in items:
        if item.transition is not None:
            track.append(_transition(item.transition, rate))
        clip = otio.schema.Clip(
            name=item.name,
            media_reference=_reference(item.file, item.file.frames(rate), rate),
            source_range=_range(item.source_in, item.frames, rate),
            metadata={NAMESPACE: _picture_facts(item)},
        )
        if item.frozen:
            clip.effects.append(otio.schema.FreezeFrame())
        track.append(clip)
    return track


def _picture_facts(item: PictureItem) -> dict[str, Any]:
    facts: dict[str, Any] = {"shot": item.clip.shot, "kind": item.clip.kind}
    if item.clip.kind == "still":
        facts["camera_move"] = item.clip.camera_move.value
    if item.clip.slate:
        facts["slate"] = item.clip.slate
    return facts


def _transition(transition: ClipTransition, rate: Fraction) -> Any:
    return otio.schema.Transition(
        name=transition.kind.value,
        transition_type=_TYPES.get(transition.kind, "Custom_Transition"),
        in_offset=_at(transition.in_offset, rate),
        out_offset=_at(transition.out_offset, rate),
        metadata={NAMESPACE: {"kind": transition.kind.value}},
    )


def _sound_track(role: str, number: int, sounds: tuple[SoundItem, ...]) -> Any:
    name = role if number == 1 else f"{role} {number}"
    track = otio.schema.Track(name=name, kind=otio.schema.TrackKind.Audio)
    at = 0
    for sound in sounds:
        if sound.start > at:
            track.append(otio.schema.Gap(source_range=_range(0, sound.start - at, Fraction(SAMPLE_RATE))))
        has = None if sound.file.seconds is None else int(sound.file.seconds * SAMPLE_RATE)
        facts = {"gain_db": sound.gain_db, "fade_in": sound.fade_in, "fade_out": sound.fade_out}
        track.append(
            otio.schema.Clip(
                name=sound.file.stem,
                media_reference=_reference(sound.file, has, Fraction(SAMPLE_RATE)),
                source_range=_range(sound.source_in, sound.length, Fraction(SAMPLE_RATE)),
                metadata={NAMESPACE: facts if sound.shot is None else facts | {"shot": sound.shot}},
            )
        )
        at = sound.end
    return track


def _reference(file: MediaFile, has: int | None, rate: Fraction) -> Any:
    available = None if has is None else _range(0, has, rate)
    return otio.schema.ExternalReference(target_url=file.url, available_range=available)


def _at(count: int, rate: Fraction) -> Any:
    return otio.opentime.RationalTime(count, float(rate))


def _range(start: int, count: int, rate: Fraction) -> Any:
    return otio.opentime.TimeRange(_at(start, rate), _at(count, rate))
