"""Sending one message over HTTP, once, and what is known of it then.

The address is a person's, but the request is made by the installation: it goes to no host inside the network unless the
installation allows that. The name is resolved once and that address is connected to, so that it cannot turn to another
between the look and the request.
"""

import logging
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx2

from aianime_pipeline.deadlines import Deadline
from aianime_pipeline.notifying.answers import Outcome, Verdict, meaning
from aianime_pipeline.notifying.kinds import ChannelKind
from aianime_pipeline.notifying.posts import Post
from aianime_pipeline.providers.addresses import Looked, is_outside
from aianime_pipeline.providers.answers import retry_after

# Their own lines show whole addresses, with the tokens in them.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)

Resolve = Callable[[str, int], list[str]]
"""Host and port → addresses."""

_CONNECT_SECONDS = 5.0
_SILENCE_SECONDS = 10.0
_MOST_SECONDS = 20.0
"""For all of it, from the look-up of the name to the last byte of the answer."""
_MOST_BYTES = 64 * 1024
_ADDRESSES_TRIED = 2
_PORTS = {"http": 80, "https": 443}


def send_post(kind: ChannelKind, post: Post, *, inside: bool, resolve: Resolve | None = None) -> Outcome:
    """Never raises for what the network or the receiver does. The words of the outcome may hold tokens."""
    parts = urlsplit(post.url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if parts.scheme == "http" and not inside:
        return _not_taken("its address is plain http, which AIANIME_WEBHOOKS_INSIDE=yes would allow")
    with Deadline(_MOST_SECONDS) as deadline:
        try:
            addresses = tuple(dict.fromkeys(deadline.run(lambda: (resolve or _resolved)(host, port))))
        except (OSError, UnicodeError) as error:
            return _not_taken(f"its host {host} is not known ({error})")
        if not inside and not all(is_outside(address) for address in addresses):
            return _not_taken(f"its host {host} is inside the network, which AIANIME_WEBHOOKS_INSIDE=yes would allow")
        with httpx2.Client(follow_redirects=False, trust_env=False) as client:
            return _asked(client, deadline, kind, Looked(parts, host, port, addresses), post)


def _asked(client: httpx2.Client, deadline: Deadline, kind: ChannelKind, looked: Looked, post: Post) -> Outcome:
    refused = _not_taken(f"its host {looked.host} has no address")
    for address in looked.addresses[:_ADDRESSES_TRIED]:
        request = client.build_request(
            "POST",
            looked.at(address),
            content=post.body,
            headers={**post.headers, "host": looked.host_header},
            timeout=httpx2.Timeout(_SILENCE_SECONDS, connect=deadline.at_most(_CONNECT_SECONDS)),
            extensions={"sni_hostname": looked.host, "trace": deadline.trace},
        )
        try:
            response = client.send(request, stream=True)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            refused = _not_taken(f"it could not be reached ({_words(error)})")
            continue
        except httpx2.RequestError as error:
            return _unknown(error, deadline)
        try:
            return meaning(kind, response.status_code, _whole(response, deadline), retry_after(response))
        except httpx2.RequestError as error:
            return _unknown(error, deadline)
        finally:
            response.close()
    return refused


def _whole(response: httpx2.Response, deadline: Deadline) -> bytes:
    """What has come of it when it has grown too long or taken too long: its status and its beginning say enough."""
    content = bytearray()
    try:
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > _MOST_BYTES:
                break
    except httpx2.RequestError:
        if not deadline.over:
            raise
    return bytes(content)


def _resolved(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _not_taken(words: str) -> Outcome:
    return Outcome(Verdict.NOT_TAKEN, words)


def _unknown(error: httpx2.RequestError, deadline: Deadline) -> Outcome:
    why = f"it took over {deadline.seconds:g} s" if deadline.over else _words(error)
    return Outcome(Verdict.UNKNOWN, f"it was asked and gave no whole answer ({why}): it may have taken it")


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
