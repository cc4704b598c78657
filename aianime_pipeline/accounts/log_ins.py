"""Logging in with a name and a password, staying logged in, and logging out.

A log-in begins a family of refresh tokens. Each is used once and gives the next; one that comes a second time was
copied by somebody, and nobody can tell whose copy came first, so it ends its family. There is no grace: of two that
refresh with one token at once, the second ends the log-in.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from aianime_pipeline.accounts import passwords, throttling
from aianime_pipeline.accounts.callers import Caller, access_token, key_hash
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import RefreshToken, User
from aianime_pipeline.db.models.accounts import folded
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import LoginFailedError, NotAllowedError, NotLoggedInError
from aianime_pipeline.production.events import record_event

REFRESH_PREFIX = "air_"
REFRESH_DAYS = 30
"""Whoever does not come for so long logs in again."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Tokens:
    access: str
    access_seconds: int
    refresh: str
    refresh_until: datetime


def log_in(database: Database, name: str, password: str, address: str, key: str) -> Tokens:
    """`address` is where the caller calls from; `key` signs. Raises LoginFailedError, in the same words and after the
    same time whatever does not fit, and LoginThrottledError."""
    with passwords.in_line():
        user = _who_fits(database, name, password, address)
    with database.write() as session:
        # Somebody may have changed the password or closed the account just now.
        user = _unchanged(session, user)
        throttling.count_success(session, name, address)
        user.last_login_at = now()
        _forget_old(session, user.id)
        return begin(session, user, key)


def begin(session: Session, user: User, key: str) -> Tokens:
    """A new family, for somebody who has shown who they are."""
    return _next(session, user, str(uuid.uuid4()), key)


def refresh(database: Database, token: str, key: str) -> Tokens:
    """The next tokens for one that was not used yet. Raises NotLoggedInError; then one that was used has ended its
    family."""
    with database.write() as session:
        found = _locked(session, token)
        tokens = _rotated(session, *found, key) if found is not None else None
    if tokens is None:
        raise NotLoggedInError("The refresh token does not hold any more: log in again.")
    return tokens


def log_out(database: Database, token: str) -> None:
    """End the token's family. Whoever asks is not told whether there was one. An access token lives on for its
    minutes."""
    with database.write() as session:
        found = _locked(session, token)
        if found is not None:
            _end_family(session, found[1].family)


def log_out_everywhere(session: Session, user: User) -> None:
    """No token of the user holds from now on. API keys do."""
    user.token_version += 1
    session.execute(sa.delete(RefreshToken).where(RefreshToken.user_id == user.id))
    record_event(session, "rights", user=user.name, change="log_out")


def change_password(database: Database, caller: Caller, current: str, new: str, address: str, key: str) -> Tokens:
    """The caller's own. All that was logged in is logged out; the tokens are of a new log-in. Raises BadPasswordError,
    LoginFailedError, LoginThrottledError, NotAllowedError."""
    need_log_in(caller)
    passwords.checked_password(new)
    with passwords.in_line():
        user = _who_fits(database, caller.name, current, address)
        known = passwords.hashed(new)
    with database.write() as session:
        user = _unchanged(session, user)
        throttling.count_success(session, caller.name, address)
        user.password_hash = known
        log_out_everywhere(session, user)
        return begin(session, user, key)


def need_log_in(caller: Caller) -> None:
    """For what nobody may do who has only found a key. Raises NotAllowedError."""
    if caller.api_key is not None:
        raise NotAllowedError("This takes a log-in with an access token, not an API key.")


def lock_user(session: Session, user_id: int) -> User:
    """The user as they are now, locked until the transaction ends, so that what belongs to them changes in turn."""
    query = sa.select(User).where(User.id == user_id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _who_fits(database: Database, name: str, password: str, address: str) -> User:
    with database.write() as session:
        throttling.count_attempt(session, name, address)
        user = session.scalar(sa.select(User).where(User.name_key == folded(name)))
    known = user.password_hash if user is not None and not user.disabled else None
    if not passwords.fits(password, known):
        raise LoginFailedError("Name and password do not fit.")
    assert user is not None
    return user


def _unchanged(session: Session, seen: User) -> User:
    user = lock_user(session, seen.id)
    if user.disabled or user.password_hash != seen.password_hash:
        raise LoginFailedError("Name and password do not fit.")
    return user


def _locked(session: Session, token: str) -> tuple[User, RefreshToken] | None:
    """The user is locked first: whatever happens to a family happens in turn."""
    by_hash = sa.select(RefreshToken).where(RefreshToken.token_hash == key_hash(token))
    row = session.scalar(by_hash)
    if row is None:
        return None
    user = lock_user(session, row.user_id)
    row = session.scalar(by_hash.execution_options(populate_existing=True))
    return (user, row) if row is not None else None


def _rotated(session: Session, user: User, row: RefreshToken, key: str) -> Tokens | None:
    """None: refused."""
    if row.used_at is not None:
        _log.warning("a refresh token came again after it was used", user=user.name, family=row.family)
        _end_family(session, row.family)
        return None
    if (
        row.revoked_at is not None
        or row.expires_at <= now()
        or user.disabled
        or row.token_version != user.token_version
    ):
        return None
    row.used_at = now()
    return _next(session, user, row.family, key)


def _next(session: Session, user: User, family: str, key: str) -> Tokens:
    secret = REFRESH_PREFIX + secrets.token_urlsafe(32)
    until = now() + timedelta(days=REFRESH_DAYS)
    session.add(
        RefreshToken(
            user_id=user.id,
            family=family,
            token_hash=key_hash(secret),
            token_version=user.token_version,
            expires_at=until,
        )
    )
    access, seconds = access_token(user, key)
    return Tokens(access, seconds, secret, until)


def _end_family(session: Session, family: str) -> None:
    session.execute(
        sa.update(RefreshToken)
        .where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now())
        .execution_options(synchronize_session=False)
    )


def _forget_old(session: Session, user_id: int) -> None:
    session.execute(
        sa.delete(RefreshToken)
        .where(RefreshToken.user_id == user_id, RefreshToken.expires_at <= now())
        .execution_options(synchronize_session=False)
    )
