"""HTTP to a vendor: what is asked once and may cost money, what is free and may be repeated, how failures are told.

The one question that decides about money is whether the vendor may have taken the request:

- nothing was sent (no connection)                     → TRANSIENT, may be asked again
- an answer came in the vendor's own form              → by the vendor's code (`Classify`)
- a refusal in another form                            → by its HTTP status; 4xx was not taken
- it was sent, and no answer or no readable one came   → AMBIGUOUS, never asked again by itself

Each request goes over a connection of its own: one that was kept open may be closed by the vendor at the moment in
which it is asked, and then nobody knows. It is hung up when the whole answer takes too long: a vendor that says a
letter now and then runs into no timeout, which is that of one silence.

No secret leaves this module: every word that goes into an error is cleaned of them, and headers and bodies are never
logged.
"""

import logging
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import stamina
import structlog

from aianime_pipeline.deadlines import Deadline
from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.answers import (
    json_object,
    kind_of,
    plain_headers,
    refusal_words,
    retry_after,
    text_of,
)
from aianime_pipeline.providers.capabilities import ErrorKind
from aianime_pipeline.providers.cleaning import Secrets, one_line

_log = structlog.get_logger(__name__)

# Their own lines show whole addresses, with what signs them.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_TELLING_LENGTH = 400
_READING = stamina.RetryingCaller(attempts=4, wait_initial=0.2, wait_max=3.0, timeout=None)
_WHOLE_ANSWER = 5
"""Times the timeout: so long may a whole answer take, from the connection to its last byte."""
_MOST_ANSWER_BYTES = 128 * 1024 * 1024
"""Pictures come as base64 inside an answer."""

_NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
    httpx2.ProxyError,
)


@dataclass(frozen=True)
class Refusal:
    """An answer that is an error, in the vendor's words."""

    kind: ErrorKind
    message: str
    code: str = ""


Classify = Callable[[int, Mapping[str, Any]], Refusal | None]
"""HTTP status and JSON object of an answer → the refusal that it is; None for a success, or where the vendor's form is
not recognised (the HTTP status then decides)."""

Headers = Callable[[], Mapping[str, str]]
"""Made anew for each request: some vendors want a token signed a moment ago."""


