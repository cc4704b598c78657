"""What belongs to an export beside its film, put into the store: subtitles, poster, projects for editing programs.

A project for an editing program lies in a folder of its own with its media beside it, so that it opens on any machine;
formats that hold their media are one file in it.
"""

from dataclasses import dataclass, field
from pathlib import Path

from aianime_pipeline.film.interchange import FORMATS, export_timeline, name_media
from aianime_pipeline.film.render import FilmReport
from aianime_pipeline.film.timeline import Timeline
from aianime_pipeline.production.exports.orders import ExportWork
from aianime_pipeline.storage.store import ObjectStore, StoredObject

SUBTITLES_TYPE = "application/x-subrip"
_TYPES = {".srt": SUBTITLES_TYPE, ".vtt": "text/vtt", ".ass": "text/x-ssa", ".jpg": "image/jpeg"}
_PROJECT_TYPE = "application/octet-stream"


@dataclass
class StoredFiles:
    """`named` is each file by its kind, such as `srt.zh`, `poster` or `edit.otio`: {digest, media_type, name}, the name
    relative to the film's folder. `losses` is what an editors' format could not hold, by format."""

    stored: list[StoredObject] = field(default_factory=list)
    named: dict[str, dict[str, str]] = field(default_factory=dict)
    losses: dict[str, list[str]] = field(default_factory=dict)

    def put(self, store: ObjectStore, kind: str, path: Path, media_type: str, name: str) -> None:
        one = store.put_file(path, media_type)
        self.stored.append(one)
        self.named[kind] = {"digest": one.digest, "media_type": media_type, "name": name}


def store_files(work: ExportWork, timeline: Timeline, report: FilmReport) -> StoredFiles:
    """Put what lies beside the film in the making into the store, and make the projects that were asked for."""
    files, store = StoredFiles(), work.place.store
    for kind, path in report.files.items():
        files.put(store, kind, path, _TYPES[path.suffix], path.name)
    if not work.order.formats:
        return files
    media = name_media(timeline)
    folder = f"{work.path.stem}-editors"
    for name in work.order.formats:
        path = report.path.with_suffix(FORMATS[name].suffix)
        made = export_timeline(timeline, name, path, title=work.title, media=media, cancelled=work.watch.stopped)
        files.put(store, f"edit.{name}", path, _PROJECT_TYPE, f"{folder}/{path.name}")
        files.losses[name] = list(made.losses)
    if not all(FORMATS[name].bundled for name in work.order.formats):
        for digest, file in media.files.items():
            # They are in the store already, as takes.
            files.named[f"media.{file.name}"] = {
                "digest": digest,
                "media_type": _PROJECT_TYPE,
                "name": f"{folder}/{file.path}",
            }
    return files
