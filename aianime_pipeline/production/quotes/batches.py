"""What a batch of requests will cost, said before any of them is sent. Pure; money in micro-units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aianime_pipeline.production.budgets.rules import Standing, cover
from aianime_pipeline.providers.capabilities import Capability
from aianime_pipeline.providers.prices import amount

_WORDS: Mapping[str, tuple[str, str]] = {
    Capability.TEXT: ("text", "texts"),
    Capability.IMAGE: ("image", "images"),
    Capability.VIDEO: ("video", "videos"),
    Capability.SPEECH: ("voice line", "voice lines"),
    Capability.MUSIC: ("piece of music", "pieces of music"),
    Capability.PICTURE_REVIEW: ("picture review", "picture reviews"),
}


@dataclass(frozen=True)
class QuoteLine:
    """`count` requests of one kind. `micros` is what they cost together; None: their price is not known."""

    capability: str
    count: int
    micros: int | None
    currency: str


@dataclass(frozen=True)
class Quote:
    """`left` is what the budgets have left before the batch, by currency; a currency without a budget is not there.
    `budgets` are those over the project; `needs_budget`: it spends nothing while there is none."""

    lines: tuple[QuoteLine, ...]
    left: Mapping[str, int]
    budgets: Sequence[Standing] = ()
    needs_budget: bool = False

    @property
    def costs(self) -> dict[str, int]:
        """By currency, what is known, in the order of the lines."""
        costs: dict[str, int] = {}
        for line in self.lines:
            if line.micros is not None:
                costs[line.currency] = costs.get(line.currency, 0) + line.micros
        return costs

    @property
    def over(self) -> dict[str, int]:
        """By currency, how much the batch is over what is left. Empty where it fits."""
        return {
            currency: cost - self.left[currency]
            for currency, cost in self.costs.items()
            if cost and cost > self.left.get(currency, cost)
        }

    @property
    def refused(self) -> dict[str, Standing]:
        """By currency, a hard budget that cannot count it: it will refuse whatever costs something in it."""
        refused = {}
        for currency, cost in self.costs.items():
            refusing = cover([budget.terms for budget in self.budgets], currency).refusing
            if cost and refusing:
                refused[currency] = next(budget for budget in self.budgets if budget.terms is refusing[0])
        return refused

    def in_words(self) -> str:
        """Such as `38 images, 24 videos: about 41.20 CNY, 63.10 left`."""
        if not self.lines:
            return "nothing to make"
        words = [*self._costs_in_words(), *self._unknown_in_words(), *self._refused_in_words(), *self._without_budget()]
        return f"{_counted(self.lines)}: {'; '.join(words)}"

    def to_document(self) -> dict[str, Any]:
        return {
            "lines": [vars(line) for line in self.lines],
            "costs_micros": self.costs,
            "left_micros": dict(self.left),
            "over_micros": self.over,
            "refused": self.refused_documents(),
            "needs_budget": self.needs_budget,
            "words": self.in_words(),
        }

    def refused_documents(self) -> list[dict[str, Any]]:
        return [{"currency": currency, "budget": budget.to_document()} for currency, budget in self.refused.items()]

    def _costs_in_words(self) -> list[str]:
        paid = {currency: cost for currency, cost in self.costs.items() if cost}
        if self.costs and not paid:
            return ["free of charge"]
        words = [f"{amount(cost)} {currency}{self._rest(currency)}" for currency, cost in paid.items()]
        return [f"about {words[0]}", *words[1:]] if words else []

    def _rest(self, currency: str) -> str:
        if currency in self.over:
            return f", over the budget by {amount(self.over[currency])}"
        return f", {amount(self.left[currency])} left" if currency in self.left else ""

    def _unknown_in_words(self) -> list[str]:
        unknown = [line for line in self.lines if line.micros is None]
        return [f"the price of {_counted(unknown)} is not known"] if unknown else []

    def _refused_in_words(self) -> list[str]:
        return [
            f"{budget.name} is in {budget.terms.currency} and will refuse what costs {currency}: set one in {currency} "
            f"as well, or set the one in {budget.terms.currency} with --soft"
            for currency, budget in self.refused.items()
        ]

    def _without_budget(self) -> list[str]:
        costs = self.needs_budget and any(line.micros != 0 for line in self.lines)
        return ["an administrator has to set a budget before anything is spent"] if costs else []


def quote(
    lines: Iterable[tuple[str, int, int | None, str]],
    left: Mapping[str, int],
    budgets: Sequence[Standing] = (),
    *,
    needs_budget: bool = False,
) -> Quote:
    """The quote of lines of (capability, count, micros together or None, currency); those of no request say nothing."""
    return Quote(tuple(QuoteLine(*line) for line in lines if line[1]), left, budgets, needs_budget)


def _counted(lines: Iterable[QuoteLine]) -> str:
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.capability] = counts.get(line.capability, 0) + line.count
    return ", ".join(f"{count} {_words(capability)[count != 1]}" for capability, count in counts.items())


def _words(capability: str) -> tuple[str, str]:
    return _WORDS.get(capability, (capability, capability))
