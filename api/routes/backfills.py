"""Backfills: several episodes of a project brought up to date at once, by Dagster's own backfill, where it shows."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts import idempotency
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.dagster_client.model import BackfillStatus
from aianime_pipeline.errors import DagsterRefusedError, DagsterUnavailableError, TooManyAtOnceError
from aianime_pipeline.production.backfills import (
    MOST_EPISODES,
    BackfillOrder,
    BackfillSeen,
    episodes_of,
    launch_backfill,
    read_backfill,
)
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.runs import StageName
from api.asking import ACCEPTED
from api.dependencies import Allowed, Place, ProjectSlug, may
from api.errors import errors_of
from api.idempotency import OnceOnly
from api.limits import BACKFILLS
from api.routes.work import PipelineStage
from api.routing import Router

router = Router(prefix="/projects/{project}/backfills", tags=["work"], looks=False)

BackfillId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["ptvkzyxq"])]


class BackfillRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"episodes": [1, 2, 3], "to": "film"}]})

    episodes: Annotated[list[Annotated[int, Field(ge=1, le=9_999)]], Field(min_length=1, max_length=MOST_EPISODES)] | (
        None
    ) = Field(None, description="Their numbers; null: all of the project.")
    to: PipelineStage = Field(
        default="package", description="The last stage; all before it are brought up to date, too."
    )


class LaunchedBackfill(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"backfill": "ptvkzyxq", "project": "moonlit", "episodes": ["moonlit-e001"]}]}
    )

    backfill: str
    project: str
    episodes: list[str]


class BackfillView(BaseModel):
    backfill: str
    project: str
    status: BackfillStatus = Field(description="Dagster's word. REQUESTED also while its runs are at work.")
    finished: bool
    episodes: int | None
    runs: dict[str, int] = Field(description="How many runs are in which state, by Dagster's word for it.")
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    error: str = Field(description="Why it failed itself, not why one of its runs did.")


@router.post("", status_code=ACCEPTED, responses=errors_of(403, 404, 409, 503))
def start_backfill(
    project: ProjectSlug,
    body: BackfillRequest,
    place: Place,
    once: OnceOnly,
    allowed: Allowed = may(Action.PIPELINE_RUN),
) -> LaunchedBackfill:
    """Bring several episodes up to date. Dagster away: nothing was begun, and `503` says so."""
    who, keyed = allowed.who, once.of(allowed.who)
    with place.database.write() as session:
        begun = idempotency.begin_elsewhere(session, keyed) if keyed is not None else None
        if isinstance(begun, dict):
            return LaunchedBackfill.model_validate(once.replayed(begun))
        episodes = episodes_of(session, find_project(session, project), body.episodes)
    order = BackfillOrder(project, episodes, StageName(body.to), who, once.wish(who))
    try:
        with BACKFILLS.one():
            backfill = launch_backfill(place, order, hold=_renewing(place, begun) if begun is not None else None)
    except (DagsterUnavailableError, DagsterRefusedError, TooManyAtOnceError):
        # Certainly not begun: the key is free for the next attempt.
        if begun is not None:
            with place.database.write() as session:
                idempotency.forget(session, begun)
        raise
    answer = LaunchedBackfill(backfill=backfill, project=project, episodes=list(episodes))
    with place.database.write() as session:
        once.keep(session, who, answer.model_dump(mode="json"), ACCEPTED)
    return answer


def _renewing(place: Installation, hold: idempotency.Hold) -> Callable[[], None]:
    def renew() -> None:
        with place.database.write() as session:
            idempotency.renew(session, hold)

    return renew


@router.get("/{backfill}", responses=errors_of(403, 404, 503))
def read_a_backfill(
    project: ProjectSlug, backfill: BackfillId, place: Place, allowed: Allowed = may(Action.VIEW)
) -> BackfillView:
    """How a backfill stands, as Dagster says now."""
    return _view(read_backfill(place, project, backfill))


def _view(seen: BackfillSeen) -> BackfillView:
    return BackfillView(
        backfill=seen.id,
        project=seen.project,
        status=seen.status,
        finished=seen.status.is_finished,
        episodes=seen.episodes,
        runs=dict(seen.runs),
        requested_by=seen.requested_by,
        created_at=seen.created_at,
        ended_at=seen.ended_at,
        error="It failed; Dagster's log has the reason." if seen.error else "",
    )
