"""What several reviewers come to together."""

import pytest

from aianime_pipeline.reviewing.opinion import (
    BUILT_IN,
    CODES,
    FATAL,
    Finding,
    Opinion,
    Problem,
    Verdict,
    decided,
    not_judged,
    opinion_of,
    together,
)


def said(verdict: Verdict, score: int, reviewer: str = BUILT_IN, *changes: str) -> Opinion:
    problems = () if verdict is Verdict.APPROVE else (Problem("other", f"{reviewer} says no"),)
    return Opinion(reviewer, verdict, score, problems, changes)


def test_small_faults_take_from_the_score_and_a_fatal_one_rejects() -> None:
    soft = Finding("blurred", "soft", "draw it sharper", 15)
    black = Finding("black", "black", "more light", FATAL, fatal=True)
    assert (opinion_of("technical", [soft]).verdict, opinion_of("technical", [soft]).score) == (Verdict.APPROVE, 85)
    both = opinion_of("technical", [soft, black, black])
    assert (both.verdict, both.score) == (Verdict.REJECT, 0)
    assert both.changes == ("draw it sharper", "more light")


def test_the_built_in_reviewer_is_as_strict_as_its_strictest_part() -> None:
    approves = said(Verdict.APPROVE, 95)
    assert together(approves, said(Verdict.APPROVE, 80)).score == 80
    assert together(approves, said(Verdict.REJECT, 20)).verdict is Verdict.REJECT
    cannot = together(approves, not_judged("likeness", "the reference is damaged"))
    assert (cannot.verdict, cannot.score, cannot.reasons) == (Verdict.UNSURE, 95, "the reference is damaged")
    assert together(said(Verdict.REJECT, 10), not_judged("likeness", "x")).verdict is Verdict.REJECT


def test_the_vision_model_speaks_for_itself_where_there_is_one() -> None:
    eye = said(Verdict.REJECT, 40, "oa/eye", "close the left hand")
    found = decided(said(Verdict.APPROVE, 95), eye, 60)
    assert (found.reviewer, found.verdict, found.score) == ("oa/eye", Verdict.REJECT, 40)
    assert found.wishes == "close the left hand"
    assert decided(said(Verdict.APPROVE, 65), said(Verdict.APPROVE, 90, "oa/eye"), 80).verdict is Verdict.APPROVE
    assert decided(said(Verdict.APPROVE, 95), said(Verdict.UNSURE, 50, "oa/eye"), 60).verdict is Verdict.UNSURE


def test_where_the_vision_model_approves_what_the_built_in_one_rejects_nobody_is_sure() -> None:
    found = decided(said(Verdict.REJECT, 15), said(Verdict.APPROVE, 90, "oa/eye"), 60)
    assert found.verdict is Verdict.UNSURE
    assert found.problems[-1].code == "reviewers_disagree"
    assert "built-in says no" in found.reasons


@pytest.mark.parametrize(("score", "verdict"), [(79, Verdict.REJECT), (80, Verdict.APPROVE)])
def test_an_approval_under_the_projects_threshold_is_none(score: int, verdict: Verdict) -> None:
    assert decided(said(Verdict.APPROVE, score), None, 80).verdict is verdict
    assert decided(said(Verdict.APPROVE, 100), said(Verdict.APPROVE, score, "oa/eye"), 80).verdict is verdict


def test_a_failed_reviewer_is_unsure_in_its_own_words_and_never_approves() -> None:
    failed = not_judged("oa/eye", "the server is down")
    assert (failed.verdict, failed.score, failed.wishes) == (Verdict.UNSURE, None, "the server is down")
    assert decided(said(Verdict.APPROVE, 100), failed, 0) == failed


def test_what_was_wrong_is_the_wish_where_no_change_was_asked_for() -> None:
    assert said(Verdict.REJECT, 10).wishes == "built-in says no"


def test_feedback_is_kept_as_a_review_record_has_it() -> None:
    found = Opinion("oa/eye", Verdict.REJECT, 30, (Problem("anatomy", "six fingers"),), ("five fingers",))
    assert found.feedback() == {"problems": [{"code": "anatomy", "text": "six fingers"}], "changes": ["five fingers"]}


def test_every_code_is_documented() -> None:
    from pathlib import Path

    page = (Path(__file__).resolve().parents[2] / "docs" / "reviews.md").read_text(encoding="utf-8")
    assert {code for code in CODES if f"`{code}`" not in page} == set()
