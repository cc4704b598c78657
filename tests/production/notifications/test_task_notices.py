from typing import Any

import pytest
import sqlalchemy as sa
from support.spending import add_generation, add_project

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Episode, Notice, Project, Shot, ShotStage, Take, Task
from aianime_pipeline.errors import StateError
from aianime_pipeline.production.notices.telling import list_notices
from aianime_pipeline.production.notifications.task_notices import tell_retake_asked, tell_task_ended
from aianime_pipeline.production.shots.stages import Stage


@pytest.fixture
def episode(database: Database) -> Episode:
    project = add_project(database, "moonlit")
    with database.write() as session:
        row = Episode(project_id=project.id, number=12, key="moonlit-e012")
        session.add(row)
    return row


def ended(database: Database, episode: Episode | None, *times: int, **values: Any) -> list[Notice]:
    """What was told of a task that has ended so, told once for each of `times`, with that attempt."""
    given: dict[str, Any] = {
        "action": "film", "settings": {}, "origin": "person", "requested_by": "li", "state": "done", "result": {},
    }  # fmt: skip
    with database.write() as session:
        if episode is not None:
            given |= {"project_id": episode.project_id, "episode_id": episode.id}
        task = Task(**(given | values))
        session.add(task)
        session.flush()
        for attempt in times or (1,):
            task.attempt = attempt
            tell_task_ended(session, task)
    with database.read() as session:
        return list_notices(session)


WORDS = [
    ({}, "task_done", "Done: the film of moonlit-e012"),
    ({"action": "pipeline"}, "task_done", "Done: bringing moonlit-e012 up to date"),
    ({"state": "failed", "reason": "no money"}, "task_failed", "Failed: the film of moonlit-e012: no money"),
    ({"state": "failed"}, "task_failed", "Failed: the film of moonlit-e012"),
    (
        {"state": "cancelled", "cancel_requested": "wang", "reason": "not now", "action": "images"},
        "task_cancelled",
        "Cancelled by wang: the images of moonlit-e012: not now",
    ),
    (
        {"action": "images", "reason": "done, but shot 3 (image) failed: refused"},
        "task_done",
        "The images of moonlit-e012: done, but shot 3 (image) failed: refused",
    ),
    ({"origin": "schedule", "action": "package"}, "task_done", "Done: the ZIP of moonlit-e012"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "kind", "words"), WORDS)
def test_who_asked_for_a_task_is_told_how_it_ended(
    database: Database, episode: Episode, values: dict[str, Any], kind: str, words: str
) -> None:
    (found,) = ended(database, episode, **values)
    assert (found.kind, found.text, found.user) == (kind, words, "li")
    with database.read() as session:
        (task,) = session.scalars(sa.select(Task.id))
    assert (found.project_id, found.link) == (episode.project_id, f"/api/v1/tasks/{task}")


def test_a_task_about_no_episode_is_told_too(database: Database) -> None:
    (found,) = ended(database, None, action="cleanup")
    assert (found.text, found.project_id) == ("Done: the clean-up", None)


def test_of_a_sensors_task_everybody_of_the_project_is_told_and_only_what_matters(
    database: Database, episode: Episode
) -> None:
    for action in ("pipeline", "images", "videos", "voices", "review"):
        assert ended(database, episode, action=action, origin="sensor") == []
    ended(database, episode, origin="sensor")
    ended(database, episode, origin="sensor", action="package")
    found = ended(database, episode, origin="sensor", action="images", state="failed", reason="no key")
    assert [(row.text, row.user, row.project_id) for row in found] == [
        ("Failed: the images of moonlit-e012: no key", None, episode.project_id),
        ("Done: the ZIP of moonlit-e012", None, episode.project_id),
        ("Done: the film of moonlit-e012", None, episode.project_id),
    ]


def test_an_end_is_told_once_and_the_end_of_a_next_attempt_again(database: Database, episode: Episode) -> None:
    assert len(ended(database, episode, 1, 1, 2, state="failed")) == 2


def test_who_cancels_their_own_task_is_not_told(database: Database, episode: Episode) -> None:
    assert ended(database, episode, state="cancelled", cancel_requested="li") == []


@pytest.mark.parametrize("state", ["waiting", "launching", "running"])
def test_a_task_that_has_not_ended_is_not_told_of(database: Database, episode: Episode, state: str) -> None:
    with pytest.raises(StateError, match=f"is {state}: it has not ended"):
        ended(database, episode, state=state)


@pytest.fixture
def take(database: Database, episode: Episode) -> Take:
    with database.write() as session:
        shot = Shot(episode_id=episode.id, number=3, position=3, document={})
        session.add(shot)
        session.flush()
        stage = ShotStage(shot_id=shot.id, stage="image")
        session.add(stage)
        session.flush()
        generation = add_generation(session, session.get_one(Project, episode.project_id), requested_by="li")
        row = Take(
            stage_id=stage.id, number=2, inputs={}, inputs_digest="", seed=1, facts={}, run_id="r", root_run_id="r",
            generation_id=generation.id,
        )  # fmt: skip
        session.add(row)
    return row


def retake(database: Database, episode: Episode, take: Take, reviewer: str, version: int | None = None) -> list[Notice]:
    with database.write() as session:
        row = session.get_one(Take, take.id)
        if version is not None:
            row.stage.version = version
        tell_retake_asked(session, episode, Stage.IMAGE, 3, row, reason="too dark", reviewer=reviewer)
    with database.read() as session:
        return list_notices(session)


def test_who_had_a_take_made_is_told_that_it_was_rejected(database: Database, episode: Episode, take: Take) -> None:
    (found,) = retake(database, episode, take, "wang")
    link = f"/api/v1/takes/{take.id}"
    assert found.text == "moonlit-e012: wang rejected take 2 of shot 3's image: too dark"
    assert (found.kind, found.user, found.project_id, found.link) == ("retake", "li", episode.project_id, link)
    assert len(retake(database, episode, take, "wang")) == 1
    assert len(retake(database, episode, take, "wang", version=7)) == 2, "rejected again after it was taken back"


def test_who_rejects_what_they_asked_for_is_not_told(database: Database, episode: Episode, take: Take) -> None:
    assert retake(database, episode, take, "li") == []


def test_of_a_take_that_nobody_is_known_to_have_asked_for_everybody_is_told(
    database: Database, episode: Episode, take: Take
) -> None:
    with database.write() as session:
        session.get_one(Take, take.id).generation_id = None
    (found,) = retake(database, episode, take, "wang")
    assert found.user is None
