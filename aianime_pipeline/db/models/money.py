"""What is paid for: generations, usage and its daily sums, budgets, and how providers stand. Money in micro-units."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from aianime_pipeline.db.models.base import Base, Identified, now

WENT_WRONG = "state IN ('failed', 'ambiguous')"
"""Of generations, with an index of their own: few, and counted often."""


class Generation(Identified, Base):
    """One request to a provider: intent → submitted → succeeded | failed | cancelled, or ambiguous until a person says.

    The row is written before the request is sent, and `job_id` or `answer` right after it: from these any process can
    go on.
    """

    __tablename__ = "generations"
    __table_args__ = (
        sa.Index("ix_generations_provider_created_at", "provider", "created_at"),
        sa.Index("ix_generations_open", "provider", sqlite_where=sa.text("state IN ('intent', 'submitted')"),
                 postgresql_where=sa.text("state IN ('intent', 'submitted')")),
        sa.Index("ix_generations_went_wrong", "state", "provider", "model", "capability", "error_kind",
                 sqlite_where=sa.text(WENT_WRONG), postgresql_where=sa.text(WENT_WRONG)),
    )  # fmt: skip

    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    episode_id: Mapped[int | None] = mapped_column(sa.ForeignKey("episodes.id"), index=True)
    shot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shots.id"), index=True)
    capability: Mapped[str] = mapped_column(sa.String(16))
    provider: Mapped[str] = mapped_column(sa.String(64))
    model: Mapped[str] = mapped_column(sa.String(128))
    """The vendor's own name of it."""
    route: Mapped[str] = mapped_column(sa.String(128), default="", server_default=sa.text("''"))
    """The configuration's name of the model, such as `ark/seedream`."""
    request_digest: Mapped[str] = mapped_column(sa.String(64), index=True)
    """Digest of the inputs."""
    request_key: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    """Digest of the inputs with seed and feedback: a finished result with the same key is taken again, unpaid."""
    request_id: Mapped[str | None] = mapped_column(sa.String(36), unique=True)
    """Ours; the vendor is told it where it takes such a thing."""
    requested_by: Mapped[str] = mapped_column(sa.String(128), default="", server_default=sa.text("''"))
    asked_in: Mapped[str | None] = mapped_column(sa.String(64))
    """The web request in which a person asked for the work, where one did."""
    attempt: Mapped[int] = mapped_column(default=1, server_default=sa.text("1"))
    state: Mapped[str] = mapped_column(sa.String(16), default="intent")
    job_id: Mapped[str | None] = mapped_column(sa.String(500))
    answer: Mapped[dict[str, Any] | None]
    """The result that came with the answer to the request: {url, media_type, authorised, units, facts}."""
    reserved_micros: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default=sa.text("0"))
    expected: Mapped[dict[str, Any] | None]
    """The units that the reservation was computed from."""
    price: Mapped[dict[str, Any] | None]
    """The price that was in force when it was asked for (providers/prices.py); None where there was none."""
    result_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"), index=True)
    facts: Mapped[dict[str, Any] | None]
    error_kind: Mapped[str | None] = mapped_column(sa.String(32))
    error: Mapped[str] = mapped_column(default="")
    run_id: Mapped[str] = mapped_column(sa.String(64), index=True)
    worker_id: Mapped[str] = mapped_column(sa.String(36))
    submitted_at: Mapped[datetime | None]
    next_poll_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    resolution: Mapped[str | None] = mapped_column(sa.String(16))
    """What a person said of an ambiguous one: charged or not_charged."""
    resolved_by: Mapped[str | None] = mapped_column(sa.String(128))


