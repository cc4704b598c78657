"""Passwords: what is taken for one, and their hashes (argon2id).

A hash takes 64 MiB and a sixth of a second, so only so many are computed at once, and only so many may wait.
"""

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from aianime_pipeline.errors import BadPasswordError, LoginThrottledError

LEAST_CHARACTERS = 10
MOST_BYTES = 200
AT_ONCE = 2
"""Hashes that a process computes at once: 128 MiB."""
MOST_WAITING = 16
"""Log-ins that are checked or wait for it; one more is sent away, so that they never take every thread."""

_hashing = threading.BoundedSemaphore(AT_ONCE)
_line = threading.BoundedSemaphore(MOST_WAITING)
_hasher = PasswordHash((Argon2Hasher(),))


def checked_password(password: str) -> str:
    """As it is hashed: the same whichever keyboard composed its accents. Raises BadPasswordError."""
    plain = unicodedata.normalize("NFC", password)
    try:
        size = len(plain.encode())
    except UnicodeEncodeError as error:
        raise BadPasswordError("The password holds what is no text.") from error
    if len(plain) < LEAST_CHARACTERS or size > MOST_BYTES:
        raise BadPasswordError(
            f"A password has at least {LEAST_CHARACTERS} characters, and {MOST_BYTES} bytes of UTF-8 at most."
        )
    return plain


def hashed(password: str) -> str:
    """Raises BadPasswordError. Takes a sixth of a second: not for the inside of a transaction."""
    plain = checked_password(password)
    with _hashing:
        return _hasher.hash(plain)


def fits(password: str, known: str | None) -> bool:
    """Whether the password has that hash; None never fits. Takes as long for None as for a wrong one."""
    try:
        plain = checked_password(password)
    except BadPasswordError:
        # What cannot be a password is compared all the same, so that the time does not tell who has an account.
        plain, known = "", None
    with _hashing:
        nobodys = _nobodys()
        try:
            right = _hasher.verify(plain, known if known is not None else nobodys)
        except UnknownHashError:
            return False
    return right and known is not None


@contextmanager
def in_line() -> Iterator[None]:
    """A place among the log-ins that are checked. Raises LoginThrottledError where all are taken."""
    if not _line.acquire(blocking=False):
        raise LoginThrottledError("Too many log in at once: try again in a moment.", retry_after=1)
    try:
        yield
    finally:
        _line.release()


def generated() -> str:
    """A password that nobody guesses."""
    return secrets.token_urlsafe(15)


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))
