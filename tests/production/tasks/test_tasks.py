"""Tasks in the database: asked for once, leased by one, compared with their runs. On both databases."""

import json
import threading
from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from support.making import KEY, Studio

from aianime_pipeline.dagster_runs import cancel_runs
from aianime_pipeline.db.models import CompositeTask, Episode, Event, Mark, Notice, Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.definitions import defs
from aianime_pipeline.errors import BadSettingError, NotFoundError, StateError
from aianime_pipeline.film.presets.presets import ExportPreset
from aianime_pipeline.film.timeline.edits import move
from aianime_pipeline.production.automation.asking import ask_for_due_work
from aianime_pipeline.production.draining import DRAINING
from aianime_pipeline.production.episodes.rows import find_episode, get_or_create_episode
from aianime_pipeline.production.films.composites import edit_timeline
from aianime_pipeline.production.projects.keeping import get_or_create_project
from aianime_pipeline.production.shots.failures import Failure, FailureKind
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Origin, ask_for
from aianime_pipeline.production.tasks.cancelling import cancel_task, runs_to_cancel
from aianime_pipeline.production.tasks.comparing import Look, compare_tasks
from aianime_pipeline.production.tasks.judging import RunState, SeenRun
from aianime_pipeline.production.tasks.leasing import MOST_AT_ONCE, give_back, launched, lease_next
from aianime_pipeline.production.tasks.orders import TaskOrder


@pytest.fixture
def three(studio: Studio, tmp_path: Path) -> Studio:
    studio.storyboard(tmp_path, 3)
    return studio


def ask(studio: Studio, action: TaskAction = TaskAction.IMAGES, **options: Any) -> Task:
    with studio.place.database.write() as session:
        about = {"episode": find_episode(session, KEY)} if action is not TaskAction.REPORT else {}
        usual: dict[str, Any] = {"origin": Origin.PERSON, "requested_by": "lin"}
        return ask_for(session, action, **about, **(usual | options)).task


def lease(studio: Studio, room: int = 2, **options: Any) -> list[TaskOrder]:
    with studio.place.database.write() as session:
        return lease_next(session, "a test", room=room, **options)


def task(studio: Studio, task_id: int) -> Task:
    with studio.place.database.read() as session:
        return session.get_one(Task, task_id)


def launch(studio: Studio, run_id: str = "r1") -> TaskOrder:
    [order] = lease(studio)
    with studio.place.database.write() as session:
        launched(session, order.task, order.attempt, run_id)
    return order


def runs(*seen: SeenRun) -> Look:
    by_task = dict(enumerate(seen, start=1))
    return lambda tasks: {task_id: by_task[task_id] for task_id in tasks if task_id in by_task}


def test_the_same_wish_is_one_task_however_often_it_is_asked_for(three: Studio) -> None:
    first = ask(three, key="schedule:a:1:t")
    with three.place.database.write() as session:
        again = ask_for(
            session,
            TaskAction.IMAGES,
            episode=find_episode(session, KEY),
            origin=Origin.SCHEDULE,
            requested_by="a schedule",
            key="schedule:a:1:t",
        )
    assert (again.task.id, again.new) == (first.id, False)
    assert len(three.rows(Task)) == 1


def test_whoever_asks_for_more_is_told_what_comes_before(three: Studio) -> None:
    first = ask(three)
    with three.place.database.write() as session:
        second = ask_for(
            session,
            TaskAction.VIDEOS,
            episode=find_episode(session, KEY),
            origin=Origin.PERSON,
            requested_by="wu",
        )
    assert second.new
    assert second.before is not None
    assert (second.before.id, second.before.requested_by) == (first.id, "lin")


def test_a_task_is_about_an_episode_where_its_action_is_and_about_none_where_not(three: Studio) -> None:
    with three.place.database.write() as session, pytest.raises(BadSettingError, match="images is about one episode"):
        ask_for(session, TaskAction.IMAGES, origin=Origin.PERSON, requested_by="lin")
    with three.place.database.write() as session, pytest.raises(BadSettingError, match="report is about no episode"):
        ask_for(
            session, TaskAction.REPORT, episode=find_episode(session, KEY), origin=Origin.PERSON, requested_by="lin"
        )  # fmt: skip


def test_two_that_launch_at_once_never_take_the_same_task(three: Studio) -> None:
    for _ in range(4):
        ask(three, TaskAction.REPORT)
    taken: list[TaskOrder] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        taken.extend(lease(three, room=4))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(order.task for order in taken) == [1, 2, 3, 4]


