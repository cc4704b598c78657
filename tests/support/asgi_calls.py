"""One request to an application in this process, whose answer is taken as far as it has to be known: of a stream that
never ends, its beginning."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI
from starlette.types import Message

_SECONDS = 60.0


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def document(self) -> dict[str, Any]:
        """Of an answer that is JSON; of any other, nothing."""
        if "application/json" not in self.headers.get("content-type", ""):
            return {}
        found = json.loads(self.body or b"{}")
        return found if isinstance(found, dict) else {}


def scope_of(method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    given = {"host": "api.test", **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 50_000),
        "server": ("api.test", 80),
        "state": {},
    }


async def call(
    app: FastAPI, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """The application has to have begun already. The client is on this machine."""
    answer, sent, ended = Answer(), False, asyncio.Event()
    given = dict(headers or {})
    if body is not None:
        given |= {"content-type": "application/json", "content-length": str(len(body))}
    scope = scope_of(method, path, given)

    async def receive() -> Message:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body or b"", "more_body": False}
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                ended.set()
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")
            if not message.get("more_body", False):
                ended.set()

    running = asyncio.ensure_future(app(scope, receive, send))
    waiting = asyncio.ensure_future(ended.wait())
    try:
        done, _ = await asyncio.wait({running, waiting}, timeout=_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            raise TimeoutError(f"{method} {path} took more than {_SECONDS:g} s")
        if running.done():
            running.result()
        elif answer.headers.get("content-type", "").startswith("text/event-stream"):
            running.cancel()
        await asyncio.wait({running}, timeout=_SECONDS)
    finally:
        for task in (running, waiting):
            task.cancel()
    return answer
