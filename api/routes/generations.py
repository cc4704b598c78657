"""What was asked of providers: the list, a person's word on what nobody else can know, and cancelling."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.membership import projects_allowing
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Generation
from aianime_pipeline.production.generations.people import cancel, generation_rows, resolve
from api.chosen import chosen_episode, chosen_project, projects_of
from api.dependencies import Allowed, Filter, Id, Place, logged_in, may
from api.errors import errors_of
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(prefix="/generations", tags=["generations"])

_State = Literal["intent", "submitted", "succeeded", "failed", "ambiguous", "cancelled"]
_GENERATION: dict[str, Any] = {
    "id": 12,
    "state": "succeeded",
    "project": "moonlit",
    "episode": "moonlit-e001",
    "shot": 7,
    "capability": "image",
    "provider": "ark",
    "model": "doubao-seedream-4-5",
    "route": "ark/seedream",
    "requested_by": "lin",
    "attempt": 1,
    "run_id": "5bd7e1a4-7c0e-4f4e-9a55-0d6f0f3c2b11",
    "request_id": "3f1c9a0e5d6b4c8f9a7e2b1d0c5f4e3a",
    "job": None,
    "reserved_micros": 250_000,
    "cost_micros": 250_000,
    "currency": "CNY",
    "error_kind": None,
    "error": "",
    "resolution": None,
    "resolved_by": None,
    "created_at": "2026-11-28T09:00:00Z",
    "submitted_at": "2026-11-28T09:00:01Z",
    "settled_at": "2026-11-28T09:00:09Z",
}


class GenerationView(BaseModel):
    """One request to a provider. Money in millionths of the currency's unit."""

    model_config = ConfigDict(json_schema_extra={"examples": [_GENERATION]})

    id: int
    state: _State
    project: str | None = Field(description="Null: of no project.")
    episode: str | None
    shot: int | None
    capability: str
    provider: str
    model: str = Field(description="As the vendor calls it.")
    route: str = Field(description="As the configuration calls it.")
    requested_by: str
    attempt: int
    run_id: str
    request_id: str | None = Field(description="The request to this service that asked for the work, where one did.")
    job: str | None = Field(description="The job at the vendor.")
    reserved_micros: int | None = Field(
        description="What was held of the budgets for it; null for who may not see usage."
    )
    cost_micros: int | None = Field(
        description="Null until it is settled, where nothing was charged, and for who may not see usage."
    )
    currency: str | None
    error_kind: str | None
    error: str = Field(description="In the vendor's words.")
    resolution: Literal["charged", "not_charged"] | None
    resolved_by: str | None
    created_at: datetime
    submitted_at: datetime | None
    settled_at: datetime | None


class Word(BaseModel):
    """What the vendor's own account says of it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"resolution": "charged", "job": "cgt-20261128-x7"}]}
    )

    resolution: Literal["charged", "not_charged"]
    job: Annotated[str | None, Field(min_length=1, max_length=500, pattern=r"^[!-~]+$")] = Field(
        None,
        description="With `charged`: the vendor's job, whose result is then fetched. Without one the expected cost is "
        "counted, and the result given up.",
    )


class Cancelled(BaseModel):
    generation: int
    cancelled: bool = Field(description="False: the vendor cannot give it up any more, and it goes on.")


@router.get("", responses=errors_of(403, 404))
def list_generations(
    place: Place,
    caller: Caller = logged_in(),
    state: Annotated[_State | None, Query(description="The ambiguous ones wait for a person's word.")] = None,
    project: Filter = None,
    episode: Filter = None,
    provider: Filter = None,
    paging: Paging = paged(),
) -> Page[GenerationView]:
    """What was asked of providers for the projects that the caller sees, the newest first."""
    with place.database.read() as session:
        projects = projects_of(session, caller, Action.VIEW)
        if project is not None:
            projects = frozenset({chosen_project(session, caller, project, Action.VIEW).id})
        chosen = chosen_episode(session, caller, episode, Action.VIEW) if episode is not None else None
        query = generation_rows(
            projects=projects,
            state=state,
            provider=provider,
            episode_id=chosen.id if chosen is not None else None,
            costs_of=projects_allowing(session, caller, Action.USAGE_VIEW),
        )
        return paging.joined(session, query, Generation.id, _show, newest_first=True)


@router.get("/{generation}", responses=errors_of(403, 404))
def read_generation(generation: Id, place: Place, allowed: Allowed = may(Action.VIEW)) -> GenerationView:
    """One of them."""
    with place.database.read() as session:
        return _one(session, generation, allowed)


@router.post("/{generation}/resolution", responses=errors_of(403, 404, 409))
def resolve_generation(
    generation: Id, body: Word, place: Place, allowed: Allowed = may(Action.GENERATION_RESOLVE)
) -> GenerationView:
    """Say of an ambiguous one whether it was charged, after looking it up at the vendor. It may be made again then."""
    resolve(place, generation, body.resolution, allowed.who, job_id=body.job)
    with place.database.read() as session:
        return _one(session, generation, allowed)


@router.post("/{generation}/cancel", responses=errors_of(403, 404, 409, 500, 502))
def cancel_generation(generation: Id, place: Place, allowed: Allowed = may(Action.GENERATION_RESOLVE)) -> Cancelled:
    """Ask the vendor to give up a job that is at work."""
    return Cancelled(generation=generation, cancelled=cancel(place, generation, allowed.who))


def _one(session: Session, generation: int, allowed: Allowed) -> GenerationView:
    costs_of = projects_allowing(session, allowed.caller, Action.USAGE_VIEW)
    return _show(*session.execute(generation_rows(costs_of=costs_of).where(Generation.id == generation)).one())


def _show(
    row: Generation,
    project: str | None,
    episode: str | None,
    shot: int | None,
    reserved: int | None,
    cost: int | None,
    currency: str | None,
) -> GenerationView:
    priced_in = row.price.get("currency") if row.price is not None else None
    same = {name: getattr(row, name) for name in GenerationView.model_fields if hasattr(Generation, name)}
    return GenerationView.model_validate(
        {
            **same,
            "project": project,
            "episode": episode,
            "shot": shot,
            "request_id": row.asked_in,
            "job": row.job_id,
            "reserved_micros": reserved,
            "cost_micros": cost,
            "currency": currency or priced_in,
        }
    )
