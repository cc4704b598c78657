"""Messages through real connections: what is sent, once, whatever the receiver does."""

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from fakes.receiver import SECRET
from fakes.vendor import Vendor
from support.channels import SECRET_VARIABLE, Clock, add, deliveries, inside, say, states
from support.processes import Script, wait_until
from support.raw_servers import RawServer, answer, says
from support.spending import told

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Channel, Delivery, base
from aianime_pipeline.errors import ChannelError
from aianime_pipeline.notifying.timing import MOST_ATTEMPTS
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notifications.channels import remove_channel, set_enabled
from aianime_pipeline.production.notifications.deliveries import list_deliveries
from aianime_pipeline.production.notifications.sending import MOST_MESSAGES, notify, try_channel

TOKEN = "t0ken-that-nobody-may-see"
KINDS = ["webhook", "feishu", "dingtalk", "wecom", "slack"]


@pytest.fixture(scope="module")
def running() -> Iterator[Vendor]:
    with Vendor("receiver") as server:
        yield server


@pytest.fixture
def receiver(running: Vendor, monkeypatch: pytest.MonkeyPatch) -> "Receiver":
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    running.order()
    return Receiver(running)


class Receiver:
    """What it took since the test began."""

    def __init__(self, server: Vendor) -> None:
        self.server = server
        self._taken, self._asked = len(server.ledger), len(server.requests())

    def address(self, kind: str, name: str = TOKEN) -> str:
        return f"{self.server.address}/{kind}/{name}"

    @property
    def taken(self) -> list[dict[str, object]]:
        return [one["request"] for one in self.server.ledger[self._taken :]]

    @property
    def asked(self) -> int:
        return len(self.server.requests()) - self._asked

    def fail(self, times: int | None = 1, **fault: object) -> None:
        self.server.order({"on": "submit", "times": times, **fault})


@pytest.fixture
def here(place: Installation) -> Installation:
    return inside(place)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_channel_takes_a_notice_in_its_own_form(
    here: Installation, receiver: Receiver, kind: str
) -> None:
    add(here, "c", kind, receiver.address(kind))
    say(here, "第12集的成片完成了")
    done = notify(here)
    assert (done.handed, done.messages) == (1, {"sent": 1})
    assert done.in_words() == "1 notices were handed to channels, 1 messages were sent."
    (row,) = deliveries(here)
    assert (row.state, row.attempts, row.error) == ("sent", 1, "")
    assert row.sent_at is not None
    (taken,) = receiver.taken
    assert "第12集的成片完成了" in json.dumps(taken["body"], ensure_ascii=False)
    assert notify(here).in_words() == "Nothing was told that a channel carries, and nothing is due."
    assert len(receiver.taken) == 1


def test_the_id_of_a_webhooks_message_is_that_of_its_deliveries(here: Installation, receiver: Receiver) -> None:
    add(here, "c", "webhook", receiver.address("webhook"))
    say(here, "a")
    notify(here)
    (taken,), (row,) = receiver.taken, deliveries(here)
    headers, body = taken["headers"], taken["body"]
    assert isinstance(headers, dict)
    assert isinstance(body, dict)
    assert headers["x-aianime-id"] == body["id"] == row.message


def test_without_a_digest_each_notice_is_a_message_in_its_order_and_a_tick_sends_only_so_many(
    here: Installation, receiver: Receiver
) -> None:
    add(here, "c", "slack", receiver.address("slack"))
    texts = [str(number) for number in range(MOST_MESSAGES + 2)]
    say(here, *texts)
    notify(here)
    assert len(receiver.taken) == MOST_MESSAGES
    notify(here)
    assert [one["body"] for one in receiver.taken] == [{"text": text} for text in texts]


def test_a_digest_is_one_message(here: Installation, receiver: Receiver) -> None:
    add(here, "c", "slack", receiver.address("slack"), digest_minutes=30)
    clock = Clock()
    say(here, "a", "b", "c")
    notify(here, clock=clock)
    assert receiver.taken == []
    clock.pass_(minutes=31)
    notify(here, clock=clock)
    assert [one["body"] for one in receiver.taken] == [{"text": "3 notices\n• a\n• b\n• c"}]
    assert len({row.message for row in deliveries(here)}) == 1


