"""Which provider is asked next, and how one stands after an answer. Pure.

A route is a model of a provider. The first in order of preference that may be asked now is taken: one that is down, out
of money or at its limits is passed over. What was refused for its content, or for a bad request, is nobody else's to
try.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aianime_pipeline.moments import has_come
from aianime_pipeline.providers.capabilities import ErrorKind
from aianime_pipeline.providers.configuration import NO_LIMITS, Limits

FAILURES_TO_CLOSE = 5
"""Passing faults in a row after which a provider counts as down."""

_CLOSED_FIRST = timedelta(seconds=30)
_CLOSED_LONGEST = timedelta(minutes=10)
_CLOSED_FOR_MONEY = timedelta(minutes=10)
"""Out of money, or its key refused: a person has to act, but may do so at any time."""

_LIMITED = timedelta(seconds=5)
_LIMITED_LONGEST = timedelta(minutes=10)
LONGEST_WAIT = max(_CLOSED_LONGEST, _CLOSED_FOR_MONEY, _LIMITED_LONGEST)
"""What is said to last longer was written before the clock was set back."""
_FULL_AGAIN = timedelta(seconds=2)
_MINUTE = timedelta(minutes=1)
_CLOCK = "%H:%M:%S UTC"

MOVES_ON = frozenset(
    {
        ErrorKind.TRANSIENT,
        ErrorKind.RATE_LIMITED,
        ErrorKind.CONCURRENCY_FULL,
        ErrorKind.NO_MONEY,
        ErrorKind.AUTH,
    }
)
"""After these another route, or the same one later, may be asked: nothing was taken and nothing was wrong with it."""

WAITS = frozenset({ErrorKind.RATE_LIMITED, ErrorKind.CONCURRENCY_FULL})
"""These spend no attempt."""


@dataclass(frozen=True)
class Health:
    """How a provider or a model stands, as its row says."""

    failures: int = 0
    closed_until: datetime | None = None
    limited_until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Standing:
    """A route with all that decides whether it may be asked now. Requests and tokens are those of the last minute,
    `minute_frees` is when the oldest of them leaves it."""

    route: str
    provider: Health = Health()
    model: Health = Health()
    limits: Limits = NO_LIMITS
    open_jobs: int = 0
    requests: int = 0
    tokens: int = 0
    minute_frees: datetime | None = None


@dataclass(frozen=True)
class Blocked:
    """`until` is when to look again. `words` say so in a line, such as `ark is busy until 10:05:12 UTC`."""

    route: str
    until: datetime
    why: str
    words: str


def blocked(standing: Standing, now: datetime) -> Blocked | None:
    """Why the route may not be asked now, and until when; None if it may."""
    route, provider = standing.route, standing.route.partition("/")[0]
    for health in (standing.provider, standing.model):
        if (until := health.closed_until) is not None and not has_come(until, now, LONGEST_WAIT):
            return Blocked(route, until, health.reason, f"{provider} is not asked before {until:{_CLOCK}}")
        if (until := health.limited_until) is not None and not has_come(until, now, LONGEST_WAIT):
            return Blocked(route, until, health.reason, f"{provider} is busy until {until:{_CLOCK}}")
    limits = standing.limits
    if limits.concurrency is not None and standing.open_jobs >= limits.concurrency:
        why = f"{standing.open_jobs} jobs at once are its limit"
        return Blocked(route, now + _FULL_AGAIN, why, f"{provider} is busy: {why}")
    for what, count, most in (
        ("requests", standing.requests, limits.requests_per_minute),
        ("tokens", standing.tokens, limits.tokens_per_minute),
    ):
        if most is not None and count >= most:
            frees = max(standing.minute_frees or now + _MINUTE, now + timedelta(milliseconds=100))
            return Blocked(route, frees, f"{most} {what} a minute", f"{provider} is busy until {frees:{_CLOCK}}")
    return None


def choose(standings: Sequence[Standing], now: datetime) -> str | list[Blocked]:
    """The route to ask, or why none may be asked now."""
    found: list[Blocked] = []
    for standing in standings:
        why = blocked(standing, now)
        if why is None:
            return standing.route
        found.append(why)
    return found


def after_success(health: Health, now: datetime) -> Health:
    """Its faults are forgotten. A limit stays: what succeeded may have been asked before the limit was told."""
    if health.limited_until is not None and health.limited_until > now:
        return replace(health, failures=0, closed_until=None)
    return Health()


def after_failure(health: Health, kind: str, words: str, now: datetime, retry_after: float | None = None) -> Health:
    """How it stands after a refusal. Refusals of the request itself say nothing of the provider."""
    if kind in (ErrorKind.NO_MONEY, ErrorKind.AUTH):
        return replace(health, closed_until=now + _CLOSED_FOR_MONEY, reason=words)
    if kind in WAITS:
        wait = _LIMITED if retry_after is None else timedelta(seconds=retry_after)
        return replace(health, limited_until=now + min(wait, _LIMITED_LONGEST), reason=words)
    if kind in (ErrorKind.TRANSIENT, ErrorKind.AMBIGUOUS):
        failures = health.failures + 1
        if failures < FAILURES_TO_CLOSE:
            return replace(health, failures=failures, reason=words)
        wait = _CLOSED_FIRST * 2 ** min(failures - FAILURES_TO_CLOSE, 10)
        return replace(health, failures=failures, closed_until=now + min(wait, _CLOSED_LONGEST), reason=words)
    return after_success(health, now)
