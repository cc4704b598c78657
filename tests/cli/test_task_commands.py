"""`aianime task`: what a person and a script meet who stop what runs by itself."""

import pytest
import sqlalchemy as sa
from support.command_line import CommandLine

from aianime_pipeline.db.models import Mark
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Origin, ask_for


@pytest.fixture
def waiting(fresh: CommandLine) -> CommandLine:
    """Task 1 is automatic, task 2 a person's."""
    database = fresh.database()
    with database.write() as session:
        episode = find_episode(session, "p-e001")
        for origin in (Origin.SENSOR, Origin.PERSON):
            ask_for(session, TaskAction.IMAGES, episode=episode, origin=origin, requested_by="wu")
    database.close()
    return fresh


def stops(line: CommandLine) -> int:
    database = line.database()
    with database.read() as session:
        found = session.scalar(sa.select(sa.func.count()).select_from(Mark).where(Mark.name.startswith("stopped:")))
    database.close()
    return found or 0


def test_who_cancels_what_nobody_asked_for_is_told_that_nothing_more_is_started_by_itself(waiting: CommandLine) -> None:
    told = waiting.done("task", "cancel", "1").out
    assert "task 1 is cancelled" in told
    assert "Nothing more is started by itself in p-e001 until somebody does something there" in told
    assert stops(waiting) == 1
    mine = waiting.done("task", "cancel", "2", "--json").json
    assert (mine["state"], mine["stops_automatic_work"]) == ("cancelled", False)


def test_a_make_is_something_that_a_person_does(waiting: CommandLine) -> None:
    assert waiting.done("task", "cancel", "1", "--json").json["stops_automatic_work"] is True
    waiting.done("make", "p-e001", "--to", "storyboard")
    assert stops(waiting) == 0
