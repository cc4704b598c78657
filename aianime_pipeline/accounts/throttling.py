"""Failed log-ins make the next ones wait: by the name that is tried, and by the address that tries.

An attempt counts as failed from before its password is looked at until it has fitted, so that many at once are no way
around the count. Somebody who keeps failing on purpose keeps a name's owner from logging in by password for as long
as he does; API keys and refresh tokens go on.
"""

import hashlib
import ipaddress
import math
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import LoginThrottle
from aianime_pipeline.db.models.accounts import folded
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import LoginThrottledError

FREE_BY_NAME = 5
FREE_BY_ADDRESS = 20
"""A studio may have one address for everybody."""
LONGEST_WAIT_SECONDS = 300
FORGOTTEN_AFTER = timedelta(hours=1)
"""After so long without an attempt the count begins anew."""


def wait_seconds(failures: int, free: int) -> int:
    """How long the attempt after so many failures has to wait: none, 1, 2, 4, … seconds."""
    if failures < free:
        return 0
    return min(LONGEST_WAIT_SECONDS, 1 << min(failures - free, 16))


def count_attempt(session: Session, name: str, address: str) -> None:
    """Let an attempt through, as a failed one until `count_success`. Raises LoginThrottledError."""
    moment = now()
    for key, free in sorted(_keys(name, address).items()):
        insert_unless_there(session, LoginThrottle, "key", {"key": key, "failures": 0, "last_failure_at": moment})
        row = session.scalars(sa.select(LoginThrottle).where(LoginThrottle.key == key).with_for_update()).one()
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
