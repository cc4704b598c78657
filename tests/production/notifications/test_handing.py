from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from support.channels import Clock, add, deliveries, say
from support.spending import add_project

from aianime_pipeline.db.models import Channel, Delivery, Notice
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notices.telling import tell
from aianime_pipeline.production.notifications import handing
from aianime_pipeline.production.notifications.handing import channel_key, hand_over

SLACK = "https://hooks.example.com/services/token-of-it"


def handed(place: Installation, channel: Channel) -> list[str]:
    """The texts that were handed to it, in order."""
    with place.database.read() as session:
        query = (
            sa.select(Notice.text)
            .join(Delivery, Delivery.notice_id == Notice.id)
            .where(Delivery.channel_id == channel.id)
            .order_by(Delivery.id)
        )
        return list(session.scalars(query))


def test_a_channel_is_handed_what_is_told_after_it_was_added_and_each_notice_once(place: Installation) -> None:
    clock = Clock()
    say(place, "before")
    one, two = add(place, "one", "slack", SLACK), add(place, "two", "slack", SLACK)
    say(place, "a", "b")
    assert hand_over(place, clock()) == 4
    say(place, "c")
    assert [hand_over(place, clock()) for _ in range(3)] == [2, 0, 0]
    clock.pass_(days=1)
    assert hand_over(place, clock()) == 0
    assert handed(place, one) == handed(place, two) == ["a", "b", "c"]


FILTERS: list[tuple[dict[str, object], set[str]]] = [
    ({}, {"all", "p's", "li's", "q's", "done", "failed", "key"}),
    ({"project": "p"}, {"p's", "li's"}),
    ({"user": "li"}, {"all", "p's", "li's", "q's", "done", "key"}),
    ({"kinds": ["budget"]}, {"all", "p's", "li's", "q's"}),
    ({"kinds": ["task"]}, {"done", "failed"}),
    ({"kinds": ["task_failed", "generation"]}, {"failed", "key"}),
    ({"project": "p", "user": "wang", "kinds": ["budget"]}, {"p's"}),
]


@pytest.mark.parametrize(("options", "texts"), FILTERS)
def test_a_channel_carries_only_what_it_is_for(
    place: Installation, options: dict[str, object], texts: set[str]
) -> None:
    p, q = add_project(place.database, "p"), add_project(place.database, "q")
    if "project" in options:
        options = options | {"project": p}
    channel = add(place, "c", "slack", SLACK, **options)
    say(place, "all")
    say(place, "p's", project_id=p.id)
    say(place, "li's", project_id=p.id, user="li")
    say(place, "q's", project_id=q.id)
    say(place, "done", kind="task_done")
    say(place, "failed", kind="task_failed", user="wang")
    say(place, "key", kind="generation_auth")
    say(place, "taskless", kind="taskless") if not options else None
    hand_over(place, datetime.now(UTC))
    assert set(handed(place, channel)) == texts | ({"taskless"} if not options else set())


def test_a_notice_that_is_committed_after_a_later_one_is_handed_over_all_the_same(
    place: Installation, kind: str
) -> None:
    """PostgreSQL gives ids before the commit."""
    if kind == "sqlite":
        pytest.skip("SQLite has one writer")
    channel = add(place, "c", "slack", SLACK)
    with place.database.write() as slow:
        tell(slow, key="slow", kind="budget", text="slow")
        slow.flush()
        say(place, "quick")
        assert hand_over(place, datetime.now(UTC)) == 1
    assert hand_over(place, datetime.now(UTC)) == 1
    assert handed(place, channel) == ["quick", "slow"]


def test_many_notices_are_handed_over_in_several_ticks_and_none_is_left_out(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "_MOST_AT_ONCE", 4)
    channel, clock = add(place, "c", "slack", SLACK), Clock()
    texts = [f"{number:02}" for number in range(10)]
    say(place, *texts)
    clock.pass_(hours=3)
    assert [hand_over(place, clock()) for _ in range(4)] == [4, 4, 2, 0]
    assert handed(place, channel) == texts


def test_a_tick_with_nothing_new_writes_nothing(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    add(place, "c", "slack", SLACK)
    clock = Clock()
    say(place, "a")
    hand_over(place, clock())
    clock.pass_(hours=1)
    hand_over(place, clock())

    def refuse() -> None:
        raise AssertionError("wrote")

    monkeypatch.setattr(place.database, "write", refuse)
    assert hand_over(place, clock()) == 0


def test_a_channel_is_not_told_through_itself_that_it_fails_and_others_are(place: Installation) -> None:
    one, two = add(place, "one", "slack", SLACK), add(place, "two", "slack", SLACK)
    with place.database.write() as session:
        tell(session, key=channel_key(one.id, "2026-11-03"), kind="channel", text="one fails")
    hand_over(place, datetime.now(UTC))
    assert (handed(place, one), handed(place, two)) == ([], ["one fails"])


def due_after(place: Installation, begin: datetime) -> list[float]:
    return [round((row.due_at - begin).total_seconds() / 60) for row in deliveries(place)]


def test_what_is_told_within_a_digest_is_due_together(place: Installation) -> None:
    add(place, "c", "slack", SLACK, digest_minutes=30)
    clock = Clock()
    begin = clock()
    say(place, "a")
    hand_over(place, clock())
    clock.pass_(minutes=20)
    say(place, "b", "c")
    hand_over(place, clock())
    clock.pass_(minutes=15)
    say(place, "d")
    hand_over(place, clock())
    assert due_after(place, begin) == [30, 30, 30, 65]
    assert len({row.due_at for row in deliveries(place)[:3]}) == 1


def test_without_a_digest_each_is_due_by_itself_and_in_quiet_hours_all_at_their_end(place: Installation) -> None:
    clock = Clock()
    quiet = ((clock() - timedelta(hours=1)).strftime("%H:%M"), (clock() + timedelta(hours=1)).strftime("%H:%M"), "UTC")
    add(place, "loud", "slack", SLACK)
    say(place, "a", "b")
    hand_over(place, clock())
    assert len({row.due_at for row in deliveries(place)}) == 2
    quiet_one = add(place, "quiet", "slack", SLACK, quiet=quiet)
    say(place, "c", "d")
    hand_over(place, clock())
    (due,) = {row.due_at for row in deliveries(place) if row.channel_id == quiet_one.id}
    assert due.strftime("%H:%M:%S") == f"{quiet[1]}:00"


def test_two_that_hand_over_at_once_hand_each_notice_over_once(place: Installation) -> None:
    from concurrent.futures import ThreadPoolExecutor

    channel = add(place, "c", "slack", SLACK)
    texts = [str(number) for number in range(50)]
    say(place, *texts)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: hand_over(place, datetime.now(UTC)), range(4)))
    assert sum(counts) == 50
    assert handed(place, channel) == texts
