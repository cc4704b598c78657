"""Takes: what was made of a shot and how; which one counts; another one. Their files are in `downloads.py`."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.reviews import select_take
from aianime_pipeline.production.shots.reading import TakeRecord, find_take, takes_of
from aianime_pipeline.production.shots.retaking import ask_for_takes
from aianime_pipeline.production.shots.stages import Stage, State
from api.asking import ask_for_task
from api.dependencies import Allowed, EpisodeKey, Id, Place, ShotNumber, may, may_select
from api.errors import errors_of
from api.fields import Count, Reason
from api.idempotency import Once, OnceOnly
from api.paging import MOST, Page, Paging, paged
from api.routes.reviews import ReviewView, show_review
from api.routing import Router
from api.schemas.tasks import AskedTask

router = Router(tags=["takes"])


class FileView(BaseModel):
    media_type: str
    bytes: int
    digest: str = Field(description="SHA-256; the file is at `/takes/{take}/file`.")


class CostView(BaseModel):
    micros: int = Field(description="Millionths of a unit of the currency.")
    currency: str


class MadeBy(BaseModel):
    generation: int | None = Field(description="The request to the provider.")
    provider: str
    model: str
    state: str | None
    cost: CostView | None = Field(
        description="Null: not known, not settled yet, or not the caller's to see: it takes `usage.view`."
    )


class UsedAsset(BaseModel):
    asset: int
    kind: str
    name: str
    version: int | None = Field(description="Null: no version says just that.")


class TakeView(BaseModel):
    id: int
    episode: str
    shot: int
    stage: Stage
    number: int
    state: str = Field(description="generating, ready, failed, or removed: a clean-up took its file.")
    verdict: str = Field(description="none, approved or rejected.")
    reason: str
    selected: bool
    seed: int
    inputs: dict[str, Any] = Field(description="What it was made from: prompt, parameters, references, first frame.")
    facts: dict[str, Any] = Field(description="What is known of the file, such as its pixels or frames.")
    file: FileView | None
    made_by: MadeBy
    assets: list[UsedAsset] = Field(description="The versions of characters, location and props that are in it.")
    reviews: Annotated[list[ReviewView], Field(max_length=MOST)] = Field(
        description="The latest; all are at `/episodes/{episode}/reviews`."
    )
    created_at: datetime


class Choice(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 4}]})

    version: Count = Field(description="Of the shot's stage, as the caller saw it.")


class Chosen(BaseModel):
    take: int
    shot: int
    stage: Stage
    state: State
    version: int


class RetakeOrder(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"why": "the lamp is missing"}]})

    why: Reason = ""


@router.get("/episodes/{episode}/shots/{shot}/takes", responses=errors_of(403, 404))
def list_takes(
    episode: EpisodeKey,
    shot: ShotNumber,
    place: Place,
    stage: Annotated[Stage, Query(description="Whose takes.")] = Stage.IMAGE,
    paging: Paging = paged(),
    allowed: Allowed = may(Action.VIEW),
) -> Page[TakeView]:
    """What was made of one stage of a shot, the newest first; also of a shot that was removed."""
    with place.database.read() as session:
        costs = Action.USAGE_VIEW in allowed.actions
        found = takes_of(session, find_episode(session, episode), shot, stage, costs=costs)
        return paging.slice(found, lambda one: -one.take.number, _show)


@router.get("/takes/{take}", responses=errors_of(403, 404))
def read_take(take: Id, place: Place, allowed: Allowed = may(Action.VIEW)) -> TakeView:
    """One take with everything needed to make it again, its cost and what was said of it."""
    with place.database.read() as session:
        return _show(find_take(session, take, costs=Action.USAGE_VIEW in allowed.actions))


@router.post("/takes/{take}/select", responses=errors_of(403, 404, 409))
def select_a_take(take: Id, body: Choice, place: Place, allowed: Allowed = may_select()) -> Chosen:
    """Have this take of the shot's stage count from now on."""
    with place.database.write() as session:
        found = find_take(session, take)
        state = select_take(
            session,
            find_episode(session, found.episode),
            found.stage,
            found.shot,
            found.take.number,
            who=allowed.who,
            version=body.version,
        )
        session.flush()
        version = found.take.stage.version
        return Chosen(take=take, shot=found.shot, stage=found.stage, state=state, version=version)


_ASKED: dict[str, Any] = {"status_code": 202, "responses": errors_of(403, 404, 409)}


@router.post("/episodes/{episode}/shots/{shot}/image/regenerate", **_ASKED)
def regenerate_image(
    episode: EpisodeKey,
    shot: ShotNumber,
    place: Place,
    once: OnceOnly,
    body: RetakeOrder = RetakeOrder(),
    allowed: Allowed = may(Action.IMAGES_MAKE),
) -> AskedTask:
    """Have another image of the shot made, though it has a current one."""
    return _retake(place, once, allowed, episode, Stage.IMAGE, shot, body)


@router.post("/episodes/{episode}/shots/{shot}/video/regenerate", **_ASKED)
def regenerate_video(
    episode: EpisodeKey,
    shot: ShotNumber,
    place: Place,
    once: OnceOnly,
    body: RetakeOrder = RetakeOrder(),
    allowed: Allowed = may(Action.VIDEOS_MAKE),
) -> AskedTask:
    """Have another video of the shot made, though it has a current one."""
    return _retake(place, once, allowed, episode, Stage.VIDEO, shot, body)


@router.post("/episodes/{episode}/shots/{shot}/voice/regenerate", **_ASKED)
def regenerate_voice(
    episode: EpisodeKey,
    shot: ShotNumber,
    place: Place,
    once: OnceOnly,
    body: RetakeOrder = RetakeOrder(),
    allowed: Allowed = may(Action.VOICES_MAKE),
) -> AskedTask:
    """Have the shot's line spoken again, though it has a current one."""
    return _retake(place, once, allowed, episode, Stage.VOICE, shot, body)


def _retake(
    place: Place, once: Once, allowed: Allowed, episode: str, stage: Stage, shot: int, body: RetakeOrder
) -> AskedTask:
    return ask_for_task(
        place,
        once,
        allowed.who,
        lambda session: ask_for_takes(
            session, find_episode(session, episode), stage, [shot], who=allowed.who, why=body.why
        ),
    )


def _show(record: TakeRecord) -> TakeView:
    take, file, generation = record.take, record.file, record.generation
    cost = None
    if record.cost_micros is not None and record.currency is not None:
        cost = CostView(micros=record.cost_micros, currency=record.currency)
    return TakeView(
        id=take.id,
        episode=record.episode,
        shot=record.shot,
        stage=record.stage,
        number=take.number,
        state=take.state,
        verdict=take.verdict,
        reason=take.reason,
        selected=record.selected,
        seed=take.seed,
        inputs=take.inputs,
        facts=take.facts,
        file=FileView(media_type=file.media_type, bytes=file.size, digest=file.digest) if file is not None else None,
        made_by=MadeBy(
            generation=generation.id if generation is not None else None,
            provider=generation.provider if generation is not None else str(take.inputs.get("provider", "")),
            model=generation.model if generation is not None else str(take.inputs.get("model", "")),
            state=generation.state if generation is not None else None,
            cost=cost,
        ),
        assets=[
            UsedAsset(asset=one.asset_id, kind=one.kind, name=one.name, version=one.version) for one in record.assets
        ],
        reviews=[show_review(one) for one in record.reviews[-MOST:]],
        created_at=take.created_at,
    )
