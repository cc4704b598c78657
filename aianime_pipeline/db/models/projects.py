"""Projects and their episodes."""

from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aianime_pipeline.db.models.base import Base, Identified


class Project(Identified, Base):
    """One series. `width` × `height` in pixels, the rate as a fraction; review modes per stage."""

    __tablename__ = "projects"

    slug: Mapped[str] = mapped_column(sa.String(64), unique=True)
    title: Mapped[str]
    language: Mapped[str] = mapped_column(sa.String(16), default="zh")
    width: Mapped[int] = mapped_column(default=1280)
    height: Mapped[int] = mapped_column(default=720)
    rate_numerator: Mapped[int] = mapped_column(default=24)
    rate_denominator: Mapped[int] = mapped_column(default=1)
    style: Mapped[str] = mapped_column(default="")
    negative_prompt: Mapped[str] = mapped_column(default="")
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    review_image: Mapped[str] = mapped_column(sa.String(16), default="none")
    review_video: Mapped[str] = mapped_column(sa.String(16), default="none")
    review_voice: Mapped[str] = mapped_column(sa.String(16), default="none")
    review_storyboard: Mapped[str] = mapped_column(sa.String(16), default="none", server_default=sa.text("'none'"))
    review_rubric: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))
    """What the project's AI reviewer looks for besides what every reviewer looks for."""
    review_threshold: Mapped[int] = mapped_column(default=60, server_default=sa.text("60"))
    """An AI reviewer approves from this score on, of 100."""
    retake_cap: Mapped[int] = mapped_column(default=3, server_default=sa.text("3"))
    """After so many rejections of a shot's stage only a person has another take made."""
    auto_make: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Shots are made by themselves as soon as they can be."""
    auto_export: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """The film is made by itself once every shot is approved."""
    auto_package: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """The ZIP is packed by itself once there is a film."""
    retention: Mapped[dict[str, Any] | None]
    """Days that things are kept, see production/projects/retention.py; None: as usual."""
    speed_up_speech: Mapped[bool] = mapped_column(default=False)
    """Speak up to 1.25 times faster before a shot is held longer than planned."""
    export_preset: Mapped[dict[str, Any] | None]
    """The main preset, of which the episodes' films are made (film/presets.py); None: as large and as fast as the
    project, everything else as usual."""
    presets: Mapped[dict[str, Any] | None]
    """The project's own presets by name."""
    subtitle_style: Mapped[dict[str, Any] | None]
    organisation: Mapped[str] = mapped_column(sa.String(64), default="studio", server_default=sa.text("'studio'"))
    """Whose project it is: budgets of an organisation hold for all its projects together. Empty: nobody's."""
    created_by: Mapped[str | None] = mapped_column(sa.String(128))
    """Counts as its director; None: made at the command line, by the installation's owner."""
    watermark: Mapped[dict[str, Any] | None]
    """{object, corner, width, opacity, margin}"""

    @property
    def rate(self) -> Fraction:
        return Fraction(self.rate_numerator, self.rate_denominator)


class ProjectChange(Identified, Base):
    """Who changed what of a project's exports, and when: the AI-content label above all. Values are JSON."""

    __tablename__ = "project_changes"

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    who: Mapped[str]
    field: Mapped[str]
    """Such as `export_preset.ai_label` or `presets.phone.ai_label`."""
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    """{"value": …}, or {} where there is none."""


class Episode(Identified, Base):
    """The unit of orchestration. `key` is its Dagster partition, such as `moonlit-e012`."""

    __tablename__ = "episodes"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "number"),
        sa.Index("ix_episodes_changed_since", "changed_since", sqlite_where=sa.text("changed_since IS NOT NULL"),
                 postgresql_where=sa.text("changed_since IS NOT NULL")),
    )  # fmt: skip

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    number: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str] = mapped_column(default="")
    changed_since: Mapped[datetime | None]
    """When the first of the changes happened that nobody has looked at yet (production/automation/deciding.py)."""
    changed_at: Mapped[datetime | None]
    """When the last of them did."""
    judged_at: Mapped[datetime | None] = mapped_column(index=True)
    """When it was last looked at whether it has work."""

    project: Mapped[Project] = relationship(lazy="joined", innerjoin=True)
