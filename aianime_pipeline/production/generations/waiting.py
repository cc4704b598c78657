"""Jobs that outlasted their run: asked after now and then, and which episodes can go on."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Generation, Project, Shot, Worker
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import ProviderError
from aianime_pipeline.production.claims import is_alive
from aianime_pipeline.production.episodes.rows import load_shots
from aianime_pipeline.production.generations.aside import keep_aside, stage_of
from aianime_pipeline.production.generations.finishing import remembered, unknown_charge
from aianime_pipeline.production.generations.settling import settle_refusal, settle_unusable, update
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.shots.requests import document_digest
from aianime_pipeline.production.tasks.stopping import why_stopped
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

_FREE = "local/animatic"
"""The route of rows that name none."""

_SHOTS = ("image", "video", "speech")


@dataclass(frozen=True)
class Ended:
    """An episode with jobs that have ended. `key` is new for each round, `run_id` the run that began the newest; of
    `only` these shots the results are fetched, and nothing else, where a person stopped the episode's automatic work.
    """

    episode: str
    capabilities: frozenset[str]
    run_id: str
    key: str
    only: tuple[int, ...] = ()


@dataclass(frozen=True)
class Round:
    """`settled`: jobs that had ended and that no run fetches."""

    asked: int
    ended: list[Ended]
    settled: int = 0


def ended_generations(place: Installation) -> Round:
    """Ask after the jobs that are due, the longest waiting first. A failed look raises: it is no «nothing».

    A job that nobody will fetch any more, because its shot or what it was asked with is gone, or its shot is left out,
    is closed here: it is paid for, and no longer takes a place at its vendor. What came too late, because a person has
    locked the shot, approved or chosen another take of it, or the storyboard wants it no more, is kept aside here.
    """
    moment = now()
    # What is to be asked after later than in the longest pause was so before the clock was set back.
    again = sa.or_(Generation.next_poll_at <= moment, Generation.next_poll_at > moment + _COLLECTED_BY)
    left_behind = sa.and_(
        Generation.next_poll_at.is_(None),
        sa.or_(Generation.submitted_at < moment - _LEFT_BEHIND, Generation.submitted_at > moment + _LEFT_BEHIND),
    )
    with place.database.read() as session:
        found = session.execute(
            sa.select(Generation, Episode.key, Shot.number, sa.or_(Shot.retired, Shot.skipped_by.is_not(None)))
            .outerjoin(Episode, Episode.id == Generation.episode_id)
            .outerjoin(Shot, Shot.id == Generation.shot_id)
            .where(Generation.state == "submitted", sa.or_(again, left_behind))
            .order_by(Generation.next_poll_at.is_(None), Generation.next_poll_at, Generation.id)
            .limit(MOST_ASKED)
        ).all()
        # However long ago it seems to be: a living process waits for it still.
        due = [one for one in found if one[0].next_poll_at is not None or not _is_waited_for(session, one[0])]
    over, settled = [], 0
    answers = _all_ended(place, [row for row, _, _, _ in due])
    for (row, episode, number, gone), answer in zip(due, answers, strict=True):
        update(place, row.id, next_poll_at=now() + (_COLLECTED_BY if answer else _AGAIN))
        if answer is None:
            continue
        if row.shot_id is None or gone or row.capability not in _SHOTS:
            _close(place, row, answer)
            settled += 1
        elif not _is_for_a_run(place, row):
            settled += _settle_aside(place, row, answer)
        else:
            over.append((row, episode, number))
    with place.database.read() as session:
        stopped = {episode for row, episode, _ in over if why_stopped(session, row.episode_id or 0)}
    return Round(len(due), grouped(over, stopped), settled)


def _is_waited_for(session: Session, row: Generation) -> bool:
    worker = session.get(Worker, row.worker_id)
    return worker is not None and is_alive(session, worker)


def _is_for_a_run(place: Installation, row: Generation) -> bool:
    """Whether a run fetches it into its shot: not where a person's word on the shot stands, nor where the storyboard
    does not want it any more."""
    with place.database.read() as session:
        views = load_shots(session, row.episode_id or 0)
    view = next((one for one in views if one.row_id == row.shot_id), None)
    if view is None:
        return False
    stage = stage_of(row)
    mine = view.stages.get(stage)
    return stage in view.wanted and (mine is None or not mine.is_settled_by_person)


def _settle_aside(place: Installation, row: Generation, answer: Answer) -> bool:
    """False where it is to be tried again."""
    if answer.state is JobState.SUCCEEDED:
        return keep_aside(place, row, answer, _currency(place, row))
    words = answer.error or f"The job {answer.job_id} is {answer.state}."
    if answer.error_kind is None and place.route_named(row.route or _FREE, Capability(row.capability)).backend.charges:
        settle_refusal(place, row.id, unknown_charge(row.id, row.provider, words))
    else:
        settle_refusal(place, row.id, ProviderError(words, kind=answer.error_kind or ErrorKind.TRANSIENT))
    return True


def _close(place: Installation, row: Generation, answer: Answer) -> None:
    words = ProviderError("nobody asks for it any more", kind=ErrorKind.BAD_INPUT)
    if answer.state is not JobState.SUCCEEDED:
        settle_refusal(place, row.id, words)
        return
    settle_unusable(place, row.id, answer, _currency(place, row), words)


def _currency(place: Installation, row: Generation) -> str:
    with place.database.read() as session:
        project = session.get(Project, row.project_id)
    return project.currency if project is not None else "CNY"


def grouped(over: Iterable[tuple[Generation, str, int]], stopped: Collection[str] = ()) -> list[Ended]:
    """One entry for each episode, of generations with their episode's key and their shot's number. Pure."""
    by_episode: dict[str, list[Generation]] = {}
    shots: dict[str, set[int]] = {}
    for row, episode, number in over:
        by_episode.setdefault(episode, []).append(row)
        shots.setdefault(episode, set()).add(number)
    return [
        Ended(
            episode,
            frozenset(row.capability for row in rows),
            max(rows, key=lambda row: row.id).run_id,
            "resume:" + document_digest([[row.id, str(row.next_poll_at)] for row in rows]),
            tuple(sorted(shots[episode])) if episode in stopped else (),
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
    route = place.route_named(row.route or _FREE, Capability(row.capability))
    try:
        answer = route.backend.poll(row.job_id or "", route.model)
    except ProviderError:
        return None  # asked again in a moment; the run that fetches it says what is wrong if it lasts
    return None if answer.state in (JobState.QUEUED, JobState.RUNNING) else answer
