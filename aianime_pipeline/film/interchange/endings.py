"""The ending of a media file's name, by what is in the file.

What is stored under its digest has no name, and editing programs go by the ending: an MP3 called `.wav` does not open
in some. Where several endings are right for the same content, the one that a file came with is kept.
"""

from collections.abc import Mapping
from pathlib import Path

_MOVING: Mapping[str, tuple[str, ...]] = {
    "mov": (".mp4", ".mov", ".m4v"),
    "matroska": (".mkv", ".webm"),
    "avi": (".avi",),
    "mpegts": (".ts", ".mts", ".m2ts"),
    "mpeg": (".mpg", ".mpeg", ".vob"),
    "flv": (".flv",),
    "ogg": (".ogv", ".ogg"),
    "asf": (".wmv", ".asf"),
    "gif": (".gif",),
    "ivf": (".ivf",),
    "h264": (".h264", ".264"),
    "hevc": (".hevc", ".h265", ".265"),
}
"""By the first of FFmpeg's names of a container with a moving picture. A WebM may be called `.mkv`, never the other way
round."""

_HEARD: Mapping[str, tuple[str, ...]] = {
    "mov": (".m4a", ".mp4", ".mov"),
    "matroska": (".mka", ".mkv", ".webm"),
    "ogg": (".ogg", ".oga", ".opus"),
    "mp3": (".mp3",),
    "wav": (".wav",),
    "flac": (".flac",),
    "aac": (".aac",),
    "w64": (".w64",),
    "aiff": (".aiff", ".aif"),
    "asf": (".wma", ".asf"),
}
"""The same without a moving picture; a cover is none."""

_STILLS: Mapping[str, tuple[str, ...]] = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg"),
    "MPO": (".jpg", ".jpeg"),
    "WEBP": (".webp",),
    "AVIF": (".avif",),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
    "BMP": (".bmp",),
}
"""By Pillow's names."""


def ending_of(source: Path, container: str, *, moving: bool) -> str:
    """The ending for a file of that container (FFmpeg's names, comma-separated) or picture format (Pillow's name).
    `moving`: there is a moving picture in it. One that is none of those is called after the container."""
    first = container.split(",")[0]
    known = _STILLS.get(first) or (_MOVING if moving else {**_MOVING, **_HEARD}).get(first)
    if known is None:
        return f".{first.lower()}"
    suffix = source.suffix.lower()
    return suffix if suffix in known else known[0]
