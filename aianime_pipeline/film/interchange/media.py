"""The media beside a project file: what each source is called there, what is in it, and the copies themselves.

An editor's machine has none of our paths, so a project file names its media beside itself, in `media/`, by names that
a person can read. They are copies and never links: editing programs write into media (Premiere its XMP), and what is
stored under its own digest must not change.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from aianime_pipeline.errors import NotFoundError
from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled
from aianime_pipeline.film.interchange.endings import ending_of
from aianime_pipeline.film.sources import probe_media
from aianime_pipeline.film.stills import opened_still
from aianime_pipeline.film.timeline import SAMPLE_RATE, Timeline
from aianime_pipeline.film.timeline.build import source_frames_at

MEDIA_FOLDER = "media"

FileKind = Literal["video", "still", "sound"]

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


@dataclass(frozen=True)
class MediaFile:
    """One source and its place in the project. `path` is what is written into the file, relative to it or absolute;
    `source` is where the bytes are now; `seconds` is None for a still."""

    source: Path
    path: str
    kind: FileKind
    seconds: Fraction | None = None
    width: int = 0
    height: int = 0
    channels: int = 0
    sound_rate: int = SAMPLE_RATE

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def stem(self) -> str:
        return self.name.rsplit(".", 1)[0]

    @property
    def url(self) -> str:
        """Absolute paths become file: URLs, relative ones stay relative; both percent-encoded."""
        if self.path.startswith("/"):
            return "file://" + quote(self.path)
        if _DRIVE.match(self.path):
            return "file:///" + self.path[:2] + quote(self.path[2:].replace("\\", "/"))
        return quote(self.path)

    def frames(self, rate: Fraction) -> int | None:
        """How many frames of the film's rate it has; None for a still, which has no end."""
        return None if self.seconds is None else source_frames_at(self.seconds, rate)


@dataclass(frozen=True)
class MediaPaths:
    """What each digest's source is called in the project."""

    files: Mapping[str, MediaFile]

    def __getitem__(self, digest: str) -> MediaFile:
        """Raises NotFoundError for a digest that is not in the project."""
        if digest not in self.files:
            raise NotFoundError(f"The project has no media for the source {digest[:12]}.", digest=digest)
        return self.files[digest]

    def under(self, folder: str) -> "MediaPaths":
        """The same names in another folder; an absolute one for programs that don't look beside their file."""
        base = folder.rstrip("/\\")
        return MediaPaths({key: replace(file, path=f"{base}/{file.name}") for key, file in self.files.items()})


def name_media(timeline: Timeline) -> MediaPaths:
    """Readable names in `media/`, unique also where upper and lower case are the same, with the ending of what is in
    the file; what is used twice is there once. Raises UnreadableMediaError for a source that cannot be read."""
    files: dict[str, MediaFile] = {}
    taken: set[str] = set()
    for label, digest, source, kind in _used(timeline):
        if digest in files:
            continue
        looked, suffix = _looked_into(source, kind)
        name, again = label + suffix, 1
        while name in taken:
            again += 1
            name = f"{label}-{again}{suffix}"
        taken.add(name)
        files[digest] = replace(looked, path=f"{MEDIA_FOLDER}/{name}")
    return MediaPaths(files)


def collect_media(timeline: Timeline, folder: Path, *, cancelled: Cancelled | None = None) -> MediaPaths:
    """Copy every source the timeline uses into `folder/media/`, and say what it is called there. Each appears whole or
    not at all; a file that is there already is replaced.

    Raises UnreadableMediaError, FfmpegCancelled (what was put there by then stays for the caller to remove).
    """
    media = name_media(timeline)
    target = folder / MEDIA_FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for file in media.files.values():
        if cancelled is not None and cancelled():
            raise FfmpegCancelled
        part = target / f".part-{file.name}"
        try:
            shutil.copyfile(file.source, part)
            part.replace(target / file.name)
        finally:
            part.unlink(missing_ok=True)
    return media


def _used(timeline: Timeline) -> Iterator[tuple[str, str, Path, FileKind]]:
    digits = max(3, *(len(str(clip.shot)) for clip in timeline.clips))
    for clip in timeline.clips:
        yield f"shot-{clip.shot:0{digits}d}", clip.digest, clip.source, clip.kind
    for label, sounds in (("line", timeline.speech), ("effect", timeline.effects)):
        for sound in sounds:
            yield f"{label}-{sound.shot:0{digits}d}", sound.digest, sound.source, "sound"
    if timeline.music is not None:
        yield "music", timeline.music.digest, timeline.music.source, "sound"


def _looked_into(source: Path, kind: FileKind) -> tuple[MediaFile, str]:
    """What is in the file, its place still empty, and the ending that its name must have."""
    if kind == "still":
        with opened_still(source) as picture:
            width, height = picture.size
            suffix = ending_of(source, picture.format or "", moving=False)
        return MediaFile(source, "", kind, None, width, height), suffix
    facts = probe_media(source, needs="video" if kind == "video" else "sound")
    suffix = ending_of(source, facts.container, moving=facts.video is not None)
    seconds = Fraction(facts.seconds).limit_denominator(1_000_000)
    channels, sound_rate = (0, SAMPLE_RATE) if facts.sound is None else (facts.sound.channels, facts.sound.rate)
    if facts.video is None or kind == "sound":
        return MediaFile(source, "", "sound", seconds, 0, 0, channels, sound_rate), suffix
    return MediaFile(source, "", kind, seconds, facts.video.width, facts.video.height, channels, sound_rate), suffix
