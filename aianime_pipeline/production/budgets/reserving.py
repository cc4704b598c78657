"""Budgets at work: room is reserved before a request is sent, and becomes spending or room again when it has ended.

All of it happens in the caller's write transaction. What may not be exceeded is the sum of what is spent and reserved
in a budget's period, and the period's row is locked while it changes: so it holds however many processes ask at once.
Locks are taken in one order everywhere (the generation, then budgets, then periods, each by id), so that none of them
wait for each other in a circle. Limits are set in limits.py; the arithmetic is in rules.py.
"""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_unless_there, is_postgres
from aianime_pipeline.db.models import Budget, BudgetPeriod, BudgetReservation, Generation, Project
from aianime_pipeline.errors import BudgetCurrencyError, BudgetExceededError, BudgetMissingError, PriceMissingError
from aianime_pipeline.production.budgets.notices import tell_blind, tell_overrun, tell_thresholds, tell_unpriced
from aianime_pipeline.production.budgets.rules import Scope, Standing, Terms, cover, needs_budget, period_key
from aianime_pipeline.providers.prices import amount

_ADVISORY_LOCK = 0x62_75_64_67


def reserve(
    session: Session, generation: Generation, project: Project, micros: int | None, currency: str, at: datetime
) -> None:
    """Hold `micros` of every budget over the project for the generation; None: its price is not known.

    Raises BudgetExceededError, BudgetCurrencyError or PriceMissingError where a hard budget does not allow it, and
    BudgetMissingError where there has to be one: nothing is held then, of any budget. A soft budget never refuses; what
    it cannot count is told once.
    """
    session.flush()
    _lock_budgets(session, shared=True)
    budgets = [terms_of(row) for row in session.scalars(_over(project).with_for_update(read=True))]
    covered = cover(budgets, currency)
    if micros != 0 and needs_budget(project.created_by, budgets):
        raise _missing_refusal(project)
    if micros is None:
        _refuse_unpriced(budgets, generation, at)
    elif micros > 0 and covered.refusing:
        raise _currency_refusal(covered.refusing[0], currency, at)
    asked = micros or 0
    rows = [locked_period(session, terms.id, period_key(terms.period, at)) for terms in covered.counted]
    standings = [standing_of(terms, row) for terms, row in zip(covered.counted, rows, strict=True)]
    lacking = max(standings, key=lambda standing: standing.missing(asked), default=None)
    if lacking is not None and lacking.missing(asked):
        raise _room_refusal(lacking, asked)
    for row in rows:
        row.reserved_micros += asked
        session.add(
            BudgetReservation(generation_id=generation.id, budget_id=row.budget_id, period=row.period, micros=asked)
        )
    session.flush()
    for terms, row in zip(covered.counted, rows, strict=True):
        tell_thresholds(session, terms, row, project.id)
    if micros is None:
        tell_unpriced(session, budgets, _asked(generation.route, generation.provider, generation.model), project.id)
    elif micros > 0:
        tell_blind(session, covered.blind, currency, project.id)


def settle(session: Session, generation_id: int, cost_micros: int) -> None:
    """What was reserved for the generation is spent now, at its real cost: in the period of the reservation, also when
    another has begun. A second time, and where nothing was reserved, nothing happens.

    More than was reserved counts too, whatever the limit: it is owed. That is told once for each model and period.
    """
    for held in _take_back(session, generation_id):
        held.row.reserved_micros -= held.micros
        held.row.spent_micros += cost_micros
        tell_thresholds(session, held.terms, held.row, held.project_id)
        if held.priced and cost_micros > held.micros:
            standing = standing_of(held.terms, held.row)
            tell_overrun(session, standing, held.asked, held.micros, cost_micros, held.project_id)
    session.flush()


def release(session: Session, generation_id: int) -> None:
    """What was reserved for the generation is free again: it failed before it cost anything. A second time, nothing
    happens."""
    for held in _take_back(session, generation_id):
        held.row.reserved_micros -= held.micros
    session.flush()


def exclude_reservations(session: Session) -> None:
    """Nobody reserves until the caller's transaction ends; who is at it ends first."""
    _lock_budgets(session, shared=False)


def budgets_over(session: Session, project: Project) -> list[Terms]:
    """The budgets that count what the project spends: its own and its organisation's."""
    return [terms_of(row) for row in session.scalars(_over(project))]


def terms_of(row: Budget) -> Terms:
    return Terms(row.id, row.scope, row.subject, row.period, row.currency, row.limit_micros, row.hard)


def standing_of(terms: Terms, row: BudgetPeriod) -> Standing:
    return Standing(terms, row.period, row.spent_micros, row.reserved_micros)


