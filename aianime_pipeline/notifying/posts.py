"""A message as the request that a channel takes: its address, headers and JSON body, signed. Pure.

| kind | text | longest | signed by |
| --- | --- | --- | --- |
| `webhook` | a JSON document of the notices | 50 notices of 2,000 characters | a header |
| `feishu` | plain | 20 KB of body; 18,000 bytes as JSON are used | the body, where the bot asks for it |
| `dingtalk` | plain | 20,000 bytes; 18,000 as JSON are used | the address, where the robot asks for it |
| `wecom` | plain | 2,048 bytes | nothing: who knows the address may send |
| `slack` | its own marks, `&<>` escaped | 40,000 characters are cut; 4,000 are used, as advised | nothing, likewise |
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aianime_pipeline.notifying.kinds import ChannelKind
from aianime_pipeline.notifying.message import Message, cut, written
from aianime_pipeline.notifying.signatures import dingtalk_query, feishu_signature, webhook_signature

SIGNATURE_HEADER = "X-Aianime-Signature"
ID_HEADER = "X-Aianime-Id"

_FEISHU_BYTES = 18_000
_DINGTALK_BYTES = 18_000
_WECOM_BYTES = 2_048
_SLACK_CHARACTERS = 4_000
_WEBHOOK_CHARACTERS = 2_000


@dataclass(frozen=True)
class Post:
    url: str
    headers: Mapping[str, str]
    body: bytes


def post_of(
    kind: ChannelKind, address: str, secret: str, message: Message, *, at: datetime, public_url: str = ""
) -> Post:
    """The request at this moment, since signatures carry the time. `secret` empty: it is not signed; `public_url` is
    what relative links are appended to."""
    match kind:
        case ChannelKind.WEBHOOK:
            return _webhook(address, secret, message, at, public_url)
        case ChannelKind.FEISHU:
            text = written(message, public_url, _json_bytes, _FEISHU_BYTES, _without_mentions)
            body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
            if secret:
                body["timestamp"], body["sign"] = feishu_signature(secret, at)
            return _json_post(address, body)
        case ChannelKind.DINGTALK:
            text = written(message, public_url, _json_bytes, _DINGTALK_BYTES)
            signed = _with_query(address, dingtalk_query(secret, at)) if secret else address
            return _json_post(signed, {"msgtype": "text", "text": {"content": text}})
        case ChannelKind.WECOM:
            text = written(message, public_url, _bytes, _WECOM_BYTES, _without_mentions)
            return _json_post(address, {"msgtype": "text", "text": {"content": text}})
        case ChannelKind.SLACK:
            return _json_post(address, {"text": written(message, public_url, len, _SLACK_CHARACTERS, _slack_escaped)})
        case ChannelKind.EMAIL:
            raise ValueError("an e-mail is no web request")


def _webhook(address: str, secret: str, message: Message, at: datetime, public_url: str) -> Post:
    document = {
        "id": message.id,
        "notices": [
            {
                "id": item.id,
                "kind": item.kind,
                "at": item.at.isoformat(),
                "text": cut(item.text, len, _WEBHOOK_CHARACTERS),
                "link": f"{public_url.rstrip('/')}{item.link}" if item.link.startswith("/") else item.link,
                "project": item.project,
            }
            for item in message.items
        ],
    }
    post = _json_post(address, document)
    signature = webhook_signature(secret, at, post.body)
    return Post(address, {**post.headers, ID_HEADER: message.id, SIGNATURE_HEADER: signature}, post.body)


def _json_post(url: str, document: Mapping[str, Any]) -> Post:
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return Post(url, {"content-type": "application/json; charset=utf-8"}, body)


def _with_query(address: str, query: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _json_bytes(text: str) -> int:
    return _bytes(json.dumps(text, ensure_ascii=False))


def _without_mentions(text: str) -> str:
    """A notice may quote what a person wrote: it must not call everybody of the group (`<at user_id="all">`)."""
    return text.replace("<", "＜")


_SLACK: tuple[tuple[str, str], ...] = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


def _slack_escaped(text: str) -> str:
    for sign, written_as in _SLACK:
        text = text.replace(sign, written_as)
    return text
