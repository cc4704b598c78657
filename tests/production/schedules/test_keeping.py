from typing import Any

import pytest
import sqlalchemy as sa
from support.schedules import add_schedule, add_season, at

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Event, Schedule
from aianime_pipeline.errors import BadSettingError, NotFoundError, PipelineError, StaleVersionError
from aianime_pipeline.production.schedules.keeping import (
    change_schedule,
    create_schedule,
    find_schedule,
    list_schedules,
    remove_schedule,
    schedule_document,
)

MARCH = at("2026-03-02 12:00")


@pytest.fixture(autouse=True)
def season(database: Database) -> None:
    add_season(database)


def change(database: Database, which: str = "nightly", /, revision: int | None = None, **changes: Any) -> Schedule:
    with database.write() as session:
        return change_schedule(session, which, changes, who="wang", revision=revision, at=MARCH)


def test_a_schedule_is_kept_in_one_way_of_writing_with_everything_that_is_usual(database: Database) -> None:
    row = add_schedule(
        database, "夜间", cron="0  9 * * mon", time_zone="asia/shanghai", settings={"episodes": [3, 4, 5]}
    )
    with database.read() as session:
        found = schedule_document(session, find_schedule(session, "夜间"), MARCH)
    assert found == {
        "uid": row.uid,
        "name": "夜间",
        "project": "p",
        "cron": "0 9 * * MON",
        "time_zone": "Asia/Shanghai",
        "action": "images",
        "settings": {"episodes": "3-5", "force": False, "shots": []},
        "enabled": True,
        "catch_up": "latest",
        "grace_seconds": 3600,
        "revision": 1,
        "created_by": "li",
        "created_at": "2026-03-02T08:00:00+00:00",
        "updated_at": "2026-03-02T08:00:00+00:00",
        "problem": "",
        "next": [f"2026-{day}T09:00:00+08:00" for day in ("03-09", "03-16", "03-23", "03-30", "04-06")],
    }


def test_the_next_times_are_those_of_the_zones_clock_when_it_changes(database: Database) -> None:
    row = add_schedule(database, cron="30 2 * * *", time_zone="America/New_York")
    with database.read() as session:
        following = schedule_document(session, row, at("2026-03-07 12:00"))["next"]
        assert following[:2] == ["2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"]
        following = schedule_document(session, row, at("2026-10-31 12:00"))["next"]
        assert following[:2] == ["2026-11-01T02:30:00-05:00", "2026-11-02T02:30:00-05:00"]


def test_each_action_takes_its_own_settings(database: Database) -> None:
    taken = {"episodes": "all", "force": True, "shots": [3, 4], "to": "images"}
    assert add_schedule(database, "a", action="pipeline", settings=taken).settings == taken
    assert add_schedule(database, "b", action="film").settings == {"episodes": "all"}
    clean = add_schedule(database, "c", action="cleanup", project=None, settings={"dry_run": True})
    assert (clean.project_id, clean.settings) == (None, {"dry_run": True})
    assert add_schedule(database, "d", action="report", project=None).settings == {}


def test_a_change_is_the_next_revision_from_that_moment_and_keeps_the_rest(database: Database) -> None:
    before = add_schedule(database, settings={"episodes": "2", "shots": [1]}, catch_up="all", grace_seconds=60)
    after = change(database, cron="0 10 * * *", settings={"force": True})
    assert (after.uid, after.revision, after.updated_at, after.created_by) == (before.uid, 2, MARCH, "li")
    assert (after.cron, after.catch_up, after.grace_seconds) == ("0 10 * * *", "all", 60)
    assert after.settings == {"episodes": "2", "shots": [1], "force": True}
    assert change(database, name="hourly", enabled=False).revision == 3
    assert change(database, "hourly", time_zone="UTC", enabled=False, settings={"episodes": [2]}).revision == 3


def test_another_action_keeps_the_episodes_and_has_its_own_settings_as_usual(database: Database) -> None:
    add_schedule(database, action="pipeline", settings={"episodes": "2-3", "to": "images", "force": True})
    assert change(database, action="film").settings == {"episodes": "2-3"}
    assert change(database, action="videos").settings == {"episodes": "2-3", "force": False, "shots": []}
    clean = change(database, action="cleanup")
    assert (clean.project_id, clean.settings) == (None, {"dry_run": False})
    with pytest.raises(BadSettingError, match="film is of a project: name it"):
        change(database, action="film")
    assert change(database, action="film", project="p").settings == {"episodes": "all"}


def test_a_schedule_stays_whose_it_is_where_only_that_ones_rights_were_looked_at(database: Database) -> None:
    before = add_schedule(database, action="pipeline", settings={"episodes": "2-3"})
    with database.write() as session, pytest.raises(BadSettingError, match="does not become cleanup"):
        change_schedule(session, "nightly", {"action": "cleanup"}, who="wang", stays=True)
    with database.write() as session:
        after = change_schedule(session, "nightly", {"action": "film"}, who="wang", stays=True)
        assert (after.action, after.project_id, after.revision) == ("film", before.project_id, 2)


