"""Rows that figures are counted from."""

from datetime import UTC, datetime, timedelta
from typing import Any

from support.spending import add_generation, add_project, use

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Episode, Project, Shot, ShotStage, Task
from aianime_pipeline.db.models.base import now


def add_task(database: Database, state: str, waits: timedelta = timedelta(0)) -> None:
    """One that may be launched since `waits`; less than nothing: in the future."""
    with database.write() as session:
        session.add(
            Task(action="cleanup", settings={}, origin="person", requested_by="li", state=state, result={},
                 due_at=now() - waits)
        )  # fmt: skip


def add_shots(database: Database, project: Project, *states: str, stage: str = "image", retired: bool = False) -> None:
    with database.write() as session:
        episode = Episode(project_id=project.id, number=1, key=f"{project.slug}-e001")
        session.add(episode)
        session.flush()
        for number, state in enumerate(states, start=1):
            shot = Shot(episode_id=episode.id, number=number, position=number, retired=retired, document={})
            session.add(shot)
            session.flush()
            session.add(ShotStage(shot_id=shot.id, stage=stage, state=state))


def settle(database: Database, project: Project, cost: int = 0, **values: Any) -> None:
    """A call that was charged; `values` are of its generation, or `latency_ms`, `currency` and `at` of its usage."""
    of_usage = {name: values.pop(name) for name in ("latency_ms", "currency") if name in values}
    at = values.pop("at", datetime.now(UTC))
    with database.write() as session:
        use(session, add_generation(session, project, **({"state": "succeeded"} | values)), cost, at, **of_usage)


def refuse(database: Database, project: Project, kind: str | None, state: str = "failed", **values: Any) -> None:
    """A call that nothing came of."""
    with database.write() as session:
        add_generation(session, project, state=state, error_kind=kind, **values)


def some_of_everything(database: Database) -> Project:
    project = add_project(database, "figures")
    add_task(database, "waiting", timedelta(seconds=90))
    add_task(database, "waiting", timedelta(seconds=-300))
    add_task(database, "done")
    add_shots(database, project, "approved", "approved", "review")
    settle(database, project, 450_000, latency_ms=1_500)
    settle(database, project, 50_000, latency_ms=500, state="failed", error_kind="moderated")
    refuse(database, project, "auth")
    refuse(database, project, None)
    refuse(database, project, "ambiguous", "ambiguous")
    refuse(database, project, None, "submitted")
    return project
