"""What happened, written in the transaction in which it happened: for those who watch, and for the automation.

Events are held until the transaction commits and appended one transaction after the other, so that ids grow in the
order of the commits: whoever has read up to an id has missed nothing before it. An event of an episode also says that
the episode has changed, which is how the automation finds what it has to look at (automation/deciding.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import is_postgres
from aianime_pipeline.db.models import Episode, Event, ShotStage
from aianime_pipeline.db.models.base import now

_HELD = "aianime_events"
_APPENDING = 0x61_69_65_76
"""Advisory lock of PostgreSQL; SQLite has one writer anyway."""


@dataclass(frozen=True)
class _Happened:
    kind: str
    project_id: int | None
    episode_id: int | None
    document: dict[str, Any]


def record_event(
    session: Session, kind: str, *, project_id: int | None = None, episode_id: int | None = None, **document: Any
) -> None:
    """Say in the caller's write transaction that something happened. `document` must be JSON.

    Kinds: `shot` (a stage of a shot changed: shot, stage, state), `review`, `storyboard`, `task`, `film`, `package`,
    `notice`, `schedule` (created, changed or removed: schedule, name, change, who), `screenplay` (edited, locked or
    unlocked: version, revision, state, change, who), `episode` (renamed: change, who), `asset` (a new version, or a
    pin: asset, name, version, who), `rights` (of a project: field, who; of none: user, change).
    """
    held: list[_Happened] = session.info.setdefault(_HELD, [])
    if not held:
        sa.event.listen(session, "before_commit", _append, once=True)
    held.append(_Happened(kind, project_id, episode_id, document))


def tell_shot(session: Session, episode: Episode, number: int, row: ShotStage) -> None:
    """Say where a stage of the episode's shot `number` stands, after each change of it."""
    record_event(
        session,
        "shot",
        project_id=episode.project_id,
        episode_id=episode.id,
        shot=number,
        stage=row.stage,
        state=row.state,
        reason=row.reason,
        version=row.version,
    )


def _append(session: Session) -> None:
    held: list[_Happened] = session.info.pop(_HELD, [])
    if not held:
        return
    session.flush()
    _say_changed(session, {one.episode_id for one in held if one.episode_id is not None})
    # Last of all: from here to the commit no other lock is waited for, so that nobody waits in a circle.
    if is_postgres(session):
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_APPENDING)))
    moment = now()
    for one in held:
        session.execute(
            sa.insert(Event).values(
                kind=one.kind,
                project_id=one.project_id,
                episode_id=one.episode_id,
                document=one.document,
                created_at=moment,
            )
        )


def _say_changed(session: Session, episodes: Iterable[int]) -> None:
    moment = now()
    for episode_id in sorted(episodes):
        session.execute(
            sa.update(Episode)
            .where(Episode.id == episode_id)
            .values(changed_at=moment, changed_since=sa.func.coalesce(Episode.changed_since, moment))
            .execution_options(synchronize_session=False)
        )
