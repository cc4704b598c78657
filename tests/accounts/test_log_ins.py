"""Logging in, staying logged in, being thrown out: against both databases, with a clock that is turned."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from support.accounts import Clock

from aianime_pipeline.accounts import log_ins, throttling
from aianime_pipeline.accounts.callers import Caller, identify
from aianime_pipeline.accounts.users import create_user, set_disabled, set_password
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import LoginThrottle, RefreshToken, User
from aianime_pipeline.errors import LoginFailedError, LoginThrottledError, NotLoggedInError

KEY = "k" * 40
PASSWORD = "correct horse battery"
HERE, THERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def lin(database: Database, time: Clock) -> User:
    return create_user(database, "Lin", password=PASSWORD)


def log_in(database: Database, name: str = "lin", password: str = PASSWORD, address: str = HERE) -> log_ins.Tokens:
    return log_ins.log_in(database, name, password, address, KEY)


def who_is(database: Database, token: str) -> Caller:
    with database.read() as session:
        return identify(session, token, KEY)


def fails(database: Database, name: str = "lin", address: str = HERE) -> None:
    """A wrong password, whose check is not what is tested: one that is too short costs as much."""
    with pytest.raises(LoginFailedError):
        log_in(database, name, "wrong", address)


@pytest.fixture
def quick_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the count is what matters, and not what a hash costs."""
    monkeypatch.setattr(log_ins.passwords, "fits", lambda word, known: known is not None and word == PASSWORD)


# tokens


def test_a_log_in_gives_a_token_that_says_who_it_is_for_its_minutes(database: Database, lin: User, time: Clock) -> None:
    tokens = log_in(database, "ＬＩＮ")
    assert who_is(database, tokens.access).name == "Lin"
    time.goes(seconds=tokens.access_seconds - 1)
    assert who_is(database, tokens.access).user_id == lin.id
    time.goes(seconds=1)
    with pytest.raises(NotLoggedInError) as expired:
        who_is(database, tokens.access)
    assert expired.value.details == {"expired": True}


def test_a_wrong_password_a_missing_user_and_a_disabled_one_are_refused_in_the_same_words(
    database: Database, lin: User
) -> None:
    create_user(database, "root", password=PASSWORD, is_admin=True)
    create_user(database, "no-password", password=None)
    create_user(database, "gone", password=PASSWORD)
    with database.write() as session:
        set_disabled(session, "gone", True)
    words = set()
    for name, word in (
        ("lin", "not this one, no"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("no-password", PASSWORD),
    ):
        with pytest.raises(LoginFailedError) as refused:
            log_in(database, name, word)
        words.add((refused.value.message, tuple(refused.value.details)))
    assert len(words) == 1


def test_a_refresh_gives_the_next_pair_and_its_token_is_spent(database: Database, lin: User, time: Clock) -> None:
    first = log_in(database)
    time.goes(hours=1)
    second = log_ins.refresh(database, first.refresh, KEY)
    assert second.refresh != first.refresh
    assert who_is(database, second.access).name == "Lin"
    assert log_ins.refresh(database, second.refresh, KEY)


def test_a_spent_token_that_comes_again_ends_the_log_in_and_no_other(database: Database, lin: User) -> None:
    stolen, other = log_in(database), log_in(database)
    mine = log_ins.refresh(database, stolen.refresh, KEY)
    for token in (stolen.refresh, mine.refresh):
        with pytest.raises(NotLoggedInError):
            log_ins.refresh(database, token, KEY)
    assert log_ins.refresh(database, other.refresh, KEY)


def test_of_many_that_refresh_with_one_token_at_once_one_is_given_the_next_and_the_log_in_ends(
    database: Database, lin: User
) -> None:
    token, line = log_in(database).refresh, threading.Barrier(6)

    def refresh() -> str | None:
        line.wait()
        try:
            return log_ins.refresh(database, token, KEY).refresh
        except NotLoggedInError:
            return None

    with ThreadPoolExecutor(6) as pool:
        given = [found.result() for found in [pool.submit(refresh) for _ in range(6)]]
    followers = [one for one in given if one is not None]
    assert len(followers) == 1, "it never forks"
    with pytest.raises(NotLoggedInError):
        log_ins.refresh(database, followers[0], KEY)
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).where(RefreshToken.revoked_at.is_(None))) == 0


