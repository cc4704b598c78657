"""A ZIP with a project and its media in it: stored, not packed, because media is packed already."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled

_SLICE = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""One time for all, so that equal exports are equal files."""


def write_archive(
    path: Path, texts: Mapping[str, str], media: Iterable[tuple[str, Path]], *, cancelled: Cancelled | None = None
) -> None:
    """`texts` and then `media`, by their names in the archive. Raises FfmpegCancelled."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in texts.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            archive.writestr(entry, text.encode("utf-8"), compress_type=zipfile.ZIP_DEFLATED)
        for name, source in media:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.file_size = source.stat().st_size
            with source.open("rb") as read, archive.open(entry, "w") as written:
                while data := read.read(_SLICE):
                    if cancelled is not None and cancelled():
                        raise FfmpegCancelled
                    written.write(data)
