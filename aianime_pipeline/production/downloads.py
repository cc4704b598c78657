"""The files that a person can fetch: which object each of them is, and under which name it is saved.

A file is found by what it is of (a take, an episode, an export), never by a path or a digest that somebody hands in. An
episode's ZIP is no object: it is laid out again from the manifest of the one that was packed last, and its bytes are
those of the file that was written then.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.shared_links import SharedFile
from aianime_pipeline.db.models import (
    Asset,
    AssetVersion,
    CompositeTask,
    Episode,
    Export,
    Generation,
    MediaObject,
    PackageTask,
    Project,
    Shot,
    ShotStage,
    Take,
)
from aianime_pipeline.errors import NotFoundError, ObjectMissingError, PackageIncompleteError
from aianime_pipeline.packaging.names import file_ending, safe_part
from aianime_pipeline.packaging.package import PackagePlan, digests_in, plan_from_manifest
from aianime_pipeline.packaging.write import iterate_package, require_objects
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.storage.store import ObjectStore

ZIP_TYPE = "application/zip"
_ZIP_BYTES = 1
"""Raised when the ZIP of a manifest comes out otherwise, so that nobody puts halves of two together."""
_AT_ONCE = 500
_AHEAD_BYTES = 1 << 18
"""Fifty people who read from a bucket through the service take 110 MiB of it; with 1 MiB it would be 190."""


@dataclass(frozen=True)
class Download:
    """One file. `name` has an ending and is safe on every system, in whatever script; `size` in bytes; `digest` is that
    of the object, or of the manifest of the ZIP that `package` lays out."""

    name: str
    media_type: str
    size: int
    digest: str
    package: PackagePlan | None = None

    @property
    def tag(self) -> str:
        """The same for the same bytes, and for no others."""
        return self.digest if self.package is None else f"zip{_ZIP_BYTES}-{self.digest}"

    @property
    def shared(self) -> SharedFile:
        return SharedFile(self.digest, self.name, self.media_type, self.package is not None)

    def read(self, store: ObjectStore, start: int, stop: int) -> Generator[bytes]:
        """The bytes from `start` to `stop`. The first of them are read at once, so that it is known by then whether the
        file is there: raises ObjectMissingError, without saying where the store is. Closing it closes the file.

        Of a ZIP all files are looked for where it is read from its beginning; whoever goes on in the middle does not
        wait for that."""
        if start == 0:
            self.require(store)
        with self._told():
            if self.package is not None:
                pieces = iterate_package(self.package, store, start, stop, ahead=_AHEAD_BYTES)
            else:
                pieces = store.read_range(self.digest, start, stop - start, ahead=_AHEAD_BYTES)
            return _begun(next(pieces, b""), pieces)

    def require(self, store: ObjectStore) -> None:
        """Raises ObjectMissingError as `read`; for a ZIP it names the files that are gone."""
        with self._told():
            if self.package is not None:
                require_objects(self.package, store)
            else:
                store.size(self.digest)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except ObjectMissingError as error:
            raise _gone(self.name) from error
        except PackageIncompleteError as error:
            raise ObjectMissingError(error.message, **error.details) from error


def _begun(first: bytes, rest: Iterator[bytes]) -> Generator[bytes]:
    yield first
    yield from rest


def take_file(place: Installation, take: int) -> Download:
    """Raises NotFoundError where it has no file (yet), ObjectMissingError where it was cleaned up."""
    query = (
        sa.select(Take, ShotStage.stage, Shot, Episode.key)
        .join(ShotStage, ShotStage.id == Take.stage_id)
        .join(Shot, Shot.id == ShotStage.shot_id)
        .join(Episode, Episode.id == Shot.episode_id)
        .where(Take.id == take)
    )
    with place.database.read() as session:
        row = session.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"There is no take {take}.", take=take)
        found, stage, shot, key = row
        if found.state == "removed":
            raise _gone(f"take {take}")
        name = f"{key}_s{shot.number:03d}_{stage}_take{found.number}"
        return _object(session, found.object_digest, name, f"Take {take} is {found.state}, it has no file.")


def film_file(place: Installation, episode: str) -> Download:
    """Raises NotFoundError where there is no film, as the next for its subtitles."""
    with place.database.read() as session:
        found, task = _composite(session, episode)
        digest = task.film_digest if task is not None else None
        return _object(session, digest, _titled(found), f"{episode} has no film yet: export it first.")


def subtitles_file(place: Installation, episode: str) -> Download:
    with place.database.read() as session:
        found, task = _composite(session, episode)
        digest = task.subtitles_digest if task is not None else None
        return _object(session, digest, _titled(found), f"{episode} has no subtitles yet: export its film first.")


def export_film_file(place: Installation, export: int) -> Download:
    """Raises NotFoundError where it has no film (yet)."""
    with place.database.read() as session:
        row, episode = _export(session, export)
        name = "_".join(filter(None, [_titled(episode), row.name, "draft" if row.draft else ""]))
        return _object(session, row.film_digest, name, f"Export {export} is {row.state}, it has no film.")


def export_side_file(place: Installation, export: int, kind: str) -> Download:
    """`kind` such as `srt.zh`, `poster` or `edit.otio`. Raises NotFoundError naming those that there are."""
    with place.database.read() as session:
        row, _ = _export(session, export)
        file = row.files.get(kind)
        if file is None:
            kinds = ", ".join(sorted(row.files)) or "none"
            raise NotFoundError(f"Export {export} has no file of that kind; there are: {kinds}.", export=export)
        path = PurePosixPath(file["name"])
        name = safe_part(path.stem, ending=path.suffix)
        size = _size(session, file["digest"], name)
        return Download(name, file["media_type"], size, file["digest"])


def reference_picture(place: Installation, asset: int, version: int) -> Download:
    """Raises NotFoundError where that version of the asset has none (yet)."""
    query = (
        sa.select(AssetVersion, Asset.name, Project.slug)
        .join(Asset, Asset.id == AssetVersion.asset_id)
        .join(Project, Project.id == Asset.project_id)
        .where(Asset.id == asset, AssetVersion.version == version)
    )
    with place.database.read() as session:
        row = session.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"Asset {asset} has no version {version}.", asset=asset, version=version)
        found, name, slug = row
        without = f"Version {version} of asset {asset} is {found.state}, it has no reference picture."
        return _object(session, found.reference_digest, f"{slug}_{name}_v{version}", without)


def generation_result(place: Installation, generation: int) -> Download:
    """Raises NotFoundError where it has no result (yet), ObjectMissingError where it was cleaned up."""
    with place.database.read() as session:
        row = session.get(Generation, generation)
        if row is None:
            raise NotFoundError(f"There is no generation {generation}.", generation=generation)
        if row.state == "succeeded" and row.result_digest is None:
            raise _gone(f"generation {generation}")
        project = session.get(Project, row.project_id) if row.project_id is not None else None
        name = "_".join([project.slug if project is not None else "", f"generation_{generation}"])
        return _object(session, row.result_digest, name, f"Generation {generation} is {row.state}, it has no file.")


def package_file(place: Installation, episode: str) -> Download:
    """The ZIP that was packed last, also when its file is elsewhere or gone, and when the episode has changed since.

    Raises NotFoundError where none was packed, ObjectMissingError where something of it is gone.
    """
    with place.database.read() as session:
        found = find_episode(session, episode)
        task = session.scalar(sa.select(PackageTask).where(PackageTask.episode_id == found.id))
        digest = task.manifest_digest if task is not None else None
        name = safe_part(_titled(found), ending=".zip")
    if digest is None:
        raise NotFoundError(f"{episode} has no ZIP yet: pack it first.", episode=episode)
    return _package(place, digest, name)


def shared_file(place: Installation, shared: SharedFile) -> Download:
    """What a link names, as long as it is there. Raises ObjectMissingError."""
    if shared.is_package:
        return _package(place, shared.digest, shared.name)
    with place.database.read() as session:
        return Download(shared.name, shared.media_type, _size(session, shared.digest, shared.name), shared.digest)


def _package(place: Installation, manifest_digest: str, name: str) -> Download:
    try:
        with place.store.open(manifest_digest) as file:
            manifest = file.read()
        wanted = sorted(digests_in(manifest))
        crc32_of: dict[str, int] = {}
        with place.database.read() as session:
            for start in range(0, len(wanted), _AT_ONCE):
                of = MediaObject.digest.in_(wanted[start : start + _AT_ONCE])
                crc32_of |= dict(session.execute(sa.select(MediaObject.digest, MediaObject.crc32).where(of)).all())
        plan = plan_from_manifest(manifest, crc32_of)
    except (ObjectMissingError, KeyError) as error:
        raise ObjectMissingError(f"A file of {name} is not there any more: pack it again.") from error
    except ValueError as error:
        raise NotFoundError(f"{name} was packed by another version: pack it again.") from error
    return Download(name, ZIP_TYPE, plan.layout.total_size, manifest_digest, plan)


def _object(session: Session, digest: str | None, name: str, without: str) -> Download:
    """The object under that name, without an ending. `without` says why there is none where `digest` is None."""
    if digest is None:
        raise NotFoundError(without)
    row = session.get(MediaObject, digest)
    if row is None:
        raise _gone(name)
    return Download(safe_part(name, ending=file_ending(row.media_type)), row.media_type, row.size, digest)


def _size(session: Session, digest: str, name: str) -> int:
    row = session.get(MediaObject, digest)
    if row is None:
        raise _gone(name)
    return row.size


def _composite(session: Session, episode: str) -> tuple[Episode, CompositeTask | None]:
    found = find_episode(session, episode)
    return found, session.scalar(sa.select(CompositeTask).where(CompositeTask.episode_id == found.id))


def _export(session: Session, export: int) -> tuple[Export, Episode]:
    query = (
        sa.select(Export, Episode)
        .join(CompositeTask, CompositeTask.id == Export.composite_task_id)
        .join(Episode, Episode.id == CompositeTask.episode_id)
        .where(Export.id == export)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no export {export}.", export=export)
    return row[0], row[1]


def _titled(episode: Episode) -> str:
    return "_".join(filter(None, [episode.key, episode.title]))


def _gone(what: str) -> ObjectMissingError:
    return ObjectMissingError(f"The file of {what} is not there any more: it was cleaned up, or lost.")
