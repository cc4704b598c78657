"""Episodes: list, create, read, rename."""

from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Episode
from aianime_pipeline.partitions import LAST_NUMBER
from aianime_pipeline.production.episodes.reading import EpisodeSummary, summaries
from aianime_pipeline.production.episodes.rows import create_episode, find_episode, rename_episode
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.shots.stages import Stage, State
from api.dependencies import Allowed, EpisodeKey, Place, ProjectSlug, may
from api.errors import errors_of
from api.fields import Line
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(tags=["episodes"])


class NewEpisode(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"number": 12, "title": "渡口"}]})

    number: Annotated[int | None, Field(strict=True, ge=1, le=LAST_NUMBER)] = Field(
        None, description="None: the one after the last."
    )
    title: Line = ""


class EpisodeChanges(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "归来"}]})

    title: Line


class ScreenplayStanding(BaseModel):
    version: int
    revision: int
    state: str = Field(description="draft, editing or locked.")


class StoryboardStanding(BaseModel):
    version: int
    state: str = Field(description="generated, editing or frozen.")
    review: State
    out_of_date: bool = Field(description="The screenplay went on since.")


class EpisodeView(BaseModel):
    key: str
    project: str
    number: int
    title: str
    created_at: datetime
    screenplay: ScreenplayStanding | None
    storyboard: StoryboardStanding | None
    shots: int
    stages: dict[Stage, dict[State, int]] = Field(description="How many shots are in which state, by stage.")


@router.get("/projects/{project}/episodes", responses=errors_of(403, 404))
def list_episodes(
    project: ProjectSlug, place: Place, paging: Paging = paged(), allowed: Allowed = may(Action.VIEW)
) -> Page[EpisodeView]:
    """The project's episodes by their numbers."""
    with place.database.read() as session:
        query = sa.select(Episode).where(Episode.project_id == allowed.project_id)
        found = paging.page(session, query, Episode.number, lambda episode: _Found(row=episode))
        shown = [show_episode(one) for one in summaries(session, [one.row for one in found.items])]
        return Page(items=shown, next=found.next)


@router.post("/projects/{project}/episodes", status_code=201, responses=errors_of(403, 404, 409))
def create_an_episode(
    project: ProjectSlug, body: NewEpisode, place: Place, allowed: Allowed = may(Action.SCREENPLAY_EDIT)
) -> EpisodeView:
    """Make an episode that has no story yet."""
    with place.database.write() as session:
        made = create_episode(session, find_project(session, project), number=body.number, title=body.title)
        return show_episode(summaries(session, [made])[0])


@router.get("/episodes/{episode}", responses=errors_of(403, 404))
def read_episode(episode: EpisodeKey, place: Place, allowed: Allowed = may(Action.VIEW)) -> EpisodeView:
    """One episode, and how far it is."""
    with place.database.read() as session:
        return show_episode(summaries(session, [find_episode(session, episode)])[0])


@router.patch("/episodes/{episode}", responses=errors_of(403, 404))
def change_episode(
    episode: EpisodeKey, body: EpisodeChanges, place: Place, allowed: Allowed = may(Action.SCREENPLAY_EDIT)
) -> EpisodeView:
    """Give it another title."""
    with place.database.write() as session:
        return show_episode(summaries(session, [rename_episode(session, episode, body.title, who=allowed.who)])[0])


class _Found(BaseModel):
    """A row on its way through a page."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    row: Episode


def show_episode(found: EpisodeSummary) -> EpisodeView:
    episode, screenplay, board = found.episode, found.screenplay, found.storyboard
    return EpisodeView(
        key=episode.key,
        project=episode.project.slug,
        number=episode.number,
        title=episode.title,
        created_at=episode.created_at,
        screenplay=ScreenplayStanding(version=screenplay.version, revision=screenplay.revision, state=screenplay.state)
        if screenplay is not None
        else None,
        storyboard=StoryboardStanding(
            version=board.version, state=board.state, review=State(board.review_state), out_of_date=found.out_of_date
        )
        if board is not None
        else None,
        shots=found.shots,
        stages={
            Stage(stage): {State(state): count for state, count in states.items()}
            for stage, states in found.stages.items()
        },
    )
