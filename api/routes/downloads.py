"""Every single file by what it is of: takes, films, exports, pictures, the ZIP; and links for people with no account.

Each address ends in `/file` and takes GET and HEAD, with `Range`, `If-Range`, `If-Match` and `If-None-Match`. Its
`/link` makes an address that is good for a while without a log-in.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

import structlog
from fastapi import Body, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.accounts.shared_links import read_token, shared_token
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production import downloads as files
from aianime_pipeline.production.downloads import Download
from aianime_pipeline.production.installation import Installation
from api.dependencies import Allowed, EpisodeKey, Id, Place, anybody, may
from api.downloads.serving import SIGNED_SECONDS, serve
from api.errors import errors_of
from api.routing import Router

router = Router(tags=["downloads"], looks=False)

_log = structlog.get_logger(__name__)
_Route = TypeVar("_Route", bound=Callable[..., Any])
_MOST_HOURS = 30 * 24

FileKind = Annotated[str, Path(min_length=1, max_length=200, examples=["srt.zh"])]
Version = Annotated[int, Path(ge=1, le=1_000_000, examples=[2])]
Token = Annotated[str, Path(min_length=1, max_length=4_000)]
Inline = Annotated[
    bool, Query(description="Shown instead of saved, where a browser shows such a file: pictures, sound, films, text.")
]

_BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file.", "content": _BYTES},
    206: {
        "description": "The range that was asked for; of several ranges none, but the whole file.",
        "content": _BYTES,
    },
    304: {"description": "The client has it."},
    307: {"description": "The file is at the address in `Location`, for a while and for anybody."},
    **errors_of(404, 410, 412, 416),
}


class LinkOrder(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"hours": 48}]})

    hours: Annotated[int, Field(ge=1, le=_MOST_HOURS, description="How long the link is good.")] = 24


class Link(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://studio.example.com/api/v1/shared/WyI0…",
                    "name": "moonlit-e012_渡口.mp4",
                    "size": 52428800,
                    "expires_at": "2026-12-01T08:00:00Z",
                }
            ]
        }
    )

    url: str = Field(description="Serves these bytes to whoever has it; it cannot be taken back.")
    name: str
    size: int = Field(description="Bytes.")
    expires_at: datetime


class Sharing:
    """Makes the link of a request."""

    def __init__(self, request: Request, order: Annotated[LinkOrder, Body()] = LinkOrder()) -> None:
        self._request, self._order = request, order

    def link(self, place: Installation, download: Download, allowed: Allowed) -> Link:
        lifetime = timedelta(hours=self._order.hours)
        token, until = shared_token(download.shared, self._request.app.state.signing_key, lifetime)
        path = str(self._request.app.url_path_for(download_shared.__name__, token=token))
        base = place.settings.public_url or str(self._request.base_url)
        _log.info("a file was shared", who=allowed.who, name=download.name, until=until.isoformat())
        return Link(url=base.rstrip("/") + path, name=download.name, size=download.size, expires_at=until)


def _file(path: str, responses: dict[int | str, dict[str, Any]] | None = None) -> Callable[[_Route], _Route]:
    """GET, and HEAD, which the description leaves out: it is the same without the bytes."""

    def add(route: _Route) -> _Route:
        router.get(path, response_class=Response, responses=_ANSWERS | (responses or {}))(route)
        router.head(path, response_class=Response, include_in_schema=False)(route)
        return route

    return add


def _link(path: str) -> Callable[[_Route], _Route]:
    return router.post(f"{path}/link", status_code=201, responses=errors_of(403, 404, 410))


_FORBIDDEN = errors_of(403)
_TAKE = "/takes/{take}/file"
_FILM = "/episodes/{episode}/film/file"
_SUBTITLES = "/episodes/{episode}/subtitles/file"
_PACKAGE = "/episodes/{episode}/package/file"
_EXPORT = "/exports/{export}/file"
_EXPORT_FILE = "/exports/{export}/files/{kind}/file"
_REFERENCE = "/assets/{asset}/versions/{version}/file"
_GENERATION = "/generations/{generation}/file"


@_file(_TAKE, _FORBIDDEN)
def download_take(
    take: Id, request: Request, place: Place, inline: Inline = False, allowed: Allowed = may(Action.DOWNLOAD)
) -> Response:
    """The picture, clip or voice of a take."""
    return serve(request, place.store, files.take_file(place, take), inline=inline)


@_link(_TAKE)
def share_take(take: Id, place: Place, sharing: Sharing = Depends(), allowed: Allowed = may(Action.SHARE)) -> Link:
    """A link to the take's file."""
    return sharing.link(place, files.take_file(place, take), allowed)


@_file(_FILM, _FORBIDDEN)
def download_film(
    episode: EpisodeKey, request: Request, place: Place, inline: Inline = False, allowed: Allowed = may(Action.DOWNLOAD)
) -> Response:
    """The episode's film, as it was exported last by the project's main preset."""
    return serve(request, place.store, files.film_file(place, episode), inline=inline)


