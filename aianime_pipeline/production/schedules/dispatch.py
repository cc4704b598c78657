"""The dispatcher of schedules: asks for the tasks of what is due, from where it last looked up to now.

It remembers how far it has looked (table `marks`) in the transaction that writes the tasks, and each task has a key of
schedule, revision, time and episode: so a time is asked for once, whoever dies or dispatches at the same moment. A row
is due at its times in `(max(mark, its last change), now]`. One that cannot be evaluated says why and stops no other.

Where very much is due, a look takes several transactions, so that nobody waits long for the database. What it is up to
is a second mark, and what it has done is in the rows: whoever looks next goes on with it, and judges by its moment.

Times are whole minutes: while no new one has begun, a look is one small query.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Mark, Project, Schedule
from aianime_pipeline.errors import BadSettingError, NotFoundError, PipelineError
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.schedules.keeping import lock_schedules, looked_until
from aianime_pipeline.production.schedules.notices import tell_clock, tell_missed, tell_problem
from aianime_pipeline.production.schedules.work import ScheduledWork
from aianime_pipeline.production.tasks.asking import Origin, Priority, ask_for
from aianime_pipeline.scheduling.catching_up import Due, checked_catch_up, checked_grace, due_between
from aianime_pipeline.scheduling.numbers import EpisodeNumbers
from aianime_pipeline.scheduling.timetable import parse_timetable

_WRONG_CLOCK = timedelta(days=1)
"""A clock that was set back by more was wrong before: waiting until it is there again could take years."""
_MOST_REMEMBERED = 50_000
_AT_ONCE = 500
"""Schedules, or tasks, in one transaction, which takes about a second then; a schedule's own are never parted."""
_UNFINISHED = "schedules unfinished"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Dispatched:
    """`schedules` are on and were looked at; `asked` tasks are new, `missed` times were not run, `problems` schedules
    could not be evaluated. `waiting` says why none was looked at."""

    schedules: int = 0
    asked: int = 0
    missed: int = 0
    problems: int = 0
    waiting: str = ""

    def in_words(self) -> str:
        if self.waiting:
            return self.waiting
        words = f"{self.schedules} schedules were looked at, {self.asked} tasks asked for"
        words += f", {self.missed} times missed" if self.missed else ""
        return words + (f", {self.problems} schedules cannot be run" if self.problems else "") + "."

    def with_row(self, row: "Dispatched") -> "Dispatched":
        return replace(
            self,
            asked=self.asked + row.asked,
            missed=self.missed + row.missed,
            problems=self.problems + row.problems,
        )


def dispatch(place: Installation, now: datetime) -> Dispatched:
    """Ask for everything that is due up to `now`. Whatever fails but a row's own values raises, and the next look goes
    on from the last transaction."""
    with place.database.read() as session:
        waiting = _waiting(looked_until(session), now)
    if waiting:
        return Dispatched(waiting=waiting)
    done = None
    while True:
        with place.database.write() as session:
            mark = lock_schedules(session)
            if waiting := _waiting(mark.instant, now):
                return done or Dispatched(waiting=waiting)
            if mark.instant > now:
                return _start_over(session, mark, now)
            done = _look(session, mark, now, done or Dispatched())


def _waiting(looked: datetime, now: datetime) -> str:
    """Why nothing can be due, empty where something can."""
    if looked - _WRONG_CLOCK <= now < looked:
        return f"The clock was set back: up to {looked:%Y-%m-%d %H:%M:%S} (UTC) everything was looked at already."
    if looked <= now and now.replace(second=0, microsecond=0) <= looked:
        return f"No minute has begun since {looked:%H:%M:%S} (UTC), when schedules were looked at."
    return ""


def _start_over(session: Session, mark: Mark, now: datetime) -> Dispatched:
    """The clock was wrong: go on from now. Tasks that are there already keep their keys."""
    tell_clock(session, mark.instant, now)
    session.execute(sa.update(Schedule).where(Schedule.updated_at > now).values(updated_at=now))
    session.execute(sa.update(Schedule).where(Schedule.looked_at > now).values(looked_at=None))
    session.execute(sa.delete(Mark).where(Mark.name == _UNFINISHED))
    mark.instant = now
    return Dispatched(waiting="The clock was set back by more than a day: schedules go on from now.")