def test_in_quiet_hours_nothing_is_sent_and_afterwards_it_is_one_message(
    here: Installation, receiver: Receiver
) -> None:
    clock = Clock()
    add(here, "c", "slack", receiver.address("slack"))
    say(here, "told before", "b")
    with here.database.write() as session:
        row = session.scalars(sa.select(Channel)).one()
        begins, ends = clock() + timedelta(minutes=2), clock() + timedelta(minutes=62)
        row.quiet_from, row.quiet_until = begins.strftime("%H:%M"), ends.strftime("%H:%M")
    clock.pass_(minutes=3)
    notify(here, clock=clock)
    assert (receiver.taken, states(here)) == ([], ["pending"] * 2)
    clock.pass_(minutes=60)
    notify(here, clock=clock)
    assert [one["body"] for one in receiver.taken] == [{"text": "2 notices\n• told before\n• b"}]


REFUSALS = [
    {"kind": "answer", "status": 404, "body": "no such hook"},
    {"kind": "answer", "status": 503, "body": "not now"},
    {"kind": "answer", "status": 302, "headers": {"location": "https://elsewhere.example.com/"}},
    {"kind": "answer", "status": 200, "body": {"code": 19024, "msg": "Key Words Not Found"}},
]


@pytest.mark.parametrize("fault", REFUSALS)
def test_what_was_refused_is_tried_again_later_with_the_same_id(
    here: Installation, receiver: Receiver, fault: dict[str, object]
) -> None:
    add(here, "c", "feishu", receiver.address("feishu"))
    clock = Clock()
    say(here, "a")
    receiver.fail(**fault)
    assert notify(here, clock=clock).in_words().endswith("1 messages were refused and are tried again.")
    (row,) = deliveries(here)
    assert (row.state, row.attempts, row.due_at) == ("pending", 1, clock() + timedelta(seconds=30))
    assert row.error.startswith("it answered ")
    clock.pass_(seconds=29)
    notify(here, clock=clock)
    assert receiver.asked == 1
    clock.pass_(seconds=1)
    notify(here, clock=clock)
    (again,) = deliveries(here)
    assert (again.state, again.attempts, again.message, again.error) == ("sent", 2, row.message, "")
    assert len(receiver.taken) == 1


def test_a_refused_digest_stays_the_same_message_and_takes_nothing_new_in(
    here: Installation, receiver: Receiver
) -> None:
    add(here, "c", "slack", receiver.address("slack"), digest_minutes=30)
    clock = Clock()
    say(here, "a", "b")
    notify(here, clock=clock)
    clock.pass_(minutes=31)
    receiver.fail(kind="answer", status=429, headers={"retry-after": "600"})
    notify(here, clock=clock)
    assert {row.due_at for row in deliveries(here)} == {clock() + timedelta(minutes=10)}
    say(here, "c")
    notify(here, clock=clock)
    clock.pass_(minutes=31)
    notify(here, clock=clock)
    assert [one["body"] for one in receiver.taken] == [{"text": "2 notices\n• a\n• b"}, {"text": "c"}]


def test_after_so_many_refusals_a_message_has_failed_and_people_are_told_once_a_day(
    here: Installation, receiver: Receiver
) -> None:
    clock = Clock()
    clock.now = (clock.now + timedelta(days=1)).replace(hour=0)
    with RawServer(says(answer(b"no_service", status="404 Not Found"))) as broken:
        add(here, "broken", "slack", f"{broken.address}/{TOKEN}")
        add(here, "other", "webhook", receiver.address("webhook"), kinds=["channel"])
        say(here, "a", "b")
        for _ in range(120):
            notify(here, clock=clock)
            clock.pass_(minutes=9)
    assert len(broken.requests) == 2 * MOST_ATTEMPTS
    (words,) = [text for text in told(here.database) if text not in ("a", "b")]
    assert words.startswith("The channel broken did not take a message in 6 attempts")
    assert "it answered 404: no_service" in words
    assert "`aianime channel deliveries broken` lists them" in words
    rows = [(row.state, row.attempts) for row in deliveries(here)]
    assert rows == [("failed", MOST_ATTEMPTS)] * 2 + [("sent", 1)], "never through the one that fails"
    assert len(receiver.taken) == 1


