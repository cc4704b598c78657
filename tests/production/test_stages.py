import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.errors import StateError
from aianime_pipeline.production.stages import Decision, Event, ReviewMode, State, after, decide

# Every state and event, written out: what is not here is refused. None stands for "as the review mode says".
ALLOWED: dict[State, dict[Event, State | None]] = {
    State.PENDING: {Event.CLAIMED: State.GENERATING, Event.SKIPPED: State.SKIPPED},
    State.GENERATING: {
        Event.CLAIMED: State.GENERATING,
        Event.READY: None,
        Event.FAILED: State.FAILED,
        Event.SKIPPED: State.SKIPPED,
    },
    State.REVIEW: {
        Event.CLAIMED: State.REGENERATING,
        Event.APPROVED: State.APPROVED,
        Event.REJECTED: State.REJECTED,
        Event.SKIPPED: State.SKIPPED,
    },
    State.APPROVED: {
        Event.CLAIMED: State.REGENERATING,
        Event.REJECTED: State.REJECTED,
        Event.SKIPPED: State.SKIPPED,
    },
    State.REJECTED: {Event.CLAIMED: State.REGENERATING, Event.SKIPPED: State.SKIPPED},
    State.REGENERATING: {
        Event.CLAIMED: State.REGENERATING,
        Event.READY: None,
        Event.FAILED: State.FAILED,
        Event.SKIPPED: State.SKIPPED,
    },
    State.FAILED: {Event.CLAIMED: State.GENERATING, Event.SKIPPED: State.SKIPPED},
    State.SKIPPED: {Event.CLAIMED: State.GENERATING, Event.SKIPPED: State.SKIPPED},
}
READY = {ReviewMode.NONE: State.APPROVED, ReviewMode.HUMAN: State.REVIEW}


@pytest.mark.parametrize(("state", "event", "mode"), list(itertools.product(State, Event, ReviewMode)))
def test_every_event_leads_where_the_table_says_or_is_refused(state: State, event: Event, mode: ReviewMode) -> None:
    if event not in ALLOWED[state]:
        with pytest.raises(StateError, match=f"A shot that is {state} cannot be {event}"):
            after(state, event, mode)
        return
    assert after(state, event, mode) is (ALLOWED[state][event] or READY[mode])


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


@pytest.mark.parametrize("state", State)
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
            )
        }
    ),
)
def test_the_rules_that_protect_money_and_peoples_verdicts_hold_in_every_case(
    state: State, facts: dict[str, bool]
) -> None:
    decision = decide(state, **facts)
    if not facts["wanted"]:
        assert decision is Decision.SKIP
        return
    assert decision is not Decision.SKIP
    if facts["others_named"] or not facts["ready_before"]:
        assert decision is not Decision.MAKE
    if state in (State.APPROVED, State.REVIEW) and decision is Decision.MAKE:
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
