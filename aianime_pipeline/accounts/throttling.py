"""What is counted of people, so that they do no more of it: failed log-ins, and tries of channels.

Failed log-ins make the next ones wait: by the name that is tried, and by the address that tries.

An attempt counts as failed from before its password is looked at until it has fitted, so that many at once are no way
around the count. Somebody who keeps failing on purpose keeps a name's owner from logging in by password for as long
as he does; API keys and refresh tokens go on.

Tries of channels send messages to addresses that people choose, so each person has some for each while.
"""

import hashlib
import ipaddress
import math
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import LoginThrottle
from aianime_pipeline.db.models.accounts import folded
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import LoginThrottledError, TooManyRequestsError

FREE_BY_NAME = 5
FREE_BY_ADDRESS = 20
"""A studio may have one address for everybody."""
LONGEST_WAIT_SECONDS = 300
FORGOTTEN_AFTER = timedelta(hours=1)
"""After so long without an attempt the count begins anew."""
MOST_TRIES = 10
TRIES_ARE_FOR = timedelta(minutes=10)
"""From the first of them on. It is no longer than FORGOTTEN_AFTER."""


def wait_seconds(failures: int, free: int) -> int:
    """How long the attempt after so many failures has to wait: none, 1, 2, 4, … seconds."""
    if failures < free:
        return 0
    return min(LONGEST_WAIT_SECONDS, 1 << min(failures - free, 16))


def count_attempt(session: Session, name: str, address: str) -> None:
    """Let an attempt through, as a failed one until `count_success`. Raises LoginThrottledError."""
    moment = now()
    for key, free in sorted(_keys(name, address).items()):
        row = _locked(session, key, moment)
        since = moment - row.last_failure_at
        if since > FORGOTTEN_AFTER:
            row.failures = 0
        wait = wait_seconds(row.failures, free)
        # A clock that was set back makes nobody wait longer than that.
        left = min(wait, wait - since.total_seconds())
        if left > 0:
            seconds = math.ceil(left)
            raise LoginThrottledError(f"Too many failed log-ins: try again in {seconds} s.", retry_after=seconds)
        row.failures += 1
        row.last_failure_at = moment
    session.flush()


def count_success(session: Session, name: str, address: str) -> None:
    """The attempt was a right one: the name begins anew, and the address is as it was before."""
    # The address before the name, as above: two that wait for each other would never end.
    session.execute(
        sa.update(LoginThrottle)
        .where(LoginThrottle.key == _address_key(address), LoginThrottle.failures > 0)
        .values(failures=LoginThrottle.failures - 1)
        .execution_options(synchronize_session=False)
    )
    _forget(session, LoginThrottle.key == _name_key(name))
    old = sa.select(LoginThrottle.key).where(LoginThrottle.last_failure_at < now() - FORGOTTEN_AFTER)
    _forget(session, LoginThrottle.key.in_(old.with_for_update(skip_locked=True)))


def count_try(session: Session, user_id: int) -> None:
    """Let this person try a channel. Raises TooManyRequestsError."""
    moment = now()
    row = _locked(session, f"tries:{user_id}", moment)
    # Here it is the first of them. A clock that was set back makes nobody wait longer.
    since = moment - row.last_failure_at
    if not timedelta(0) <= since < TRIES_ARE_FOR:
        row.failures, row.last_failure_at, since = 0, moment, timedelta(0)
    if row.failures >= MOST_TRIES:
        seconds = math.ceil((TRIES_ARE_FOR - since).total_seconds())
        raise TooManyRequestsError(
            f"Channels were tried {MOST_TRIES} times within {TRIES_ARE_FOR.seconds // 60} minutes: try again in "
            f"{seconds} s.",
            retry_after=seconds,
        )
    row.failures += 1
    session.flush()


def _locked(session: Session, key: str, moment: datetime) -> LoginThrottle:
    insert_unless_there(session, LoginThrottle, "key", {"key": key, "failures": 0, "last_failure_at": moment})
    return session.scalars(sa.select(LoginThrottle).where(LoginThrottle.key == key).with_for_update()).one()


def _forget(session: Session, which: sa.ColumnElement[bool]) -> None:
    session.execute(sa.delete(LoginThrottle).where(which).execution_options(synchronize_session=False))


def _keys(name: str, address: str) -> dict[str, int]:
    return {_name_key(name): FREE_BY_NAME, _address_key(address): FREE_BY_ADDRESS}


def _name_key(name: str) -> str:
    # Hashed: some type their password where the name belongs.
    return "name:" + hashlib.sha256(folded(name).encode("utf-8", "replace")).hexdigest()


def _address_key(address: str) -> str:
    """Of IPv6 the network that one customer has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return f"address:{address[:100]}"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return f"address:{found.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((int(found), 64), strict=False)}"
    return f"address:{found}"
