"""Budgets as people set them, and how they stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Budget, BudgetPeriod, BudgetReservation, Generation, Project
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError, NotFoundError
from aianime_pipeline.production.budgets.notices import tell_thresholds
from aianime_pipeline.production.budgets.reserving import (
    budgets_over,
    exclude_reservations,
    locked_period,
    standing_of,
    terms_of,
)
from aianime_pipeline.production.budgets.rules import Period, Scope, Standing, Terms, month_start, period_key, reached
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.usage.queries import UsageFilters, organisations, usage_totals
from aianime_pipeline.providers.prices import amount

_OPEN = ("intent", "submitted", "ambiguous")
_HIGHEST = 9_000_000_000_000 * 1_000_000
"""In micro-units, of any currency: what the database's integers hold, and some room."""
_CURRENCY = re.compile("[A-Z]{3}")


@dataclass(frozen=True)
class Subject:
    """Which budget: whose (a project's slug or an organisation), for which period, in which currency. There is one."""

    scope: str
    name: str
    period: str
    currency: str


def set_budget(session: Session, subject: Subject, limit_micros: int, *, hard: bool = True, set_by: str) -> Standing:
    """Set a budget or change it, in the caller's write transaction.

    One that is new begins with what was spent and reserved already in its period; a changed limit changes neither.
    Raises BadSettingError and NotFoundError.
    """
    project = _checked(session, subject, limit_micros)
    if session.scalar(_of(subject)) is None:
        # What is reserved meanwhile would be missed.
        exclude_reservations(session)
    row = session.scalar(_locked(subject))
    if row is None:
        row = Budget(
            scope=subject.scope,
            subject=subject.name,
            period=subject.period,
            currency=subject.currency,
            limit_micros=limit_micros,
            hard=hard,
            set_by=set_by,
        )
        session.add(row)
        session.flush()
        _take_over(session, row)
    row.limit_micros, row.hard, row.set_by = limit_micros, hard, set_by
    session.flush()
    terms = terms_of(row)
    period = locked_period(session, row.id, period_key(row.period, now()))
    used = period.spent_micros + period.reserved_micros
    # A threshold that the new limit is below of again is told again when it is reached again.
    period.told_percent = min(period.told_percent, max(reached(limit_micros, used), default=0))
    tell_thresholds(session, terms, period, project.id if project is not None else None)
    session.flush()
    return standing_of(terms, period)


def remove_budget(session: Session, subject: Subject) -> None:
    """The budget is no more, with what it counted. Raises NotFoundError."""
    row = session.scalar(_locked(subject))
    if row is None:
        raise NotFoundError(
            f"{subject.name} has no budget for {_WORDS.get(subject.period, subject.period)} in {subject.currency}."
        )
    for table in (BudgetReservation, BudgetPeriod):
        session.execute(sa.delete(table).where(table.budget_id == row.id))
    session.delete(row)
    session.flush()


def list_budgets(session: Session, *, project: Project | None = None, at: datetime | None = None) -> list[Standing]:
    """How all budgets stand in their present periods; with a project, those that count what it spends."""
    if project is not None:
        terms = budgets_over(session, project)
    else:
        query = sa.select(Budget).order_by(Budget.scope, Budget.subject, Budget.period, Budget.currency)
        terms = [terms_of(row) for row in session.scalars(query)]
    return standings(session, terms, at or now())


def standings(session: Session, budgets: Sequence[Terms], at: datetime) -> list[Standing]:
    """How these stand in the periods that `at` is in."""
    keys = {terms.id: period_key(terms.period, at) for terms in budgets}
    rows = session.scalars(
        sa.select(BudgetPeriod)
        .where(BudgetPeriod.budget_id.in_(keys), BudgetPeriod.period.in_(set(keys.values())))
        .execution_options(populate_existing=True)
    )
    found = {row.budget_id: row for row in rows if keys[row.budget_id] == row.period}
    return [
        standing_of(terms, found[terms.id]) if terms.id in found else Standing(terms, keys[terms.id])
        for terms in budgets
    ]


def money_left(session: Session, project: Project, at: datetime | None = None) -> dict[str, int]:
    """By currency, in micro-units: what is left of the tightest budget over the project. Below 0 where it is overrun; a
    currency without a budget is not there."""
    left: dict[str, int] = {}
    for standing in list_budgets(session, project=project, at=at):
        currency = standing.terms.currency
        left[currency] = min(left.get(currency, standing.left_micros), standing.left_micros)
    return left


_WORDS = {Period.MONTH.value: "a month", Period.TOTAL.value: "all time"}


def _of(subject: Subject) -> sa.Select[Budget]:
    return (
        sa.select(Budget)
        .where(
            Budget.scope == subject.scope,
            Budget.subject == subject.name,
            Budget.period == subject.period,
            Budget.currency == subject.currency,
        )
        .execution_options(populate_existing=True)
    )


def _locked(subject: Subject) -> sa.Select[Budget]:
    # Reservations wait, who settles does not: the foreign keys of what it changes look at the budget's key only.
    return _of(subject).with_for_update(key_share=True)


def _take_over(session: Session, row: Budget) -> None:
    """Begin with what is open and what was spent before there was the budget. Nobody reserves while this goes on, and
    nobody settles what is found open: its row is locked, before the usage is read."""
    projects = _projects_of(session, row)
    opened = session.scalars(
        sa.select(Generation)
        .where(Generation.project_id.in_(projects), Generation.state.in_(_OPEN), Generation.reserved_micros > 0)
        .order_by(Generation.id)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    for generation in opened:
        if (generation.price or {}).get("currency") != row.currency:
            continue
        period = locked_period(session, row.id, period_key(row.period, generation.created_at))
        period.reserved_micros += generation.reserved_micros
        session.add(
            BudgetReservation(
                generation_id=generation.id,
                budget_id=row.id,
                period=period.period,
                micros=generation.reserved_micros,
            )
        )
        session.flush()
    at = now()
    whose = UsageFilters(project=row.subject) if row.scope == Scope.PROJECT else UsageFilters(organisation=row.subject)
    totals = usage_totals(session, whose, start=month_start(at) if row.period == Period.MONTH else None)
    period = locked_period(session, row.id, period_key(row.period, at))
    period.spent_micros = sum(total.cost_micros for total in totals if total.currency == row.currency)
    session.flush()


def _projects_of(session: Session, row: Budget) -> Sequence[int]:
    whose = Project.slug if row.scope == Scope.PROJECT else Project.organisation
    return session.scalars(sa.select(Project.id).where(whose == row.subject)).all()


def _checked(session: Session, subject: Subject, limit_micros: int) -> Project | None:
    """The project of a project's budget. Raises BadSettingError and NotFoundError."""
    for what, value, kinds in (("The scope", subject.scope, Scope), ("The period", subject.period, Period)):
        if value not in set(kinds):
            raise BadSettingError(f"{what} of a budget is {value!r}; it takes one of {', '.join(kinds)}.")
    if not _CURRENCY.fullmatch(subject.currency):
        raise BadSettingError(f"The currency is {subject.currency!r}; it takes three letters such as CNY.")
    if not 0 <= limit_micros <= _HIGHEST:
        raise BadSettingError(f"A limit of {amount(limit_micros)} {subject.currency} cannot be kept to.")
    if subject.scope == Scope.PROJECT:
        return find_project(session, subject.name)
    known = organisations(session)
    if subject.name not in known:
        raise NotFoundError(
            f"There is no organisation {subject.name!r}; there are: {', '.join(known) or 'none yet'}.",
            organisation=subject.name,
        )
    return None
