"""What people are told of a budget: thresholds, and what it cannot count. Each once; the caller holds the locks."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import BudgetPeriod
from aianime_pipeline.production.budgets.rules import Scope, Standing, Terms, reached
from aianime_pipeline.production.notices.telling import tell
from aianime_pipeline.providers.prices import amount

_KIND = "budget"
_KEY_LENGTH = 200


def tell_thresholds(session: Session, terms: Terms, row: BudgetPeriod, project_id: int | None) -> None:
    """Tell each threshold that the period has reached and that was not told before."""
    standing = Standing(terms, row.period, row.spent_micros, row.reserved_micros)
    news = [percent for percent in reached(terms.limit_micros, standing.used_micros) if percent > row.told_percent]
    row.told_percent = max(news, default=row.told_percent)
    for percent in news:
        # With the limit in its name: of another limit the same threshold is news.
        about = f"{row.period}:{percent}:{terms.limit_micros}"
        _tell(session, terms, about, f"{percent} % of {standing.name} is used: {standing.in_words()}.", project_id)


def tell_blind(session: Session, budgets: Iterable[Terms], currency: str, project_id: int) -> None:
    """What is spent in a currency that these do not count."""
    for terms in budgets:
        text = f"{currency} is spent and not counted by the budget of {terms.subject}, which is in {terms.currency}."
        _tell(session, terms, f"currency:{currency}", text, project_id)


def tell_unpriced(session: Session, budgets: Iterable[Terms], model: str, project_id: int) -> None:
    """A model without a price is asked, and these reserve nothing for it."""
    for terms in budgets:
        text = f"The price of {model} is not known: nothing is reserved for it of the budget of {terms.subject}."
        _tell(session, terms, f"unpriced:{model}", text, project_id)


def tell_overrun(
    session: Session, standing: Standing, model: str, reserved: int, cost: int, project_id: int | None
) -> None:
    """A request cost more than was reserved. Told once for each model and period: it means that too little is
    expected of each."""
    text = (
        f"{amount(cost)} {standing.terms.currency} was spent where {amount(reserved)} was reserved for a request to "
        f"{model}; {standing.name} counts all of it."
    )
    _tell(session, standing.terms, f"{standing.current}:overrun:{model}", text, project_id)


def _tell(session: Session, terms: Terms, about: str, text: str, project_id: int | None) -> None:
    own = project_id if terms.scope == Scope.PROJECT else None
    tell(session, key=f"budget:{terms.id}:{about}"[:_KEY_LENGTH], kind=_KIND, text=text, project_id=own)
