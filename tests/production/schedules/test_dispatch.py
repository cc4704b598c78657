"""What the dispatcher of schedules asks for, and when, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from support.processes import Script
from support.schedules import add_schedule, add_season, asked, at, look, told

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Mark, Schedule, Task
from aianime_pipeline.production.episodes.rows import get_or_create_episode
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.schedules.dispatch import dispatch
from aianime_pipeline.production.schedules.keeping import (
    change_schedule,
    find_schedule,
    remove_schedule,
    schedule_document,
)

BEFORE, DUE = "2026-03-02 08:59:58", "2026-03-02 09:00:03"


@pytest.fixture(autouse=True)
def season(database: Database) -> None:
    add_season(database)


def change(database: Database, moment: str, which: str = "nightly", /, **changes: Any) -> None:
    with database.write() as session:
        change_schedule(session, which, changes, who="wang", at=at(moment))


def spoil(database: Database, name: str, **values: Any) -> None:
    """What no command does: a row from another version, or edited by hand."""
    with database.write() as session:
        session.execute(sa.update(Schedule).where(Schedule.name == name).values(**values))


def test_a_time_that_is_due_is_a_task_for_each_episode(place: Installation, database: Database) -> None:
    row = add_schedule(database, settings={"episodes": "1,3", "shots": [2]})
    assert look(place, BEFORE).asked == 0
    done = look(place, DUE)
    assert done.in_words() == "1 schedules were looked at, 2 tasks asked for."
    with database.read() as session:
        tasks = session.scalars(sa.select(Task).order_by(Task.id)).all()
    assert [task.key for task in tasks] == [f"schedule:{row.uid}:1:2026-03-02T09:00Z:p-e00{n}" for n in (1, 3)]
    for task in tasks:
        assert (task.action, task.settings) == ("images", {"shots": [2], "force": False})
        assert (task.origin, task.requested_by, task.why) == ("schedule", "li", "schedule nightly")
        assert (task.project_id, task.state, task.priority) == (row.project_id, "waiting", 2)
        assert task.due_at == at("2026-03-02 09:00")


def test_what_is_about_no_episode_is_one_task(place: Installation, database: Database) -> None:
    row = add_schedule(database, action="cleanup", project=None, settings={"dry_run": True})
    look(place, BEFORE, DUE)
    with database.read() as session:
        task = session.scalars(sa.select(Task)).one()
    assert (task.key, task.project_id, task.episode_id) == (f"schedule:{row.uid}:1:2026-03-02T09:00Z", None, None)
    assert (task.action, task.settings) == ("cleanup", {"dry_run": True})


def test_all_episodes_are_those_that_there_are_by_then(place: Installation, database: Database) -> None:
    add_schedule(database)
    look(place, BEFORE)
    with database.write() as session:
        get_or_create_episode(session, find_project(session, "p"), 4, "")
    look(place, DUE)
    assert asked(database) == [f"nightly 02 09:00 p-e00{n}" for n in (1, 2, 3, 4)]


def test_each_time_is_asked_for_once_however_often_one_looks(place: Installation, database: Database) -> None:
    add_schedule(database, made=BEFORE, cron="*/5 * * * *", settings={"episodes": "1"})
    add_schedule(database, "daily", made=BEFORE, settings={"episodes": "2"})
    for n in range(15 * 12):
        dispatch(place, at(BEFORE) + timedelta(seconds=5 * n))
    assert asked(database) == [
        "nightly 02 09:00 p-e001",
        "daily 02 09:00 p-e002",
        "nightly 02 09:05 p-e001",
        "nightly 02 09:10 p-e001",
    ]
    assert told(database) == []


def test_while_no_minute_has_begun_nothing_is_looked_at(place: Installation, database: Database) -> None:
    add_schedule(database)
    look(place, BEFORE, DUE)
    done = look(place, "2026-03-02 09:00:59")
    assert (done.schedules, done.waiting) == (
        0,
        "No minute has begun since 09:00:03 (UTC), when schedules were looked at.",
    )
    assert look(place, "2026-03-02 09:01:00").schedules == 1


def test_a_schedule_holds_from_when_it_was_made_also_if_nobody_ever_looked(
    place: Installation, database: Database
) -> None:
    add_schedule(database, "before", made="2026-03-02 08:59:59", settings={"episodes": "1"})
    add_schedule(database, "at", made="2026-03-02 09:00:00", settings={"episodes": "1"})
    add_schedule(database, "after", made="2026-03-02 09:00:01", settings={"episodes": "1"})
    look(place, DUE)
    assert asked(database) == ["before 02 09:00 p-e001"]
    assert told(database) == []


# Changes


def test_a_schedule_that_is_edited_while_due_follows_its_new_self(place: Installation, database: Database) -> None:
    add_schedule(database, "early", settings={"episodes": "1"})
    add_schedule(database, "late", settings={"episodes": "1"})
    look(place, BEFORE)
    change(database, "2026-03-02 08:59:59", "early", settings={"episodes": "2"})
    change(database, "2026-03-02 09:00:01", "late", cron="2 9 * * *")
    look(place, DUE)
    assert asked(database) == ["early 02 09:00 p-e002"]
    look(place, "2026-03-02 09:02:04")
    assert asked(database)[1:] == ["late 02 09:02 p-e001"]
    assert told(database) == []


def test_a_change_that_changes_nothing_gives_up_nothing(place: Installation, database: Database) -> None:
    add_schedule(database, settings={"episodes": "1"})
    look(place, BEFORE)
    change(database, "2026-03-02 09:00:01", enabled=True)
    assert look(place, DUE).asked == 1


def test_a_schedule_that_is_disabled_while_due_asks_for_nothing_and_makes_up_for_nothing(
    place: Installation, database: Database
) -> None:
    add_schedule(database, catch_up="all", grace_seconds=86_400, settings={"episodes": "1"})
    look(place, BEFORE)
    change(database, "2026-03-02 09:00:01", enabled=False)
    assert look(place, DUE).schedules == 0
    change(database, "2026-03-02 09:00:30", enabled=True)
    look(place, "2026-03-02 09:01:03")
    assert (asked(database), told(database)) == ([], [])
    assert look(place, "2026-03-03 09:00:01").asked == 1


def test_a_schedule_that_is_removed_while_due_asks_for_nothing_and_its_tasks_stay(
    place: Installation, database: Database
) -> None:
    add_schedule(database, settings={"episodes": "1"})
    look(place, BEFORE, DUE, "2026-03-03 08:59:58")
    with database.write() as session:
        remove_schedule(session, "nightly", who="wang")
    look(place, "2026-03-03 09:00:03")
    assert asked(database) == ["nightly 02 09:00 p-e001"]


def test_a_new_schedule_of_an_old_name_has_tasks_of_its_own(place: Installation, database: Database) -> None:
    add_schedule(database, settings={"episodes": "1"})
    look(place, BEFORE, DUE)
    with database.write() as session:
        remove_schedule(session, "nightly", who="wang")
    add_schedule(database, made=DUE, settings={"episodes": "1"})
    look(place, "2026-03-03 09:00:03")
    assert asked(database) == ["nightly 02 09:00 p-e001", "nightly 03 09:00 p-e001"]


# Standstills and clocks

AWAY = [
    # catch-up, grace in hours, what is asked for after three hours without anybody, what is told
    ("skip", 6, [], "3 times from 2026-03-02 10:00 to 2026-03-02 12:00 (UTC)", "none of them is made up for"),
    (
        "latest",
        6,
        ["12:00"],
        "2 times from 2026-03-02 10:00 to 2026-03-02 11:00",
        "the latest is made up for within 6h",
    ),
    ("all", 6, ["10:00", "11:00", "12:00"], "", ""),
    ("all", 2, ["11:00", "12:00"], "at 2026-03-02 10:00 (UTC)", "they are made up for within 2h"),
    ("latest", 0.25, [], "3 times", "the latest is made up for within 15m"),
]


@pytest.mark.parametrize(("catch_up", "hours", "run", "when", "rule"), AWAY)
def test_after_three_hours_without_a_daemon(
    place: Installation, database: Database, catch_up: str, hours: float, run: list[str], when: str, rule: str
) -> None:
    grace = int(hours * 3600)
    add_schedule(
        database, made="2026-03-02 09:01", cron="0 * * * *", catch_up=catch_up, grace_seconds=grace,
        settings={"episodes": "1"},
    )  # fmt: skip
    look(place, "2026-03-02 09:10:00")
    done = look(place, "2026-03-02 12:30:00")
    assert asked(database) == [f"nightly 02 {clock} p-e001" for clock in run]
    (text,) = told(database) or [""]
    assert when in text
    assert rule in text
    assert (done.missed > 0) is bool(text)
    look(place, "2026-03-02 12:31:00", "2026-03-02 12:32:00")
    assert (len(asked(database)), len(told(database))) == (len(run), bool(text))


def test_a_clock_that_is_set_back_has_nothing_looked_at_twice(place: Installation, database: Database) -> None:
    add_schedule(database, cron="*/10 * * * *", made=BEFORE, settings={"episodes": "1"})
    look(place, BEFORE, DUE, "2026-03-02 09:10:01")
    done = look(place, "2026-03-02 08:05:00")
    assert done.waiting == "The clock was set back: up to 2026-03-02 09:10:01 (UTC) everything was looked at already."
    look(place, "2026-03-02 09:00:03", "2026-03-02 09:10:00", "2026-03-02 09:10:30", "2026-03-02 09:20:02")
    assert [one[-12:-7] for one in asked(database)] == ["09:00", "09:10", "09:20"]
    assert told(database) == []


def test_after_a_clock_that_was_years_ahead_schedules_go_on_and_nothing_is_asked_for_twice(
    place: Installation, database: Database
) -> None:
    add_schedule(database, made=BEFORE, settings={"episodes": "1"})
    look(place, BEFORE, DUE)
    look(place, "2031-01-01 00:00:00")
    add_schedule(database, "made", made="2031-01-01 00:00:10", settings={"episodes": "2"})
    look(place, "2026-03-02 09:00:10")
    assert told(database)[-1].startswith("The clock was set back from 2031-01-01 00:00 to 2026-03-02 09:00 (UTC).")
    look(place, "2026-03-02 09:01:00", "2026-03-03 09:00:02")
    assert asked(database) == ["nightly 02 09:00 p-e001", "nightly 03 09:00 p-e001", "made 03 09:00 p-e002"]


def test_when_the_clocks_change_a_day_has_one_run(place: Installation, database: Database) -> None:
    add_schedule(
        database, made="2026-03-07 08:00", cron="30 2 * * *", time_zone="America/New_York", settings={"episodes": "1"}
    )
    for day in ("2026-03-08", "2026-03-09"):
        for hour in range(10):
            look(place, f"{day} {hour:02}:00:01", f"{day} {hour:02}:30:01")
    # 3:00 in the night without 2:30, 2:30 in the one after, both in summer time.
    assert asked(database) == ["nightly 08 07:00 p-e001", "nightly 09 06:30 p-e001"]


# Rows that nobody can evaluate

SPOILT: list[tuple[dict[str, Any], str]] = [
    ({"cron": "0 9 * *"}, "it has 4 fields and takes five"),
    ({"time_zone": "Mars/Olympus"}, "'Mars/Olympus' is no time zone"),
    ({"action": "dance"}, "action is 'dance'; it takes one of pipeline"),
    ({"settings": {"episodes": "x"}}, "episodes is 'x'; it takes all"),
    ({"settings": {"episodes": "7-9"}}, "Project p has no episode of the numbers 7-9 yet."),
    ({"settings": {"to": 3}}, "images does not take to"),
    ({"settings": ["all"]}, "settings is ['all']; it takes an object"),
    ({"catch_up": "some"}, "catch_up is 'some'; it takes one of skip, latest, all"),
    ({"grace_seconds": -5}, "a minute to 31 days"),
    ({"project_id": None}, "images is of a project: name it"),
]


@pytest.mark.parametrize(("values", "problem"), SPOILT, ids=[str(one[0]) for one in SPOILT])
def test_a_row_that_cannot_be_evaluated_says_so_once_and_stops_no_other(
    place: Installation, database: Database, values: dict[str, Any], problem: str
) -> None:
    add_schedule(database, "spoilt")
    add_schedule(database, "good", settings={"episodes": "1"})
    look(place, "2026-03-01 09:00:03", BEFORE)
    spoil(database, "spoilt", **values)
    tasks = len(asked(database))
    done = look(place, DUE)
    assert (done.problems, done.asked) == (1, 1)
    assert "1 schedules cannot be run" in done.in_words()
    assert asked(database)[tasks:] == ["good 02 09:00 p-e001"]
    with database.read() as session:
        row = find_schedule(session, "spoilt")
        assert problem in row.problem
        assert row.problem in schedule_document(session, row, at(DUE))["problem"]
    look(place, "2026-03-02 09:01:00", "2026-03-03 09:00:03")
    assert told(database) == [f"Schedule spoilt cannot be run: {row.problem}"]
    assert len(asked(database)) == tasks + 2


def test_a_row_that_was_mended_is_run_again_and_its_problem_gone(place: Installation, database: Database) -> None:
    add_schedule(database, settings={"episodes": "4"})
    look(place, BEFORE, DUE)
    with database.write() as session:
        get_or_create_episode(session, find_project(session, "p"), 4, "")
    look(place, "2026-03-03 09:00:03")
    assert asked(database) == ["nightly 03 09:00 p-e004"]
    with database.read() as session:
        assert find_schedule(session, "nightly").problem == ""
    spoil(database, "nightly", cron="never")
    look(place, "2026-03-04 09:00:03")
    change(database, "2026-03-04 09:01:00", cron="0 10 * * *")
    with database.read() as session:
        assert find_schedule(session, "nightly").problem == ""
    assert look(place, "2026-03-04 10:00:00").asked == 1


def test_a_problem_shows_in_the_list_before_anybody_has_looked(database: Database) -> None:
    row = add_schedule(database)
    spoil(database, "nightly", cron="never")
    with database.read() as session:
        found = schedule_document(session, find_schedule(session, row.name), at(DUE))
    assert found["next"] == []
    assert "'never' does not fit" in found["problem"]


# Many rows, and several dispatchers


def test_of_ten_thousand_schedules_those_are_asked_for_that_are_due(place: Installation, database: Database) -> None:
    row = add_schedule(database, "due", made=BEFORE, settings={"episodes": "1"})
    add_schedule(database, "fast", made=BEFORE, cron="* * * * *", settings={"episodes": "2"})
    many = [
        {
            "uid": f"uid-{n}", "name": f"schedule {n}", "project_id": row.project_id, "cron": f"{n % 60} {n % 8} * * *",
            "time_zone": ("UTC", "Asia/Karachi")[n % 2], "action": "film", "settings": {"episodes": "all"},
            "created_by": "li", "updated_at": at(BEFORE), "created_at": at(BEFORE),
        }
        for n in range(9_998)
    ]  # fmt: skip
    with database.write() as session:
        session.execute(sa.insert(Schedule), many)
    assert look(place, BEFORE, DUE).schedules == 10_000
    look(place, "2026-03-02 09:01:02")
    assert asked(database) == ["due 02 09:00 p-e001", "fast 02 09:00 p-e002", "fast 02 09:01 p-e002"]


def test_each_of_very_many_that_were_missed_is_told_once(place: Installation, database: Database) -> None:
    project = add_season(database, "q", 1)
    many = [
        {
            "uid": f"uid-{n}", "name": f"schedule {n}", "project_id": project.id, "cron": "0 9 * * *",
            "time_zone": "UTC", "action": "film", "settings": {}, "created_by": "li", "catch_up": "skip",
            "updated_at": at(BEFORE), "created_at": at(BEFORE),
        }
        for n in range(1_203)
    ]  # fmt: skip
    with database.write() as session:
        session.execute(sa.insert(Schedule), many)
    done = look(place, "2026-03-02 09:30:00")
    assert (done.schedules, done.asked, done.missed) == (1_203, 0, 1_203)
    assert len(told(database)) == 1_203
    with database.read() as session:
        assert [row.name for row in session.scalars(sa.select(Mark))] == ["schedules"]


TOGETHER = """
import multiprocessing, sys
from datetime import datetime, timedelta
from types import SimpleNamespace
from aianime_pipeline.db.engine import Database
from aianime_pipeline.production.schedules.dispatch import dispatch

