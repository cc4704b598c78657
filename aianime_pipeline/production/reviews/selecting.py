"""Selecting: which of a shot's takes counts."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Take
from aianime_pipeline.errors import NotFoundError, StateError
from aianime_pipeline.production.reviews.changing import Changing, changing
from aianime_pipeline.production.shots.stages import Event, Stage, State


def select_take(
    session: Session, episode: Episode, stage: Stage, shot: int, take: int, *, who: str, version: int | None = None
) -> State:
    """Have take number `take` count from now on. One that was approved before is approved; any other goes where the
    project's review mode sends a ready take.

    Returns the new state. Raises NotFoundError for a shot or a take that is not there, StateError for a take that is
    not ready or counts already, or where the state does not allow it, StaleVersionError.
    """
    versions = {shot: version} if version is not None else None
    (one,) = changing(session, episode, stage, [shot], who, versions)
    chosen = _take(one, take)
    if chosen.id == one.row.selected_take_id:
        raise StateError(f"Take {take} of shot {shot} counts already.", shot=shot, take=take)
    state = one.move(Event.SELECTED, "selected", take=chosen)
    one.row.selected_take_id, one.row.reason, one.row.failures = chosen.id, "", None
    if chosen.verdict == "approved" or state is State.APPROVED:
        one.row.state = state = State.APPROVED
        chosen.verdict, chosen.reason = "approved", ""
    else:
        # What was said of it before was said; now it is looked at again.
        chosen.verdict, chosen.reason = "none", ""
    return state


def _take(one: Changing, number: int) -> Take:
    # As they are behind the lock: a clean-up may have taken one away a moment ago.
    query = sa.select(Take).where(Take.stage_id == one.row.id).order_by(Take.number)
    takes = one.session.scalars(query.execution_options(populate_existing=True)).all()
    ready = [take.number for take in takes if take.state == "ready" and take.object_digest is not None]
    told = ", ".join(map(str, ready)) or "none"
    chosen = next((take for take in takes if take.number == number), None)
    if chosen is None:
        raise NotFoundError(
            f"Shot {one.number} has no take {number} of its {one.stage}; it has {told}.",
            shot=one.number,
            take=number,
        )
    if chosen.number not in ready:
        raise StateError(
            f"Take {number} of shot {one.number} is {chosen.state}; one that is ready can be selected: {told}.",
            shot=one.number,
            take=number,
        )
    return chosen
