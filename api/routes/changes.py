"""Who changed what of a project: exports and their label, retention, members."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import ProjectChange
from api.dependencies import Allowed, Place, ProjectSlug, may
from api.errors import errors_of
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(tags=["changes"])


class ProjectChangeView(BaseModel):
    """`before` and `after` are `{"value": …}`, or `{}` where there was or is none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 4,
                    "at": "2026-11-28T09:00:00Z",
                    "who": "lin",
                    "field": "export_preset.ai_label",
                    "before": {"value": True},
                    "after": {"value": False},
                }
            ]
        }
    )

    id: int
    at: datetime
    who: str
    field: str = Field(description="Such as `export_preset.ai_label` or `retention.drafts`.")
    before: dict[str, Any]
    after: dict[str, Any]


@router.get("/projects/{project}/changes", responses=errors_of(403, 404))
def list_project_changes(
    project: ProjectSlug, place: Place, allowed: Allowed = may(Action.VIEW), paging: Paging = paged()
) -> Page[ProjectChangeView]:
    """What was changed of the project, by whom and when, the newest first."""
    query = sa.select(ProjectChange).where(ProjectChange.project_id == allowed.project_id)
    with place.database.read() as session:
        return paging.page(session, query, ProjectChange.id, _show, newest_first=True)


def _show(row: ProjectChange) -> ProjectChangeView:
    return ProjectChangeView(
        id=row.id, at=row.created_at, who=row.who, field=row.field, before=row.before, after=row.after
    )
