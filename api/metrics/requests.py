"""How long requests take and how they end, by route. Plain ASGI, so that streams pass through untouched."""

import time

from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAME = "aianime_http_request_duration_seconds"
HELP = "Time until the head of the answer was sent."
LABELS = ("method", "route", "status")
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"
"""What no route is there for: the path as it came is never a label."""
_NOT_ANSWERED = 499
"""The client went before there was an answer. nginx writes the same into its log."""


def request_histogram(registry: CollectorRegistry) -> Histogram:
    # When each label set was first seen would be a series more for each of them, of use to nobody.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    return Histogram(NAME, HELP, LABELS, buckets=_BUCKETS, registry=registry)


class MeasuredRequests:
    """The outermost middleware."""

    def __init__(self, app: ASGIApp, histogram: Histogram) -> None:
        self._app = app
        self._histogram = histogram

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, seconds, status = time.perf_counter(), None, _NOT_ANSWERED

        async def noted(message: Message) -> None:
            nonlocal seconds, status
            if message["type"] == "http.response.start":
                seconds, status = time.perf_counter() - began, message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            status = status if seconds is not None else 500
            raise
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            taken = seconds if seconds is not None else time.perf_counter() - began
            self._histogram.labels(method, route_template(scope), str(status)).observe(taken)


def route_template(scope: Scope) -> str:
    """Such as `/api/v1/projects/{project}`, once the request was routed."""
    # A route itself knows its path without the prefix under which it is included.
    included = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(included, "path", None) or getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else NO_ROUTE
