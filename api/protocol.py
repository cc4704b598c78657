"""HTTP/1.1 as the service takes it: a head of a request that comes in time, and one shape for errors also before a
route is looked for. Bodies are bounded in middleware.py."""

import asyncio
import json

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 30.0
"""How long a client may take for a request's line and headers, from its connection or from the first of them on.
Between requests uvicorn closes what nobody uses."""


class BoundedHeads(HttpToolsProtocol):
    """Hangs up on who opens a connection and says nothing, or says it letter by letter."""

    _waits: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._waits is None:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        self._head_is_there()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        body = json.dumps({"code": "ERR_BAD_REQUEST", "message": msg, "details": {}, "request_id": ""}).encode()
        head = (
            "HTTP/1.1 400 Bad Request",
            "content-type: application/json",
            f"content-length: {len(body)}",
            "connection: close",
        )
        self.transport.write("".join(f"{line}\r\n" for line in (*head, "")).encode() + body)
        self.transport.close()

    def _wait_for_head(self) -> None:
        self._waits = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _head_is_there(self) -> None:
        if self._waits is not None:
            self._waits.cancel()
            self._waits = None
