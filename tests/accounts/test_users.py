"""The people of the installation: names that stay, and an administrator who is always there."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from support.told_events import events_after

from aianime_pipeline.accounts.rights import GlobalRole
from aianime_pipeline.accounts.users import (
    create_user,
    describe_user,
    find_user,
    set_administrator,
    set_disabled,
    set_subject,
)
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import User
from aianime_pipeline.errors import (
    BadInputError,
    BadPasswordError,
    LastAdministratorError,
    NameTakenError,
    NotFoundError,
)


def administrators(database: Database) -> list[str]:
    with database.read() as session:
        found = sa.select(User.name).where(User.global_role == GlobalRole.ADMIN, User.disabled.is_(False))
        return list(session.scalars(found.order_by(User.name)))


@pytest.mark.parametrize("again", ["Lin", "LIN", "ｌｉｎ", "lin"])
def test_two_names_that_people_take_for_one_are_one(database: Database, again: str) -> None:
    create_user(database, "Lin", password=None)
    with pytest.raises(NameTakenError):
        create_user(database, again, password=None)
    with database.read() as session:
        assert find_user(session, again).name == "Lin"


def test_the_sharp_s_and_a_composed_accent_fold_too(database: Database) -> None:
    create_user(database, "Strauß", password=None)
    create_user(database, "José", password=None)
    for again in ("STRAUSS", "Jose\u0301"):
        with pytest.raises(NameTakenError):
            create_user(database, again, password=None)


def test_the_name_of_a_disabled_user_is_not_given_to_another_person(database: Database) -> None:
    create_user(database, "lin", password=None)
    with database.write() as session:
        set_disabled(session, "lin", True)
    with pytest.raises(NameTakenError):
        create_user(database, "lin", password=None)


def test_of_many_who_take_a_name_at_once_one_has_it(database: Database) -> None:
    def take(name: str) -> bool:
        try:
            create_user(database, name, password=None)
        except NameTakenError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(take, ["lin", "Lin", "LIN", "lIn", "ＬＩＮ", "liN"])) == 1


def test_what_does_not_fit_makes_no_user(database: Database) -> None:
    for refusal, values in (
        (BadPasswordError, {"password": "short"}),
        (BadInputError, {"password": None, "display_name": "two\nlines"}),
        (BadInputError, {"password": None, "email": "x" * 255}),
    ):
        with pytest.raises(refusal):
            create_user(database, "lin", **values)  # type: ignore[arg-type]
    with database.read() as session, pytest.raises(NotFoundError):
        find_user(session, "lin")


def test_a_user_is_described_anew_in_what_is_given(database: Database) -> None:
    create_user(database, "lin", password=None, display_name="林夏", email="lin@example.com")
    with database.write() as session:
        describe_user(session, "LIN", email="")
    with database.read() as session:
        found = find_user(session, "lin")
    assert (found.display_name, found.email) == ("林夏", "")


def test_the_last_administrator_is_neither_demoted_nor_disabled(database: Database) -> None:
    create_user(database, "root", password=None, is_admin=True)
    create_user(database, "lin", password=None)
    for change in (
        lambda session: set_administrator(session, "root", False),
        lambda session: set_disabled(session, "root", True),
    ):
        with pytest.raises(LastAdministratorError), database.write() as session:
            change(session)
    assert administrators(database) == ["root"]
    with database.write() as session:
        set_disabled(session, "lin", True)
        set_administrator(session, "lin", True)
    with pytest.raises(LastAdministratorError), database.write() as session:
        set_disabled(session, "root", True)  # a disabled administrator is none
    with database.write() as session:
        set_disabled(session, "lin", False)
        set_administrator(session, "root", False)
    assert administrators(database) == ["lin"]


def test_of_administrators_who_demote_each_other_at_once_one_is_left(database: Database) -> None:
    names = ["a", "b", "c", "d"]
    for name in names:
        create_user(database, name, password=None, is_admin=True)
    line = threading.Barrier(len(names))

    def demote(name: str) -> bool:
        line.wait()
        try:
            with database.write() as session:
                set_administrator(session, name, False)
                time.sleep(0.2)  # the others are at it before this one is done
        except LastAdministratorError:
            return False
        return True

    with ThreadPoolExecutor(len(names)) as pool:
        assert sum(pool.map(demote, names)) == len(names) - 1
    assert len(administrators(database)) == 1


def test_a_change_of_rights_is_told_and_what_stays_is_not(database: Database) -> None:
    create_user(database, "root", password=None, is_admin=True)
    with database.write() as session:
        set_administrator(session, "root", True)
        set_disabled(session, "root", False)
    with database.read() as session:
        told = [event.document["change"] for event in events_after(session, 0) if event.kind == "rights"]
    assert told == ["created"]


def test_a_subject_of_an_identity_provider_is_one_person(database: Database) -> None:
    for name in ("lin", "li"):
        create_user(database, name, password=None)
    with database.write() as session:
        set_subject(session, "lin", "https://id.example.com 42")
    with pytest.raises(NameTakenError), database.write() as session:
        set_subject(session, "li", "https://id.example.com 42")
    with database.write() as session:
        set_subject(session, "lin", None)
        set_subject(session, "li", "https://id.example.com 42")
