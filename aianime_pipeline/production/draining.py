"""Draining: while the installation is prepared for an upgrade no new run is launched.

The mark says when somebody last wanted it so, and counts for a while only: whoever drains says it again and again, and
one that was killed keeps nobody waiting for ever.
"""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Mark
from aianime_pipeline.db.models.base import now
from aianime_pipeline.moments import has_come

DRAINING = "draining"
"""Name of the mark that says so."""

LASTS = timedelta(minutes=10)
"""So long after the mark's instant it counts."""

LONGEST_AHEAD = timedelta(hours=1)
"""The mark's instant lies at most so far ahead, unless the clock was set back since."""


def is_draining(session: Session) -> bool:
    said = session.scalar(sa.select(Mark.instant).where(Mark.name == DRAINING))
    return said is not None and not has_come(said + LASTS, now(), LASTS + LONGEST_AHEAD)


def start_draining(session: Session, *, longer: timedelta = timedelta(0)) -> None:
    """From the commit of the caller's transaction on no run is launched, for LASTS from now and `longer`, which is at
    most LONGEST_AHEAD. Said again, it counts from then on."""
    session.merge(Mark(name=DRAINING, instant=now() + longer))


def stop_draining(session: Session) -> None:
    """Runs are launched again; also where nobody drains."""
    session.execute(sa.delete(Mark).where(Mark.name == DRAINING))
