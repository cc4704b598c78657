"""Fetching a vendor's result from the address it gave, at once, because such addresses expire.

The address is untrusted: only http and https, no host inside the network (but the vendor's own, which the user
configured), a few redirects each looked at again, a bounded size and time, and bytes that are what they say. The name
is resolved once and that address is connected to, so that it cannot turn to another between the look and the request.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin

import httpx2
import stamina

from aianime_pipeline.deadlines import Deadline
from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.addresses import Looked, Resolve, look_at, refused
from aianime_pipeline.providers.capabilities import ErrorKind
from aianime_pipeline.providers.vendor import ResultFile

Kind = Literal["picture", "video", "sound"]

MOST_BYTES: Mapping[Kind, int] = {
    "picture": 64 * 1024 * 1024,
    "video": 2 * 1024 * 1024 * 1024,
    "sound": 256 * 1024 * 1024,
}
_REDIRECTS = 3
_MOST_SECONDS = 1800.0
"""For a file, with all attempts."""
_FETCHING = stamina.RetryingCaller(attempts=5, wait_initial=0.3, wait_max=5.0, timeout=_MOST_SECONDS)
_CHUNK = 1 << 18
_CONNECT_SECONDS = 10.0
_ADDRESSES_TRIED = 4

_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
}

_BRANDS = {b"avif": "image/avif", b"avis": "image/avif", b"qt  ": "video/quicktime", b"M4A ": "audio/mp4"}
"""Of an ISO media file; any other is a video."""
_STARTS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x1a\x45\xdf\xa3": "video/webm",
    b"fLaC": "audio/flac",
    b"OggS": "audio/ogg",
    b"ID3": "audio/mpeg",
}
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}


@dataclass(frozen=True)
class Downloaded:
    path: Path
    media_type: str


def download(
    result: ResultFile,
    into: Path,
    kind: Kind,
    *,
    own_host: str,
    headers: Mapping[str, str],
    clean: Callable[[str], str] = str,
    resolve: Resolve | None = None,
    timeout_seconds: float = 60.0,
) -> Downloaded:
    """Write a result into the folder `into`. `own_host` is the vendor's own, which may lie inside the network;
    `headers` go only there, and only for an `authorised` result. `timeout_seconds` is that of one silence.

    A passing fault is tried again, and so is a web page in the file's place: fetching costs nothing. Raises
    ProviderError: TRANSIENT where the file may come yet (`details["status"]` is what the address answered), BAD_INPUT
    where what came is not a `kind` (`details["unusable"]` is True: it was paid for and is of no use).
    """
    path = into / "result"
    if result.data is not None:
        if len(result.data) > MOST_BYTES[kind]:
            raise _too_large(MOST_BYTES[kind])
        path.write_bytes(result.data)
        return _named(path, kind)
    assert result.url is not None
    until = time.monotonic() + _MOST_SECONDS
    url, given = result.url, headers if result.authorised else {}

    def fetched() -> Downloaded:
        try:
            _fetch(url, path, MOST_BYTES[kind], own_host, given, resolve, timeout_seconds, until)
            return _named(path, kind)
        except httpx2.HTTPError as error:
            words = clean(f"{type(error).__name__}: {error}")
            raise ProviderError(f"The result could not be fetched ({words}).", kind=ErrorKind.TRANSIENT) from None
        finally:
            path.unlink(missing_ok=True)

    return _FETCHING(_may_pass, fetched)


def _fetch(
    url: str,
    path: Path,
    most: int,
    own_host: str,
    headers: Mapping[str, str],
    resolve: Resolve | None,
    timeout_seconds: float,
    until: float,
) -> None:
    """`headers` go no further than the origin of `url`: not from https to http, and to no other port."""
    timeout = httpx2.Timeout(timeout_seconds, connect=_CONNECT_SECONDS)
    with (
        Deadline(until - time.monotonic()) as deadline,
        httpx2.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client,
    ):
        looked = look_at(url, own_host, resolve)
        first = looked.origin
        try:
            for _ in range(_REDIRECTS + 1):
                own = looked.host == own_host.lower() and looked.origin == first
                with _opened(client, deadline, looked, headers if own else {}) as response:
                    if response.is_success:
                        _write(response, path, most)
                        if deadline.over:  # hung up, what came is the whole of a file that ends with its connection
                            raise httpx2.ReadError("the connection was hung up")
                        return
                    if not response.has_redirect_location:
                        raise _not_there(response)
                    location = response.headers["location"]
                looked = look_at(_joined(looked.url.geturl(), location), own_host, resolve)
        except httpx2.RequestError as error:
            if deadline.over:
                raise httpx2.ReadTimeout("the file comes too slowly") from error
            raise
    raise ProviderError(f"The result's address is redirected more than {_REDIRECTS} times.", kind=ErrorKind.TRANSIENT)


@contextmanager
def _opened(
    client: httpx2.Client, deadline: Deadline, looked: Looked, headers: Mapping[str, str]
) -> Iterator[httpx2.Response]:
    """The answer from the first of the host's addresses that takes a connection."""
    response: httpx2.Response | None = None
    tried = looked.addresses[:_ADDRESSES_TRIED]
    for address in tried:
        try:
            request = client.build_request(
                "GET",
                looked.at(address),
                headers={"host": looked.host_header, "accept-encoding": "identity", **headers},
                extensions={"sni_hostname": looked.host, "trace": deadline.trace},
            )
            response = client.send(request, stream=True)
            break
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            if address == tried[-1]:
                raise
        except (httpx2.InvalidURL, ValueError) as error:
            raise refused(f"it cannot be written ({error})") from None
    assert response is not None
    try:
        yield response
    finally:
        response.close()


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise refused(f"it cannot be read ({error})") from None


