"""Fetching results from addresses that vendors give: what is refused, what is tried again, what comes of it."""

import json
import socket
import time
import wave
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import stamina
from fakes.vendor import Vendor
from PIL import Image
from support.raw_servers import RawServer, Script, answer, dribbling, says

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers import addresses, downloads
from aianime_pipeline.providers.addresses import is_outside, look_at
from aianime_pipeline.providers.downloads import Downloaded, Kind, download, sniffed
from aianime_pipeline.providers.http import VendorHttp
from aianime_pipeline.providers.vendor import ResultFile

KEY = "sk-0123456789abcdef"
CREDENTIALS = {"authorization": f"Bearer {KEY}"}


def _picture() -> bytes:
    with BytesIO() as file:
        Image.new("RGB", (64, 36), "red").save(file, "PNG")
        return file.getvalue()


PICTURE = _picture()
PICTURE_ANSWER = answer(PICTURE, "Content-Type: image/png")


@pytest.fixture(scope="module")
def plain() -> Iterator[Vendor]:
    with Vendor("plain") as vendor:
        yield vendor


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture(autouse=True)
def nothing_leaves_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should an address not be refused that has to be, no stranger is asked."""
    connect = socket.create_connection

    def checked(address: tuple[str, int], *args: Any, **more: Any) -> socket.socket:
        assert address[0].startswith("127.") or address[0] == "::1", f"connects to {address}"
        return connect(address, *args, **more)

    monkeypatch.setattr(socket, "create_connection", checked)


@pytest.fixture
def picture_url(plain: Vendor) -> Callable[[], str]:
    def made() -> str:
        http = VendorHttp("plain", plain.address, classify=lambda status, body: None)
        try:
            return str(http.ask("/pictures", body={})["url"])
        finally:
            http.close()

    plain.order()
    plain.jobs_go(polls_not_ready=0)
    return made


def fetch(
    url: str,
    into: Path,
    kind: Kind = "picture",
    *,
    own_host: str = "127.0.0.1",
    authorised: bool = False,
    **more: Any,
) -> Downloaded:
    result = ResultFile(url=url, authorised=authorised)
    return download(result, into, kind, own_host=own_host, headers=CREDENTIALS, **more)


def failure(call: Callable[[], object], into: Path) -> ProviderError:
    """The error, which leaves no file behind."""
    with pytest.raises(ProviderError) as caught:
        call()
    assert list(into.iterdir()) == []
    json.dumps(caught.value.details)
    return caught.value


def refused(url: str, into: Path, **more: Any) -> str:
    """Why an address is refused, once and for all."""
    error = failure(lambda: fetch(url, into, **more), into)
    assert (error.kind, error.details.get("unusable")) == ("bad_input", True), error.message
    assert "refused" in error.message
    return error.message


def resolving(table: Mapping[str, list[str]], asked: list[str] | None = None) -> Callable[[str, int], list[str]]:
    def resolve(host: str, port: int) -> list[str]:
        if asked is not None:
            asked.append(host)
        return table[host]

    return resolve


def allow(monkeypatch: pytest.MonkeyPatch, *outside: str) -> None:
    """As if these of the machine's own addresses were of the internet."""
    monkeypatch.setattr(addresses, "is_outside", lambda address: address in outside)


def redirect(to: str, status: str = "302 Found") -> Script:
    return says(answer(b"", f"Location: {to}", status=status))


# Addresses ----------------------------------------------------------------------------------------------------------

INSIDE = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.251",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%lo",
    "fc00::1",
    "fd12::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_the_network_is_inside_in_whatever_form(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "223.5.5.5", "2400:3200::1", "::ffff:223.5.5.5", "64:ff9b::223.5.5.5"])
