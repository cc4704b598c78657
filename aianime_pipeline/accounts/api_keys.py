"""API keys: a program's way in. The key itself is shown once, when it is made; only its hash is kept."""

import secrets
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import KEY_PREFIX, Caller, key_hash
from aianime_pipeline.accounts.log_ins import need_log_in
from aianime_pipeline.accounts.names import checked_line
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import ApiKey
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadInputError, NotFoundError
from aianime_pipeline.production.events import record_event

MOST_NAME = 80
_SHOWN = 12
"""Characters by which a person knows a key again."""


def create_api_key(
    session: Session, caller: Caller, name: str, *, scopes: Collection[Action], expires_at: datetime | None
) -> tuple[ApiKey, str]:
    """The row, and the key. No scopes: it may what its user may. Raises BadInputError, NotAllowedError where the
    caller has only a key."""
    need_log_in(caller)
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= now()):
        raise BadInputError(
            f"The key would expire at {expires_at.isoformat()}: it takes a moment to come, with its time zone.",
            field="expires_at",
        )
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    row = ApiKey(
        user_id=caller.user_id,
        name=checked_line(name, "The key's name", MOST_NAME, least=1),
        prefix=secret[:_SHOWN],
        key_hash=key_hash(secret),
        scopes=sorted({Action(scope).value for scope in scopes}),
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return row, secret


def api_keys_of(user_id: int) -> sa.Select[ApiKey]:
    """All of a user's keys, also those that do not hold any more, as a query."""
    return sa.select(ApiKey).where(ApiKey.user_id == user_id)


def revoke_api_key(session: Session, caller: Caller, key_id: int) -> ApiKey:
    """One of the caller's own, for ever; again: nothing changes. Raises NotFoundError, NotAllowedError where the
    caller has another key."""
    if caller.api_key != key_id:
        need_log_in(caller)
    row = session.scalar(api_keys_of(caller.user_id).where(ApiKey.id == key_id))
    if row is None:
        raise NotFoundError(f"You have no API key {key_id}.", api_key=key_id)
    if row.revoked_at is None:
        row.revoked_at = now()
        record_event(session, "rights", user=caller.name, change="key_revoked")
    return row
