"""Characters, locations, props and the style of a project: looks, voices, reference pictures, frozen versions."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Form
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Asset, AssetVersion, Episode
from aianime_pipeline.production.assets.checks import MOST_DESCRIPTION, MOST_PICTURE_BYTES
from aianime_pipeline.production.assets.editing import (
    AssetChanges,
    change_asset,
    drop_reference,
    keep_version,
    set_style,
    upload_reference,
)
from aianime_pipeline.production.assets.reading import (
    assets_of_project,
    episodes_using,
    find_asset,
    kept_versions,
    versions_of,
)
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.projects.keeping import find_project
from api.dependencies import Allowed, EpisodeKey, Id, Place, ProjectSlug, may
from api.errors import errors_of
from api.fields import MOST_NUMBER, Count, Upload, read_upload
from api.limits import FILES
from api.paging import Page, Paging, paged
from api.routing import Router
from api.schemas.documents import Document

router = Router(tags=["assets"])

Kind = Literal["character", "location", "prop"]
Prompt = Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]


class VersionView(BaseModel):
    version: int
    description: str
    sheet: dict[str, Any] = Field(description="The look, frozen.")
    voice: dict[str, Any] = Field(description="Of a character.")
    state: str = Field(description="Of the reference picture: pending, ready or failed.")
    reason: str
    reference: str | None = Field(
        description="SHA-256 of the picture, which is at `/assets/{asset}/versions/{version}/file`."
    )
    uploaded: bool = Field(description="A person brought the picture.")
    created_by: str | None = Field(description="Null: it came with an import.")
    created_at: datetime


class AssetView(BaseModel):
    id: int
    project: str
    kind: Kind
    name: str
    current: VersionView
    versions: int


class AssetUse(BaseModel):
    episode: str
    keeps: int | None = Field(description="The version that the episode keeps to; null: the newest.")


class EpisodeAssetView(BaseModel):
    id: int
    kind: Kind
    name: str
    keeps: int | None = Field(description="The version that the episode keeps to; null: the newest.")
    used: VersionView


class AssetEdit(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"version": 1, "sheet": {"hair": {"colour": "a02030"}}, "voice": {"pitch": 60}}]
        },
    )

    version: Count = Field(description="What the caller saw: where it is another by now, nothing is done.")
    description: Annotated[str, Field(max_length=MOST_DESCRIPTION, pattern=r"^[^\x00]*$")] | None = Field(
        None, description="Other words: the look is derived anew from them."
    )
    sheet: Document | None = Field(None, description="Fields of the look that are others.")
    voice: Document | None = Field(None, description="Of a character: variant, pitch, rate, gender, age.")


class SeenAsset(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 1}]})

    version: Count = Field(description="What the caller saw.")


class Keeping(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 1}, {"version": None}]})

    version: Count | None = Field(description="Null: the newest, always.")


class StyleView(BaseModel):
    project: str
    style: str
    negative_prompt: str


class StyleChanges(BaseModel):
    """Only what is named is changed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"style": "水墨，淡彩"}]})

    style: Prompt | None = None
    negative_prompt: Prompt | None = None


@router.get("/projects/{project}/assets", responses=errors_of(403, 404))
def list_assets(
    project: ProjectSlug,
    place: Place,
    kind: Kind | None = None,
    paging: Paging = paged(),
    allowed: Allowed = may(Action.VIEW),
) -> Page[AssetView]:
    """The project's characters, locations and props, in the order in which they came."""
    assert allowed.project_id is not None
    with place.database.read() as session:
        query = assets_of_project(allowed.project_id, kind=kind)
        return paging.page(session, query, Asset.id, lambda asset: _show(asset, project))


@router.get("/episodes/{episode}/assets", responses=errors_of(403, 404))
def list_episode_assets(
    episode: EpisodeKey, place: Place, paging: Paging = paged(), allowed: Allowed = may(Action.VIEW)
) -> Page[EpisodeAssetView]:
    """What the episode shows, each in the version that it uses."""
    with place.database.read() as session:
        found = find_episode(session, episode)
        kept = kept_versions(session, found.id)
        query = assets_of_project(found.project_id, episode_id=found.id)
        return paging.page(session, query, Asset.id, lambda asset: _show_in_episode(asset, kept[asset.id]))


@router.put("/episodes/{episode}/assets/{asset}", responses=errors_of(403, 404))
def keep_asset_version(
    episode: EpisodeKey, asset: Id, body: Keeping, place: Place, allowed: Allowed = may(Action.ASSET_EDIT)
) -> EpisodeAssetView:
    """Have the episode keep to a version of the asset, or follow the newest."""
    with place.database.write() as session:
        keep_version(session, find_episode(session, episode), asset, body.version, who=allowed.who)
        return _show_in_episode(find_asset(session, asset), body.version)


