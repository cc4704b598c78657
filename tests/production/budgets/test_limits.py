"""Budgets as people set, change and remove them."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from support.spending import add_generation, add_project, ask, budget, release_of, settle_at, stands, told, use, used

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import BudgetPeriod, Project
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError, BudgetExceededError, NotFoundError
from aianime_pipeline.production.budgets.limits import Subject, list_budgets, money_left, remove_budget
from aianime_pipeline.providers.prices import MICROS

YUAN = MICROS


@pytest.fixture
def project(database: Database) -> Project:
    return add_project(database)


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
    release_of(database, ambiguous)
    release_of(database, earlier)
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
