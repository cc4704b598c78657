"""Projects, generations and their usage as rows, with no provider behind them."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Generation, Notice, Project, ProviderUsage
from aianime_pipeline.production.budgets.limits import Subject, list_budgets, set_budget
from aianime_pipeline.production.budgets.reserving import release, reserve, settle
from aianime_pipeline.production.budgets.rules import Standing
from aianime_pipeline.production.usage.queries import UsageFilters, UsageTotal, usage_totals
from aianime_pipeline.production.usage.recording import record_usage
from aianime_pipeline.providers.prices import MICROS, Units

PRICE = {"from": "2026-01-01", "currency": "CNY", "per_image": "1"}


def add_project(database: Database, slug: str = "p", **values: Any) -> Project:
    with database.write() as session:
        project = Project(slug=slug, title=slug, **values)
        session.add(project)
    return project


def add_generation(session: Session, project: Project, **values: Any) -> Generation:
    given: dict[str, Any] = {
        "project_id": project.id,
        "capability": "image",
        "provider": "ark",
        "model": "seedream",
        "route": "ark/seedream",
        "request_digest": "",
        "requested_by": "li",
        "price": PRICE,
        "run_id": "run",
        "worker_id": "worker",
    }
    row = Generation(**(given | values))
    session.add(row)
    session.flush()
    return row


def ask(
    database: Database,
    project: Project,
    micros: int | None,
    *,
    currency: str = "CNY",
    at: datetime | None = None,
    **values: Any,
) -> int:
    """A generation with its reservation, in one transaction as when it is asked for. Returns its id."""
    with database.write() as session:
        row = add_generation(session, project, reserved_micros=micros or 0, **values)
        reserve(session, row, project, micros, currency, at or datetime.now(UTC))
        return row.id


def use(session: Session, row: Generation, cost: int, at: datetime, **values: Any) -> ProviderUsage:
    given: dict[str, Any] = {
        "units": Units(images=1),
        "latency_ms": 1_500,
        "attempts": 1,
        "currency": "CNY",
        "price": PRICE,
    }
    return record_usage(session, row, cost_micros=cost, at=at, **(given | values))


def budget(
    database: Database,
    name: str = "p",
    limit: float = 100,
    *,
    scope: str = "project",
    period: str = "month",
    currency: str = "CNY",
    hard: bool = True,
) -> Standing:
    """Set it; `limit` in whole units."""
    with database.write() as session:
        subject = Subject(scope, name, period, currency)
        return set_budget(session, subject, round(limit * MICROS), hard=hard, set_by="somebody")


def told(database: Database, kind: str | None = None) -> list[str]:
    """The texts of the notices, in order."""
    with database.read() as session:
        rows = session.scalars(sa.select(Notice).order_by(Notice.id)).all()
    return [row.text for row in rows if kind in (None, row.kind)]


def stands(database: Database, name: str = "p", *, period: str = "month", at: datetime | None = None) -> Standing:
    with database.read() as session:
        (found,) = [
            one
            for one in list_budgets(session, at=at)
            if one.terms.subject == name and one.terms.period == period and one.terms.currency == "CNY"
        ]
    return found


def used(database: Database, name: str = "p", **which: Any) -> tuple[float, float]:
    """Spent and reserved, in whole units."""
    found = stands(database, name, **which)
    return found.spent_micros / MICROS, found.reserved_micros / MICROS


def settle_at(database: Database, generation_id: int, cost: int) -> None:
    with database.write() as session:
        settle(session, generation_id, cost)


def release_of(database: Database, generation_id: int) -> None:
    with database.write() as session:
        release(session, generation_id)


def use_in_one(database: Database, project: Project, cost: int, at: datetime, **values: Any) -> ProviderUsage:
    """A generation that is settled at `cost` micro-units; `values` are of the generation, or of its usage."""
    of_usage = {
        name: values.pop(name) for name in list(values) if name in ("units", "latency_ms", "currency", "attempts")
    }
    with database.write() as session:
        return use(session, add_generation(session, project, **values), cost, at, **of_usage)


def sums(database: Database, filters: UsageFilters = UsageFilters(), **asked: Any) -> list[UsageTotal]:
    with database.read() as session:
        return usage_totals(session, filters, **asked)