def test_an_address_of_the_internet_is_outside(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize("address", ["", "localhost", "127.1", "0x7f.1", "1.1.1.1.1"])
def test_what_is_no_address_is_not_outside(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize("found", [["10.0.0.1"], ["223.5.5.5", "10.0.0.1"], ["223.5.5.5", "::1"]])
def test_a_name_that_stands_for_an_inside_address_is_refused(found: list[str]) -> None:
    with pytest.raises(ProviderError, match="is inside the network") as caught:
        look_at("http://cdn.example/a.png", "api.example", resolving({"cdn.example": found}))
    assert caught.value.details["unusable"] is True


def test_what_was_looked_at_can_be_asked_for_by_its_numeric_address() -> None:
    resolve = resolving({"cdn.example": ["2400:3200::1", "223.5.5.5", "223.5.5.5"], "2400:3200::1": ["2400:3200::1"]})
    looked = look_at("https://cdn.example/a?b=c", "", resolve)
    assert looked.addresses == ("2400:3200::1", "223.5.5.5")
    assert [looked.at(address) for address in looked.addresses] == [
        "https://[2400:3200::1]:443/a?b=c",
        "https://223.5.5.5:443/a?b=c",
    ]
    assert looked.host_header == "cdn.example"
    assert look_at("http://[2400:3200::1]:8188/a", "", resolve).host_header == "[2400:3200::1]:8188"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "10.0.0.1",
        "169.254.169.254",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "0",
        "LOCALHOST",
        "127.0.0.1.",
    ],
)
def test_an_inside_address_is_refused_however_it_is_spelt_and_nothing_is_sent(host: str, tmp_path: Path) -> None:
    with RawServer(says(PICTURE_ANSWER)) as server:
        error = failure(lambda: fetch(f"http://{host}:{server.port}/a.png", tmp_path, own_host="api.example"), tmp_path)
        assert "inside the network" in error.message or "is not known" in error.message
        assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/a.png",
        "gopher://127.0.0.1/a.png",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "//127.0.0.1/a.png",
        "/files/a.png",
        "a.png",
        "",
        "http://",
        "http:///a.png",
        "http://user:pass@127.0.0.1/a.png",
        "http://user@127.0.0.1/a.png",
        "http://@127.0.0.1/a.png",
        "http://cdn.example\\@127.0.0.1/a.png",
        "http://[::1/a.png",
        "http://127.0.0.1:99999/a.png",
        "http://127.0.0.1:port/a.png",
        "http://①②⑦.⓪.⓪.①/a.png",
        "http://127.0.0.1\x00.example/a.png",
        f"http://{'a' * 70}.example/a.png",
        "http://127.0.0.1/\x7f",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str, tmp_path: Path) -> None:
    refused(url, tmp_path)


def test_the_words_about_a_refused_address_hold_nothing_that_signs_it(tmp_path: Path) -> None:
    assert "s3cret" not in refused("http://user:s3cret@10.0.0.1/a?sign=s3cret", tmp_path)
    assert "s3cret" not in refused("http://10.0.0.1/a?sign=s3cret", tmp_path)


def test_a_name_that_is_not_known_may_be_known_later(tmp_path: Path) -> None:
    error = failure(lambda: fetch("http://nowhere.invalid/a.png", tmp_path), tmp_path)
    assert error.kind == "transient"
    error = failure(lambda: fetch("http://cdn.example/a", tmp_path, resolve=resolving({"cdn.example": []})), tmp_path)
    assert error.kind == "transient"


def test_the_vendors_own_host_may_lie_inside_the_network(picture_url: Callable[[], str], tmp_path: Path) -> None:
    found = fetch(picture_url(), tmp_path)
    assert (found.path, found.media_type) == (tmp_path / "result.png", "image/png")
    with Image.open(found.path) as picture:
        assert picture.size == (64, 36)
    assert list(tmp_path.iterdir()) == [found.path]


def test_the_own_host_is_the_same_in_capitals(tmp_path: Path) -> None:
    with RawServer(says(PICTURE_ANSWER)) as server:
        resolve = resolving({"comfy.local": ["127.0.0.1"]})
        fetch(f"http://COMFY.local:{server.port}/a", tmp_path, own_host="Comfy.Local", resolve=resolve)


