"""Shots of an episode: what they are, and where their image, video and voice stand."""

from pydantic import BaseModel, Field

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.shots.currency import InputsNow
from aianime_pipeline.production.shots.reading import ShotStanding, StageStanding, compared, find_shot, shot_standings
from aianime_pipeline.production.shots.stages import Stage, State
from api.dependencies import Allowed, EpisodeKey, Place, ShotNumber, may
from api.errors import errors_of
from api.fields import StageQuery, StatesQuery
from api.paging import Page, Paging, paged
from api.routes.storyboards import ShotFields, show_shot
from api.routing import Router

router = Router(prefix="/episodes/{episode}/shots", tags=["shots"])


class SelectedTake(BaseModel):
    id: int
    number: int
    verdict: str = Field(description="none, approved or rejected.")


class StageView(BaseModel):
    stage: Stage
    state: State
    wanted: bool = Field(description="The storyboard asks for it.")
    reason: str = Field(description="Why it failed, or what the reviewer said.")
    version: int = Field(description="To be sent with a verdict; 0 while nothing has been made.")
    retakes: int = Field(description="How often a take of it was rejected.")
    takes: int
    selected: SelectedTake | None
    out_of_date: bool = Field(description="What the selected take was made from has changed since.")


class ShotView(BaseModel):
    shot: ShotFields
    position: int = Field(description="In the film, from 1.")
    left_out: bool = Field(description="The film shows its slate.")
    stages: list[StageView]


@router.get("", responses=errors_of(403, 404))
def list_shots(
    episode: EpisodeKey,
    place: Place,
    stage: StageQuery = None,
    state: StatesQuery = [],  # noqa: B006 - FastAPI copies it
    paging: Paging = paged(),
    allowed: Allowed = may(Action.VIEW),
) -> Page[ShotView]:
    """The shots in the order of the film; with `state` those of which the stage, or any, is in one of the states."""
    with place.database.read() as session:
        found = find_episode(session, episode)
        inputs = InputsNow(place, session, found)
        standings = shot_standings(session, found, stage=stage, states=state)
        return paging.slice(standings, lambda one: one.position, lambda one: _show(compared(one, inputs)))


@router.get("/{shot}", responses=errors_of(403, 404))
def read_shot(episode: EpisodeKey, shot: ShotNumber, place: Place, allowed: Allowed = may(Action.VIEW)) -> ShotView:
    """One shot."""
    with place.database.read() as session:
        found = find_episode(session, episode)
        standing = find_shot(session, found, shot)
        return _show(compared(standing, InputsNow(place, session, found)))


def _show(standing: ShotStanding) -> ShotView:
    return ShotView(
        shot=show_shot(standing.view.shot),
        position=standing.position,
        left_out=standing.view.skipped,
        stages=[_show_stage(one) for one in standing.stages],
    )


def _show_stage(one: StageStanding) -> StageView:
    take = one.selected
    return StageView(
        stage=one.stage,
        state=one.state,
        wanted=one.wanted,
        reason=one.reason,
        version=one.version,
        retakes=one.retakes,
        takes=one.takes,
        selected=SelectedTake(id=take.id, number=take.number, verdict=take.verdict) if take is not None else None,
        out_of_date=one.out_of_date,
    )
