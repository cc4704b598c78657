"""An episode's film: how it stands, and its edit, the timeline. Its exports are in `exports`."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.film.timeline.document import to_document
from aianime_pipeline.production.films.composite_states import CompositeState
from aianime_pipeline.production.films.composites import (
    current_timeline,
    discard_edits,
    read_composite,
    replace_timeline,
)
from aianime_pipeline.production.films.gate import Waiting
from aianime_pipeline.production.shots.stages import Stage, State
from api.dependencies import Allowed, EpisodeKey, Place, may
from api.errors import errors_of
from api.routing import Router
from api.schemas.documents import Document

router = Router(prefix="/episodes/{episode}", tags=["films"])

Version = Annotated[int, Field(ge=0, le=2**31 - 1, description="The version that was seen; 0 where nobody edited.")]


class WaitingShot(BaseModel):
    shot: int
    stage: Stage
    state: State


class FilmView(BaseModel):
    episode: str
    state: CompositeState
    reason: str
    version: int = Field(description="Of the edit; 0 where nobody edited.")
    edited_by: str | None
    edited_at: datetime | None
    merge_notes: list[str] = Field(description="What the last merge of a changed storyboard could not keep.")
    percent: float = Field(description="Of the export that goes on, or of the last one.")
    step: str
    seconds_left: float | None
    cancel_requested: str | None
    music_wanted: bool = Field(description="An export may have music made where the timeline has none.")
    waiting: list[WaitingShot] = Field(description="The shots that keep the film's gate closed.")


class TimelineView(BaseModel):
    """What an export would show now. Sources are named by their digest."""

    episode: str
    version: int = Field(description="To be given back with a change; 0 where nobody edited.")
    timeline: dict[str, Any]
    notes: list[str] = Field(description="What had to give way, to the edit or to a changed storyboard.")
    merged: bool = Field(description="The storyboard or its takes changed since the edit, and are merged into this.")


class TimelineEdit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Version
    timeline: Document = Field(description="A whole timeline, as it was read, changed.")


class StoredEdit(BaseModel):
    episode: str
    version: int
    timeline: dict[str, Any]
    notes: list[str]


class DiscardedEdits(BaseModel):
    episode: str
    version: int


@router.get("/film", responses=errors_of(403, 404))
def read_film(episode: EpisodeKey, place: Place, allowed: Allowed = may(Action.VIEW)) -> FilmView:
    """How the film stands: its edit, an export that goes on, and the shots that it waits for."""
    found = read_composite(place, episode)
    return FilmView(
        episode=found.episode,
        state=found.state,
        reason=found.reason,
        version=found.version,
        edited_by=found.edited_by,
        edited_at=found.edited_at,
        merge_notes=list(found.merge_notes),
        percent=round(found.percent, 1),
        step=found.step,
        seconds_left=found.seconds_left,
        cancel_requested=found.cancel_requested,
        music_wanted=found.music_wanted,
        waiting=[show_waiting(one) for one in found.waiting],
    )


@router.get("/timeline", responses=errors_of(403, 404, 422))
def read_timeline(episode: EpisodeKey, place: Place, allowed: Allowed = may(Action.VIEW)) -> TimelineView:
    """The timeline as an export would show it now; slates stand for what is missing."""
    found = current_timeline(place, episode)
    return TimelineView(
        episode=episode,
        version=found.version,
        timeline=to_document(found.timeline),
        notes=list(found.notes),
        merged=found.merged,
    )


@router.put("/timeline", responses=errors_of(403, 404, 409))
def replace_the_timeline(
    episode: EpisodeKey, body: TimelineEdit, place: Place, allowed: Allowed = may(Action.FILM_EDIT)
) -> StoredEdit:
    """Store a whole timeline as the edit, unless somebody else was faster: then `409` names them."""
    stored = replace_timeline(
        place, episode, body.timeline, expected_version=body.version, who=allowed.who, own_only=True
    )
    return StoredEdit(
        episode=episode, version=stored.version, timeline=to_document(stored.timeline), notes=list(stored.notes)
    )


@router.delete("/timeline", responses=errors_of(403, 404, 409))
def discard_timeline_edits(
    episode: EpisodeKey,
    place: Place,
    version: Annotated[int, Query(ge=0, le=2**31 - 1, description="The version that was seen.")],
    allowed: Allowed = may(Action.FILM_EDIT),
) -> DiscardedEdits:
    """Throw the edit away: the timeline is the one that the storyboard gives."""
    new = discard_edits(place, episode, expected_version=version, who=allowed.who)
    return DiscardedEdits(episode=episode, version=new)


def show_waiting(one: Waiting) -> WaitingShot:
    return WaitingShot(shot=one.shot, stage=one.stage, state=one.state)
