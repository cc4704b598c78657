"""What people are told of schedules: times that were missed, schedules that cannot be run, a clock that jumped."""

import hashlib
from datetime import datetime, tzinfo
from urllib.parse import quote

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Schedule
from aianime_pipeline.production.notices.telling import tell
from aianime_pipeline.scheduling.catching_up import CatchUp, Missed
from aianime_pipeline.scheduling.zones import parse_zone

_KIND = "schedule"
_MADE_UP = {
    CatchUp.SKIP: "none of them is made up for",
    CatchUp.LATEST: "the latest is made up for",
    CatchUp.ALL: "they are made up for",
}


def tell_missed(session: Session, row: Schedule, missed: Missed) -> None:
    """Times that were not run because nobody looked at schedules. Told once."""
    zone = parse_zone(row.time_zone)
    first, last = _clock(missed.first, zone), _clock(missed.last, zone)
    if missed.count == 1:
        when = f"at {first}"
    elif missed.counted_all:
        when = f"{missed.count} times from {first} to {last}"
    else:
        when = f"more than {missed.count} times since {first}"
    rule = _MADE_UP[CatchUp(row.catch_up)]
    within = "" if row.catch_up == CatchUp.SKIP else f" within {length_in_words(row.grace_seconds)}"
    tell(
        session,
        key=f"{_of(row)}:missed:{missed.first.isoformat()}",
        kind=_KIND,
        text=f"Schedule {row.name} was not run {when} ({row.time_zone}): nobody looked at schedules then, and {rule}"
        f"{within}.",
        project_id=row.project_id,
        link=_link(row),
    )


def tell_problem(session: Session, row: Schedule) -> None:
    """The schedule's problem. Each is told once for a revision."""
    digest = hashlib.sha256(row.problem.encode()).hexdigest()[:16]
    tell(
        session,
        key=f"{_of(row)}:problem:{digest}",
        kind=_KIND,
        text=f"Schedule {row.name} cannot be run: {row.problem}",
        project_id=row.project_id,
        link=_link(row),
    )


def tell_clock(session: Session, stood: datetime, stands: datetime) -> None:
    tell(
        session,
        key=f"schedules:clock:{stood.isoformat()}",
        kind=_KIND,
        text=f"The clock was set back from {stood:%Y-%m-%d %H:%M} to {stands:%Y-%m-%d %H:%M} (UTC). Schedules go on "
        "from there; what they have asked for already is not asked for again.",
    )


def length_in_words(seconds: int) -> str:
    """`90s`, `30m`, `2h`, `1d`: in the largest unit that says it exactly."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _of(row: Schedule) -> str:
    return f"schedule:{row.uid}:{row.revision}"


def _clock(instant: datetime, zone: tzinfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def _link(row: Schedule) -> str:
    return f"/api/v1/schedules/{quote(row.name, safe='')}"
