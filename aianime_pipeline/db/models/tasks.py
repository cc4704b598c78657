"""What is asked for and what happened: tasks (the outbox), schedules, marks of how far one has looked, events."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from aianime_pipeline.db.models.base import Base, Identified, now

_UNFINISHED = "state IN ('waiting', 'launching', 'running')"
_UNFINISHED_AUTOMATIC = f"origin = 'sensor' AND {_UNFINISHED}"


class Task(Identified, Base):
    """Work that a person, a schedule or a sensor asked for: waiting → launching → running → done | failed | cancelled.

    The only thing that runs are launched from. See production/tasks/.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        sa.Index("ix_tasks_unfinished", "priority", "id", sqlite_where=sa.text(_UNFINISHED),
                 postgresql_where=sa.text(_UNFINISHED)),
        sa.Index("uq_tasks_automatic", "episode_id", unique=True, sqlite_where=sa.text(_UNFINISHED_AUTOMATIC),
                 postgresql_where=sa.text(_UNFINISHED_AUTOMATIC)),
        sa.Index("ix_tasks_state", "state"),
    )  # fmt: skip

    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    episode_id: Mapped[int | None] = mapped_column(sa.ForeignKey("episodes.id"), index=True)
    """None: it is not about one episode, as a clean-up or a report."""
    action: Mapped[str] = mapped_column(sa.String(16))
    """A word of production/tasks/actions.py."""
    settings: Mapped[dict[str, Any]]
    """Such as {"shots": [3, 4], "force": true}."""
    origin: Mapped[str] = mapped_column(sa.String(16))
    """person, schedule or sensor."""
    requested_by: Mapped[str] = mapped_column(sa.String(128))
    request_id: Mapped[str | None] = mapped_column(sa.String(64))
    """The web request that asked for it: in the run's tags, the logs and the provider's calls too."""
    why: Mapped[str] = mapped_column(default="")
    priority: Mapped[int] = mapped_column(default=1)
    """0 (P0) goes before 1 (P1) before 2 (P2)."""
    key: Mapped[str | None] = mapped_column(sa.String(200), unique=True)
    """The same wish asked for again, such as one tick of a schedule, is this task."""
    state: Mapped[str] = mapped_column(sa.String(16), default="waiting")
    attempt: Mapped[int] = mapped_column(default=0)
    """How often a run was launched for it."""
    due_at: Mapped[datetime] = mapped_column(default=now)
    """Not launched before."""
    leased_by: Mapped[str | None] = mapped_column(sa.String(64))
    leased_until: Mapped[datetime | None]
    run_id: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    reason: Mapped[str] = mapped_column(default="")
    """Why it failed, was cancelled, or is tried again."""
    cancel_requested: Mapped[str | None] = mapped_column(sa.String(128))
    """Who asked that it be stopped."""
    result: Mapped[dict[str, Any]]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Schedule(Identified, Base):
    """Work that is asked for again and again (production/schedules/). `revision` grows with every change."""

    __tablename__ = "schedules"

    uid: Mapped[str] = mapped_column(sa.String(36), unique=True)
    """Never used again, unlike `id`: the keys of its tasks are made of it."""
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    cron: Mapped[str] = mapped_column(sa.String(200))
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    action: Mapped[str] = mapped_column(sa.String(16))
    settings: Mapped[dict[str, Any]]
    """Which episodes, up to which stage."""
    enabled: Mapped[bool] = mapped_column(default=True)
    catch_up: Mapped[str] = mapped_column(sa.String(16), default="latest")
    """What becomes of ticks that were missed: skip, latest or all."""
    grace_seconds: Mapped[int] = mapped_column(default=3600)
    """A tick that is later than this is missed, whatever `catch_up` says."""
    revision: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[str] = mapped_column(sa.String(128))
    problem: Mapped[str] = mapped_column(default="")
    """Why the dispatcher could not evaluate it; empty while it can."""
    looked_at: Mapped[datetime | None]
    """Up to when the dispatcher has looked at it in a look that is not finished yet."""


class Mark(Base):
    """How far something was looked at, such as the last instant that the schedules' dispatcher evaluated."""

    __tablename__ = "marks"

    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    instant: Mapped[datetime]


class Event(Identified, Base):
    """What happened, for those who watch. Ids grow in the order of the commits (production/events.py)."""

    __tablename__ = "events"
    __table_args__ = (sa.Index("ix_events_created_at", "created_at"),)

    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    episode_id: Mapped[int | None] = mapped_column(sa.ForeignKey("episodes.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(32))
    document: Mapped[dict[str, Any]]
