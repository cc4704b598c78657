"""Who calls: the bearer of an access token or of an API key.

An access token is a JWT that lives for some minutes and is checked against its user's row each time, so that «log out
everywhere», a new password or a disabled account take effect at once. An API key is known by its hash.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.rights import Action, GlobalRole
from aianime_pipeline.db.models import ApiKey, User
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import NotLoggedInError

ACCESS_MINUTES = 15
KEY_PREFIX = "aia_"
AUDIENCE = "aianime-api"
_ISSUER = "aianime"
_ALGORITHM = "HS256"
_NOTE_USE_EVERY = timedelta(minutes=10)
# Asked with every request: made once, and no more than is looked at.
_USER = sa.select(User.id, User.name, User.disabled, User.token_version, User.global_role).where(
    User.id == sa.bindparam("id")
)


@dataclass(frozen=True)
class Caller:
    """`scopes` cut down what the user may do; None: not at all. `api_key` is the key's row, None for a token;
    `use_is_due` where its use has to be noted again. A token holds as long as its user's `token_version` is this one,
    and `until` then; a key as its row says."""

    user_id: int
    name: str
    is_admin: bool
    scopes: frozenset[Action] | None = None
    api_key: int | None = None
    use_is_due: bool = False
    token_version: int = 0
    until: datetime | None = None


def access_token(user: User, key: str) -> tuple[str, int]:
    """The token and the seconds that it lives."""
    moment = now()
    claims = {
        "iss": _ISSUER,
        "aud": AUDIENCE,
        "sub": str(user.id),
        "ver": user.token_version,
        "iat": moment,
        "exp": moment + timedelta(minutes=ACCESS_MINUTES),
    }
    return jwt.encode(claims, key, algorithm=_ALGORITHM), ACCESS_MINUTES * 60


def identify(session: Session, bearer: str, key: str) -> Caller:
    """Raises NotLoggedInError."""
    return _of_api_key(session, bearer) if bearer.startswith(KEY_PREFIX) else _of_token(session, bearer, key)


def key_hash(secret: str) -> str:
    """Keys and refresh tokens are long and random, so a plain digest keeps them."""
    return hashlib.sha256(secret.encode()).hexdigest()


def note_use(session: Session, api_key: int) -> None:
    """Remember that the key was used, in the caller's write transaction; once where many requests bring it at once."""
    moment = now()
    due = sa.or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < moment - _NOTE_USE_EVERY)
    session.execute(sa.update(ApiKey).where(ApiKey.id == api_key, due).values(last_used_at=moment))


def _is_old(moment: datetime | None) -> bool:
    return moment is None or now() - moment > _NOTE_USE_EVERY


def _of_token(session: Session, token: str, key: str) -> Caller:
    claims = _claims(token, key)
    subject = str(claims["sub"])
    is_number = subject.isascii() and subject.isdigit() and len(subject) < 19
    user = session.execute(_USER, {"id": int(subject)}).one_or_none() if is_number else None
    if user is None or user.disabled or user.token_version != claims["ver"]:
        raise NotLoggedInError("The token does not hold any more: log in again.")
    until = datetime.fromtimestamp(float(claims["exp"]), UTC)
    return Caller(
        user.id, user.name, user.global_role == GlobalRole.ADMIN, token_version=user.token_version, until=until
    )


def _claims(token: str, key: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=_ISSUER,
            # Against our own clock, see below.
            options={"require": ["exp", "iat", "sub", "ver"], "verify_exp": False, "verify_iat": False},
        )
        ended = now().timestamp() >= float(claims["exp"])
    except (jwt.InvalidTokenError, ValueError, TypeError) as error:
        raise NotLoggedInError("The token is not one of ours, or was altered: log in again.") from error
    if ended:
        raise NotLoggedInError("The token has expired: refresh it, or log in again.", expired=True)
    return claims


def _of_api_key(session: Session, secret: str) -> Caller:
    found = key_hash(secret)
    row = session.execute(
        sa.select(ApiKey, User).join(User, User.id == ApiKey.user_id).where(ApiKey.key_hash == found)
    ).one_or_none()
    if row is None or not hmac.compare_digest(row[0].key_hash, found):
        raise NotLoggedInError("There is no such API key.")
    api_key, user = row
    if api_key.revoked_at is not None or user.disabled or (api_key.expires_at and api_key.expires_at <= now()):
        raise NotLoggedInError("The API key does not hold any more.")
    scopes = frozenset(Action(scope) for scope in api_key.scopes if scope in set(Action))
    return Caller(
        user.id,
        user.name,
        user.global_role == GlobalRole.ADMIN,
        scopes if api_key.scopes else None,
        api_key.id,
        _is_old(api_key.last_used_at),
    )
