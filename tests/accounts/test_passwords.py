"""Passwords and names: what is taken, and what a check costs."""

import threading
import time as wall
from contextlib import ExitStack
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.accounts import passwords
from aianime_pipeline.accounts.names import checked_name
from aianime_pipeline.db.models.accounts import folded
from aianime_pipeline.errors import BadPasswordError, BadUserNameError, LoginThrottledError

GOOD = "correct horse battery"


@pytest.mark.parametrize("word", ["", "123456789", "密" * 9, "x" * 201, "密" * 67, "half \ud800 a character"])
def test_what_is_too_short_too_long_or_no_text_is_no_password_and_is_not_repeated(word: str) -> None:
    with pytest.raises(BadPasswordError) as refused:
        passwords.hashed(word)
    assert not word or word not in refused.value.message
    assert refused.value.details == {}


@pytest.mark.parametrize("word", ["1234567890", "密" * 10, "密" * 66, "x" * 200, "nul \0 is a byte too"])
def test_ten_characters_and_two_hundred_bytes_are_a_password(word: str) -> None:
    assert passwords.fits(word, passwords.hashed(word))


def test_a_password_fits_its_own_hash_alone() -> None:
    known = passwords.hashed(GOOD)
    assert known.startswith("$argon2id$")
    assert known != passwords.hashed(GOOD), "salted"
    assert passwords.fits(GOOD, known)
    assert not passwords.fits(GOOD + "!", known)
    assert not passwords.fits(GOOD, None)
    assert not passwords.fits("short", known)
    assert not passwords.fits(GOOD, "no hash")


def test_an_accent_fits_however_it_was_composed() -> None:
    assert passwords.fits("cafe\u0301 au lait", passwords.hashed("caf\u00e9 au lait"))


def test_nobody_costs_the_time_that_somebody_costs() -> None:
    known = passwords.hashed(GOOD)

    def seconds(word: str, of: str | None) -> float:
        began = wall.perf_counter()
        passwords.fits(word, of)
        return wall.perf_counter() - began

    rounds = [
        (seconds("wrong password", known), seconds("wrong password", None), seconds("short", known)) for _ in range(7)
    ]
    somebody, nobody, no_password = (median(column) for column in zip(*rounds, strict=True))
    assert 0.5 < nobody / somebody < 2
    assert 0.5 < no_password / somebody < 2


def test_only_so_many_hashes_are_computed_at_once() -> None:
    at_work, most, guard = 0, 0, threading.Lock()
    real = passwords._hasher.hash

    class Counting:
        def hash(self, plain: str) -> str:
            nonlocal at_work, most
            with guard:
                at_work += 1
                most = max(most, at_work)
            try:
                return real(plain)
            finally:
                with guard:
                    at_work -= 1

    monkey = pytest.MonkeyPatch()
    monkey.setattr(passwords, "_hasher", Counting())
    try:
        threads = [threading.Thread(target=passwords.hashed, args=(GOOD,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        monkey.undo()
    assert most == passwords.AT_ONCE


def test_who_comes_when_the_line_is_full_is_sent_away_and_let_in_later() -> None:
    with ExitStack() as line:
        for _ in range(passwords.MOST_WAITING):
            line.enter_context(passwords.in_line())
        with pytest.raises(LoginThrottledError) as refused, passwords.in_line():
            pass
        assert refused.value.details == {"retry_after": 1}
    with passwords.in_line():
        pass


@pytest.mark.parametrize("name", ["lin", "林夏", "Ольга", "राधा", "a", "x" * 64, "7up", "o.b-k_2", "José"])
def test_letters_of_any_script_are_a_name(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 65,
        ".",
        "..",
        "-x",
        "_x",
        "a b",
        "a/b",
        "a\0b",
        "a\u202eb",
        "a\u200bb",
        "😀",
        "a@b",
        "ﷺ" * 20,
        "\u0301a",
        "a\n",
    ],
)
def test_what_would_not_stand_in_addresses_and_records_is_no_name(name: str) -> None:
    with pytest.raises(BadUserNameError):
        checked_name(name)


@given(st.text(max_size=70))
def test_a_name_that_is_taken_is_stable_and_folds_to_something_that_can_be_kept(name: str) -> None:
    try:
        plain = checked_name(name)
    except BadUserNameError:
        return
    assert checked_name(plain) == plain
    assert 1 <= len(folded(plain)) <= 64
    assert folded(folded(plain)) == folded(plain)
    assert folded(plain.lower()) == folded(plain)
