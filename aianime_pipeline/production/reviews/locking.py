"""Locks: what is locked never changes, whatever is asked for."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode
from aianime_pipeline.production.reviews.changing import Versions, changing, checked_reason
from aianime_pipeline.production.shots.stages import Event, Stage, State


def lock_shots(
    session: Session,
    episode: Episode,
    stage: Stage,
    shots: Collection[int],
    *,
    who: str,
    versions: Versions | None = None,
) -> dict[int, State]:
    """Lock approved takes. Raises NotFoundError, StaleVersionError, StateError for what is not approved."""
    found = changing(session, episode, stage, shots, who, versions)
    return {one.number: one.move(Event.LOCKED, "locked", take=one.needs_take("locked")) for one in found}


def unlock_shots(
    session: Session,
    episode: Episode,
    stage: Stage,
    shots: Collection[int],
    *,
    reason: str,
    who: str,
    versions: Versions | None = None,
) -> dict[int, State]:
    """Open locked shots again. Raises as `lock_shots`, and BadSettingError without a reason."""
    reason = checked_reason(reason, "Unlocking needs a reason: others count on what is locked.")
    found = changing(session, episode, stage, shots, who, versions)
    return {one.number: one.move(Event.UNLOCKED, "unlocked", reason=reason, take=one.take) for one in found}
