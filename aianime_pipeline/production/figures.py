"""How the installation stands in numbers, for whoever watches over it: tasks, shots, AI calls and their cost.

What is called a total never goes down: no row that it is counted from is ever removed (usage_days, generations), and
all of one reading is of one moment.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import Database, is_postgres
from aianime_pipeline.db.models import Generation, ProviderUsage, Shot, ShotStage, Task, UsageDay
from aianime_pipeline.db.models.base import now
from aianime_pipeline.db.models.money import WENT_WRONG
from aianime_pipeline.production.schedules.keeping import LOOKED_AT_NOTHING, looked_until
from aianime_pipeline.production.tasks.states import TaskState
from aianime_pipeline.production.usage.ranges import day_of

_MOST_SECONDS = 20
_STILL_OPEN = timedelta(days=2)
"""A day's sums may grow so long after it began, whatever the clocks of the machines say."""


@dataclass(frozen=True, order=True)
class Called:
    provider: str
    model: str
    capability: str


@dataclass(frozen=True)
class Calls:
    """Calls of one model that were settled. `seconds` is from the request to its settling, of `charged` calls: those
    that the provider did, whether or not their result was of use."""

    succeeded: int
    charged: int
    seconds: float
    failed: Mapping[str, int]
    """By kind of error."""
    ambiguous: int
    """Of which it is not known whether they were taken."""


@dataclass(frozen=True)
class Figures:
    """`oldest_waiting` is since when the task waits that could have been launched first; `schedules_looked_until` is
    up to when the dispatcher has asked for what was due, None before its first look."""

    read_at: datetime
    tasks: Mapping[str, int]
    oldest_waiting: datetime | None
    shot_stages: Mapping[tuple[str, str], int]
    """By stage and state, without shots that are retired."""
    calls: Mapping[Called, Calls]
    open_calls: Mapping[tuple[str, str], int]
    """By provider and state: intent or submitted."""
    cost_micros: Mapping[tuple[str, str, str], int]
    """By provider, model and currency."""
    schedules_looked_until: datetime | None


@dataclass
class _Sums:
    requests: Counter[Called] = field(default_factory=Counter)
    latency_ms: Counter[Called] = field(default_factory=Counter)
    cost_micros: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def with_more(self, other: "_Sums") -> "_Sums":
        # Counters lose their zeros when they are added up with a plus.
        both = _Sums(Counter(self.requests), Counter(self.latency_ms), Counter(self.cost_micros))
        both.requests.update(other.requests)
        both.latency_ms.update(other.latency_ms)
        both.cost_micros.update(other.cost_micros)
        return both


class FiguresReader:
    """Remembers the sums of days that are over, so that a reading stays quick after years."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._over: tuple[date, _Sums] | None = None

    def read(self) -> Figures:
        """Raises DBAPIError, on PostgreSQL also where it takes too long."""
        moment = now()
        with self._database.one_moment() as session:
            if is_postgres(session):
                session.execute(sa.text(f"SET LOCAL statement_timeout = '{_MOST_SECONDS}s'"))
            sums = self._sums(session, day_of(moment - _STILL_OPEN))
            looked = looked_until(session)
            return Figures(
                read_at=moment,
                tasks=_tasks(session),
                oldest_waiting=_oldest_waiting(session, moment),
                shot_stages=_shot_stages(session),
                calls=_calls(session, sums),
                open_calls=_open_calls(session),
                cost_micros=sums.cost_micros,
                schedules_looked_until=looked if looked > LOOKED_AT_NOTHING else None,
            )

    def _sums(self, session: Session, over: date) -> _Sums:
        if self._over is None or self._over[0] != over:
            self._over = over, _usage(session, UsageDay.day < over)
        return self._over[1].with_more(_usage(session, UsageDay.day >= over))


def _usage(session: Session, which: sa.ColumnElement[bool]) -> _Sums:
    key = (UsageDay.provider, UsageDay.model, UsageDay.capability, UsageDay.currency)
    columns = (UsageDay.requests, UsageDay.latency_ms, UsageDay.cost_micros)
    summed: list[sa.ColumnElement[Any]] = [sa.func.sum(column) for column in columns]
    query = sa.select(*key).add_columns(*summed).where(which).group_by(*key)
    sums = _Sums()
    for provider, model, capability, currency, requests, latency_ms, cost_micros in session.execute(query):
        called = Called(provider, model, capability)
        sums.requests[called] += int(requests)
        sums.latency_ms[called] += int(latency_ms)
        sums.cost_micros[provider, model, currency] += int(cost_micros)
    return sums


def _calls(session: Session, sums: _Sums) -> dict[Called, Calls]:
    charged_in_vain: Counter[Called] = Counter()
    ambiguous: Counter[Called] = Counter()
    failed: dict[Called, Counter[str]] = {}
    key = (Generation.provider, Generation.model, Generation.capability)
    # As text, so that the index on just these rows is used.
    query = (
        sa.select(*key, Generation.state, Generation.error_kind, sa.func.count(), sa.func.count(ProviderUsage.id))
        .outerjoin(ProviderUsage, ProviderUsage.generation_id == Generation.id)
        .where(sa.text(f"generations.{WENT_WRONG}"))
        .group_by(*key, Generation.state, Generation.error_kind)
    )
    for provider, model, capability, state, kind, count, charged in session.execute(query):
        called = Called(provider, model, capability)
        if state == "ambiguous":
            ambiguous[called] += count
            continue
        failed.setdefault(called, Counter())[kind or "unknown"] += count
        charged_in_vain[called] += charged
    return {
        called: Calls(
            succeeded=sums.requests[called] - charged_in_vain[called],
            charged=sums.requests[called],
            seconds=sums.latency_ms[called] / 1000,
            failed=failed.get(called, {}),
            ambiguous=ambiguous[called],
        )
        for called in sorted({*sums.requests, *failed, *ambiguous})
    }


def _open_calls(session: Session) -> dict[tuple[str, str], int]:
    query = (
        sa.select(Generation.provider, Generation.state, sa.func.count())
        .where(sa.text("generations.state IN ('intent', 'submitted')"))
        .group_by(Generation.provider, Generation.state)
    )
    return {(provider, state): count for provider, state, count in session.execute(query)}


def _tasks(session: Session) -> dict[str, int]:
    return dict(session.execute(sa.select(Task.state, sa.func.count()).group_by(Task.state)).all())


def _oldest_waiting(session: Session, moment: datetime) -> datetime | None:
    return session.scalar(
        sa.select(sa.func.min(Task.due_at)).where(Task.state == TaskState.WAITING.value, Task.due_at <= moment)
    )


def _shot_stages(session: Session) -> dict[tuple[str, str], int]:
    query = (
        sa.select(ShotStage.stage, ShotStage.state, sa.func.count())
        .join(Shot, Shot.id == ShotStage.shot_id)
        .where(Shot.retired.is_(False))
        .group_by(ShotStage.stage, ShotStage.state)
    )
    return {(stage, state): count for stage, state, count in session.execute(query)}
