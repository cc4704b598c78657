"""Instants that are handed in: ISO 8601, of years that people plan for. In a query in UTC where nothing else is said,
and a day stands for its midnight."""

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?")
"""Numbers are not read as seconds since 1970, or since whenever somebody means."""
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def _written_out(text: object) -> object:
    if not isinstance(text, datetime) and not (isinstance(text, str) and _FORM.fullmatch(text)):
        raise ValueError("write it as 2026-11-28 or 2026-11-28T09:30:00Z")
    return text


def _in_utc(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        # What lies at the ends of the calendar has no day before or after it.
        raise ValueError(f"the year is {moment.year}; it takes {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Instant = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
"""In a body, with its time zone."""
InstantQuery = Annotated[Annotated[datetime, BeforeValidator(_written_out), AfterValidator(_in_utc)] | None, Query()]