def _write(response: httpx2.Response, path: Path, most: int) -> None:
    written = 0
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise _too_large(most)
    with path.open("wb") as file:
        for chunk in response.iter_bytes(_CHUNK):
            written += len(chunk)
            if written > most:
                raise _too_large(most)
            file.write(chunk)


def _named(path: Path, kind: Kind) -> Downloaded:
    """The file under an ending by its content. Raises ProviderError where it is not of the kind; then there is none."""
    with path.open("rb") as file:
        head = file.read(512)
    media_type = sniffed(head)
    wanted = {"picture": "image/", "video": "video/", "sound": "audio/"}[kind]
    if media_type is None or not media_type.startswith(wanted):
        path.unlink()
        found = "a web page" if head.lstrip()[:1] == b"<" else media_type or "nothing that is known"
        raise ProviderError(
            f"The result is no {kind} but {found}.",
            kind=ErrorKind.BAD_INPUT,
            unusable=True,
            media_type=media_type,
        )
    named = path.with_name(path.name + _ENDINGS[media_type])
    path.rename(named)
    return Downloaded(named, media_type)


def sniffed(head: bytes) -> str | None:
    """The media type that the first bytes of a file say; None for none of those that vendors make."""
    for start, media_type in _STARTS.items():
        if head.startswith(start):
            return media_type
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    return _sniffed_frame(head)


def _sniffed_frame(head: bytes) -> str | None:
    """Of a sound that begins with a frame, which is eleven set bits and fields some of whose values do not occur."""
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    if head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    bit_rate, sample_rate = head[2] >> 4, head[2] >> 2 & 3
    return "audio/mpeg" if version != 1 and layer == 1 and bit_rate != 15 and sample_rate != 3 else None


def _not_there(response: httpx2.Response) -> ProviderError:
    """Right after a success some vendors answer 400 or 404 for a moment, so no status is final at once."""
    return ProviderError(
        f"The result's address answered {response.status_code}.",
        kind=ErrorKind.TRANSIENT,
        status=response.status_code,
    )


def _too_large(most: int) -> ProviderError:
    return ProviderError(
        f"The result is larger than {most / 1024 / 1024:g} MiB.", kind=ErrorKind.BAD_INPUT, unusable=True
    )


def _may_pass(error: Exception) -> bool:
    """Something that is no file we know may be a gateway's word for «later»; a file of another kind stays one."""
    if not isinstance(error, ProviderError):
        return False
    return error.kind == ErrorKind.TRANSIENT or error.details.get("media_type", "known") is None