def test_the_own_host_may_be_an_address_of_ipv6(tmp_path: Path) -> None:
    try:
        server = RawServer(says(PICTURE_ANSWER), host="::1")
    except OSError:
        pytest.skip("no IPv6 here")
    with server:
        fetch(f"http://[::1]:{server.port}/a", tmp_path, own_host="::1")
        assert f"host: [::1]:{server.port}\r\n".encode() in server.requests[0].lower()


def test_a_name_that_turns_to_another_address_between_look_and_connection_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "127.0.0.2")
    answers, asked = [["127.0.0.2"], ["127.0.0.1"]], []

    def turning(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    with RawServer(says(PICTURE_ANSWER), host="127.0.0.2") as seen:
        fetch(f"http://cdn.example:{seen.port}/a.png", tmp_path, own_host="api.example", resolve=turning)
        assert asked == ["cdn.example"], "the name is looked up once, and what was looked at is connected to"
        assert seen.requests[0].startswith(b"GET /a.png HTTP/1.1\r\n")
        assert f"host: cdn.example:{seen.port}\r\n".encode() in seen.requests[0].lower()


def test_the_next_address_is_tried_where_one_takes_no_connection(tmp_path: Path) -> None:
    resolve = resolving({"own.example": ["127.0.0.3", "127.0.0.1"]})
    with RawServer(says(PICTURE_ANSWER)) as server:
        fetch(f"http://own.example:{server.port}/a", tmp_path, own_host="own.example", resolve=resolve)
        assert len(server.requests) == 1


def test_a_signed_address_arrives_as_it_was_given(tmp_path: Path) -> None:
    with RawServer(says(PICTURE_ANSWER)) as server:
        target = "/a%2Fb%20c/~x;y=1?X-Sign=a%2Bb%3D&t=2026-01-01T00:00:00Z&empty=&u=%E9%9B%A8"
        fetch(f"  {server.address}{target}#part\n", tmp_path)
        assert server.requests[0].split(b" ")[1].decode() == target


# Redirects and credentials ------------------------------------------------------------------------------------------


def test_credentials_go_to_the_own_host_and_only_where_they_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "127.0.0.2")
    with RawServer(says(PICTURE_ANSWER)) as own, RawServer(says(PICTURE_ANSWER), host="127.0.0.2") as other:
        fetch(f"{own.address}/a", tmp_path, authorised=True)
        fetch(f"{own.address}/a", tmp_path)
        fetch(f"{other.address}/a", tmp_path, authorised=True)
        assert [KEY.encode() in request for request in own.requests] == [True, False]
        assert [KEY.encode() in request for request in other.requests] == [False]


def test_credentials_do_not_follow_a_redirect_to_another_host_or_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "127.0.0.2")
    for host in ("127.0.0.1", "127.0.0.2"):
        with (
            RawServer(says(PICTURE_ANSWER), host=host) as other,
            RawServer(redirect(f"{other.address}/b")) as own,
        ):
            fetch(f"{own.address}/a", tmp_path, authorised=True)
            assert KEY.encode() in own.requests[0]
            assert KEY.encode() not in other.requests[0]


def test_credentials_follow_a_redirect_on_the_own_host(tmp_path: Path) -> None:
    with RawServer(redirect("/b?c=d"), says(PICTURE_ANSWER)) as own:
        fetch(f"{own.address}/a", tmp_path, authorised=True)
        assert own.requests[1].startswith(b"GET /b?c=d HTTP/1.1\r\n")
        assert KEY.encode() in own.requests[1]


@pytest.mark.parametrize(
    "to",
    [
        "http://10.0.0.1/a",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/a",
        "http://2130706433/a",
        "http://localhost/a",
        "file:///etc/passwd",
        "ftp://127.0.0.1/a",
        "http://user:pass@127.0.0.1/a",
        "//10.0.0.1/a",
        "http://[::1",
    ],
)
def test_a_redirect_is_looked_at_as_the_address_itself(to: str, tmp_path: Path) -> None:
    with RawServer(redirect(to)) as own:
        refused(f"{own.address}/a", tmp_path)
        assert len(own.requests) == 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_three_redirects_are_followed(status: str, tmp_path: Path) -> None:
    with RawServer(*[redirect(f"/{number}", status) for number in range(3)], says(PICTURE_ANSWER)) as own:
        fetch(f"{own.address}/a", tmp_path)
        assert [request.split()[1] for request in own.requests] == [b"/a", b"/0", b"/1", b"/2"]


