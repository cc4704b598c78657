"""What a generation consumed and cost: one row for each that is settled, and the day's sums with it.

Asked for in queries.py, written to files in exporting.py.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_or_add, insert_unless_there
from aianime_pipeline.db.models import Generation, Project, ProviderUsage, UsageDay
from aianime_pipeline.production.notices.telling import tell
from aianime_pipeline.production.usage.ranges import day_of, midnight
from aianime_pipeline.providers.prices import Units, amount

_MODEL = ("project_id", "provider", "model", "capability", "currency")
_DAY_KEY = (*_MODEL, "day", "requested_by")
_SUMS = ("images", "video_ms", "audio_ms", "characters", "tokens_in", "tokens_out", "latency_ms", "cost_micros")
DAY_SUMS = ("requests", *_SUMS)
"""What a row of usage_days holds the sums of."""

DEAR_TIMES = 5
_LOOKED_AT = 50
_ENOUGH = 20


def record_usage(
    session: Session,
    generation: Generation,
    *,
    units: Units,
    latency_ms: int,
    attempts: int,
    cost_micros: int,
    currency: str,
    price: dict[str, Any] | None,
    at: datetime,
) -> ProviderUsage:
    """The generation's usage row, written in the caller's transaction and added to its day; a second time, the row that
    is there. A call that cost far more than others of its model is told."""
    consumed = {name: count for name, count in asdict(units).items() if name in _SUMS}
    values: dict[str, Any] = {
        "project_id": generation.project_id,
        "requested_by": generation.requested_by,
        "provider": generation.provider,
        "model": generation.model,
        "capability": generation.capability,
        "currency": currency,
        "latency_ms": latency_ms,
        "cost_micros": cost_micros,
        **consumed,
    }
    row_only = {
        "generation_id": generation.id,
        "episode_id": generation.episode_id,
        "shot_id": generation.shot_id,
        "attempts": attempts,
        "created_at": at,
        **({"price": price} if price is not None else {}),
    }
    new = insert_unless_there(session, ProviderUsage, "generation_id", values | row_only)
    row = session.scalars(sa.select(ProviderUsage).where(ProviderUsage.generation_id == generation.id)).one()
    if new:
        insert_or_add(session, UsageDay, _DAY_KEY, values | {"day": day_of(at), "requests": 1}, DAY_SUMS)
        _tell_if_dear(session, row)
    return row


def usual_cost(cost: int, earlier: Sequence[int]) -> int | None:
    """The median of what earlier calls cost, where `cost` is more than 5 times that; None: it is not unusual, or there
    are too few (20) to say."""
    if len(earlier) < _ENOUGH:
        return None
    ordered = sorted(earlier)
    twice = ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]
    return twice // 2 if 2 * cost > DEAR_TIMES * twice else None


def _tell_if_dear(session: Session, row: ProviderUsage) -> None:
    if row.cost_micros <= 0:
        return
    usual = usual_cost(row.cost_micros, _earlier_costs(session, row))
    if usual is None:
        return
    slug = session.scalars(sa.select(Project.slug).where(Project.id == row.project_id)).one()
    tell(
        session,
        key=f"dear:{row.generation_id}",
        kind="dear_call",
        text=(
            f"One {row.capability} of {slug} by {row.provider}/{row.model} cost {amount(row.cost_micros)} "
            f"{row.currency}; the usual is {amount(usual)}."
        ),
        project_id=row.project_id,
    )


def _earlier_costs(session: Session, row: ProviderUsage) -> Sequence[int]:
    """Of the last calls of the same model before this one. The days that they are on are looked up first: there may be
    years of other calls between them."""
    days = session.execute(
        sa.select(UsageDay.day, sa.func.sum(UsageDay.requests))
        .where(*(getattr(UsageDay, name) == getattr(row, name) for name in _MODEL))
        .group_by(UsageDay.day)
        .order_by(UsageDay.day.desc())
        .limit(_LOOKED_AT + 1)
    ).all()
    first, calls = None, -1  # without this one
    for first, requests in days:  # noqa: B007 - the day where it stops
        calls += int(requests)
        if calls >= _LOOKED_AT:
            break
    if first is None or calls < _ENOUGH:
        return []
    return session.scalars(
        sa.select(ProviderUsage.cost_micros)
        .where(*(getattr(ProviderUsage, name) == getattr(row, name) for name in _MODEL))
        .where(ProviderUsage.created_at >= midnight(first), ProviderUsage.id != row.id)
        .order_by(ProviderUsage.created_at.desc(), ProviderUsage.id.desc())
        .limit(_LOOKED_AT)
    ).all()
