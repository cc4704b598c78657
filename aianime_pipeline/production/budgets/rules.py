"""Budget arithmetic: periods, room, thresholds, and which budgets count a price. Pure; money in micro-units."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from aianime_pipeline.providers.prices import amount

THRESHOLDS = (50, 80, 100)
"""Per cent of a budget, spent and reserved together, at which people are told."""


class Scope(StrEnum):
    PROJECT = "project"
    ORGANISATION = "organisation"


class Period(StrEnum):
    MONTH = "month"
    TOTAL = "total"


@dataclass(frozen=True)
class Terms:
    """A budget as it was set. `subject` is the project's slug or the organisation's."""

    id: int
    scope: str
    subject: str
    period: str
    currency: str
    limit_micros: int
    hard: bool


@dataclass(frozen=True)
class Standing:
    """How a budget stands in one of its periods: `current` is `2026-11`, or `total`."""

    terms: Terms
    current: str
    spent_micros: int = 0
    reserved_micros: int = 0

    @property
    def used_micros(self) -> int:
        return self.spent_micros + self.reserved_micros

    @property
    def left_micros(self) -> int:
        """Below 0 where more was spent than the limit."""
        return self.terms.limit_micros - self.used_micros

    @property
    def used_percent(self) -> float:
        """Spent and reserved together, of the limit; over 100 where it is overrun. Of a limit of nothing: 0 or 100."""
        if self.terms.limit_micros <= 0:
            return 100.0 if self.used_micros > 0 else 0.0
        return round(self.used_micros * 100 / self.terms.limit_micros, 2)

    @property
    def name(self) -> str:
        """Such as `the budget of moonlit for 2026-11`."""
        whose = (
            f"the organisation {self.terms.subject}" if self.terms.scope == Scope.ORGANISATION else self.terms.subject
        )
        return f"the budget of {whose} {'in total' if self.current == Period.TOTAL else f'for {self.current}'}"

    def missing(self, asked_micros: int) -> int:
        """How much of what is asked a hard budget has no room for. What costs nothing always fits."""
        if not self.terms.hard or asked_micros <= 0:
            return 0
        return max(0, asked_micros - self.left_micros)

    def to_document(self) -> dict[str, Any]:
        terms = self.terms
        return {
            "scope": terms.scope,
            "subject": terms.subject,
            "period": terms.period,
            "current": self.current,
            "currency": terms.currency,
            "hard": terms.hard,
            "limit_micros": terms.limit_micros,
            "spent_micros": self.spent_micros,
            "reserved_micros": self.reserved_micros,
            "left_micros": self.left_micros,
        }

    def in_words(self) -> str:
        """Such as `80.10 of 100.00 CNY (78.00 spent, 2.10 reserved)`."""
        return (
            f"{amount(self.used_micros)} of {amount(self.terms.limit_micros)} {self.terms.currency} "
            f"({amount(self.spent_micros)} spent, {amount(self.reserved_micros)} reserved)"
        )


def period_key(period: str, at: datetime) -> str:
    """The period of a budget that an instant is in: its month in UTC, or `total`."""
    return at.astimezone(UTC).strftime("%Y-%m") if period == Period.MONTH else Period.TOTAL.value


def month_start(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def reached(limit_micros: int, used_micros: int) -> list[int]:
    """The thresholds that so much is at or above. Nothing used reaches none, also of a limit of nothing."""
    if used_micros <= 0:
        return []
    return [percent for percent in THRESHOLDS if used_micros * 100 >= limit_micros * percent]


@dataclass(frozen=True)
class Cover:
    """What a price in some currency means to the budgets over it."""

    counted: list[Terms]
    refusing: list[Terms]
    """Hard ones that cannot count it: money fails closed."""
    blind: list[Terms]
    """Soft ones that cannot count it."""


def cover(budgets: Sequence[Terms], currency: str) -> Cover:
    """Which budgets count a price in `currency`.

    A budget in another currency stands aside where the same subject has one in this currency: somebody has said what
    may be spent in it. For a hard budget only another hard one is that.
    """
    counted = [terms for terms in budgets if terms.currency == currency]
    others = [terms for terms in budgets if terms.currency != currency]
    hard, soft = _subjects(terms for terms in counted if terms.hard), _subjects(counted)
    return Cover(
        counted,
        [terms for terms in others if terms.hard and (terms.scope, terms.subject) not in hard],
        [terms for terms in others if not terms.hard and (terms.scope, terms.subject) not in soft],
    )


def needs_budget(created_by: str | None, budgets: Sequence[Terms]) -> bool:
    """Whether a project may spend nothing because no budget is over it. `created_by` is who made it over the web, which
    whoever can log in may do: what it spends somebody else has to allow. None: the installation's owner made it."""
    return created_by is not None and not budgets


def _subjects(budgets: Iterable[Terms]) -> set[tuple[str, str]]:
    return {(terms.scope, terms.subject) for terms in budgets}