def test_redirects_without_end_are_broken_off(tmp_path: Path) -> None:
    with RawServer(redirect("/again")) as own:
        error = failure(lambda: fetch(f"{own.address}/a", tmp_path), tmp_path)
        assert error.kind == "transient"
        assert "redirected more than 3 times" in error.message
        assert len(own.requests) == 5 * 4


def test_a_redirect_to_nowhere_is_a_passing_fault(tmp_path: Path) -> None:
    with RawServer(says(answer(b"", status="302 Found")), says(PICTURE_ANSWER)) as own:
        fetch(f"{own.address}/a", tmp_path)


# Sizes and times ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\n\r\n" + PICTURE, *[bytes(65_536)] * 64),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
             + (b"10000\r\n" + bytes(65_536) + b"\r\n") * 64 + b"0\r\n\r\n"),
    ],
    ids=["by what is announced", "by what comes", "by what comes in chunks"],
)  # fmt: skip
def test_a_file_that_is_too_large_is_refused(told: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(downloads.MOST_BYTES, "picture", 1 << 20)
    with RawServer(told) as own:
        error = failure(lambda: fetch(f"{own.address}/a", tmp_path), tmp_path)
        assert (error.kind, error.details["unusable"]) == ("bad_input", True)
        assert "larger than 1 MiB" in error.message
        assert len(own.requests) == 1


def test_a_file_of_just_the_allowed_size_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(downloads.MOST_BYTES, "picture", len(PICTURE))
    with RawServer(says(PICTURE_ANSWER)) as own:
        fetch(f"{own.address}/a", tmp_path)
    monkeypatch.setitem(downloads.MOST_BYTES, "picture", len(PICTURE) - 1)
    inline = ResultFile(data=PICTURE)
    for call in (
        lambda: fetch(f"{own.address}/a", tmp_path / "b"),
        lambda: download(inline, tmp_path / "b", "picture", own_host="", headers={}),
    ):
        (tmp_path / "b").mkdir(exist_ok=True)
        with RawServer(says(PICTURE_ANSWER)) as own:
            assert "larger" in failure(call, tmp_path / "b").message


def test_a_file_that_trickles_is_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_MOST_SECONDS", 0.5)
    monkeypatch.setattr(downloads, "_CHUNK", 1)

    def trickle(connection: Any, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for byte in PICTURE:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    with RawServer(trickle) as own:
        began = time.monotonic()
        error = failure(lambda: fetch(f"{own.address}/a", tmp_path), tmp_path)
        assert time.monotonic() - began < 4
    assert error.kind == "transient"
    assert "too slowly" in error.message


def test_headers_that_trickle_are_broken_off_before_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_MOST_SECONDS", 0.5)
    with dribbling(b"a" * 1000, b"HTTP/1.1 200 OK\r\nX-Slow: ") as port:
        began = time.monotonic()
        error = failure(lambda: fetch(f"http://127.0.0.1:{port}/a", tmp_path), tmp_path)
        assert time.monotonic() - began < 4
    assert error.kind == "transient"
    assert "too slowly" in error.message


# What is tried again ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + PICTURE,
        answer(b"<!DOCTYPE html><html>Bad gateway</html>"),
        answer(b'{"code": "video_not_ready"}'),
        answer(b""),
        answer(b"not ready", status="400 Bad Request"),
        answer(b"", status="404 Not Found"),
        answer(b"", status="502 Bad Gateway"),
        answer(b"", status="304 Not Modified"),
    ],
    ids=["nothing", "cut", "web page", "JSON", "empty", "400", "404", "502", "304"],
)
def test_a_passing_fault_is_tried_again(first: bytes, tmp_path: Path) -> None:
    with RawServer(*[says(first)] * 4, says(PICTURE_ANSWER)) as own:
        assert fetch(f"{own.address}/a", tmp_path).path.read_bytes() == PICTURE
        assert len(own.requests) == 5


