"""The edit for other people's editing programs: one timeline, six formats, and what each of them cannot hold.

A project file and the media beside it (`collect_media`) make a folder that opens on any machine; `.otioz` and the
JianYing draft carry the media inside. Reading projects back in is not offered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aianime_pipeline.errors import UnknownFormatError
from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled
from aianime_pipeline.film.interchange.edl import write_edl
from aianime_pipeline.film.interchange.fcp7 import write_fcp7
from aianime_pipeline.film.interchange.fcpxml import write_fcpxml
from aianime_pipeline.film.interchange.jianying import write_jianying
from aianime_pipeline.film.interchange.losses import Losses, note_what_no_format_holds
from aianime_pipeline.film.interchange.media import MediaFile, MediaPaths, collect_media, name_media
from aianime_pipeline.film.interchange.otio import write_otio, write_otioz
from aianime_pipeline.film.timeline import Timeline

__all__ = [
    "FORMATS",
    "InterchangeFormat",
    "InterchangeReport",
    "MediaFile",
    "MediaPaths",
    "collect_media",
    "export_timeline",
    "name_media",
]


@dataclass(frozen=True)
class InterchangeFormat:
    """`suffix` is the file's usual one; `bundled` says that the media is inside the file."""

    name: str
    title: str
    suffix: str
    bundled: bool = False


@dataclass(frozen=True)
class InterchangeReport:
    """`losses` are sentences: what the film has and the file does not."""

    path: Path
    format: str
    losses: tuple[str, ...]


FORMATS: Mapping[str, InterchangeFormat] = {
    made.name: made
    for made in (
        InterchangeFormat("otio", "OpenTimelineIO", ".otio"),
        InterchangeFormat("otioz", "OpenTimelineIO with media", ".otioz", bundled=True),
        InterchangeFormat("edl", "CMX3600 EDL", ".edl"),
        InterchangeFormat("fcp7", "Final Cut Pro 7 XML", ".xml"),
        InterchangeFormat("fcpxml", "Final Cut Pro XML", ".fcpxml"),
        InterchangeFormat("jianying", "JianYing draft", ".zip", bundled=True),
    )
}

_PLAIN = {"otio": write_otio, "edl": write_edl, "fcp7": write_fcp7, "fcpxml": write_fcpxml}
_BUNDLED = {"otioz": write_otioz, "jianying": write_jianying}


def export_timeline(
    timeline: Timeline,
    format: str,
    path: Path,
    *,
    title: str,
    media: MediaPaths,
    cancelled: Cancelled | None = None,
) -> InterchangeReport:
    """Write a timeline for an editing program. The file appears whole or not at all.

    `media` says what each source is called: of `collect_media` for a file with its media beside it, of `name_media`
    where the media goes inside. Raises UnknownFormatError, BadSettingError for a rate that the format cannot say,
    NotFoundError for a source that `media` has not, FfmpegCancelled.
    """
    if format not in FORMATS:
        raise UnknownFormatError(f"{format!r} is no format for editing programs; there are {', '.join(FORMATS)}.")
    if cancelled is not None and cancelled():
        raise FfmpegCancelled
    losses = Losses()
    note_what_no_format_holds(timeline, losses)
    part = path.with_name(f".part-{path.name}")
    try:
        if format in _BUNDLED:
            _BUNDLED[format](timeline, part, title, media, losses, cancelled)
        else:
            _PLAIN[format](timeline, part, title, media, losses)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return InterchangeReport(path, format, losses.sentences)
