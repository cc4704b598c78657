"""Schedules: work that is asked for again and again, as rows that people create, change and delete at any time.

Nothing is loaded or restarted for it: the dispatcher (dispatch.py) reads the rows each time it looks. A change
takes the schedule's next revision and holds from then on; a time that was due before it and not looked at yet is given
up. Changes and the dispatcher wait for each other, so that each time is judged by one state of its row.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import Mark, Project, Schedule
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError, NotFoundError, ScheduleExistsError, StaleVersionError
from aianime_pipeline.production.events import record_event
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.schedules.work import ScheduledWork
from aianime_pipeline.production.tasks.actions import OF_EPISODES
from aianime_pipeline.production.written_text import checked_text
from aianime_pipeline.scheduling.catching_up import CatchUp, checked_catch_up, checked_grace
from aianime_pipeline.scheduling.timetable import parse_timetable

SHOWN_TIMES = 5
LOOKED_AT_NOTHING = datetime(1970, 1, 1, tzinfo=UTC)

_MARK = "schedules"
_LONGEST_NAME = 80
_NEEDED = ("name", "cron", "time_zone", "action")
_AS_USUAL: dict[str, Any] = {
    "project": None,
    "settings": {},
    "enabled": True,
    "catch_up": CatchUp.LATEST.value,
    "grace_seconds": 3600,
}


def create_schedule(session: Session, values: Mapping[str, Any], *, who: str, at: datetime | None = None) -> Schedule:
    """`values`: `name`, `cron`, `time_zone`, `action`, and as far as it is not as usual `project` (its short name),
    `settings` (work.py), `enabled`, `catch_up` (skip, latest or all) and `grace_seconds`.

    Raises BadSettingError that says what would be right, ScheduleExistsError, NotFoundError for the project.
    """
    lock_schedules(session)
    if missing := [name for name in _NEEDED if name not in values]:
        raise BadSettingError(f"A schedule needs its {', '.join(missing)}.")
    moment = at or now()
    row = Schedule(
        uid=str(uuid.uuid4()),
        **_checked(session, _AS_USUAL | dict(values), None),
        revision=1,
        created_at=moment,
        updated_at=moment,
        created_by=who,
        problem="",
    )
    session.add(row)
    session.flush()
    _record(session, row, "created", who)
    return row


def change_schedule(
    session: Session,
    name: str,
    changes: Mapping[str, Any],
    *,
    who: str,
    revision: int | None = None,
    at: datetime | None = None,
    stays: bool = False,
) -> Schedule:
    """Change what `changes` names, of the same fields as a new one; of `settings` only those given. Another action
    keeps project and episodes if it is about any, and has its other settings as usual. What changes nothing is not
    stored. `stays`, for somebody whose right to it is of one project: it stays that project's, and one of the
    installation the installation's.

    Raises what `create_schedule` raises, NotFoundError for the schedule, and StaleVersionError where it no longer has
    `revision`.
    """
    lock_schedules(session)
    row = find_schedule(session, name)
    _check_revision(row, revision)
    kept = _values(session, row)
    if changes.get("action", row.action) != row.action:
        kept |= _kept_for(changes["action"], kept)
    wished = kept | dict(changes)
    if isinstance(wished["settings"], Mapping):
        wished["settings"] = {**kept["settings"], **wished["settings"]}
    checked = _checked(session, wished, row)
    if all(getattr(row, column) == value for column, value in checked.items()):
        return row
    if stays and checked["project_id"] != row.project_id:
        raise BadSettingError(
            f"The schedule {row.name} stays whose it is, so its action does not become {checked['action']}: create "
            "another one.",
            field="action",
        )
    for column, value in checked.items():
        setattr(row, column, value)
    row.revision += 1
    row.updated_at = at or now()
    row.problem = ""
    _record(session, row, "changed", who)
    return row


def remove_schedule(session: Session, name: str, *, who: str, revision: int | None = None) -> Schedule:
    """What it has asked for stays. Raises NotFoundError, and StaleVersionError where it no longer has `revision`.
    Returns what it was."""
    lock_schedules(session)
    row = find_schedule(session, name)
    _check_revision(row, revision)
    session.delete(row)
    _record(session, row, "removed", who)
    return row


def find_schedule(session: Session, name: str) -> Schedule:
    """Raises NotFoundError."""
    query = sa.select(Schedule).where(Schedule.name == name).execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        known = session.scalars(sa.select(Schedule.name).order_by(Schedule.name).limit(20)).all()
        raise NotFoundError(f"There is no schedule {name!r}; there are: {', '.join(known) or 'none yet'}.", name=name)
    return row


def list_schedules(session: Session, *, project: Project | None = None) -> list[Schedule]:
    """By their names; of a project, or all."""
    query = sa.select(Schedule).order_by(Schedule.name)
    if project is not None:
        query = query.where(Schedule.project_id == project.id)
    return list(session.scalars(query))


def next_times(row: Schedule, after: datetime) -> list[datetime]:
    """The next five times, in the schedule's time zone; none while it is off. Raises BadSettingError."""
    timetable = parse_timetable(row.cron, row.time_zone)
    found = islice(timetable.after(after), SHOWN_TIMES) if row.enabled else ()
    return [tick.astimezone(timetable.zone) for tick in found]


