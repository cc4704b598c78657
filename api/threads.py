"""Where what blocks runs: in threads, of which what must not wait for other things has some to itself.

Python runs one thread at a time. With forty at work, each of which wants to go on whenever the database has answered
it, the one that takes and gives answers waits for its turn again and again: at 300 reads a second the slowest twentieth
of them took eight times as long as with five (`benchmarks/reads.py`).
"""

import functools
from collections.abc import Callable
from enum import IntEnum, unique
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@unique
class Threads(IntEnum):
    """How many there are in a process for each purpose. Everything else has anyio's forty."""

    LOOKS = 5
    """Reads that ask nobody but the database, and that soon. Enough for a database that is a network away: there a look
    waits for most of its time."""
    ASKS = 20
    """Reads that may take long or ask others, such as the store, Dagster or an identity provider: where those hang,
    nothing else does."""


_LIMITERS: RunVar[dict[Threads, CapacityLimiter]] = RunVar("limiters")


async def run(
    threads: Threads, function: Callable[Arguments, Answer], *values: Arguments.args, **named: Arguments.kwargs
) -> Answer:
    """What the function gives, in one of those threads."""
    try:
        limiters = _LIMITERS.get()
    except LookupError:
        limiters = {purpose: CapacityLimiter(purpose.value) for purpose in Threads}
        _LIMITERS.set(limiters)
    return await to_thread.run_sync(functools.partial(function, *values, **named), limiter=limiters[threads])


async def look(function: Callable[Arguments, Answer], *values: Arguments.args, **named: Arguments.kwargs) -> Answer:
    """What the function gives, which asks nobody but the database, and that soon."""
    return await run(Threads.LOOKS, function, *values, **named)