def test_a_refresh_token_ends_after_thirty_days_without_use(database: Database, lin: User, time: Clock) -> None:
    kept, left = log_in(database).refresh, log_in(database).refresh
    time.goes(days=29)
    kept = log_ins.refresh(database, kept, KEY).refresh
    time.goes(days=1)
    with pytest.raises(NotLoggedInError):
        log_ins.refresh(database, left, KEY)
    assert log_ins.refresh(database, kept, KEY)


@pytest.mark.parametrize("token", ["", "air_", "air_" + "x" * 43, "\0", "' OR 1=1 --"])
def test_what_is_no_refresh_token_is_refused_and_logs_nobody_out(database: Database, lin: User, token: str) -> None:
    mine = log_in(database)
    with pytest.raises(NotLoggedInError):
        log_ins.refresh(database, token, KEY)
    log_ins.log_out(database, token)
    assert log_ins.refresh(database, mine.refresh, KEY)


def test_logging_out_ends_this_log_in_and_everywhere_ends_all_with_their_access_tokens(
    database: Database, lin: User
) -> None:
    one, two, three = log_in(database), log_in(database), log_in(database)
    log_ins.log_out(database, one.refresh)
    with pytest.raises(NotLoggedInError):
        log_ins.refresh(database, one.refresh, KEY)
    two = log_ins.refresh(database, two.refresh, KEY)
    with database.write() as session:
        log_ins.log_out_everywhere(session, log_ins.lock_user(session, lin.id))
    for tokens in (two, three):
        with pytest.raises(NotLoggedInError):
            log_ins.refresh(database, tokens.refresh, KEY)
        with pytest.raises(NotLoggedInError):
            who_is(database, tokens.access)
    assert who_is(database, log_in(database).access).name == "Lin"


def test_a_new_password_logs_out_whoever_was_logged_in(database: Database, lin: User) -> None:
    thief, mine = log_in(database), log_in(database)
    caller = who_is(database, mine.access)
    with pytest.raises(LoginFailedError):
        log_ins.change_password(database, caller, "not the current one", "another password", HERE, KEY)
    assert who_is(database, thief.access)
    changed = log_ins.change_password(database, caller, PASSWORD, "another password", HERE, KEY)
    assert who_is(database, changed.access).name == "Lin"
    with pytest.raises(NotLoggedInError):
        log_ins.refresh(database, thief.refresh, KEY)
    with pytest.raises(LoginFailedError):
        log_in(database)
    assert log_in(database, password="another password")


def test_an_administrator_sets_a_password_and_the_user_is_logged_out(database: Database, lin: User) -> None:
    before = log_in(database)
    set_password(database, "LIN", "set by somebody else")
    with pytest.raises(NotLoggedInError):
        who_is(database, before.access)
    assert log_in(database, password="set by somebody else")


def test_a_password_that_is_changed_while_it_is_checked_logs_nobody_in(
    database: Database, lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = log_ins.passwords.fits

    def slowly(word: str, known: str | None) -> bool:
        right = real(word, known)
        set_password(database, "lin", "in the meantime")
        return right

    monkeypatch.setattr(log_ins.passwords, "fits", slowly)
    with pytest.raises(LoginFailedError):
        log_in(database)


def test_tokens_that_ended_are_not_kept(database: Database, lin: User, time: Clock) -> None:
    log_in(database)
    time.goes(days=31)
    log_in(database)
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(RefreshToken)) == 1


# the throttle


def test_the_wait_grows_with_each_failure_up_to_a_limit() -> None:
    waits = [throttling.wait_seconds(failures, 5) for failures in range(30)]
    assert waits[:9] == [0, 0, 0, 0, 0, 1, 2, 4, 8]
    assert waits == sorted(waits)
    assert waits[-1] == throttling.LONGEST_WAIT_SECONDS
    assert throttling.wait_seconds(10**9, 5) == throttling.LONGEST_WAIT_SECONDS


