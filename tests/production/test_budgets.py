"""Room is reserved, spent or free again; no hard budget is exceeded, however many processes ask at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from support.processes import Script
from support.spending import add_generation, add_project, ask, budget, told, use

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import (
    Budget,
    BudgetPeriod,
    BudgetReservation,
    Generation,
    Notice,
    Project,
    ProviderUsage,
    UsageDay,
)
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import (
    BadSettingError,
    BudgetCurrencyError,
    BudgetExceededError,
    NotFoundError,
    PriceMissingError,
)
from aianime_pipeline.production.budget_limits import Subject, list_budgets, money_left, remove_budget
from aianime_pipeline.production.budget_rules import Standing, period_key
from aianime_pipeline.production.budgets import release, reserve, settle
from aianime_pipeline.providers.prices import MICROS

YUAN = MICROS
NOVEMBER = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)


@pytest.fixture
def project(database: Database) -> Project:
    return add_project(database)


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
    return found.spent_micros / YUAN, found.reserved_micros / YUAN


def settle_at(database: Database, generation_id: int, cost: int) -> None:
    with database.write() as session:
        settle(session, generation_id, cost)


def release_in_one(database: Database, generation_id: int) -> None:
    with database.write() as session:
        release(session, generation_id)


# One after the other


def test_what_is_reserved_is_spent_at_the_real_cost(database: Database, project: Project) -> None:
    budget(database)
    first, second = ask(database, project, 30 * YUAN), ask(database, project, 20 * YUAN)
    assert used(database) == (0, 50)
    settle_at(database, first, 25 * YUAN)
    assert used(database) == (25, 20)
    release_in_one(database, second)
    assert used(database) == (25, 0)
    assert stands(database).left_micros == 75 * YUAN


def test_settling_and_releasing_count_once(database: Database, project: Project) -> None:
    budget(database)
    first, second = ask(database, project, 30 * YUAN), ask(database, project, 20 * YUAN)
    for _ in range(2):
        settle_at(database, first, 30 * YUAN)
        release_in_one(database, first)
        release_in_one(database, second)
        settle_at(database, second, 20 * YUAN)
    assert used(database) == (30, 0)


def test_what_was_never_reserved_is_settled_without_a_trace(database: Database, project: Project) -> None:
    generation = ask(database, project, 30 * YUAN)
    budget(database)
    with database.write() as session:
        settle(session, generation + 1, YUAN)
        release(session, generation + 1)
    assert used(database) == (0, 30)


def test_what_does_not_fit_is_refused_with_what_is_missing_and_nothing_is_held(
    database: Database, project: Project
) -> None:
    budget(database, limit=100)
    budget(database, limit=50, period="total")
    settle_at(database, ask(database, project, 40 * YUAN), 39 * YUAN)
    ask(database, project, YUAN)
    with pytest.raises(BudgetExceededError) as caught:
        ask(database, project, 12_500_000)
    assert caught.value.details == {
        "budget": {"scope": "project", "subject": "p", "period": "total"},
        "limit": 50 * YUAN,
        "spent": 39 * YUAN,
        "reserved": YUAN,
        "asked": 12_500_000,
        "missing": 2_500_000,
        "currency": "CNY",
    }
    assert caught.value.message == (
        "12.50 CNY is asked of the budget of p in total, of which 10.00 CNY is left: used is 40.00 of 50.00 CNY "
        "(39.00 spent, 1.00 reserved). 2.50 CNY is missing."
    )
    assert used(database) == used(database, period="total") == (39, 1)
    ask(database, project, 10 * YUAN)
    assert stands(database, period="total").left_micros == 0


def test_a_refusal_that_the_caller_survives_holds_nothing_either(database: Database, project: Project) -> None:
    budget(database, limit=100)
    budget(database, limit=1, period="total")
    with database.write() as session:
        row = add_generation(session, project)
        with pytest.raises(BudgetExceededError):
            reserve(session, row, project, 2 * YUAN, "CNY", now())
    assert used(database) == used(database, period="total") == (0, 0)
    with database.read() as session:
        assert session.scalars(sa.select(BudgetReservation)).all() == []


def test_a_soft_budget_tells_and_never_refuses(database: Database, project: Project) -> None:
    budget(database, limit=10, hard=False)
    ask(database, project, 25 * YUAN)
    assert stands(database).left_micros == -15 * YUAN
    assert [text.split()[0] for text in told(database)] == ["50", "80", "100"]


def test_what_costs_nothing_fits_into_a_budget_of_nothing_and_into_one_that_is_overrun(
    database: Database, project: Project
) -> None:
    budget(database, limit=0)
    ask(database, project, 0)
    ask(database, project, 0, currency="USD")
    with pytest.raises(BudgetExceededError):
        ask(database, project, 1)
    budget(database, limit=5)
    settle_at(database, ask(database, project, 5 * YUAN), 9 * YUAN)
    ask(database, project, 0)


def test_an_organisations_budget_holds_for_all_its_projects_together(database: Database, project: Project) -> None:
    sister, stranger = add_project(database, "sister"), add_project(database, "stranger", organisation="others")
    budget(database, "studio", 10, scope="organisation")
    budget(database, "p", 8)
    ask(database, project, 6 * YUAN)
    ask(database, stranger, 50 * YUAN)
    with pytest.raises(BudgetExceededError, match="the budget of the organisation studio for"):
        ask(database, sister, 5 * YUAN)
    ask(database, sister, 4 * YUAN)
    assert used(database, "studio") == (0, 10)
    assert used(database, "p") == (0, 6)
    with pytest.raises(BudgetExceededError, match="the budget of the organisation studio"):
        ask(database, project, YUAN)


def test_each_month_is_anew_and_what_was_reserved_in_november_is_spent_there(
    database: Database, project: Project
) -> None:
    budget(database, limit=10)
    budget(database, limit=30, period="total")
    late = ask(database, project, 10 * YUAN, at=NOVEMBER)
    with pytest.raises(BudgetExceededError, match="for 2026-11"):
        ask(database, project, 1, at=NOVEMBER)
    ask(database, project, 10 * YUAN, at=DECEMBER)
    settle_at(database, late, 9 * YUAN)
    assert used(database, at=NOVEMBER) == (9, 0)
    assert used(database, at=DECEMBER) == (0, 10)
    assert used(database, period="total") == (9, 10)


def test_a_month_is_utcs(database: Database, project: Project) -> None:
    budget(database)
    shanghai = datetime.fromisoformat("2026-12-01T07:30+08:00")
    assert period_key("month", shanghai) == "2026-11"
    ask(database, project, YUAN, at=shanghai)
    assert used(database, at=NOVEMBER) == (0, 1)


# What cannot be counted


def test_a_hard_budget_in_another_currency_refuses_and_says_so(database: Database, project: Project) -> None:
    budget(database)
    with pytest.raises(BudgetCurrencyError, match=r"The price is in USD and the budget of p for .* in CNY") as caught:
        ask(database, project, YUAN, currency="USD")
    details = caught.value.details
    assert (details["currency"], details["asked_currency"], details["budget"]["subject"]) == ("CNY", "USD", "p")
    budget(database, currency="USD", hard=False)
    with pytest.raises(BudgetCurrencyError):
        ask(database, project, YUAN, currency="USD")


def test_a_subject_that_has_a_hard_budget_in_both_currencies_may_spend_both(
    database: Database, project: Project
) -> None:
    budget(database, limit=1)
    budget(database, limit=2, currency="USD", period="total")
    ask(database, project, YUAN)
    ask(database, project, 2 * YUAN, currency="USD")
    with pytest.raises(BudgetExceededError):
        ask(database, project, 1, currency="USD")
    assert told(database, "budget")[-1].startswith("100 % of the budget of p in total")


def test_a_soft_budget_in_another_currency_is_not_counted_and_that_is_told_once(
    database: Database, project: Project
) -> None:
    budget(database, hard=False)
    for _ in range(2):
        ask(database, project, 90 * YUAN, currency="USD")
    assert told(database) == ["USD is spent and not counted by the budget of p, which is in CNY."]
    assert used(database) == (0, 0)


def test_a_price_that_is_not_known_is_refused_by_a_hard_budget(database: Database, project: Project) -> None:
    budget(database, currency="USD")
    with pytest.raises(PriceMissingError, match="The price of ark/seedream \\(image\\) is not known") as caught:
        ask(database, project, None)
    assert (caught.value.details["provider"], caught.value.details["model"]) == ("ark", "seedream")


def test_a_price_that_is_not_known_is_told_once_of_a_soft_budget_and_its_real_cost_counts(
    database: Database, project: Project
) -> None:
    budget(database, hard=False)
    for _ in range(2):
        settle_at(database, ask(database, project, None, price=None), 3 * YUAN)
    assert told(database) == ["The price of ark/seedream is not known: nothing is reserved for it of the budget of p."]
    assert used(database) == (6, 0)


# What is told


def test_each_threshold_is_told_once_in_each_period(database: Database, project: Project) -> None:
    budget(database)
    held = [ask(database, project, 10 * YUAN, at=NOVEMBER) for _ in range(5)]
    assert told(database) == [
        "50 % of the budget of p for 2026-11 is used: 50.00 of 100.00 CNY (0.00 spent, 50.00 reserved)."
    ]
    release_in_one(database, held.pop())
    held += [ask(database, project, 10 * YUAN, at=NOVEMBER) for _ in range(3)]
    assert len(told(database)) == 1
    held.append(ask(database, project, 10 * YUAN, at=NOVEMBER))
    for generation in held:
        settle_at(database, generation, 10 * YUAN)
    ask(database, project, 20 * YUAN, at=NOVEMBER)
    assert [text.split()[0] for text in told(database)] == ["50", "80", "100"]
    ask(database, project, 100 * YUAN, at=DECEMBER)
    assert [text.split()[0] for text in told(database)] == ["50", "80", "100"] * 2


def test_the_notice_of_a_projects_budget_is_the_projects_and_an_organisations_is_everybodys(
    database: Database, project: Project
) -> None:
    budget(database, limit=2)
    budget(database, "studio", 2, scope="organisation")
    ask(database, project, YUAN)
    with database.read() as session:
        found = session.scalars(sa.select(Notice).order_by(Notice.id)).all()
    assert [(row.kind, row.project_id) for row in found] == [("budget", project.id), ("budget", None)]


def test_a_request_that_cost_more_than_reserved_is_counted_whole_and_told_once_for_its_model(
    database: Database, project: Project
) -> None:
    budget(database, limit=10)
    for _ in range(2):
        settle_at(database, ask(database, project, YUAN), 4 * YUAN)
    assert used(database) == (8, 0)
    told_of_it = [text for text in told(database) if "was reserved" in text]
    month = period_key("month", now())
    assert told_of_it == [
        "4.00 CNY was spent where 1.00 was reserved for a request to ark/seedream; "
        f"the budget of p for {month} counts all of it."
    ]
    settle_at(database, ask(database, project, 2 * YUAN), 7 * YUAN)
    assert stands(database).left_micros == -5 * YUAN
    with pytest.raises(BudgetExceededError, match=r"of which 0\.00 CNY is left"):
        ask(database, project, 1)


# Setting them


def test_changing_a_limit_keeps_the_spending_and_what_was_told(database: Database, project: Project) -> None:
    budget(database, limit=100)
    settle_at(database, ask(database, project, 90 * YUAN), 85 * YUAN)
    assert budget(database, limit=200).left_micros == 115 * YUAN
    assert budget(database, limit=200).left_micros == 115 * YUAN
    assert [text.split()[0] for text in told(database)] == ["50", "80"]
    ask(database, project, 75 * YUAN)
    assert told(database)[-1].startswith("80 % of"), "80 % of the new limit is news"
    budget(database, limit=160)
    assert told(database)[-1].startswith("100 % of")
    budget(database, limit=10, hard=False)
    ask(database, project, YUAN)
    assert stands(database).left_micros == -151 * YUAN


def test_a_first_budget_begins_with_what_was_used_before_in_its_period(database: Database, project: Project) -> None:
    at = now()
    with database.write() as session:
        for cost, when, more in (
            (5 * YUAN, at, {}),
            (7 * YUAN, at - timedelta(days=40), {}),
            (9 * YUAN, at, {"currency": "USD"}),
        ):
            use(session, add_generation(session, project, state="succeeded"), cost, when, **more)
    sister = add_project(database, "sister")
    with database.write() as session:
        use(session, add_generation(session, sister, state="succeeded"), YUAN, at)
    assert budget(database).spent_micros == 5 * YUAN
    assert budget(database, period="total").spent_micros == 12 * YUAN
    assert budget(database, "studio", scope="organisation").spent_micros == 6 * YUAN
    assert budget(database, "studio", scope="organisation", period="total", currency="USD").spent_micros == 9 * YUAN
    assert budget(database, period="total", limit=15).spent_micros == 12 * YUAN, "only a first one looks back"


def test_a_first_budget_holds_what_is_under_way(database: Database, project: Project) -> None:
    month_ago = now() - timedelta(days=40)
    open_now = ask(database, project, 3 * YUAN)
    ambiguous = ask(database, project, 2 * YUAN, state="ambiguous")
    earlier = ask(database, project, YUAN, created_at=month_ago)
    ask(database, project, 50 * YUAN, state="failed")
    ask(database, project, 50 * YUAN, price={"currency": "USD"}, currency="USD")
    budget(database, limit=5)
    assert used(database) == (0, 5)
    assert used(database, at=month_ago) == (0, 1)
    with pytest.raises(BudgetExceededError):
        ask(database, project, 1)
    settle_at(database, open_now, YUAN)
    release_in_one(database, ambiguous)
    release_in_one(database, earlier)
    assert used(database) == (1, 0)
    assert used(database, at=month_ago) == (0, 0)


def test_a_removed_budget_refuses_nothing_and_what_it_held_ends_well(database: Database, project: Project) -> None:
    budget(database, limit=5)
    held = ask(database, project, 5 * YUAN)
    with database.write() as session:
        remove_budget(session, Subject("project", "p", "month", "CNY"))
    ask(database, project, 500 * YUAN)
    settle_at(database, held, 5 * YUAN)
    with database.read() as session:
        assert list_budgets(session) == []
        assert session.scalars(sa.select(BudgetPeriod)).all() == []
    with pytest.raises(NotFoundError, match="p has no budget for a month in CNY"), database.write() as session:
        remove_budget(session, Subject("project", "p", "month", "CNY"))


def test_what_is_left_of_the_tightest_budget_is_told_by_currency(database: Database, project: Project) -> None:
    budget(database, limit=100)
    budget(database, limit=300, period="total")
    budget(database, "studio", 50, scope="organisation", period="total")
    budget(database, "studio", 7, scope="organisation", currency="USD")
    ask(database, project, 8 * YUAN, currency="CNY")
    other = add_project(database, "other", organisation="others")
    with database.read() as session:
        assert money_left(session, project) == {"CNY": 42 * YUAN, "USD": 7 * YUAN}
        assert money_left(session, other) == {}
        assert [one.terms.subject for one in list_budgets(session, project=project)] == ["p", "p", "studio", "studio"]


@pytest.mark.parametrize(
    ("given", "error", "right"),
    [
        ({"name": "nobody"}, NotFoundError, "there are: p"),
        ({"name": "nobody", "scope": "organisation"}, NotFoundError, "there are: studio"),
        ({"scope": "team"}, BadSettingError, "project, organisation"),
        ({"period": "week"}, BadSettingError, "month, total"),
        ({"currency": "yuan"}, BadSettingError, "three letters such as CNY"),
        ({"limit": -1}, BadSettingError, "cannot be kept to"),
        ({"limit": 1e13}, BadSettingError, "cannot be kept to"),
    ],
)
@pytest.mark.usefixtures("project")
def test_a_budget_of_nobody_or_of_nonsense_is_refused(
    database: Database, given: dict[str, Any], error: type[Exception], right: str
) -> None:
    with pytest.raises(error, match=right):
        budget(database, **given)


# Whatever the order


class Spending(RuleBasedStateMachine):
    """Two budgets beside a model of them: the project's of a month, and its organisation's of all time."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        with database.write() as session:
            for table in (BudgetReservation, BudgetPeriod, Budget, Notice, Generation, Project):
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
        release_in_one(self.database, generation)

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
            release_in_one(self.database, generation)
        self.held.clear()
        self.the_rows_say_what_happened()