@pytest.mark.parametrize("fault", [{"kind": "cut"}, {"kind": "html"}, {"kind": "timeout_before", "seconds": 0.5}])
def test_a_fault_of_the_vendors_is_tried_again(
    fault: dict[str, Any], plain: Vendor, picture_url: Callable[[], str], tmp_path: Path
) -> None:
    url = picture_url()
    plain.order({"on": "download", "times": 2, **fault})
    fetch(url, tmp_path, timeout_seconds=0.3)


def test_a_file_that_is_not_ready_yet_is_waited_for(
    plain: Vendor, picture_url: Callable[[], str], tmp_path: Path
) -> None:
    plain.jobs_go(polls_not_ready=3)
    url = picture_url()
    fetch(url, tmp_path)
    plain.jobs_go(polls_not_ready=5)
    later = picture_url()
    (tmp_path / "later").mkdir()
    error = failure(lambda: fetch(later, tmp_path / "later"), tmp_path / "later")
    assert (error.kind, error.details["status"]) == ("transient", 400)
    fetch(later, tmp_path / "later")


def test_a_file_that_is_gone_for_good_is_told_with_the_status(
    plain: Vendor, picture_url: Callable[[], str], tmp_path: Path
) -> None:
    before = len(plain.requests("download"))
    error = failure(lambda: fetch(f"{picture_url()}0", tmp_path), tmp_path)
    assert (error.kind, error.details["status"]) == ("transient", 404)
    assert "answered 404" in error.message
    assert len(plain.requests("download")) - before == 5


def test_a_server_that_is_down_is_a_passing_fault_without_secrets(tmp_path: Path) -> None:
    with RawServer(says(b"")) as server:
        pass
    error = failure(lambda: fetch(f"{server.address}/a", tmp_path), tmp_path)
    assert error.kind == "transient"
    with RawServer(says(f"HTTP/1.1 200 OK\r\n{KEY}\r\n\r\n".encode())) as server:
        clean = lambda text: text.replace(KEY, "***")  # noqa: E731
        error = failure(lambda: fetch(f"{server.address}/a", tmp_path, clean=clean), tmp_path)
    assert "***" in error.message
    assert KEY not in error.message


def test_what_stays_a_web_page_is_of_no_use(plain: Vendor, picture_url: Callable[[], str], tmp_path: Path) -> None:
    url = picture_url()
    plain.order({"on": "download", "kind": "html", "times": None})
    error = failure(lambda: fetch(url, tmp_path), tmp_path)
    assert (error.kind, error.details["unusable"]) == ("bad_input", True)
    assert error.message == "The result is no picture but a web page."


def test_a_file_of_another_kind_is_of_no_use_and_is_not_fetched_again(tmp_path: Path) -> None:
    with RawServer(says(PICTURE_ANSWER)) as own:
        error = failure(lambda: fetch(f"{own.address}/a", tmp_path, "video"), tmp_path)
        assert error.message == "The result is no video but image/png."
        assert error.details["unusable"] is True
        assert len(own.requests) == 1


@pytest.mark.parametrize("fault", ["truncated", "bomb"])
def test_a_spoilt_picture_that_begins_as_one_is_left_to_the_inspection(
    fault: str, plain: Vendor, picture_url: Callable[[], str], tmp_path: Path
) -> None:
    from aianime_pipeline.errors import UnreadableMediaError
    from aianime_pipeline.production.shots.inspection import inspect_picture

    url = picture_url()
    plain.order({"on": "download", "kind": fault})
    found = fetch(url, tmp_path)
    with pytest.raises(UnreadableMediaError):
        inspect_picture(found.path)


