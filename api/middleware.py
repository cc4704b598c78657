"""What every request goes through before a route sees it: an id, a bound on its body, and headers that keep browsers
from doing what nobody asked for. Plain ASGI, so that streams pass through untouched."""

import asyncio
import re
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aianime_pipeline.asked_in import asked_in, fitting_request_id
from api.errors import error_answer, unforeseen_answer
from api.metrics.requests import route_template

_log = structlog.get_logger(__name__)

REQUEST_HEADER = "X-Request-ID"
MOST_BODY_BYTES = 1 << 20
"""Of a body that is JSON."""
MOST_UPLOAD_BYTES = 32 << 20
"""Of a form with a file: a picture of 20 MB, or a screenplay, with room for the form around it."""
BODY_SECONDS = 30.0
"""How long a client may take between two pieces of its body."""
MOST_BODY_SECONDS = 300.0
"""And for all of it: a piece from time to time holds nothing for ever."""
_UPLOADS = re.compile(r"/api/v1/[^/]+/[^/]+/(screenplay|screenplays|storyboard/file|reference|watermark)")
"""Where a file may come, from somebody who says who they are. What they say is looked at after the body was read."""

_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Where a route sets one itself, its own counts."""


class RequestId:
    """Gives each request an id, which is the client's where that fits, and logs how it ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = fitting_request_id(Headers(scope=scope).get(REQUEST_HEADER))
        began, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_HEADER] = request
                for name, value in _SECURITY.items():
                    headers.setdefault(name, value)
            await send(message)

        with asked_in(request):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception as error:
                answer = unforeseen_answer(error)
                if status:
                    raise  # the answer has begun: all that is left is to break it off
                await answer(scope, receive, send_with_id)
            finally:
                _log.info(
                    "request",
                    method=scope["method"],
                    route=route_template(scope),
                    status=status,
                    milliseconds=round((time.perf_counter() - began) * 1000, 1),
                )


class BoundedBody:
    """Refuses a body that is too large, also one that does not say its length, or that comes too slowly."""

    def __init__(self, app: ASGIApp, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        upload = _UPLOADS.fullmatch(scope["path"]) is not None and "authorization" in headers
        most = MOST_UPLOAD_BYTES if upload else MOST_BODY_BYTES
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > most:
            await _too_large(most)(scope, receive, send)
            return
        seen, ended, answered, began = 0, False, False, time.monotonic()

        async def bounded() -> Message:
            nonlocal seen, ended
            if ended:
                return await receive()
            try:
                left = began + MOST_BODY_SECONDS - time.monotonic()
                message = await asyncio.wait_for(receive(), max(0.0, min(self._seconds, left)))
            except TimeoutError as error:
                if answered:
                    # A stream waits for its client to go: one that promised a body and sends none has.
                    return {"type": "http.disconnect"}
                raise _BodyRefusedError(408) from error
            if message["type"] != "http.request":
                return message
            seen += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if seen > most:
                raise _BodyRefusedError(413)
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = answered or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, bounded, noted)
        except _BodyRefusedError as refused:
            if answered:
                raise
            answer = _too_large(most) if refused.status == 413 else _too_slow(self._seconds)
            await answer(scope, receive, send)


class _BodyRefusedError(BaseException):
    """Passes through whatever catches an Exception on its way, up to the middleware that raised it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _too_large(most: int) -> ASGIApp:
    return error_answer(
        413, "ERR_BODY_TOO_LARGE", f"The body is larger than the {most:,} bytes that are taken.", {"most_bytes": most},
        {"Connection": "close"},
    )  # fmt: skip


def _too_slow(seconds: float) -> ASGIApp:
    words = f"Nothing of the body came for {seconds:g} seconds, or all of it took over {MOST_BODY_SECONDS:g}."
    return error_answer(408, "ERR_REQUEST_TIMEOUT", words, headers={"Connection": "close"})
