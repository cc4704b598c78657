"""Asking the identity provider's server: within a deadline, few at once, and not again right after it did not answer.

Whoever comes to log in has it asked, and nobody has to be known for that. Without bounds a server that is dead or slow
would take every thread that answers requests.
"""

import json
import math
import threading
import time
from functools import lru_cache
from typing import Any

import httpx2
import structlog

from aianime_pipeline.deadlines import Deadline
from aianime_pipeline.errors import IdentityProviderError, IdentityProviderUnavailableError

_AT_ONCE = 8
_AGAIN_SECONDS = 5
_LEFT_ALONE_SECONDS = 30.0
_KNOWN_SECONDS = 600.0
"""What it says of itself is asked for again after so long."""
_AWAY = frozenset({502, 503, 504})
"""What a gateway says whose server is away. Another error may be about what a visitor brought, which must shut nobody
else out."""
_MOST_BYTES = 1024 * 1024

_log = structlog.get_logger(__name__)


class IdentityServer:
    """As this process knows it."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        self._alone_until = self._known_until = -math.inf
        self._about: dict[str, Any] = {}

    def about(self, deadline: Deadline) -> dict[str, Any]:
        """What it says of itself. Raises IdentityProviderError."""
        if time.monotonic() >= self._known_until:
            self._about = self._checked(
                self.ask("GET", self._issuer.rstrip("/") + "/.well-known/openid-configuration", deadline)
            )
            self._known_until = time.monotonic() + _KNOWN_SECONDS
        return self._about

    def ask(self, method: str, address: str, deadline: Deadline, **options: Any) -> dict[str, Any]:
        """The JSON object that it answers with. Redirects are not followed. Raises IdentityProviderError, of which
        IdentityProviderUnavailableError says to come again."""
        alone = self._alone_until - time.monotonic()
        if alone > 0:
            raise _unavailable("does not answer", math.ceil(alone))
        if not self._free.acquire(blocking=False):
            raise _unavailable("is asked by too many at once", _AGAIN_SECONDS)

        def answered() -> tuple[int, bytes]:
            # The place is free when it is over, which may be after nobody waits for it any more.
            try:
                return _answer(method, address, deadline, options)
            finally:
                self._free.release()

        try:
            status, content = deadline.run(answered)
        except (OSError, httpx2.HTTPError) as error:
            raise self._left_alone(f"{type(error).__name__}: {error}") from error
        except (httpx2.InvalidURL, ValueError) as error:
            raise IdentityProviderError(f"{address} cannot be asked ({type(error).__name__}).") from error
        if status in _AWAY:
            raise self._left_alone(f"it answered {status}")
        return _object(status, content)

    def _left_alone(self, why: str) -> IdentityProviderUnavailableError:
        _log.warning("the identity provider does not answer", why=why)
        self._alone_until = time.monotonic() + _LEFT_ALONE_SECONDS
        return _unavailable("does not answer", math.ceil(_LEFT_ALONE_SECONDS))

    def _checked(self, about: dict[str, Any]) -> dict[str, Any]:
        issuer = self._issuer
        if str(about.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
            raise IdentityProviderError(f"{issuer} says that it is {about.get('issuer')!r}.")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            address, plain = str(about.get(name, "")), issuer.startswith("http://")
            if not address.startswith("https://") and not (plain and address.startswith("http://")):
                raise IdentityProviderError(f"{issuer} names no {name} that can be used.")
        return about


@lru_cache(maxsize=4)
def identity_server(issuer: str) -> IdentityServer:
    return IdentityServer(issuer)


def _answer(method: str, address: str, deadline: Deadline, options: dict[str, Any]) -> tuple[int, bytes]:
    content = bytearray()
    options["extensions"] = {"trace": deadline.trace}
    with httpx2.Client(timeout=deadline.seconds) as client, client.stream(method, address, **options) as response:
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > _MOST_BYTES:
                raise IdentityProviderError(f"The identity provider's answer has more than {_MOST_BYTES} bytes.")
        return response.status_code, bytes(content)


def _object(status: int, content: bytes) -> dict[str, Any]:
    if not 200 <= status < 300:
        raise IdentityProviderError(f"The identity provider refuses (it answered {status}).")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise IdentityProviderError(
            f"The identity provider did not answer as it should ({type(error).__name__})."
        ) from error
    if not isinstance(found, dict):
        raise IdentityProviderError("The identity provider's answer is no JSON object.")
    return found


def _unavailable(why: str, seconds: int) -> IdentityProviderUnavailableError:
    return IdentityProviderUnavailableError(
        f"The identity provider {why}: try again in {seconds} s.", retry_after=seconds
    )