class ProviderUsage(Identified, Base):
    """What a settled generation consumed, and what it cost at which price."""

    __tablename__ = "provider_usage"
    __table_args__ = (sa.Index("ix_provider_usage_project_id_created_at", "project_id", "created_at"),)

    generation_id: Mapped[int] = mapped_column(sa.ForeignKey("generations.id"), unique=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    episode_id: Mapped[int | None] = mapped_column(sa.ForeignKey("episodes.id"), index=True)
    shot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shots.id"))
    requested_by: Mapped[str] = mapped_column(sa.String(128), default="", server_default=sa.text("''"))
    provider: Mapped[str] = mapped_column(sa.String(64))
    model: Mapped[str] = mapped_column(sa.String(128))
    capability: Mapped[str] = mapped_column(sa.String(16))
    images: Mapped[int] = mapped_column(default=0)
    video_ms: Mapped[int] = mapped_column(default=0)
    audio_ms: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    characters: Mapped[int] = mapped_column(default=0)
    tokens_in: Mapped[int] = mapped_column(default=0)
    tokens_out: Mapped[int] = mapped_column(default=0)
    latency_ms: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=1, server_default=sa.text("1"))
    cost_micros: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    currency: Mapped[str] = mapped_column(sa.String(3))
    price: Mapped[dict[str, Any] | None]


class UsageDay(Base):
    """The sums of one day (UTC), written in the transaction that writes the usage row."""

    __tablename__ = "usage_days"
    __table_args__ = (sa.Index("ix_usage_days_day", "day"),)

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    provider: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    model: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    capability: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    requested_by: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    currency: Mapped[str] = mapped_column(sa.String(3), primary_key=True)
    requests: Mapped[int] = mapped_column(sa.BigInteger)
    images: Mapped[int] = mapped_column(sa.BigInteger)
    video_ms: Mapped[int] = mapped_column(sa.BigInteger)
    audio_ms: Mapped[int] = mapped_column(sa.BigInteger)
    characters: Mapped[int] = mapped_column(sa.BigInteger)
    tokens_in: Mapped[int] = mapped_column(sa.BigInteger)
    tokens_out: Mapped[int] = mapped_column(sa.BigInteger)
    latency_ms: Mapped[int] = mapped_column(sa.BigInteger)
    cost_micros: Mapped[int] = mapped_column(sa.BigInteger)


class Budget(Identified, Base):
    """What may be spent, by a project or by an organisation with all its projects, in a month (UTC) or in total.

    A `hard` one refuses what does not fit; any one tells at 50, 80 and 100 per cent.
    """

    __tablename__ = "budgets"
    __table_args__ = (sa.UniqueConstraint("scope", "subject", "period", "currency"),)

    scope: Mapped[str] = mapped_column(sa.String(16))
    """project or organisation"""
    subject: Mapped[str] = mapped_column(sa.String(64))
    """The project's slug, or the organisation's."""
    period: Mapped[str] = mapped_column(sa.String(8))
    """month or total"""
    currency: Mapped[str] = mapped_column(sa.String(3))
    limit_micros: Mapped[int] = mapped_column(sa.BigInteger)
    hard: Mapped[bool] = mapped_column(default=True)
    set_by: Mapped[str] = mapped_column(sa.String(128))


class BudgetPeriod(Base):
    """How a budget stands in one period: `2026-11`, or `total`. `told_percent` is the highest threshold told."""

    __tablename__ = "budget_periods"

    budget_id: Mapped[int] = mapped_column(sa.ForeignKey("budgets.id"), primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    reserved_micros: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    spent_micros: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    told_percent: Mapped[int] = mapped_column(default=0)


class BudgetReservation(Base):
    """What a generation holds of a budget's period until it is settled or released."""

    __tablename__ = "budget_reservations"

    generation_id: Mapped[int] = mapped_column(sa.ForeignKey("generations.id"), primary_key=True)
    budget_id: Mapped[int] = mapped_column(sa.ForeignKey("budgets.id"), primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(8))
    micros: Mapped[int] = mapped_column(sa.BigInteger)


class ProviderState(Base):
    """How a provider (`ark`) or one of its models (`ark/seedream`) stands, for all processes."""

    __tablename__ = "provider_states"

    name: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    """Passing faults in a row."""
    closed_until: Mapped[datetime | None]
    """Not asked before: it is down, out of money, or its key is refused."""
    limited_until: Mapped[datetime | None]
    """Not asked before, because it said that it is asked too often or has too much to do."""
    reason: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime] = mapped_column(default=now)
