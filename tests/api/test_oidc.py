"""Logging in through an identity provider, which is a process of its own, as a browser does it."""

import contextlib
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from fakes.identity_provider import CLIENT, SECRET
from fakes.vendor import Vendor
from starlette.testclient import TestClient
from support import raw_servers
from support.raw_servers import RawServer, dribbling

from aianime_pipeline.accounts import identity_server, oidc
from aianime_pipeline.accounts.oidc import Client, begin_log_in
from aianime_pipeline.accounts.users import create_user, set_disabled, set_subject
from aianime_pipeline.db.engine import Database
from aianime_pipeline.errors import IdentityProviderUnavailableError
from aianime_pipeline.production.installation import Installation
from api.app import create_app

BASE = "http://api.test"
OIDC = "/api/v1/auth/oidc"


@pytest.fixture(autouse=True)
def nothing_is_known() -> None:
    identity_server.identity_server.cache_clear()


@pytest.fixture(scope="module")
def running() -> Iterator[Vendor]:
    with Vendor("identity_provider") as provider:
        yield provider


@pytest.fixture
def provider(running: Vendor) -> Vendor:
    says(running, spoil="", claims={})
    running.order()
    return running


@pytest.fixture
def client(place: Installation, provider: Vendor) -> Iterator[TestClient]:
    settings = replace(
        place.settings,
        public_url=BASE,
        oidc_issuer=provider.address,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
    )
    app = create_app(replace(place, settings=settings))
    with TestClient(app, base_url=BASE, raise_server_exceptions=False, follow_redirects=False) as opened:
        yield opened


def says(provider: Vendor, **how: Any) -> None:
    httpx2.post(f"{provider.address}/_control/jobs", json=how).raise_for_status()


def begun(client: TestClient, subject: str) -> str:
    """The address that the provider sends the browser back to."""
    away = client.get(f"{OIDC}/login")
    assert away.status_code == 302
    back = httpx2.get(f"{away.headers['Location']}&as={subject}")
    assert back.status_code == 302, back.text
    return str(back.headers["Location"]).removeprefix(BASE)


def finished(client: TestClient, subject: str) -> Any:
    return client.get(begun(client, subject))