def schedule_document(session: Session, row: Schedule, at: datetime) -> dict[str, Any]:
    """The schedule as JSON, with its next times after `at`; also one that cannot be evaluated, which says why."""
    problem = row.problem
    try:
        following = next_times(row, at)
    except BadSettingError as error:
        following, problem = [], error.message
    return {
        "uid": row.uid,
        **_values(session, row),
        "revision": row.revision,
        "created_by": row.created_by,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "problem": problem,
        "next": [tick.isoformat() for tick in following],
    }


def _check_revision(row: Schedule, revision: int | None) -> None:
    if revision is not None and row.revision != revision:
        raise StaleVersionError(
            f"Schedule {row.name!r} is at revision {row.revision} and not {revision}: it was changed meanwhile. Look "
            "at it and change it again.",
            revision=row.revision,
        )


def lock_schedules(session: Session) -> Mark:
    """Up to which instant the dispatcher has looked at schedules; nobody else looks or changes one until the caller's
    write transaction ends."""
    insert_unless_there(session, Mark, "name", {"name": _MARK, "instant": LOOKED_AT_NOTHING})
    query = sa.select(Mark).where(Mark.name == _MARK).with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()


def looked_until(session: Session) -> datetime:
    """The same without waiting for anybody."""
    return session.scalar(sa.select(Mark.instant).where(Mark.name == _MARK)) or LOOKED_AT_NOTHING


def _checked(session: Session, values: Mapping[str, Any], row: Schedule | None) -> dict[str, Any]:
    """The columns of the row. Raises BadSettingError, NotFoundError."""
    if unknown := sorted(set(values) - set(_NEEDED) - set(_AS_USUAL)):
        raise BadSettingError(f"A schedule has no {', '.join(unknown)}; it has {', '.join((*_NEEDED, *_AS_USUAL))}.")
    timetable = parse_timetable(_text(values, "cron"), _text(values, "time_zone"))
    if type(values["enabled"]) is not bool:
        raise BadSettingError(f"enabled is {values['enabled']!r}; it takes true or false.")
    has_project = values["project"] is not None
    work = ScheduledWork.of(values["action"], values["settings"], has_project=has_project)
    return {
        "name": _checked_name(session, _text(values, "name"), row),
        "project_id": find_project(session, _text(values, "project")).id if has_project else None,
        "cron": timetable.cron.text,
        "time_zone": timetable.zone.key,
        "action": work.action.value,
        "settings": work.to_document(),
        "enabled": values["enabled"],
        "catch_up": checked_catch_up(values["catch_up"]).value,
        "grace_seconds": checked_grace(values["grace_seconds"]),
    }


def _checked_name(session: Session, name: str, row: Schedule | None) -> str:
    if not name.isprintable() or name != name.strip() or not 1 <= len(name) <= _LONGEST_NAME:
        raise BadSettingError(
            f"The name {name[:_LONGEST_NAME]!r} does not fit: it takes 1 to {_LONGEST_NAME} characters in one line, "
            "such as nightly-images.",
            name=name,
        )
    other = session.scalar(sa.select(Schedule).where(Schedule.name == name))
    if other is not None and other is not row:
        raise ScheduleExistsError(f"There is a schedule {name!r} already: choose another name.", name=name)
    return name


def _text(values: Mapping[str, Any], name: str) -> str:
    if not isinstance(values[name], str):
        raise BadSettingError(f"{name} is {values[name]!r}; it takes a text.")
    return checked_text(values[name], name)


def _values(session: Session, row: Schedule) -> dict[str, Any]:
    """The fields of `create_schedule`."""
    return {
        "name": row.name,
        "project": session.get_one(Project, row.project_id).slug if row.project_id is not None else None,
        "cron": row.cron,
        "time_zone": row.time_zone,
        "action": row.action,
        "settings": row.settings,
        "enabled": row.enabled,
        "catch_up": row.catch_up,
        "grace_seconds": row.grace_seconds,
    }


def _kept_for(action: object, values: Mapping[str, Any]) -> dict[str, Any]:
    """What another action has of the schedule's project and settings."""
    if action not in tuple(OF_EPISODES):
        return {"project": None, "settings": {}}
    episodes = values["settings"].get("episodes")
    return {"settings": {} if episodes is None else {"episodes": episodes}}


def _record(session: Session, row: Schedule, change: str, who: str) -> None:
    record_event(
        session, "schedule", project_id=row.project_id, schedule=row.uid, name=row.name, change=change, who=who
    )
