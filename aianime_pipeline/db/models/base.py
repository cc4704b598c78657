"""What every table shares: names of constraints, identifiers, instants, JSON, and the claim on a piece of work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

JsonType = sa.JSON().with_variant(JSONB(), "postgresql")


class Instant(sa.TypeDecorator[datetime]):
    """An instant in UTC; SQLite forgets time zones, so both databases store it without one."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone, so it is no instant.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


def _wall_clock() -> datetime:
    return datetime.now(UTC)


_clock: list[Callable[[], datetime]] = [_wall_clock]


def now() -> datetime:
    return _clock[0]()


@contextmanager
def clock(other: Callable[[], datetime]) -> Iterator[None]:
    """Another clock than the wall's, as long as the block lasts: for whatever must be shown to survive its jumps."""
    _clock.append(_clock[0])
    _clock[0] = other
    try:
        yield
    finally:
        _clock[0] = _clock.pop()


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: Instant(),
        dict[str, Any]: JsonType,
        list[Any]: JsonType,
    }


class Identified:
    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Claimable:
    """A row that one worker at a time may work on. See production/claims.py."""

    claimed_by: Mapped[str | None] = mapped_column(sa.String(36))
