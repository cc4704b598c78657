"""Who works on what: worker processes, what each run did per stage, composite and package tasks."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from aianime_pipeline.db.models.base import Base, Claimable, Identified, now


class Worker(Base):
    """A process that may hold claims. It beats while it lives; its claims are free once it is silent or dead."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    process_started: Mapped[str]
    """When the process began by its kernel's clock: a pid alone may be somebody else's by now."""
    run_id: Mapped[str] = mapped_column(sa.String(64), index=True)
    started_at: Mapped[datetime] = mapped_column(default=now)
    beat_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class StageRun(Identified, Base):
    """What one run did in one stage: the counts that progress, results and metadata are told from."""

    __tablename__ = "stage_runs"
    __table_args__ = (sa.UniqueConstraint("run_id", "stage"),)

    run_id: Mapped[str] = mapped_column(sa.String(64))
    episode_id: Mapped[int] = mapped_column(sa.ForeignKey("episodes.id"), index=True)
    stage: Mapped[str] = mapped_column(sa.String(16))
    total: Mapped[int] = mapped_column(default=0)
    made: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    percent: Mapped[float] = mapped_column(default=0.0)
    step: Mapped[str] = mapped_column(default="")
    report: Mapped[dict[str, Any]]
    ended_at: Mapped[datetime | None]


class CompositeTask(Identified, Claimable, Base):
    """The edit of an episode and its export: editing → exporting → done | failed."""

    __tablename__ = "composite_tasks"

    episode_id: Mapped[int] = mapped_column(sa.ForeignKey("episodes.id"), unique=True)
    state: Mapped[str] = mapped_column(sa.String(16), default="editing")
    reason: Mapped[str] = mapped_column(default="")
    timeline_digest: Mapped[str | None] = mapped_column(sa.String(64))
    film_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"))
    subtitles_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"))
    report: Mapped[dict[str, Any]]
    """Frames, seconds, bytes, loudness, grown shots: what film/render.py reported."""
    music_inputs: Mapped[str | None] = mapped_column(sa.String(64))
    """Digest of what the music was asked for with: another one asks again."""
    music_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"))
    finished_at: Mapped[datetime | None]


class PackageTask(Identified, Claimable, Base):
    """An episode's ZIP: pending → packing → done | failed."""

    __tablename__ = "package_tasks"

    episode_id: Mapped[int] = mapped_column(sa.ForeignKey("episodes.id"), unique=True)
    config: Mapped[dict[str, Any]]
    """packaging/config.py"""
    state: Mapped[str] = mapped_column(sa.String(16), default="pending")
    reason: Mapped[str] = mapped_column(default="")
    plan_digest: Mapped[str | None] = mapped_column(sa.String(64))
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    files: Mapped[int | None]
    finished_at: Mapped[datetime | None]