def test_channels_that_all_fail_do_not_tell_each_other_for_ever(here: Installation, receiver: Receiver) -> None:
    for name in ("one", "two"):
        add(here, name, "slack", receiver.address("slack"))
    clock = Clock()
    clock.now = clock.now.replace(hour=0, minute=5)  # all of it is on one day
    receiver.fail(kind="answer", status=404, body="no_service", times=None)
    with base.clock(clock):
        say(here, "a")
        for _ in range(100):
            notify(here, clock=clock)
            clock.pass_(minutes=10)
    assert set(states(here)) == {"failed"}
    assert sorted(text.split()[2] for text in told(here.database) if text != "a") == ["one", "two"]
    assert len(deliveries(here)) == 4


UNCLEAR = [
    {"kind": "answer_after", "status": 502, "body": "<html>bad gateway</html>"},
    {"kind": "answer", "status": 500, "body": "oops"},
    {"kind": "timeout_after", "seconds": 0},
    {"kind": "timeout_before", "seconds": 0},
    {"kind": "cut"},
    {"kind": "answer", "status": 200, "body": "<html>sign in</html>"},
]


@pytest.mark.parametrize("fault", UNCLEAR)
def test_what_may_have_arrived_is_never_sent_again_by_itself(
    here: Installation, receiver: Receiver, fault: dict[str, object]
) -> None:
    add(here, "c", "feishu", receiver.address("feishu"))
    clock = Clock()
    say(here, "a")
    receiver.fail(**fault)
    assert notify(here, clock=clock).in_words().endswith("1 messages may have arrived.")
    for _ in range(3):
        clock.pass_(hours=3)
        notify(here, clock=clock)
    (row,) = deliveries(here)
    assert (row.state, row.attempts, receiver.asked) == ("unknown", 1, 1)
    assert row.error
    with here.database.read() as session:
        assert [one["state"] for one in list_deliveries(session, channel="c", state="unknown")] == ["unknown"]