def test_who_saw_an_older_revision_is_refused(database: Database) -> None:
    add_schedule(database)
    change(database, revision=1, enabled=False)
    with pytest.raises(StaleVersionError, match="is at revision 2 and not 1"):
        change(database, revision=1, enabled=True)


def test_a_removed_schedule_is_gone_and_its_name_free(database: Database) -> None:
    first = add_schedule(database)
    with database.write() as session:
        assert remove_schedule(session, "nightly", who="wang").uid == first.uid
    with database.read() as session, pytest.raises(NotFoundError, match="there are: none yet"):
        find_schedule(session, "nightly")
    assert add_schedule(database).uid != first.uid


def test_they_are_listed_by_name_also_of_one_project(database: Database) -> None:
    q = add_season(database, "q", 1)
    add_schedule(database, "b")
    add_schedule(database, "a", project="q")
    add_schedule(database, "c", action="report", project=None)
    with database.read() as session:
        assert [row.name for row in list_schedules(session)] == ["a", "b", "c"]
        assert [row.name for row in list_schedules(session, project=q)] == ["a"]


def test_who_made_changed_and_removed_it_is_an_event(database: Database) -> None:
    row = add_schedule(database)
    change(database, name="hourly")
    change(database, "hourly")
    with database.write() as session:
        remove_schedule(session, "hourly", who="zhao")
    with database.read() as session:
        events = session.scalars(sa.select(Event).where(Event.kind == "schedule").order_by(Event.id)).all()
        assert [(event.document["change"], event.document["who"], event.document["name"]) for event in events] == [
            ("created", "li", "nightly"),
            ("changed", "wang", "hourly"),
            ("removed", "zhao", "hourly"),
        ]
        assert {(event.project_id, event.document["schedule"]) for event in events} == {(row.project_id, row.uid)}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"cron": "0 9 * *"}, "it has 4 fields and takes five"),
    ({"cron": None}, "cron is None; it takes a text"),
    ({"time_zone": "Beijing"}, "such as Asia/Shanghai"),
    ({"action": "voices"}, "it takes one of pipeline, images, videos, film, package, cleanup, report"),
    ({"action": ["images"]}, "it takes one of pipeline"),
    ({"project": None}, "images is of a project: name it"),
    ({"project": "q"}, "There is no project 'q'; there are: p"),
    ({"action": "report", "project": "p"}, "report is of no project"),
    ({"settings": {"episodes": "x"}}, "numbers from 1 to 9999 such as 3-8,12"),
    ({"settings": {"to": "images"}}, "images does not take to; it takes force, shots"),
    ({"settings": {"shots": ["3"]}}, "such as [3, 4]"),
    ({"settings": [1]}, 'it takes an object such as {"episodes": "all"}'),
    ({"settings": None}, "it takes an object"),
    ({"action": "cleanup", "project": None, "settings": {"episodes": "all"}}, "cleanup does not take episodes"),
    ({"catch_up": "some"}, "it takes one of skip, latest, all"),
    ({"grace_seconds": 5}, "a minute to 31 days"),
    ({"enabled": "yes"}, "it takes true or false"),
    ({"priority": 1}, "A schedule has no priority; it has name, cron, time_zone, action, project"),
    ({"name": ""}, "1 to 80 characters in one line"),
    ({"name": " x"}, "1 to 80 characters in one line"),
    ({"name": "a\nb"}, "1 to 80 characters in one line"),
    ({"name": "\udcff"}, "no text"),
    ({"name": "x" * 81}, "1 to 80 characters in one line"),
    ({"name": "taken"}, "There is a schedule 'taken' already"),
]


@pytest.mark.parametrize(("values", "right"), WRONG, ids=[str(one[0])[:40] for one in WRONG])
def test_what_is_wrong_is_refused_with_what_would_be_right_and_changes_nothing(
    database: Database, values: dict[str, Any], right: str
) -> None:
    add_schedule(database, "taken")
    with pytest.raises(PipelineError) as caught:
        add_schedule(database, **({"name": "nightly"} | values))
    assert right in caught.value.message
    before = add_schedule(database)
    with pytest.raises(PipelineError) as caught, database.write() as session:
        change_schedule(session, "nightly", values, who="wang")
    assert right in caught.value.message
    with database.read() as session:
        after = find_schedule(session, "nightly")
        assert (after.revision, after.settings, after.cron) == (1, before.settings, before.cron)


def test_what_is_missing_is_named(database: Database) -> None:
    with pytest.raises(BadSettingError, match="A schedule needs its cron, time_zone"), database.write() as session:
        create_schedule(session, {"name": "x", "action": "report"}, who="li")
