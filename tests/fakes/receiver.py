"""What takes messages: a webhook of one's own, and the robots of Feishu, DingTalk, WeCom and Slack, as they document
themselves. Each checks what it documents (signature, time, length) and answers in its own form.

`POST /KIND/TOKEN`; what was taken is in the ledger with its bytes. Faults are ordered on the role `submit`.
"""

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any, ClassVar

from fakes.vendor import Asked, FakeVendor, Reply

SECRET = "a-secret-that-nobody-may-see"
_LATE_SECONDS = 3_600
_WECOM_BYTES = 2_048
_WHOLE_BYTES = 20_000


class Receiver(FakeVendor):
    name: ClassVar[str] = "receiver"
    routes: ClassVar[tuple[tuple[str, str, str, str], ...]] = (
        ("POST", r"/webhook/([\w-]+)", "submit", "webhook"),
        ("POST", r"/feishu/([\w-]+)", "submit", "feishu"),
        ("POST", r"/dingtalk/([\w-]+)", "submit", "dingtalk"),
        ("POST", r"/wecom/([\w-]+)", "submit", "wecom"),
        ("POST", r"/slack/([\w-]+)", "submit", "slack"),
    )

    def webhook(self, asked: Asked) -> Reply:
        head = dict(part.split("=", 1) for part in asked.headers.get("x-aianime-signature", "").split(",") if part)
        signed = head.get("t", "").encode() + b"." + self._raw(asked)
        if hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest() != head.get("v1"):
            return Reply("wrong signature", 401)
        return self._take(asked, Reply("thanks"))

    def feishu(self, asked: Asked) -> Reply:
        at = str(asked.body.get("timestamp", "0"))
        key = f"{at}\n{SECRET}".encode()
        right = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
        if asked.body.get("sign") != right or abs(time.time() - int(at)) > _LATE_SECONDS:
            return Reply({"code": 19021, "msg": "sign match fail or timestamp is not within one hour"})
        if len(self._raw(asked)) > _WHOLE_BYTES:
            return Reply({"code": 9499, "msg": "Bad Request"}, 400)
        return self._take(asked, Reply({"code": 0, "msg": "success", "data": {}}))

    def dingtalk(self, asked: Asked) -> Reply:
        at = asked.query.get("timestamp", "0")
        right = base64.b64encode(hmac.new(SECRET.encode(), f"{at}\n{SECRET}".encode(), hashlib.sha256).digest())
        if asked.query.get("sign") != right.decode() or abs(time.time() - int(at) / 1000) > _LATE_SECONDS:
            return Reply({"errcode": 310000, "errmsg": "sign not match"})
        if len(self._raw(asked)) > _WHOLE_BYTES:
            return Reply({"errcode": 460101, "errmsg": "message too long"})
        return self._take(asked, Reply({"errcode": 0, "errmsg": "ok"}))

    def wecom(self, asked: Asked) -> Reply:
        text = asked.body.get("text", {}).get("content", "")
        if asked.body.get("msgtype") != "text" or not 0 < len(text.encode()) <= _WECOM_BYTES:
            return Reply({"errcode": 40058, "errmsg": "text.content exceed max length 2048"})
        return self._take(asked, Reply({"errcode": 0, "errmsg": "ok"}))

    def slack(self, asked: Asked) -> Reply:
        if not asked.body.get("text"):
            return Reply("no_text", 400)
        return self._take(asked, Reply("ok"))

    def _take(self, asked: Asked, reply: Reply) -> Reply:
        about: dict[str, Any] = {"path": asked.path, "headers": asked.headers, "body": asked.body}
        self.charge(uuid.uuid4().hex, 0, about)
        return reply

    def _raw(self, asked: Asked) -> bytes:
        assert json.loads(asked.raw) == asked.body
        return asked.raw


if __name__ == "__main__":
    Receiver().serve()
