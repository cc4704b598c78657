"""Which task goes next, and what becomes of one: tables over pure functions."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.tasks.actions import TaskAction, TaskSettings
from aianime_pipeline.production.tasks.judging import Change, RunState, SeenRun, SeenTask, judge
from aianime_pipeline.production.tasks.orders import TaskOrder, run_order
from aianime_pipeline.production.tasks.states import MOST_ATTEMPTS, Candidate, TaskState, choose, next_attempt_at

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)


def ids(chosen: list[Candidate]) -> list[int]:
    return [one.task for one in chosen]


def test_what_is_urgent_goes_first_then_what_is_oldest() -> None:
    waiting = [Candidate(1, 1, 1, 2), Candidate(2, 1, 2, 1), Candidate(3, 1, 3, 0), Candidate(4, 1, 4, 1)]
    assert ids(choose(waiting, [], 3)) == [3, 2, 4]


def test_projects_take_turns_however_much_one_of_them_asks_for() -> None:
    waiting = [Candidate(n, 1, n, 1) for n in range(1, 6)] + [Candidate(9, 2, 9, 1)]
    assert ids(choose(waiting, [Candidate(50, 1, 50, 1)], 2)) == [9, 1]


def test_of_one_episode_one_task_is_at_work_at_a_time() -> None:
    waiting = [Candidate(1, 1, 7, 1), Candidate(2, 1, 7, 0), Candidate(3, 1, 8, 1)]
    assert ids(choose(waiting, [], 5)) == [2, 3]
    assert ids(choose(waiting, [Candidate(9, 1, 7, 1)], 5)) == [3]


def test_tasks_about_no_episode_keep_no_other_apart() -> None:
    assert ids(choose([Candidate(1, None, None, 1), Candidate(2, None, None, 1)], [], 5)) == [1, 2]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(0, 2)), max_size=12),
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 6)), max_size=4),
    st.integers(-1, 8),
)
def test_a_choice_never_exceeds_its_room_nor_doubles_an_episode(
    waiting: list[tuple[int, int, int]], in_flight: list[tuple[int, int]], room: int
) -> None:
    candidates = [Candidate(n, project, episode, rank) for n, (project, episode, rank) in enumerate(waiting)]
    flying = [Candidate(100 + n, project, episode, 1) for n, (project, episode) in enumerate(in_flight)]
    chosen = choose(candidates, flying, room)
    episodes = [one.episode for one in chosen]
    assert len(chosen) <= max(room, 0)
    assert len(set(episodes)) == len(episodes)
    assert not set(episodes) & {one.episode for one in flying}
    if len(chosen) < room:
        # Whoever is left has its episode busy.
        assert {one.episode for one in candidates} <= {*episodes, *(one.episode for one in flying)}


RUN = "r1"
RUNNING, LAUNCHING = TaskState.RUNNING, TaskState.LAUNCHING
JUDGED: list[tuple[str, SeenTask, SeenRun | None, Change | None]] = [
    ("launching, and its lease holds", SeenTask(LAUNCHING, 1, False, False), None, None),
    (
        "launching, and whoever launched it is gone",
        SeenTask(LAUNCHING, 1, True, False),
        None,
        Change(TaskState.WAITING, "its run was not launched", None, NOON + timedelta(seconds=5)),
    ),
    (
        "launched by one who could not write it down",
        SeenTask(LAUNCHING, 1, False, False),
        SeenRun(RUN, RunState.QUEUED),
        Change(TaskState.RUNNING, run_id=RUN),
    ),
    ("at work", SeenTask(RUNNING, 1, True, False), SeenRun(RUN, RunState.RUNNING), None),
    ("done", SeenTask(RUNNING, 1, True, False), SeenRun(RUN, RunState.SUCCEEDED), Change(TaskState.DONE, run_id=RUN)),
    (
        "cancelled in the Dagster UI",
        SeenTask(RUNNING, 1, True, False),
        SeenRun(RUN, RunState.CANCELLED),
        Change(TaskState.CANCELLED, "its run was cancelled", RUN),
    ),
    (
        "its process was killed",
        SeenTask(RUNNING, 2, True, False),
        SeenRun(RUN, RunState.LOST, "gone"),
        Change(TaskState.WAITING, "gone", RUN, NOON + timedelta(seconds=20)),
    ),
    (
        "its process was killed again and again",
        SeenTask(RUNNING, MOST_ATTEMPTS, True, False),
        SeenRun(RUN, RunState.LOST, "gone"),
        Change(TaskState.FAILED, f"gone, {MOST_ATTEMPTS} times", RUN),
    ),
    (
        "its process was killed while it was being cancelled",
        SeenTask(RUNNING, 1, True, True),
        SeenRun(RUN, RunState.LOST, "gone"),
        Change(TaskState.CANCELLED, "gone", RUN),
    ),
    (
        "shots failed that a person has to look at",
        SeenTask(RUNNING, 1, True, False),
        SeenRun(RUN, RunState.FAILED, "shot 3"),
        Change(TaskState.FAILED, "shot 3", RUN),
    ),
    (
        "shots failed by something that passes",
        SeenTask(RUNNING, 1, True, False, NOON + A_MINUTE),
        SeenRun(RUN, RunState.FAILED, "shot 3"),
        Change(TaskState.WAITING, "shot 3", RUN, NOON + A_MINUTE),
    ),
    (
        "a second run left shots alone that failed",
        SeenTask(RUNNING, 2, True, False, missing="shot 3 (image) failed: refused"),
        SeenRun(RUN, RunState.SUCCEEDED),
        Change(TaskState.DONE, "done, but shot 3 (image) failed: refused", RUN),
    ),
    (
        "a second run left shots alone whose pause is not over",
        SeenTask(RUNNING, 2, True, False, NOON + A_MINUTE, "shot 3 (image) failed: down"),
        SeenRun(RUN, RunState.SUCCEEDED),
        Change(TaskState.WAITING, "shot 3 (image) failed: down", RUN, NOON + A_MINUTE),
    ),
    (
        "the last of all runs left shots alone whose pause is not over",
        SeenTask(RUNNING, MOST_ATTEMPTS, True, False, NOON + A_MINUTE, "shot 3 (image) failed: down"),
        SeenRun(RUN, RunState.SUCCEEDED),
        Change(TaskState.DONE, "done, but shot 3 (image) failed: down", RUN),
    ),
    (
        "nobody asked for it, and shots are tried again later",
        SeenTask(RUNNING, 1, True, False, NOON + A_MINUTE, "shot 3 (image) failed: down", automatic=True),
        SeenRun(RUN, RunState.SUCCEEDED),
        Change(TaskState.DONE, "done, but shot 3 (image) failed: down", RUN),
    ),
    (
        "its run was deleted",
        SeenTask(RUNNING, 1, True, False),
        None,
        Change(TaskState.WAITING, "its run is gone from Dagster", None, NOON + timedelta(seconds=5)),
    ),
]


@pytest.mark.parametrize(("task", "run", "change"), [row[1:] for row in JUDGED], ids=[row[0] for row in JUDGED])
def test_a_task_becomes_what_its_run_says(task: SeenTask, run: SeenRun | None, change: Change | None) -> None:
    assert judge(task, run, NOON) == change


def test_the_time_between_attempts_grows_and_has_an_end() -> None:
    waits = [next_attempt_at(attempt, NOON) - NOON for attempt in (1, 2, 3, 9)]
    assert [wait.total_seconds() for wait in waits] == [5, 20, 80, 600]


@pytest.mark.parametrize(
    ("action", "document", "wrong"),
    [
        (TaskAction.FILM, {"shots": [1]}, "film does not take shots; it takes no settings"),
        (TaskAction.PIPELINE, {"to": "moon"}, "to is 'moon'; it takes one of storyboard, images"),
        (TaskAction.IMAGES, {"shots": ["3"]}, "it takes the numbers of shots"),
        (TaskAction.IMAGES, {"shots": [0]}, "it takes the numbers of shots"),
        (TaskAction.IMAGES, {"shots": [True]}, "it takes the numbers of shots"),
        (TaskAction.CLEANUP, {"dry_run": "yes"}, "dry_run is 'yes'; it takes true or false"),
    ],
)
def test_settings_that_an_action_does_not_take_are_refused(
    action: TaskAction, document: dict[str, object], wrong: str
) -> None:
    with pytest.raises(BadSettingError, match=wrong):
        TaskSettings.of(action, document)


def order(action: TaskAction, **changes: object) -> TaskOrder:
    settings = TaskSettings.of(action, changes)
    return TaskOrder(7, 2, action, settings, "moonlit-e003", "moonlit", "lin", 0, False)


def test_a_run_is_named_by_its_task_and_attempt_and_says_who_wants_it() -> None:
    run = run_order(order(TaskAction.VIDEOS, shots=[4, 2], force=True))
    assert run.key == "task:7:2"
    assert run.assets == ("shot_videos",)
    assert run.config["resources"]["request"]["config"] == {"shots": [2, 4], "force": True, "leave_failed": True}
    assert run.tags == {
        "aianime/task": "7",
        "aianime/attempt": "2",
        "aianime/requester": "lin",
        "aianime/project": "moonlit",
        "aianime/episode": "moonlit-e003",
        "aianime/shots": "2,4",
        "dagster/partition": "moonlit-e003",
        "dagster/priority": "0",
        "dagster/max_retries": "0",
    }


@pytest.mark.parametrize(
    ("to", "last"),
    [(StageName.STORYBOARD, "storyboards"), (StageName.VIDEOS, "shot_videos"), (StageName.PACKAGE, "episode_zips")],
)
def test_a_pipeline_makes_all_that_comes_before_its_last_stage(to: StageName, last: str) -> None:
    assets = run_order(order(TaskAction.PIPELINE, to=to.value)).assets
    assert assets[0] == "screenplays"
    assert assets[-1] == last
