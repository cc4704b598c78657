"""Reviews: verdicts one by one or many at once, taking them back, locks, shots that are left out, the storyboard.

A decision goes with the version that the caller saw. All shots of a request are decided, or none.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Episode, ReviewRecord, Shot, ShotStage
from aianime_pipeline.errors import BadInputError
from aianime_pipeline.production import reviews
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.reviews.reading import reviews_of
from aianime_pipeline.production.reviews.storyboards import review_storyboard
from aianime_pipeline.production.shots.stages import Stage, State
from api.dependencies import Allowed, EpisodeKey, Filter, Place, may
from api.errors import errors_of
from api.fields import Count, Reason, ShotNo, StageQuery, YesOrNo
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(prefix="/episodes/{episode}", tags=["reviews"])

MOST_SHOTS = 500
"""Of one request."""


class SeenShot(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shot: ShotNo
    version: Count = Field(description="Of the shot's stage, as the caller saw it.")


SeenShots = Annotated[list[SeenShot], Field(max_length=MOST_SHOTS)]
SomeShots = Annotated[list[SeenShot], Field(min_length=1, max_length=MOST_SHOTS)]


class Verdicts(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "stage": "image",
                    "approve": [{"shot": 3, "version": 2}],
                    "reject": [{"shot": 4, "version": 5}],
                    "reason": "the lamp is missing",
                }
            ]
        },
    )

    stage: Stage
    approve: SeenShots = []
    reject: SeenShots = []
    reason: Reason = Field("", description="A rejection needs one: the next take is made with it.")


class StageShots(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"stage": "image", "shots": [{"shot": 3, "version": 2}]}]}
    )

    stage: Stage
    shots: SomeShots


class UnlockOrder(StageShots):
    reason: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")]


class Skips(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"shots": [7], "reason": "too long"}]})

    shots: Annotated[list[ShotNo], Field(min_length=1, max_length=MOST_SHOTS)]
    reason: Reason = ""


class Unskips(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"shots": [7]}]})

    shots: Annotated[list[ShotNo], Field(min_length=1, max_length=MOST_SHOTS)]


class StoryboardVerdict(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"approve": True, "version": 3}]})

    approve: YesOrNo
    version: Count = Field(description="Of the storyboard, as the caller saw it.")
    reason: Reason = Field("", description="A rejection needs one.")


class Standing(BaseModel):
    shot: int
    stage: Stage
    state: State
    version: int


class Decided(BaseModel):
    episode: str
    shots: list[Standing]


class StoryboardDecided(BaseModel):
    episode: str
    review: State
    version: int


class ReviewView(BaseModel):
    id: int
    take: int | None = Field(description="Null: of the shot as it is, or of the storyboard.")
    storyboard_version: int | None
    kind: Literal["person", "ai", "auto"]
    reviewer: str
    verdict: str
    reason: str
    score: int | None = Field(description="Of an AI reviewer, from 0 to 100.")
    feedback: dict[str, Any] | None
    state_before: str
    state_after: str
    created_at: datetime


@router.get("/reviews", responses=errors_of(403, 404))
def list_reviews(
    episode: EpisodeKey,
    place: Place,
    shot: Annotated[int | None, Query(ge=1, le=99_999)] = None,
    stage: StageQuery = None,
    reviewer: Filter = None,
    verdict: Filter = None,
    paging: Paging = paged(),
    allowed: Allowed = may(Action.VIEW),
) -> Page[ReviewView]:
    """What reviewers said and did, the newest first."""
    with place.database.read() as session:
        found = find_episode(session, episode)
        query = reviews_of(found, shot=shot, stage=stage, reviewer=reviewer, verdict=verdict)
        return paging.page(session, query, ReviewRecord.id, show_review, newest_first=True)


@router.post("/reviews", responses=errors_of(403, 404, 409))
def give_verdicts(episode: EpisodeKey, body: Verdicts, place: Place, allowed: Allowed = may(Action.REVIEW)) -> Decided:
    """Approve and reject shots, all or none. Who saw an older version is refused and told who decided."""
    if not body.approve and not body.reject:
        raise BadInputError("Name the shots that are approved or rejected.", field="body.approve")
    with place.database.write() as session:
        found = find_episode(session, episode)
        states = reviews.review_shots(
            session,
            found,
            body.stage,
            approve=_numbers(body.approve),
            reject=_numbers(body.reject),
            reason=body.reason,
            reviewer=allowed.who,
            versions=_versions([*body.approve, *body.reject]),
        )
        return _decided(session, found, body.stage, states)


@router.post("/reviews/undo", responses=errors_of(403, 404, 409))
def take_verdicts_back(
    episode: EpisodeKey, body: StageShots, place: Place, allowed: Allowed = may(Action.REVIEW)
) -> Decided:
    """Take back the last verdicts on these shots: a person decides anew."""
    with place.database.write() as session:
        found = find_episode(session, episode)
        states = reviews.undo_verdicts(
            session, found, body.stage, _numbers(body.shots), who=allowed.who, versions=_versions(body.shots)
        )
        return _decided(session, found, body.stage, states)


@router.post("/locks", responses=errors_of(403, 404, 409))
def lock_approved_shots(
    episode: EpisodeKey, body: StageShots, place: Place, allowed: Allowed = may(Action.REVIEW_LOCK)
) -> Decided:
    """Have approved shots never change again."""
    with place.database.write() as session:
        found = find_episode(session, episode)
        states = reviews.lock_shots(
            session, found, body.stage, _numbers(body.shots), who=allowed.who, versions=_versions(body.shots)
        )
        return _decided(session, found, body.stage, states)


@router.post("/unlocks", responses=errors_of(403, 404, 409))
def unlock_locked_shots(
    episode: EpisodeKey, body: UnlockOrder, place: Place, allowed: Allowed = may(Action.REVIEW_LOCK)
) -> Decided:
    """Open locked shots again, with a reason."""
    with place.database.write() as session:
        found = find_episode(session, episode)
        states = reviews.unlock_shots(
            session,
            found,
            body.stage,
            _numbers(body.shots),
            reason=body.reason,
            who=allowed.who,
            versions=_versions(body.shots),
        )
        return _decided(session, found, body.stage, states)


@router.post("/skips", responses=errors_of(403, 404, 409))
def leave_shots_out(
    episode: EpisodeKey, body: Skips, place: Place, allowed: Allowed = may(Action.SHOT_SKIP)
) -> Decided:
    """Leave shots out as a whole: the film shows their slates."""
    with place.database.write() as session:
        found = find_episode(session, episode)
        reviews.skip_shots(session, found, body.shots, reason=body.reason, who=allowed.who)
        return Decided(episode=found.key, shots=_standings(session, found, body.shots))


@router.post("/unskips", responses=errors_of(403, 404, 409))
def take_shots_in_again(
    episode: EpisodeKey, body: Unskips, place: Place, allowed: Allowed = may(Action.SHOT_SKIP)
) -> Decided:
    """Take shots in again that were left out; each stage comes back to where it was."""
    with place.database.write() as session:
        found = find_episode(session, episode)
        reviews.unskip_shots(session, found, body.shots, who=allowed.who)
        return Decided(episode=found.key, shots=_standings(session, found, body.shots))


@router.post("/storyboard/review", responses=errors_of(403, 404, 409))
def review_a_storyboard(
    episode: EpisodeKey, body: StoryboardVerdict, place: Place, allowed: Allowed = may(Action.REVIEW)
) -> StoryboardDecided:
    """Approve the storyboard, or reject it with a reason: its images begin once it is approved."""
    with place.database.write() as session:
        found = find_episode(session, episode)
        state = review_storyboard(
            session, found, approve=body.approve, reason=body.reason, reviewer=allowed.who, version=body.version
        )
        return StoryboardDecided(episode=found.key, review=state, version=body.version)


def show_review(record: ReviewRecord) -> ReviewView:
    named = {name: getattr(record, name) for name in ReviewView.model_fields if name != "take"}
    return ReviewView(**named, take=record.take_id)


def _numbers(shots: Sequence[SeenShot]) -> list[int]:
    return [one.shot for one in shots]


def _versions(shots: Sequence[SeenShot]) -> dict[int, int]:
    return {one.shot: one.version for one in shots}


def _decided(session: Session, episode: Episode, stage: Stage, states: Mapping[int, State]) -> Decided:
    return Decided(
        episode=episode.key,
        shots=[one for one in _standings(session, episode, list(states)) if one.stage is stage],
    )


def _standings(session: Session, episode: Episode, shots: Sequence[int]) -> list[Standing]:
    session.flush()
    rows = session.execute(
        sa.select(Shot.number, ShotStage.stage, ShotStage.state, ShotStage.version)
        .join(ShotStage, ShotStage.shot_id == Shot.id)
        .where(Shot.episode_id == episode.id, Shot.number.in_(shots))
        .order_by(Shot.position, ShotStage.id)
    )
    return [
        Standing(shot=row.number, stage=Stage(row.stage), state=State(row.state), version=row.version) for row in rows
    ]
