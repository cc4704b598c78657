"""Whoever cancels a task that nobody asked for is not overruled by the automation. On both databases."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from support.making import KEY, Studio
from support.stories import storyboard_file

from aianime_pipeline.db.models import Episode, Generation, Notice, Storyboard, Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.film.timeline.edits import move
from aianime_pipeline.production.automation.asking import ask_for_due_work
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.films.composites import discard_edits, edit_timeline
from aianime_pipeline.production.generations.people import resolve
from aianime_pipeline.production.importing import import_file
from aianime_pipeline.production.projects.keeping import find_project, set_options
from aianime_pipeline.production.reviews.storyboards import review_storyboard
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.production.storyboards.keeping import set_frozen
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Origin, ask_for
from aianime_pipeline.production.tasks.cancelling import cancel_task
from aianime_pipeline.production.tasks.comparing import compare_tasks
from aianime_pipeline.production.tasks.judging import RunState, SeenRun
from aianime_pipeline.production.tasks.leasing import launched, lease_next
from aianime_pipeline.sensors import episodes as sensor_module

STOPPED = "was cancelled by wu: nothing is started by itself until a person does something here"


@pytest.fixture
def three(studio: Studio, tmp_path: Path) -> Studio:
    """Its images are there, and a person looks at them; the rest is made by itself."""
    studio.storyboard(tmp_path, 3)
    studio.set_project(review_image="human")
    studio.make(Stage.IMAGE)
    studio.set_project(auto_make=True)
    return studio


def look(studio: Studio) -> str:
    """What the automation does, ten minutes after all that happened."""
    long_ago = now() - timedelta(minutes=10)
    with studio.place.database.write() as session:
        episode = find_episode(session, KEY)
        episode.changed_at = episode.changed_since = long_ago
        session.execute(sa.update(Task).where(Task.finished_at.is_not(None)).values(finished_at=long_ago))
    [judged] = ask_for_due_work(studio.place)
    return judged.outcome


def cancel(studio: Studio, task: int = 1) -> None:
    with studio.place.database.write() as session:
        cancel_task(session, task, "wu")


def ask(studio: Studio, origin: Origin) -> None:
    with studio.place.database.write() as session:
        task = ask_for(
            session, TaskAction.VOICES, episode=find_episode(session, KEY), origin=origin, requested_by="wu"
        ).task
        task.state, task.finished_at = "done", now()


def test_what_a_person_cancelled_is_not_asked_for_again_by_itself(three: Studio) -> None:
    assert look(three) == "asked for: voice of shots 1, 2, 3"
    cancel(three)
    assert look(three) == f"task 1 {STOPPED}"
    assert look(three) == f"task 1 {STOPPED}"
    assert len(three.rows(Task)) == 1
    [notice] = three.rows(Notice)
    assert notice.text.endswith("; nothing more is started by itself there until somebody does something there")


def verdict(studio: Studio, _folder: Path) -> None:
    studio.review(Stage.IMAGE, reject=[1], reason="too dark")


def verdict_on_the_board(studio: Studio, _folder: Path) -> None:
    studio.set_project(review_storyboard="human")
    with studio.place.database.write() as session:
        episode = find_episode(session, KEY)
        session.execute(sa.update(Storyboard).values(review_state="review"))
        review_storyboard(session, episode, approve=True, reviewer="wu")


def request(studio: Studio, _folder: Path) -> None:
    ask(studio, Origin.PERSON)


def new_board(studio: Studio, folder: Path) -> None:
    import_file(studio.place, storyboard_file(folder, 3), project="p")


def setting(studio: Studio, _folder: Path) -> None:
    with studio.place.database.write() as session:
        set_options(find_project(session, "p"), {"auto_make": True})


def edit(studio: Studio, _folder: Path) -> None:
    edit_timeline(studio.place, KEY, lambda one: move(one, 2, 0), expected_version=0, who="wu")


def no_edit(studio: Studio, _folder: Path) -> None:
    discard_edits(studio.place, KEY, expected_version=0, who="wu")


def freeze(studio: Studio, _folder: Path) -> None:
    with studio.place.database.write() as session:
        set_frozen(session, find_episode(session, KEY), True)


def export(studio: Studio, _folder: Path) -> None:
    studio.export(draft=True)


def word_on_a_charge(studio: Studio, _folder: Path) -> None:
    with studio.place.database.write() as session:
        episode = find_episode(session, KEY)
        generation = Generation(
            project_id=episode.project_id, episode_id=episode.id, capability="image", provider="ark", model="ep",
            request_digest="0" * 64, state="ambiguous", error="the connection broke", run_id="r", worker_id="w",
        )  # fmt: skip
        session.add(generation)
    resolve(studio.place, generation.id, "not_charged", "wu")


ACTS = [verdict, verdict_on_the_board, request, new_board, setting, edit, no_edit, freeze, export, word_on_a_charge]


@pytest.mark.parametrize("act", ACTS)
def test_it_goes_on_once_a_person_does_something_in_the_episode(
    three: Studio, tmp_path: Path, act: Callable[[Studio, Path], None]
) -> None:
    look(three)
    cancel(three)
    act(three, tmp_path)
    assert look(three).startswith("asked for: ")


def test_what_is_decided_while_the_cancelled_run_still_ends_counts(three: Studio) -> None:
    look(three)
    with three.place.database.write() as session:
        [order] = lease_next(session, "a test", room=2)
        launched(session, order.task, order.attempt, "r1")
    cancel(three)
    three.review(Stage.IMAGE, reject=[1], reason="too dark")
    compare_tasks(three.place, lambda tasks: {task: SeenRun("r1", RunState.CANCELLED) for task in tasks})
    assert look(three) == "asked for: image of shot 1; voice of shots 1, 2, 3"


def test_a_run_that_is_terminated_in_dagster_stops_its_episode_too(three: Studio) -> None:
    look(three)
    with three.place.database.write() as session:
        [order] = lease_next(session, "a test", room=2)
        launched(session, order.task, order.attempt, "r1")
    compare_tasks(three.place, lambda tasks: {task: SeenRun("r1", RunState.CANCELLED) for task in tasks})
    assert look(three).startswith("task 1 was cancelled in Dagster: nothing is started by itself")


def test_neither_a_schedule_nor_the_cancelled_run_itself_counts_as_a_person(three: Studio) -> None:
    look(three)
    cancel(three)
    three.make(Stage.VOICE, three.run(shots=[1]))
    ask(three, Origin.SCHEDULE)
    assert look(three) == f"task 1 {STOPPED}"


def test_the_cancelled_task_of_a_person_stops_nothing(three: Studio) -> None:
    with three.place.database.write() as session:
        episode = find_episode(session, KEY)
        ask_for(session, TaskAction.IMAGES, episode=episode, origin=Origin.PERSON, requested_by="lin")
    cancel(three)
    assert look(three) == "asked for: voice of shots 1, 2, 3"


def test_another_episode_goes_on(three: Studio, tmp_path: Path) -> None:
    look(three)
    cancel(three)
    import_file(three.place, storyboard_file(tmp_path, 1, episode=2), project="p")
    let_rest(three)
    judged = {one.episode: one.outcome for one in ask_for_due_work(three.place)}
    assert judged[KEY] == f"task 1 {STOPPED}"
    assert judged["p-e002"].startswith("asked for: ")


def let_rest(studio: Studio) -> None:
    """Nothing has changed of late: every episode is looked at in its turn."""
    with studio.place.database.write() as session:
        session.execute(sa.update(Episode).values(changed_since=None))


def test_the_tick_says_which_episodes_are_stopped(three: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensor_module, "installation", lambda: three.place)
    look(three)
    cancel(three)
    let_rest(three)
    found = sensor_module.episodes_with_work(dg.build_sensor_context())
    assert isinstance(found, dg.SkipReason)
    assert found.skip_message == f"1 episodes were looked at, nothing was asked for; {KEY}: task 1 {STOPPED}"
