"""Room is reserved before a request, and spent or free again when it has ended."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from support.spending import add_generation, add_project, ask, budget, release_of, settle_at, stands, told, used

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import BudgetReservation, Notice, Project
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BudgetCurrencyError, BudgetExceededError, PriceMissingError
from aianime_pipeline.production.budgets.reserving import release, reserve, settle
from aianime_pipeline.production.budgets.rules import period_key
from aianime_pipeline.providers.prices import MICROS

YUAN = MICROS
NOVEMBER = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)


@pytest.fixture
def project(database: Database) -> Project:
    return add_project(database)


def test_what_is_reserved_is_spent_at_the_real_cost(database: Database, project: Project) -> None:
    budget(database)
    first, second = ask(database, project, 30 * YUAN), ask(database, project, 20 * YUAN)
    assert used(database) == (0, 50)
    settle_at(database, first, 25 * YUAN)
    assert used(database) == (25, 20)
    release_of(database, second)
    assert used(database) == (25, 0)
    assert stands(database).left_micros == 75 * YUAN


def test_settling_and_releasing_count_once(database: Database, project: Project) -> None:
    budget(database)
    first, second = ask(database, project, 30 * YUAN), ask(database, project, 20 * YUAN)
    for _ in range(2):
        settle_at(database, first, 30 * YUAN)
        release_of(database, first)
        release_of(database, second)
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
    release_of(database, held.pop())
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