def work(number, url, start, made):
    place = SimpleNamespace(database=Database(url))
    moment = datetime.fromisoformat("2026-03-02 08:59:58+00:00")
    count = 0
    for turn in range(20):
        start.wait()
        count += dispatch(place, moment + turn * timedelta(minutes=1, milliseconds=number)).asked
    made.put(count)

fork = multiprocessing.get_context("fork")
start, made = fork.Barrier(4), fork.Queue()
workers = [fork.Process(target=work, args=(number, sys.argv[1], start, made)) for number in range(4)]
for worker in workers:
    worker.start()
print(*(made.get(timeout=120) for _ in workers))
for worker in workers:
    worker.join()
"""


def test_of_several_dispatchers_at_once_one_asks_for_each_time(
    place: Installation, database: Database, migrated_url: str
) -> None:
    add_schedule(database, made=BEFORE, cron="* * * * *", settings={"episodes": "1-2"})
    counts = [int(word) for word in Script(TOGETHER, migrated_url).end().split()]
    minutes = [f"02 09:{minute:02}" for minute in range(19)]
    assert asked(database) == [f"nightly {minute} p-e00{n}" for minute in minutes for n in (1, 2)]
    assert sum(counts) == len(asked(database))
    assert told(database) == []


UNTIL_THE_COMMIT = """
import sys
from datetime import datetime
from types import SimpleNamespace
import sqlalchemy as sa
from sqlalchemy.orm import Session
from aianime_pipeline.db.engine import Database
from aianime_pipeline.production.schedules.dispatch import dispatch

