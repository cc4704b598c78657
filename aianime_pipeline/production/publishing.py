"""Where a person finds an episode's files: copies of objects under readable names, in the episode's output folder."""

import glob
import os
import re
import shutil
import unicodedata
import uuid
from collections.abc import Iterable
from pathlib import Path

from aianime_pipeline.errors import BadSettingError, DiskFullError
from aianime_pipeline.film.ffmpeg import NO_SPACE
from aianime_pipeline.film.presets.presets import MAIN, ExportPreset
from aianime_pipeline.production.installation import Installation

_DRAFT = "-DRAFT"
_PART = re.compile(r"[0-9a-f]{32}")


def film_path(place: Installation, episode_key: str) -> Path:
    return place.settings.output(episode_key) / f"{episode_key}.mp4"


def exports_folder(place: Installation, episode_key: str) -> Path:
    return place.settings.output(episode_key) / "exports"


def export_path(place: Installation, episode_key: str, name: str, *, draft: bool) -> Path:
    """Where the film of an export lies; what belongs to it lies beside it. Raises BadSettingError for a name that no
    file can have."""
    if name == MAIN and not draft:
        return film_path(place, episode_key)
    return exports_folder(place, episode_key) / f"{episode_key}-{checked_name(name)}{_DRAFT if draft else ''}.mp4"


def checked_name(name: str) -> str:
    """A preset's name, as part of a file's name. Raises BadSettingError."""
    name = ExportPreset(name).name  # which refuses what is more than letters, digits, hyphens and underscores
    if unicodedata.is_normalized("NFC", name) and not name.upper().endswith(_DRAFT):
        return name
    raise BadSettingError(
        f"{name!r} cannot be a preset's name: it becomes part of a file's name, and {_DRAFT} at its end marks a draft.",
        name=name,
    )


def publish(place: Installation, digest: str, target: Path) -> None:
    """A copy of the object under a readable name, unless it lies there as it was put. Only for who holds the claim on
    what is published: copies that a killed process left half-way are removed.

    Not a hard link: whoever edits the file in place (as root, in a container, read-only does not hold) would edit the
    object. Size and time of change tell whether the copy is still the one of this object.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{glob.escape(target.name)}.*"):
        if _PART.fullmatch(left.name.rpartition(".")[2]):
            left.unlink(missing_ok=True)
    if target.exists() and _same_copy(target.stat(), place.store.size(digest), place.store.written_at(digest)):
        return
    with place.store.local_path(digest) as source:
        wanted = source.stat()
        part = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            shutil.copyfile(source, part)
            os.utime(part, ns=(wanted.st_atime_ns, wanted.st_mtime_ns))
            part.replace(target)
        except OSError as error:
            if error.errno in NO_SPACE:
                raise DiskFullError(
                    f"No space left on the disk for {target}. Free some space and run again."
                ) from error
            raise
        finally:
            part.unlink(missing_ok=True)


def unpublish(folder: Path, names: Iterable[str]) -> None:
    """Remove published files, named relative to `folder`, and each folder with the last file in it."""
    for name in names:
        path = folder / name
        path.unlink(missing_ok=True)
        for above in path.parents:
            if above.is_dir() and not any(above.iterdir()):
                above.rmdir()
            if above == folder:
                break


def _same_copy(there: os.stat_result, size: int, written_at: int) -> bool:
    return (there.st_size, there.st_mtime_ns) == (size, written_at)
