"""What comes before a route is looked for: connections that say nothing, heads that dribble, and what is no HTTP."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI
from support.processes import free_port, wait_until

from api import protocol
from api.protocol import BoundedHeads

HEAD_SECONDS = 0.6
GET = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Of a server with one route, which takes longer than a head may."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", HEAD_SECONDS)
    app, number = FastAPI(), free_port()

    @app.get("/slow")
    def slow() -> str:
        time.sleep(2 * HEAD_SECONDS)
        return "there"

    server = uvicorn.Server(uvicorn.Config(app, port=number, http=BoundedHeads, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    yield number
    server.should_exit = True
    thread.join(10)


def seconds_until_hung_up(connection: socket.socket, dribble: bytes = b"") -> float:
    connection.settimeout(0.1)
    began, rest = time.monotonic(), iter(dribble)
    while time.monotonic() - began < 10:
        try:
            if (byte := next(rest, None)) is not None:
                connection.sendall(bytes([byte]))
            if not connection.recv(1024):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


@pytest.mark.parametrize("beginning", [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_connection_that_brings_no_whole_head_is_closed(port: int, beginning: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(beginning)
        assert HEAD_SECONDS / 2 < seconds_until_hung_up(connection) < HEAD_SECONDS + 3


def test_a_head_that_dribbles_is_closed_also_behind_another_request(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert seconds_until_hung_up(connection, GET[:20] + b"X-Slow: " + b"a" * 200) < HEAD_SECONDS + 3
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(GET)
        assert b"200 OK" in connection.recv(4096)
        assert seconds_until_hung_up(connection, b"GET /slow HTTP/1.1\r\nX-Slow: " + b"a" * 200) < HEAD_SECONDS + 3


def test_an_answer_may_take_longer_than_a_head_and_the_next_request_comes_on_the_same_connection(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for _ in range(2):
            connection.sendall(GET)
            assert b"200 OK" in connection.recv(4096)


@pytest.mark.parametrize(
    "nonsense", [b"FOO / HTTP/1.1\r\n\r\n", "GET /雨 HTTP/1.1\r\n\r\n".encode(), b"\x16\x03\x01\x02\r\n\r\n"]
)
def test_what_is_no_http_is_told_so_in_the_one_shape(port: int, nonsense: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(nonsense)
        answer = b""
        while piece := connection.recv(4096):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/json" in head
    told = json.loads(body)
    assert (set(told), told["code"]) == ({"code", "message", "details", "request_id"}, "ERR_BAD_REQUEST")
