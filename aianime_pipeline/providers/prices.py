"""What a request costs: dated prices, and arithmetic in whole micro-units of a currency. Pure.

Prices are data. A price holds from its day on until a newer one of the same model begins; what it comes to is rounded
up to the next micro-unit, once, at the end: a budget is never overrun by rounding.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

MICROS = 1_000_000
"""Micro-units in one unit of a currency."""


@dataclass(frozen=True)
class Units:
    """What a vendor charges for. `video_ms` is milliseconds of video, `audio_ms` of speech or music."""

    requests: int = 1
    images: int = 0
    video_ms: int = 0
    audio_ms: int = 0
    characters: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


PER: Mapping[str, tuple[str, int]] = {
    "per_request": ("requests", 1),
    "per_image": ("images", 1),
    "per_video_second": ("video_ms", 1_000),
    "per_audio_second": ("audio_ms", 1_000),
    "per_1k_characters": ("characters", 1_000),
    "per_1m_tokens_in": ("tokens_in", 1_000_000),
    "per_1m_tokens_out": ("tokens_out", 1_000_000),
}
"""Words of the price table: which unit they price, and how many of it."""


@dataclass(frozen=True)
class Price:
    """`rates` by the words of `PER`, in units of the currency. `when` are options of a request that it holds for, such
    as {"resolution": "1080p"}; a price with more of them that fit goes first."""

    start: date
    currency: str
    rates: Mapping[str, Decimal]
    when: Mapping[str, Any] = field(default_factory=dict)

    def micros(self, units: Units) -> int:
        """The cost of `units`, rounded up to a whole micro-unit."""
        total = Fraction(0)
        for word, rate in self.rates.items():
            unit, of = PER[word]
            total += Fraction(rate) * getattr(units, unit) / of
        return math.ceil(total * MICROS)

    def to_document(self) -> dict[str, Any]:
        """JSON-ready, for the usage row: the price that was used."""
        return {
            "from": self.start.isoformat(),
            "currency": self.currency,
            **{word: f"{rate:f}" for word, rate in self.rates.items()},
            **({"when": dict(self.when)} if self.when else {}),
        }


def price_on(prices: Sequence[Price], day: date, chosen: Mapping[str, Any] | None = None) -> Price | None:
    """The price that holds on `day` for a request with the options `chosen`; None where there is none."""
    options = chosen or {}
    fitting = [
        price
        for price in prices
        if price.start <= day and all(options.get(name) == value for name, value in price.when.items())
    ]
    return max(fitting, key=lambda price: (len(price.when), price.start), default=None)


def amount(micros: int) -> str:
    """Micro-units as people write money: two decimals, and all six where less than one unit would be rounded."""
    value = Decimal(micros) / MICROS
    if abs(value) < 1 and value != round(value, 2):
        return f"{value:.6f}".rstrip("0")
    return f"{value:.2f}"
