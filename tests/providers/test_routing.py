"""Which route is asked next, and how a provider stands after an answer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.providers.capabilities import ErrorKind
from aianime_pipeline.providers.configuration import Limits
from aianime_pipeline.providers.routing import (
    FAILURES_TO_CLOSE,
    MOVES_ON,
    WAITS,
    Health,
    Standing,
    after_failure,
    after_success,
    blocked,
    choose,
)

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(seconds=30)

FREE = Standing("a/free")
DOWN = Standing("b/down", provider=Health(closed_until=SOON, reason="down"))
LIMITED = Standing("c/limited", model=Health(limited_until=SOON, reason="too fast"))
FULL = Standing("d/full", limits=Limits(concurrency=2), open_jobs=2)


@pytest.mark.parametrize(
    ("standings", "chosen"),
    [
        ([FREE], "a/free"),
        ([DOWN, FREE], "a/free"),
        ([LIMITED, FREE], "a/free"),
        ([FULL, FREE], "a/free"),
        ([FREE, DOWN], "a/free"),
        ([Standing("e", provider=Health(closed_until=NOW))], "e"),
        ([Standing("e", limits=Limits(concurrency=2), open_jobs=1)], "e"),
        ([Standing("e", limits=Limits(requests_per_minute=3), requests=2)], "e"),
    ],
)
def test_the_first_that_may_be_asked_is_taken(standings: list[Standing], chosen: str) -> None:
    assert choose(standings, NOW) == chosen


def test_where_none_may_be_asked_each_says_why_and_until_when() -> None:
    found = choose([DOWN, LIMITED, FULL], NOW)
    assert not isinstance(found, str)
    assert [(one.route, one.why) for one in found] == [
        ("b/down", "down"),
        ("c/limited", "too fast"),
        ("d/full", "2 jobs at once are its limit"),
    ]
    assert all(one.until > NOW for one in found)
    assert [one.words for one in found] == [
        f"b is not asked before {SOON:%H:%M:%S} UTC",
        f"c is busy until {SOON:%H:%M:%S} UTC",
        "d is busy: 2 jobs at once are its limit",
    ]


@pytest.mark.parametrize(
    "standing",
    [
        Standing("e", limits=Limits(requests_per_minute=3), requests=3, minute_frees=SOON),
        Standing("e", limits=Limits(tokens_per_minute=100), tokens=100, minute_frees=SOON),
    ],
)
def test_a_limit_a_minute_says_when_the_oldest_request_leaves_it(standing: Standing) -> None:
    found = blocked(standing, NOW)
    assert found is not None
    assert (found.until, found.words) == (SOON, f"e is busy until {SOON:%H:%M:%S} UTC")


def test_passing_faults_in_a_row_close_a_provider_for_longer_and_longer() -> None:
    health, closed = Health(), []
    for _ in range(FAILURES_TO_CLOSE + 6):
        health = after_failure(health, ErrorKind.TRANSIENT, "down", NOW)
        closed.append(health.closed_until)
    assert closed[: FAILURES_TO_CLOSE - 1] == [None] * (FAILURES_TO_CLOSE - 1)
    waits = [until - NOW for until in closed if until is not None]
    assert waits[0] == timedelta(seconds=30)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=10)


def test_a_success_forgets_all_faults_but_no_limit_that_still_holds() -> None:
    assert after_success(Health(9, SOON, None, "down"), NOW) == Health()
    assert after_success(Health(9, SOON, NOW, "down"), NOW) == Health()
    assert after_success(Health(9, SOON, SOON, "too fast"), NOW) == Health(0, None, SOON, "too fast")


@pytest.mark.parametrize("kind", [ErrorKind.NO_MONEY, ErrorKind.AUTH])
def test_what_a_person_has_to_mend_closes_at_once(kind: ErrorKind) -> None:
    assert after_failure(Health(), kind, "no money", NOW).closed_until == NOW + timedelta(minutes=10)


@pytest.mark.parametrize("kind", sorted(WAITS))
def test_a_limit_is_kept_for_as_long_as_the_vendor_says(kind: ErrorKind) -> None:
    health = after_failure(Health(), kind, "too fast", NOW, retry_after=17)
    assert health.limited_until == NOW + timedelta(seconds=17)
    assert health.failures == 0
    assert after_failure(Health(), kind, "too fast", NOW, retry_after=1e9).limited_until == NOW + timedelta(minutes=10)


@pytest.mark.parametrize("kind", [ErrorKind.BAD_INPUT, ErrorKind.MODERATED])
def test_a_refusal_of_the_request_says_nothing_of_the_provider(kind: ErrorKind) -> None:
    assert after_failure(Health(3), kind, "no", NOW) == Health()


def test_refused_content_and_bad_input_go_to_nobody_else() -> None:
    assert not MOVES_ON & {ErrorKind.BAD_INPUT, ErrorKind.MODERATED, ErrorKind.AMBIGUOUS}


@given(st.lists(st.sampled_from([*ErrorKind, None]), max_size=30))
def test_whatever_a_provider_answers_it_is_asked_again_within_ten_minutes(answers: list[ErrorKind | None]) -> None:
    health = Health()
    for kind in answers:
        health = after_success(health, NOW) if kind is None else after_failure(health, kind, "words", NOW)
    found = blocked(Standing("e", provider=health), NOW)
    assert found is None or found.until <= NOW + timedelta(minutes=10)
