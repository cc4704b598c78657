"""What was consumed and what it cost: sums and series, and every request as CSV."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.usage.exporting import csv_pieces
from aianime_pipeline.production.usage.queries import UsageFilters, UsageTotal, usage_totals
from aianime_pipeline.production.usage.ranges import Step, check_stretch
from aianime_pipeline.providers.capabilities import Capability
from api.chosen import chosen_project, projects_of
from api.dependencies import Allowed, Filter, Place, ProjectSlug, logged_in, may
from api.errors import errors_of
from api.instants import InstantQuery
from api.routing import Router

router = Router(tags=["usage"])

MOST_SUMS = 5_000
_By = Literal["project", "user", "provider", "model", "capability"]
_SUMS: dict[str, Any] = {
    "start": "2026-11-01",
    "project": None,
    "user": None,
    "provider": "ark",
    "model": None,
    "capability": None,
    "requests": 42,
    "images": 40,
    "video_seconds": 0.0,
    "audio_seconds": 0.0,
    "characters": 0,
    "tokens_in": 0,
    "tokens_out": 0,
    "latency_ms": 310_000,
    "cost_micros": 10_000_000,
    "currency": "CNY",
}
_CSV: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A row for each request that is settled when it begins, in order of time, in UTF-8.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


class UsageSums(BaseModel):
    """Sums of one group, in one currency: currencies are never added up. What is not told apart is null."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SUMS]})

    start: date | None = Field(None, description="First day (UTC) of the step; null in the totals.")
    project: str | None = None
    user: str | None = None
    provider: str | None = None
    model: str | None = None
    capability: str | None = None
    requests: int
    images: int
    video_seconds: float
    audio_seconds: float
    characters: int
    tokens_in: int
    tokens_out: int
    latency_ms: int = Field(description="Of all requests together.")
    cost_micros: int = Field(description="Millionths of a unit of the currency.")
    currency: str


class Usage(BaseModel):
    start: datetime | None
    end: datetime | None
    step: Step | None
    totals: Annotated[list[UsageSums], Field(max_length=MOST_SUMS, description="Of the whole time.")]
    series: Annotated[
        list[UsageSums],
        Field(max_length=MOST_SUMS, description="In steps, in order of time; empty where no step was asked for."),
    ]


class UsageFilter:
    """Whose usage a request asks for, and of when."""

    def __init__(
        self,
        organisation: Filter = None,
        user: Filter = None,
        provider: Filter = None,
        model: Filter = None,
        capability: Annotated[Capability | None, Query()] = None,
        start: InstantQuery = None,
        end: InstantQuery = None,
    ) -> None:
        check_stretch(start, end)
        self.start, self.end = start, end
        self._named = {
            "organisation": organisation,
            "user": user,
            "provider": provider,
            "model": model,
            "capability": capability,
        }

    def of(self, project: str | None, within: frozenset[int] | None = None) -> UsageFilters:
        return UsageFilters(project=project, within=within, **self._named)


@dataclass(frozen=True)
class Grouping:
    by: list[str]
    step: Step | None


def _grouping(
    by: Annotated[list[_By], Query(max_length=5, description="What sums are told apart by; may be repeated.")] = [],  # noqa: B006
    step: Annotated[Step | None, Query(description="Also in steps of this length.")] = None,
) -> Grouping:
    return Grouping(list(dict.fromkeys(by)), step)


@router.get("/usage", responses=errors_of(403, 404))
def read_usage(
    place: Place,
    caller: Caller = logged_in(),
    project: Filter = None,
    asked: UsageFilter = Depends(),
    grouping: Grouping = Depends(_grouping),
) -> Usage:
    """What was consumed in the projects whose usage the caller may see, or in one of them."""
    return _read(place, _filters(place, caller, project, asked), asked, grouping)


@router.get("/usage.csv", response_class=StreamingResponse, responses={**_CSV, **errors_of(403, 404)})
def export_usage(
    place: Place, caller: Caller = logged_in(), project: Filter = None, asked: UsageFilter = Depends()
) -> StreamingResponse:
    """The same as a file for a spreadsheet, a row for each request. A text that a spreadsheet would take for a formula
    begins with a quotation mark."""
    return _streamed(place, _filters(place, caller, project, asked), asked, "usage.csv")


@router.get("/projects/{project}/usage", responses=errors_of(403, 404))
def read_project_usage(
    project: ProjectSlug,
    place: Place,
    allowed: Allowed = may(Action.USAGE_VIEW),
    asked: UsageFilter = Depends(),
    grouping: Grouping = Depends(_grouping),
) -> Usage:
    """What was consumed in a project."""
    return _read(place, asked.of(project), asked, grouping)


@router.get(
    "/projects/{project}/usage.csv", response_class=StreamingResponse, responses={**_CSV, **errors_of(403, 404)}
)
def export_project_usage(
    project: ProjectSlug, place: Place, allowed: Allowed = may(Action.USAGE_VIEW), asked: UsageFilter = Depends()
) -> StreamingResponse:
    """The project's requests as a file for a spreadsheet."""
    return _streamed(place, asked.of(project), asked, f"{project}-usage.csv")


def _filters(place: Installation, caller: Caller, project: str | None, asked: UsageFilter) -> UsageFilters:
    with place.database.read() as session:
        if project is not None:
            return asked.of(chosen_project(session, caller, project, Action.USAGE_VIEW).slug)
        return asked.of(None, projects_of(session, caller, Action.USAGE_VIEW))


def _read(place: Installation, filters: UsageFilters, asked: UsageFilter, grouping: Grouping) -> Usage:
    def sums(step: Step | None) -> list[UsageSums]:
        found = usage_totals(
            session, filters, by=grouping.by, start=asked.start, end=asked.end, step=step, most=MOST_SUMS
        )
        return [_show(total) for total in found]

    with place.database.one_moment() as session:
        return Usage(
            start=asked.start,
            end=asked.end,
            step=grouping.step,
            totals=sums(None),
            series=sums(grouping.step) if grouping.step is not None else [],
        )


def _show(total: UsageTotal) -> UsageSums:
    return UsageSums.model_validate(total.to_document())


def _streamed(place: Installation, filters: UsageFilters, asked: UsageFilter, name: str) -> StreamingResponse:
    going = csv_pieces(place.database, filters, start=asked.start, end=asked.end)
    # The first piece is there before the answer begins, so that what goes wrong by then is still an error.
    first = next(going)
    disposition = f'attachment; filename="{name}"'
    return StreamingResponse(
        chain([first], going), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
    )
