"""Tasks: what was asked for, how far it is; cancel it, ask for it again, have it go sooner."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.membership import visible_projects
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Episode, Project, Task
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.cancelling import cancel_task, find_task
from aianime_pipeline.production.tasks.prioritising import set_priority
from aianime_pipeline.production.tasks.progress import progress_of
from aianime_pipeline.production.tasks.retrying import retry_task
from aianime_pipeline.production.tasks.states import TaskState
from aianime_pipeline.production.tasks.stopping import is_automatic
from api.asking import ACCEPTED, ask_for_task
from api.dependencies import Allowed, Filter, Id, Place, logged_in, may
from api.errors import errors_of
from api.idempotency import OnceOnly
from api.paging import Page, Paging, paged
from api.routing import Router
from api.schemas.tasks import AskedTask, TaskView, Urgency, priority_of, show_named_task, show_task

router = Router(prefix="/tasks", tags=["tasks"])


class StageProgress(BaseModel):
    stage: StageName
    percent: float
    step: str
    total: int = Field(description="Shots, or assets.")
    made: int
    kept: int
    waiting: int
    skipped: int
    failed: int


class TaskProgress(BaseModel):
    percent: float | None = Field(description="Of the whole task; null where it has no stages.")
    step: str = Field(description="What its run does now, or waits for.")
    seconds_left: float | None = Field(description="Null where nobody can tell.")
    stages: list[StageProgress]


class TaskWithProgress(TaskView):
    progress: TaskProgress


class CancelledTask(TaskView):
    stops_automatic_work: bool = Field(
        description="Nobody had asked for it: nothing more is started by itself in its episode until a person does "
        "something there."
    )


class TaskChange(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"priority": 0}]})

    priority: Urgency


@router.get("", responses=errors_of(403))
def list_tasks(
    place: Place,
    caller: Caller = logged_in(Action.VIEW),
    project: Filter = None,
    episode: Filter = None,
    state: Annotated[list[TaskState] | None, Query(description="May be given again.")] = None,
    action: Annotated[list[TaskAction] | None, Query(description="May be given again.")] = None,
    paging: Paging = paged(),
) -> Page[TaskView]:
    """The tasks that the caller sees, the newest first; those of the whole installation only administrators see."""
    query = sa.select(Task)
    if not caller.is_admin or caller.scopes is not None:
        query = query.where(Task.project_id.in_(visible_projects(caller)))
    if project is not None:
        query = query.where(Task.project_id.in_(sa.select(Project.id).where(Project.slug == project)))
    if episode is not None:
        query = query.where(Task.episode_id.in_(sa.select(Episode.id).where(Episode.key == episode)))
    if state:
        query = query.where(Task.state.in_([one.value for one in state]))
    if action:
        query = query.where(Task.action.in_([one.value for one in action]))
    with place.database.read() as session:
        named = (
            query.add_columns(Project.slug, Episode.key)
            .outerjoin(Project, Project.id == Task.project_id)
            .outerjoin(Episode, Episode.id == Task.episode_id)
        )
        return paging.joined(session, named, Task.id, show_named_task, newest_first=True)


@router.get("/{task}", responses=errors_of(403, 404))
def read_task(task: Id, place: Place, allowed: Allowed = may(Action.VIEW)) -> TaskWithProgress:
    """One task, with how far it is and what came of it."""
    with place.database.read() as session:
        found = find_task(session, task)
        at = progress_of(session, found)
        return TaskWithProgress(
            **show_task(session, found).model_dump(),
            progress=TaskProgress(
                percent=at.percent,
                step=at.step,
                seconds_left=at.seconds_left,
                stages=[StageProgress(**vars(stage)) for stage in at.stages],
            ),
        )


@router.patch("/{task}", responses=errors_of(403, 404, 409))
def change_task(task: Id, body: TaskChange, place: Place, allowed: Allowed = may(Action.PIPELINE_RUN)) -> TaskView:
    """Have a task that waits go sooner or later than others."""
    with place.database.write() as session:
        return show_task(session, set_priority(session, task, priority_of(body.priority)))


@router.post("/{task}/cancel", responses=errors_of(403, 404, 409))
def cancel_a_task(task: Id, place: Place, allowed: Allowed = may(Action.TASK_CANCEL)) -> CancelledTask:
    """Have it stopped: one that waits has ended at once, one that runs within seconds. What it has made stays."""
    with place.database.write() as session:
        cancelled = cancel_task(session, task, allowed.who)
        return CancelledTask(**show_task(session, cancelled).model_dump(), stops_automatic_work=is_automatic(cancelled))


@router.post("/{task}/retry", status_code=ACCEPTED, responses=errors_of(403, 404, 409))
def retry_a_task(task: Id, place: Place, once: OnceOnly, allowed: Allowed = may(Action.PIPELINE_RUN)) -> AskedTask:
    """Ask again for what a task that has ended did not bring about. What it made is not paid for again."""
    return ask_for_task(place, once, allowed.who, lambda session: retry_task(session, task, who=allowed.who))
