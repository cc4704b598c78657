"""Leaving shots out on purpose: the film shows their slate, and nothing is made for them until they are taken in again.

A shot is left out as a whole, with all its stages; each stage comes back to where it was.
"""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Shot, ShotStage
from aianime_pipeline.errors import StateError
from aianime_pipeline.production.episodes.rows import load_shots
from aianime_pipeline.production.reviews.changing import Changing, changing, checked_reason
from aianime_pipeline.production.shots.stages import IN_WORK, Event, Stage, State


def skip_shots(session: Session, episode: Episode, shots: Collection[int], *, reason: str, who: str) -> None:
    """Leave these shots out. Raises NotFoundError, StateError for a shot that is left out already or locked in a
    stage, BadSettingError for a reason that is no text."""
    reason = checked_reason(reason, None)
    for one in _with_rows(session, episode, shots, who):
        shot = session.get_one(Shot, one.row.shot_id)
        if shot.skipped_by is not None:
            raise StateError(f"Shot {one.number} is left out already, by {shot.skipped_by}.", shot=one.number)
        for stage in _stages_of(one):
            before = State(stage.row.state)
            stage.move(Event.SKIPPED, "skipped", reason=reason)
            # Who was at work on it goes on to its end, and its take stays; the shot itself begins anew.
            stage.row.before_skip = State.PENDING.value if before in IN_WORK else before.value
        shot.skipped_by = who


def unskip_shots(session: Session, episode: Episode, shots: Collection[int], *, who: str) -> None:
    """Take these shots in again. Raises NotFoundError, StateError for a shot that is not left out."""
    for one in _with_rows(session, episode, shots, who):
        shot = session.get_one(Shot, one.row.shot_id)
        if shot.skipped_by is None:
            raise StateError(f"Shot {one.number} is not left out.", shot=one.number)
        shot.skipped_by = None
        for stage in _stages_of(one):
            state = State(stage.row.before_skip or State.PENDING)
            stage.row.state, stage.row.before_skip = state.value, None
            stage.row.version += 1
            stage.record("unskipped", State.SKIPPED, state, reason="", take=None)


def _with_rows(session: Session, episode: Episode, shots: Collection[int], who: str) -> list[Changing]:
    """The image stage of each, which every shot has; made where no run has been there yet."""
    for view in load_shots(session, episode.id):
        if view.number in set(shots) and Stage.IMAGE not in view.stages:
            session.add(ShotStage(shot_id=view.row_id, stage=Stage.IMAGE.value))
    session.flush()
    return changing(session, episode, Stage.IMAGE, shots, who)


def _stages_of(one: Changing) -> list[Changing]:
    rows = one.session.scalars(
        sa.select(ShotStage).where(ShotStage.shot_id == one.row.shot_id).order_by(ShotStage.id).with_for_update()
    )
    return [Changing(one.session, one.episode, one.number, Stage(row.stage), row, one.who) for row in rows]
