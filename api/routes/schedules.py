"""Schedules: work that is asked for again and again, of a project, or of the whole installation."""

from datetime import datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Schedule
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.schedules.keeping import (
    change_schedule,
    create_schedule,
    find_schedule,
    remove_schedule,
    schedule_document,
)
from aianime_pipeline.scheduling.catching_up import CatchUp
from api.dependencies import Allowed, Name, Place, ProjectSlug, administrator, may
from api.errors import errors_of
from api.paging import Page, Paging, paged
from api.routes.work import PipelineStage
from api.routing import Router
from api.schemas.tasks import ShotNumbers

router = Router(tags=["schedules"])

ScheduleName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f/]+$")]
Cron = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[ -~]+$")]
Zone = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")]
Grace = Annotated[int, Field(ge=60, le=31 * 86_400, description="Nothing is run that is later than this, in seconds.")]
ProjectAction = Literal["pipeline", "images", "videos", "film", "package"]
WholeAction = Literal["cleanup", "report"]


class ScheduleSettings(BaseModel):
    """Of the action; only what it takes."""

    model_config = ConfigDict(extra="forbid")

    episodes: Annotated[str, Field(max_length=1_000, pattern=r"^(all|[0-9 ,-]+)$")] | None = Field(
        default=None, description="`all`, also those that will come, or numbers such as `3-8,12`."
    )
    to: PipelineStage | None = Field(default=None, description="Of `pipeline`: its last stage.")
    shots: ShotNumbers | None = None
    force: bool | None = None
    dry_run: bool | None = Field(default=None, description="Of `cleanup`: only say what would go.")


class NewSchedule(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "nightly-images",
                    "cron": "0 3 * * *",
                    "time_zone": "Asia/Shanghai",
                    "action": "images",
                    "settings": {"episodes": "all"},
                }
            ]
        },
    )

    name: ScheduleName
    cron: Cron = Field(description="minute hour day month weekday")
    time_zone: Zone
    action: ProjectAction
    settings: ScheduleSettings = Field(default_factory=ScheduleSettings)
    enabled: bool = True
    catch_up: CatchUp = Field(default=CatchUp.LATEST, description="What becomes of times that passed unseen.")
    grace_seconds: Grace = 3600


class NewWholeSchedule(NewSchedule):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "clean", "cron": "0 4 * * SUN", "time_zone": "UTC", "action": "cleanup"}]
        },
    )

    action: WholeAction  # type: ignore[assignment]


class ScheduleChange(BaseModel):
    """Only what is named is changed; of `settings` likewise."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"revision": 3, "cron": "30 3 * * *"}]})

    revision: Annotated[int, Field(ge=1, le=2**31 - 1)] = Field(description="The one that was seen.")
    name: ScheduleName | None = None
    cron: Cron | None = None
    time_zone: Zone | None = None
    action: ProjectAction | WholeAction | None = None
    settings: ScheduleSettings | None = None
    enabled: bool | None = None
    catch_up: CatchUp | None = None
    grace_seconds: Grace | None = None


class ScheduleView(BaseModel):
    uid: str
    name: str
    project: str | None = Field(description="Null: it is of the whole installation.")
    cron: str
    time_zone: str
    action: str
    settings: dict[str, Any]
    enabled: bool
    catch_up: CatchUp
    grace_seconds: int
    revision: int = Field(description="Grows with every change.")
    created_by: str
    created_at: datetime
    updated_at: datetime
    problem: str = Field(description="Why it cannot be evaluated; empty while it can.")
    next: list[datetime] = Field(description="The next five times, in its time zone; none while it is off.")


@router.get("/projects/{project}/schedules", responses=errors_of(403, 404))
def list_project_schedules(
    project: ProjectSlug, place: Place, allowed: Allowed = may(Action.VIEW), paging: Paging = paged()
) -> Page[ScheduleView]:
    """A project's schedules, by their names."""
    query = sa.select(Schedule).where(Schedule.project_id == allowed.project_id)
    return _page(place, paging, query)


@router.post("/projects/{project}/schedules", status_code=201, responses=errors_of(403, 404, 409))
def create_project_schedule(
    project: ProjectSlug, body: NewSchedule, place: Place, allowed: Allowed = may(Action.SCHEDULE_EDIT)
) -> ScheduleView:
    """Have work of a project's episodes asked for again and again. It holds from now on."""
    with place.database.write() as session:
        slug = find_project(session, project).slug
        return _show(session, create_schedule(session, {**_values(body), "project": slug}, who=allowed.who))


@router.get("/schedules", responses=errors_of(403))
def list_installation_schedules(
    place: Place, caller: Caller = administrator(), paging: Paging = paged()
) -> Page[ScheduleView]:
    """The schedules of the whole installation, by their names."""
    return _page(place, paging, sa.select(Schedule).where(Schedule.project_id.is_(None)))


@router.post("/schedules", status_code=201, responses=errors_of(403, 409))
def create_installation_schedule(
    body: NewWholeSchedule, place: Place, caller: Caller = administrator()
) -> ScheduleView:
    """Have the installation cleaned up, or reported on, again and again."""
    with place.database.write() as session:
        return _show(session, create_schedule(session, _values(body), who=caller.name))


@router.get("/schedules/{schedule}", responses=errors_of(403, 404))
def read_schedule(schedule: Name, place: Place, allowed: Allowed = may(Action.VIEW)) -> ScheduleView:
    """One schedule with its next times."""
    with place.database.read() as session:
        return _show(session, find_schedule(session, schedule))


@router.patch("/schedules/{schedule}", responses=errors_of(403, 404, 409))
def change_a_schedule(
    schedule: Name, body: ScheduleChange, place: Place, allowed: Allowed = may(Action.SCHEDULE_EDIT)
) -> ScheduleView:
    """Change a schedule, unless somebody else was faster: then `409`. It holds at once."""
    changes = body.model_dump(mode="json", exclude_none=True, exclude={"revision"})
    with place.database.write() as session:
        changed = change_schedule(session, schedule, changes, who=allowed.who, revision=body.revision, stays=True)
        return _show(session, changed)


@router.delete("/schedules/{schedule}", status_code=204, responses=errors_of(403, 404, 409))
def delete_a_schedule(
    schedule: Name,
    place: Place,
    revision: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="The one that was seen; `409` where it has another by now.")
    ] = None,
    allowed: Allowed = may(Action.SCHEDULE_EDIT),
) -> Response:
    """A schedule is no more; what it has asked for stays."""
    with place.database.write() as session:
        remove_schedule(session, schedule, who=allowed.who, revision=revision)
    return Response(status_code=204)


def _values(body: NewSchedule) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_none=True)


def _page(place: Place, paging: Paging, query: sa.Select[Any]) -> Page[ScheduleView]:
    with place.database.read() as session:
        return paging.page(session, query, Schedule.name, lambda row: _show(session, row))


def _show(session: Session, row: Schedule) -> ScheduleView:
    return ScheduleView(**schedule_document(session, row, now()))