def test_what_is_due_later_waits_and_so_does_everything_while_the_installation_drains(three: Studio) -> None:
    ask(three, due_at=now() + timedelta(minutes=9))
    assert lease(three) == []
    ask(three, TaskAction.REPORT)
    with three.place.database.write() as session:
        session.add(Mark(name=DRAINING, instant=now()))
    assert lease(three) == []


def test_however_many_wait_the_next_are_found_and_each_project_has_its_turn(three: Studio) -> None:
    # More than one look at the waiting ones can hold: of an episode that is at work, and of one project.
    ask(three)
    [busy] = lease(three, room=1)
    with three.place.database.write() as session:
        at_work = session.get_one(Episode, session.get_one(Task, busy.task).episode_id)
        of_it = {"project_id": at_work.project_id, "episode_id": at_work.id, "priority": 0, "action": "images"}
        of_it |= {"settings": {}, "origin": "person", "requested_by": "lin", "result": {}}
        session.execute(sa.insert(Task), [of_it] * 1_500)
        numbers = range(2, 2 + 2 * MOST_AT_ONCE)
        others = [get_or_create_episode(session, at_work.project, number, "") for number in numbers]
        session.execute(sa.insert(Task), [of_it | {"episode_id": other.id, "priority": 1} for other in others])
        late = get_or_create_project(session, "late", title=None, language="zh")
        session.flush()
        lates = get_or_create_episode(session, late, 1, "")
        ids = {other.id for other in others}
        session.execute(sa.insert(Task), [of_it | {"project_id": late.id, "episode_id": lates.id, "priority": 1}])
    orders = lease(three, room=10_000)
    assert len(orders) == MOST_AT_ONCE
    with three.place.database.read() as session:
        episodes = [session.get_one(Task, order.task).episode_id for order in orders]
    assert episodes[0] == lates.id
    assert len(set(episodes[1:]) & ids) == MOST_AT_ONCE - 1
    assert len(lease(three, room=MOST_AT_ONCE + 3)) == 2


def test_a_task_that_was_certainly_not_launched_waits_again_and_lost_no_attempt(three: Studio) -> None:
    ask(three)
    [order] = lease(three)
    with three.place.database.write() as session:
        give_back(session, order.task, order.attempt)
    found = task(three, order.task)
    assert (found.state, found.attempt, found.leased_by) == ("waiting", 0, None)


def test_a_lease_whose_launcher_is_gone_is_taken_over_unless_its_run_is_there(three: Studio) -> None:
    ask(three, TaskAction.REPORT)
    ask(three, TaskAction.REPORT)
    lease(three)
    with three.place.database.write() as session:
        session.execute(sa.update(Task).values(leased_until=now() - timedelta(seconds=1)))
    compare_tasks(three.place, runs(SeenRun("r1", RunState.QUEUED)))
    assert [(one.state, one.run_id, one.attempt) for one in three.rows(Task)] == [
        ("running", "r1", 1),
        ("waiting", None, 1),
    ]


def test_a_finished_task_is_told_once_and_lets_the_episode_be_looked_at(three: Studio) -> None:
    ask(three)
    launch(three)
    look = runs(SeenRun("r1", RunState.SUCCEEDED))
    compare_tasks(three.place, look)
    compare_tasks(three.place, look)
    found = task(three, 1)
    assert found.state == "done"
    assert found.finished_at is not None
    assert [(notice.kind, notice.user) for notice in three.rows(Notice)] == [("task_done", "lin")]
    states = [event.document["state"] for event in three.rows(Event) if event.kind == "task"]
    assert states == ["waiting", "launching", "running", "done"]
    assert three.episode.changed_since is not None


def test_a_look_that_has_no_time_for_all_is_gone_on_with_and_nothing_is_written_of_what_stands(three: Studio) -> None:
    for _ in range(250):
        ask(three, TaskAction.REPORT)
    with three.place.database.write() as session:
        session.execute(sa.update(Task).values(state="running", attempt=1))
    looked: list[list[int]] = []

    def all_queued(tasks: Mapping[int, int]) -> Mapping[int, SeenRun]:
        looked.append(list(tasks))
        return {task_id: SeenRun(f"r{task_id}", RunState.QUEUED) for task_id in tasks}

    last = 0
    for _ in range(3):
        compared = compare_tasks(three.place, all_queued, after=last, seconds=0)
        assert compared.changed == []
        last = compared.last
    assert looked == [list(range(1, 101)), list(range(101, 201)), [*range(201, 251), *range(1, 51)]]
    assert {found.run_id for found in three.rows(Task)} == {None}
    assert compare_tasks(three.place, all_queued, after=last).last == last


