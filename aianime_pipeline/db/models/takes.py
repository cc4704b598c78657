"""What is made: shot stages and their takes, reviews, and the objects in the store."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aianime_pipeline.db.models.base import Base, Claimable, Identified, now


class MediaObject(Base):
    """What the object store holds, with the size and CRC-32 that a ZIP is laid out from."""

    __tablename__ = "objects"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    crc32: Mapped[int] = mapped_column(sa.BigInteger)
    media_type: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)


class ShotStage(Identified, Claimable, Base):
    """Where the image, the video or the voice of one shot stands. `state` is a word of production/shots/stages.py."""

    __tablename__ = "shot_stages"
    __table_args__ = (sa.UniqueConstraint("shot_id", "stage"),)

    shot_id: Mapped[int] = mapped_column(sa.ForeignKey("shots.id"), index=True)
    stage: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(16), default="pending")
    reason: Mapped[str] = mapped_column(default="")
    """Why it failed, or what the reviewer said."""
    before_skip: Mapped[str | None] = mapped_column(sa.String(16))
    selected_take_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    version: Mapped[int] = mapped_column(default=1)
    retakes: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    """How often a take of it was rejected."""
    failures: Mapped[list[Any] | None]
    """Attempts that failed since the last take: [{kind, reason, at}], see production/shots/failures.py."""


class Take(Identified, Base):
    """One result with everything needed to make it again. A ready take never changes its content."""

    __tablename__ = "takes"
    __table_args__ = (sa.UniqueConstraint("stage_id", "number"),)

    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("shot_stages.id"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(16), default="generating")
    """generating, ready or failed; or removed: a clean-up took its file, the row tells what it was and cost."""
    verdict: Mapped[str] = mapped_column(sa.String(16), default="none")
    reason: Mapped[str] = mapped_column(default="")
    inputs: Mapped[dict[str, Any]]
    """Prompt, negative prompt, provider, model, parameters, input takes: see production/shots/requests.py."""
    inputs_digest: Mapped[str] = mapped_column(sa.String(64))
    """Digest of `inputs`: the take is current while the shot would still be made from the same."""
    seed: Mapped[int] = mapped_column(sa.BigInteger)
    object_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"), index=True)
    facts: Mapped[dict[str, Any]]
    """What the provider said of the file, such as `milliseconds`."""
    generation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("generations.id"))
    run_id: Mapped[str] = mapped_column(sa.String(64))
    root_run_id: Mapped[str] = mapped_column(sa.String(64), index=True)

    stage: Mapped[ShotStage] = relationship()


class ReviewRecord(Identified, Base):
    """What a reviewer said or did: of a take, of a shot stage without one (a skip), or of a storyboard."""

    __tablename__ = "review_records"

    take_id: Mapped[int | None] = mapped_column(sa.ForeignKey("takes.id"), index=True)
    stage_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shot_stages.id"), index=True)
    storyboard_id: Mapped[int | None] = mapped_column(sa.ForeignKey("storyboards.id"), index=True)
    storyboard_version: Mapped[int | None]
    kind: Mapped[str] = mapped_column(sa.String(8), default="person", server_default=sa.text("'person'"))
    """person, ai, or auto where nobody looked."""
    reviewer: Mapped[str]
    """Who, or which model."""
    verdict: Mapped[str] = mapped_column(sa.String(16))
    """approved or rejected; or what else was done: undone, selected, locked, unlocked, skipped, unskipped."""
    reason: Mapped[str] = mapped_column(default="")
    score: Mapped[int | None]
    """Of an AI reviewer, from 0 to 100."""
    feedback: Mapped[dict[str, Any] | None]
    """{"problems": [{"code", "text"}], "changes": [text]}: what was found, and what the next take should do."""
    state_before: Mapped[str] = mapped_column(sa.String(16), default="", server_default=sa.text("''"))
    state_after: Mapped[str] = mapped_column(sa.String(16), default="", server_default=sa.text("''"))
