"""A clock that tests turn, and a server's view of who calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from aianime_pipeline.db.models.base import clock

BEGINNING = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self, moment: datetime = BEGINNING) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def goes(self, **of: float) -> None:
        self.moment += timedelta(**of)


@contextmanager
def turned_clock() -> Iterator[Clock]:
    own = Clock()
    with clock(own):
        yield own
