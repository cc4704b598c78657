"""Where what blocks runs: in threads, of which looks into the database have a few to themselves.

Python runs one thread at a time. With forty at work, each of which wants to go on whenever the database has answered
it, the one that reads and answers requests waits for its turn again and again: at 300 reads a second the slowest
twentieth of them took eight times as long as with five (`benchmarks/reads.py`).
"""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

LOOKS_AT_ONCE = 5
"""In a process. Enough for a database that is a network away: there a look waits for most of its time."""
_LOOKS: RunVar[CapacityLimiter] = RunVar("looks")


async def look(function: Callable[Arguments, Answer], *values: Arguments.args, **named: Arguments.kwargs) -> Answer:
    """What the function gives, which asks nobody but the database, and that soon. What may take longer, or asks others,
    belongs among the threads of `starlette.concurrency.run_in_threadpool`, so that nobody's look waits for it."""
    try:
        limiter = _LOOKS.get()
    except LookupError:
        limiter = CapacityLimiter(LOOKS_AT_ONCE)
        _LOOKS.set(limiter)
    return await to_thread.run_sync(functools.partial(function, *values, **named), limiter=limiter)
