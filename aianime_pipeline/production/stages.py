"""The state machine of a shot stage: the image, the video or the voice of one shot. Pure.

Every change of a stage's state is `after(state, event, mode)`; what the table does not name is refused.
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
    REVIEW = "review"
    APPROVED = "approved"
    REJECTED = "rejected"
    REGENERATING = "regenerating"
    FAILED = "failed"
    SKIPPED = "skipped"


class Event(StrEnum):
    CLAIMED = "work claimed"
    READY = "take ready"
    FAILED = "attempt failed for good"
    APPROVED = "approved"
    REJECTED = "rejected"
    SKIPPED = "skipped"


class ReviewMode(StrEnum):
    """Who looks at a take before it counts: nobody, or a person."""

    NONE = "none"
    HUMAN = "human"


DONE = frozenset({State.APPROVED})
"""States whose selected take goes into the next stage."""

IN_WORK = frozenset({State.GENERATING, State.REGENERATING})
AWAITS_PERSON = frozenset({State.REVIEW})

_READY = {ReviewMode.NONE: State.APPROVED, ReviewMode.HUMAN: State.REVIEW}

_TABLE: dict[tuple[State, Event], State] = {
    (State.PENDING, Event.CLAIMED): State.GENERATING,
    (State.FAILED, Event.CLAIMED): State.GENERATING,
    (State.SKIPPED, Event.CLAIMED): State.GENERATING,
    (State.GENERATING, Event.CLAIMED): State.GENERATING,  # taken over from a dead worker
    (State.REJECTED, Event.CLAIMED): State.REGENERATING,
    (State.REGENERATING, Event.CLAIMED): State.REGENERATING,
    (State.REVIEW, Event.CLAIMED): State.REGENERATING,  # a person asked for another take
    (State.APPROVED, Event.CLAIMED): State.REGENERATING,
    (State.GENERATING, Event.FAILED): State.FAILED,
    (State.REGENERATING, Event.FAILED): State.FAILED,
    (State.REVIEW, Event.APPROVED): State.APPROVED,
    (State.REVIEW, Event.REJECTED): State.REJECTED,
    (State.APPROVED, Event.REJECTED): State.REJECTED,
    (State.PENDING, Event.SKIPPED): State.SKIPPED,
    (State.GENERATING, Event.SKIPPED): State.SKIPPED,  # the storyboard no longer asks for it
    (State.REGENERATING, Event.SKIPPED): State.SKIPPED,
    (State.FAILED, Event.SKIPPED): State.SKIPPED,
    (State.REVIEW, Event.SKIPPED): State.SKIPPED,
    (State.REJECTED, Event.SKIPPED): State.SKIPPED,
    (State.APPROVED, Event.SKIPPED): State.SKIPPED,
    (State.SKIPPED, Event.SKIPPED): State.SKIPPED,
}


def after(state: State, event: Event, mode: ReviewMode) -> State:
    """The state that `event` leads to. Raises StateError, saying what would be allowed."""
    if event is Event.READY and state in IN_WORK:
        return _READY[mode]
    found = _TABLE.get((state, event))
    if found is not None:
        return found
    allowed = sorted({of.value for (at, of) in _TABLE if at is state} | ({"take ready"} if state in IN_WORK else set()))
    raise StateError(
        f"A shot that is {state} cannot be {event}; allowed now: {', '.join(allowed) or 'nothing'}.",
        state=state.value,
        event=event.value,
    )


class Decision(StrEnum):
    """What bringing a shot up to date means for one stage of it."""

    MAKE = "make"
    KEEP = "keep"
    WAIT = "wait"
    """For a person's verdict, or for the stage before it."""
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
) -> Decision:
    """What to do with a stage whose work nobody holds.

    `wanted`: the storyboard asks for this stage; `ready_before`: what it is made from is approved; `current`: its
    selected take was made from what it would be made from now; `by_person`: a person approved it; `named`: the
    request names this shot; `others_named`: the request names shots, but not this one; `force`: make it again also
    when current; `charges`: the provider takes money. What costs money is made again for being out of date only when
    a person names its shot; what a person approved likewise.
    """
    if not wanted:
        return Decision.SKIP
    finished = state in (State.APPROVED, State.REVIEW)
    if others_named:
        return Decision.KEEP if state is State.APPROVED else Decision.WAIT
    if not ready_before:
        return Decision.KEEP if state is State.APPROVED else Decision.WAIT
    if not finished:
        return Decision.MAKE
    stale_and_free = not current and not by_person and not charges
    if force or (not current and named) or stale_and_free:
        return Decision.MAKE
    return Decision.KEEP if state is State.APPROVED else Decision.WAIT
