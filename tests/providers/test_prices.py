"""What a request costs: exact, never less than it is, and by the price of its day."""

import json
from collections.abc import Mapping
from dataclasses import astuple
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.providers.prices import MICROS, PER, Price, Units, price_on

DAY = date(2026, 7, 1)

amounts = st.decimals(min_value=0, max_value=1_000_000, places=12, allow_nan=False, allow_infinity=False)
rates = st.dictionaries(st.sampled_from(sorted(PER)), amounts, min_size=1)
counts = st.integers(0, 10**12)
units = st.builds(Units, *[counts] * len(Units.__dataclass_fields__))
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
options = st.fixed_dictionaries(
    {}, optional={"resolution": st.sampled_from(["720p", "1080p"]), "sound": st.booleans(), "tier": st.integers(1, 2)}
)
prices = st.builds(Price, days, st.just("CNY"), st.just({"per_image": Decimal(1)}), options)


def price(**words: str) -> Price:
    return Price(DAY, "CNY", {word: Decimal(rate) for word, rate in words.items()})


def exact_micros(of: Price, used: Units) -> Fraction:
    return sum((Fraction(rate) * getattr(used, PER[word][0]) / PER[word][1] for word, rate in of.rates.items()),
               Fraction(0)) * MICROS  # fmt: skip


@pytest.mark.parametrize(
    ("words", "used", "micros"),
    [
        ({"per_image": "0.25"}, Units(images=3), 750_000),
        ({"per_request": "0.01", "per_image": "0.2"}, Units(images=1), 210_000),
        ({"per_request": "0.01"}, Units(requests=0), 0),
        ({"per_video_second": "0.5"}, Units(video_ms=5_042), 2_521_000),
        ({"per_audio_second": "0.003"}, Units(audio_ms=1), 3),
        ({"per_1k_characters": "0.2"}, Units(characters=7), 1_400),
        ({"per_1m_tokens_in": "2", "per_1m_tokens_out": "8"}, Units(tokens_in=1_500, tokens_out=500), 7_000),
        ({"per_1m_tokens_in": "0.0000001"}, Units(tokens_in=1), 1),
        ({"per_image": "0"}, Units(images=99), 0),
        ({"per_image": "1"}, Units(video_ms=5_000, tokens_in=9), 0),
    ],
)
def test_a_request_costs_what_its_units_cost(words: Mapping[str, str], used: Units, micros: int) -> None:
    assert price(**words).micros(used) == micros


def test_what_is_left_of_a_micro_unit_is_rounded_up_once_for_all_units_together() -> None:
    two_halves = price(per_1m_tokens_in="0.5", per_1m_tokens_out="0.5")
    assert two_halves.micros(Units(tokens_in=1)) == 1
    assert two_halves.micros(Units(tokens_in=1, tokens_out=1)) == 1


@given(rates, units)
def test_a_cost_is_never_less_than_exact_and_less_than_a_micro_unit_more(
    rates: Mapping[str, Decimal], used: Units
) -> None:
    one = Price(DAY, "CNY", rates)
    assert 0 <= one.micros(used) - exact_micros(one, used) < 1


@given(rates, units, units)
def test_two_requests_cost_together_no_more_than_apart(rates: Mapping[str, Decimal], used: Units, again: Units) -> None:
    one = Price(DAY, "CNY", rates)
    apart = one.micros(used) + one.micros(again)
    together = Units(*(units + others for units, others in zip(astuple(used), astuple(again), strict=True)))
    assert apart - 1 <= one.micros(together) <= apart


@given(st.lists(prices, max_size=8), days, options)
def test_the_price_of_a_day_has_begun_and_fits_and_none_fits_better(
    known: list[Price], day: date, chosen: Mapping[str, Any]
) -> None:
    fitting = [one for one in known if one.start <= day and one.when.items() <= chosen.items()]
    found = price_on(known, day, chosen)
    assert (found in fitting) if fitting else found is None
    for one in fitting:
        assert found is not None
        assert len(one.when) <= len(found.when)
        assert len(one.when) < len(found.when) or one.start <= found.start


@given(st.permutations(range(5)))
def test_the_order_in_which_prices_are_written_does_not_matter(order: list[int]) -> None:
    known = [Price(DAY + timedelta(days=number), "CNY", {"per_image": Decimal(number)}) for number in order]
    found = price_on(known, DAY + timedelta(days=2))
    assert found is not None
    assert found.rates["per_image"] == 2


def test_a_price_holds_from_its_day_until_the_next() -> None:
    old = Price(DAY, "CNY", {"per_image": Decimal(1)})
    new = Price(DAY + timedelta(days=30), "CNY", {"per_image": Decimal(2)})
    assert price_on([old, new], DAY - timedelta(days=1)) is None
    assert price_on([old, new], DAY) is old
    assert price_on([old, new], DAY + timedelta(days=29)) is old
    assert price_on([old, new], DAY + timedelta(days=30)) is new
    assert price_on([], DAY) is None


def test_a_price_for_some_requests_goes_before_one_for_all_also_when_it_is_older() -> None:
    for_large = Price(DAY, "CNY", {"per_image": Decimal(3)}, {"resolution": "1080p"})
    for_all = Price(DAY + timedelta(days=30), "CNY", {"per_image": Decimal(1)})
    later = DAY + timedelta(days=60)
    assert price_on([for_all, for_large], later, {"resolution": "1080p", "sound": True}) is for_large
    assert price_on([for_all, for_large], later, {"resolution": "720p"}) is for_all
    assert price_on([for_all, for_large], later) is for_all
    assert price_on([for_large], later) is None


@given(rates)
def test_the_price_that_was_used_is_kept_as_it_was(rates: Mapping[str, Decimal]) -> None:
    one = Price(DAY, "CNY", rates, {"sound": True})
    document = json.loads(json.dumps(one.to_document()))
    assert (document["from"], document["currency"], document["when"]) == ("2026-07-01", "CNY", {"sound": True})
    assert {word: Decimal(document[word]) for word in PER if word in document} == rates
    assert not any("E" in document[word] for word in rates)


def test_a_price_without_conditions_says_none() -> None:
    assert price(per_image="0.25").to_document() == {"from": "2026-07-01", "currency": "CNY", "per_image": "0.25"}
