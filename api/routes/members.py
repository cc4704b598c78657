"""Who works on a project: people by themselves, and teams."""

from typing import Annotated

from pydantic import BaseModel, Field

from aianime_pipeline.accounts import members
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.accounts.teams import MOST_MEMBERS, team_members
from aianime_pipeline.db.models import Organisation, Team
from api.dependencies import Allowed, Id, Name, Place, ProjectSlug, may
from api.errors import errors_of
from api.paging import Page, Paging, paged
from api.routes.teams import MemberView, Roles, show_member
from api.routing import Router

router = Router(prefix="/projects/{project}", tags=["members"])


class ProjectTeamView(BaseModel):
    id: int
    organisation: str
    name: str
    members: Annotated[list[MemberView], Field(max_length=MOST_MEMBERS)]


@router.get("/members", responses=errors_of(403, 404))
def list_project_members(
    project: ProjectSlug, place: Place, allowed: Allowed = may(Action.VIEW), paging: Paging = paged()
) -> Page[MemberView]:
    """Those that the project names itself, by name; who made it is its director besides."""
    assert allowed.project_id is not None
    with place.database.read() as session:
        found = members.project_members(session, allowed.project_id)
    return paging.slice(found, lambda member: member.user, show_member)


@router.put("/members/{member}", responses=errors_of(403, 404, 409))
def set_project_member(
    project: ProjectSlug, member: Name, body: Roles, place: Place, allowed: Allowed = may(Action.MEMBERS_EDIT)
) -> MemberView:
    """Take a user into the project, or change their roles. That counts in place of what their teams say."""
    with place.database.write() as session:
        return show_member(members.set_project_member(session, project, member, body.roles, who=allowed.who))


@router.delete("/members/{member}", status_code=204, responses=errors_of(403, 404))
def remove_project_member(
    project: ProjectSlug, member: Name, place: Place, allowed: Allowed = may(Action.MEMBERS_EDIT)
) -> None:
    """Take a user's own entry out: they are what their teams say, if anything."""
    with place.database.write() as session:
        members.remove_project_member(session, project, member, who=allowed.who)


@router.get("/teams", responses=errors_of(403, 404))
def list_project_teams(
    project: ProjectSlug, place: Place, allowed: Allowed = may(Action.VIEW), paging: Paging = paged()
) -> Page[ProjectTeamView]:
    """The teams that work on the project, with their members."""
    assert allowed.project_id is not None
    with place.database.one_moment() as session:

        def show(team: Team) -> ProjectTeamView:
            return ProjectTeamView(
                id=team.id,
                organisation=session.get_one(Organisation, team.organisation_id).name,
                name=team.name,
                members=[show_member(member) for member in team_members(session, team)],
            )

        return paging.page(session, members.project_teams(allowed.project_id), Team.id, show)


@router.put("/teams/{team}", status_code=204, responses=errors_of(403, 404))
def add_project_team(project: ProjectSlug, team: Id, place: Place, allowed: Allowed = may(Action.MEMBERS_EDIT)) -> None:
    """Have a team work on the project: one of an organisation in which the caller is in a team."""
    with place.database.write() as session:
        members.add_project_team(session, project, team, allowed.caller)


@router.delete("/teams/{team}", status_code=204, responses=errors_of(403, 404))
def remove_project_team(
    project: ProjectSlug, team: Id, place: Place, allowed: Allowed = may(Action.MEMBERS_EDIT)
) -> None:
    """Have a team work on the project no longer."""
    with place.database.write() as session:
        members.remove_project_team(session, project, team, who=allowed.who)
