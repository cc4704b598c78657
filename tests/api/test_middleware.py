"""What every request goes through: its id, the bound on its body, and the headers of every answer."""

import asyncio
import json
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from support.api_process import api_process

from aianime_pipeline.production.installation import Installation
from api.app import create_app
from api.middleware import MOST_BODY_BYTES, BoundedBody

AsPerson = Callable[[str], TestClient]
ORIGIN = "https://studio.example.com"


def test_a_clients_own_id_is_kept_where_it_fits_and_replaced_where_it_does_not(client: TestClient) -> None:
    kept = client.get("/api/v1/projects", headers={"X-Request-ID": "my-request-0001"})
    assert kept.headers["X-Request-ID"] == kept.json()["request_id"] == "my-request-0001"
    for odd in ("short", "x" * 65, "a b c d e f g h", "../../../../etc", "{}{}{}{}{}{}"):
        assert client.get("/api/v1/projects", headers={"X-Request-ID": odd}).headers["X-Request-ID"] != odd


@pytest.mark.parametrize("path", ["/api/v1/projects", "/nowhere", "/api/v1/openapi.json"])
def test_every_answer_keeps_browsers_from_guessing_framing_and_telling(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "server" not in headers


def test_a_path_that_is_not_there_answers_in_the_one_shape(client: TestClient) -> None:
    answer = client.get("/api/v1/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "ERR_NOT_FOUND")
    assert set(answer.json()) == {"code", "message", "details", "request_id"}
    wrong = client.put("/api/v1/projects")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "ERR_METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("projects", "GET, POST"),
        ("projects/moonlit", "GET, PATCH"),
        ("episodes/moonlit-e001/screenplay", "GET, POST, PATCH"),
        ("takes/1/file", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_there_is_told_which_are(client: TestClient, path: str, methods: str) -> None:
    assert client.put(f"/api/v1/{path}").headers["Allow"] == methods


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_what_nobody_foresaw_has_its_requests_id_in_the_answer_and_in_the_log(
    place: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(place)

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("secret words")

    with TestClient(app, base_url="http://api.test") as opened:
        answer = opened.get("/broken", headers={"X-Request-ID": "my-request-0001"})
    assert (answer.status_code, answer.json()["code"]) == (500, "ERR_INTERNAL")
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"] == "my-request-0001"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "secret words" not in answer.text
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    failed, ended = [line for line in lines if line.get("request_id") == "my-request-0001"]
    assert "secret words" in failed["exception"]
    assert (ended["event"], ended["status"]) == ("request", 500)


def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(as_person: AsPerson) -> None:
    answer = as_person("admin").post("/api/v1/projects", content=b" " * (MOST_BODY_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "ERR_BODY_TOO_LARGE")
    assert answer.json()["details"] == {"most_bytes": MOST_BODY_BYTES}


def test_a_body_that_hides_its_size_is_refused_where_it_becomes_too_large(as_person: AsPerson) -> None:
    pieces = (b" " * 65536 for _ in range(MOST_BODY_BYTES // 65536 + 1))
    answer = as_person("admin").post("/api/v1/projects", content=pieces, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "ERR_BODY_TOO_LARGE")


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 50_000, b'{"slug": "a\\u0000b"}', b"null", b"[]"])
def test_a_body_that_is_no_json_or_a_strange_one_names_what_is_wrong(as_person: AsPerson, body: bytes) -> None:
    answer = as_person("admin").post("/api/v1/projects", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) in ((422, "ERR_VALIDATION"), (400, "ERR_BAD_REQUEST"))


def test_a_body_that_stops_coming_is_not_waited_for_for_ever() -> None:
    inner = FastAPI()

    @inner.post("/")
    def take(body: dict[str, int]) -> int:
        return len(body)

    async def silent() -> dict[str, object]:
        await asyncio.sleep(30)
        raise AssertionError("nobody waits so long")

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"", "root_path": "",
        "headers": [(b"content-type", b"application/json")], "http_version": "1.1", "scheme": "http",
        "server": ("api.test", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    began = time.monotonic()
    asyncio.run(BoundedBody(inner, seconds=0.1)(scope, silent, send))  # type: ignore[arg-type]
    assert time.monotonic() - began < 10
    assert sent[0]["status"] == 408


def test_pages_of_other_addresses_may_not_call_unless_they_are_named(place: Installation, client: TestClient) -> None:
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    assert "access-control-allow-origin" not in client.options("/api/v1/projects", headers=asks).headers
    place.settings = replace(place.settings, api_origins=(ORIGIN,))
    with TestClient(create_app(place)) as opened:
        allowed = opened.options("/api/v1/projects", headers=asks)
        assert allowed.headers["access-control-allow-origin"] == ORIGIN
        other = opened.options("/api/v1/projects", headers=asks | {"Origin": "https://elsewhere.example"})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_over_real_http_it_answers_refuses_and_ends(place: Installation, tmp_path: Path) -> None:
    with api_process(place, tmp_path / "api.log") as served:
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
            raw.sendall(b"POST /api/v1/projects HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
            assert b" 413 " in raw.recv(4096).split(b"\r\n")[0]
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
            raw.sendall(b"GET /api/v1/../../etc/passwd HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\x01b\r\n\r\n")
            assert raw.recv(4096).split(b"\r\n")[0].split()[1] in (b"400", b"404")


def test_a_client_that_promises_a_body_and_sends_none_has_gone_once_it_is_answered() -> None:
    """As one that watches events: the stream ends, and nothing fails."""
    seen: list[str] = []

    async def streaming(_scope: object, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        seen.append((await receive())["type"])

    async def never() -> dict[str, object]:
        await asyncio.sleep(30)
        raise AssertionError("nobody waits so long")

    async def send(message: dict[str, object]) -> None:
        seen.append(str(message["type"]))

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"content-length", b"50")]}
    asyncio.run(BoundedBody(streaming, seconds=0.2)(scope, never, send))  # type: ignore[arg-type]
    assert seen == ["http.response.start", "http.disconnect"]
