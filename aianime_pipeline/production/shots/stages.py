"""The state machine of a shot stage: the image, the video or the voice of one shot. Pure.

Every change of a stage's state is `after(state, event, mode)`; what the table does not name is refused. A storyboard
is reviewed by the same rules.
"""

from enum import StrEnum

from aianime_pipeline.errors import StateError


class Stage(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    VOICE = "voice"


class State(StrEnum):
    PENDING = "pending"
    GENERATING = "generating"
    AI_REVIEWING = "ai_reviewing"
    REVIEW = "review"
    HUMAN_REVIEW = "human_review"
    """A person decides after an AI reviewer has looked."""
    APPROVED = "approved"
    LOCKED = "locked"
    REJECTED = "rejected"
    REGENERATING = "regenerating"
    FAILED = "failed"
    SKIPPED = "skipped"


class Event(StrEnum):
    CLAIMED = "work claimed"
    READY = "take ready"
    FAILED = "attempt failed for good"
    AI_APPROVED = "approved by the AI reviewer"
    AI_REJECTED = "rejected by the AI reviewer"
    AI_UNSURE = "left to a person by the AI reviewer"
    """It rejects over the cap of retakes, or cannot judge."""
    APPROVED = "approved"
    REJECTED = "rejected"
    SELECTED = "given another take"
    UNDONE = "taken back"
    """The last verdict of a person."""
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    SKIPPED = "skipped"


class ReviewMode(StrEnum):
    """Who looks at a take before it counts."""

    NONE = "none"
    HUMAN = "human"
    AI = "ai"
    """An AI reviewer alone; over the cap of retakes a person."""
    AI_THEN_HUMAN = "ai_then_human"
    """What the AI reviewer approves counts, what it rejects a person decides."""
    AI_AND_HUMAN = "ai_and_human"
    """A person decides everything, with the AI reviewer's opinion before them."""


BY_AI = frozenset({ReviewMode.AI, ReviewMode.AI_THEN_HUMAN, ReviewMode.AI_AND_HUMAN})
"""Modes in which the AI reviewer looks at a take."""

DONE = frozenset({State.APPROVED, State.LOCKED})
"""States whose selected take goes into the next stage."""

NOT_BEGUN = frozenset({State.PENDING, State.SKIPPED})
"""A stage that is skipped and wanted is begun like a new one."""

IN_WORK = frozenset({State.GENERATING, State.REGENERATING})
AWAITS_PERSON = frozenset({State.REVIEW, State.HUMAN_REVIEW})
IN_REVIEW = AWAITS_PERSON | {State.AI_REVIEWING}

_READY = {
    ReviewMode.NONE: State.APPROVED,
    ReviewMode.HUMAN: State.REVIEW,
    ReviewMode.AI: State.AI_REVIEWING,
    ReviewMode.AI_THEN_HUMAN: State.AI_REVIEWING,
    ReviewMode.AI_AND_HUMAN: State.AI_REVIEWING,
}

_BY_MODE = {
    Event.AI_APPROVED: {
        ReviewMode.AI: State.APPROVED,
        ReviewMode.AI_THEN_HUMAN: State.APPROVED,
        ReviewMode.AI_AND_HUMAN: State.HUMAN_REVIEW,
    },
    Event.AI_REJECTED: {
        ReviewMode.AI: State.REJECTED,
        ReviewMode.AI_THEN_HUMAN: State.HUMAN_REVIEW,
        ReviewMode.AI_AND_HUMAN: State.HUMAN_REVIEW,
    },
}
"""Of a take in AI review. A project whose mode was changed meanwhile has it decided by a person."""

_TABLE: dict[tuple[State, Event], State] = {
    (State.PENDING, Event.CLAIMED): State.GENERATING,
    (State.FAILED, Event.CLAIMED): State.GENERATING,
    (State.SKIPPED, Event.CLAIMED): State.GENERATING,
    (State.GENERATING, Event.CLAIMED): State.GENERATING,  # taken over from a dead worker
    (State.REJECTED, Event.CLAIMED): State.REGENERATING,
    (State.REGENERATING, Event.CLAIMED): State.REGENERATING,
    # A person asked for another take.
    (State.REVIEW, Event.CLAIMED): State.REGENERATING,
    (State.HUMAN_REVIEW, Event.CLAIMED): State.REGENERATING,
    (State.AI_REVIEWING, Event.CLAIMED): State.REGENERATING,
    (State.APPROVED, Event.CLAIMED): State.REGENERATING,
    (State.GENERATING, Event.FAILED): State.FAILED,
    (State.REGENERATING, Event.FAILED): State.FAILED,
    (State.AI_REVIEWING, Event.AI_UNSURE): State.HUMAN_REVIEW,
    # A person need not wait for the AI reviewer.
    (State.AI_REVIEWING, Event.APPROVED): State.APPROVED,
    (State.AI_REVIEWING, Event.REJECTED): State.REJECTED,
    (State.REVIEW, Event.APPROVED): State.APPROVED,
    (State.REVIEW, Event.REJECTED): State.REJECTED,
    (State.HUMAN_REVIEW, Event.APPROVED): State.APPROVED,
    (State.HUMAN_REVIEW, Event.REJECTED): State.REJECTED,
    (State.APPROVED, Event.REJECTED): State.REJECTED,
    (State.APPROVED, Event.LOCKED): State.LOCKED,
    (State.LOCKED, Event.UNLOCKED): State.APPROVED,
} | {(state, Event.SKIPPED): State.SKIPPED for state in State if state is not State.LOCKED}

_HAS_TAKES = frozenset(
    {State.REVIEW, State.HUMAN_REVIEW, State.AI_REVIEWING, State.APPROVED, State.REJECTED, State.FAILED}
)
"""Where a person may say that another of its takes counts."""


def after(state: State, event: Event, mode: ReviewMode) -> State:
    """The state that `event` leads to. Raises StateError, saying what would be allowed."""
    found = _after(state, event, mode)
    if found is not None:
        return found
    allowed = [other.value for other in Event if _after(state, other, mode) is not None]
    raise StateError(
        f"A shot that is {state} cannot be {event}; allowed now: {', '.join(allowed) or 'nothing'}.",
        state=state.value,
        event=event.value,
    )


def _after(state: State, event: Event, mode: ReviewMode) -> State | None:
    if event is Event.READY:
        return _READY[mode] if state in IN_WORK else None
    if event in _BY_MODE:
        return _BY_MODE[event].get(mode, State.HUMAN_REVIEW) if state is State.AI_REVIEWING else None
    if event is Event.SELECTED:
        return _READY[mode] if state in _HAS_TAKES else None
    if event is Event.UNDONE:
        return _undone(mode) if state in (State.APPROVED, State.REJECTED) else None
    return _TABLE.get((state, event))


def _undone(mode: ReviewMode) -> State:
    """Where a person decides anew: the AI reviewer, if there is one, has spoken."""
    return State.REVIEW if mode in (ReviewMode.NONE, ReviewMode.HUMAN) else State.HUMAN_REVIEW


class Decision(StrEnum):
    """What bringing a shot up to date means for one stage of it."""

    MAKE = "make"
    KEEP = "keep"
    WAIT = "wait"
    """For a verdict, or for the stage before it."""
    SKIP = "skip"


def decide(
    state: State,
    *,
    wanted: bool,
    ready_before: bool,
    current: bool,
    by_person: bool,
    named: bool,
    others_named: bool,
    force: bool,
    charges: bool,
    over_cap: bool = False,
) -> Decision:
    """What to do with a stage whose work nobody holds.

    `wanted`: the storyboard asks for this stage; `ready_before`: what it is made from is approved; `current`: its
    selected take was made from what it would be made from now; `by_person`: a person approved or chose it; `named`: the
    request names this shot; `others_named`: the request names shots, but not this one; `force`: make it again also
    when current; `charges`: the provider takes money; `over_cap`: it was rejected more often than the project has
    retakes made without a person naming the shot. What costs money is made again for being out of date only when a
    person names its shot; what a person approved likewise. What is locked is never made again.
    """
    if state is State.LOCKED:
        return Decision.KEEP
    if not wanted:
        return Decision.SKIP
    rests = Decision.KEEP if state is State.APPROVED else Decision.WAIT
    if others_named or not ready_before:
        return rests
    if state is State.REJECTED and over_cap and not named:
        return Decision.WAIT
    if state is not State.APPROVED and state not in IN_REVIEW:
        return Decision.MAKE
    stale_and_free = not current and not by_person and not charges
    if force or (not current and named) or stale_and_free:
        return Decision.MAKE
    return rests
