"""Jobs that outlasted their run: asked after now and then, and which episodes can go on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from aianime_pipeline.db.models import Episode, Generation
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import ProviderError
from aianime_pipeline.production.generations.settling import update
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.requests import document_digest
from aianime_pipeline.providers.capabilities import Capability, JobState

MOST_ASKED = 50
"""Jobs in one tick."""

_AGAIN = timedelta(seconds=15)
_COLLECTED_BY = timedelta(minutes=3)
"""A run that was asked to fetch a result has this long, before another one is asked."""

_SHOTS = ("image", "video", "speech")


@dataclass(frozen=True)
class Ended:
    """An episode with jobs that have ended. `key` is new for each round, `run_id` the run that began the newest."""

    episode: str
    capabilities: frozenset[str]
    run_id: str
    key: str


@dataclass(frozen=True)
class Round:
    asked: int
    ended: list[Ended]


def ended_generations(place: Installation) -> Round:
    """Ask after the jobs that are due, the longest waiting first. A failed look raises: it is no «nothing»."""
    with place.database.read() as session:
        due = session.execute(
            sa.select(Generation, Episode.key)
            .join(Episode, Episode.id == Generation.episode_id)
            .where(
                Generation.state == "submitted",
                Generation.capability.in_(_SHOTS),
                Generation.shot_id.is_not(None),
                Generation.next_poll_at <= now(),
            )
            .order_by(Generation.next_poll_at)
            .limit(MOST_ASKED)
        ).all()
    over = []
    for row, episode in due:
        ended = _has_ended(place, row)
        update(place, row.id, next_poll_at=now() + (_COLLECTED_BY if ended else _AGAIN))
        if ended:
            over.append((row, episode))
    return Round(len(due), grouped(over))


def grouped(over: Iterable[tuple[Generation, str]]) -> list[Ended]:
    """One entry for each episode. Pure."""
    by_episode: dict[str, list[Generation]] = {}
    for row, episode in over:
        by_episode.setdefault(episode, []).append(row)
    return [
        Ended(
            episode,
            frozenset(row.capability for row in rows),
            max(rows, key=lambda row: row.id).run_id,
            "resume:" + document_digest([[row.id, str(row.next_poll_at)] for row in rows]),
        )
        for episode, rows in sorted(by_episode.items())
    ]


def _has_ended(place: Installation, row: Generation) -> bool:
    if row.answer is not None:
        return True
    route = place.route_named(row.route or "local/animatic", Capability(row.capability))
    try:
        answer = route.backend.poll(row.job_id or "", route.model)
    except ProviderError:
        return False  # asked again in a moment; the run that fetches it says what is wrong if it lasts
    return answer.state not in (JobState.QUEUED, JobState.RUNNING)