@_link(_FILM)
def share_film(
    episode: EpisodeKey, place: Place, sharing: Sharing = Depends(), allowed: Allowed = may(Action.SHARE)
) -> Link:
    """A link to the film as it is now: a later export does not come by it."""
    return sharing.link(place, files.film_file(place, episode), allowed)


@_file(_SUBTITLES, _FORBIDDEN)
def download_subtitles(
    episode: EpisodeKey, request: Request, place: Place, inline: Inline = False, allowed: Allowed = may(Action.DOWNLOAD)
) -> Response:
    """The subtitles of the episode's film, in its own language (SRT)."""
    return serve(request, place.store, files.subtitles_file(place, episode), inline=inline)


@_link(_SUBTITLES)
def share_subtitles(
    episode: EpisodeKey, place: Place, sharing: Sharing = Depends(), allowed: Allowed = may(Action.SHARE)
) -> Link:
    """A link to the subtitles as they are now."""
    return sharing.link(place, files.subtitles_file(place, episode), allowed)


@_file(_PACKAGE, _FORBIDDEN)
def download_package(
    episode: EpisodeKey, request: Request, place: Place, allowed: Allowed = may(Action.DOWNLOAD)
) -> Response:
    """The episode's ZIP as it was packed last, with its exact length; any range of it can be asked for."""
    return serve(request, place.store, files.package_file(place, episode))


@_link(_PACKAGE)
def share_package(
    episode: EpisodeKey, place: Place, sharing: Sharing = Depends(), allowed: Allowed = may(Action.SHARE)
) -> Link:
    """A link to the ZIP that was packed last: good until it is packed anew and the files of before are cleaned up."""
    return sharing.link(place, files.package_file(place, episode), allowed)


@_file(_EXPORT, _FORBIDDEN)
def download_export(
    export: Id, request: Request, place: Place, inline: Inline = False, allowed: Allowed = may(Action.DOWNLOAD)
) -> Response:
    """The film of an export."""
    return serve(request, place.store, files.export_film_file(place, export), inline=inline)


@_link(_EXPORT)
def share_export(export: Id, place: Place, sharing: Sharing = Depends(), allowed: Allowed = may(Action.SHARE)) -> Link:
    """A link to the film of an export."""
    return sharing.link(place, files.export_film_file(place, export), allowed)


@_file(_EXPORT_FILE, _FORBIDDEN)
def download_export_file(
    export: Id,
    kind: FileKind,
    request: Request,
    place: Place,
    inline: Inline = False,
    allowed: Allowed = may(Action.DOWNLOAD),
) -> Response:
    """A file beside the film of an export: subtitles (`srt.zh`), `poster`, an editor's project (`edit.otio`)."""
    return serve(request, place.store, files.export_side_file(place, export, kind), inline=inline)


@_link(_EXPORT_FILE)
def share_export_file(
    export: Id, kind: FileKind, place: Place, sharing: Sharing = Depends(), allowed: Allowed = may(Action.SHARE)
) -> Link:
    """A link to a file beside the film of an export."""
    return sharing.link(place, files.export_side_file(place, export, kind), allowed)


@_file(_REFERENCE, _FORBIDDEN)
def download_reference_picture(
    asset: Id,
    version: Version,
    request: Request,
    place: Place,
    inline: Inline = False,
    allowed: Allowed = may(Action.DOWNLOAD),
) -> Response:
    """The reference picture of a version of a character, location or prop."""
    return serve(request, place.store, files.reference_picture(place, asset, version), inline=inline)


@_link(_REFERENCE)
def share_reference_picture(
    asset: Id, version: Version, place: Place, sharing: Sharing = Depends(), allowed: Allowed = may(Action.SHARE)
) -> Link:
    """A link to the reference picture."""
    return sharing.link(place, files.reference_picture(place, asset, version), allowed)


@_file(_GENERATION, _FORBIDDEN)
def download_generation_result(
    generation: Id, request: Request, place: Place, inline: Inline = False, allowed: Allowed = may(Action.DOWNLOAD)
) -> Response:
    """What a provider gave for a generation."""
    return serve(request, place.store, files.generation_result(place, generation), inline=inline)


@_link(_GENERATION)
def share_generation_result(
    generation: Id, place: Place, sharing: Sharing = Depends(), allowed: Allowed = may(Action.SHARE)
) -> Link:
    """A link to what a provider gave."""
    return sharing.link(place, files.generation_result(place, generation), allowed)


@_file("/shared/{token}")
def download_shared(
    token: Token, request: Request, place: Place, inline: Inline = False, public: None = anybody()
) -> Response:
    """What a link is for, without a log-in. One that was altered answers 404, one that has expired 410."""
    shared, until = read_token(token, request.app.state.signing_key)
    seconds = max(1, min(SIGNED_SECONDS, int((until - now()).total_seconds())))
    return serve(request, place.store, files.shared_file(place, shared), inline=inline, seconds=seconds)
