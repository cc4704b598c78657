"""Teams of an organisation, and what their members are in the projects that they work on."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts import teams
from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.organisations import MOST_ORGANISATION, seen_organisation
from aianime_pipeline.accounts.rights import Action, Role
from aianime_pipeline.db.models import Organisation, Team
from api.dependencies import Id, Name, Place, administrator, logged_in
from api.errors import errors_of
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(prefix="/teams", tags=["teams"])

_NAME = r"^[^\x00-\x1f\x7f]+$"
TeamName = Annotated[str, Field(min_length=1, max_length=teams.MOST_NAME, pattern=_NAME)]
OrganisationName = Annotated[str, Field(min_length=1, max_length=MOST_ORGANISATION, pattern=_NAME)]


class NewTeam(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"organisation": "studio", "name": "night shift"}]}
    )

    organisation: OrganisationName
    name: TeamName


class ChangedTeam(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: TeamName


class TeamView(BaseModel):
    id: int
    organisation: str
    name: str
    created_by: str
    created_at: datetime


class Roles(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"roles": ["key_animator", "reviewer"]}]})

    roles: Annotated[list[Role], Field(min_length=1, max_length=len(Role))] = Field(
        description="What they may do adds up."
    )


class MemberView(BaseModel):
    user: str
    display_name: str
    roles: list[Role]


@router.get("", responses=errors_of(403, 404))
def list_teams(
    place: Place,
    caller: Caller = logged_in(Action.VIEW),
    paging: Paging = paged(),
    organisation: Annotated[
        str | None, Query(min_length=1, max_length=MOST_ORGANISATION, pattern=_NAME, description="Only its teams.")
    ] = None,
) -> Page[TeamView]:
    """The teams of the organisations in which the caller is in a team; an administrator's are all."""
    with place.database.one_moment() as session:
        query = teams.visible_teams(caller)
        if organisation is not None:
            query = query.where(Team.organisation_id == seen_organisation(session, caller, organisation).id)
        return paging.page(
            session, query, Team.id, lambda team: show_team(team, session.get_one(Organisation, team.organisation_id))
        )


@router.post("", status_code=201, responses=errors_of(403, 404, 409))
def create_a_team(body: NewTeam, place: Place, caller: Caller = administrator()) -> TeamView:
    """Make a team."""
    with place.database.write() as session:
        made = teams.create_team(session, body.organisation, body.name, who=caller.name)
        return show_team(made, session.get_one(Organisation, made.organisation_id))


@router.get("/{team}", responses=errors_of(403, 404))
def read_team(team: Id, place: Place, caller: Caller = logged_in(Action.VIEW)) -> TeamView:
    """One team."""
    with place.database.one_moment() as session:
        found = teams.seen_team(session, caller, team)
        return show_team(found, session.get_one(Organisation, found.organisation_id))


@router.patch("/{team}", responses=errors_of(403, 404, 409))
def change_team(team: Id, body: ChangedTeam, place: Place, caller: Caller = administrator()) -> TeamView:
    """Give a team another name."""
    with place.database.write() as session:
        found = teams.rename_team(session, team, body.name)
        return show_team(found, session.get_one(Organisation, found.organisation_id))


@router.delete("/{team}", status_code=204, responses=errors_of(403, 404))
def delete_team(team: Id, place: Place, caller: Caller = administrator()) -> None:
    """Remove a team: its members lose what they were in projects through it."""
    with place.database.write() as session:
        teams.remove_team(session, team, who=caller.name)


@router.get("/{team}/members", responses=errors_of(403, 404))
def list_team_members(
    team: Id, place: Place, caller: Caller = logged_in(Action.VIEW), paging: Paging = paged()
) -> Page[MemberView]:
    """Who is in the team, by name."""
    with place.database.read() as session:
        found = teams.team_members(session, teams.seen_team(session, caller, team))
    return paging.slice(found, lambda member: member.user, show_member)


@router.put("/{team}/members/{member}", responses=errors_of(403, 404, 409))
def set_team_member(team: Id, member: Name, body: Roles, place: Place, caller: Caller = administrator()) -> MemberView:
    """Take a user into the team, or change what they are in it."""
    with place.database.write() as session:
        return show_member(teams.set_team_member(session, team, member, body.roles, who=caller.name))


@router.delete("/{team}/members/{member}", status_code=204, responses=errors_of(403, 404))
def remove_team_member(team: Id, member: Name, place: Place, caller: Caller = administrator()) -> None:
    """Take a user out of the team."""
    with place.database.write() as session:
        teams.remove_team_member(session, team, member, who=caller.name)


def show_team(team: Team, organisation: Organisation) -> TeamView:
    return TeamView(
        id=team.id,
        organisation=organisation.name,
        name=team.name,
        created_by=team.created_by,
        created_at=team.created_at,
    )


def show_member(member: teams.Member) -> MemberView:
    return MemberView(user=member.user, display_name=member.display_name, roles=list(member.roles))
