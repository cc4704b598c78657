import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.errors import StateError
from aianime_pipeline.production.shots.stages import IN_REVIEW, Decision, Event, ReviewMode, State, after, decide

NONE, HUMAN, AI, AI_THEN_HUMAN, AI_AND_HUMAN = ReviewMode

# Every state and event, written out: what is not here is refused. A dict says where each review mode leads.
READY: dict[ReviewMode, State] = {
    NONE: State.APPROVED,
    HUMAN: State.REVIEW,
    AI: State.AI_REVIEWING,
    AI_THEN_HUMAN: State.AI_REVIEWING,
    AI_AND_HUMAN: State.AI_REVIEWING,
}
TAKEN_BACK: dict[ReviewMode, State] = {
    NONE: State.REVIEW,
    HUMAN: State.REVIEW,
    AI: State.HUMAN_REVIEW,
    AI_THEN_HUMAN: State.HUMAN_REVIEW,
    AI_AND_HUMAN: State.HUMAN_REVIEW,
}
# A project whose mode was changed while the AI reviewer looked has a person decide.
BY_AI_APPROVED: dict[ReviewMode, State] = {
    NONE: State.HUMAN_REVIEW,
    HUMAN: State.HUMAN_REVIEW,
    AI: State.APPROVED,
    AI_THEN_HUMAN: State.APPROVED,
    AI_AND_HUMAN: State.HUMAN_REVIEW,
}
BY_AI_REJECTED: dict[ReviewMode, State] = BY_AI_APPROVED | {AI: State.REJECTED, AI_THEN_HUMAN: State.HUMAN_REVIEW}
JUDGED: dict[Event, State | dict[ReviewMode, State]] = {
    Event.CLAIMED: State.REGENERATING,
    Event.APPROVED: State.APPROVED,
    Event.REJECTED: State.REJECTED,
    Event.SELECTED: READY,
    Event.SKIPPED: State.SKIPPED,
}
ALLOWED: dict[State, dict[Event, State | dict[ReviewMode, State]]] = {
    State.PENDING: {Event.CLAIMED: State.GENERATING, Event.SKIPPED: State.SKIPPED},
    State.GENERATING: {
        Event.CLAIMED: State.GENERATING,
        Event.READY: READY,
        Event.FAILED: State.FAILED,
        Event.SKIPPED: State.SKIPPED,
    },
    State.AI_REVIEWING: JUDGED
    | {
        Event.AI_APPROVED: BY_AI_APPROVED,
        Event.AI_REJECTED: BY_AI_REJECTED,
        Event.AI_UNSURE: State.HUMAN_REVIEW,
    },
    State.REVIEW: JUDGED,
    State.HUMAN_REVIEW: JUDGED,
    State.APPROVED: {
        Event.CLAIMED: State.REGENERATING,
        Event.REJECTED: State.REJECTED,
        Event.SELECTED: READY,
        Event.UNDONE: TAKEN_BACK,
        Event.LOCKED: State.LOCKED,
        Event.SKIPPED: State.SKIPPED,
    },
    State.LOCKED: {Event.UNLOCKED: State.APPROVED},
    State.REJECTED: {
        Event.CLAIMED: State.REGENERATING,
        Event.SELECTED: READY,
        Event.UNDONE: TAKEN_BACK,
        Event.SKIPPED: State.SKIPPED,
    },
    State.REGENERATING: {
        Event.CLAIMED: State.REGENERATING,
        Event.READY: READY,
        Event.FAILED: State.FAILED,
        Event.SKIPPED: State.SKIPPED,
    },
    State.FAILED: {Event.CLAIMED: State.GENERATING, Event.SELECTED: READY, Event.SKIPPED: State.SKIPPED},
    State.SKIPPED: {Event.CLAIMED: State.GENERATING, Event.SKIPPED: State.SKIPPED},
}


@pytest.mark.parametrize(("state", "event", "mode"), list(itertools.product(State, Event, ReviewMode)))
def test_every_event_leads_where_the_table_says_or_is_refused(state: State, event: Event, mode: ReviewMode) -> None:
    if event not in ALLOWED[state]:
        with pytest.raises(StateError, match=f"A shot that is {state} cannot be {event}"):
            after(state, event, mode)
        return
    leads = ALLOWED[state][event]
    assert after(state, event, mode) is (leads[mode] if isinstance(leads, dict) else leads)


@pytest.mark.parametrize("state", State)
def test_a_refusal_names_exactly_what_is_allowed_instead(state: State) -> None:
    refused = next(event for event in Event if event not in ALLOWED[state])
    with pytest.raises(StateError) as error:
        after(state, refused, ReviewMode.NONE)
    named = error.value.message.partition("allowed now: ")[2].rstrip(".").split(", ")
    assert sorted(named) == sorted(event.value for event in ALLOWED[state])
    assert error.value.details == {"state": state.value, "event": refused.value}


def a_decision(state: State, **facts: bool) -> Decision:
    """Of a wanted stage whose image is approved, up to date, in a run that names no shot, at a free provider."""
    usual = {
        "wanted": True,
        "ready_before": True,
        "current": True,
        "by_person": False,
        "named": False,
        "others_named": False,
        "force": False,
        "charges": False,
    }
    return decide(state, **(usual | facts))


