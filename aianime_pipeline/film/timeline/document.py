"""A timeline as a JSON document: what is kept with a film's task, and what a page or a person edits. Pure.

Sources are named by their digest alone, so a document means the same on every machine. A field that is left out has
its usual value; one that is unknown is refused, because an edit that is silently dropped is worse than an error.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.timeline.fields import (
    MOST_FRAMES,
    MOST_MS,
    MOST_SAMPLES,
    MOST_SHOT,
    Fields,
    shown,
)
from aianime_pipeline.film.timeline.model import Timeline
from aianime_pipeline.film.timeline.parts import (
    SAMPLE_RATE,
    Clip,
    ClipTransition,
    Marker,
    Music,
    SoundClip,
    SubtitleLine,
    SubtitleTrack,
    TrackGains,
)
from aianime_pipeline.storyboard.model import CameraMove, Transition

FORMAT = "aianime-timeline"
VERSION = 1

_MOST_CLIPS = 10_000
_MOST_HANGING = 100_000
_MOST_TRACKS = 40


def to_document(timeline: Timeline) -> dict[str, Any]:
    """The timeline as JSON values; `from_document` makes the same of them."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "width": timeline.width,
        "height": timeline.height,
        "rate": str(timeline.rate),
        "language": timeline.language,
        "clips": [_clip_document(clip) for clip in timeline.clips],
        "speech": [_values(sound) for sound in timeline.speech],
        "effects": [_values(sound) for sound in timeline.effects],
        "music": None if timeline.music is None else _values(timeline.music),
        "gains": _values(timeline.gains),
        "subtitles": [
            {
                "language": track.language,
                "lines": [{**_values(line), "lines": list(line.lines)} for line in track.lines],
            }
            for track in timeline.subtitles
        ],
        "markers": [_values(marker) for marker in timeline.markers],
    }


def from_document(document: Any, locate: Callable[[str], Path]) -> Timeline:
    """The timeline of a document. `locate` says where the source with a SHA-256 (64 hex digits) lies; what it raises
    goes on to the caller, and it is asked only once the whole document is in order.

    Raises BadInputError (or a class under it) that names the field, such as `clips[3].source_in`, or the shot.
    """
    fields = Fields(document, "")
    if (kind := fields.text("format")) != FORMAT:
        raise BadInputError(f"format is {shown(kind)}; a timeline has {FORMAT!r}.")
    version = fields.integer("version", 1, MOST_SHOT)
    if version > VERSION:
        raise BadInputError(
            f"version is {version}; this program reads up to {VERSION}: a newer one wrote the document."
        )
    timeline = Timeline(
        width=fields.integer("width", 1, 100_000),
        height=fields.integer("height", 1, 100_000),
        rate=fields.rate("rate"),
        language=fields.text("language", "zh"),
        **_checked_parts(fields),
    )
    if timeline.total_frames > MOST_FRAMES:
        raise BadInputError(f"The film has {timeline.total_frames} frames; at most {MOST_FRAMES}, a day, can be.")
    return with_files(timeline, locate)


def with_files(timeline: Timeline, locate: Callable[[str], Path]) -> Timeline:
    """The timeline with each source where `locate` says the one with that digest lies."""
    music = timeline.music
    return replace(
        timeline,
        clips=tuple(replace(clip, source=locate(clip.digest)) for clip in timeline.clips),
        speech=tuple(replace(sound, source=locate(sound.digest)) for sound in timeline.speech),
        effects=tuple(replace(sound, source=locate(sound.digest)) for sound in timeline.effects),
        music=None if music is None else replace(music, source=locate(music.digest)),
    )


def _checked_parts(fields: Fields) -> dict[str, Any]:
    parts = {
        "clips": fields.objects("clips", _MOST_CLIPS, _clip),
        "speech": fields.objects("speech", _MOST_HANGING, _sound),
        "effects": fields.objects("effects", _MOST_HANGING, _sound),
        "music": fields.object("music", _music),
        "gains": fields.object("gains", _gains) or TrackGains(),
        "subtitles": fields.objects("subtitles", _MOST_TRACKS, _track),
        "markers": fields.objects("markers", _MOST_HANGING, _marker),
    }
    # Before the timeline is put together: a key that was mistyped explains what is wrong with the rest.
    for name in ("width", "height", "rate", "language"):
        fields.has(name)
    fields.closed()
    return parts


