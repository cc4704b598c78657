"""How long things are kept: by project, and what a clean-up would remove."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Project
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.projects.retention import MOST_DAYS, retention_of, set_retention
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Origin, ask_for
from api.asking import ask_for_task
from api.dependencies import Allowed, Place, ProjectSlug, administrator, may
from api.errors import errors_of
from api.idempotency import OnceOnly
from api.routing import Router
from api.schemas.tasks import AskedTask

router = Router(tags=["retention"])

_Days = Annotated[int, Field(strict=True, ge=1, le=MOST_DAYS)] | Literal["forever"]
_USUAL: dict[str, Any] = {
    "superseded_takes": 30,
    "drafts": 30,
    "exports": "forever",
    "events": 30,
    "notices": 180,
}


class RetentionView(BaseModel):
    """Days, or `forever`."""

    model_config = ConfigDict(json_schema_extra={"examples": [_USUAL]})

    superseded_takes: _Days = Field(description="Files of takes in whose place another counts.")
    drafts: _Days = Field(description="Exports with slates in them.")
    exports: _Days = Field(description="Other exports; the episode's film always stays.")
    events: _Days = Field(description="What happened, for those who watch.")
    notices: _Days = Field(description="What people were told.")


class RetentionChanges(BaseModel):
    """Only what is named is changed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"drafts": 7, "notices": "forever"}]})

    superseded_takes: _Days | None = None
    drafts: _Days | None = None
    exports: _Days | None = None
    events: _Days | None = None
    notices: _Days | None = None


@router.get("/projects/{project}/retention", responses=errors_of(403, 404))
def read_retention(project: ProjectSlug, place: Place, allowed: Allowed = may(Action.VIEW)) -> RetentionView:
    """How many days the project keeps what it no longer needs."""
    with place.database.read() as session:
        return _show(find_project(session, project))


@router.patch("/projects/{project}/retention", responses=errors_of(403, 404))
def change_retention(
    project: ProjectSlug, body: RetentionChanges, place: Place, allowed: Allowed = may(Action.PROJECT_EDIT)
) -> RetentionView:
    """Keep things for more or fewer days. Who changed it is recorded."""
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    with place.database.write() as session:
        found = find_project(session, project)
        set_retention(session, found, retention_of(found).changed(changes), who=allowed.who)
        return _show(found)


@router.post("/cleanup/preview", status_code=202, responses=errors_of(403, 409))
def preview_cleanup(place: Place, once: OnceOnly, caller: Caller = administrator()) -> AskedTask:
    """Ask for a clean-up that removes nothing: its task's result is what one would remove."""
    return ask_for_task(
        place,
        once,
        caller.name,
        lambda session: ask_for(
            session,
            TaskAction.CLEANUP,
            settings={"dry_run": True},
            origin=Origin.PERSON,
            requested_by=caller.name,
        ),
    )


def _show(project: Project) -> RetentionView:
    return RetentionView.model_validate(retention_of(project).to_document())
