"""The review of a storyboard, before its images begin: by the same rules as that of a take.

A storyboard that was drawn up anew, or imported, begins its review anew. What is rejected is drawn up again or edited
by a person; the reason stays with it.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Asset, Episode, ReviewRecord, Storyboard
from aianime_pipeline.errors import NotFoundError, StaleVersionError, StateError
from aianime_pipeline.production.events import record_event
from aianime_pipeline.production.reviews.changing import checked_reason
from aianime_pipeline.production.shots.stages import Event, ReviewMode, State, after
from aianime_pipeline.production.tasks.stopping import go_on
from aianime_pipeline.reviewing.opinion import Opinion, Verdict
from aianime_pipeline.reviewing.storyboards import review_storyboard as opinion_on
from aianime_pipeline.storyboard import model

_VERDICTS = {
    Event.APPROVED: "approved",
    Event.AI_APPROVED: "approved",
    Event.REJECTED: "rejected",
    Event.AI_REJECTED: "rejected",
    Event.AI_UNSURE: "unsure",
}


def storyboard_mode(episode: Episode) -> ReviewMode:
    return ReviewMode(episode.project.review_storyboard)


def begin_review(session: Session, episode: Episode, board: Storyboard) -> None:
    """What has just been drawn up is looked at as the project says."""
    state = after(State.GENERATING, Event.READY, storyboard_mode(episode))
    board.review_state, board.review_reason = state.value, ""
    tell_storyboard(session, episode, board)


def review_storyboard(
    session: Session,
    episode: Episode,
    *,
    approve: bool,
    reason: str = "",
    reviewer: str,
    version: int | None = None,
) -> State:
    """A person's verdict on the storyboard; `version` is the one that they saw.

    Returns the new state. Raises NotFoundError where there is none, StaleVersionError, StateError where it is not to be
    decided about, BadSettingError for a rejection without a reason.
    """
    needed = None if approve else "A rejection needs a reason: whoever draws the storyboard up again works by it."
    reason = checked_reason(reason, needed)
    go_on(session, episode.id)
    board = _locked(session, episode)
    refuse_stale(board, episode, version)
    event = Event.APPROVED if approve else Event.REJECTED
    try:
        return move(session, episode, board, event, kind="person", reviewer=reviewer, reason=reason)
    except StateError as error:
        last = _last_record(session, board)
        if last is None:
            raise
        by = f" {last.reviewer} {last.verdict} it at {last.created_at:%H:%M:%S} UTC."
        raise StateError(error.message + by, last_by=last.reviewer, **error.details) from error


def refuse_stale(board: Storyboard, episode: Episode, seen: int | None) -> None:
    """Raises StaleVersionError where a person saw another version, with who changed it."""
    if seen is None or seen == board.version:
        return
    when = f" at {board.changed_at:%H:%M:%S} UTC" if board.changed_at is not None else ""
    by = f" {board.changed_by} changed it last{when}." if board.changed_by else ""
    raise StaleVersionError(
        f"The storyboard of {episode.key} has changed since you looked: it is in version {board.version}, you saw "
        f"{seen}.{by}",
        episode=episode.key,
        version=board.version,
        seen=seen,
        last_by=board.changed_by,
    )


def review_by_ai(session: Session, episode: Episode, board: Storyboard, drawn: model.Storyboard) -> State:
    """The built-in reviewer's verdict on a storyboard that waits for it. It judges by rules and asks nobody; over the
    project's cap of retakes, and where its score is under the project's threshold though it can be made, a person
    decides."""
    if State(board.review_state) is not State.AI_REVIEWING:
        return State(board.review_state)
    assets = session.execute(sa.select(Asset.kind, Asset.name).where(Asset.project_id == episode.project_id))
    opinion = opinion_on(drawn, {(kind, name) for kind, name in assets})
    return move(
        session,
        episode,
        board,
        _event_of(opinion, episode, board),
        kind="ai",
        reviewer=opinion.reviewer,
        reason=opinion.reasons,
        score=opinion.score,
        feedback=opinion.feedback(),
    )


def _event_of(opinion: Opinion, episode: Episode, board: Storyboard) -> Event:
    project = episode.project
    if opinion.verdict is Verdict.REJECT:
        return Event.AI_REJECTED if board.retakes < project.retake_cap else Event.AI_UNSURE
    passes = opinion.score is not None and opinion.score >= project.review_threshold
    return Event.AI_APPROVED if opinion.verdict is Verdict.APPROVE and passes else Event.AI_UNSURE


def move(
    session: Session,
    episode: Episode,
    board: Storyboard,
    event: Event,
    *,
    kind: str,
    reviewer: str,
    reason: str = "",
    score: int | None = None,
    feedback: dict[str, object] | None = None,
) -> State:
    """Change where the storyboard's review stands, on record. Raises StateError."""
    before = State(board.review_state)
    try:
        state = after(before, event, storyboard_mode(episode))
    except StateError as error:
        raise StateError(f"The storyboard of {episode.key}: {error.message}", **error.details) from error
    board.review_state, board.review_reason = state.value, reason
    if state is State.REJECTED:
        board.retakes += 1
    session.add(
        ReviewRecord(
            storyboard_id=board.id,
            storyboard_version=board.version,
            kind=kind,
            reviewer=reviewer,
            verdict=_VERDICTS[event],
            reason=reason,
            score=score,
            feedback=feedback,
            state_before=before.value,
            state_after=state.value,
        )
    )
    tell_storyboard(session, episode, board)
    return state


def tell_storyboard(session: Session, episode: Episode, board: Storyboard) -> None:
    record_event(
        session,
        "storyboard",
        project_id=episode.project_id,
        episode_id=episode.id,
        state=board.review_state,
        reason=board.review_reason,
        version=board.version,
    )


def _last_record(session: Session, board: Storyboard) -> ReviewRecord | None:
    query = sa.select(ReviewRecord).where(ReviewRecord.storyboard_id == board.id).order_by(ReviewRecord.id.desc())
    return session.scalars(query.limit(1)).first()


def _locked(session: Session, episode: Episode) -> Storyboard:
    query = sa.select(Storyboard).where(Storyboard.episode_id == episode.id).with_for_update()
    board = session.scalars(query.execution_options(populate_existing=True)).first()
    if board is None:
        raise NotFoundError(f"{episode.key} has no storyboard yet.", episode=episode.key)
    return board
