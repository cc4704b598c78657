from datetime import timedelta

import pytest

from aianime_pipeline.db.models.base import now
from aianime_pipeline.production import draining
from aianime_pipeline.production.draining import LASTS, is_draining, start_draining, stop_draining
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Origin, ask_for
from aianime_pipeline.production.tasks.leasing import lease_next


def drains(place: Installation) -> bool:
    with place.database.read() as session:
        return is_draining(session)


def test_draining_lasts_until_it_is_stopped(place: Installation) -> None:
    assert not drains(place)
    for _ in range(2):
        with place.database.write() as session:
            start_draining(session)
        assert drains(place)
    for _ in range(2):
        with place.database.write() as session:
            stop_draining(session)
        assert not drains(place)


def test_draining_of_which_nobody_says_anything_any_more_ends_by_itself(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.database.write() as session:
        start_draining(session)
    later = now() + LASTS
    monkeypatch.setattr(draining, "now", lambda: later)
    assert not drains(place)


def test_a_long_step_can_be_announced(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    with place.database.write() as session:
        start_draining(session, longer=timedelta(hours=1))
    later = now() + timedelta(hours=1)
    monkeypatch.setattr(draining, "now", lambda: later)
    assert drains(place)


def test_the_outbox_launches_nothing_while_it_drains(place: Installation) -> None:
    with place.database.write() as session:
        ask_for(session, TaskAction.REPORT, origin=Origin.PERSON, requested_by="a person")
        start_draining(session)
    with place.database.write() as session:
        assert lease_next(session, "outbox", room=5) == []
        stop_draining(session)
        assert len(lease_next(session, "outbox", room=5)) == 1
