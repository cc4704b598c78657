"""Asking for the work that episodes have: those that changed, and in turn all others, are judged by deciding.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, PackageTask, Project, Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import PipelineError
from aianime_pipeline.moments import has_come
from aianime_pipeline.production.automation.deciding import (
    Nothing,
    ShotSituation,
    Situation,
    StageSituation,
    Wish,
    settled,
    work_due,
)
from aianime_pipeline.production.claims import holder
from aianime_pipeline.production.episodes.rows import ShotView, load_shots
from aianime_pipeline.production.films.composite_rows import find_task as find_composite
from aianime_pipeline.production.films.currency import film_made_of
from aianime_pipeline.production.generations import submitted_shots
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.screenplays.keeping import current_screenplay
from aianime_pipeline.production.shots.failures import from_document
from aianime_pipeline.production.shots.requests import CAPABILITY
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.production.storyboards.keeping import is_due, storyboard_row
from aianime_pipeline.production.tasks.asking import Origin, ask_for
from aianime_pipeline.production.tasks.states import UNFINISHED, TaskState
from aianime_pipeline.production.tasks.stopping import why_stopped

AUTOMATION = "automation"
"""Who asks, in the tasks that nobody asked for."""

MOST_LOOKED_AT = 50
"""Episodes that changed, in one tick."""

SWEPT = 20
"""Others in one tick, those longest not looked at first: whatever was missed is found in the end."""

NOT_AGAIN_FOR = timedelta(seconds=60)
"""The same work of an episode, for the same reason, is not asked for again so soon after its task has ended; and four
times as long each time that it failed anew, until a person has asked for something."""

_LOOKED_BACK = 6
"""Tasks: the longest pause is some 17 hours."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Judged:
    """What became of one episode in a tick."""

    episode: str
    outcome: str
    task: int | None = None
    stopped: bool = False
    """A person wants nothing started by itself there for now."""

    def __str__(self) -> str:
        return f"{self.episode}: {self.outcome}"


def ask_for_due_work(place: Installation) -> list[Judged]:
    """Look at the episodes whose turn it is and ask for what they need. One that cannot be judged does not stop the
    others; it is told, and looked at again. A database that does not answer raises."""
    moment = now()
    with place.database.read() as session:
        episodes = _to_look_at(session, moment)
    judged = []
    for episode in episodes:
        try:
            judged.append(_judge(place, episode.id, moment))
        except (PipelineError, OSError, LookupError, TypeError, ValueError) as error:
            # Whatever is wrong with one episode's rows: the others have work, too.
            _log.warning("an episode cannot be judged", episode=episode.key, error=str(error))
            judged.append(Judged(episode.key, f"cannot be judged: {error}"))
            _looked(place, episode.id, None, moment)
    return judged


def _to_look_at(session: Session, moment: datetime) -> list[Episode]:
    automatic = sa.or_(Project.auto_make, Project.auto_export, Project.auto_package)
    of_projects = sa.select(Episode).join(Project, Project.id == Episode.project_id).where(automatic)
    changed = session.scalars(
        of_projects.where(Episode.changed_since.is_not(None)).order_by(Episode.changed_since).limit(MOST_LOOKED_AT)
    ).all()
    due = [episode for episode in changed if settled(episode.changed_since, episode.changed_at, moment)]
    swept = session.scalars(
        of_projects.where(Episode.changed_since.is_(None))
        # Those that were looked at later than now were so before the clock was set back.
        .order_by(Episode.judged_at.is_not(None), Episode.judged_at <= moment, Episode.judged_at)
        .limit(SWEPT)
    ).all()
    return [*due, *swept]


def _judge(place: Installation, episode_id: int, moment: datetime) -> Judged:
    with place.database.read() as session:
        episode = session.get_one(Episode, episode_id)
        seen = episode.changed_at
        open_task = _open_task(session, episode)
        stopped = ""
        if open_task is not None:
            # What changes until it ends is looked at then: its end is a change, too.
            found: Wish | Nothing = Nothing((f"task {open_task.id} is {open_task.state}",))
        else:
            seen_as = situation(place, session, episode)
            stopped = seen_as.stopped
            found = work_due(seen_as, moment)
            if isinstance(found, Wish) and _just_tried(session, episode, found, moment):
                # It ended and is due still, such as what waits for a provider: not again at once.
                found = Nothing((f"{'; '.join(found.why)}: was just tried",))
    task_id = _ask(place, episode_id, found) if isinstance(found, Wish) else None
    _looked(place, episode_id, seen, moment)
    words = "; ".join(found.why)
    if isinstance(found, Nothing) and found.until is not None:
        words += f" (from {found.until:%H:%M:%S} UTC on)"
    outcome = words if isinstance(found, Nothing) else f"asked for: {words}"
    return Judged(episode.key, outcome, task_id, stopped=bool(stopped))