def test_who_is_not_there_was_sent_nothing(here: Installation) -> None:
    with RawServer(says(b"")) as server:
        address = server.address
    add(here, "c", "slack", f"{address}/{TOKEN}")
    say(here, "a")
    notify(here)
    (row,) = deliveries(here)
    assert row.state == "pending"
    assert row.error.startswith("it could not be reached (ConnectError")


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_and_no_token_is_ever_told(
    here: Installation, receiver: Receiver, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    add(here, "c", kind, receiver.address(kind))
    say(here, "a")
    signed = kind in ("webhook", "feishu", "dingtalk")
    echo = f"no hook {TOKEN} at {receiver.address(kind)} with {SECRET if signed else ''}" + "." * 233 + TOKEN
    receiver.fail(kind="answer", status=404, body=echo, times=2)
    notify(here)
    with pytest.raises(ChannelError, match=r"did not take the test: it answered 404: no hook \*\*\* at") as refused:
        try_channel(here, "c")
    (row,) = deliveries(here)
    with here.database.read() as session:
        listed = list_deliveries(session)
    out, err = capfd.readouterr()
    for told_of_it in (row.error, refused.value.message, json.dumps(listed), out, err):
        assert TOKEN[:8] not in told_of_it
        assert SECRET not in told_of_it
    assert "a message was sent to a channel" in out


def test_a_secret_that_is_not_set_is_told_by_its_name(
    here: Installation, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(here, "c", "feishu", receiver.address("feishu"))
    monkeypatch.delenv(SECRET_VARIABLE)
    say(here, "a")
    notify(here)
    (row,) = deliveries(here)
    assert (row.state, receiver.asked) == ("pending", 0)
    assert row.error == f"{SECRET_VARIABLE} is not set, where the channel's secret should be"


def test_no_message_goes_inside_the_network_unless_the_installation_allows_it(
    place: Installation, receiver: Receiver
) -> None:
    address = receiver.address("slack").replace("http://", "https://").replace("127.0.0.1", "localhost")
    add(place, "c", "slack", address)
    say(place, "a")
    notify(place)
    (row,) = deliveries(place)
    assert (row.state, receiver.asked) == ("pending", 0)
    assert "its host localhost is inside the network, which AIANIME_WEBHOOKS_INSIDE=yes would allow" in row.error
    add(inside(place), "plain", "slack", receiver.address("slack"))
    place.settings = replace(place.settings, webhooks_inside=False)
    with pytest.raises(ChannelError, match="its address is plain http, which AIANIME_WEBHOOKS_INSIDE=yes"):
        try_channel(place, "plain")
    assert receiver.asked == 0


def test_a_slow_channel_holds_up_no_other_and_is_not_sent_to_twice(here: Installation, receiver: Receiver) -> None:
    go_on = threading.Event()

    def hold(connection: object, _request: bytes) -> None:
        go_on.wait(60)
        connection.sendall(answer(b"ok"))  # type: ignore[attr-defined]

    with RawServer(hold) as slow:
        add(here, "slow", "slack", f"{slow.address}/{TOKEN}")
        add(here, "quick", "slack", receiver.address("slack"))
        say(here, "a")
        first = notify(here, patience_seconds=0)
        wait_until(lambda: len(receiver.taken) == 1)
        wait_until(lambda: len(slow.requests) == 1)
        assert first.going >= 1
        say(here, "b")
        notify(here)
        wait_until(lambda: len(receiver.taken) == 2)
        assert len(slow.requests) == 1, "what is being sent to is left alone"
        go_on.set()
        wait_until(lambda: states(here) == ["sent"] * 4)
        assert len(slow.requests) == 2


def test_two_that_send_at_once_send_nothing_twice(here: Installation, receiver: Receiver) -> None:
    add(here, "one", "slack", receiver.address("slack", "one"))
    add(here, "two", "slack", receiver.address("slack", "two"), digest_minutes=1)
    texts = [str(number) for number in range(8)]
    say(here, *texts)
    clock = Clock()
    notify(here, clock=clock)
    clock.pass_(minutes=2)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: notify(here, clock=clock), range(12)))
    while "pending" in states(here):
        notify(here, clock=clock)
    assert set(states(here)) == {"sent"}
    one = [taken["body"] for taken in receiver.taken if taken["path"] == "/slack/one"]
    two = [taken["body"] for taken in receiver.taken if taken["path"] == "/slack/two"]
    assert one == [{"text": text} for text in texts]
    assert two == [{"text": "8 notices\n" + "\n".join(f"• {text}" for text in texts)}]


SENDER = """
import sys
from pathlib import Path
from support.channels import inside
from aianime_pipeline.db.engine import Database
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notifications.sending import notify
from aianime_pipeline.settings import Settings
from aianime_pipeline.storage.folder import FolderStore
settings = Settings(home=Path(sys.argv[2]), database_url=sys.argv[1])
print("ready", flush=True)
notify(inside(Installation(settings, Database(sys.argv[1]), FolderStore(settings.objects))))
"""


def test_a_message_whose_sender_was_killed_before_it_wrote_the_answer_down_is_not_sent_twice(
    here: Installation, receiver: Receiver
) -> None:
    add(here, "c", "slack", receiver.address("slack"))
    clock = Clock()
    say(here, "a")
    receiver.fail(kind="slow", seconds=1)
    sender = Script(SENDER, *_of(here))
    wait_until(lambda: receiver.asked == 1)
    sender.kill()
    wait_until(lambda: len(receiver.taken) == 1)
    assert states(here) == ["sending"]
    notify(here, clock=clock)
    assert states(here) == ["sending"], "its sender may be alive yet"
    clock.pass_(minutes=6)
    done = notify(here, clock=clock)
    assert done.in_words() == "1 deliveries lost their sender."
    (row,) = deliveries(here)
    assert (row.state, row.error) == (
        "unknown",
        "whoever sent it ended before the answer was written down: it may have arrived",
    )
    say(here, "b")
    notify(here, clock=clock)
    assert [one["body"] for one in receiver.taken] == [{"text": "a"}, {"text": "b"}]