def test_a_run_that_cannot_be_looked_at_fails_the_tick_and_changes_nothing(three: Studio) -> None:
    ask(three)
    launch(three)

    def broken(_tasks: Mapping[int, int]) -> Mapping[int, SeenRun]:
        raise ConnectionError("no database")

    with pytest.raises(ConnectionError):
        compare_tasks(three.place, broken)
    assert task(three, 1).state == "running"


def test_shots_that_failed_by_something_that_passes_have_the_task_tried_again(three: Studio) -> None:
    three.make(Stage.IMAGE)
    ask(three)
    launch(three)
    failure = Failure(FailureKind.TRANSIENT, "ERR_PROVIDER:transient", "down", now())
    with three.place.database.write() as session:
        row = session.merge(three.stage_row(2, Stage.IMAGE))
        row.state, row.failures = "failed", [failure.to_document()]
    compare_tasks(three.place, runs(SeenRun("r1", RunState.FAILED, "shot 2: down")))
    found = task(three, 1)
    assert (found.state, found.reason) == ("waiting", "shot 2: down")
    assert found.due_at > now()


def fail(studio: Studio, number: int, *kinds: FailureKind, ago: timedelta = timedelta(0), why: str = "down") -> None:
    failures = [Failure(kind, "ERR_PROVIDER", why, now() - ago) for kind in kinds]
    with studio.place.database.write() as session:
        row = session.merge(studio.stage_row(number, Stage.IMAGE))
        row.state, row.reason, row.failures = "failed", why, [one.to_document() for one in failures]


def test_a_task_whose_second_run_left_failed_shots_alone_is_done_and_names_them(three: Studio) -> None:
    three.make(Stage.IMAGE)
    ask(three)
    launch(three)
    fail(three, 1, FailureKind.NEEDS_PERSON, why="refused")
    fail(three, 3, FailureKind.NEEDS_PERSON, why="refused")
    compare_tasks(three.place, runs(SeenRun("r1", RunState.SUCCEEDED)))
    found = task(three, 1)
    assert (found.state, found.reason) == ("done", "done, but shots 1, 3 (image) failed: refused")
    [notice] = three.rows(Notice)
    assert (notice.kind, notice.text) == (
        "task_done",
        f"The images of {KEY}: done, but shots 1, 3 (image) failed: refused",
    )
    told = [event.document for event in three.rows(Event) if event.kind == "task"]
    assert told[-1]["reason"] == found.reason


def test_what_failed_of_other_shots_and_stages_is_no_matter_of_a_task(three: Studio) -> None:
    three.make(Stage.IMAGE)
    fail(three, 1, FailureKind.NEEDS_PERSON)
    ask(three, settings={"shots": [2]})
    launch(three)
    compare_tasks(three.place, runs(SeenRun("r1", RunState.SUCCEEDED)))
    ask(three, TaskAction.VOICES)
    launch(three, "r2")
    compare_tasks(three.place, runs(SeenRun("r1", RunState.SUCCEEDED), SeenRun("r2", RunState.SUCCEEDED)))
    assert [(one.state, one.reason) for one in three.rows(Task)] == [("done", ""), ("done", "")]


def test_a_persons_task_is_tried_again_when_all_that_passes_by_itself_may_be(three: Studio) -> None:
    three.make(Stage.IMAGE)
    ask(three)
    launch(three)
    fail(three, 1, FailureKind.TRANSIENT)
    fail(three, 2, FailureKind.TRANSIENT, FailureKind.TRANSIENT)
    compare_tasks(three.place, runs(SeenRun("r1", RunState.SUCCEEDED)))
    found = task(three, 1)
    assert (found.state, found.reason) == ("waiting", "shots 1, 2 (image) failed: down")
    assert timedelta(seconds=100) < found.due_at - now() < timedelta(seconds=121)


def test_an_automatic_task_is_done_though_shots_wait_to_be_tried_again(three: Studio) -> None:
    """Whatever is due then is asked for by itself."""
    three.make(Stage.IMAGE)
    ask(three, origin=Origin.SENSOR, requested_by="automation")
    launch(three)
    fail(three, 2, FailureKind.TRANSIENT)
    compare_tasks(three.place, runs(SeenRun("r1", RunState.SUCCEEDED)))
    assert (task(three, 1).state, task(three, 1).reason) == ("done", "done, but shot 2 (image) failed: down")


