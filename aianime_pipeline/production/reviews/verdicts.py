"""Verdicts: approve, or reject with a reason that the next take is made with; and taking the last one back."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, ReviewRecord
from aianime_pipeline.errors import BadSettingError, StateError
from aianime_pipeline.production.episodes.rows import load_shots
from aianime_pipeline.production.notifications.task_notices import tell_retake_asked
from aianime_pipeline.production.reviews.changing import Changing, Versions, changing, checked_reason
from aianime_pipeline.production.shots.stages import AWAITS_PERSON, Event, Stage, State


def review_shots(
    session: Session,
    episode: Episode,
    stage: Stage,
    *,
    approve: Collection[int] | None,
    reject: Collection[int],
    reason: str,
    reviewer: str,
    versions: Versions | None = None,
) -> dict[int, State]:
    """Give verdicts on the selected takes of shots by number, all or nothing; `approve=None` approves all that wait
    for a person.

    Returns the new states. Raises NotFoundError for a shot that is not there, StateError where the state does not
    allow it, StaleVersionError where the reviewer saw an older version, BadSettingError for a rejection without a
    reason, a reason that is no text, or a shot named twice.
    """
    needed = "A rejection needs a reason: the next take is made with it." if reject else None
    reason = checked_reason(reason, needed)
    if approve is None:
        views = load_shots(session, episode.id)
        waiting = [view.number for view in views if stage in view.stages and view.stages[stage].state in AWAITS_PERSON]
        approve = [number for number in waiting if number not in set(reject)]
    if both := sorted(set(approve) & set(reject)):
        raise BadSettingError(f"Shots {', '.join(map(str, both))} are both approved and rejected.")
    found = changing(session, episode, stage, [*approve, *reject], reviewer, versions)
    rejected = set(reject)
    return {one.number: _reject(one, reason) if one.number in rejected else _approve(one) for one in found}


def _approve(one: Changing) -> State:
    take = one.needs_take("approved")
    state = one.move(Event.APPROVED, "approved", take=take)
    one.row.reason, take.verdict, take.reason = "", "approved", ""
    return state


def _reject(one: Changing, reason: str) -> State:
    take = one.needs_take("rejected")
    state = one.move(Event.REJECTED, "rejected", reason=reason, take=take)
    one.row.reason, take.verdict, take.reason = reason, "rejected", reason
    one.row.retakes += 1
    tell_retake_asked(one.session, one.episode, one.stage, one.number, take, reason=reason, reviewer=one.who)
    return state


def undo_verdicts(
    session: Session,
    episode: Episode,
    stage: Stage,
    shots: Collection[int],
    *,
    who: str,
    versions: Versions | None = None,
) -> dict[int, State]:
    """Take back the last verdict on these shots' selected takes: a person decides anew. A rejection that is taken back
    no longer counts as a retake.

    Raises NotFoundError, StaleVersionError, StateError where there is no verdict to take back or a next take is being
    made already.
    """
    return {one.number: _undo(one) for one in changing(session, episode, stage, shots, who, versions)}


def _undo(one: Changing) -> State:
    take = one.needs_take("taken back")
    last = one.session.scalars(
        sa.select(ReviewRecord)
        .where(ReviewRecord.take_id == take.id, ReviewRecord.verdict.in_(["approved", "rejected"]))
        .order_by(ReviewRecord.id.desc())
        .limit(1)
    ).first()
    if last is None or take.verdict == "none":
        raise StateError(f"Shot {one.number}: nobody has decided about take {take.number} yet.", shot=one.number)
    rejected = State(one.row.state) is State.REJECTED
    state = one.move(Event.UNDONE, "undone", take=take)
    one.row.reason, take.verdict, take.reason = "", "none", ""
    if rejected:
        one.row.retakes = max(one.row.retakes - 1, 0)
    return state
