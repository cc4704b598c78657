"""Verdicts on takes: approve, or reject with a reason that the next take is made with."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, ReviewRecord, Take
from aianime_pipeline.errors import BadSettingError, NotFoundError, StateError
from aianime_pipeline.production.episodes import ShotView, load_shots
from aianime_pipeline.production.stages import Event, ReviewMode, Stage, State, after
from aianime_pipeline.production.written_text import checked_text


def review_shots(
    session: Session,
    episode: Episode,
    stage: Stage,
    *,
    approve: Collection[int] | None,
    reject: Collection[int],
    reason: str,
    reviewer: str,
) -> dict[int, State]:
    """Give verdicts on the selected takes of shots by number, all or nothing; `approve=None` approves all in review.

    Returns the new states. Raises NotFoundError for a shot that is not there, StateError where the state does not
    allow it, BadSettingError for a rejection without a reason, a reason that is no text, or a shot named twice.
    """
    if reject and not reason.strip():
        raise BadSettingError("A rejection needs a reason: the next take is made with it.")
    checked_text(reason, "The reason")
    views = {view.number: view for view in load_shots(session, episode.id)}
    if approve is None:
        approve = [number for number, view in views.items() if _state(view, stage) is State.REVIEW]
    if both := sorted(set(approve) & set(reject)):
        raise BadSettingError(f"Shots {', '.join(map(str, both))} are both approved and rejected.")
    verdicts = [(number, Event.APPROVED) for number in approve] + [(number, Event.REJECTED) for number in reject]
    return {
        number: _give_verdict(session, views.get(number), number, stage, event, reason.strip(), reviewer)
        for number, event in verdicts
    }


def _state(view: ShotView, stage: Stage) -> State | None:
    return view.stages[stage].state if stage in view.stages else None


def _give_verdict(
    session: Session, view: ShotView | None, number: int, stage: Stage, event: Event, reason: str, reviewer: str
) -> State:
    if view is None:
        raise NotFoundError(f"There is no shot {number}.", shot=number)
    mine = view.stages.get(stage)
    if mine is None or mine.take is None:
        raise StateError(f"Shot {number} has no {stage} yet that could be {event}.", shot=number)
    rejected = event is Event.REJECTED
    try:
        state = after(mine.state, event, ReviewMode.HUMAN)
    except StateError as error:
        raise StateError(f"Shot {number}: {error.message}", shot=number) from error
    row = mine.row
    row.state, row.reason = state.value, reason if rejected else ""
    row.version += 1
    take = session.get_one(Take, mine.take.id)
    take.verdict, take.reason = ("rejected", reason) if rejected else ("approved", "")
    session.add(ReviewRecord(take_id=take.id, reviewer=reviewer, verdict=take.verdict, reason=take.reason))
    return state
