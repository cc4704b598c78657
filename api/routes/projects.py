"""Projects: list, create, read, change, and what the caller may do in one."""

from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.membership import visible_projects
from aianime_pipeline.accounts.organisations import MOST_ORGANISATION
from aianime_pipeline.accounts.rights import Action, Role
from aianime_pipeline.db.models import Project
from aianime_pipeline.production.projects.keeping import RATES, SIZES, change_project, create_project, find_project
from aianime_pipeline.production.shots.stages import ReviewMode
from api.dependencies import Allowed, Place, ProjectSlug, logged_in, may
from api.errors import errors_of
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(prefix="/projects", tags=["projects"])

_LINE = r"^[^\x00]*$"


class ProjectOptions(BaseModel):
    """Only what is named is changed."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str | None, Field(min_length=1, max_length=200, pattern=_LINE)] = None
    organisation: Annotated[
        str | None, Field(min_length=1, max_length=MOST_ORGANISATION, pattern=r"^[^\x00-\x1f\x7f/]+$")
    ] = Field(
        None, description="Whose budgets count what it spends from now on: one in whose teams the caller is director."
    )
    aspect: Literal["16:9", "9:16", "1:1"] | None = None
    size: Literal["480p", "720p", "1080p"] | None = None
    rate: Literal["24", "25", "30", "23.976"] | None = Field(None, description="Frames a second.")
    review_storyboard: ReviewMode | None = None
    review_image: ReviewMode | None = None
    review_video: ReviewMode | None = None
    review_voice: ReviewMode | None = None
    review_rubric: Annotated[str | None, Field(max_length=4000, pattern=_LINE)] = None
    review_threshold: Annotated[int | None, Field(ge=0, le=100)] = None
    retake_cap: Annotated[int | None, Field(ge=0, le=100)] = None
    auto_make: bool | None = None
    auto_export: bool | None = None
    auto_package: bool | None = None
    speed_up_speech: bool | None = None


class NewProject(ProjectOptions):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"slug": "moonlit", "title": "月光下", "aspect": "9:16", "review_image": "human"}]
        },
    )

    slug: Annotated[str, Field(min_length=1, max_length=48, pattern=r"^[a-z0-9-]+$")] = Field(
        description="Its short name, for ever: in episodes' keys and addresses."
    )
    style: Annotated[str | None, Field(max_length=2000, pattern=_LINE)] = Field(
        None, description="Later changes are made at `/style`, and kept on record."
    )
    negative_prompt: Annotated[str | None, Field(max_length=2000, pattern=_LINE)] = None
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$")] = "zh"


class ProjectView(BaseModel):
    slug: str
    title: str
    language: str
    organisation: str | None = Field(description="Null: nobody's.")
    width: int = Field(description="Pixels.")
    height: int
    aspect: str
    size: str
    rate: str
    style: str
    negative_prompt: str
    currency: str
    review_storyboard: ReviewMode
    review_image: ReviewMode
    review_video: ReviewMode
    review_voice: ReviewMode
    review_rubric: str
    review_threshold: int
    retake_cap: int
    auto_make: bool
    auto_export: bool
    auto_package: bool
    speed_up_speech: bool
    created_by: str | None


class MyPermissions(BaseModel):
    project: str
    roles: list[Role] = Field(description="The caller's jobs there; an administrator may have none.")
    is_admin: bool
    actions: list[Action] = Field(description="What the caller may do there, with this token or key.")


@router.get("", responses=errors_of(403))
def list_projects(place: Place, caller: Caller = logged_in(Action.VIEW), paging: Paging = paged()) -> Page[ProjectView]:
    """The projects that the caller sees."""
    with place.database.read() as session:
        query = sa.select(Project).where(Project.id.in_(visible_projects(caller)))
        return paging.page(session, query, Project.slug, show_project)


@router.post("", status_code=201, responses=errors_of(403, 404, 409))
def create_a_project(body: NewProject, place: Place, caller: Caller = logged_in()) -> ProjectView:
    """Make a project, whose director the caller then is. It spends nothing while neither it nor its organisation has a
    budget, which an administrator sets."""
    options = body.model_dump(exclude_unset=True, exclude_none=True, exclude={"slug", "language"})
    with place.database.write() as session:
        project = create_project(session, body.slug, options, language=body.language, caller=caller)
        return show_project(project)


@router.get("/{project}", responses=errors_of(404))
def read_project(project: ProjectSlug, place: Place, allowed: Allowed = may(Action.VIEW)) -> ProjectView:
    """One project with its options."""
    with place.database.read() as session:
        return show_project(find_project(session, project))


@router.patch("/{project}", responses=errors_of(403, 404, 409))
def change_a_project(
    project: ProjectSlug, body: ProjectOptions, place: Place, allowed: Allowed = may(Action.PROJECT_EDIT)
) -> ProjectView:
    """Change options; only what is named changes."""
    with place.database.write() as session:
        changes = body.model_dump(exclude_unset=True, exclude_none=True)
        return show_project(change_project(session, project, changes, allowed.caller))


@router.get("/{project}/my-permissions", responses=errors_of(404))
async def read_my_permissions(project: ProjectSlug, allowed: Allowed = may(Action.VIEW)) -> MyPermissions:
    """What the caller may do in this project."""
    return MyPermissions(
        project=project,
        roles=sorted(allowed.roles),
        is_admin=allowed.caller.is_admin,
        actions=sorted(allowed.actions),
    )


def show_project(project: Project) -> ProjectView:
    pixels, own = (project.width, project.height), f"{project.width}x{project.height}"
    known = [(aspect, size) for aspect, sizes in SIZES.items() for size, found in sizes.items() if found == pixels]
    aspect, size = known[0] if known else (own, own)
    rates = [name for name, rate in RATES.items() if rate == project.rate]
    return ProjectView.model_validate(
        {
            **{name: getattr(project, name) for name in ProjectView.model_fields if hasattr(Project, name)},
            "organisation": project.organisation or None,
            "aspect": aspect,
            "size": size,
            "rate": rates[0] if rates else str(project.rate),
        }
    )
