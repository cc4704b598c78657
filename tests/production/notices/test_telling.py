import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.spending import add_project
from support.told_events import events_after

from aianime_pipeline.db.engine import Database
from aianime_pipeline.production.notices.telling import list_notices, mark_read, read_at, tell, unread


def tell_in_one(database: Database, key: str = "k", text: str = "text") -> bool:
    with database.write() as session:
        return tell(session, key=key, kind="test", text=text)


def test_nothing_is_told_twice(database: Database) -> None:
    assert tell_in_one(database, text="first")
    assert not tell_in_one(database, text="second")
    assert tell_in_one(database, key="other", text="third")
    with database.read() as session:
        assert [row.text for row in unread(session, user="li")] == ["third", "first"]


@pytest.mark.parametrize("ends_well", [True, False])
def test_of_two_that_tell_at_once_one_does_and_the_other_one_where_the_first_fails(
    database: Database, ends_well: bool
) -> None:
    with ThreadPoolExecutor(1) as pool:
        second = None
        begun = threading.Event()

        def tell_second() -> bool:
            begun.set()
            return tell_in_one(database, text="second")

        try:
            with database.write() as session:
                assert tell(session, key="k", kind="test", text="first")
                second = pool.submit(tell_second)
                begun.wait()
                if not ends_well:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        assert second is not None
        assert second.result(timeout=60) is not ends_well
    with database.read() as session:
        assert [row.text for row in unread(session, user="li")] == ["first" if ends_well else "second"]


def test_what_was_read_is_not_new_any_more_and_still_there(database: Database) -> None:
    tell_in_one(database, "a", "a")
    tell_in_one(database, "b", "b")
    with database.write() as session:
        (first,) = [row.id for row in unread(session, user="li") if row.text == "a"]
        assert mark_read(session, [first], user="li") == 1
    with database.write() as session:
        assert [row.text for row in unread(session, user="li")] == ["b"]
        assert [row.text for row in list_notices(session)] == ["b", "a"]
        assert list(read_at(session, [first, first + 1], user="li")) == [first]
        assert mark_read(session, [first], user="li") == 0
        assert not tell(session, key="a", kind="test", text="again")


def test_each_reads_for_themselves_and_nobody_what_is_for_another(database: Database) -> None:
    tell_in_one(database, "all", "all")
    with database.write() as session:
        tell(session, key="li's", kind="test", text="li's", user="li")
    with database.write() as session:
        ids = [row.id for row in list_notices(session)]
        assert mark_read(session, [*ids, 99], user="wang") == 1
    with database.read() as session:
        assert [row.text for row in unread(session, user="wang")] == []
        assert [row.text for row in unread(session, user="li")] == ["li's", "all"]
        assert read_at(session, ids, user="li") == {}


def test_one_person_may_read_in_two_windows_at_once(database: Database) -> None:
    for number in range(20):
        tell_in_one(database, str(number), "text")

    def read(_: int) -> int:
        with database.write() as session:
            return mark_read(session, [row.id for row in unread(session, user="li")], user="li")

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(read, range(4))) == 20


def test_who_watches_sees_that_something_new_was_told(database: Database) -> None:
    project = add_project(database, "one")
    for _ in range(2):
        with database.write() as session:
            tell(session, key="k", kind="budget", text="text", project_id=project.id, user="li")
    with database.read() as session:
        (event,) = events_after(session, 0)
        assert (event.kind, event.project_id, event.document) == (
            "notice", project.id, {"notice": "budget", "user": "li"},
        )  # fmt: skip


def test_a_project_and_a_person_are_told_what_is_theirs_and_what_is_everybodys(database: Database) -> None:
    one, two = add_project(database, "one"), add_project(database, "two")
    with database.write() as session:
        for key, project, user in (
            ("all", None, None),
            ("one", one.id, None),
            ("two", two.id, None),
            ("li's", one.id, "li"),
            ("wang's", one.id, "wang"),
        ):
            tell(session, key=key, kind="test", text=key, project_id=project, user=user, link="/there")
    with database.read() as session:
        assert {row.text for row in list_notices(session, project_id=one.id)} == {"all", "one", "li's", "wang's"}
        assert {row.text for row in unread(session, project_id=one.id, user="li")} == {"all", "one", "li's"}
        assert {row.text for row in unread(session, user="wang")} == {"all", "one", "two", "wang's"}
        assert [row.text for row in list_notices(session, limit=2)] == ["wang's", "li's"]
        assert [row.text for row in unread(session, user="li", limit=2)] == ["li's", "two"]
        assert {row.link for row in list_notices(session)} == {"/there"}