@router.get("/assets/{asset}", responses=errors_of(403, 404))
def read_asset(asset: Id, place: Place, allowed: Allowed = may(Action.VIEW)) -> AssetView:
    """One asset in its newest version."""
    return _read(place, asset, allowed)


@router.get("/assets/{asset}/versions", responses=errors_of(403, 404))
def list_asset_versions(
    asset: Id, place: Place, paging: Paging = paged(), allowed: Allowed = may(Action.VIEW)
) -> Page[VersionView]:
    """All versions, the newest first."""
    with place.database.read() as session:
        return paging.page(session, versions_of(asset), AssetVersion.version, _show_version, newest_first=True)


@router.get("/assets/{asset}/episodes", responses=errors_of(403, 404))
def list_episodes_using(
    asset: Id, place: Place, paging: Paging = paged(), allowed: Allowed = may(Action.VIEW)
) -> Page[AssetUse]:
    """Which episodes show it."""
    with place.database.read() as session:
        return paging.joined(
            session, episodes_using(asset), Episode.id, lambda key, kept: AssetUse(episode=key, keeps=kept)
        )


@router.patch("/assets/{asset}", responses=errors_of(403, 404, 409))
def change_an_asset(asset: Id, body: AssetEdit, place: Place, allowed: Allowed = may(Action.ASSET_EDIT)) -> AssetView:
    """Make a version with other words, another look or another voice; earlier ones stay."""
    changes = AssetChanges(body.description, body.sheet, body.voice)
    with place.database.write() as session:
        change_asset(session, asset, changes, version=body.version, who=allowed.who)
    return _read(place, asset, allowed)


@router.post("/assets/{asset}/reference", responses=errors_of(403, 404, 409, 413, 429))
def upload_a_reference(
    asset: Id,
    file: Upload,
    place: Place,
    version: Annotated[int, Form(ge=1, le=MOST_NUMBER, description="What the caller saw.")],
    allowed: Allowed = may(Action.ASSET_EDIT),
) -> AssetView:
    """Bring the reference picture as a file: a version with it. Its pixels alone are kept, as a PNG."""
    data, _ = read_upload(file, MOST_PICTURE_BYTES)
    with FILES.one():
        upload_reference(place, asset, data, version=version, who=allowed.who)
    return _read(place, asset, allowed)


@router.post("/assets/{asset}/reference/drop", responses=errors_of(403, 404, 409))
def drop_a_reference(asset: Id, body: SeenAsset, place: Place, allowed: Allowed = may(Action.ASSET_EDIT)) -> AssetView:
    """Make a version without a picture: the next run makes another one."""
    with place.database.write() as session:
        drop_reference(session, asset, version=body.version, who=allowed.who)
    return _read(place, asset, allowed)


@router.get("/projects/{project}/style", responses=errors_of(403, 404))
def read_style(project: ProjectSlug, place: Place, allowed: Allowed = may(Action.VIEW)) -> StyleView:
    """What goes into every prompt of the project."""
    with place.database.read() as session:
        found = find_project(session, project)
        return StyleView(project=found.slug, style=found.style, negative_prompt=found.negative_prompt)


@router.patch("/projects/{project}/style", responses=errors_of(403, 404))
def change_style(
    project: ProjectSlug, body: StyleChanges, place: Place, allowed: Allowed = may(Action.ASSET_EDIT)
) -> StyleView:
    """Change what goes into every prompt; what was made before is out of date then."""
    with place.database.write() as session:
        found = find_project(session, project)
        set_style(session, found, style=body.style, negative_prompt=body.negative_prompt, who=allowed.who)
        return StyleView(project=found.slug, style=found.style, negative_prompt=found.negative_prompt)


def _show_version(version: AssetVersion) -> VersionView:
    named = {name: getattr(version, name) for name in VersionView.model_fields if name != "reference"}
    return VersionView(**named, reference=version.reference_digest)


def _show(asset: Asset, project: str) -> AssetView:
    return AssetView(
        id=asset.id,
        project=project,
        kind=asset.kind,  # type: ignore[arg-type] # written from the same type
        name=asset.name,
        current=_show_version(asset.current),
        versions=len(asset.versions),
    )


def _show_in_episode(asset: Asset, kept: int | None) -> EpisodeAssetView:
    used = next((one for one in asset.versions if one.version == kept), asset.current)
    return EpisodeAssetView(
        id=asset.id,
        kind=asset.kind,  # type: ignore[arg-type] # written from the same type
        name=asset.name,
        keeps=kept,
        used=_show_version(used),
    )


def _read(place: Place, asset_id: int, allowed: Allowed) -> AssetView:
    assert allowed.project is not None
    with place.database.read() as session:
        return _show(find_asset(session, asset_id), allowed.project)
