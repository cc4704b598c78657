"""Projects with episodes, schedules on them, and what was asked for, as rows."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Episode, Notice, Project, Schedule, Task
from aianime_pipeline.production.episodes.rows import get_or_create_episode
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.schedules.dispatch import Dispatched, dispatch
from aianime_pipeline.production.schedules.keeping import create_schedule


def at(text: str) -> datetime:
    """`2026-03-02 09:00:05`, in UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


def add_season(database: Database, slug: str = "p", episodes: int = 3) -> Project:
    with database.write() as session:
        project = Project(slug=slug, title=slug)
        session.add(project)
        session.flush()
        for number in range(1, episodes + 1):
            get_or_create_episode(session, project, number, "")
    return project


def add_schedule(
    database: Database, name: str = "nightly", *, made: str = "2026-03-02 08:00", **values: Any
) -> Schedule:
    """At 9:00 UTC of each day, the images of all episodes of `p`, if nothing else is said."""
    usual = {"cron": "0 9 * * *", "time_zone": "UTC", "action": "images", "project": "p"}
    with database.write() as session:
        return create_schedule(session, {"name": name, **usual, **values}, who="li", at=at(made))


def look(place: Installation, *moments: str) -> Dispatched:
    """What the last of the looks did."""
    done = [dispatch(place, at(moment)) for moment in moments]
    return done[-1]


def asked(database: Database) -> list[str]:
    """Tasks in their order: the schedule, its time and the episode."""
    query = sa.select(Task.why, Task.due_at, Episode.key).outerjoin(Episode, Episode.id == Task.episode_id)
    with database.read() as session:
        rows = session.execute(query.order_by(Task.id)).all()
    return [" ".join(filter(None, [why.split()[-1], f"{due:%d %H:%M}", key])) for why, due, key in rows]


def told(database: Database) -> list[str]:
    with database.read() as session:
        rows = session.scalars(sa.select(Notice).where(Notice.kind == "schedule").order_by(Notice.id))
        return [row.text for row in rows]
