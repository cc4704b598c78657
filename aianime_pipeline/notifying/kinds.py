"""The kinds of channels and of notices, and what is checked of a channel before it is kept. Pure."""

import re
from collections.abc import Collection
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, urlsplit

from aianime_pipeline.errors import BadSettingError


class ChannelKind(StrEnum):
    WEBHOOK = "webhook"
    FEISHU = "feishu"
    DINGTALK = "dingtalk"
    WECOM = "wecom"
    SLACK = "slack"
    EMAIL = "email"


NOTICE_KINDS = (
    "budget",
    "channel",
    "dear_call",
    "generation",
    "report",
    "retake",
    "schedule",
    "task",
    "task_cancelled",
    "task_done",
    "task_failed",
)
"""What a channel can ask for. A word stands also for the kinds that begin with it: `task` for all three."""

_SIGNED = frozenset({ChannelKind.WEBHOOK, ChannelKind.FEISHU, ChannelKind.DINGTALK})
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9._%+=~-]{1,64}@[A-Za-z0-9.-]{1,250}")
_LONGEST = 2000
_TELLING = 8
"""A part of an address that is so long may be a token."""


def checked_kind(kind: str) -> ChannelKind:
    """Raises BadSettingError."""
    if kind not in set(ChannelKind):
        raise BadSettingError(f"The channel's kind is {kind!r}; it takes one of {', '.join(ChannelKind)}.")
    return ChannelKind(kind)


def checked_kinds(kinds: Collection[str]) -> list[str]:
    """In order, each once. Raises BadSettingError for a kind of notices that there is not."""
    if unknown := sorted(set(kinds) - set(NOTICE_KINDS)):
        raise BadSettingError(f"There are no notices of the kind {unknown[0]!r}; there are {', '.join(NOTICE_KINDS)}.")
    return sorted(set(kinds))


def checked_address(kind: ChannelKind, address: str, *, inside: bool) -> str:
    """Where the channel's messages go. `inside`: addresses inside the network are allowed, and with them plain http.

    Raises BadSettingError, which never repeats what may be a token.
    """
    address = address.strip()
    if len(address) > _LONGEST:
        raise BadSettingError(f"The channel's address has {len(address)} characters; it takes {_LONGEST}.")
    if kind is ChannelKind.EMAIL:
        if not _MAIL_ADDRESS.fullmatch(address):
            raise BadSettingError(f"{address!r} is no e-mail address; right would be crew@example.com.")
        return address
    why = _wrong_with(address, inside)
    if why:
        raise BadSettingError(
            f"The channel's address {why}; right would be an address as the {kind} shows it, beginning with https://."
        )
    return address


def checked_variable(kind: ChannelKind, variable: str | None) -> str | None:
    """Name of the environment variable with the channel's secret. Raises BadSettingError, which does not repeat what
    was given: it may be the secret itself."""
    if variable is None:
        if kind is ChannelKind.WEBHOOK:
            raise BadSettingError("A webhook is signed: name the environment variable that holds its secret.")
        return None
    if kind not in _SIGNED:
        raise BadSettingError(f"Messages to a channel of the kind {kind} are not signed: it takes no secret.")
    if not _VARIABLE.fullmatch(variable):
        raise BadSettingError(
            "What names the secret's environment variable is no name of one, such as FEISHU_SECRET; the secret itself "
            "is never stored."
        )
    return variable


def shown_address(kind: ChannelKind, address: str) -> str:
    """The address for people: of a web address only the host, since the rest is as good as a password."""
    if kind is ChannelKind.EMAIL:
        return address
    parts = urlsplit(address)
    rest = "/…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{rest}"


def tokens_of(address: str) -> list[str]:
    """What of a web address nobody may see: it is cleaned from whatever is told."""
    parts = urlsplit(address)
    values = [value for _, value in parse_qsl(parts.query)]
    return [address, *(part for part in [*parts.path.split("/"), *values] if len(part) >= _TELLING)]


def _wrong_with(address: str, inside: bool) -> str:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return "cannot be read"
    return _wrong_with_parts(address, parts, inside)


def _wrong_with_parts(address: str, parts: SplitResult, inside: bool) -> str:
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "is no web address"
    if parts.scheme == "http" and not inside:
        return "is not encrypted (http), which only an installation with AIANIME_WEBHOOKS_INSIDE=yes takes"
    if parts.username is not None or parts.fragment:
        return "holds a user's name or a # part"
    if not (address.isascii() and address.isprintable() and " " not in address):
        return "has characters that no web address has"
    return ""