def pause(session):
    session.flush()
    print("asked", flush=True)
    sys.stdin.readline()

sa.event.listen(Session, "before_commit", pause)
dispatch(SimpleNamespace(database=Database(sys.argv[1])), datetime.fromisoformat(sys.argv[2]))
"""


def test_a_dispatcher_that_is_killed_before_its_commit_has_asked_for_nothing_and_lost_nothing(
    place: Installation, database: Database, migrated_url: str
) -> None:
    add_schedule(database)
    look(place, BEFORE)
    killed = Script(UNTIL_THE_COMMIT, migrated_url, f"{DUE}+00:00")
    killed.says("asked")
    killed.kill()
    assert asked(database) == []
    assert look(place, "2026-03-02 09:00:08").asked == 3


UNTIL_THE_SECOND_COMMIT = UNTIL_THE_COMMIT.replace(
    'print("asked", flush=True)',
    "commits.append(1)\n    if len(commits) == 1:\n        return\n    print('asked', flush=True)",
).replace("def pause", "commits = []\n\ndef pause")


def test_where_very_much_is_due_it_is_asked_for_piece_by_piece_and_each_once(
    place: Installation, database: Database, migrated_url: str
) -> None:
    add_season(database, "long", episodes=300)
    for name in ("a", "b", "c", "d"):
        add_schedule(database, name, project="long", action="film", catch_up="skip")
    spoil(database, "b", cron="never")
    look(place, BEFORE)
    killed = Script(UNTIL_THE_SECOND_COMMIT, migrated_url, f"{DUE}+00:00")
    killed.says("asked")
    killed.kill()
    assert [one[:1] for one in asked(database)] == ["a"] * 300 + ["c"] * 300
    # Whoever goes on later judges by the moment of the look that was begun: nothing has become late meanwhile.
    done = look(place, "2026-03-02 09:20:00")
    assert (done.asked, done.missed) == (300, 0)
    assert [one[:1] for one in asked(database)] == ["a"] * 300 + ["c"] * 300 + ["d"] * 300
    assert len(told(database)) == 1
    assert look(place, "2026-03-03 09:00:03").asked == 900


def test_a_change_waits_for_a_dispatcher_and_the_next_look_sees_it(
    place: Installation, database: Database, migrated_url: str
) -> None:
    add_schedule(database, settings={"episodes": "1"})
    look(place, BEFORE)
    dispatcher = Script(UNTIL_THE_COMMIT, migrated_url, f"{DUE}+00:00")
    dispatcher.says("asked")
    changer = Script(
        "import sys\n"
        "from datetime import datetime\n"
        "from aianime_pipeline.db.engine import Database\n"
        "from aianime_pipeline.production.schedules.keeping import change_schedule\n"
        "with Database(sys.argv[1]).write() as session:\n"
        "    row = change_schedule(session, 'nightly', {'cron': '1 9 * * *'}, who='wang',\n"
        "                          at=datetime.fromisoformat('2026-03-02 08:59:59+00:00'))\n"
        "print(row.revision)\n",
        migrated_url,
    )
    dispatcher.tell("go on")
    dispatcher.end()
    assert changer.end().strip() == "2"
    look(place, "2026-03-02 09:01:05")
    assert asked(database) == ["nightly 02 09:00 p-e001", "nightly 02 09:01 p-e001"]


def test_how_far_was_looked_is_kept_with_the_tasks(place: Installation, database: Database) -> None:
    add_schedule(database)
    look(place, BEFORE, DUE)
    with database.read() as session:
        assert session.get_one(Mark, "schedules").instant == at(DUE)
