import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.spending import add_project

from aianime_pipeline.db.engine import Database
from aianime_pipeline.production.notices import list_notices, mark_read, tell, unread


def tell_in_one(database: Database, key: str = "k", text: str = "text") -> bool:
    with database.write() as session:
        return tell(session, key=key, kind="test", text=text)


def test_nothing_is_told_twice(database: Database) -> None:
    assert tell_in_one(database, text="first")
    assert not tell_in_one(database, text="second")
    assert tell_in_one(database, key="other", text="third")
    with database.read() as session:
        assert [row.text for row in unread(session)] == ["third", "first"]


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
        assert [row.text for row in unread(session)] == ["first" if ends_well else "second"]


def test_what_was_read_is_not_new_any_more_and_still_there(database: Database) -> None:
    tell_in_one(database, "a", "a")
    tell_in_one(database, "b", "b")
    with database.write() as session:
        (first,) = [row.id for row in unread(session) if row.text == "a"]
        assert mark_read(session, [first]) == 1
    with database.write() as session:
        assert [row.text for row in unread(session)] == ["b"]
        assert [row.text for row in list_notices(session)] == ["b", "a"]
        assert mark_read(session, [first]) == 0
        assert not tell(session, key="a", kind="test", text="again")


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
        assert {row.text for row in unread(session, project_id=one.id)} == {"all", "one", "li's", "wang's"}
        assert {row.text for row in unread(session, project_id=one.id, user="li")} == {"all", "one", "li's"}
        assert {row.text for row in unread(session, user="wang")} == {"all", "one", "two", "wang's"}
        assert [row.text for row in unread(session, limit=2)] == ["wang's", "li's"]
        assert {row.link for row in unread(session)} == {"/there"}
