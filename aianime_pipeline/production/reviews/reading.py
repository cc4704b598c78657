"""What reviewers said and did in an episode, as people look it up."""

import sqlalchemy as sa

from aianime_pipeline.db.models import Episode, ReviewRecord, ShotStage, Storyboard
from aianime_pipeline.db.models import Shot as ShotRow
from aianime_pipeline.production.shots.stages import Stage


def reviews_of(
    episode: Episode,
    *,
    shot: int | None = None,
    stage: Stage | None = None,
    reviewer: str | None = None,
    verdict: str | None = None,
) -> sa.Select[ReviewRecord]:
    """The query: of its shots, and of its storyboard where neither a shot nor a stage is named."""
    shots = (
        sa.select(ShotStage.id).join(ShotRow, ShotRow.id == ShotStage.shot_id).where(ShotRow.episode_id == episode.id)
    )
    if shot is not None:
        shots = shots.where(ShotRow.number == shot)
    if stage is not None:
        shots = shots.where(ShotStage.stage == stage.value)
    about: sa.ColumnElement[bool] = ReviewRecord.stage_id.in_(shots)
    if shot is None and stage is None:
        boards = sa.select(Storyboard.id).where(Storyboard.episode_id == episode.id)
        about = sa.or_(about, ReviewRecord.storyboard_id.in_(boards))
    query = sa.select(ReviewRecord).where(about)
    if reviewer is not None:
        query = query.where(ReviewRecord.reviewer == reviewer)
    if verdict is not None:
        query = query.where(ReviewRecord.verdict == verdict)
    return query
