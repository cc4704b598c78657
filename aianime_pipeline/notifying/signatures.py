"""How messages are signed, each as its receiver documents it. Pure.

- Feishu: HMAC-SHA256 of nothing under the key "timestamp in seconds \\n secret", base64, in the body.
- DingTalk: HMAC-SHA256 of "timestamp in milliseconds \\n secret" under the secret, base64, in the address.
- our own webhook: HMAC-SHA256 of "timestamp in seconds . body" under the secret, hexadecimal, in a header.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import urlencode


def feishu_signature(secret: str, at: datetime) -> tuple[str, str]:
    """The timestamp and the signature that belong into the body."""
    timestamp = str(int(at.timestamp()))
    return timestamp, base64.b64encode(_hmac(f"{timestamp}\n{secret}".encode(), b"")).decode()


def dingtalk_query(secret: str, at: datetime) -> str:
    """`timestamp=…&sign=…`, to be appended to the address."""
    timestamp = str(int(at.timestamp() * 1000))
    signature = base64.b64encode(_hmac(secret.encode(), f"{timestamp}\n{secret}".encode())).decode()
    return urlencode({"timestamp": timestamp, "sign": signature})


def webhook_signature(secret: str, at: datetime, body: bytes) -> str:
    """`t=…,v1=…`, the value of the header X-Aianime-Signature."""
    timestamp = str(int(at.timestamp()))
    return f"t={timestamp},v1={_hmac(secret.encode(), timestamp.encode() + b'.' + body).hex()}"


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()