class VendorHttp:
    """One vendor's address with its credentials. Safe for several threads. `close` it at the end."""

    def __init__(
        self,
        provider: str,
        base_url: str,
        *,
        classify: Classify,
        headers: Headers = dict,
        secrets: Sequence[str] = (),
        timeout_seconds: float = 60.0,
        connect_seconds: float = 10.0,
    ) -> None:
        self.provider = provider
        self.base_url = base_url.rstrip("/")
        self.host = urlsplit(base_url).hostname or ""
        self._classify, self._headers = classify, headers
        self._secrets = Secrets(secrets)
        self._most_seconds = timeout_seconds * _WHOLE_ANSWER
        timeout, trusted = httpx2.Timeout(timeout_seconds, connect=connect_seconds), httpx2.create_ssl_context()
        self._client = _client(timeout, trusted)

    def close(self) -> None:
        self._client.close()

    def authorisation(self) -> Mapping[str, str]:
        """The headers that say who asks."""
        return self._headers()

    def ask(
        self,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        files: Sequence[tuple[str, tuple[str, bytes, str]]] = (),
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Mapping[str, Any]:
        """A request that may cost money, sent once: a JSON `body`, or a multipart `form` with `files`. The JSON object
        of the answer. Raises ProviderError."""
        response = self._once(method, path, body, form, files, headers)
        return self._object(response, paid=True)

    def ask_bytes(
        self, path: str, *, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> tuple[bytes, str]:
        """As `ask`, where a success is a file: its bytes and media type. Raises ProviderError."""
        response = self._once("POST", path, body, None, (), headers)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        words = (
            media_type.startswith("text/") or media_type.endswith("json") or json_object(response.content) is not None
        )
        if response.is_success and response.content and not words:
            return response.content, media_type
        self._object(response, paid=True)
        raise self._error(ErrorKind.AMBIGUOUS, "answered with JSON where a file was expected", response=response)

    def read(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """A question that is free, repeated a few times when it fails in passing. Raises ProviderError, never of kind
        AMBIGUOUS."""
        # With arguments of its own it would be logged with them, at every attempt.
        return _READING(is_passing, lambda: self._object(self._free("GET", path, params, headers), paid=False))

    def delete(self, path: str) -> int:
        """The HTTP status of a DELETE, asked once. Raises ProviderError(TRANSIENT) where nothing was learnt."""
        return self._free("DELETE", path).status_code

    def clean(self, text: str) -> str:
        """`text` without any secret."""
        return self._secrets.clean(text)

    def _free(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        try:
            return self._send(method, path, params=params, headers=headers)
        except httpx2.RequestError as error:
            raise self._error(ErrorKind.TRANSIENT, f"could not be asked ({_words(error)})") from None

    def _once(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        form: Mapping[str, str] | None,
        files: Sequence[tuple[str, tuple[str, bytes, str]]],
        headers: Mapping[str, str] | None,
    ) -> httpx2.Response:
        try:
            if form is not None or files:
                return self._send(method, path, data=form, files=list(files), headers=headers)
            return self._send(method, path, json=body, headers=headers)
        except _NOT_SENT as error:
            raise self._error(ErrorKind.TRANSIENT, f"could not be reached ({_words(error)})") from None
        except httpx2.RequestError as error:
            raise self._error(
                ErrorKind.AMBIGUOUS, f"was asked, and it is not known whether it took the request ({_words(error)})"
            ) from None

    def _send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        began = time.monotonic()
        status = 0
        with Deadline(self._most_seconds) as deadline:
            request = self._request(deadline, method, path, **more)
            try:
                response = self._client.send(request, stream=True)
                try:
                    status = response.status_code
                    content = _whole(response)
                finally:
                    response.close()
                if deadline.over:  # hung up, what came is the whole of an answer that ends with its connection
                    raise httpx2.ReadError("the connection was hung up")
                headers = plain_headers(response.headers)
                return httpx2.Response(status, headers=headers, content=content, request=request)
            except _NOT_SENT:
                raise
            except httpx2.RequestError as error:
                if deadline.over:
                    raise httpx2.ReadTimeout("the answer comes too slowly") from error
                raise
            finally:
                self._log_asked(method, path, status, began)

    def _log_asked(self, method: str, path: str, status: int, began: float) -> None:
        _log.info(
            "vendor asked",
            provider=self.provider,
            method=method,
            path=self.clean(path),
            status=status or None,
            milliseconds=round((time.monotonic() - began) * 1000),
        )

    def _request(self, deadline: Deadline, method: str, path: str, **more: Any) -> httpx2.Request:
        """Raises ProviderError for one that cannot be written, so that nothing was sent."""
        headers = {**self._headers(), **(more.pop("headers", None) or {})}
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                raise self._error(
                    ErrorKind.AUTH, f"was not asked: its key has characters that the header {name} cannot hold"
                )
        try:
            return self._client.build_request(
                method, self.base_url + path, headers=headers, extensions={"trace": deadline.trace}, **more
            )
        except (ValueError, httpx2.InvalidURL) as error:
            raise self._error(
                ErrorKind.BAD_INPUT, f"was not asked: the request cannot be written ({_words(error)})"
            ) from None

    def _object(self, response: httpx2.Response, *, paid: bool) -> Mapping[str, Any]:
        """The answer's JSON object if it is a success. Raises ProviderError."""
        found = json_object(response.content)
        unknown = ErrorKind.AMBIGUOUS if paid else ErrorKind.TRANSIENT
        refusal = self._refusal(response, found, unknown) if found is not None else None
        if refusal is not None:
            kind = unknown if refusal.kind is ErrorKind.AMBIGUOUS else refusal.kind
            raise self._error(
                kind, f"refused: {refusal.message}", code=str(refusal.code), response=response, found=found
            )
        if not response.is_success:
            raise self._error(kind_of(response, unknown), refusal_words(response), response=response, found=found)
        if found is None:
            raise self._error(
                unknown, f"answered with something that is no JSON object: {text_of(response)}", response=response
            )
        return found

    def _refusal(self, response: httpx2.Response, found: Mapping[str, Any], unknown: ErrorKind) -> Refusal | None:
        try:
            return self._classify(response.status_code, found)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # An error of another shape than the vendor's own, such as a gateway's: it must not hide what became of
            # the request.
            kind = unknown if response.is_success else kind_of(response, unknown)
            words = (
                f"answered {response.status_code} in a form that is not known ({_words(error)}): {text_of(response)}"
            )
            raise self._error(kind, words, response=response) from None

    def _error(
        self,
        kind: ErrorKind,
        words: str,
        *,
        code: str = "",
        response: httpx2.Response | None = None,
        found: Mapping[str, Any] | None = None,
    ) -> ProviderError:
        details: dict[str, Any] = {"provider": self.provider}
        if code:
            details["code"] = self.clean(code)
        if response is not None:
            details["status"] = response.status_code
            after = retry_after(response)
            if after is not None:
                details["retry_after"] = after
            vendor_request = response.headers.get("x-request-id") or (found or {}).get("request_id")
            if vendor_request:
                details["vendor_request"] = self.clean(str(vendor_request))[:100]
        named = f" [{details['code']}]" if code else ""
        words = one_line(self.clean(words))[:_TELLING_LENGTH]
        return ProviderError(f"{self.provider} {words}{named}", kind=kind, **details)


def is_passing(error: Exception) -> bool:
    return isinstance(error, ProviderError) and error.kind == ErrorKind.TRANSIENT


def _client(timeout: httpx2.Timeout, trusted: ssl.SSLContext) -> httpx2.Client:
    return httpx2.Client(
        timeout=timeout,
        verify=trusted,
        limits=httpx2.Limits(max_connections=100, max_keepalive_connections=0),
        follow_redirects=False,
        trust_env=False,
    )


def _whole(response: httpx2.Response) -> bytes:
    """The body. Raises httpx2.ReadError for one too large."""
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > _MOST_ANSWER_BYTES:
            raise httpx2.ReadError(f"the answer has more than {_MOST_ANSWER_BYTES} bytes")
    return bytes(content)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