def test_after_some_failures_a_name_has_to_wait_also_with_the_right_password(
    database: Database, lin: User, time: Clock, quick_checks: None
) -> None:
    for _ in range(throttling.FREE_BY_NAME):
        fails(database)
    with pytest.raises(LoginThrottledError) as refused:
        log_in(database, "Lin", address=THERE)
    assert refused.value.details == {"retry_after": 1}
    time.goes(seconds=1)
    fails(database)
    with pytest.raises(LoginThrottledError) as refused:
        log_in(database)
    assert refused.value.details == {"retry_after": 2}
    time.goes(seconds=1.5)
    with pytest.raises(LoginThrottledError) as refused:
        log_in(database)
    assert refused.value.details == {"retry_after": 1}, "what is refused does not make the wait longer"
    time.goes(seconds=0.5)
    assert log_in(database)
    for _ in range(throttling.FREE_BY_NAME):
        fails(database)


def test_a_name_that_nobody_has_waits_as_one_that_somebody_has(
    database: Database, lin: User, quick_checks: None
) -> None:
    for _ in range(throttling.FREE_BY_NAME):
        fails(database, "nobody")
    with pytest.raises(LoginThrottledError):
        log_in(database, "nobody")
    assert log_in(database), "another name does not wait"


def test_an_address_that_tries_many_names_has_to_wait_and_others_do_not(
    database: Database, lin: User, time: Clock, quick_checks: None
) -> None:
    for number in range(throttling.FREE_BY_ADDRESS - 1):
        fails(database, f"name-{number}")
    assert log_in(database), "a right one is no failure"
    fails(database, "one-more")
    with pytest.raises(LoginThrottledError):
        log_in(database)
    assert log_in(database, address=THERE)
    time.goes(seconds=1)
    assert log_in(database)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
    ],
)
def test_an_address_is_what_one_customer_has(
    database: Database, time: Clock, quick_checks: None, one: str, other: str, same: bool
) -> None:
    for number in range(throttling.FREE_BY_ADDRESS):
        fails(database, f"name-{number}", one)
    with pytest.raises(LoginThrottledError if same else LoginFailedError):
        log_in(database, "somebody", address=other)


def test_an_hour_without_an_attempt_forgets_and_a_clock_set_back_makes_nobody_wait_longer(
    database: Database, lin: User, time: Clock, quick_checks: None
) -> None:
    for _ in range(throttling.FREE_BY_NAME):
        fails(database)
    time.goes(days=-3)
    with pytest.raises(LoginThrottledError) as refused:
        log_in(database)
    assert refused.value.details == {"retry_after": 1}
    time.goes(days=3, hours=1, seconds=1)
    for _ in range(throttling.FREE_BY_NAME):
        fails(database)
    with pytest.raises(LoginThrottledError):
        log_in(database)


def test_many_at_once_are_no_way_around_the_count(
    database: Database, lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is counted before its password is looked at."""
    looked_at: list[str] = []
    monkeypatch.setattr(log_ins.passwords, "fits", lambda word, _known: looked_at.append(word))

    def attempt(number: int) -> type[BaseException]:
        try:
            log_in(database, password=f"guess {number}")
        except (LoginFailedError, LoginThrottledError) as refused:
            return type(refused)
        raise AssertionError("it let somebody in")

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(attempt, range(12)))
    assert len(looked_at) == found.count(LoginFailedError) == throttling.FREE_BY_NAME


def test_many_who_log_in_from_one_address_at_once_do_not_wait_for_each_other_for_ever(
    database: Database, lin: User, quick_checks: None
) -> None:
    def attempt(number: int) -> bool:
        try:
            return bool(log_in(database, password=PASSWORD if number % 2 else "wrong"))
        except (LoginFailedError, LoginThrottledError):
            return False

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(attempt, range(40)))
    assert any(found)


def test_counts_that_are_forgotten_are_not_kept(database: Database, lin: User, time: Clock, quick_checks: None) -> None:
    for number in range(3):
        fails(database, f"name-{number}", f"192.0.2.{number + 10}")
    time.goes(hours=1, seconds=1)
    log_in(database)
    with database.read() as session:
        assert session.scalars(sa.select(LoginThrottle.key)).all() == ["address:192.0.2.1"]


def test_what_is_typed_as_a_name_is_not_kept_as_it_is(database: Database, time: Clock, quick_checks: None) -> None:
    fails(database, "my secret password")
    with database.read() as session:
        assert not [key for key in session.scalars(sa.select(LoginThrottle.key)) if "secret" in key]
