"""HTTP to a vendor, over real connections: how every failure is told, and that no secret gets out."""

import email.utils
import gzip
import json
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stamina
import structlog
from fakes.plain import MICROS
from fakes.vendor import Vendor
from support.raw_servers import RawServer, answer, dribbling, read_request, says

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers import http as vendor_http
from aianime_pipeline.providers.capabilities import ErrorKind
from aianime_pipeline.providers.http import Refusal, VendorHttp

KEY = "sk-Ab+3/xyz=0123456789"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmVk"

KINDS = {"busy": ErrorKind.TRANSIENT, "odd": ErrorKind.AMBIGUOUS, "poor": ErrorKind.NO_MONEY}


def classify(status: int, body: Mapping[str, Any]) -> Refusal | None:
    if "code" not in body:
        return None
    return Refusal(KINDS.get(body["code"], ErrorKind.BAD_INPUT), body["message"], body["code"])


@pytest.fixture(scope="module")
def plain() -> Iterator[Vendor]:
    with Vendor("plain") as vendor:
        yield vendor


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
def open_http() -> Iterator[Callable[..., VendorHttp]]:
    opened: list[VendorHttp] = []

    def open_one(address: str, **more: Any) -> VendorHttp:
        settings: dict[str, Any] = {
            "classify": classify,
            "headers": lambda: {"authorization": f"Bearer {KEY}"},
            "secrets": (KEY,),
            "timeout_seconds": 5.0,
        }
        opened.append(VendorHttp("acme", address, **(settings | more)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def http(plain: Vendor, open_http: Callable[..., VendorHttp]) -> VendorHttp:
    plain.order()
    return open_http(plain.address)


def refusal(call: Callable[[], object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        call()
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.details["provider"] == "acme"
    json.dumps(caught.value.details)
    return caught.value


def unused_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


# What is asked ------------------------------------------------------------------------------------------------------


def test_a_request_goes_out_with_the_credentials_and_its_body(plain: Vendor, http: VendorHttp) -> None:
    job = http.ask("/jobs", body={"prompt": "雨夜"}, headers={"x-async": "enable"})
    asked = plain.requests("submit")[-1]
    assert asked["body"] == {"prompt": "雨夜"}
    assert (asked["headers"]["authorization"], asked["headers"]["x-async"]) == (f"Bearer {KEY}", "enable")
    assert http.read(f"/jobs/{job['id']}", params={"page": "a b"}) == {"id": job["id"], "state": "succeeded"}
    assert plain.requests("poll")[-1]["query"] == {"page": "a b"}


def test_a_form_goes_out_with_its_files(plain: Vendor, http: VendorHttp) -> None:
    http.ask("/jobs", form={"model": "m"}, files=[("image", ("a.png", b"\x89PNG", "image/png"))])
    asked = plain.requests("submit")[-1]
    assert asked["headers"]["content-type"].startswith("multipart/form-data")
    assert 'name="model"' in asked["raw"]
    assert 'filename="a.png"' in asked["raw"]


def test_a_sound_comes_as_bytes_with_its_media_type(http: VendorHttp) -> None:
    data, media_type = http.ask_bytes("/sounds", body={})
    assert data.startswith(b"OggS")
    assert media_type == "audio/ogg"


def test_deleting_gives_the_status(http: VendorHttp) -> None:
    job = http.ask("/jobs", body={})
    assert http.delete(f"/jobs/{job['id']}") == 200
    assert http.delete("/jobs/0") == 404


def test_several_threads_may_ask_at_once(plain: Vendor, http: VendorHttp) -> None:
    before, found = len(plain.ledger), []
    threads = [threading.Thread(target=lambda: found.append(http.ask("/jobs", body={})["id"])) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == len(plain.ledger) - before == 12


# Whether it was taken -----------------------------------------------------------------------------------------------


def test_a_refused_connection_took_nothing(open_http: Callable[..., VendorHttp]) -> None:
    http = open_http(unused_address())
    assert refusal(lambda: http.ask("/jobs", body={})).kind == ErrorKind.TRANSIENT
    assert refusal(lambda: http.ask_bytes("/jobs", body={})).kind == ErrorKind.TRANSIENT
    assert refusal(lambda: http.read("/jobs/1")).kind == ErrorKind.TRANSIENT
    assert refusal(lambda: http.delete("/jobs/1")).kind == ErrorKind.TRANSIENT


def test_a_host_that_is_not_known_took_nothing(open_http: Callable[..., VendorHttp]) -> None:
    error = refusal(lambda: open_http("http://nowhere.invalid").ask("/jobs", body={}))
    assert error.kind == ErrorKind.TRANSIENT


def test_an_address_that_speaks_no_tls_took_nothing(plain: Vendor, open_http: Callable[..., VendorHttp]) -> None:
    error = refusal(lambda: open_http(plain.address.replace("http:", "https:")).ask("/jobs", body={}))
    assert error.kind == ErrorKind.TRANSIENT


@pytest.mark.parametrize(("kind", "charged"), [("timeout_before", 0), ("timeout_after", MICROS), ("cut", MICROS)])
def test_after_a_timeout_or_half_an_answer_nobody_knows_whether_it_was_taken(
    kind: str, charged: int, plain: Vendor, open_http: Callable[..., VendorHttp]
) -> None:
    plain.order({"on": "submit", "kind": kind, "seconds": 1})
    before, asked = plain.charged_micros, len(plain.requests("submit"))
    error = refusal(lambda: open_http(plain.address, timeout_seconds=0.3).ask("/jobs", body={}))
    assert error.kind == ErrorKind.AMBIGUOUS
    assert "not known whether it took" in error.message
    assert plain.charged_micros - before == charged
    assert len(plain.requests("submit")) - asked == 1, "never asked again"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (b"", "no answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "shorter than announced"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", "chunks that stop"),
        (answer(b"not gzip", "Content-Encoding: gzip"), "not what it is said to be"),
        (answer(b""), "empty"),
        (answer(b"[1, 2]"), "no object"),
        (answer(b'{"id": '), "half JSON"),
        (answer(b"[" * 100_000), "nested without end"),
        (answer(b"<html>200 but a page</html>", "Content-Type: text/html; charset=hex"), "a web page"),
        (answer(b"\xff\xfe\x00"), "bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_that_cannot_be_read_leaves_it_open(
    told: bytes, why: str, open_http: Callable[..., VendorHttp]
) -> None:
    with RawServer(says(told)) as server:
        http = open_http(server.address)
        assert refusal(lambda: http.ask("/jobs", body={})).kind == ErrorKind.AMBIGUOUS
        assert len(server.requests) == 1
        assert refusal(lambda: http.read("/jobs/1")).kind == ErrorKind.TRANSIENT
        assert len(server.requests) == 5, "a free question is repeated"


def test_a_connection_that_the_vendor_closes_as_it_is_asked_is_never_used_twice_for_money(
    open_http: Callable[..., VendorHttp],
) -> None:
    def twice(connection: socket.socket, request: bytes) -> None:
        """Keeps the connection open, and closes it when a second request comes."""
        connection.sendall(answer(b'{"id": "1"}', "Connection: keep-alive"))
        read_request(connection)

    with RawServer(twice) as server:
        http = open_http(server.address)
        for _ in range(3):
            assert http.ask("/jobs", body={}) == {"id": "1"}


def test_an_answer_without_end_is_broken_off(
    open_http: Callable[..., VendorHttp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor_http, "_MOST_ANSWER_BYTES", 1 << 20)
    endless = says(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{", *[b" " * 65_536] * 400)
    with RawServer(endless) as server:
        error = refusal(lambda: open_http(server.address).ask("/jobs", body={}))
    assert error.kind == ErrorKind.AMBIGUOUS
    assert "more than 1048576 bytes" in error.message


def test_a_small_answer_that_unpacks_to_a_large_one_is_broken_off(
    open_http: Callable[..., VendorHttp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor_http, "_MOST_ANSWER_BYTES", 1 << 20)
    packed = gzip.compress(b"{" + b" " * (64 << 20) + b"}")
    with RawServer(says(answer(packed, "Content-Encoding: gzip"))) as server:
        assert refusal(lambda: open_http(server.address).ask("/jobs", body={})).kind == ErrorKind.AMBIGUOUS


def test_an_answer_that_trickles_is_broken_off(open_http: Callable[..., VendorHttp]) -> None:
    def trickle(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            connection.sendall(b" ")
            time.sleep(0.05)

    with RawServer(trickle) as server:
        began = time.monotonic()
        error = refusal(lambda: open_http(server.address, timeout_seconds=0.2).ask("/jobs", body={}))
        assert time.monotonic() - began < 3
    assert error.kind == ErrorKind.AMBIGUOUS
    assert "too slowly" in error.message


@pytest.mark.parametrize("name", ["X-Note: café", 'Content-Disposition: attachment; filename="雨.json"'])
def test_no_answer_is_lost_over_a_header_that_is_not_ascii(open_http: Callable[..., VendorHttp], name: str) -> None:
    for encoding in ("utf-8", "gb18030"):
        head = b"HTTP/1.1 200 OK\r\n" + name.encode(encoding) + b"\r\nContent-Length: 9\r\n\r\n"
        with RawServer(says(head + b'{"id": 1}')) as server:
            assert open_http(server.address).ask("/jobs", body={}) == {"id": 1}


def test_headers_that_trickle_are_broken_off_whether_or_not_the_request_may_cost_money(
    open_http: Callable[..., VendorHttp],
) -> None:
    with dribbling(b"a" * 1000, b"HTTP/1.1 200 OK\r\nX-Slow: ") as port:
        http = open_http(f"http://127.0.0.1:{port}", timeout_seconds=0.2)
        began = time.monotonic()
        paid, free = refusal(lambda: http.ask("/jobs", body={})), refusal(lambda: http.delete("/jobs/1"))
        assert time.monotonic() - began < 5
    assert (paid.kind, free.kind) == (ErrorKind.AMBIGUOUS, ErrorKind.TRANSIENT)
    assert "too slowly" in paid.message
    assert "too slowly" in free.message


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "text/html"}, "<html>down for maintenance</html>"),
        ({"content-type": "text/plain"}, "ok"),
        ({"content-type": "application/problem+json"}, '{"title": "x"}'),
        ({"content-type": "audio/mpeg"}, '{"id": "an object under a wrong name"}'),
        ({"content-type": "audio/mpeg"}, ""),
    ],
)
def test_what_is_no_file_is_not_taken_for_one(
    headers: dict[str, str], body: str, plain: Vendor, http: VendorHttp
) -> None:
    plain.order({"on": "submit", "kind": "answer", "body": body, "headers": headers})
    assert refusal(lambda: http.ask_bytes("/sounds", body={})).kind == ErrorKind.AMBIGUOUS


def test_an_error_in_place_of_a_file_is_told_by_its_code(plain: Vendor, http: VendorHttp) -> None:
    plain.order({"on": "submit", "kind": "answer", "body": {"code": "poor", "message": "no balance"}})
    assert refusal(lambda: http.ask_bytes("/sounds", body={})).kind == ErrorKind.NO_MONEY


# Refusals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 400, 429, 500, 503])
def test_the_vendors_own_code_decides_whatever_the_status(status: int, plain: Vendor, http: VendorHttp) -> None:
    body = {"code": "poor", "message": "balance used up", "request_id": "r-1"}
    plain.order({"on": "submit", "kind": "answer", "status": status, "body": body})
    error = refusal(lambda: http.ask("/jobs", body={}))
    assert error.kind == ErrorKind.NO_MONEY
    assert error.message == "acme refused: balance used up [poor]"
    assert error.details == {
        "provider": "acme", "kind": "no_money", "code": "poor", "status": status, "vendor_request": "r-1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "asked", "read"),
    [
        (301, "auth", "auth"),
        (302, "auth", "auth"),
        (303, "ambiguous", "transient"),
        (307, "auth", "auth"),
        (400, "bad_input", "bad_input"),
        (401, "auth", "auth"),
        (402, "no_money", "no_money"),
        (403, "auth", "auth"),
        (404, "bad_input", "bad_input"),
        (408, "transient", "transient"),
        (409, "bad_input", "bad_input"),
        (413, "bad_input", "bad_input"),
        (429, "rate_limited", "rate_limited"),
        (500, "ambiguous", "transient"),
        (501, "bad_input", "bad_input"),
        (502, "ambiguous", "transient"),
        (503, "transient", "transient"),
        (504, "ambiguous", "transient"),
        (529, "ambiguous", "transient"),
    ],
)
def test_without_a_code_the_status_decides(status: int, asked: str, read: str, plain: Vendor, http: VendorHttp) -> None:
    page = {"kind": "answer", "status": status, "body": "<html>\n<h1>Sorry</h1>\x1b[31m\n</html>", "times": None}
    plain.order({"on": "submit", **page}, {"on": "poll", **page})
    error = refusal(lambda: http.ask("/jobs", body={}))
    assert error.kind == asked
    assert error.message == f"acme answered {status}: <html> <h1>Sorry</h1> [31m </html>"
    assert refusal(lambda: http.read("/jobs/1")).kind == read


def test_an_error_of_another_shape_than_the_vendors_is_told_by_its_status(
    plain: Vendor, open_http: Callable[..., VendorHttp]
) -> None:
    def strict(status: int, body: Mapping[str, Any]) -> Refusal | None:
        return Refusal(ErrorKind.AUTH, body["error"]["message"]) if "error" in body else None

    http = open_http(plain.address, classify=strict)
    for status, kind in ((200, "ambiguous"), (429, "rate_limited"), (502, "ambiguous")):
        plain.order({"on": "submit", "kind": "answer", "status": status, "body": {"error": "upstream"}})
        error = refusal(lambda: http.ask("/jobs", body={}))
        assert error.kind == kind
        assert "upstream" in error.message


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        ("0.5", 0.5, 0.5),
        ("-3", 0, 0),
        ("in 90 seconds", 60, 91),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("99999999999", 86_400, 86_400),
    ],
)
def test_how_long_to_wait_is_told_in_seconds(
    header: str, least: float, most: float, plain: Vendor, http: VendorHttp
) -> None:
    if header == "in 90 seconds":
        header = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    plain.order({"on": "submit", "kind": "answer", "status": 429, "headers": {"retry-after": header}})
    error = refusal(lambda: http.ask("/jobs", body={}))
    assert error.kind == ErrorKind.RATE_LIMITED
    assert least <= error.details["retry_after"] <= most


@pytest.mark.parametrize("header", ["soon", "nan", "inf", "Wed, 99 Oct 2015 07:28:00 GMT", "1, 2"])
def test_a_wait_that_cannot_be_read_is_none(header: str, plain: Vendor, http: VendorHttp) -> None:
    plain.order({"on": "submit", "kind": "answer", "status": 429, "headers": {"retry-after": header}})
    assert "retry_after" not in refusal(lambda: http.ask("/jobs", body={})).details


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_credentials_stay(
    status: int, plain: Vendor, http: VendorHttp, open_http: Callable[..., VendorHttp]
) -> None:
    with RawServer(says(answer(b"{}"))) as other:
        moved = {"kind": "answer", "status": status, "headers": {"location": f"{other.address}/x?sign={KEY}"}}
        plain.order({"on": "submit", **moved}, {"on": "poll", **moved, "times": None})
        error = refusal(lambda: http.ask("/jobs", body={}))
        assert f"moved to {other.address}/x" in error.message
        assert "sign" not in error.message
        refusal(lambda: http.read("/jobs/1"))
        assert other.requests == []


# Free questions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "answer", "status": 502, "body": "<html>"},
        {"kind": "answer", "status": 503, "body": {"code": "busy", "message": "later"}},
        {"kind": "cut"},
        {"kind": "answer", "status": 200, "body": "<html>"},
        {"kind": "answer", "status": 500, "body": {"code": "odd", "message": "who knows"}},
    ],
    ids=lambda fault: f"{fault['kind']} {fault.get('status', '')}",
)
def test_a_free_question_is_repeated_until_it_is_answered(
    fault: dict[str, Any], plain: Vendor, http: VendorHttp
) -> None:
    job = http.ask("/jobs", body={})
    plain.order({"on": "poll", "times": 3, **fault})
    assert http.read(f"/jobs/{job['id']}")["state"] == "succeeded"


def test_a_free_question_is_given_up_after_a_few_times_and_is_never_ambiguous(plain: Vendor, http: VendorHttp) -> None:
    plain.order({"on": "poll", "times": None, "kind": "answer", "body": {"code": "odd", "message": "who knows"}})
    before = len(plain.requests("poll"))
    assert refusal(lambda: http.read("/jobs/1")).kind == ErrorKind.TRANSIENT
    assert len(plain.requests("poll")) - before == 4


def test_a_free_question_that_is_refused_is_asked_once(plain: Vendor, http: VendorHttp) -> None:
    before = len(plain.requests("poll"))
    error = refusal(lambda: http.read("/jobs/1"))
    assert (error.kind, error.details["code"]) == (ErrorKind.BAD_INPUT, "NoSuchJob")
    assert len(plain.requests("poll")) - before == 1


# Requests that cannot be written ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["sk-a\nx-evil: 1", "sk-密钥", "sk-a\x00"])
def test_a_key_that_no_header_can_hold_is_told_without_it_and_nothing_is_sent(
    key: str, plain: Vendor, open_http: Callable[..., VendorHttp]
) -> None:
    before = len(plain.requests())
    http = open_http(plain.address, headers=lambda: {"authorization": f"Bearer {key}"}, secrets=(key,))
    for call in (lambda: http.ask("/jobs", body={}), lambda: http.read("/jobs/1"), lambda: http.delete("/jobs/1")):
        error = refusal(call)
        assert error.kind == ErrorKind.AUTH
        assert "authorization" in error.message
        assert "sk-" not in "".join(traceback.format_exception(error))
    assert len(plain.requests()) == before


def test_words_that_no_request_can_hold_are_a_bad_request_and_nothing_is_sent(plain: Vendor, http: VendorHttp) -> None:
    before = len(plain.requests())
    for body in ({"prompt": "\ud800"}, {"weight": float("nan")}):
        assert refusal(lambda body=body: http.ask("/jobs", body=body)).kind == ErrorKind.BAD_INPUT
    assert refusal(lambda: http.read("/jobs/\x00")).kind == ErrorKind.BAD_INPUT
    assert len(plain.requests()) == before


# Secrets ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [
        KEY,
        json.dumps(KEY)[1:-1].replace("/", "\\/"),
        "sk-Ab%2B3%2Fxyz%3D0123456789",
        "sk-Ab%2B3/xyz%3D0123456789",
        f"Bearer {TOKEN}",
    ],
)
@pytest.mark.parametrize("status", [200, 401, 500])
def test_a_secret_that_the_vendor_repeats_is_told_to_nobody(
    status: int, told: str, plain: Vendor, http: VendorHttp
) -> None:
    secret = told.removeprefix("Bearer ").removeprefix("sk-")
    pieces = [secret[start : start + 6] for start in range(len(secret) - 5)]
    as_error = {"code": f"bad-{told}", "message": f"the key {told} is wrong", "request_id": "x" * 90 + told}
    as_page = f"<html>{'x' * 365} {told}</html>"  # where an error is cut off
    as_headers = {"x-request-id": told}
    for body, headers in ((as_error, {}), (as_page, {}), (as_page, as_headers)):
        answered = {"kind": "answer", "status": status, "body": body, "headers": headers, "times": None}
        plain.order({"on": "submit", **answered}, {"on": "poll", **answered})
        for call in (lambda: http.ask("/jobs", body={}), lambda: http.read("/jobs/1")):
            error = refusal(call)
            everything = f"{error.message} {error.details}"
            assert [piece for piece in pieces if piece in everything] == []


