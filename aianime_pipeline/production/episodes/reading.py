"""Episodes as people see them in a list: how far screenplay and storyboard are, and where the shots stand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from aianime_pipeline.db.models import Episode, Screenplay, ShotStage, Storyboard
from aianime_pipeline.db.models import Shot as ShotRow
from aianime_pipeline.production.storyboards.keeping import is_stale


@dataclass
class EpisodeSummary:
    """`stages`: how many of the shots that are in the storyboard are in which state, by stage."""

    episode: Episode
    screenplay: Screenplay | None = None
    storyboard: Storyboard | None = None
    out_of_date: bool = False
    """The screenplay went on, and the storyboard did not yet."""
    shots: int = 0
    stages: dict[str, dict[str, int]] = field(default_factory=dict)


_IDS: sa.BindParameter[Any] = sa.bindparam("episodes", expanding=True)
_NEWEST = (
    sa.select(Screenplay.episode_id, sa.func.max(Screenplay.version).label("version"))
    .where(Screenplay.episode_id.in_(_IDS))
    .group_by(Screenplay.episode_id)
    .subquery()
)
_SCREENPLAYS = sa.select(Screenplay).join(
    _NEWEST, sa.and_(_NEWEST.c.episode_id == Screenplay.episode_id, _NEWEST.c.version == Screenplay.version)
)
_BOARDS = sa.select(Storyboard).options(defer(Storyboard.document)).where(Storyboard.episode_id.in_(_IDS))
_SHOTS = (
    sa.select(ShotRow.episode_id, sa.func.count())
    .where(ShotRow.episode_id.in_(_IDS), ShotRow.retired.is_(False))
    .group_by(ShotRow.episode_id)
)
_STATES = (
    sa.select(ShotRow.episode_id, ShotStage.stage, ShotStage.state, sa.func.count().label("shots"))
    .join(ShotStage, ShotStage.shot_id == ShotRow.id)
    .where(ShotRow.episode_id.in_(_IDS), ShotRow.retired.is_(False))
    .group_by(ShotRow.episode_id, ShotStage.stage, ShotStage.state)
    .order_by(ShotStage.stage, ShotStage.state)
)


def summaries(session: Session, episodes: Sequence[Episode]) -> list[EpisodeSummary]:
    """A few queries, however many episodes."""
    ids = [episode.id for episode in episodes]
    screenplays = {row.episode_id: row for row in session.scalars(_SCREENPLAYS, {"episodes": ids})}
    boards = {row.episode_id: row for row in session.scalars(_BOARDS, {"episodes": ids})}
    counts: dict[int, int] = dict(session.execute(_SHOTS, {"episodes": ids}).all())
    states = _state_counts(session, ids)
    found = []
    for episode in episodes:
        screenplay, board = screenplays.get(episode.id), boards.get(episode.id)
        found.append(
            EpisodeSummary(
                episode,
                screenplay,
                board,
                screenplay is not None and board is not None and is_stale(board, screenplay, episode),
                counts.get(episode.id, 0),
                states.get(episode.id, {}),
            )
        )
    return found


def _state_counts(session: Session, ids: Collection[int]) -> dict[int, dict[str, dict[str, int]]]:
    found: dict[int, dict[str, dict[str, int]]] = {}
    for row in session.execute(_STATES, {"episodes": ids}):
        found.setdefault(row.episode_id, {}).setdefault(row.stage, {})[row.state] = row.shots
    return found
