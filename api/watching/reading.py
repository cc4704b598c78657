"""What those who watch are told, read from the database: events, and how far the stages of living runs are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import database_time
from aianime_pipeline.db.models import Episode, Event, Project, StageRun, Worker
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.claims import SILENT_AFTER
from aianime_pipeline.production.runs import percent_of
from api.watching.hub import Running
from api.watching.news import News, Place, frame

RESUMABLE_FOR = timedelta(hours=12)
"""No event younger than a day is ever removed (production/projects/retention.py)."""
MOST_MISSED = 20_000
"""Whoever missed more reads everything again, which is less."""


def newest_place(session: Session) -> Place:
    row = session.execute(sa.select(Event.id, Event.created_at).order_by(Event.id.desc()).limit(1)).first()
    return _place(row.id, row.created_at) if row is not None else Place(0, 0)


def can_resume(session: Session, place: Place, newest: int) -> bool:
    """Whether everything after `place` is still there, up to the event `newest`, and not too much of it."""
    written = session.scalar(sa.select(Event.created_at).where(Event.id == place.number))
    return (
        written is not None
        and _place(place.number, written) == place
        and written > now() - RESUMABLE_FOR
        and newest - place.number <= MOST_MISSED
    )


def read_events(session: Session, after: int, upto: int | None = None, *, limit: int = 500) -> list[News]:
    """In their order, from the one after the number `after`, up to and with `upto`."""
    query = (
        sa.select(Event, Project.slug, Episode.key)
        .outerjoin(Project, Project.id == Event.project_id)
        .outerjoin(Episode, Episode.id == Event.episode_id)
        .where(Event.id > after)
        .order_by(Event.id)
        .limit(limit)
    )
    if upto is not None:
        query = query.where(Event.id <= upto)
    return [_news(event, slug, key) for event, slug, key in session.execute(query)]


def _news(event: Event, slug: str | None, key: str | None) -> News:
    place = _place(event.id, event.created_at)
    # Whom it is for is no business of the others, and they know themselves.
    said = {name: value for name, value in event.document.items() if name != "user"}
    data = said | {"project": slug, "episode": key, "at": event.created_at.isoformat()}
    user = event.document.get("user")
    return News(event.kind, event.project_id, event.episode_id, user, place, frame(event.kind, data, place))


def _place(number: int, written: datetime) -> Place:
    return Place(number, int(written.timestamp() * 1000))


@dataclass(frozen=True)
class Progress:
    """Of the stages that are at work, and of those that have `ended` since."""

    going: Mapping[Running, News]
    ended: Mapping[Running, News]


def read_progress(session: Session, before: Mapping[Running, News]) -> Progress:
    """`before` are those that were at work when it was last read. What a run left open that was killed is not told."""
    heard = database_time(session) - SILENT_AFTER
    alive = sa.exists().where(Worker.run_id == StageRun.run_id, Worker.ended_at.is_(None), Worker.beat_at > heard)
    query = (
        sa.select(StageRun, Episode.key, Project.id, Project.slug)
        .join(Episode, Episode.id == StageRun.episode_id)
        .join(Project, Project.id == Episode.project_id)
    )
    going = dict(_stage(*row) for row in session.execute(query.where(StageRun.ended_at.is_(None), alive)))
    ended = {}
    if gone := before.keys() - going.keys():
        which = query.where(StageRun.ended_at.is_not(None), sa.tuple_(StageRun.run_id, StageRun.stage).in_(gone))
        ended = dict(_stage(*row) for row in session.execute(which))
    return Progress(going, ended)


def _stage(row: StageRun, episode: str, project_id: int, project: str) -> tuple[Running, News]:
    data = {
        "project": project,
        "episode": episode,
        "run": row.run_id,
        "stage": row.stage,
        "percent": round(percent_of(row), 1),
        "step": row.step,
        "total": row.total,
        "made": row.made,
        "kept": row.kept,
        "waiting": row.waiting,
        "skipped": row.skipped,
        "failed": row.failed,
        "ended": row.ended_at is not None,
    }
    news = News("progress", project_id, row.episode_id, None, None, frame("progress", data))
    return (row.run_id, row.stage), news