def _look(session: Session, mark: Mark, now: datetime, done: Dispatched) -> Dispatched:
    """Some of what is due, or all of it: then the mark moves on. Returns `done` with it."""
    unfinished = session.get(Mark, _UNFINISHED)
    until = now if unfinished is None else unfinished.instant
    on = session.execute(
        sa.select(Schedule.id, Schedule.cron, Schedule.time_zone, Schedule.updated_at, Schedule.looked_at).where(
            Schedule.enabled
        )
    ).all()
    starts = {row.id: max(mark.instant, row.updated_at, row.looked_at or mark.instant) for row in on}
    due = sorted(
        row.id for row in on if starts[row.id] < until and _concerns(row.cron, row.time_zone, starts[row.id], until)
    )
    done, asked_before = replace(done, schedules=len(on)), done.asked
    looked_at: list[int] = []
    for row in session.scalars(sa.select(Schedule).where(Schedule.id.in_(due[:_AT_ONCE])).order_by(Schedule.id)).all():
        if done.asked - asked_before >= _AT_ONCE:
            break
        done = done.with_row(_dispatch(session, row, starts[row.id], until))
        looked_at.append(row.id)
    if len(looked_at) < len(due):
        session.execute(sa.update(Schedule).where(Schedule.id.in_(looked_at)).values(looked_at=until))
        session.merge(Mark(name=_UNFINISHED, instant=until))
        return done
    if unfinished is not None:
        session.delete(unfinished)
    mark.instant = until
    return done


def _dispatch(session: Session, row: Schedule, after: datetime, now: datetime) -> Dispatched:
    try:
        due, work, episodes = _due(session, row, after, now)
    except PipelineError as error:
        _note_problem(session, row, error.message)
        return Dispatched(problems=1)
    row.problem = ""
    asked = 0
    for tick in due.run:
        for episode in episodes:
            asked += _ask(session, row, work, tick, episode)
    if due.missed is None:
        return Dispatched(asked=asked)
    tell_missed(session, row, due.missed)
    return Dispatched(asked=asked, missed=due.missed.count)


def _due(
    session: Session, row: Schedule, after: datetime, now: datetime
) -> tuple[Due, ScheduledWork, list[Episode] | list[None]]:
    """Raises PipelineError for a row that says what nobody can do."""
    timetable = parse_timetable(row.cron, row.time_zone)
    grace = timedelta(seconds=checked_grace(row.grace_seconds))
    due = due_between(timetable, after, now, checked_catch_up(row.catch_up), grace)
    work = ScheduledWork.of(row.action, row.settings, has_project=row.project_id is not None)
    if work.episodes is None:
        return due, work, [None]
    return due, work, _episodes(session, row, work.episodes)


def _episodes(session: Session, row: Schedule, numbers: EpisodeNumbers) -> list[Episode]:
    query = sa.select(Episode).where(Episode.project_id == row.project_id).order_by(Episode.number)
    if numbers.ranges is not None:
        query = query.where(sa.or_(*(Episode.number.between(first, last) for first, last in numbers.ranges)))
    found = list(session.scalars(query))
    if not found:
        slug = session.scalar(sa.select(Project.slug).where(Project.id == row.project_id))
        which = "" if numbers.ranges is None else f" of the numbers {numbers}"
        raise NotFoundError(f"Project {slug} has no episode{which} yet.")
    return found


def _ask(session: Session, row: Schedule, work: ScheduledWork, tick: datetime, episode: Episode | None) -> bool:
    """Whether the task is new."""
    key = f"schedule:{row.uid}:{row.revision}:{tick:%Y-%m-%dT%H:%MZ}"
    asked = ask_for(
        session,
        work.action,
        episode=episode,
        settings=work.settings,
        origin=Origin.SCHEDULE,
        requested_by=row.created_by,
        why=f"schedule {row.name}",
        # After what people wait for.
        priority=Priority.P2,
        key=key if episode is None else f"{key}:{episode.key}",
        due_at=tick,
    )
    return asked.new


def _note_problem(session: Session, row: Schedule, problem: str) -> None:
    if row.problem == problem:
        return
    row.problem = problem
    tell_problem(session, row)
    _log.warning("a schedule cannot be run", schedule=row.name, problem=problem)


_next_times: dict[tuple[str, str], tuple[datetime, datetime]] = {}
"""Of each timetable: after which instant its next time was looked for, and that time."""


def _concerns(cron: str, zone: str, after: datetime, now: datetime) -> bool:
    """Whether the row has a time in `(after, now]`, or cannot be evaluated. Quick: the next time is remembered."""
    known = _next_times.get((cron, zone))
    if known is None or not known[0] <= after < known[1]:
        try:
            timetable = parse_timetable(cron, zone)
        except BadSettingError:
            return True
        if len(_next_times) >= _MOST_REMEMBERED:
            _next_times.clear()
        known = _next_times[cron, zone] = after, next(timetable.after(after), datetime.max.replace(tzinfo=UTC))
    return known[1] <= now
