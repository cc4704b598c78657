"""A report of how projects stand: told as a notice, for whoever does not look every day."""

from collections import Counter
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, Episode, Project, Shot, ShotStage, Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notices.telling import tell
from aianime_pipeline.production.shots.stages import AWAITS_PERSON, State
from aianime_pipeline.production.tasks.states import TaskState
from aianime_pipeline.production.usage.queries import UsageFilters, usage_totals
from aianime_pipeline.providers.prices import amount

SPAN = timedelta(days=7)
"""What a report looks back on."""

NOTICE_KIND = "report"


def tell_report(place: Installation, task_id: int | None = None) -> list[dict[str, Any]]:
    """Tell how each project stands, or the one that the task is about. Told once for each task. Returns one document
    for each project: its episodes, films, shots by what they wait for, failed tasks, and cost of the last week."""
    with place.database.write() as session:
        task = session.get(Task, task_id) if task_id is not None else None
        query = sa.select(Project).order_by(Project.slug)
        if task is not None and task.project_id is not None:
            query = query.where(Project.id == task.project_id)
        documents = []
        for project in session.scalars(query):
            documents.append(_report(session, project))
            key = f"report:{project.id}:{task_id if task_id is not None else now().isoformat()}"
            tell(session, key=key, kind=NOTICE_KIND, text=_in_words(documents[-1]), project_id=project.id)
        if task is not None:
            task.result = {"projects": documents}
        return documents


def _report(session: Session, project: Project) -> dict[str, Any]:
    since = now() - SPAN
    episodes = session.scalar(sa.select(sa.func.count()).where(Episode.project_id == project.id)) or 0
    films = session.scalar(
        sa.select(sa.func.count())
        .select_from(CompositeTask)
        .join(Episode, Episode.id == CompositeTask.episode_id)
        .where(Episode.project_id == project.id, CompositeTask.film_digest.is_not(None))
    )
    states = Counter(
        dict(
            session.execute(
                sa.select(ShotStage.state, sa.func.count())
                .join(Shot, Shot.id == ShotStage.shot_id)
                .join(Episode, Episode.id == Shot.episode_id)
                .where(Episode.project_id == project.id, Shot.retired.is_(False))
                .group_by(ShotStage.state)
            )
            .tuples()
            .all()
        )
    )
    failed = session.scalar(
        sa.select(sa.func.count()).where(
            Task.project_id == project.id, Task.state == TaskState.FAILED.value, Task.finished_at >= since
        )
    )
    costs = usage_totals(session, UsageFilters(project=project.slug), start=since)
    return {
        "project": project.slug,
        "episodes": episodes,
        "films": films or 0,
        "waiting_for_people": sum(states[state.value] for state in AWAITS_PERSON),
        "failed": states[State.FAILED.value],
        "failed_tasks": failed or 0,
        "cost_micros": {total.currency: total.cost_micros for total in costs},
    }


def _in_words(document: dict[str, Any]) -> str:
    cost = ", ".join(f"{amount(micros)} {currency}" for currency, micros in document["cost_micros"].items() if micros)
    return (
        f"{document['project']}: {document['films']} of {document['episodes']} episodes have a film; "
        f"{document['waiting_for_people']} takes wait for a person, {document['failed']} failed; in the last week "
        f"{document['failed_tasks']} tasks failed and {cost or 'nothing'} was spent."
    )
