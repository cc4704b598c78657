"""Whether a vendor's result may be fetched from where it says: the look at an address before anything is sent there."""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.capabilities import ErrorKind

Resolve = Callable[[str, int], list[str]]
"""Host and port → addresses."""

_PORTS = {"http": 80, "https": 443}
_UNICAST = ipaddress.ip_network("2000::/3")
"""The part of IPv6 that is given out (RFC 4291, 2.4)."""
_OF_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")
"""Not global by IANA's registry, but for two addresses that are no web server's; Python 3.11 knows only parts of it."""
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 as networks without it see it (RFC 6052)."""


@dataclass(frozen=True)
class Looked:
    """A web address that may be fetched. `addresses` are what its host stands for now: only these may be connected to,
    or the name could stand for another by then."""

    url: SplitResult
    host: str
    port: int
    addresses: tuple[str, ...]

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.url.scheme, self.host, self.port

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.url.scheme] else f"{name}:{self.port}"

    def at(self, address: str) -> str:
        """The same with the numeric `address` in the host's place."""
        literal = f"[{address}]" if ":" in address else address
        return self.url._replace(netloc=f"{literal}:{self.port}").geturl()


def look_at(url: str, own_host: str, resolve: Resolve | None = None) -> Looked:
    """Raises ProviderError: BAD_INPUT for an address that must not be fetched, such as one inside the network (unless
    it is on the vendor's `own_host`), TRANSIENT for a host that is not known now."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise refused(f"it cannot be read ({error})") from None
    host = parts.hostname
    if parts.scheme not in _PORTS or not host:
        raise refused(f"it begins with {parts.scheme[:20] or 'nothing'}, not with http or https and a host")
    if parts.username is not None:
        raise refused("it holds a user's name")
    if not (host.isascii() and host.isprintable()):
        raise refused("its host is not written in plain letters")
    if port is None:
        port = _PORTS[parts.scheme]
    addresses = tuple(dict.fromkeys((resolve or _resolved)(host, port)))
    if not addresses:
        raise _not_known(host, "no address")
    if host != own_host.lower() and not all(is_outside(address) for address in addresses):
        raise refused(f"{host} is inside the network")
    return Looked(parts, host, port, addresses)


def is_outside(address: str) -> bool:
    """Whether a numeric address is one of the public internet, whatever form it is written in."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        carried = found.ipv4_mapped
        if found in _TRANSLATED:
            carried = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if carried is None:
            tunnelled = found.sixtofour is not None or found.teredo is not None
            return found in _UNICAST and found.is_global and not tunnelled
        found = carried
    return found.is_global and not found.is_multicast and found not in _OF_PROTOCOLS


def refused(why: str) -> ProviderError:
    return ProviderError(f"The result's address is refused: {why}.", kind=ErrorKind.BAD_INPUT, unusable=True)


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _not_known(host, str(error.strerror or error)) from None
    except UnicodeError:
        raise refused("its host is no name") from None
    return [str(entry[4][0]) for entry in found]


def _not_known(host: str, why: str) -> ProviderError:
    return ProviderError(f"The result's host {host} is not known ({why}).", kind=ErrorKind.TRANSIENT)
