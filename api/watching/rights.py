"""What those who watch may see, as the hub takes it."""

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from aianime_pipeline.accounts.many_callers import LogIn, seen_by
from api.watching.hub import Caller
from api.watching.news import Sight


def look_up(session: Session, callers: Collection[Caller]) -> Mapping[Caller, Sight]:
    """The callers are LogIns. Those that do not hold any more are left out."""
    log_ins = [caller for caller in callers if isinstance(caller, LogIn)]
    return {
        log_in: Sight(seen.user, seen.projects, seen.all_else) for log_in, seen in seen_by(session, log_ins).items()
    }
