from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.channels import Clock, add, deliveries, say, states
from support.spending import add_project

from aianime_pipeline.db.models import Delivery
from aianime_pipeline.errors import BadSettingError, NotFoundError
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notifications.channels import (
    change_channel,
    list_channels,
    options_of,
    remove_channel,
    set_enabled,
)
from aianime_pipeline.production.notifications.handing import hand_over

TOKEN = "t0ken-that-nobody-may-see"
SLACK = f"https://hooks.example.com/services/{TOKEN}"


def change(place: Installation, name: str, **changes: Any) -> None:
    with place.database.write() as session:
        from aianime_pipeline.production.notifications.channels import find_channel

        options = replace(options_of(session, find_channel(session, name)), **changes)
        change_channel(session, name, options, inside=False)


def listed(place: Installation) -> list[dict[str, Any]]:
    with place.database.read() as session:
        return list_channels(session)


def test_a_channel_is_listed_with_all_that_it_is_and_no_token(place: Installation) -> None:
    project = add_project(place.database, "moonlit")
    add(
        place,
        "crew",
        "feishu",
        f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}",
        project=project,
        user="wang",
        kinds=["task", "budget"],
        quiet=("22:00", "08:00", "Asia/Shanghai"),
        digest_minutes=30,
    )
    add(place, "a", "email", "a@example.com")
    plain, full = listed(place)
    assert full == {
        "name": "crew",
        "kind": "feishu",
        "address": "https://open.feishu.cn/…",
        "secret_variable": "RECEIVERS_SECRET",
        "project": "moonlit",
        "user": "wang",
        "kinds": ["budget", "task"],
        "quiet": ["22:00", "08:00", "Asia/Shanghai"],
        "digest_minutes": 30,
        "enabled": True,
        "created_by": "li",
    }
    assert (plain["project"], plain["user"], plain["kinds"], plain["quiet"]) == (None, None, [], None)


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("sms", {}, "it takes one of webhook"),
        ("slack", {"address": "hooks"}, "is no web address"),
        ("wecom", {"secret_variable": "S"}, "it takes no secret"),
        ("slack", {"kinds": ["films"]}, "no notices of the kind 'films'"),
        ("slack", {"quiet": ("22:00", "25:00", "UTC")}, "'25:00' is no time"),
        ("slack", {"digest_minutes": 2000}, "it takes 0 to 1440"),
        ("slack", {"user": "\x00"}, "is no text"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    place: Installation, kind: str, options: dict[str, Any], words: str
) -> None:
    address = options.pop("address", SLACK)
    with pytest.raises(BadSettingError, match=words):
        add(place, "c", kind, address, **options)
    assert listed(place) == []


@pytest.mark.parametrize(("name", "words"), [("", "1 to 80"), ("x" * 81, "1 to 80"), ("c", "a channel 'c' already")])
def test_a_name_is_taken_once_and_short(place: Installation, name: str, words: str) -> None:
    add(place, "c", "slack", SLACK)
    with pytest.raises(BadSettingError, match=words):
        add(place, name, "slack", SLACK)


def test_a_channel_that_is_not_there_is_told_with_those_that_are(place: Installation) -> None:
    add(place, "crew", "slack", SLACK)
    with place.database.write() as session, pytest.raises(NotFoundError, match="'crow'; there are: crew"):
        remove_channel(session, "crow")


def test_a_change_keeps_the_rest_and_goes_for_what_is_told_after_it(place: Installation) -> None:
    add(place, "c", "slack", SLACK, kinds=["budget"], digest_minutes=10)
    say(place, "old budget")
    say(place, "old task", kind="task_done")
    change(place, "c", kinds=("task",))
    say(place, "new budget")
    say(place, "new task", kind="task_done")
    hand_over(place, datetime.now(UTC))
    (found,) = listed(place)
    assert (found["kinds"], found["digest_minutes"], found["address"]) == (["task"], 10, "https://hooks.example.com/…")
    with place.database.read() as session:
        texts = [row.text for row in _notices(session)]
    assert texts == ["old budget", "new task"]


def _notices(session: Any) -> list[Any]:
    import sqlalchemy as sa

    from aianime_pipeline.db.models import Notice

    return list(
        session.scalars(sa.select(Notice).join(Delivery, Delivery.notice_id == Notice.id).order_by(Delivery.id))
    )


def test_what_waits_goes_by_the_new_hours(place: Installation) -> None:
    clock = Clock()
    add(place, "c", "slack", SLACK, digest_minutes=600)
    say(place, "a")
    hand_over(place, clock())
    assert deliveries(place)[0].due_at == clock() + timedelta(minutes=600)
    change(place, "c", digest_minutes=0)
    assert deliveries(place)[0].due_at < clock() + timedelta(minutes=5)


def test_what_is_told_while_a_channel_is_off_is_never_sent_nor_what_waited_then(place: Installation) -> None:
    add(place, "c", "slack", SLACK, digest_minutes=60)
    say(place, "waits")
    hand_over(place, datetime.now(UTC))
    with place.database.write() as session:
        set_enabled(session, "c", False, who="wang")
    assert [(row.state, row.error) for row in deliveries(place)] == [
        ("failed", "the channel was off (switched by wang)")
    ]
    say(place, "while off")
    assert hand_over(place, datetime.now(UTC)) == 0
    with place.database.write() as session:
        assert set_enabled(session, "c", True, who="wang").enabled
        assert set_enabled(session, "c", True, who="wang").enabled
    say(place, "after")
    assert hand_over(place, datetime.now(UTC)) == 1
    assert states(place) == ["failed", "pending"]


def test_a_removed_channel_takes_its_record_with_it_and_no_notice(place: Installation) -> None:
    from support.spending import told

    add(place, "c", "slack", SLACK)
    say(place, "a")
    hand_over(place, datetime.now(UTC))
    with place.database.write() as session:
        remove_channel(session, "c")
    assert (listed(place), deliveries(place), told(place.database)) == ([], [], ["a"])
