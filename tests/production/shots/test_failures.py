"""Failures by what helps against them, and when a shot or a batch is left to a person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.making import Studio

from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import (
    BadInputError,
    BudgetExceededError,
    BudgetMissingError,
    DatabaseError,
    DiskFullError,
    PriceMissingError,
    ProviderError,
    UnreadableMediaError,
)
from aianime_pipeline.production.problems import Problem, standing_problems
from aianime_pipeline.production.shots.failures import (
    LEAST_FOR_A_STOP,
    MOST_FAILURES,
    Failure,
    FailureKind,
    classify,
    from_document,
    stops_batch,
    try_again_at,
)
from aianime_pipeline.production.shots.stages import Decision, Stage
from aianime_pipeline.providers.capabilities import ErrorKind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
T, P, N = FailureKind.TRANSIENT, FailureKind.PERMANENT, FailureKind.NEEDS_PERSON


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (ProviderError("x", kind=ErrorKind.TRANSIENT), T, "ERR_PROVIDER:transient"),
        (ProviderError("x", kind=ErrorKind.RATE_LIMITED), T, "ERR_PROVIDER:rate_limited"),
        (ProviderError("x", kind=ErrorKind.CONCURRENCY_FULL), T, "ERR_PROVIDER:concurrency_full"),
        (ProviderError("x", kind=ErrorKind.BAD_INPUT), P, "ERR_PROVIDER:bad_input"),
        (ProviderError("x", kind=ErrorKind.MODERATED), N, "ERR_PROVIDER:moderated"),
        (ProviderError("x", kind=ErrorKind.AUTH), N, "ERR_PROVIDER:auth"),
        (ProviderError("x", kind=ErrorKind.NO_MONEY), N, "ERR_PROVIDER:no_money"),
        (ProviderError("x", kind=ErrorKind.AMBIGUOUS), N, "ERR_PROVIDER:ambiguous"),
        (BudgetExceededError("x"), N, "ERR_BUDGET_EXCEEDED"),
        (BudgetMissingError("x"), N, "ERR_BUDGET_MISSING"),
        (PriceMissingError("x"), N, "ERR_PRICE_MISSING"),
        (DiskFullError("x"), N, "ERR_DISK_FULL"),
        (BadInputError("x"), P, "ERR_BAD_INPUT"),
        (DatabaseError("x"), T, "ERR_DATABASE"),
        (UnreadableMediaError("x"), T, "ERR_MEDIA_UNREADABLE"),
        (ConnectionResetError("x"), T, "ERR_SYSTEM"),
    ],
)
def test_what_passes_by_itself_is_told_from_what_needs_a_person_and_from_what_never_works(
    error: Exception, kind: FailureKind, code: str
) -> None:
    failure = classify(error, NOON)
    assert (failure.kind, failure.code) == (kind, code)
    assert from_document(failure.to_document()) == failure


def failed(*kinds: FailureKind) -> list[Failure]:
    return [Failure(kind, "ERR", "x", NOON) for kind in kinds]


@pytest.mark.parametrize(
    ("kinds", "seconds"),
    [
        ((T,), 30),
        ((T, T), 120),
        ((T, T, T), None),
        ((P,), None),
        ((N,), None),
        ((T, P), None),
        ((P, T), 120),
        ((), None),
    ],
)
def test_a_shot_is_tried_again_later_each_time_and_three_times_in_all(
    kinds: tuple[FailureKind, ...], seconds: int | None
) -> None:
    again = try_again_at(failed(*kinds))
    assert again == (NOON + timedelta(seconds=seconds) if seconds is not None else None)
    assert MOST_FAILURES == 3


@pytest.mark.parametrize(
    ("codes", "total", "cause"),
    [
        (["a", "a"], 3, None),
        (["a", "a", "a"], 8, "a"),
        (["a", "a", "a"], 9, None),
        (["a", "a", "b", "b", "c"], 6, None),
        (["b", "a", "a", "a", "a"], 11, "a"),
        ([], 5, None),
    ],
)
def test_a_batch_stops_once_more_than_a_third_of_it_failed_for_one_cause(
    codes: list[str], total: int, cause: str | None
) -> None:
    assert stops_batch(codes, total) == cause


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.integers(1, 40))
def test_a_batch_never_stops_for_few_failures_nor_for_many_different_ones(codes: list[str], total: int) -> None:
    cause = stops_batch(codes, total)
    most = max((codes.count(code) for code in codes), default=0)
    assert (cause is not None) == (most >= LEAST_FOR_A_STOP and most * 3 > total)


@pytest.fixture
def nine(studio: Studio, tmp_path: Path) -> Studio:
    studio.storyboard(tmp_path, 9)
    return studio


def test_the_rest_of_a_batch_is_not_begun_once_a_third_of_it_failed_for_one_cause(nine: Studio) -> None:
    nine.steering.fail("image", "picture", kind="bad_input", times=99)
    done = nine.make(Stage.IMAGE)
    failures = done.outcome.where(None)
    waiting = done.outcome.where(Decision.WAIT)
    # Four are more than a third of nine; those that were at work by then came to their end.
    assert 4 <= len(failures) < 9
    assert len(failures) + len(waiting) == 9
    assert {one.reason for one in waiting} == {
        "not begun: 4 of 9 shots failed for the same cause (ERR_PROVIDER:bad_input)"
    }
    assert len(nine.asked("image")) == len(failures)


def test_a_failed_shot_keeps_its_failures_until_a_take_of_it_is_made(nine: Studio) -> None:
    nine.steering.fail("image", "picture 2.", kind="moderated")
    nine.make(Stage.IMAGE)
    [failure] = nine.stage_row(2, Stage.IMAGE).failures or []
    assert (failure["kind"], failure["code"]) == ("needs_person", "ERR_PROVIDER:moderated")
    nine.make(Stage.IMAGE)
    assert nine.stage_row(2, Stage.IMAGE).failures is None


def test_a_run_that_nobody_asked_for_leaves_alone_what_needs_a_person(nine: Studio) -> None:
    nine.steering.fail("image", "picture 2.", kind="moderated")
    nine.steering.fail("image", "picture 3.", kind="bad_input")
    nine.make(Stage.IMAGE)
    passed = Failure(FailureKind.TRANSIENT, "ERR_DATABASE", "away", NOON)
    with nine.place.database.write() as session:
        session.merge(nine.stage_row(3, Stage.IMAGE)).failures = [passed.to_document()]
    before = len(nine.asked("image"))
    nine.make(Stage.IMAGE, replace(nine.run(), leave_failed=True))
    assert nine.stage_row(2, Stage.IMAGE).state == "failed"
    assert nine.stage_row(3, Stage.IMAGE).state == "approved"
    assert len(nine.asked("image")) == before + 1
    nine.make(Stage.IMAGE, replace(nine.run(shots=[2]), leave_failed=True))
    assert nine.stage_row(2, Stage.IMAGE).state == "approved"


def test_a_run_that_nobody_asked_for_does_not_begin_the_rest_of_a_batch_that_stopped_early(nine: Studio) -> None:
    nine.steering.fail("image", "picture", kind="bad_input", times=99)
    nine.make(Stage.IMAGE)
    before = len(nine.asked("image"))
    alone = nine.make(Stage.IMAGE, replace(nine.run(), leave_failed=True))
    assert len(nine.asked("image")) == before
    assert {one.decision for one in alone.outcome.results.values()} == {Decision.WAIT}
    assert "not begun: too many others failed for the same cause (ERR_PROVIDER:bad_input)" in {
        one.reason for one in alone.outcome.results.values()
    }
    nine.make(Stage.IMAGE)
    assert len(nine.asked("image")) > before, "a person who asks has them made"


def failed_before(studio: Studio, number: int, seconds: int) -> None:
    failure = Failure(FailureKind.TRANSIENT, "ERR_DATABASE", "away", now() - timedelta(seconds=seconds))
    with studio.place.database.write() as session:
        row = session.merge(studio.stage_row(number, Stage.IMAGE))
        row.state, row.reason, row.failures = "failed", "away", [failure.to_document()]


def test_a_run_that_nobody_asked_for_leaves_a_shot_alone_until_its_pause_is_over(nine: Studio) -> None:
    nine.make(Stage.IMAGE)
    failed_before(nine, 2, 10)
    failed_before(nine, 3, 40)
    before = len(nine.asked("image"))
    alone = nine.make(Stage.IMAGE, replace(nine.run(), leave_failed=True))
    left = alone.outcome.results[2]
    assert (left.state, left.decision) == ("failed", Decision.WAIT)
    assert left.reason.startswith("away; tried again from ")
    assert nine.stage_row(3, Stage.IMAGE).state == "approved"
    assert len(nine.asked("image")) == before + 1


def test_a_person_does_not_wait_for_the_end_of_a_pause(nine: Studio) -> None:
    nine.make(Stage.IMAGE)
    failed_before(nine, 2, 1)
    nine.make(Stage.IMAGE)
    assert nine.stage_row(2, Stage.IMAGE).state == "approved"
    failed_before(nine, 3, 1)
    nine.make(Stage.IMAGE, replace(nine.run(shots=[3]), leave_failed=True))
    assert nine.stage_row(3, Stage.IMAGE).state == "approved"


def problems(studio: Studio) -> list[Problem]:
    with studio.place.database.read() as session:
        return standing_problems(session)


def test_what_a_stopped_batch_did_not_begin_is_among_what_is_broken(nine: Studio) -> None:
    assert problems(nine) == []
    nine.steering.fail("image", "picture", kind="bad_input", times=99)
    failures = nine.make(Stage.IMAGE).outcome.where(None)
    left = sorted(set(range(1, 10)) - {one.number for one in failures})
    [held] = [problem for problem in problems(nine) if problem.kind == "held_back"]
    assert str(held) == (
        f"p-e001: {len(left)} shots ({', '.join(map(str, left))}) have no image begun by itself, because too many "
        "others failed for one cause (ERR_PROVIDER:bad_input). When that is mended: aianime make p-e001."
    )
    nine.steering.let_go()
    nine.make(Stage.IMAGE)
    assert problems(nine) == []


def test_what_is_tried_again_later_is_among_what_is_broken_with_the_moment(nine: Studio) -> None:
    nine.make(Stage.IMAGE)
    failed_before(nine, 2, 10)
    [problem] = problems(nine)
    assert "shot 2's image failed: away" in str(problem)
    assert "may be tried again from" in str(problem)
