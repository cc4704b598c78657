"""What an answer says of a message: whether it was taken, was not, or nobody knows. Pure.

Feishu, DingTalk and WeCom answer HTTP 200 to whatever they read, with an error code in the body.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from aianime_pipeline.notifying.kinds import ChannelKind


class Verdict(StrEnum):
    TAKEN = "taken"
    NOT_TAKEN = "not_taken"
    """It may be tried again: nobody has read it."""
    UNKNOWN = "unknown"
    """It may have been taken: it is never tried again by itself."""


@dataclass(frozen=True)
class Outcome:
    """`words` say why it was not, or may not have been taken; `wait` is how long it must not be tried again."""

    verdict: Verdict
    words: str = ""
    wait: timedelta = timedelta(0)


TAKEN = Outcome(Verdict.TAKEN)

_NOT_HANDLED = frozenset({501, 503, 505})
"""Of 5xx, those that say that nothing was done with it (RFC 9110, 15.6); another may come from a gateway behind which
it was taken."""
_CODE_NAMES = {
    ChannelKind.FEISHU: ("code", "StatusCode"),
    ChannelKind.DINGTALK: ("errcode",),
    ChannelKind.WECOM: ("errcode",),
}
_TOO_OFTEN = {
    (ChannelKind.FEISHU, 11232): timedelta(minutes=1),
    (ChannelKind.DINGTALK, 130101): timedelta(minutes=10),
    (ChannelKind.WECOM, 45009): timedelta(minutes=1),
}
"""Each robot takes some messages in a minute; DingTalk then refuses for ten."""
_LOOKED_AT = 20_000
"""Bytes of an answer that may be told of: many more than are told, so that no token is cut before it is hidden."""


def meaning(kind: ChannelKind, status: int, body: bytes, retry_after: float | None = None) -> Outcome:
    """Of an HTTP answer. `retry_after` is in seconds."""
    words = f"it answered {status}: {body[:_LOOKED_AT].decode('utf-8', 'replace')}".strip(": ")
    if status >= 500 and status not in _NOT_HANDLED:
        return Outcome(Verdict.UNKNOWN, words)
    if not 200 <= status < 300:
        return Outcome(Verdict.NOT_TAKEN, words, timedelta(seconds=retry_after or 0))
    names = _CODE_NAMES.get(kind)
    if names is None:
        return TAKEN
    code = _code(_object(body), names)
    if code is None:
        return Outcome(Verdict.UNKNOWN, f"{words} (without its code)")
    if code == 0:
        return TAKEN
    return Outcome(Verdict.NOT_TAKEN, words, _TOO_OFTEN.get((kind, code), timedelta(0)))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _code(found: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    return next((found[name] for name in names if type(found.get(name)) is int), None)
