"""An episode's ZIP: what goes into it, have it packed, how it stands. It is downloaded in `downloads`."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.packages.packing import set_package_config
from aianime_pipeline.production.packages.status import PackageStanding, read_package
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Asked, Origin, ask_for
from api.asking import ACCEPTED, ask_for_task
from api.dependencies import Allowed, EpisodeKey, Place, may
from api.errors import errors_of
from api.idempotency import OnceOnly
from api.routing import Router
from api.schemas.tasks import AskedTask, Urgency, priority_of

router = Router(prefix="/episodes/{episode}/package", tags=["packages"])


class PackageConfigView(BaseModel):
    """What goes into the ZIP."""

    shot_images: bool
    shot_videos: bool
    voices: bool
    film: bool
    subtitles: bool
    storyboard: bool
    screenplay: bool


class PackageConfigChange(BaseModel):
    """Only what is named is changed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"shot_images": False}]})

    shot_images: bool | None = None
    shot_videos: bool | None = None
    voices: bool | None = None
    film: bool | None = None
    subtitles: bool | None = None
    storyboard: bool | None = None
    screenplay: bool | None = None


class PackageRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"priority": 1}]})

    priority: Urgency = 1


class PackageView(BaseModel):
    episode: str
    config: PackageConfigView
    state: Literal["pending", "packing", "done", "failed"]
    reason: str
    bytes: int | None = Field(description="Of the ZIP that was packed last.")
    files: int | None
    packed_at: datetime | None
    task: int | None = Field(description="The task that will pack it, or packs it; null where nobody asked.")
    url: str | None = Field(description="Where it is downloaded, once it is done.")


@router.get("", responses=errors_of(403, 404))
def read_a_package(episode: EpisodeKey, place: Place, allowed: Allowed = may(Action.VIEW)) -> PackageView:
    """What goes into the episode's ZIP, and how it stands."""
    with place.database.read() as session:
        return _show(episode, read_package(session, find_episode(session, episode)))


@router.patch("", responses=errors_of(403, 404))
def change_package_config(
    episode: EpisodeKey, body: PackageConfigChange, place: Place, allowed: Allowed = may(Action.PACKAGE_MAKE)
) -> PackageView:
    """Choose what goes into the ZIP that is packed next."""
    with place.database.write() as session:
        found = find_episode(session, episode)
        set_package_config(session, found, body.model_dump(exclude_none=True))
        session.flush()
        return _show(episode, read_package(session, found))


@router.post("", status_code=ACCEPTED, responses=errors_of(403, 404, 409))
def package_an_episode(
    episode: EpisodeKey,
    place: Place,
    once: OnceOnly,
    allowed: Allowed = may(Action.PACKAGE_MAKE),
    body: PackageRequest = PackageRequest(),
) -> AskedTask:
    """Have the ZIP packed; one that is of the same files already is kept."""

    def ask(session: Session) -> Asked:
        return ask_for(
            session,
            TaskAction.PACKAGE,
            episode=find_episode(session, episode),
            origin=Origin.PERSON,
            requested_by=allowed.who,
            priority=priority_of(body.priority),
        )

    return ask_for_task(place, once, allowed.who, ask)


def _show(episode: str, found: PackageStanding) -> PackageView:
    done = found.state == "done"
    return PackageView(
        episode=episode,
        config=PackageConfigView(**found.config.to_document()),
        state=found.state,  # type: ignore[arg-type]
        reason=found.reason,
        bytes=found.bytes,
        files=found.files,
        packed_at=found.packed_at,
        task=found.task,
        url=f"/api/v1/episodes/{episode}/package/file" if done else None,
    )