MADE_NOW = (State.PENDING, State.FAILED, State.REJECTED, State.SKIPPED, State.GENERATING, State.REGENERATING)


@pytest.mark.parametrize("state", MADE_NOW)
@pytest.mark.parametrize("charges", [False, True])
@pytest.mark.parametrize("current", [False, True])
def test_what_has_no_good_take_is_made(state: State, charges: bool, current: bool) -> None:
    assert a_decision(state, charges=charges, current=current) is Decision.MAKE


@pytest.mark.parametrize("state", sorted(set(State) - {State.LOCKED}))
def test_what_the_storyboard_does_not_ask_for_is_skipped_even_when_named_and_forced(state: State) -> None:
    assert a_decision(state, wanted=False, named=True, force=True, current=False) is Decision.SKIP


@pytest.mark.parametrize(
    ("facts", "approved", "review"),
    [
        ({}, Decision.KEEP, Decision.WAIT),
        ({"current": False}, Decision.MAKE, Decision.MAKE),
        ({"current": False, "charges": True}, Decision.KEEP, Decision.WAIT),
        ({"current": False, "by_person": True}, Decision.KEEP, Decision.WAIT),
        ({"current": False, "charges": True, "named": True}, Decision.MAKE, Decision.MAKE),
        ({"current": False, "by_person": True, "named": True}, Decision.MAKE, Decision.MAKE),
        ({"named": True}, Decision.KEEP, Decision.WAIT),
        ({"force": True}, Decision.MAKE, Decision.MAKE),
        ({"force": True, "by_person": True, "charges": True}, Decision.MAKE, Decision.MAKE),
        ({"others_named": True, "force": True, "current": False}, Decision.KEEP, Decision.WAIT),
        ({"ready_before": False}, Decision.KEEP, Decision.WAIT),
        ({"ready_before": False, "force": True}, Decision.KEEP, Decision.WAIT),
    ],
)
def test_a_take_that_is_there_is_made_again_only_for_a_reason(
    facts: dict[str, bool], approved: Decision, review: Decision
) -> None:
    assert a_decision(State.APPROVED, **facts) is approved
    assert a_decision(State.REVIEW, **facts) is review


def test_what_is_locked_stays_whatever_is_asked_for() -> None:
    for wanted, current, named in itertools.product([False, True], repeat=3):
        asked = {"wanted": wanted, "current": current, "named": named, "force": True, "ready_before": current}
        assert a_decision(State.LOCKED, **asked) is Decision.KEEP


def test_a_shot_that_was_rejected_more_often_than_its_cap_is_made_again_only_by_name() -> None:
    assert a_decision(State.REJECTED, over_cap=True) is Decision.WAIT
    assert a_decision(State.REJECTED, over_cap=True, force=True) is Decision.WAIT
    assert a_decision(State.REJECTED, over_cap=True, named=True) is Decision.MAKE
    assert a_decision(State.PENDING, over_cap=True) is Decision.MAKE


@pytest.mark.parametrize("state", [State.AI_REVIEWING, State.HUMAN_REVIEW])
def test_what_is_in_review_waits_for_its_verdict(state: State) -> None:
    assert a_decision(state) is Decision.WAIT
    assert a_decision(state, current=False, charges=True) is Decision.WAIT


@pytest.mark.parametrize("state", MADE_NOW)
def test_what_is_not_named_or_lacks_its_image_waits(state: State) -> None:
    assert a_decision(state, others_named=True) is Decision.WAIT
    assert a_decision(state, ready_before=False) is Decision.WAIT


@given(
    st.sampled_from(State),
    st.fixed_dictionaries(
        {
            name: st.booleans()
            for name in (
                "wanted",
                "ready_before",
                "current",
                "by_person",
                "named",
                "others_named",
                "force",
                "charges",
                "over_cap",
            )
        }
    ),
)
def test_the_rules_that_protect_money_and_peoples_verdicts_hold_in_every_case(
    state: State, facts: dict[str, bool]
) -> None:
    decision = decide(state, **facts)
    if state is State.LOCKED:
        assert decision is Decision.KEEP
        return
    if not facts["wanted"]:
        assert decision is Decision.SKIP
        return
    assert decision is not Decision.SKIP
    if facts["others_named"] or not facts["ready_before"]:
        assert decision is not Decision.MAKE
    if state in {State.APPROVED, *IN_REVIEW} and decision is Decision.MAKE:
        asked = facts["force"] or facts["named"]
        assert asked or not (facts["by_person"] or facts["charges"])
        assert facts["force"] or not facts["current"]
    if decision is Decision.KEEP:
        assert state is State.APPROVED
    if decision is Decision.MAKE:
        # Nothing is made for which no claim could be taken.
        after(state, Event.CLAIMED, ReviewMode.NONE)
    if decision is Decision.WAIT and state is State.APPROVED:
        raise AssertionError("an approved shot waits for nothing")