def test_whatever_the_order_nothing_is_lost_and_no_limit_exceeded(database: Database) -> None:
    run_state_machine_as_test(
        lambda: Spending(database), settings=settings(max_examples=15, stateful_step_count=25, deadline=None)
    )


# At the same time

ALL_AT_ONCE = """
import multiprocessing, sys
from aianime_pipeline.db.engine import Database
from aianime_pipeline.errors import BudgetExceededError
from aianime_pipeline.db.models import Project
from aianime_pipeline.production.budgets import release, settle
from support.spending import ask

def work(number, url, start, made):
    database = Database(url)
    with database.read() as session:
        project = session.get_one(Project, int(sys.argv[2]))
    start.wait()
    count = 0
    while True:
        try:
            generation = ask(database, project, 1_000_000)
        except BudgetExceededError:
            break
        count += 1
        if number % 2:
            with database.write() as session:
                settle(session, generation, 1_000_000)
    made.put(count)

fork = multiprocessing.get_context("fork")
start, made = fork.Barrier(16), fork.Queue()
workers = [fork.Process(target=work, args=(number, sys.argv[1], start, made)) for number in range(16)]
for worker in workers:
    worker.start()
print(*(made.get(timeout=120) for _ in workers))
for worker in workers:
    worker.join()
"""


