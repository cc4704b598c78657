"""Characters, locations and props of a project: collected from what is imported, each with a frozen look and voice."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Asset, AssetVersion, Episode, EpisodeAsset, Project
from aianime_pipeline.production.shots.requests import NARRATOR
from aianime_pipeline.providers.local.looks import distinct_look_for
from aianime_pipeline.providers.local.voices import voice_for
from aianime_pipeline.storyboard.model import Storyboard

AssetKind = Literal["character", "location", "prop"]


ADDED = "\n"
"""In a description, between the screenplay's own words and what a language model added to them."""


@dataclass(frozen=True)
class Mention:
    """An asset that an episode shows. `description` has what was added too, or only the screenplay's own words."""

    kind: AssetKind
    name: str
    description: str = ""


def storyboard_mentions(storyboard: Storyboard) -> list[Mention]:
    """Whom and what the shots name; the narrator is a voice without a face and comes with voice-overs of nobody."""
    mentions: dict[tuple[AssetKind, str], Mention] = {}
    for shot in storyboard.shots:
        names: list[tuple[AssetKind, str]] = [("character", name) for name in (*shot.characters, *shot.speakers)]
        names += [("location", shot.place), *(("prop", name) for name in shot.props)]
        if shot.dialogue and not shot.speakers:
            names.append(("character", NARRATOR))
        for kind, name in names:
            if name.strip():
                mentions.setdefault((kind, name), Mention(kind, name))
    return list(mentions.values())


def prop_names(session: Session, episode: Episode) -> list[str]:
    """Props that the episode's screenplay names, in the order of their discovery."""
    found = sa.select(Asset.name).join(EpisodeAsset, EpisodeAsset.asset_id == Asset.id)
    return list(
        session.scalars(found.where(EpisodeAsset.episode_id == episode.id, Asset.kind == "prop").order_by(Asset.id))
    )


def ensure_assets(session: Session, project: Project, episode: Episode, mentions: Iterable[Mention]) -> None:
    """Every mention has its asset and belongs to the episode; a new description is a new version. What a person changed
    since the last import stays while the import says the same.

    Looks and voices keep apart from those that the project has, in the order of the mentions.
    """
    assets = {
        (asset.kind, asset.name): asset
        for asset in session.scalars(sa.select(Asset).where(Asset.project_id == project.id).order_by(Asset.id))
    }
    linked = set(session.scalars(sa.select(EpisodeAsset.asset_id).where(EpisodeAsset.episode_id == episode.id)))
    for mention in mentions:
        asset = assets.get((mention.kind, mention.name))
        if asset is None:
            asset = Asset(project_id=project.id, kind=mention.kind, name=mention.name)
            session.add(asset)
            asset.versions.append(_version(mention, 1, [other.current for other in assets.values()]))
            assets[mention.kind, mention.name] = asset
            session.flush()
        elif mention.description and not _is_described(asset, mention.description):
            others = [other.current for other in assets.values() if other is not asset]
            asset.versions.append(_version(mention, asset.current.version + 1, others))
        if asset.id not in linked:
            session.add(EpisodeAsset(episode_id=episode.id, asset_id=asset.id))
            linked.add(asset.id)
    session.flush()


def own_words(description: str) -> str:
    """What the screenplay itself says."""
    return description.partition(ADDED)[0]


def look_of(session: Session, asset: Asset, description: str) -> dict[str, Any]:
    """How it looks by these words, apart from the others of its project."""
    others = session.scalars(sa.select(Asset).where(Asset.project_id == asset.project_id, Asset.id != asset.id))
    return _look(asset.kind, asset.name, description, [other.current for other in others.all()])  # type: ignore[arg-type]


def _look(kind: AssetKind, name: str, description: str, others: list[AssetVersion]) -> dict[str, Any]:
    sheet = distinct_look_for(kind, name, description, [other.sheet for other in others if other.asset.kind == kind])
    if kind == "location" and not sheet.get("era"):
        # Else each picture would take the age of whoever is in it, and a room would change within a scene.
        sheet["era"] = next((era for other in others if (era := other.sheet.get("era"))), "")
    return sheet


def _is_described(asset: Asset, description: str) -> bool:
    """Another import of the same words is no new description, whatever was added to them or a person made of them."""
    imported = [version for version in asset.versions if version.created_by is None]
    return any(
        description in (version.description, own_words(version.description))
        for version in (asset.current, *imported[-1:])
    )


def _version(mention: Mention, number: int, others: list[AssetVersion]) -> AssetVersion:
    sheet = _look(mention.kind, mention.name, mention.description, others)
    voice = {}
    if mention.kind == "character":
        alike = [other for other in others if other.asset.kind == mention.kind]
        voice = voice_for(mention.name, mention.description, look=sheet, taken=[other.voice for other in alike])
    return AssetVersion(
        version=number,
        description=mention.description,
        sheet=sheet,
        voice=voice,
    )
