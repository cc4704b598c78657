"""Routers and routes as all of the service's rooms use them: found quickly, and run in the right threads.

A router is asked about a path only if it may have it: matching each route of each router would be a tenth of what a
small read takes.
"""

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.routing import Match
from starlette.types import Scope

from api.threads import Threads, run

_PARAMETER = re.compile(r"\{[^}]*\}")
_READS = frozenset({"GET", "HEAD"})


class Route(APIRoute):
    """A route whose function, if it is a plain one, runs in a thread, a read in one of `reads`, and whose answer is put
    into words outside of it: another way to a thread and back for that takes longer than the thing itself."""

    reads = Threads.LOOKS

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        is_read = _READS.issuperset(options.get("methods") or ("GET",))
        super().__init__(path, _in_thread(endpoint, self.reads if is_read else None), **options)


class AskingRoute(Route):
    reads = Threads.ASKS


class Router(APIRouter):
    """A router of `Route`s, to be included under a prefix. `looks` False: its reads may take long, or ask others than
    the database, such as the store or Dagster."""

    def __init__(self, *, looks: bool = True, **options: Any) -> None:
        super().__init__(route_class=Route if looks else AskingRoute, **options)

    @functools.cached_property
    def _paths(self) -> re.Pattern[str]:
        """Ends of the paths that the router has; once it is asked for, no route is added any more."""
        ends = (_PARAMETER.sub("\0", route.path) for route in self.routes if isinstance(route, APIRoute))
        return re.compile("(?:" + "|".join(re.escape(end).replace("\0", "[^/]+") for end in ends) + r")\Z")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if self._paths.search(scope["path"]) is None:
            return Match.NONE, {}
        return super().matches(scope)


def _in_thread(endpoint: Callable[..., Any], threads: Threads | None) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(endpoint) or inspect.isasyncgenfunction(endpoint):
        return endpoint

    @functools.wraps(endpoint)
    async def answer(**values: Any) -> Any:
        if threads is None:
            return await run_in_threadpool(endpoint, **values)
        return await run(threads, endpoint, **values)

    return answer
