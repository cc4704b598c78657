import json
from datetime import timedelta

import pytest

from aianime_pipeline.notifying.answers import Verdict, meaning
from aianime_pipeline.notifying.kinds import ChannelKind

TAKEN, NOT_TAKEN, UNKNOWN = Verdict.TAKEN, Verdict.NOT_TAKEN, Verdict.UNKNOWN

ANSWERS = [
    ("webhook", 200, "", TAKEN, 0),
    ("webhook", 204, "", TAKEN, 0),
    ("webhook", 302, "", NOT_TAKEN, 0),
    ("webhook", 404, "no such hook", NOT_TAKEN, 0),
    ("webhook", 429, "slow down", NOT_TAKEN, 7),
    ("webhook", 503, "not now", NOT_TAKEN, 7),
    ("webhook", 500, "oops", UNKNOWN, 0),
    ("webhook", 502, "<html>bad gateway</html>", UNKNOWN, 0),
    ("webhook", 504, "", UNKNOWN, 0),
    ("slack", 200, "ok", TAKEN, 0),
    ("slack", 400, "invalid_payload", NOT_TAKEN, 0),
    ("slack", 410, "channel_is_archived", NOT_TAKEN, 0),
    ("slack", 500, "rollup_error", UNKNOWN, 0),
    ("feishu", 200, {"code": 0, "msg": "success", "data": {}}, TAKEN, 0),
    ("feishu", 200, {"StatusCode": 0, "StatusMessage": "success"}, TAKEN, 0),
    ("feishu", 200, {"code": 19021, "msg": "sign match fail"}, NOT_TAKEN, 0),
    ("feishu", 200, {"code": 11232, "msg": "too many request"}, NOT_TAKEN, 60),
    ("feishu", 400, {"code": 9499, "msg": "Bad Request"}, NOT_TAKEN, 0),
    ("feishu", 200, "<html>sign in</html>", UNKNOWN, 0),
    ("feishu", 200, {"code": "0"}, UNKNOWN, 0),
    ("dingtalk", 200, {"errcode": 0, "errmsg": "ok"}, TAKEN, 0),
    ("dingtalk", 200, {"errcode": 310000, "errmsg": "keywords not in content"}, NOT_TAKEN, 0),
    ("dingtalk", 200, {"errcode": 130101, "errmsg": "send too fast"}, NOT_TAKEN, 600),
    ("dingtalk", 200, [], UNKNOWN, 0),
    ("wecom", 200, {"errcode": 0, "errmsg": "ok"}, TAKEN, 0),
    ("wecom", 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, NOT_TAKEN, 0),
    ("wecom", 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, NOT_TAKEN, 60),
    ("wecom", 200, {"errcode": False}, UNKNOWN, 0),
]


@pytest.mark.parametrize(("kind", "status", "body", "verdict", "seconds"), ANSWERS)
def test_an_answer_says_whether_the_message_was_taken(
    kind: str, status: int, body: object, verdict: Verdict, seconds: int
) -> None:
    sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    retry_after = 7.0 if status in (429, 503) else None
    found = meaning(ChannelKind(kind), status, sent, retry_after)
    assert (found.verdict, found.wait) == (verdict, timedelta(seconds=seconds))
    assert (f"it answered {status}" in found.words) is (verdict is not TAKEN)
