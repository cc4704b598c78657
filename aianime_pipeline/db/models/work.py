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
    __table_args__ = (
        sa.UniqueConstraint("run_id", "stage"),
        sa.Index("ix_stage_runs_open", "run_id", sqlite_where=sa.text("ended_at IS NULL"),
                 postgresql_where=sa.text("ended_at IS NULL")),
    )  # fmt: skip

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
    """The edit of an episode and its export: editing → exporting → done | failed (films/composite_states.py).

    `film_digest`, `subtitles_digest`, `timeline_digest` and `report` are of the episode's film, the undrafted export of
    the project's main preset; every other export is a row of `exports`. The claim is for all of them: one at a time.
    """

    __tablename__ = "composite_tasks"

    episode_id: Mapped[int] = mapped_column(sa.ForeignKey("episodes.id"), unique=True)
    state: Mapped[str] = mapped_column(sa.String(16), default="editing")
    reason: Mapped[str] = mapped_column(default="")
    document: Mapped[dict[str, Any] | None]
    """A person's timeline, as film/timeline/document.py writes it; None while nobody edited the one that is built."""
    base: Mapped[dict[str, Any] | None]
    """The built timeline that `document` was edited from, or last merged with."""
    version: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    """Grows with every accepted edit and every merge that changed the document."""
    edited_by: Mapped[str | None]
    edited_at: Mapped[datetime | None]
    merge_notes: Mapped[list[Any] | None]
    """What the last merge could not keep, or had to shift: sentences, until the next edit."""
    percent: Mapped[float] = mapped_column(default=0.0, server_default=sa.text("0"))
    step: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))
    seconds_left: Mapped[float | None]
    """Of the export that goes on, or went on last; None while it cannot be told yet."""
    cancel_requested: Mapped[str | None]
    """Who asked that the export be stopped; the process that exports asks for it about twice a second."""
    timeline_digest: Mapped[str | None] = mapped_column(sa.String(64))
    made_of: Mapped[str | None] = mapped_column(sa.String(64))
    """Digest of the takes and the edit that the film was made of, or found to be of (films/currency.py)."""
    film_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"), index=True)
    subtitles_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"), index=True)
    report: Mapped[dict[str, Any]]
    """See production/films/reports.py."""
    music_inputs: Mapped[str | None] = mapped_column(sa.String(64))
    """Digest of what the music was asked for with: another one asks again."""
    music_wanted: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    """Whether an export may have music made: False once a person said that the film has none."""
    music_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"), index=True)
    finished_at: Mapped[datetime | None]


class Export(Identified, Base):
    """One export of a composite task: exporting → done | failed | cancelled. How far it is the task says."""

    __tablename__ = "exports"

    composite_task_id: Mapped[int] = mapped_column(sa.ForeignKey("composite_tasks.id"), index=True)
    name: Mapped[str]
    """The preset's name, part of its files' names; `main` is the episode's film."""
    preset: Mapped[dict[str, Any]]
    """film/presets.py"""
    draft: Mapped[bool]
    formats: Mapped[list[Any]]
    """Editors' formats that were asked for beside the film."""
    state: Mapped[str] = mapped_column(sa.String(16), default="exporting")
    reason: Mapped[str] = mapped_column(default="")
    timeline_version: Mapped[int | None]
    key: Mapped[str | None] = mapped_column(sa.String(64))
    """Digest of everything that the files come from: the same is kept, not made again."""
    film_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"), index=True)
    files: Mapped[dict[str, Any]]
    """Those beside the film by kind, such as `srt.zh`: {digest, media_type, name}."""
    report: Mapped[dict[str, Any]]
    requested_by: Mapped[str]
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
    film_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"), index=True)
    """The film that is in it."""
    manifest_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"), index=True)
    """The manifest of the ZIP that was packed last, from which it can be laid out again, byte for byte."""
    contents: Mapped[list[Any] | None]
    """The digests of the files that are in it: they are kept as long as it is the last one."""
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    files: Mapped[int | None]
    finished_at: Mapped[datetime | None]
