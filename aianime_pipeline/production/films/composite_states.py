"""The state machine of a composite task: an episode's edit and its export. Pure.

Every change of a task's state is `after(state, event)`; what the table does not name is refused.
"""

from enum import StrEnum

from aianime_pipeline.errors import StateError


class CompositeState(StrEnum):
    EDITING = "editing"
    EXPORTING = "exporting"
    DONE = "done"
    FAILED = "failed"


class CompositeEvent(StrEnum):
    BEGUN = "exported"
    EDITED = "edited"
    FINISHED = "finished"
    """The export of the edit as it stands."""
    SET_ASIDE = "set aside"
    """A draft was exported, or an edit that has been changed since: the edit as it stands is not exported yet."""
    FAILED = "failed for good"
    CANCELLED = "cancelled"


_TABLE: dict[tuple[CompositeState, CompositeEvent], CompositeState] = {
    (CompositeState.EDITING, CompositeEvent.BEGUN): CompositeState.EXPORTING,
    (CompositeState.DONE, CompositeEvent.BEGUN): CompositeState.EXPORTING,
    (CompositeState.FAILED, CompositeEvent.BEGUN): CompositeState.EXPORTING,
    (CompositeState.EXPORTING, CompositeEvent.BEGUN): CompositeState.EXPORTING,  # taken over from a dead process
    (CompositeState.EDITING, CompositeEvent.EDITED): CompositeState.EDITING,
    (CompositeState.DONE, CompositeEvent.EDITED): CompositeState.EDITING,
    (CompositeState.FAILED, CompositeEvent.EDITED): CompositeState.EDITING,
    (CompositeState.EXPORTING, CompositeEvent.EDITED): CompositeState.EXPORTING,  # the export has a version of its own
    (CompositeState.EXPORTING, CompositeEvent.FINISHED): CompositeState.DONE,
    (CompositeState.EXPORTING, CompositeEvent.SET_ASIDE): CompositeState.EDITING,
    (CompositeState.EXPORTING, CompositeEvent.FAILED): CompositeState.FAILED,
    (CompositeState.EXPORTING, CompositeEvent.CANCELLED): CompositeState.EDITING,
}


def after(state: str, event: CompositeEvent) -> CompositeState:
    """The state that `event` leads to. Raises StateError, saying what would be allowed."""
    found = _TABLE.get((CompositeState(state), event))
    if found is not None:
        return found
    allowed = sorted(of.value for (at, of) in _TABLE if at == state)
    raise StateError(
        f"A film that is {state} cannot be {event}; allowed now: {', '.join(allowed)}.", state=state, event=event.value
    )