def who_is(client: TestClient, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return dict(client.get("/api/v1/auth/me", headers=token).json())


def test_who_comes_for_the_first_time_becomes_a_member_without_projects(client: TestClient, provider: Vendor) -> None:
    says(provider, claims={"preferred_username": "lin xia", "name": "林夏", "email": "lin@example.com"})
    first = finished(client, "42")
    shown = who_is(client, first)
    assert (shown["name"], shown["display_name"], shown["email"]) == ("lin-xia", "林夏", "lin@example.com")
    assert shown["is_admin"] is False
    token = {"Authorization": f"Bearer {first.json()['access_token']}"}
    assert client.get("/api/v1/projects", headers=token).json()["items"] == []
    assert who_is(client, finished(client, "42"))["name"] == "lin-xia", "the same person again"
    refreshed = client.post("/api/v1/auth/refresh", json={"refresh_token": first.json()["refresh_token"]})
    assert refreshed.status_code == 200


def test_nobody_is_taken_for_somebody_who_has_the_same_name_or_address(
    client: TestClient, provider: Vendor, database: Database
) -> None:
    create_user(database, "root", password=None, is_admin=True, email="root@example.com")
    says(provider, claims={"preferred_username": "ROOT", "email": "root@example.com", "email_verified": True})
    shown = who_is(client, finished(client, "1"))
    assert (shown["name"], shown["is_admin"]) == ("ROOT-2", False)
    with database.write() as session:
        set_subject(session, "root", f"{provider.address} 2")
    assert who_is(client, finished(client, "2"))["name"] == "root", "an administrator said so"


@pytest.mark.parametrize(
    ("verified", "kept"),
    [
        ({}, "lin@example.com"),
        ({"email_verified": True}, "lin@example.com"),
        ({"email_verified": False}, ""),
        ({"email_verified": "false"}, ""),
    ],
)
def test_an_address_that_the_provider_doubts_is_not_where_messages_go(
    client: TestClient, provider: Vendor, verified: dict[str, Any], kept: str
) -> None:
    says(provider, claims={"preferred_username": "lin", "email": "lin@example.com"} | verified)
    assert who_is(client, finished(client, "42"))["email"] == kept


def test_a_disabled_user_is_not_logged_in(client: TestClient, database: Database, provider: Vendor) -> None:
    name = who_is(client, finished(client, "7"))["name"]
    with database.write() as session:
        set_disabled(session, name, True)
    answer = finished(client, "7")
    assert (answer.status_code, answer.json()["code"]) == (401, "ERR_LOGIN_FAILED")


@pytest.mark.parametrize("what", ["nonce", "audience", "issuer", "key", "expired", "unsigned", "subject"])
def test_a_word_of_the_provider_that_does_not_fit_logs_nobody_in(
    client: TestClient, provider: Vendor, database: Database, what: str
) -> None:
    says(provider, spoil=what)
    answer = finished(client, "13")
    assert (answer.status_code, answer.json()["code"]) == (502, "ERR_IDENTITY_PROVIDER")
    says(provider, spoil="")
    assert who_is(client, finished(client, "13"))


def test_a_browser_that_began_no_log_in_or_another_one_is_refused(client: TestClient, provider: Vendor) -> None:
    of_somebody_else = begun(client, "1")
    begun(client, "2")
    client.cookies.clear()
    without = client.get(of_somebody_else)
    begun(client, "3")
    other = client.get(of_somebody_else)
    client.cookies.set("aianime_oidc", "altered", domain="api.test", path=OIDC)
    altered = client.get(begun(client, "4"), headers={"Cookie": "aianime_oidc=altered"})
    for answer in (without, other, altered, client.get(f"{OIDC}/callback?error=access_denied&state=x")):
        assert (answer.status_code, answer.json()["code"]) == (401, "ERR_LOGIN_FAILED")


def test_a_code_counts_once(client: TestClient, provider: Vendor) -> None:
    back = begun(client, "5")
    cookie = {"Cookie": f"aianime_oidc={client.cookies['aianime_oidc']}"}
    assert client.get(back).status_code == 200
    assert client.get(back, headers=cookie).status_code == 502
    assert client.get(begun(client, "5")).status_code == 200, "it shuts nobody else out"


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_pages(client: TestClient, provider: Vendor) -> None:
    away = client.get(f"{OIDC}/login")
    cookie = away.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=lax", f"Path={OIDC}"} <= set(cookie.split("; "))
    asked = dict(parse_qsl(urlsplit(away.headers["Location"]).query))
    assert asked["code_challenge_method"] == "S256"
    assert SECRET not in away.headers["Location"] + cookie


def test_without_a_provider_the_way_is_not_there(place: Installation) -> None:
    with TestClient(create_app(place), base_url=BASE, follow_redirects=False) as client:
        assert client.get(f"{OIDC}/login").status_code == 404
        assert client.get(f"{OIDC}/callback?code=x&state=y").status_code == 404


def test_a_provider_that_is_away_is_told_without_its_address(place: Installation) -> None:
    with visitor(place, 9) as client:
        answer = client.get(f"{OIDC}/login")
    assert is_unavailable(answer) == 30
    assert "127.0.0.1" not in answer.text


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_provider_that_dribbles_is_hung_up_on(place: Installation, soon: None) -> None:
    with dribbling(b"a" * 1000, b"HTTP/1.1 200 OK\r\nX-Slow: ") as port, visitor(place, port) as client:
        began = time.monotonic()
        assert is_unavailable(client.get(f"{OIDC}/login")) == 30
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_steps_of_a_log_in_have_one_deadline(client: TestClient, provider: Vendor, soon: None) -> None:
    back = begun(client, "6")
    provider.order(*({"on": role, "kind": "slow", "seconds": 0.8, "times": 1} for role in ("submit", "free")))
    began = time.monotonic()
    assert is_unavailable(client.get(back)) == 30
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_provider_that_is_away_is_not_asked_for_each_visitor(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity_server, "_LEFT_ALONE_SECONDS", 2.0)
    away = raw_servers.says(raw_servers.answer(b"", status="503 Service Unavailable"))
    with RawServer(away) as server, visitor(place, server.port) as client:
        for _ in range(5):
            assert is_unavailable(client.get(f"{OIDC}/login")) <= 2
        assert len(server.requests) == 1
        time.sleep(2.1)
        assert is_unavailable(client.get(f"{OIDC}/login")) == 2
        assert len(server.requests) == 2


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_an_error_over_one_visitors_code_shuts_nobody_else_out(client: TestClient, provider: Vendor) -> None:
    provider.order({"on": "submit", "kind": "answer", "status": 500, "body": "oops", "times": 1})
    failed = finished(client, "8")
    assert (failed.status_code, failed.json()["code"]) == (502, "ERR_IDENTITY_PROVIDER")
    assert who_is(client, finished(client, "8"))


def test_few_ask_a_provider_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "_SECONDS", 3.0)
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        us = Client(f"http://127.0.0.1:{silent.getsockname()[1]}", CLIENT, SECRET, f"{BASE}{OIDC}/callback")

        def refused(_: int) -> int:
            with pytest.raises(IdentityProviderUnavailableError) as told:
                begin_log_in(us, "key")
            return int(told.value.details["retry_after"])

        with ThreadPoolExecutor(12) as pool:
            again = sorted(pool.map(refused, range(12)))
        silent.settimeout(0.2)
        connections = []
        with contextlib.suppress(TimeoutError):
            while True:
                connections.append(silent.accept()[0])
        for connection in connections:
            connection.close()
    assert 0 < len(connections) <= 8
    assert again == [5] * 4 + [30] * 8


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "_SECONDS", 1.0)


@contextlib.contextmanager
def visitor(place: Installation, port: int) -> Iterator[TestClient]:
    """Of an installation whose provider is there."""
    issuer = f"http://127.0.0.1:{port}"
    settings = replace(place.settings, public_url=BASE, oidc_issuer=issuer, oidc_client_id=CLIENT)
    with TestClient(create_app(replace(place, settings=settings)), base_url=BASE, follow_redirects=False) as client:
        yield client


def is_unavailable(answer: Any) -> int:
    """The seconds after which it says to come again."""
    assert (answer.status_code, answer.json()["code"]) == (503, "ERR_IDENTITY_PROVIDER_UNAVAILABLE")
    return int(answer.headers["Retry-After"])