def test_of_16_processes_on_a_budget_with_room_for_100_requests_exactly_100_are_made(
    database: Database, migrated_url: str, project: Project
) -> None:
    budget(database, limit=100)
    budget(database, "studio", 1_000, scope="organisation", period="total")
    made = [int(word) for word in Script(ALL_AT_ONCE, migrated_url, project.id).end(180).split()]
    assert len(made) == 16
    assert sum(made) == 100
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Generation)) == 100
    found = stands(database)
    assert (found.used_micros, found.left_micros) == (100 * YUAN, 0)
    assert [text.split()[0] for text in told(database)] == ["50", "80", "100"]


SPEND = """
import multiprocessing, sys
from datetime import UTC, datetime
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Generation, Project
from aianime_pipeline.production.budgets import release, settle
from support.spending import ask, use

def work(number, url, start):
    database = Database(url)
    with database.read() as session:
        project = session.get_one(Project, int(sys.argv[2]))
    start.wait()
    for turn in range(40):
        generation = ask(database, project, 1_000_000)
        with database.write() as session:
            row = session.get_one(Generation, generation, with_for_update=True, populate_existing=True)
            if turn % 4 == 3:
                release(session, generation)
                row.state = "failed"
                continue
            use(session, row, 2_000_000, datetime.now(UTC))
            settle(session, generation, 2_000_000)
            row.state = "succeeded"

fork = multiprocessing.get_context("fork")
start = fork.Barrier(5)
workers = [fork.Process(target=work, args=(number, sys.argv[1], start)) for number in range(4)]
for worker in workers:
    worker.start()
start.wait()
print("begun", flush=True)
for worker in workers:
    worker.join()
assert [worker.exitcode for worker in workers] == [0] * 4
"""


def test_a_budget_that_is_set_while_others_spend_counts_every_request_once(
    database: Database, migrated_url: str, project: Project
) -> None:
    spenders = Script(SPEND, migrated_url, project.id)
    spenders.says("begun")
    budget(database, limit=1_000)
    while spenders.process.poll() is None:
        budget(database, limit=2_000, period="total")
        budget(database, "studio", 3_000, scope="organisation")
        budget(database, limit=1_000, hard=False)
        with database.write() as session:
            remove_budget(session, Subject("project", "p", "total", "CNY"))
    spenders.end()
    budget(database, limit=2_000, period="total")
    with database.read() as session:
        cost = session.scalar(sa.select(sa.func.sum(ProviderUsage.cost_micros)))
        assert session.scalar(sa.select(sa.func.sum(UsageDay.cost_micros))) == cost == 4 * 30 * 2 * YUAN
    assert used(database) == used(database, "studio") == used(database, period="total") == (240, 0)