def locked_period(session: Session, budget_id: int, period: str) -> BudgetPeriod:
    """The row of a budget's period, made if there is none, locked until the transaction ends."""
    values = {
        "budget_id": budget_id,
        "period": period,
        "reserved_micros": 0,
        "spent_micros": 0,
        "told_percent": 0,
    }
    insert_unless_there(session, BudgetPeriod, ("budget_id", "period"), values)
    return session.get_one(BudgetPeriod, (budget_id, period), with_for_update=True, populate_existing=True)


class _Held(NamedTuple):
    """What was held until now, with the row of its period."""

    terms: Terms
    row: BudgetPeriod
    micros: int
    project_id: int | None
    asked: str
    """Which model was asked."""
    priced: bool


def _over(project: Project) -> sa.Select[Budget]:
    own = sa.and_(Budget.scope == Scope.PROJECT, Budget.subject == project.slug)
    shared = sa.and_(Budget.scope == Scope.ORGANISATION, Budget.subject == project.organisation)
    return sa.select(Budget).where(sa.or_(own, shared)).order_by(Budget.id).execution_options(populate_existing=True)


def _lock_budgets(session: Session, *, shared: bool) -> None:
    # SQLite has one writer at a time anyway.
    if is_postgres(session):
        lock = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
        session.execute(sa.select(lock(_ADVISORY_LOCK)))


def _take_back(session: Session, generation_id: int) -> list[_Held]:
    """The generation's reservations, deleted; the rows of their periods, locked and not changed yet."""
    # The generation is locked first: a budget that is set for the first time looks at what is open at that moment.
    generation = session.execute(
        sa.select(Generation.project_id, Generation.route, Generation.provider, Generation.model, Generation.price)
        .where(Generation.id == generation_id)
        .with_for_update()
    ).one_or_none()
    if generation is None:
        return []
    asked = _asked(generation.route, generation.provider, generation.model)
    reservations = session.scalars(
        sa.select(BudgetReservation)
        .where(BudgetReservation.generation_id == generation_id)
        .order_by(BudgetReservation.budget_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    taken = []
    for reservation in reservations:
        row = locked_period(session, reservation.budget_id, reservation.period)
        terms = terms_of(session.get_one(Budget, reservation.budget_id, populate_existing=True))
        priced = generation.price is not None
        taken.append(_Held(terms, row, reservation.micros, generation.project_id, asked, priced))
        session.delete(reservation)
    return taken


def _asked(route: str, provider: str, model: str) -> str:
    """A generation's model as the configuration calls it, or the vendor."""
    return route or f"{provider}/{model}"


def _refuse_unpriced(budgets: list[Terms], generation: Generation, at: datetime) -> None:
    hard = next((terms for terms in budgets if terms.hard), None)
    if hard is None:
        return
    name = Standing(hard, period_key(hard.period, at)).name
    what = f"{generation.provider}/{generation.model}"
    raise PriceMissingError(
        f"The price of {what} ({generation.capability}) is not known, and {name} is a hard one: give the model a price "
        "in the providers' configuration, or set the budget with --soft.",
        budget=_named(hard, at),
        provider=generation.provider,
        model=generation.model,
        capability=generation.capability,
    )


def _missing_refusal(project: Project) -> BudgetMissingError:
    return BudgetMissingError(
        f"{project.slug} was made over the web, and no budget says what it may spend: an administrator sets one for "
        "it, or it is moved to an organisation that has one.",
        project=project.slug,
    )


def _currency_refusal(terms: Terms, currency: str, at: datetime) -> BudgetCurrencyError:
    name = Standing(terms, period_key(terms.period, at)).name
    return BudgetCurrencyError(
        f"The price is in {currency} and {name} in {terms.currency}, which cannot count it: set a budget in {currency} "
        f"as well, or set the one in {terms.currency} with --soft.",
        budget=_named(terms, at),
        currency=terms.currency,
        asked_currency=currency,
    )


def _room_refusal(standing: Standing, asked: int) -> BudgetExceededError:
    missing, currency = standing.missing(asked), standing.terms.currency
    return BudgetExceededError(
        f"{amount(asked)} {currency} is asked of {standing.name}, of which {amount(max(0, standing.left_micros))} "
        f"{currency} is left: used is {standing.in_words()}. {amount(missing)} {currency} is missing.",
        budget={"scope": standing.terms.scope, "subject": standing.terms.subject, "period": standing.current},
        limit=standing.terms.limit_micros,
        spent=standing.spent_micros,
        reserved=standing.reserved_micros,
        asked=asked,
        missing=missing,
        currency=currency,
    )


def _named(terms: Terms, at: datetime) -> dict[str, Any]:
    return {"scope": terms.scope, "subject": terms.subject, "period": period_key(terms.period, at)}