# Kinds --------------------------------------------------------------------------------------------------------------


def pillow(kind: str) -> bytes:
    with BytesIO() as file:
        Image.new("RGB", (16, 16), "red").save(file, kind)
        return file.getvalue()


def sound() -> bytes:
    with BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(24_000)
            writer.writeframes(bytes(4_800))
        return file.getvalue()


def encoded(container: str, codec: str, rate: int) -> bytes:
    """Half a second of silence or of grey by PyAV's encoders."""
    import av
    import numpy as np

    with BytesIO() as file:
        with av.open(file, "w", format=container) as output:
            stream: Any = output.add_stream(codec, rate=rate)
            if stream.type == "video":
                stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
                frames = [av.VideoFrame.from_ndarray(np.full((64, 64, 3), 99, np.uint8)) for _ in range(5)]
            else:
                silence = av.AudioFrame.from_ndarray(np.zeros((1, rate // 2), np.int16), "s16", "mono")
                silence.sample_rate = rate
                stream.layout = "mono"
                frames = [silence]
            for frame in frames:
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "media_type", "ending"),
    [
        (lambda: pillow("PNG"), "picture", "image/png", ".png"),
        (lambda: pillow("JPEG"), "picture", "image/jpeg", ".jpg"),
        (lambda: pillow("WEBP"), "picture", "image/webp", ".webp"),
        (lambda: pillow("AVIF"), "picture", "image/avif", ".avif"),
        (lambda: encoded("mp4", "mpeg4", 10), "video", "video/mp4", ".mp4"),
        (lambda: encoded("mov", "mpeg4", 10), "video", "video/quicktime", ".mov"),
        (lambda: encoded("webm", "libvpx", 10), "video", "video/webm", ".webm"),
        (sound, "sound", "audio/wav", ".wav"),
        (lambda: encoded("flac", "flac", 24_000), "sound", "audio/flac", ".flac"),
        (lambda: encoded("mp3", "libmp3lame", 24_000), "sound", "audio/mpeg", ".mp3"),
        (lambda: encoded("mp3", "libmp3lame", 24_000)[45:], "sound", "audio/mpeg", ".mp3"),
        (lambda: encoded("adts", "aac", 24_000), "sound", "audio/aac", ".aac"),
        (lambda: encoded("ipod", "aac", 24_000), "sound", "audio/mp4", ".m4a"),
        (lambda: encoded("ogg", "libopus", 48_000), "sound", "audio/ogg", ".ogg"),
    ],
)
def test_a_file_is_called_by_what_it_holds(
    data: Callable[[], bytes], kind: Kind, media_type: str, ending: str, tmp_path: Path
) -> None:
    made = data()
    if media_type == "audio/mpeg" and not made.startswith(b"ID3"):
        made = made[made.index(b"\xff") :]
    result = ResultFile("application/octet-stream", data=made)
    found = download(result, tmp_path, kind, own_host="", headers={})
    assert (found.path.name, found.media_type) == (f"result{ending}", media_type)
    assert found.path.read_bytes() == made


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x89PNG",
        b"RIFF\x00\x00\x00\x00AVI ",
        b"<html>",
        '<?xml version="1.0"?>'.encode("utf-16"),
        b"\xff\xff\xff\xff",
        b"\xff\xfb",
        b"#EXTM3U\n",
        b"%!PS-Adobe",
        b"\x1f\x8b\x08",
    ],
)
def test_what_no_vendor_makes_is_not_known(head: bytes) -> None:
    assert sniffed(head) is None


def test_bytes_that_came_with_the_answer_need_no_address(tmp_path: Path) -> None:
    found = download(ResultFile(data=PICTURE), tmp_path, "picture", own_host="", headers=CREDENTIALS)
    assert found.path.read_bytes() == PICTURE
    error = failure(
        lambda: download(ResultFile(data=b"<html>"), tmp_path / "b", "picture", own_host="", headers={}),
        _made(tmp_path / "b"),
    )
    assert error.details["unusable"] is True


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
