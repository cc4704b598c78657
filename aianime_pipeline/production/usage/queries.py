"""Questions to the usage: sums by whatever one likes over any stretch of time, and the rows themselves.

Whole days are answered from their sums (`usage_days`), which are some dozen rows for each project and day, and only
what sticks out at the ends of the stretch from the rows of those two days. Days are UTC.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import is_postgres
from aianime_pipeline.db.models import Organisation, Project, ProviderUsage, UsageDay
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.usage.ranges import Step, step_start, stretch
from aianime_pipeline.production.usage.recording import DAY_SUMS

BY = ("project", "user", "provider", "model", "capability")
"""What sums may be told apart by."""

_COLUMNS = {"project": "project_id", "user": "requested_by"}
"""Where a column is not called as its `BY`."""


@dataclass(frozen=True)
class UsageFilters:
    """Only the usage of these. `project` is a slug; None: of all. `within` are ids of projects: what is outside of them
    counts as if it were not there."""

    project: str | None = None
    organisation: str | None = None
    user: str | None = None
    provider: str | None = None
    model: str | None = None
    capability: str | None = None
    within: frozenset[int] | None = None


@dataclass(frozen=True)
class UsageTotal:
    """Sums of one group in one step. `start` is the step's first day, None where all time is one. Currencies are never
    added up, so each has a total of its own."""

    start: date | None
    by: Mapping[str, str]
    currency: str
    requests: int
    images: int
    video_ms: int
    audio_ms: int
    characters: int
    tokens_in: int
    tokens_out: int
    latency_ms: int
    cost_micros: int

    def to_document(self) -> dict[str, Any]:
        """JSON-ready; lengths in seconds."""
        sums = {name: getattr(self, name) for name in DAY_SUMS}
        seconds = {f"{medium}_seconds": sums.pop(f"{medium}_ms") / 1000 for medium in ("video", "audio")}
        cost = sums.pop("cost_micros")
        start = {"start": self.start.isoformat()} if self.start is not None else {}
        return {**start, **self.by, **sums, **seconds, "cost_micros": cost, "currency": self.currency}


def usage_totals(
    session: Session,
    filters: UsageFilters = UsageFilters(),
    *,
    by: Sequence[str] = (),
    start: datetime | None = None,
    end: datetime | None = None,
    step: str | None = None,
    most: int | None = None,
) -> list[UsageTotal]:
    """The sums from `start` until before `end` (None: without an end on that side), told apart by `by` and in steps of
    a day, week or month; in order of time, then of `by`. A step that the stretch cuts has what lies in the stretch.

    Raises BadSettingError for a `by` or `step` that there is not and for more than `most` sums, of which no query
    reads more than one too many; NotFoundError for a project.
    """
    _check(by, step)
    projects = project_ids(session, filters)
    asked = stretch(start, end)
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(DAY_SUMS))
    if asked.has_days:
        query = _query(UsageDay, filters, by, projects)
        if asked.first is not None:
            query = query.where(UsageDay.day >= asked.first)
        if asked.last is not None:
            query = query.where(UsageDay.day < asked.last)
        if step is not None:
            first_day = _first_day(session, Step(step))
            query = query.add_columns(first_day).group_by(first_day)
        for row in _read(session, query, most):
            _add(sums, row, len(by) + 1, row[-1] if step is not None else None)
        _refuse_more(sums, most)
    if asked.ragged and projects is None:
        # The index that finds the rows of a day begins with the project.
        projects = session.scalars(sa.select(Project.id)).all()
    for part in asked.ragged:
        within = (ProviderUsage.created_at >= part.start, ProviderUsage.created_at < part.end)
        for row in _read(session, _query(ProviderUsage, filters, by, projects).where(*within), most):
            _add(sums, row, len(by) + 1, step_start(part.day, Step(step)) if step is not None else None)
        _refuse_more(sums, most)
    return _totals(session, by, sums)


def project_ids(session: Session, filters: UsageFilters) -> Sequence[int] | None:
    """Of the projects that the filters leave, None for all. Raises NotFoundError."""
    if filters.project is None and filters.organisation is None and filters.within is None:
        return None
    projects = sa.select(Project.id)
    if filters.project is not None:
        found = find_project(session, filters.project)
        if filters.organisation is None and filters.within is None:
            return (found.id,)
        projects = projects.where(Project.id == found.id)
    if filters.within is not None:
        projects = projects.where(Project.id.in_(filters.within))
    if filters.organisation is not None:
        projects = projects.where(Project.organisation == filters.organisation)
    return session.scalars(projects).all()


def organisations(session: Session) -> list[str]:
    """That there are, and those that projects name though nobody made them."""
    named = sa.select(Project.organisation).where(Project.organisation != "")
    return sorted(session.scalars(sa.union(sa.select(Organisation.name), named)))


def filtered(
    table: type[UsageDay] | type[ProviderUsage], filters: UsageFilters, projects: Sequence[int] | None
) -> Iterator[sa.ColumnElement[bool]]:
    """The filters as conditions on either table, the projects being looked up already."""
    if projects is not None:
        yield table.project_id.in_(projects)
    for field in fields(filters):
        wanted = getattr(filters, field.name)
        if wanted is not None and field.name not in ("project", "organisation", "within"):
            yield _column(table, field.name) == wanted


def _check(by: Sequence[str], step: str | None) -> None:
    for name in by:
        if name not in BY:
            raise BadSettingError(f"Usage is not told apart by {name!r}; it takes {', '.join(BY)}.")
    if step is not None and step not in set(Step):
        raise BadSettingError(f"The step is {step!r}; it takes one of {', '.join(Step)}.")


def _column(table: type[UsageDay] | type[ProviderUsage], by: str) -> Any:
    return getattr(table, _COLUMNS.get(by, by))


def _query(
    table: type[UsageDay] | type[ProviderUsage],
    filters: UsageFilters,
    by: Sequence[str],
    projects: Sequence[int] | None,
) -> sa.Select[Any]:
    """Of each group: `by`, the currency, then the sums in the order of DAY_SUMS."""
    groups = [*(_column(table, name) for name in by), table.currency]
    sums = [
        sa.func.count() if name == "requests" and table is ProviderUsage else sa.func.sum(getattr(table, name))
        for name in DAY_SUMS
    ]
    return sa.select(*groups, *sums).where(*filtered(table, filters, projects)).group_by(*groups)


def _read(session: Session, query: sa.Select[Any], most: int | None) -> sa.Result[Any]:
    return session.execute(query.limit(most + 1) if most is not None else query)


def _refuse_more(sums: Mapping[tuple[Any, ...], Any], most: int | None) -> None:
    if most is not None and len(sums) > most:
        raise BadSettingError(
            f"These are more than {most:,} sums, the most that are told at once: ask for less time, a longer step, or "
            "fewer groups.",
            field="by",
            most=most,
        )


def _first_day(session: Session, step: Step) -> sa.ColumnElement[date]:
    """The first day of a row's step, as the database reckons it: `usage_ranges.step_start` says what is right."""
    day = UsageDay.day
    if step is Step.DAY:
        return sa.type_coerce(day, sa.Date)
    if is_postgres(session):
        word: sa.ColumnElement[str] = sa.literal_column(f"'{step.value}'")
        return sa.cast(sa.func.date_trunc(word, sa.cast(day, sa.DateTime)), sa.Date)
    moves = {Step.WEEK: ("-6 days", "weekday 1"), Step.MONTH: ("start of month",)}[step]
    return sa.type_coerce(sa.func.date(day, *(sa.literal_column(f"'{move}'") for move in moves)), sa.Date)


def _add(sums: dict[tuple[Any, ...], list[int]], row: Sequence[Any], groups: int, start: date | None) -> None:
    into = sums[(start, *row[:groups])]
    for place, value in enumerate(row[groups : groups + len(DAY_SUMS)]):
        into[place] += int(value)


def _totals(session: Session, by: Sequence[str], sums: Mapping[tuple[Any, ...], list[int]]) -> list[UsageTotal]:
    slugs: dict[int, str] = {}
    if "project" in by:
        ids = {key[1 + list(by).index("project")] for key in sums}
        slugs = dict(session.execute(sa.select(Project.id, Project.slug).where(Project.id.in_(ids))).all())
    found = []
    for (start, *groups, currency), values in sums.items():
        named = {name: slugs[value] if name == "project" else value for name, value in zip(by, groups, strict=True)}
        found.append(UsageTotal(start, named, currency, *values))
    return sorted(found, key=lambda total: (total.start or date.min, *total.by.values(), total.currency))