def _clip(fields: Fields) -> Clip:
    digest = fields.text("digest")
    return Clip(
        shot=_shot(fields),
        source=Path(digest),
        digest=digest,
        kind=_kind(fields),
        source_in=fields.integer("source_in", 0, MOST_FRAMES, 0),
        source_out=fields.integer("source_out", 1, MOST_FRAMES),
        hold=fields.integer("hold", 0, MOST_FRAMES, 0),
        source_frames=fields.integer("source_frames", 1, MOST_FRAMES) if fields.has("source_frames") else None,
        wanted_frames=fields.integer("wanted_frames", 0, MOST_FRAMES, 0),
        camera_move=fields.choice("camera_move", CameraMove, CameraMove.HOLD),
        keeps_own_sound=fields.truth("keeps_own_sound", False),
        own_gain_db=fields.number("own_gain_db", 0.0),
        transition=fields.object("transition", _transition),
        slate=fields.text("slate", ""),
    )


def _transition(fields: Fields) -> ClipTransition:
    return ClipTransition(
        fields.choice("kind", Transition),
        fields.integer("in_offset", 0, MOST_FRAMES),
        fields.integer("out_offset", 0, MOST_FRAMES),
    )


def _sound(fields: Fields) -> SoundClip:
    digest = fields.text("digest")
    return SoundClip(
        shot=_shot(fields),
        source=Path(digest),
        digest=digest,
        offset=fields.integer("offset", -MOST_SAMPLES, MOST_SAMPLES),
        length=fields.integer("length", 1, MOST_SAMPLES),
        source_in=fields.integer("source_in", 0, MOST_SAMPLES, 0),
        gain_db=fields.number("gain_db", 0.0),
        fade_in=fields.integer("fade_in", 0, MOST_SAMPLES, 0),
        fade_out=fields.integer("fade_out", 0, MOST_SAMPLES, 0),
    )


def _music(fields: Fields) -> Music:
    digest = fields.text("digest")
    return Music(
        source=Path(digest),
        digest=digest,
        gain_db=fields.number("gain_db", -12.0),
        ducking_db=fields.number("ducking_db", -10.0),
        fade_in=fields.integer("fade_in", 0, MOST_SAMPLES, 0),
        fade_out=fields.integer("fade_out", 0, MOST_SAMPLES, 2 * SAMPLE_RATE),
    )


def _gains(fields: Fields) -> TrackGains:
    return TrackGains(**{name: fields.number(name, 0.0) for name in ("speech", "own_sound", "effects")})


def _track(fields: Fields) -> SubtitleTrack:
    return SubtitleTrack(fields.text("language"), fields.objects("lines", _MOST_HANGING, _line))


def _line(fields: Fields) -> SubtitleLine:
    return SubtitleLine(
        shot=_shot(fields),
        start_ms=fields.integer("start_ms", -MOST_MS, MOST_MS),
        end_ms=fields.integer("end_ms", -MOST_MS, MOST_MS),
        lines=fields.texts("lines"),
        speaker=fields.text("speaker", ""),
    )


def _marker(fields: Fields) -> Marker:
    return Marker(
        shot=_shot(fields),
        offset=fields.integer("offset", -MOST_FRAMES, MOST_FRAMES),
        text=fields.text("text"),
        colour=fields.text("colour", "red"),
    )


def _shot(fields: Fields) -> int:
    return fields.integer("shot", -MOST_SHOT, MOST_SHOT)


def _kind(fields: Fields) -> Literal["video", "still"]:
    kind = fields.text("kind")
    if kind == "video":
        return "video"
    if kind == "still":
        return "still"
    raise BadInputError(f"{fields.path('kind')} is {shown(kind)}; right would be video or still.")


def _clip_document(clip: Clip) -> dict[str, Any]:
    transition = clip.transition
    document = {**_values(clip), "transition": None if transition is None else _values(transition)}
    return {"shot": document.pop("shot"), "digest": document.pop("digest"), **document}


def _values(part: Any) -> dict[str, Any]:
    """The fields of a part as JSON values, its file left out."""
    return {
        name: str(value) if isinstance(value, CameraMove | Transition) else value
        for name, value in vars(part).items()
        if name != "source"
    }