def _just_tried(session: Session, episode: Episode, wish: Wish, moment: datetime) -> bool:
    newest = session.scalars(
        sa.select(Task)
        .where(Task.episode_id == episode.id, Task.origin != Origin.SCHEDULE.value)
        .order_by(Task.id.desc())
        .limit(_LOOKED_BACK)
    )
    asked = (Origin.SENSOR.value, wish.action.value, "; ".join(wish.why))
    same = list(takewhile(lambda task: (task.origin, task.action, task.why) == asked, newest))
    if not same or same[0].finished_at is None:
        return False
    failed = len(list(takewhile(lambda task: task.state == TaskState.FAILED.value, same)))
    pause = NOT_AGAIN_FOR * int(4 ** max(failed - 1, 0))
    return not has_come(same[0].finished_at + pause, moment, pause)


def _open_task(session: Session, episode: Episode) -> Task | None:
    return session.scalars(
        sa.select(Task)
        .where(Task.episode_id == episode.id, Task.state.in_([state.value for state in UNFINISHED]))
        .limit(1)
    ).first()


def _ask(place: Installation, episode_id: int, wish: Wish) -> int | None:
    """None where another process has just asked."""
    try:
        with place.database.write() as session:
            asked = ask_for(
                session,
                wish.action,
                episode=session.get_one(Episode, episode_id),
                settings={"to": wish.to.value} if wish.to is not None else {},
                origin=Origin.SENSOR,
                requested_by=AUTOMATION,
                why="; ".join(wish.why),
            )
            return asked.task.id
    except IntegrityError:
        # uq_tasks_automatic: one automatic task of an episode at a time.
        return None


def _looked(place: Installation, episode_id: int, seen: datetime | None, moment: datetime) -> None:
    """What changed after `seen` is still to be looked at."""
    with place.database.write() as session:
        session.execute(sa.update(Episode).where(Episode.id == episode_id).values(judged_at=moment))
        if seen is not None:
            session.execute(
                sa.update(Episode)
                .where(Episode.id == episode_id, Episode.changed_at == seen)
                .values(changed_since=None)
            )


def situation(place: Installation, session: Session, episode: Episode) -> Situation:
    """The episode as the decision sees it."""
    project = episode.project
    board, screenplay = storyboard_row(session, episode.id), current_screenplay(session, episode.id)
    views = load_shots(session, episode.id)
    film = find_composite(session, episode)
    package = session.scalar(sa.select(PackageTask).where(PackageTask.episode_id == episode.id))
    film_current = (
        film is not None and film.film_digest is not None and film.made_of == film_made_of(views, film.version)
    )
    in_zip = package.film_digest if package is not None and package.state == "done" else None
    return Situation(
        auto_make=project.auto_make,
        auto_export=project.auto_export,
        auto_package=project.auto_package,
        retake_cap=project.retake_cap,
        board_due=screenplay is not None and is_due(board, screenplay, episode),
        board_state=State(board.review_state) if board is not None else None,
        shots=_shots(session, episode, views),
        film_current=film_current,
        film_failed=film is not None and film.state == "failed",
        zip_current=film is not None and in_zip is not None and in_zip == film.film_digest,
        zip_failed=package is not None and package.state == "failed",
        stopped=why_stopped(session, episode.id),
    )


def _shots(session: Session, episode: Episode, views: Sequence[ShotView]) -> Sequence[ShotSituation]:
    at_vendor = {stage: submitted_shots(session, episode.id, CAPABILITY[stage]) for stage in Stage}
    return [
        ShotSituation(
            view.number,
            view.wanted,
            {stage: _stage(session, view, stage, view.row_id in at_vendor[stage]) for stage in view.stages},
        )
        for view in views
    ]


def _stage(session: Session, view: ShotView, stage: Stage, at_vendor: bool) -> StageSituation:
    row = view.stages[stage].row
    return StageSituation(
        State(row.state),
        row.retakes,
        tuple(from_document(one) for one in row.failures or ()),
        held=at_vendor or holder(session, row) is not None,
    )
