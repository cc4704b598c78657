"""A message is sent within one deadline, whatever the receiver does to hold whoever waits for it."""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from support.raw_servers import RawServer, answer, dribbling, says

from aianime_pipeline.deadlines import Deadline
from aianime_pipeline.notifying.answers import TAKEN, Outcome, Verdict
from aianime_pipeline.notifying.kinds import ChannelKind
from aianime_pipeline.notifying.mail import MailServer, mail_of
from aianime_pipeline.notifying.message import Item, Message
from aianime_pipeline.notifying.posts import Post
from aianime_pipeline.production.notifications import mailing, posting
from aianime_pipeline.production.notifications.mailing import send_mail
from aianime_pipeline.production.notifications.posting import send_post

HOST = "127.0.0.1"
DEADLINE_SECONDS = 1.0
LARGE = 30_000_000
AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
FROM, TO = "aianime@example.com", "crew@example.com"
# The beginning of a record of 16 KB of the handshake.
TLS_RECORD = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + b"a" * 1000


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "_MOST_SECONDS", DEADLINE_SECONDS)
    monkeypatch.setattr(mailing, "_MOST_SECONDS", DEADLINE_SECONDS)


def timed(send: Callable[[], Outcome]) -> Outcome:
    began = time.monotonic()
    outcome = send()
    assert time.monotonic() - began < DEADLINE_SECONDS + 1.5
    return outcome


def posted(address: str, kind: ChannelKind = ChannelKind.SLACK, body: bytes = b"{}") -> Outcome:
    return timed(lambda: send_post(kind, Post(address, {}, body), inside=True))


def mailed(port: int, *, encrypted: bool = False) -> Outcome:
    mail = mail_of(Message("id", (Item(1, "test", AT, "a"),)), sender=FROM, to=TO, at=AT)
    return timed(lambda: send_mail(MailServer(HOST, port, encrypted), mail, FROM, TO))


def test_a_receiver_that_dribbles_its_headers_is_hung_up_on() -> None:
    with dribbling(b"a" * 1000, b"HTTP/1.1 200 OK\r\nX-Slow: ") as port:
        outcome = posted(f"http://{HOST}:{port}/")
    words = "it was asked and gave no whole answer (it took over 1 s): it may have taken it"
    assert outcome == Outcome(Verdict.UNKNOWN, words)


def test_a_receiver_that_dribbles_its_body_has_answered_with_its_status_alone() -> None:
    with dribbling(b"a" * 1000, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n") as port:
        assert posted(f"http://{HOST}:{port}/") == TAKEN
        assert posted(f"http://{HOST}:{port}/", ChannelKind.FEISHU).verdict is Verdict.UNKNOWN, "its body has to say so"


def test_a_receiver_that_dribbles_the_beginning_of_its_encryption_was_sent_nothing() -> None:
    with dribbling(TLS_RECORD) as port:
        assert posted(f"https://{HOST}:{port}/").verdict is Verdict.NOT_TAKEN


def test_a_receiver_that_reads_nothing_is_hung_up_on() -> None:
    with socket.create_server((HOST, 0)) as listening:
        outcome = posted(f"http://{HOST}:{listening.getsockname()[1]}/", body=b" " * LARGE)
    assert outcome.verdict is Verdict.UNKNOWN


def test_a_name_that_nobody_answers_for_is_given_up() -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        time.sleep(8)
        return [HOST]

    post = Post("https://hooks.example.com/", {}, b"{}")
    outcome = timed(lambda: send_post(ChannelKind.SLACK, post, inside=True, resolve=resolve))
    assert outcome == Outcome(Verdict.NOT_TAKEN, "its host hooks.example.com is not known (no answer within 1 s)")


def test_who_answers_in_time_is_not_hung_up_on() -> None:
    with RawServer(says(answer(b"ok"))) as server:
        assert posted(server.address) == TAKEN


def test_a_mail_server_that_dribbles_its_greeting_was_sent_nothing() -> None:
    with dribbling(b"a" * 1000, b"220 ") as port:
        assert mailed(port).verdict is Verdict.NOT_TAKEN


def test_a_mail_server_that_dribbles_the_beginning_of_its_encryption_was_sent_nothing() -> None:
    with dribbling(TLS_RECORD) as port:
        assert mailed(port, encrypted=True).verdict is Verdict.NOT_TAKEN


def test_a_mail_server_that_dribbles_an_answer_was_sent_nothing() -> None:
    with dribbling(b"a" * 1000, b"220 hello\r\n250-") as port:
        assert mailed(port).verdict is Verdict.NOT_TAKEN


def test_what_is_connected_after_the_deadline_is_hung_up_on() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Deadline(0) as deadline:
        deadline.watch(ours)
        theirs.settimeout(2)
        assert theirs.recv(1) == b""