@pytest.mark.resilience
def test_senders_that_are_killed_at_any_moment_send_nothing_twice_and_lose_nothing_unseen(
    here: Installation, receiver: Receiver
) -> None:
    add(here, "c", "slack", receiver.address("slack"))
    texts = [str(number) for number in range(40)]
    say(here, *texts)
    chance, clock = random.Random(11), Clock()
    receiver.fail(kind="slow", seconds=0.1, times=None)
    for _ in range(100 if os.environ.get("CHAOS") else 5):
        sender = Script(SENDER, *_of(here))
        sender.says("ready")
        time.sleep(chance.uniform(0.0, 0.6))
        sender.kill()
        with here.database.write() as session:
            lost = sa.update(Delivery).where(Delivery.state == "sending")
            session.execute(lost.values(sending_since=clock() - timedelta(minutes=6)))
    receiver.server.order()
    while {"pending", "sending"} & set(states(here)) or len(deliveries(here)) < len(texts):
        notify(here, clock=clock)
    taken = Counter(one["body"]["text"] for one in receiver.taken)  # type: ignore[index]
    assert max(taken.values()) == 1
    unsent = [texts[number] for number, state in enumerate(states(here)) if state == "unknown"]
    assert set(states(here)) <= {"sent", "unknown"}
    assert set(texts) - set(taken) <= set(unsent), "what did not arrive is told as unknown"


def _of(place: Installation) -> tuple[object, ...]:
    return place.settings.database_url, place.settings.home


def test_who_was_held_up_says_in_the_end_that_the_message_was_sent(here: Installation) -> None:
    go_on = threading.Event()

    def hold(connection: object, _request: bytes) -> None:
        go_on.wait(60)
        connection.sendall(answer(b"ok"))  # type: ignore[attr-defined]

    with RawServer(hold) as slow:
        add(here, "slow", "slack", f"{slow.address}/{TOKEN}")
        say(here, "a")
        notify(here, patience_seconds=0)
        wait_until(lambda: len(slow.requests) == 1)
        later = Clock()
        later.pass_(minutes=10)
        notify(here, clock=later)
        assert states(here) == ["unknown"]
        go_on.set()
        wait_until(lambda: states(here) == ["sent"])


@pytest.mark.parametrize("what", ["switched off", "removed"])
def test_a_channel_that_goes_while_it_is_sent_to_is_sent_nothing_more(here: Installation, what: str) -> None:
    go_on = threading.Event()

    def hold(connection: object, _request: bytes) -> None:
        go_on.wait(60)
        connection.sendall(answer(b"no", status="404 Not Found"))  # type: ignore[attr-defined]

    with RawServer(hold) as slow:
        add(here, "c", "slack", f"{slow.address}/{TOKEN}")
        say(here, "a", "b")
        clock = Clock()
        notify(here, clock=clock, patience_seconds=0)
        wait_until(lambda: len(slow.requests) == 1)
        with here.database.write() as session:
            set_enabled(session, "c", False, who="li") if what == "switched off" else remove_channel(session, "c")
        go_on.set()
        wait_until(lambda: "sending" not in states(here))
        with here.database.write() as session:
            if what == "switched off":
                set_enabled(session, "c", True, who="li")
        clock.pass_(hours=1)
        notify(here, clock=clock)
        assert len(slow.requests) == 1
        assert set(states(here)) == ({"failed"} if what == "switched off" else set())


def test_a_tick_that_cannot_ask_the_database_fails(here: Installation) -> None:
    here.database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(sa.exc.OperationalError):
        notify(here)


def test_a_fault_while_a_channel_is_sent_to_fails_the_tick_and_leaves_the_message_unsent_again(
    here: Installation, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aianime_pipeline.production.notifications import sending

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    add(here, "c", "slack", receiver.address("slack"))
    say(here, "a")
    monkeypatch.setattr(sending, "record_outcome", fail)
    with pytest.raises(ZeroDivisionError):
        notify(here)
    monkeypatch.undo()
    clock = Clock()
    clock.pass_(minutes=6)
    notify(here, clock=clock)
    assert (states(here), len(receiver.taken)) == (["unknown"], 1)
