"""The web request that work comes from: one id through the logs, the tasks, the tags of their runs and the calls to
providers, so that a person who has it finds everything that their request set going.

It lives in a context variable: the API binds it for a request, a run binds what its tags say.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

REQUEST_TAG = "aianime/request"
"""Of a run in Dagster."""

_FITTING = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str | None] = ContextVar("aianime_request", default=None)


def request_id() -> str | None:
    """None: nobody asked over the web."""
    return _current.get()


def fitting_request_id(offered: str | None) -> str:
    """The one that a client offers where it can stand in logs and headers, else a new one."""
    return offered if offered and _FITTING.fullmatch(offered) else uuid.uuid4().hex


@contextmanager
def asked_in(request: str | None) -> Iterator[None]:
    """What happens in the block was asked for in that request; None: nothing changes."""
    if request is None:
        yield
        return
    token = _current.set(request)
    try:
        with structlog.contextvars.bound_contextvars(request_id=request):
            yield
    finally:
        _current.reset(token)
