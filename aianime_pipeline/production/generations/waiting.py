"""Jobs that outlasted their run: asked after now and then, and which episodes can go on."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from aianime_pipeline.db.models import Episode, Generation, Project, Shot
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import ProviderError
from aianime_pipeline.production.generations.finishing import remembered
from aianime_pipeline.production.generations.settling import settle_refusal, settle_unusable, update
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.requests import document_digest
from aianime_pipeline.providers.capabilities import Capability, ErrorKind, JobState
from aianime_pipeline.providers.vendor import Answer

MOST_ASKED = 50
"""Jobs in one tick."""

ASKED_AT_ONCE = 8

_AGAIN = timedelta(seconds=15)
_COLLECTED_BY = timedelta(minutes=3)
"""A run that was asked to fetch a result has this long, before another one is asked."""

_LEFT_BEHIND = timedelta(hours=1)
"""A job whose run died is its next run's, for so long."""

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
    """Ask after the jobs that are due, the longest waiting first. A failed look raises: it is no «nothing».

    A job that nobody will fetch any more, because its shot or what it was asked with is gone, or its shot is left out,
    is closed here: it is paid for, and no longer takes a place at its vendor.
    """
    left_behind = sa.and_(Generation.next_poll_at.is_(None), Generation.submitted_at < now() - _LEFT_BEHIND)
    with place.database.read() as session:
        due = session.execute(
            sa.select(Generation, Episode.key, sa.or_(Shot.retired, Shot.skipped_by.is_not(None)))
            .outerjoin(Episode, Episode.id == Generation.episode_id)
            .outerjoin(Shot, Shot.id == Generation.shot_id)
            .where(Generation.state == "submitted", sa.or_(Generation.next_poll_at <= now(), left_behind))
            .order_by(Generation.next_poll_at, Generation.id)
            .limit(MOST_ASKED)
        ).all()
    over = []
    answers = _all_ended(place, [row for row, _, _ in due])
    for (row, episode, gone), answer in zip(due, answers, strict=True):
        update(place, row.id, next_poll_at=now() + (_COLLECTED_BY if answer else _AGAIN))
        if answer is None:
            continue
        if row.shot_id is None or gone or row.capability not in _SHOTS:
            _close(place, row, answer)
        else:
            over.append((row, episode))
    return Round(len(due), grouped(over))


def _close(place: Installation, row: Generation, answer: Answer) -> None:
    words = ProviderError("nobody asks for it any more", kind=ErrorKind.BAD_INPUT)
    if answer.state is not JobState.SUCCEEDED:
        settle_refusal(place, row.id, words)
        return
    with place.database.read() as session:
        project = session.get(Project, row.project_id)
    settle_unusable(place, row.id, answer, project.currency if project is not None else "CNY", words)


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


def _all_ended(place: Installation, rows: Sequence[Generation]) -> Iterator[Answer | None]:
    """`_ended` of each, in their order. Each waits for its vendor, so several are asked after at once. Where a look
    fails, those that have not begun are left out."""
    with ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="ask-after") as pool:
        yield from pool.map(lambda row: _ended(place, row), rows)


def _ended(place: Installation, row: Generation) -> Answer | None:
    """How the job ended; None while it goes on, or where nothing could be learnt."""
    if row.answer is not None:
        return remembered(row)
    route = place.route_named(row.route or "local/animatic", Capability(row.capability))
    try:
        answer = route.backend.poll(row.job_id or "", route.model)
    except ProviderError:
        return None  # asked again in a moment; the run that fetches it says what is wrong if it lasts
    return None if answer.state in (JobState.QUEUED, JobState.RUNNING) else answer
