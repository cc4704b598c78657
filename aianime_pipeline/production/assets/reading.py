"""A project's characters, locations and props as people see them: with their versions, and who uses which."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from aianime_pipeline.db.models import Asset, AssetVersion, Episode, EpisodeAsset, Take
from aianime_pipeline.errors import NotFoundError


@dataclass(frozen=True)
class AssetUse:
    """Version `version` of the asset was in what a take was made from; None where no version says just that."""

    asset_id: int
    kind: str
    name: str
    version: int | None


def assets_of_project(project_id: int, *, kind: str | None = None, episode_id: int | None = None) -> sa.Select[Asset]:
    """The query, with their versions: all of the project, or those that an episode shows."""
    query = sa.select(Asset).where(Asset.project_id == project_id).options(selectinload(Asset.versions))
    if kind is not None:
        query = query.where(Asset.kind == kind)
    if episode_id is not None:
        query = query.join(EpisodeAsset, EpisodeAsset.asset_id == Asset.id).where(EpisodeAsset.episode_id == episode_id)
    return query


def find_asset(session: Session, asset_id: int) -> Asset:
    """Raises NotFoundError."""
    asset = session.scalar(sa.select(Asset).where(Asset.id == asset_id).options(selectinload(Asset.versions)))
    if asset is None:
        raise NotFoundError(f"There is no asset {asset_id}.", asset=asset_id)
    return asset


def versions_of(asset_id: int) -> sa.Select[AssetVersion]:
    """The query."""
    return sa.select(AssetVersion).where(AssetVersion.asset_id == asset_id)


def episodes_using(asset_id: int) -> sa.Select[str, int | None]:
    """The query: the key of each episode that shows it, and the version that it keeps to, None for the newest."""
    return (
        sa.select(Episode.key, EpisodeAsset.version)
        .join(EpisodeAsset, EpisodeAsset.episode_id == Episode.id)
        .where(EpisodeAsset.asset_id == asset_id)
    )


def kept_versions(session: Session, episode_id: int) -> dict[int, int | None]:
    """By the id of each asset that the episode shows: the version that it keeps to, None for the newest."""
    query = sa.select(EpisodeAsset.asset_id, EpisodeAsset.version).where(EpisodeAsset.episode_id == episode_id)
    return {row.asset_id: row.version for row in session.execute(query)}


def assets_in_takes(session: Session, project_id: int, takes: Sequence[Take]) -> list[tuple[AssetUse, ...]]:
    """What each picture shows and whose voice speaks, in the versions that it was made from. One look for all."""
    names = {entry["name"] for take in takes for entry in _in_take(take)}
    found = session.scalars(
        sa.select(Asset)
        .where(Asset.project_id == project_id, Asset.name.in_(names))
        .options(selectinload(Asset.versions))
    )
    assets = {(asset.kind, asset.name): asset for asset in found}
    uses = [[_use(assets, entry["kind"], entry["name"], entry) for entry in _in_take(take)] for take in takes]
    return [tuple(use for use in of_take if use is not None) for of_take in uses]


def _in_take(take: Take) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = take.inputs.get("assets", [])
    speaker = take.inputs.get("speaker") if "voice" in take.inputs else None
    spoken = [{"kind": "character", "name": speaker, "voice": take.inputs["voice"]}] if speaker else []
    return [*shown, *spoken]


def _use(assets: Mapping[tuple[str, str], Asset], kind: str, name: str, said: Mapping[str, object]) -> AssetUse | None:
    asset = assets.get((kind, name))
    if asset is None:
        return None
    return AssetUse(asset.id, kind, name, _version_saying(reversed(asset.versions), said))


def _version_saying(versions: Iterable[AssetVersion], said: Mapping[str, object]) -> int | None:
    """The newest that says all that was said."""
    for version in versions:
        has = {
            "description": version.description,
            "sheet": version.sheet,
            "reference": version.reference_digest,
            "voice": version.voice,
        }
        if all(has[name] == value for name, value in said.items() if name in has):
            return version.version
    return None
