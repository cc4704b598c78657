"""Projects and their episodes."""

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
    speed_up_speech: Mapped[bool] = mapped_column(default=False)
    """Speak up to 1.25 times faster before a shot is held longer than planned."""
    export_preset: Mapped[dict[str, Any] | None]
    """The main preset, of which the episodes' films are made (film/presets.py); None: as large and as fast as the
    project, everything else as usual."""
    presets: Mapped[dict[str, Any] | None]
    """The project's own presets by name."""
    subtitle_style: Mapped[dict[str, Any] | None]
    organisation: Mapped[str] = mapped_column(sa.String(64), default="studio", server_default=sa.text("'studio'"))
    """Whose project it is: budgets of an organisation hold for all its projects together."""
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
    __table_args__ = (sa.UniqueConstraint("project_id", "number"),)

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    number: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str] = mapped_column(default="")

    project: Mapped[Project] = relationship(lazy="joined", innerjoin=True)
