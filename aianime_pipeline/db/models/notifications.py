"""What people are told: notices, who read them, and the channels that carry them out of the house."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from aianime_pipeline.db.models.base import Base, Identified, now


class Notice(Identified, Base):
    """What people are told. `key` is unique: nothing is told twice. `user` None: everybody of the project."""

    __tablename__ = "notices"

    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(32))
    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    user: Mapped[str | None] = mapped_column("user_name", sa.String(128))
    text: Mapped[str]
    link: Mapped[str] = mapped_column(default="")


class NoticeRead(Base):
    """Who has read what."""

    __tablename__ = "notice_reads"

    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    user: Mapped[str] = mapped_column("user_name", sa.String(128), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(default=now)


class Channel(Identified, Base):
    """Where notices go besides the notices' own list."""

    __tablename__ = "channels"

    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    """webhook, feishu, dingtalk, wecom, slack or email."""
    address: Mapped[str] = mapped_column(sa.String(2000))
    secret_variable: Mapped[str | None] = mapped_column(sa.String(128))
    """Name of the environment variable that holds the secret that messages are signed with."""
    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    """Only its notices; None: all."""
    user: Mapped[str | None] = mapped_column("user_name", sa.String(128))
    """Only what is for this person or for everybody; None: whoever it is for."""
    kinds: Mapped[list[Any]]
    """Only these kinds of notices; empty: all."""
    quiet_from: Mapped[str | None] = mapped_column(sa.String(5))
    """HH:MM in `time_zone`; until `quiet_until` nothing is sent."""
    quiet_until: Mapped[str | None] = mapped_column(sa.String(5))
    time_zone: Mapped[str] = mapped_column(sa.String(64), default="UTC")
    digest_minutes: Mapped[int] = mapped_column(default=0)
    """What is told within so many minutes is one message; 0: each is its own."""
    enabled: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[str] = mapped_column(sa.String(128))
    after_notice: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """Notices up to this one were handed to it, or are older than it is."""


class Delivery(Identified, Base):
    """A notice on its way through a channel: pending → sending → sent | failed | unknown."""

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "notice_id"),
        sa.Index("ix_deliveries_pending", "due_at", sqlite_where=sa.text("state IN ('pending', 'sending')"),
                 postgresql_where=sa.text("state IN ('pending', 'sending')")),
    )  # fmt: skip

    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id", ondelete="CASCADE"))
    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notices.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(sa.String(16), default="pending")
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    message: Mapped[str | None] = mapped_column(sa.String(36))
    """Identifier of the message that carried it; notices of one digest share it."""
    sending_since: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
