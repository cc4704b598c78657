"""Work on an episode: what it would cost, and having it done. Each answer is a task, at once; see `tasks`."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.quotes.episodes import quote_episode
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Asked, Origin, ask_for, check_shots
from aianime_pipeline.production.tasks.retrying import retry_failed
from api.asking import ACCEPTED, ask_for_task, ask_for_tasks
from api.dependencies import Allowed, EpisodeKey, Place, may
from api.errors import errors_of
from api.idempotency import Once, OnceOnly
from api.routing import Router
from api.schemas.tasks import AskedTask, AskedTasks, ShotNumbers, Urgency, priority_of

router = Router(prefix="/episodes/{episode}", tags=["work"])

PipelineStage = Literal["storyboard", "images", "videos", "voices", "film", "package"]


class WorkRequest(BaseModel):
    """Without anything said: whatever is due, as for a person who asks."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"shots": [3, 4], "force": False}]})

    shots: ShotNumbers = Field(default_factory=list)
    force: bool = Field(default=False, description="Make also what is current again.")
    priority: Urgency = 1


class PipelineRequest(WorkRequest):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"to": "film"}]})

    to: PipelineStage = Field(
        default="package", description="The last stage; all before it are brought up to date, too."
    )


class RetryRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"priority": 0}]})

    priority: Urgency = 1


class QuoteLine(BaseModel):
    capability: str
    count: int
    micros: int | None = Field(description="Together; null where the price is not known.")
    currency: str


class EpisodeQuote(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "episode": "moonlit-e001",
                    "lines": [{"capability": "image", "count": 38, "micros": 7_600_000, "currency": "CNY"}],
                    "costs_micros": {"CNY": 7_600_000},
                    "left_micros": {"CNY": 63_100_000},
                    "over_micros": {},
                    "refused": [],
                    "needs_budget": False,
                }
            ]
        }
    )

    episode: str
    lines: list[QuoteLine]
    costs_micros: dict[str, int] = Field(description="By currency, as far as prices are known.")
    left_micros: dict[str, int] | None = Field(
        description="What the budgets have left, by currency; null for who may not see usage."
    )
    over_micros: dict[str, int] | None = Field(description="How much it is over what is left; null likewise.")
    refused: list[dict[str, Any]] | None = Field(description="Budgets that will refuse a currency; null likewise.")
    needs_budget: bool = Field(description="Nothing is spent before an administrator has set a budget.")


def _ask(
    place: Place, once: Once, allowed: Allowed, action: TaskAction, body: WorkRequest, settings: dict[str, Any]
) -> AskedTask:
    def ask(session: Any) -> Asked:
        assert allowed.episode is not None
        episode = find_episode(session, allowed.episode)
        check_shots(session, episode, body.shots)
        return ask_for(
            session,
            action,
            episode=episode,
            settings={"shots": body.shots, "force": body.force, **settings},
            origin=Origin.PERSON,
            requested_by=allowed.who,
            priority=priority_of(body.priority),
        )

    return ask_for_task(place, once, allowed.who, ask)


_USUAL = WorkRequest()


@router.post("/images", status_code=ACCEPTED, responses=errors_of(403, 404, 409))
def make_images(
    episode: EpisodeKey,
    place: Place,
    once: OnceOnly,
    allowed: Allowed = may(Action.IMAGES_MAKE),
    body: WorkRequest = _USUAL,
) -> AskedTask:
    """Have the images of an episode's shots made, with the storyboard and the reference pictures that they need."""
    return _ask(place, once, allowed, TaskAction.IMAGES, body, {})


@router.post("/videos", status_code=ACCEPTED, responses=errors_of(403, 404, 409))
def make_videos(
    episode: EpisodeKey,
    place: Place,
    once: OnceOnly,
    allowed: Allowed = may(Action.VIDEOS_MAKE),
    body: WorkRequest = _USUAL,
) -> AskedTask:
    """Have the videos of an episode's shots made, of those whose image is approved."""
    return _ask(place, once, allowed, TaskAction.VIDEOS, body, {})


@router.post("/voices", status_code=ACCEPTED, responses=errors_of(403, 404, 409))
def make_voices(
    episode: EpisodeKey,
    place: Place,
    once: OnceOnly,
    allowed: Allowed = may(Action.VOICES_MAKE),
    body: WorkRequest = _USUAL,
) -> AskedTask:
    """Have the lines of an episode's shots spoken."""
    return _ask(place, once, allowed, TaskAction.VOICES, body, {})


@router.post("/pipeline", status_code=ACCEPTED, responses=errors_of(403, 404, 409))
def run_pipeline(
    episode: EpisodeKey,
    place: Place,
    once: OnceOnly,
    allowed: Allowed = may(Action.PIPELINE_RUN),
    body: PipelineRequest = PipelineRequest(),
) -> AskedTask:
    """Bring an episode up to date, from its screenplay to a stage."""
    return _ask(place, once, allowed, TaskAction.PIPELINE, body, {"to": body.to})


@router.post("/retry-failed", status_code=ACCEPTED, responses=errors_of(403, 404, 409))
def retry_failed_work(
    episode: EpisodeKey,
    place: Place,
    once: OnceOnly,
    allowed: Allowed = may(Action.PIPELINE_RUN),
    body: RetryRequest = RetryRequest(),
) -> AskedTasks:
    """Ask again for whatever failed in an episode: a task for each stage in which shots did, and for film and ZIP."""

    def ask(session: Any) -> list[Asked]:
        found = find_episode(session, episode)
        return retry_failed(session, found, who=allowed.who, priority=priority_of(body.priority))

    return ask_for_tasks(place, once, allowed.who, ask)


@router.get("/quote", responses=errors_of(403, 404))
def quote_an_episode(
    episode: EpisodeKey,
    place: Place,
    allowed: Allowed = may(Action.VIEW),
    to: Annotated[
        Literal["images", "videos", "voices"], Query(description="The last stage that is counted.")
    ] = "voices",
    shots: Annotated[
        list[Annotated[int, Field(ge=1, le=99_999)]] | None,
        Query(max_length=1_000, description="Only these; may be given again."),
    ] = None,
    force: Annotated[bool, Query(description="What is current counts, too.")] = False,
) -> EpisodeQuote:
    """What bringing an episode up to date would cost now. Nothing is asked of anybody, nothing is written."""
    with place.database.read() as session:
        found = find_episode(session, episode)
        check_shots(session, found, shots or ())
    sees_money = Action.USAGE_VIEW in allowed.actions
    quote = quote_episode(place, episode, upto=_UPTO[to], shots=shots or (), force=force)
    return EpisodeQuote(
        episode=episode,
        lines=[QuoteLine(**vars(line)) for line in quote.lines],
        costs_micros=quote.costs,
        left_micros=dict(quote.left) if sees_money else None,
        over_micros=quote.over if sees_money else None,
        refused=quote.refused_documents() if sees_money else None,
        needs_budget=quote.needs_budget,
    )


_UPTO = {StageName.IMAGES.value: Stage.IMAGE, StageName.VIDEOS.value: Stage.VIDEO, StageName.VOICES.value: None}