def test_a_secret_in_an_answer_that_is_no_http_is_told_to_nobody(open_http: Callable[..., VendorHttp]) -> None:
    with RawServer(lambda connection, request: connection.sendall(request)) as echo:
        http = open_http(echo.address, headers=lambda: {"a": KEY})
        for call in (lambda: http.ask("/jobs", body={}), lambda: http.read("/jobs/1")):
            assert "RemoteProtocolError" in refusal(call).message
    with RawServer(says(f"HTTP/1.1 200 OK\r\n{KEY}\r\n\r\n".encode())) as server:
        assert "***" in refusal(lambda: open_http(server.address).ask("/jobs", body={})).message


def test_only_path_and_status_are_logged(plain: Vendor, http: VendorHttp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    plain.order({"on": "poll", "kind": "answer", "status": 502, "body": f"<html>{KEY}", "headers": {"x-key": KEY}})
    with structlog.testing.capture_logs() as lines:
        job = http.ask("/jobs", body={"prompt": "a secret story"})
        http.read(f"/jobs/{job['id']}", params={"sign": "signed-by-us"})
        with pytest.raises(ProviderError):
            http.read(f"/jobs/{KEY}")
    asked = [line for line in lines if line["event"] == "vendor asked"]
    assert [set(line) for line in asked] == [
        {"event", "log_level", "provider", "method", "path", "status", "milliseconds"}
    ] * 4
    assert [(line["method"], line["status"]) for line in asked] == [
        ("POST", 200), ("GET", 502), ("GET", 200), ("GET", 404),
    ]  # fmt: skip
    everything = f"{lines} {caplog.text}"
    for word in (KEY, "Bearer", "a secret story", "signed-by-us"):
        assert word not in everything


def test_a_failure_is_logged_without_a_status(open_http: Callable[..., VendorHttp]) -> None:
    http = open_http(unused_address())
    with structlog.testing.capture_logs() as lines:
        refusal(lambda: http.ask("/jobs", body={}))
    assert [(line["event"], line["status"]) for line in lines] == [("vendor asked", None)]


def test_no_secret_is_in_what_python_shows_of_it(http: VendorHttp) -> None:
    assert KEY not in f"{http!r} {http}"
