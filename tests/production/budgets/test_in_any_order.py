"""Whatever is reserved, settled and released in whatever order: a model beside the rows."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from support.spending import add_project, ask, budget, release_of, settle_at, stands, used

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Budget, BudgetPeriod, BudgetReservation, Event, Generation, Notice, Project
from aianime_pipeline.errors import BudgetExceededError
from aianime_pipeline.production.budgets.rules import period_key
from aianime_pipeline.providers.prices import MICROS

YUAN = MICROS
NOVEMBER = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)


class Spending(RuleBasedStateMachine):
    """Two budgets beside a model of them: the project's of a month, and its organisation's of all time."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        with database.write() as session:
            for table in (BudgetReservation, BudgetPeriod, Budget, Notice, Event, Generation, Project):
                session.execute(sa.delete(table))
        self.project = add_project(database)
        self.limits = {"p": 100, "studio": 150}
        budget(database, "p", 100)
        budget(database, "studio", 150, scope="organisation", period="total")
        self.held: dict[int, tuple[str, int]] = {}
        self.spent = {"2026-11": 0, "2026-12": 0}
        self.overrun = False

    def reserved(self, month: str | None = None) -> int:
        return sum(micros for when, micros in self.held.values() if month in (None, when))

    @rule(micros=st.integers(0, 60), at=st.sampled_from([NOVEMBER, DECEMBER]))
    def reserve(self, micros: int, at: datetime) -> None:
        month = period_key("month", at)
        of_month = self.limits["p"] - self.spent[month] - self.reserved(month)
        of_all = self.limits["studio"] - sum(self.spent.values()) - self.reserved()
        if micros and micros > min(of_month, of_all):
            with pytest.raises(BudgetExceededError) as caught:
                ask(self.database, self.project, micros * YUAN, at=at)
            assert caught.value.details["missing"] == (micros - min(of_month, of_all)) * YUAN
        else:
            self.held[ask(self.database, self.project, micros * YUAN, at=at)] = (month, micros)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), more=st.integers(-20, 20))
    def settle(self, data: st.DataObject, more: int) -> None:
        generation = data.draw(st.sampled_from(sorted(self.held)))
        month, micros = self.held.pop(generation)
        cost = max(0, micros + more)
        self.overrun |= cost > micros
        settle_at(self.database, generation, cost * YUAN)
        self.spent[month] += cost

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        generation = data.draw(st.sampled_from(sorted(self.held)))
        del self.held[generation]
        release_of(self.database, generation)

    @rule(limit=st.integers(100, 200))
    def raise_limit(self, limit: int) -> None:
        if limit >= self.limits["p"]:
            budget(self.database, "p", limit)
            self.limits["p"] = limit

    @invariant()
    def the_rows_say_what_happened(self) -> None:
        for month, at in (("2026-11", NOVEMBER), ("2026-12", DECEMBER)):
            assert used(self.database, at=at) == (self.spent[month], self.reserved(month))
        assert used(self.database, "studio", period="total") == (sum(self.spent.values()), self.reserved())

    @invariant()
    def no_reservation_exceeds_a_limit(self) -> None:
        if not self.overrun:
            assert stands(self.database, at=NOVEMBER).left_micros >= 0
            assert stands(self.database, "studio", period="total").left_micros >= 0

    @invariant()
    def no_threshold_is_told_twice(self) -> None:
        with self.database.read() as session:
            keys = session.scalars(sa.select(Notice.key)).all()
        assert len(keys) == len(set(keys))

    def teardown(self) -> None:
        for generation in self.held:
            release_of(self.database, generation)
        self.held.clear()
        self.the_rows_say_what_happened()


def test_whatever_the_order_nothing_is_lost_and_no_limit_exceeded(database: Database) -> None:
    run_state_machine_as_test(
        lambda: Spending(database), settings=settings(max_examples=15, stateful_step_count=25, deadline=None)
    )
