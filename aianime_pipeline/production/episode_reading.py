"""Episodes as people see them in a list: how far screenplay and storyboard are, and where the shots stand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from aianime_pipeline.db.models import Episode, Screenplay, ShotStage, Storyboard
from aianime_pipeline.db.models import Shot as ShotRow
from aianime_pipeline.production.storyboards import is_stale


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


def summaries(session: Session, episodes: Sequence[Episode]) -> list[EpisodeSummary]:
    """A few queries, however many episodes."""
    ids = [episode.id for episode in episodes]
    screenplays = _current_screenplays(session, ids)
    boards = {
        row.episode_id: row
        for row in session.scalars(
            sa.select(Storyboard).options(defer(Storyboard.document)).where(Storyboard.episode_id.in_(ids))
        )
    }
    counts = _shot_counts(session, ids)
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


def _current_screenplays(session: Session, ids: Collection[int]) -> dict[int, Screenplay]:
    newest = (
        sa.select(Screenplay.episode_id, sa.func.max(Screenplay.version).label("version"))
        .where(Screenplay.episode_id.in_(ids))
        .group_by(Screenplay.episode_id)
        .subquery()
    )
    rows = session.scalars(
        sa.select(Screenplay).join(
            newest,
            sa.and_(newest.c.episode_id == Screenplay.episode_id, newest.c.version == Screenplay.version),
        )
    )
    return {row.episode_id: row for row in rows}


def _shot_counts(session: Session, ids: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        sa.select(ShotRow.episode_id, sa.func.count().label("shots"))
        .where(ShotRow.episode_id.in_(ids), ShotRow.retired.is_(False))
        .group_by(ShotRow.episode_id)
    )
    return {row.episode_id: row.shots for row in rows}


def _state_counts(session: Session, ids: Collection[int]) -> dict[int, dict[str, dict[str, int]]]:
    rows = session.execute(
        sa.select(ShotRow.episode_id, ShotStage.stage, ShotStage.state, sa.func.count().label("shots"))
        .join(ShotStage, ShotStage.shot_id == ShotRow.id)
        .where(ShotRow.episode_id.in_(ids), ShotRow.retired.is_(False))
        .group_by(ShotRow.episode_id, ShotStage.stage, ShotStage.state)
        .order_by(ShotStage.stage, ShotStage.state)
    )
    found: dict[int, dict[str, dict[str, int]]] = {}
    for row in rows:
        found.setdefault(row.episode_id, {}).setdefault(row.stage, {})[row.state] = row.shots
    return found