def test_shots_that_were_not_begun_after_an_early_stop_are_named_in_the_task(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, 5)
    studio.make(Stage.IMAGE)
    ask(studio)
    launch(studio)
    for number in (1, 2, 3):
        fail(studio, number, FailureKind.NEEDS_PERSON, why="refused")
    with studio.place.database.write() as session:
        session.merge(studio.stage_row(5, Stage.IMAGE)).state = "pending"
    compare_tasks(studio.place, runs(SeenRun("r1", RunState.SUCCEEDED)))
    assert task(studio, 1).reason == (
        "done, but shots 1, 2, 3 (image) failed: refused; shot 5 (image) not begun: too many others failed for the "
        "same cause (ERR_PROVIDER)"
    )


def test_a_task_that_waits_is_cancelled_at_once_and_one_that_runs_has_its_run_ended(three: Studio) -> None:
    ask(three, TaskAction.REPORT)
    ask(three)
    [order] = lease(three, room=1)
    with three.place.database.write() as session:
        launched(session, order.task, order.attempt, "r1")
        cancel_task(session, 2, "wu")
        cancel_task(session, 1, "wu")
        assert runs_to_cancel(session) == ["r1"]
    assert (task(three, 2).state, task(three, 2).reason) == ("cancelled", "cancelled by wu before it began")
    compare_tasks(three.place, runs(SeenRun("r1", RunState.LOST, "its process is gone")))
    assert task(three, 1).state == "cancelled"
    with three.place.database.write() as session:
        with pytest.raises(StateError, match="Task 1 is cancelled already"):
            cancel_task(session, 1, "wu")
        with pytest.raises(NotFoundError, match="There is no task 9"):
            cancel_task(session, 9, "wu")


def settle(studio: Studio) -> None:
    with studio.place.database.write() as session:
        episode = find_episode(session, KEY)
        episode.changed_at = episode.changed_since = now() - timedelta(minutes=5)


def test_an_episode_with_work_has_it_asked_for_once_however_often_it_is_looked_at(three: Studio) -> None:
    three.set_project(auto_make=True, review_image="human")
    settle(three)
    [judged] = ask_for_due_work(three.place)
    assert judged.outcome == "asked for: image of shots 1, 2, 3; voice of shots 1, 2, 3"
    settle(three)
    [again] = ask_for_due_work(three.place)
    assert again.outcome == "task 1 is waiting"
    [made] = three.rows(Task)
    assert (made.origin, made.requested_by, made.action) == ("sensor", "automation", "pipeline")
    assert made.settings["to"] == "voices"


def test_an_episode_that_waits_for_a_person_is_asked_nothing_for_and_says_so(three: Studio) -> None:
    three.set_project(auto_make=True, auto_export=True, review_image="human")
    three.make(Stage.IMAGE)
    three.make(Stage.VOICE)
    settle(three)
    assert [str(one) for one in ask_for_due_work(three.place)] == [f"{KEY}: shots 1, 2, 3 wait for a person"]
    three.review(Stage.IMAGE, approve=[1], reject=[2], reason="no")
    settle(three)
    assert [one.outcome for one in ask_for_due_work(three.place)] == ["asked for: image of shot 2; video of shot 1"]


def test_a_film_is_made_by_itself_once_and_again_when_another_take_was_approved(three: Studio) -> None:
    three.set_project(auto_export=True)
    three.make_all()
    settle(three)
    assert [one.outcome for one in ask_for_due_work(three.place)] == ["asked for: every shot is approved"]
    three.film()
    with three.place.database.write() as session:
        session.execute(sa.update(Task).values(state="done"))
    settle(three)
    assert [one.outcome for one in ask_for_due_work(three.place)] == ["everything is done"]
    three.make(Stage.VIDEO, three.run(shots=[2], force=True))
    settle(three)
    assert [one.outcome for one in ask_for_due_work(three.place)] == ["asked for: every shot is approved"]


def test_a_film_that_a_person_exported_is_packed_by_itself_once(three: Studio) -> None:
    three.set_project(auto_package=True)
    three.make_all()
    three.export(draft=True)
    three.export(preset=ExportPreset("phone", "480p", "9:16", quality="draft"))
    settle(three)
    assert [one.outcome for one in ask_for_due_work(three.place)] == ["everything is done"]
    three.export()
    settle(three)
    assert [one.outcome for one in ask_for_due_work(three.place)] == ["asked for: there is a film that is not packed"]
    three.package()
    with three.place.database.write() as session:
        session.execute(sa.update(Task).values(state="done"))
    settle(three)
    assert [one.outcome for one in ask_for_due_work(three.place)] == ["everything is done"]


