"""People, what they may do, and how they show who they are."""

import unicodedata
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from aianime_pipeline.db.models.base import Base, Identified


def folded(name: str) -> str:
    """The same for names that people take for one: in capitals or not, in full-width letters or not."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _folded_name(context: DefaultExecutionContext) -> str:
    return folded(context.get_current_parameters()["name"])  # type: ignore[no-untyped-call]


class User(Identified, Base):
    """Somebody who can log in. `name` is what every other table calls them, so it is never given to another person."""

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name_key: Mapped[str] = mapped_column(sa.String(64), unique=True, default=_folded_name)
    """The name folded: no two people differ in capitals alone, and either way of writing logs in."""
    display_name: Mapped[str] = mapped_column(sa.String(128), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    global_role: Mapped[str] = mapped_column(sa.String(16), default="member")
    password_hash: Mapped[str | None] = mapped_column(sa.String(255))
    """None: no log-in with a password."""
    oidc_subject: Mapped[str | None] = mapped_column(sa.String(400), unique=True)
    """`issuer subject` of the identity provider that vouches for them."""
    disabled: Mapped[bool] = mapped_column(default=False)
    token_version: Mapped[int] = mapped_column(default=1)
    """Tokens of an earlier version are refused: raised by «log out everywhere», a new password, and disabling."""
    last_login_at: Mapped[datetime | None]


class RefreshToken(Identified, Base):
    """One use each: a refresh spends it and makes the next of its `family`. A spent one that comes again was stolen,
    and ends the family."""

    __tablename__ = "refresh_tokens"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    family: Mapped[str] = mapped_column(sa.String(36), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    token_version: Mapped[int]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiKey(Identified, Base):
    """A program's way in, with its user's rights cut down to `scopes`. Only the hash is kept."""

    __tablename__ = "api_keys"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    prefix: Mapped[str] = mapped_column(sa.String(16))
    """The key's first characters, by which a person knows it again."""
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    scopes: Mapped[list[Any]]
    """Names of actions; empty: all that its user may."""
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LoginThrottle(Base):
    """Failed log-ins of late, for a name and for an address; and tries of channels, for a person: `failures` since
    `last_failure_at`."""

    __tablename__ = "login_throttles"

    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_failure_at: Mapped[datetime]


class Organisation(Identified, Base):
    """A studio. Projects and budgets name it by `name`."""

    __tablename__ = "organisations"

    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_by: Mapped[str] = mapped_column(sa.String(128))


class Team(Identified, Base):
    __tablename__ = "teams"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "name"),)

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(sa.String(80))
    created_by: Mapped[str] = mapped_column(sa.String(128))


class TeamMember(Base):
    """`roles`: what they are in every project of the team that does not say otherwise."""

    __tablename__ = "team_members"

    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    roles: Mapped[list[Any]]


class ProjectTeam(Base):
    """The team works on the project."""

    __tablename__ = "project_teams"

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True, index=True)


class ProjectMember(Base):
    """`roles` in this project, in place of what the person's teams say."""

    __tablename__ = "project_members"

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    roles: Mapped[list[Any]]


class IdempotencyKey(Base):
    """What a request with a key was answered, so that the same request again is answered the same."""

    __tablename__ = "idempotency_keys"

    user: Mapped[str] = mapped_column("user_name", sa.String(128), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    request_digest: Mapped[str] = mapped_column(sa.String(64))
    answer: Mapped[dict[str, Any] | None]
    """None: the first request with it is still at work, or died at it."""
    status: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
