"""What people change of a project's characters, locations and props: always as a new version, so that what was made
from an earlier one can be made again; and which version an episode keeps to.

A new look has no reference picture until somebody brings one or the next run makes it. Who changes says which version
they saw.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Asset, AssetVersion, Episode, EpisodeAsset, Project
from aianime_pipeline.errors import BadInputError, NotFoundError, StaleVersionError
from aianime_pipeline.production.assets.checks import changed_look, changed_voice, checked_description, reference_png
from aianime_pipeline.production.assets.collecting import look_of
from aianime_pipeline.production.events import record_event
from aianime_pipeline.production.films.settings import record_changes
from aianime_pipeline.production.generations import remember_object
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.projects.keeping import set_options
from aianime_pipeline.production.scratch import scratch_folder
from aianime_pipeline.production.tasks.stopping import go_on, go_on_in_project


@dataclass(frozen=True)
class AssetChanges:
    """None: as it was. `sheet` and `voice` hold the fields that are others, as `checks.py` takes them."""

    description: str | None = None
    sheet: Mapping[str, Any] | None = None
    voice: Mapping[str, Any] | None = None


def change_asset(session: Session, asset_id: int, changes: AssetChanges, *, version: int, who: str) -> AssetVersion:
    """Make a version with these changes, in the caller's write transaction; the current one where nothing differs.
    Other words have the look derived anew from them, and then changed by `sheet`. Another voice keeps the picture.

    Raises NotFoundError, StaleVersionError, BadInputError for what an asset of its kind cannot have.
    """
    asset = _held(session, asset_id, version)
    had = asset.current
    description, sheet, voice = had.description, dict(had.sheet), dict(had.voice)
    if changes.description is not None and (words := checked_description(changes.description)) != description:
        description, sheet = words, look_of(session, asset, words)
    if changes.sheet:
        sheet = changed_look(asset.kind, asset.name, description, sheet, changes.sheet)  # type: ignore[arg-type]
    if changes.voice:
        if asset.kind != "character":
            raise BadInputError(f"{asset.name} is a {asset.kind}; only characters have a voice.", field="voice")
        voice = changed_voice(voice, changes.voice)
    if (description, sheet, voice) == (had.description, had.sheet, had.voice):
        return had
    looks_the_same = (description, sheet) == (had.description, had.sheet) and had.state == "ready"
    made = AssetVersion(description=description, sheet=sheet, voice=voice)
    if looks_the_same:
        made.state, made.reference_digest, made.uploaded = "ready", had.reference_digest, had.uploaded
    return _added(session, asset, made, who)


def upload_reference(place: Installation, asset_id: int, data: bytes, *, version: int, who: str) -> AssetVersion:
    """Make a version with this reference picture, read and written anew (`asset_checks.reference_png`).

    Raises NotFoundError, StaleVersionError, BadPictureError for what is no picture or too large a one.
    """
    with scratch_folder(place.settings.scratch / "uploads") as folder:
        picture = reference_png(data, folder)
    stored = place.store.put_bytes(picture, "image/png")
    with place.database.write() as session:
        asset = _held(session, asset_id, version)
        had = asset.current
        remember_object(session, stored)
        if had.reference_digest == stored.digest:
            return had
        made = AssetVersion(
            description=had.description,
            sheet=dict(had.sheet),
            voice=dict(had.voice),
            state="ready",
            reference_digest=stored.digest,
            uploaded=True,
        )
        return _added(session, asset, made, who)


def drop_reference(session: Session, asset_id: int, *, version: int, who: str) -> AssetVersion:
    """Make a version that says the same and has no picture: the next run makes another one. Raises NotFoundError,
    StaleVersionError."""
    asset = _held(session, asset_id, version)
    had = asset.current
    if had.reference_digest is None:
        return had
    made = AssetVersion(description=had.description, sheet=dict(had.sheet), voice=dict(had.voice))
    return _added(session, asset, made, who)


def keep_version(session: Session, episode: Episode, asset_id: int, version: int | None, *, who: str) -> None:
    """The episode uses this version of the asset from now on, whatever becomes the newest; None: the newest, always.
    Raises NotFoundError for an asset that the episode does not show, or a version that it does not have."""
    go_on(session, episode.id)
    link = session.get(EpisodeAsset, (episode.id, asset_id), with_for_update=True, populate_existing=True)
    if link is None:
        raise NotFoundError(f"{episode.key} does not show the asset {asset_id}.", episode=episode.key, asset=asset_id)
    asset = session.get_one(Asset, asset_id)
    if version is not None and version not in [one.version for one in asset.versions]:
        raise NotFoundError(f"{asset.name} has no version {version}.", asset=asset_id, version=version)
    if link.version == version:
        return
    link.version = version
    record_event(
        session, "asset", project_id=episode.project_id, episode_id=episode.id,
        asset=asset.id, name=asset.name, version=version, change="kept", who=who,
    )  # fmt: skip


def set_style(
    session: Session, project: Project, *, style: str | None = None, negative_prompt: str | None = None, who: str
) -> None:
    """What goes into every prompt of the project, on record. Raises BadSettingError."""
    given = {"style": style, "negative_prompt": negative_prompt}
    changes = {name: value for name, value in given.items() if value is not None}
    go_on_in_project(session, project.id)
    before = {name: getattr(project, name) for name in changes}
    set_options(project, changes)
    record_changes(session, project, who, "style", before, {name: getattr(project, name) for name in changes})


def _held(session: Session, asset_id: int, seen: int) -> Asset:
    """The asset, while nobody else changes it or imports into the project."""
    project_id = session.scalar(sa.select(Asset.project_id).where(Asset.id == asset_id))
    if project_id is None:
        raise NotFoundError(f"There is no asset {asset_id}.", asset=asset_id)
    go_on_in_project(session, project_id)
    session.scalars(sa.select(Project.id).where(Project.id == project_id).with_for_update(key_share=True)).one()
    asset = session.get_one(Asset, asset_id, populate_existing=True)
    session.refresh(asset, ["versions"])
    current = asset.current
    if seen != current.version:
        by = f" {current.created_by} changed it at {current.created_at:%H:%M:%S} UTC." if current.created_by else ""
        raise StaleVersionError(
            f"{asset.name} has changed since you looked: it is in version {current.version}, you saw {seen}.{by}",
            asset=asset_id,
            version=current.version,
            seen=seen,
            last_by=current.created_by,
        )
    return asset


def _added(session: Session, asset: Asset, made: AssetVersion, who: str) -> AssetVersion:
    made.version, made.created_by = asset.current.version + 1, who
    asset.versions.append(made)
    session.flush()
    # Each episode that shows it and uses the newest has changed.
    using = sa.select(EpisodeAsset.episode_id).where(EpisodeAsset.asset_id == asset.id, EpisodeAsset.version.is_(None))
    episodes: list[int | None] = [*session.scalars(using.order_by(EpisodeAsset.episode_id))]
    for episode_id in episodes or [None]:
        record_event(
            session, "asset", project_id=asset.project_id, episode_id=episode_id,
            asset=asset.id, name=asset.name, version=made.version, change="changed", who=who,
        )  # fmt: skip
    return made
