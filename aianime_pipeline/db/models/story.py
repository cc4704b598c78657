"""What is told: screenplays with scenes and blocks, project assets with versions, storyboards with shots."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aianime_pipeline.db.models.base import Base, Claimable, Identified


class Screenplay(Identified, Base):
    """A version of an episode's screenplay; the highest `version` is the current one. States: draft as it was imported,
    editing, locked. What was imported never changes: the first edit begins a version of its own."""

    __tablename__ = "screenplays"
    __table_args__ = (sa.UniqueConstraint("episode_id", "version"),)

    episode_id: Mapped[int] = mapped_column(sa.ForeignKey("episodes.id"), index=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(16), default="draft")
    title: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(sa.String(16), default="zh")
    digest: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of the scenes and blocks: two imports of one text are one version."""
    source_name: Mapped[str]
    source_digest: Mapped[str] = mapped_column(sa.ForeignKey("objects.digest"), index=True)
    """The file that it was read from, kept as it came."""
    revision: Mapped[int] = mapped_column(default=1, server_default=sa.text("1"))
    """Counts the changes of this version: what whoever edits has seen."""
    based_on: Mapped[int | None]
    """The imported version that this one is an edit of; None for those that were imported."""
    changed_by: Mapped[str | None] = mapped_column(sa.String(128))
    """Who edited, locked or unlocked it last."""
    changed_at: Mapped[datetime | None]

    scenes: Mapped[list["Scene"]] = relationship(order_by="Scene.position", cascade="all, delete-orphan")


class Scene(Identified, Base):
    __tablename__ = "scenes"
    __table_args__ = (sa.UniqueConstraint("screenplay_id", "position"),)

    screenplay_id: Mapped[int] = mapped_column(sa.ForeignKey("screenplays.id"), index=True)
    position: Mapped[int]
    number: Mapped[str]
    heading: Mapped[str]
    line: Mapped[int]
    place: Mapped[str]
    time_text: Mapped[str | None]
    time_of_day: Mapped[str | None] = mapped_column(sa.String(16))
    interior: Mapped[str | None] = mapped_column(sa.String(16))
    cast: Mapped[list[Any]] = mapped_column("cast_entries")
    """Pairs of name and count."""

    blocks: Mapped[list["Block"]] = relationship(order_by="Block.position", cascade="all, delete-orphan")


class Block(Identified, Base):
    __tablename__ = "blocks"
    __table_args__ = (sa.UniqueConstraint("scene_id", "position"),)

    scene_id: Mapped[int] = mapped_column(sa.ForeignKey("scenes.id"), index=True)
    position: Mapped[int]
    type: Mapped[str] = mapped_column(sa.String(16))
    text: Mapped[str]
    line: Mapped[int]
    speaker: Mapped[str | None]
    emotion: Mapped[str | None]


class Asset(Identified, Base):
    """A reusable character, location or prop of a project."""

    __tablename__ = "assets"
    __table_args__ = (sa.UniqueConstraint("project_id", "kind", "name"),)

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str]

    versions: Mapped[list["AssetVersion"]] = relationship(
        order_by="AssetVersion.version", cascade="all, delete-orphan", back_populates="asset"
    )

    @property
    def current(self) -> "AssetVersion":
        return self.versions[-1]


class AssetVersion(Identified, Claimable, Base):
    """A frozen look (and, of a character, voice) with its reference picture. States: pending, ready, failed."""

    __tablename__ = "asset_versions"
    __table_args__ = (sa.UniqueConstraint("asset_id", "version"),)

    asset_id: Mapped[int] = mapped_column(sa.ForeignKey("assets.id"), index=True)
    version: Mapped[int]
    description: Mapped[str]
    sheet: Mapped[dict[str, Any]]
    voice: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(sa.String(16), default="pending")
    reason: Mapped[str] = mapped_column(default="")
    reference_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("objects.digest"), index=True)
    root_run_id: Mapped[str | None] = mapped_column(sa.String(64))
    created_by: Mapped[str | None] = mapped_column(sa.String(128))
    """The person who changed the one before; None where it came with an import."""
    uploaded: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Its reference picture was brought by a person, not made."""

    asset: Mapped[Asset] = relationship(back_populates="versions")


class EpisodeAsset(Base):
    """Which assets an episode shows."""

    __tablename__ = "episode_assets"

    episode_id: Mapped[int] = mapped_column(sa.ForeignKey("episodes.id"), primary_key=True)
    asset_id: Mapped[int] = mapped_column(sa.ForeignKey("assets.id"), primary_key=True)
    version: Mapped[int | None]
    """The version that the episode keeps to; None: always the newest."""


class Storyboard(Identified, Base):
    """An episode's storyboard: generated → editing → frozen. `version` counts its changes."""

    __tablename__ = "storyboards"

    episode_id: Mapped[int] = mapped_column(sa.ForeignKey("episodes.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(sa.String(16))
    source: Mapped[str]
    """`planner`, or the name of the file that it came from."""
    source_digest: Mapped[str] = mapped_column(sa.String(64))
    """Digest of the screenplay that it was planned from and the planner's version, or of the file."""
    document: Mapped[dict[str, Any]]
    """The storyboard without its shots (storyboard/document.py)."""
    review_state: Mapped[str] = mapped_column(sa.String(16), default="approved", server_default=sa.text("'approved'"))
    """A word of production/shots/stages.py: images begin once it is approved."""
    review_reason: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))
    retakes: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    changed_by: Mapped[str | None] = mapped_column(sa.String(128))
    """The person who edited, froze or unfroze it last."""
    changed_at: Mapped[datetime | None]


class Shot(Identified, Base):
    """A shot of an episode's storyboard. A shot that a new storyboard no longer has is retired, with its takes."""

    __tablename__ = "shots"
    __table_args__ = (sa.UniqueConstraint("episode_id", "number"),)

    episode_id: Mapped[int] = mapped_column(sa.ForeignKey("episodes.id"), index=True)
    number: Mapped[int]
    position: Mapped[int]
    retired: Mapped[bool] = mapped_column(default=False)
    document: Mapped[dict[str, Any]]
    """The shot as storyboard/document.py writes it."""
    skipped_by: Mapped[str | None] = mapped_column(sa.String(128))
    """Who left it out on purpose: the film shows its slate."""
