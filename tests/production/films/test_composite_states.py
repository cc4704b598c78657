"""The composite task's state machine as a table."""

import pytest

from aianime_pipeline.errors import StateError
from aianime_pipeline.production.films.composite_states import CompositeEvent as Event
from aianime_pipeline.production.films.composite_states import CompositeState as State
from aianime_pipeline.production.films.composite_states import after

LEADS_TO = {
    (State.EDITING, Event.BEGUN): State.EXPORTING,
    (State.EDITING, Event.EDITED): State.EDITING,
    (State.EXPORTING, Event.BEGUN): State.EXPORTING,
    (State.EXPORTING, Event.EDITED): State.EXPORTING,
    (State.EXPORTING, Event.FINISHED): State.DONE,
    (State.EXPORTING, Event.SET_ASIDE): State.EDITING,
    (State.EXPORTING, Event.FAILED): State.FAILED,
    (State.EXPORTING, Event.CANCELLED): State.EDITING,
    (State.DONE, Event.BEGUN): State.EXPORTING,
    (State.DONE, Event.EDITED): State.EDITING,
    (State.FAILED, Event.BEGUN): State.EXPORTING,
    (State.FAILED, Event.EDITED): State.EDITING,
}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_every_event_leads_where_the_table_says_or_is_refused(state: State, event: Event) -> None:
    if (state, event) in LEADS_TO:
        assert after(state, event) is LEADS_TO[state, event]
        return
    with pytest.raises(StateError, match=f"A film that is {state} cannot be {event}; allowed now: "):
        after(state, event)


def test_a_refusal_says_what_is_allowed() -> None:
    with pytest.raises(StateError, match=r"allowed now: edited, exported\.$"):
        after(State.DONE, Event.CANCELLED)