def test_a_film_that_a_person_exported_is_not_made_again_by_itself(three: Studio) -> None:
    three.set_project(auto_export=True)
    three.make_all()
    three.export()
    settle(three)
    assert [one.outcome for one in ask_for_due_work(three.place)] == ["everything is done"]
    three.make(Stage.VIDEO, three.run(shots=[2], force=True))
    three.export(draft=True)
    settle(three)
    assert [one.outcome for one in ask_for_due_work(three.place)] == ["asked for: every shot is approved"]


def test_a_film_whose_edit_was_merged_for_its_export_is_of_what_is_selected(three: Studio) -> None:
    three.set_project(auto_export=True)
    three.make_all()
    edit_timeline(three.place, KEY, lambda timeline: move(timeline, 2, 0), expected_version=0, who="wu")
    three.make(Stage.VIDEO, three.run(shots=[2], force=True))
    three.film()
    assert three.rows(CompositeTask)[0].version == 2
    settle(three)
    assert [one.outcome for one in ask_for_due_work(three.place)] == ["everything is done"]


def test_a_project_that_does_nothing_by_itself_is_not_looked_at(three: Studio) -> None:
    settle(three)
    assert ask_for_due_work(three.place) == []


def test_what_fails_again_and_again_is_asked_for_ever_later_until_a_person_asks(three: Studio) -> None:
    three.set_project(auto_make=True)

    def look(minutes_ago: int) -> str:
        """All tasks ended so long ago."""
        with three.place.database.write() as session:
            ended = now() - timedelta(minutes=minutes_ago)
            session.execute(sa.update(Task).values(state="failed", finished_at=ended))
        settle(three)
        [judged] = ask_for_due_work(three.place)
        return judged.outcome.partition(":")[0]

    assert look(0) == "asked for"
    assert [look(2), look(2), look(5), look(5), look(17)] == [
        "asked for",
        "image of shots 1, 2, 3; voice of shots 1, 2, 3",
        "asked for",
        "image of shots 1, 2, 3; voice of shots 1, 2, 3",
        "asked for",
    ]
    ask(three)
    assert look(0) == "asked for"


def test_an_episode_whose_rows_make_no_sense_is_told_and_stops_nothing(three: Studio) -> None:
    three.set_project(auto_make=True)
    three.make(Stage.IMAGE)
    with three.place.database.write() as session:
        row = session.merge(three.stage_row(2, Stage.IMAGE))
        row.failures = [{"kind": "of another version"}]
    settle(three)
    [judged] = ask_for_due_work(three.place)
    assert judged.outcome.startswith("cannot be judged")
    assert three.episode.judged_at is not None


def test_a_task_that_nobody_knows_how_to_do_fails_and_the_others_are_launched(three: Studio) -> None:
    ask(three)
    ask(three, TaskAction.REPORT)
    with three.place.database.write() as session:
        session.execute(sa.update(Task).where(Task.id == 1).values(settings={"zoom": 2}))
    [order] = lease(three)
    assert order.action is TaskAction.REPORT
    found = task(three, 1)
    assert (found.state, found.leased_by) == ("failed", None)
    assert found.reason == "nobody knows how to do it: images does not take zoom; it takes force, shots."


def test_a_tick_of_the_outbox_makes_the_partition_that_a_run_needs(
    three: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("aianime_pipeline.sensors.outbox"), "installation", lambda: three.place)
    ask(three)
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, definitions=defs)
        found = defs.get_sensor_def("outbox").evaluate_tick(context)
        [request] = found.run_requests or []
        assert request.partition_key == KEY
        assert [one.partition_keys for one in found.dynamic_partitions_requests or []] == [[KEY]]


def test_a_run_that_cannot_be_cancelled_does_not_keep_the_others_from_it(three: Studio, tmp_path: Path) -> None:
    nobody = json.dumps({"host": "127.0.0.1", "port": 9})
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        runs = [
            instance.add_run(
                dg.DagsterRun(
                    job_name="report", status=dg.DagsterRunStatus.STARTED, tags={".dagster/grpc_info": nobody}
                )
            )
            for _ in range(2)
        ]
        cancel_runs(instance, [run.run_id for run in runs])
        after = [found.status for run in runs if (found := instance.get_run_by_id(run.run_id)) is not None]
        assert after == [dg.DagsterRunStatus.CANCELING] * 2
