"""Organisations: whose the projects and teams are."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.organisations import (
    MOST_ORGANISATION,
    create_organisation,
    remove_organisation,
    seen_organisation,
    visible_organisations,
)
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Organisation
from api.dependencies import Name, Place, administrator, logged_in
from api.errors import errors_of
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(prefix="/organisations", tags=["organisations"])


class NewOrganisation(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "studio"}]})

    name: Annotated[str, Field(min_length=1, max_length=MOST_ORGANISATION, pattern=r"^[^\x00-\x1f\x7f/]+$")] = Field(
        description="Projects and budgets name it by this, so it does not change."
    )


class OrganisationView(BaseModel):
    id: int
    name: str
    created_by: str
    created_at: datetime


@router.get("", responses=errors_of(403))
def list_organisations(
    place: Place, caller: Caller = logged_in(Action.VIEW), paging: Paging = paged()
) -> Page[OrganisationView]:
    """The organisations of the caller's teams and projects; an administrator's are all."""
    with place.database.read() as session:
        return paging.page(session, visible_organisations(caller), Organisation.id, show_organisation)


@router.post("", status_code=201, responses=errors_of(403, 409))
def create_an_organisation(body: NewOrganisation, place: Place, caller: Caller = administrator()) -> OrganisationView:
    """Make an organisation."""
    with place.database.write() as session:
        return show_organisation(create_organisation(session, body.name, who=caller.name))


@router.get("/{organisation}", responses=errors_of(403, 404))
def read_organisation(organisation: Name, place: Place, caller: Caller = logged_in(Action.VIEW)) -> OrganisationView:
    """One organisation."""
    with place.database.read() as session:
        return show_organisation(seen_organisation(session, caller, organisation))


@router.delete("/{organisation}", status_code=204, responses=errors_of(403, 404, 409))
def delete_organisation(organisation: Name, place: Place, caller: Caller = administrator()) -> None:
    """Remove an organisation that has neither teams nor projects."""
    with place.database.write() as session:
        remove_organisation(session, organisation)


def show_organisation(row: Organisation) -> OrganisationView:
    return OrganisationView(id=row.id, name=row.name, created_by=row.created_by, created_at=row.created_at)
