"""Exports of an episode's film: have one made, watch it, stop it, find its files, delete it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import CompositeTask, Episode, Export
from aianime_pipeline.errors import NotFoundError
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.exports.asking import ask_for_export, stop_export
from aianime_pipeline.production.exports.claims import export_standing
from aianime_pipeline.production.films.composite_rows import ExportState
from aianime_pipeline.production.films.composites import delete_export
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.publishing import export_path
from aianime_pipeline.production.tasks.asking import Asked
from api.asking import ACCEPTED, ask_for_task
from api.dependencies import Allowed, EpisodeKey, Id, Place, may
from api.errors import errors_of
from api.idempotency import OnceOnly
from api.paging import Page, Paging, paged
from api.routing import Router
from api.schemas.tasks import AskedTask, TaskView, Urgency, priority_of, show_task

router = Router(tags=["exports"])

PresetName = Annotated[str, Field(min_length=1, max_length=48, pattern=r"^[^\x00-\x1f\x7f/]+$")]
Format = Literal["otio", "otioz", "edl", "fcp7", "fcpxml", "jianying"]


class ExportRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"preset": "vertical-1080p", "formats": ["otio"]}]}
    )

    preset: PresetName | None = Field(
        default=None, description="One of `GET /projects/{project}/presets`; null: the main one, the film itself."
    )
    draft: bool = Field(default=False, description="Slates stand in for shots that are not ready: no gate.")
    formats: Annotated[list[Format], Field(max_length=6)] = Field(
        default_factory=list, description="For editing programs, beside the film."
    )
    priority: Urgency = 1


class ExportFile(BaseModel):
    kind: str = Field(description="Such as `film`, `srt.zh`, `poster`, `edit.otio`.")
    name: str = Field(description="In the installation's output folder.")
    media_type: str
    url: str = Field(description="Where it is downloaded.")


class ExportView(BaseModel):
    export: int
    episode: str
    name: str = Field(description="The preset's; `main` is the episode's film.")
    draft: bool
    formats: list[str]
    preset: dict[str, Any] = Field(description="As it was when the export was made.")
    state: ExportState
    reason: str
    percent: float
    step: str
    seconds_left: float | None
    timeline_version: int | None = Field(description="Of the edit that it shows.")
    requested_by: str
    asked_at: datetime
    finished_at: datetime | None
    files: list[ExportFile] = Field(description="Once it is done.")
    report: dict[str, Any] = Field(description="What was measured: frames, seconds, loudness, warnings.")


class StoppedExport(BaseModel):
    episode: str
    task: TaskView | None = Field(description="Null: it was no task's.")


@router.post("/episodes/{episode}/exports", status_code=ACCEPTED, responses=errors_of(403, 404, 409))
def export_a_film(
    episode: EpisodeKey,
    place: Place,
    once: OnceOnly,
    allowed: Allowed = may(Action.FILM_EXPORT),
    body: ExportRequest = ExportRequest(),
) -> AskedTask:
    """Have the film exported. `409` with the shots that wait while its gate is closed, and while another export of the
    episode goes on. The task's result names the export."""

    def ask(session: Session) -> Asked:
        settings = {"preset": body.preset or "", "draft": body.draft, "formats": list(body.formats)}
        found = find_episode(session, episode)
        return ask_for_export(session, found, settings, who=allowed.who, priority=priority_of(body.priority))

    return ask_for_task(place, once, allowed.who, ask)


@router.post("/episodes/{episode}/exports/cancel", responses=errors_of(403, 404, 409))
def cancel_an_export(episode: EpisodeKey, place: Place, allowed: Allowed = may(Action.FILM_EXPORT)) -> StoppedExport:
    """Stop the export that goes on or waits, in whichever process it is. It leaves nothing behind."""
    task = stop_export(place, episode, who=allowed.who)
    with place.database.read() as session:
        return StoppedExport(episode=episode, task=show_task(session, task) if task is not None else None)


@router.get("/episodes/{episode}/exports", responses=errors_of(403, 404))
def list_exports(
    episode: EpisodeKey, place: Place, allowed: Allowed = may(Action.VIEW), paging: Paging = paged()
) -> Page[ExportView]:
    """An episode's exports, the newest first."""
    with place.database.read() as session:
        found = find_episode(session, episode)
        query = (
            sa.select(Export)
            .join(CompositeTask, CompositeTask.id == Export.composite_task_id)
            .where(CompositeTask.episode_id == found.id)
        )
        return paging.page(session, query, Export.id, lambda row: _show(place, session, row), newest_first=True)


@router.get("/exports/{export}", responses=errors_of(403, 404))
def read_export(export: Id, place: Place, allowed: Allowed = may(Action.VIEW)) -> ExportView:
    """One export, how far it is, and where its files are."""
    with place.database.read() as session:
        row = session.get(Export, export)
        if row is None:  # it went this moment
            raise NotFoundError(f"There is no export {export}.", export=export)
        return _show(place, session, row)


@router.delete("/exports/{export}", status_code=204, responses=errors_of(403, 404, 409))
def delete_an_export(export: Id, place: Place, allowed: Allowed = may(Action.FILM_EXPORT)) -> Response:
    """Delete an export and its files, unless it goes on or is the episode's film."""
    assert allowed.episode is not None
    delete_export(place, allowed.episode, export)
    return Response(status_code=204)


def _show(place: Installation, session: Session, row: Export) -> ExportView:
    composite = session.get_one(CompositeTask, row.composite_task_id)
    episode = session.get_one(Episode, composite.episode_id).key
    standing = export_standing(session, row)
    return ExportView(
        export=row.id,
        episode=episode,
        name=row.name,
        draft=row.draft,
        formats=[str(one) for one in row.formats],
        preset=row.preset,
        state=standing.state,
        reason=standing.reason,
        percent=standing.percent,
        step=standing.step,
        seconds_left=standing.seconds_left,
        timeline_version=row.timeline_version,
        requested_by=row.requested_by,
        asked_at=row.created_at,
        finished_at=row.finished_at,
        files=_files(row, export_path(place, episode, row.name, draft=row.draft).name)
        if standing.state is ExportState.DONE
        else [],
        report=row.report,
    )


def _files(row: Export, name: str) -> list[ExportFile]:
    base = f"/api/v1/exports/{row.id}"
    film = ExportFile(kind="film", name=name, media_type="video/mp4", url=f"{base}/file")
    others = [
        ExportFile(
            kind=kind, name=file["name"], media_type=file["media_type"], url=f"{base}/files/{quote(kind, safe='')}/file"
        )
        for kind, file in sorted(row.files.items())
    ]
    return [film, *others]
