"""Links for people without an account."""

import re
from datetime import timedelta

import pytest
from itsdangerous import URLSafeSerializer

from aianime_pipeline.accounts.shared_links import SharedFile, read_token, shared_token
from aianime_pipeline.db.models.base import clock, now
from aianime_pipeline.errors import LinkAlteredError, LinkExpiredError

KEY = "k" * 48
FILE = SharedFile("a" * 64, "月光_第1集.mp4", "video/mp4", False)


def test_a_link_tells_what_it_is_for_until_it_ends() -> None:
    token, until = shared_token(FILE, KEY, timedelta(hours=2))
    assert read_token(token, KEY) == (FILE, until)
    for seconds, good in [(-1, True), (0, False), (1, False)]:
        with clock(lambda seconds=seconds: until + timedelta(seconds=seconds)):
            if good:
                assert read_token(token, KEY) == (FILE, until)
            else:
                with pytest.raises(LinkExpiredError, match=re.escape(until.isoformat())):
                    read_token(token, KEY)


def test_a_link_that_was_altered_anywhere_is_none() -> None:
    token, _ = shared_token(FILE, KEY, timedelta(hours=2))
    for at in range(0, len(token) - 1, 7):  # of the last letter not every bit counts
        altered = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        if altered != token:
            with pytest.raises(LinkAlteredError):
                read_token(altered, KEY)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b", "../../etc/passwd", "月", "\x00", "e" * 4000, "." + "A" * 3000]
)
def test_what_is_no_link_is_refused_in_the_same_words(token: str) -> None:
    with pytest.raises(LinkAlteredError):
        read_token(token, KEY)


def test_another_key_and_another_purpose_make_no_links() -> None:
    token, _ = shared_token(FILE, KEY, timedelta(hours=2))
    with pytest.raises(LinkAlteredError):
        read_token(token, "other" * 10)
    payload = [FILE.digest, FILE.name, FILE.media_type, 0, int(now().timestamp()) + 60]
    with pytest.raises(LinkAlteredError):
        read_token(URLSafeSerializer(KEY, "another purpose").dumps(payload), KEY)
