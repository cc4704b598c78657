"""What the caller has to know: their own notices, those of the projects that they see, and for administrators those of
the installation."""

from datetime import datetime
from typing import Annotated, Any, Self

import sqlalchemy as sa
from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Notice, NoticeRead, Project
from aianime_pipeline.production.notices.readers import (
    count_unread,
    mark_read_up_to,
    notices_of,
    reader_of,
)
from aianime_pipeline.production.notices.telling import mark_read
from api.chosen import chosen_project
from api.dependencies import MOST_ID, Filter, Place, logged_in
from api.errors import errors_of
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(prefix="/notifications", tags=["notifications"])

_NoticeId = Annotated[int, Field(strict=True, ge=1, le=MOST_ID)]
_NOTICE: dict[str, Any] = {
    "id": 31,
    "at": "2026-11-28T09:00:00Z",
    "kind": "task_done",
    "text": "Done: the images of moonlit-e001",
    "project": "moonlit",
    "link": "",
    "mine": True,
    "read_at": None,
}


class NoticeView(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_NOTICE]})

    id: int
    at: datetime
    kind: str
    text: str
    project: str | None = Field(description="Null: it is about no single one.")
    link: str
    mine: bool = Field(description="It is for the caller by name; else for everybody of its project.")
    read_at: datetime | None = Field(description="When the caller read it.")


class Unread(BaseModel):
    unread: int


class Seen(BaseModel):
    """One of the two."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"ids": [31, 32]}, {"up_to": 32}]})

    ids: list[_NoticeId] | None = Field(None, min_length=1, max_length=200, description="These.")
    up_to: _NoticeId | None = Field(
        None, description="All up to this one, the newest that the caller has seen: what was told since stays new."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.ids is None) == (self.up_to is None):
            raise ValueError("name either ids or up_to")
        return self


class Marked(BaseModel):
    marked: int = Field(description="How many were unread until now.")
    unread: int = Field(description="How many are left.")


@router.get("", responses=errors_of(403, 404))
def list_notifications(
    place: Place,
    caller: Caller = logged_in(Action.VIEW),
    unread: Annotated[bool, Query(description="Only what the caller has not read yet.")] = False,
    project: Filter = None,
    paging: Paging = paged(),
) -> Page[NoticeView]:
    """What the caller has to know, the newest first."""
    with place.database.read() as session:
        reader = reader_of(session, caller)
        found = chosen_project(session, caller, project, Action.VIEW) if project is not None else None
        query = (
            notices_of(reader, unread=unread, project_id=found.id if found is not None else None)
            .add_columns(Project.slug, NoticeRead.read_at)
            .outerjoin(Project, Project.id == Notice.project_id)
            .outerjoin(NoticeRead, sa.and_(NoticeRead.notice_id == Notice.id, NoticeRead.user == reader.user))
        )
        return paging.joined(session, query, Notice.id, _show, newest_first=True)


@router.get("/count", responses=errors_of(403))
def count_notifications(place: Place, caller: Caller = logged_in(Action.VIEW)) -> Unread:
    """How many the caller has not read yet."""
    with place.database.read() as session:
        return Unread(unread=count_unread(session, reader_of(session, caller)))


@router.post("/read", responses=errors_of(403))
def mark_notifications_read(body: Seen, place: Place, caller: Caller = logged_in(Action.VIEW)) -> Marked:
    """The caller has read these. Others have not: everybody reads for themselves."""
    with place.database.write() as session:
        reader = reader_of(session, caller)
        if body.ids is not None:
            marked = mark_read(session, body.ids, user=reader.user, readable=reader.readable)
        else:
            marked = mark_read_up_to(session, reader, body.up_to or 0)
        return Marked(marked=marked, unread=count_unread(session, reader))


def _show(row: Notice, project: str | None, read: datetime | None) -> NoticeView:
    return NoticeView(
        id=row.id,
        at=row.created_at,
        kind=row.kind,
        text=row.text,
        project=project,
        link=row.link,
        mine=row.user is not None,
        read_at=read,
    )
