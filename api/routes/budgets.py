"""What may be spent, by a project or by an organisation with all its projects, and how much of it is."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.production.budgets.limits import Subject, list_budgets, remove_budget, set_budget
from aianime_pipeline.production.budgets.rules import Period, Scope, Standing
from api.dependencies import Allowed, Name, Place, ProjectSlug, administrator, may
from api.errors import errors_of
from api.fields import YesOrNo
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(tags=["budgets"])

BudgetPeriod = Annotated[
    Period, Path(description="`month`: each month (UTC) anew; `total`: for all time.", examples=["month"])
]
Currency = Annotated[str, Path(pattern=r"^[A-Z]{3}$", examples=["CNY"])]
_HIGHEST = 9_000_000_000_000 * 1_000_000


class BudgetLimit(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"limit_micros": 500_000_000, "hard": True}]}
    )

    limit_micros: Annotated[
        int, Field(strict=True, ge=0, le=_HIGHEST, description="Millionths of the currency's unit.")
    ]
    hard: YesOrNo = Field(
        True, description="It refuses what does not fit, before anything is spent; else it only tells."
    )


class BudgetView(BaseModel):
    """How a budget stands in its present period. Money in millionths of the currency's unit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scope": "project",
                    "subject": "moonlit",
                    "period": "month",
                    "current": "2026-11",
                    "currency": "CNY",
                    "hard": True,
                    "limit_micros": 500_000_000,
                    "reserved_micros": 2_000_000,
                    "spent_micros": 120_000_000,
                    "left_micros": 378_000_000,
                    "used_percent": 24.4,
                }
            ]
        }
    )

    scope: Scope
    subject: str = Field(description="The project, or the organisation.")
    period: Period
    current: str = Field(description="Such as 2026-11, or total.")
    currency: str
    hard: bool
    limit_micros: int
    reserved_micros: int = Field(description="For requests that are on their way.")
    spent_micros: int
    left_micros: int = Field(description="Below 0 where more was spent than the limit.")
    used_percent: float = Field(description="Spent and reserved, of the limit.")


@router.get("/projects/{project}/budgets", responses=errors_of(403, 404))
def list_project_budgets(
    project: ProjectSlug, place: Place, allowed: Allowed = may(Action.USAGE_VIEW), paging: Paging = paged()
) -> Page[BudgetView]:
    """The project's own budgets. Those of its organisation, which count other projects too, are an administrator's."""
    with place.database.read() as session:
        found = [
            one for one in list_budgets(session) if (one.terms.scope, one.terms.subject) == (Scope.PROJECT, project)
        ]
    return _page(paging, found)


@router.put("/projects/{project}/budgets/{period}/{currency}", responses=errors_of(403, 404))
def set_project_budget(
    project: ProjectSlug,
    period: BudgetPeriod,
    currency: Currency,
    body: BudgetLimit,
    place: Place,
    caller: Caller = administrator(),
) -> BudgetView:
    """Set the project's budget, or change its limit: what was spent stays."""
    return _set(place, Subject(Scope.PROJECT, project, period, currency), body, caller.name)


@router.delete("/projects/{project}/budgets/{period}/{currency}", status_code=204, responses=errors_of(403, 404))
def delete_project_budget(
    project: ProjectSlug,
    period: BudgetPeriod,
    currency: Currency,
    place: Place,
    caller: Caller = administrator(),
) -> None:
    """Remove the budget. The usage stays."""
    with place.database.write() as session:
        remove_budget(session, Subject(Scope.PROJECT, project, period, currency))


@router.get("/budgets", responses=errors_of(403))
def list_all_budgets(place: Place, caller: Caller = administrator(), paging: Paging = paged()) -> Page[BudgetView]:
    """Every budget of the installation."""
    with place.database.read() as session:
        found = list_budgets(session)
    return _page(paging, found)


@router.get("/organisations/{organisation}/budgets", responses=errors_of(403))
def list_organisation_budgets(
    organisation: Name, place: Place, caller: Caller = administrator(), paging: Paging = paged()
) -> Page[BudgetView]:
    """The budgets that all projects of the organisation share."""
    whose = (Scope.ORGANISATION, organisation)
    with place.database.read() as session:
        found = [one for one in list_budgets(session) if (one.terms.scope, one.terms.subject) == whose]
    return _page(paging, found)


@router.put("/organisations/{organisation}/budgets/{period}/{currency}", responses=errors_of(403, 404))
def set_organisation_budget(
    organisation: Name,
    period: BudgetPeriod,
    currency: Currency,
    body: BudgetLimit,
    place: Place,
    caller: Caller = administrator(),
) -> BudgetView:
    """Set what all projects of the organisation may spend together; what was spent stays."""
    return _set(place, Subject(Scope.ORGANISATION, organisation, period, currency), body, caller.name)


@router.delete(
    "/organisations/{organisation}/budgets/{period}/{currency}", status_code=204, responses=errors_of(403, 404)
)
def delete_organisation_budget(
    organisation: Name,
    period: BudgetPeriod,
    currency: Currency,
    place: Place,
    caller: Caller = administrator(),
) -> None:
    """Remove the organisation's budget. The usage stays."""
    with place.database.write() as session:
        remove_budget(session, Subject(Scope.ORGANISATION, organisation, period, currency))


def _set(place: Place, subject: Subject, body: BudgetLimit, who: str) -> BudgetView:
    with place.database.write() as session:
        return _show(set_budget(session, subject, body.limit_micros, hard=body.hard, set_by=who))


def _page(paging: Paging, found: list[Standing]) -> Page[BudgetView]:
    return paging.slice(sorted(found, key=_key), _key, _show)


def _key(standing: Standing) -> str:
    terms = standing.terms
    return f"{terms.scope}/{terms.subject}/{terms.period}/{terms.currency}"


def _show(standing: Standing) -> BudgetView:
    return BudgetView.model_validate({**standing.to_document(), "used_percent": standing.used_percent})
