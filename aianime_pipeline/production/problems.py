"""What is broken now, and what to do about it: looked up afresh each time, from the rows themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import (
    Channel,
    CompositeTask,
    Delivery,
    Episode,
    Generation,
    PackageTask,
    Project,
    ProviderState,
    Schedule,
    Shot,
    ShotStage,
    Task,
)
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.episodes.rows import load_shots
from aianime_pipeline.production.shots.failures import LEAST_FOR_A_STOP, from_document, try_again_at
from aianime_pipeline.production.shots.held_back import cause_of_stop, held_back
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.production.tasks.states import TaskState
from aianime_pipeline.providers.routing import LONGEST_WAIT

MOST_OF_A_KIND = 100
_MOST_SHOTS = 12
_LATELY = timedelta(days=2)
"""A task that failed longer ago has been seen, or is of no interest any more."""


@dataclass(frozen=True)
class Problem:
    """`where` is an episode, a project, a provider, ...; `advice` what a person can do."""

    kind: str
    where: str
    what: str
    advice: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.advice}"


def standing_problems(session: Session) -> list[Problem]:
    """All of them, at most MOST_OF_A_KIND of each kind, in a stable order."""
    return [
        *_failed_shots(session),
        *_held_back(session),
        *_over_the_cap(session),
        *_ambiguous(session),
        *_failed_films(session),
        *_failed_tasks(session),
        *_closed_providers(session),
        *_bad_schedules(session),
        *_bad_channels(session),
    ]


def _failed_shots(session: Session) -> Iterator[Problem]:
    for episode, shot, row in _stages(session, ShotStage.state == State.FAILED.value):
        failures = [from_document(one) for one in row.failures or ()]
        again = try_again_at(failures)
        advice = f"Name it to have it made again: aianime make {episode} --shots {shot}."
        if again is not None:
            advice = f"It passes by itself and may be tried again from {again:%H:%M:%S} UTC on. {advice}"
        yield Problem("shot", episode, f"shot {shot}'s {row.stage} failed: {row.reason}", advice)


def _held_back(session: Session) -> Iterator[Problem]:
    """Shots that are not begun by themselves because too many others of their episode failed for one cause."""
    for episode, stage in _with_many_failures(session):
        views = load_shots(session, episode.id)
        cause, left = cause_of_stop(views, stage), held_back(views, stage)
        if cause is not None and left:
            shown = ", ".join(map(str, left[:_MOST_SHOTS])) + (", ..." if len(left) > _MOST_SHOTS else "")
            yield Problem(
                "held_back",
                episode.key,
                f"{len(left)} shots ({shown}) have no {stage} begun by itself, because too many others failed for one "
                f"cause ({cause})",
                f"When that is mended: aianime make {episode.key}.",
            )


def _with_many_failures(session: Session) -> list[tuple[Episode, Stage]]:
    """Episodes, with a stage each, in which so many shots failed that others may be held back."""
    rows = session.execute(
        sa.select(Shot.episode_id, ShotStage.stage)
        .join(ShotStage, ShotStage.shot_id == Shot.id)
        .where(Shot.retired.is_(False), Shot.skipped_by.is_(None), ShotStage.state == State.FAILED.value)
        .group_by(Shot.episode_id, ShotStage.stage)
        .having(sa.func.count() >= LEAST_FOR_A_STOP)
        .order_by(Shot.episode_id, ShotStage.stage)
        .limit(MOST_OF_A_KIND)
    ).all()
    return [(session.get_one(Episode, episode_id), Stage(stage)) for episode_id, stage in rows]


def _over_the_cap(session: Session) -> Iterator[Problem]:
    over = ShotStage.state == State.REJECTED.value, ShotStage.retakes > Project.retake_cap
    for episode, shot, row in _stages(session, *over):
        yield Problem(
            "retakes",
            episode,
            f"shot {shot}'s {row.stage} was rejected {row.retakes} times, the last time: {row.reason}",
            f"Change its prompt, select an earlier take, leave it out, or have it made again by name: aianime make "
            f"{episode} --shots {shot}.",
        )


def _stages(session: Session, *which: sa.ColumnElement[bool]) -> list[tuple[str, int, ShotStage]]:
    query = (
        sa.select(Episode.key, Shot.number, ShotStage)
        .join(Shot, Shot.id == ShotStage.shot_id)
        .join(Episode, Episode.id == Shot.episode_id)
        .join(Project, Project.id == Episode.project_id)
        .where(Shot.retired.is_(False), Shot.skipped_by.is_(None), *which)
        .order_by(Episode.key, Shot.position, ShotStage.id)
        .limit(MOST_OF_A_KIND)
    )
    return [(key, number, row) for key, number, row in session.execute(query)]


def _ambiguous(session: Session) -> Iterator[Problem]:
    rows = session.scalars(
        sa.select(Generation).where(Generation.state == "ambiguous").order_by(Generation.id).limit(MOST_OF_A_KIND)
    )
    for row in rows:
        yield Problem(
            "generation",
            row.provider,
            f"it is not known whether request {row.id} ({row.capability} by {row.model}) was taken",
            f"Look at the vendor's own list, then say so: aianime generations resolve {row.id}.",
        )


def _failed_films(session: Session) -> Iterator[Problem]:
    for table, what, again in ((CompositeTask, "film", "film"), (PackageTask, "ZIP", "package")):
        rows = session.execute(
            sa.select(Episode.key, table.reason)
            .join(table, table.episode_id == Episode.id)
            .where(table.state == "failed")
            .order_by(Episode.key)
            .limit(MOST_OF_A_KIND)
        )
        for key, reason in rows:
            advice = f"When that is mended: aianime ask {again} {key}."
            yield Problem(again, key, f"its {what} could not be made: {reason}", advice)


def _failed_tasks(session: Session) -> Iterator[Problem]:
    newest = (
        sa.select(sa.func.max(Task.id))
        .where(Task.finished_at >= now() - _LATELY)
        .group_by(Task.project_id, Task.episode_id, Task.action)
    )
    rows = session.scalars(
        sa.select(Task)
        .where(Task.id.in_(newest), Task.state == TaskState.FAILED.value)
        .order_by(Task.id)
        .limit(MOST_OF_A_KIND)
    )
    for row in rows:
        episode = session.get(Episode, row.episode_id) if row.episode_id is not None else None
        where = episode.key if episode is not None else "installation"
        yield Problem(
            "task",
            where,
            f"task {row.id} ({row.action}) failed: {row.reason}",
            f"Look at run {row.run_id} in the Dagster UI, then ask again.",
        )


def _closed_providers(session: Session) -> Iterator[Problem]:
    moment = now()
    closed = ProviderState.closed_until.between(moment, moment + LONGEST_WAIT)
    for row in session.scalars(sa.select(ProviderState).where(closed).order_by(ProviderState.name)):
        yield Problem(
            "provider",
            row.name,
            f"it is not asked until {row.closed_until:%H:%M:%S} UTC: {row.reason}",
            "Look at its key, its money and its address: aianime providers check.",
        )


def _bad_schedules(session: Session) -> Iterator[Problem]:
    rows = session.scalars(sa.select(Schedule).where(Schedule.problem != "").order_by(Schedule.name))
    for row in rows:
        yield Problem("schedule", row.name, row.problem, f"Change it: aianime schedule change {row.name}.")


def _bad_channels(session: Session) -> Iterator[Problem]:
    rows = session.execute(
        sa.select(Channel.name, sa.func.count())
        .join(Delivery, Delivery.channel_id == Channel.id)
        .where(Delivery.state.in_(["failed", "unknown"]), Delivery.created_at >= now() - _LATELY)
        .group_by(Channel.name)
        .order_by(Channel.name)
    )
    for name, count in rows:
        yield Problem(
            "channel",
            name,
            f"{count} notices did not get through, or it is not known whether they did",
            f"See why, then try it: aianime channel deliveries {name}, aianime channel test {name}.",
        )
