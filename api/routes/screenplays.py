"""Screenplays: bring a file, read, edit blocks, lock."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Form
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Episode, Screenplay
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.importing import LARGEST_FILE_BYTES, ImportReport, import_upload
from aianime_pipeline.production.screenplays.editing import (
    Seen,
    edit_screenplay,
    lock_screenplay,
    unlock_screenplay,
)
from aianime_pipeline.production.screenplays.keeping import find_screenplay, screenplay_versions
from aianime_pipeline.screenplay.editing import (
    MOST_CHARACTERS,
    MOST_NAME_CHARACTERS,
    BlockEdit,
    BlockWords,
    ChangeBlock,
    InsertBlock,
    MoveBlock,
    RemoveBlock,
)
from aianime_pipeline.screenplay.model import BlockType, Interior, TimeOfDay
from api.dependencies import Allowed, EpisodeKey, Place, ProjectSlug, may
from api.errors import errors_of
from api.fields import Count, Upload, VersionQuery, read_upload
from api.limits import FILES
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(tags=["screenplays"])

MOST_WARNINGS = 500
"""Of an import."""

ScreenplayFormat = Annotated[
    Literal["chinese", "fountain", "text"] | None, Form(description="None: told by its name and content.")
]


class BlockFields(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: BlockType
    text: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS, pattern=r"^[^\x00]*$")]
    speaker: Annotated[str | None, Field(max_length=MOST_NAME_CHARACTERS)] = Field(
        None, description="Of dialogue and os only; dialogue needs one."
    )
    emotion: Annotated[str | None, Field(max_length=MOST_NAME_CHARACTERS)] = None


class BlockInsert(BaseModel):
    model_config = ConfigDict(extra="forbid")

    op: Literal["insert"]
    scene: Count
    at: Count | None = Field(None, description="The place that it has afterwards; None: the last of its scene.")
    block: BlockFields


class BlockChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    op: Literal["change"]
    scene: Count
    at: Count
    block: BlockFields


class BlockRemoval(BaseModel):
    model_config = ConfigDict(extra="forbid")

    op: Literal["remove"]
    scene: Count
    at: Count


class BlockMove(BaseModel):
    model_config = ConfigDict(extra="forbid")

    op: Literal["move"]
    scene: Count
    at: Count
    to_scene: Count | None = Field(None, description="None: the same scene.")
    to: Count | None = Field(None, description="The place that it has afterwards; None: the last.")


AnyBlockEdit = BlockInsert | BlockChange | BlockRemoval | BlockMove


class SeenVersion(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 2, "revision": 5}]})

    version: Count = Field(description="What the caller saw: where it is another by now, nothing is done.")
    revision: Count


class ScreenplayEdits(SeenVersion):
    """Scenes and blocks are named by their places from 1; each edit finds them as the ones before it left them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "version": 1,
                    "revision": 1,
                    "edits": [
                        {
                            "op": "insert", "scene": 1, "at": 2,
                            "block": {"type": "dialogue", "speaker": "林夏", "emotion": "低声", "text": "谁？"},
                        }
                    ],
                }
            ]
        },
    )  # fmt: skip

    edits: Annotated[list[Annotated[AnyBlockEdit, Field(discriminator="op")]], Field(min_length=1, max_length=500)]


class BlockView(BaseModel):
    at: int
    type: BlockType
    text: str
    speaker: str | None
    emotion: str | None


class CastView(BaseModel):
    name: str
    count: int | None = Field(description="None: several.")


class SceneView(BaseModel):
    scene: int = Field(description="Its place, from 1.")
    number: str = Field(description="As it is written.")
    heading: str
    place: str
    time_of_day: TimeOfDay | None
    interior: Interior | None
    cast: list[CastView]
    blocks: list[BlockView]


class ScreenplayVersion(BaseModel):
    version: int
    revision: int
    state: str = Field(description="draft, editing or locked.")
    based_on: int | None = Field(description="The imported version that this one is an edit of.")
    title: str
    language: str
    source: str = Field(description="The name of the file that it came from.")
    changed_by: str | None
    changed_at: datetime | None
    created_at: datetime


class ScreenplayView(ScreenplayVersion):
    episode: str
    scenes: list[SceneView]


class ImportWarning(BaseModel):
    line: int | None
    message: str


class ImportView(BaseModel):
    episodes: list[str]
    unchanged: list[str] = Field(description="Episodes whose text was there already.")
    scenes: int
    blocks: dict[str, int]
    shots: int
    warnings: Annotated[list[ImportWarning], Field(max_length=MOST_WARNINGS)]
    more_warnings: int = Field(description="How many there are besides; the command line tells them all.")


@router.get("/episodes/{episode}/screenplay", responses=errors_of(403, 404))
def read_screenplay(
    episode: EpisodeKey, place: Place, version: VersionQuery = None, allowed: Allowed = may(Action.VIEW)
) -> ScreenplayView:
    """The current screenplay, or an earlier version of it, scene by scene."""
    with place.database.read() as session:
        found = find_episode(session, episode)
        return _show(found, find_screenplay(session, found, version))


@router.get("/episodes/{episode}/screenplay/versions", responses=errors_of(403, 404))
def list_screenplay_versions(
    episode: EpisodeKey, place: Place, paging: Paging = paged(), allowed: Allowed = may(Action.VIEW)
) -> Page[ScreenplayVersion]:
    """All versions, the newest first."""
    with place.database.read() as session:
        query = screenplay_versions(find_episode(session, episode).id)
        return paging.page(session, query, Screenplay.version, _show_version, newest_first=True)


@router.post("/episodes/{episode}/screenplay", responses=errors_of(403, 404, 409, 413))
def upload_screenplay(
    episode: EpisodeKey,
    file: Upload,
    place: Place,
    format: ScreenplayFormat = None,
    allowed: Allowed = may(Action.SCREENPLAY_EDIT),
) -> ImportView:
    """Bring the episode's screenplay as a file, such as .txt, .docx or .fountain."""
    with place.database.read() as session:
        number = find_episode(session, episode).number
    return _import(place, allowed, file, format, number)


@router.post("/projects/{project}/screenplays", responses=errors_of(403, 404, 409, 413))
def upload_season(
    project: ProjectSlug,
    file: Upload,
    place: Place,
    format: ScreenplayFormat = None,
    allowed: Allowed = may(Action.SCREENPLAY_EDIT),
) -> ImportView:
    """Bring a file of one or more episodes, all or nothing; those that are new are made."""
    return _import(place, allowed, file, format, None)


@router.patch("/episodes/{episode}/screenplay", responses=errors_of(403, 404, 409))
def edit_a_screenplay(
    episode: EpisodeKey, body: ScreenplayEdits, place: Place, allowed: Allowed = may(Action.SCREENPLAY_EDIT)
) -> ScreenplayView:
    """Insert, change, remove and move blocks, all or nothing. The first edit of an import begins a version."""
    with place.database.write() as session:
        found = find_episode(session, episode)
        edits = [_edit(one) for one in body.edits]
        seen = Seen(body.version, body.revision)
        return _show(found, edit_screenplay(session, found, edits, seen=seen, who=allowed.who))


@router.post("/episodes/{episode}/screenplay/lock", responses=errors_of(403, 404, 409))
def lock_a_screenplay(
    episode: EpisodeKey, body: SeenVersion, place: Place, allowed: Allowed = may(Action.SCREENPLAY_LOCK)
) -> ScreenplayVersion:
    """Neither edits nor files change it from now on."""
    with place.database.write() as session:
        seen = Seen(body.version, body.revision)
        return _show_version(lock_screenplay(session, find_episode(session, episode), seen=seen, who=allowed.who))


@router.post("/episodes/{episode}/screenplay/unlock", responses=errors_of(403, 404, 409))
def unlock_a_screenplay(
    episode: EpisodeKey, body: SeenVersion, place: Place, allowed: Allowed = may(Action.SCREENPLAY_LOCK)
) -> ScreenplayVersion:
    """It may be changed again."""
    with place.database.write() as session:
        seen = Seen(body.version, body.revision)
        return _show_version(unlock_screenplay(session, find_episode(session, episode), seen=seen, who=allowed.who))


def show_import(report: ImportReport) -> ImportView:
    return ImportView(
        episodes=report.episodes,
        unchanged=report.unchanged,
        scenes=report.scenes,
        blocks=report.blocks,
        shots=report.shots,
        warnings=[ImportWarning(line=one.line, message=one.message) for one in report.warnings[:MOST_WARNINGS]],
        more_warnings=max(0, len(report.warnings) - MOST_WARNINGS),
    )


def _import(place: Place, allowed: Allowed, file: Upload, format: str | None, number: int | None) -> ImportView:
    data, name = read_upload(file, LARGEST_FILE_BYTES)
    assert allowed.project is not None
    with FILES.one():
        report = import_upload(
            place, data, name, project=allowed.project, kind="screenplay", format=format, episode=number
        )
    return show_import(report)


def _edit(edit: AnyBlockEdit) -> BlockEdit:
    match edit:
        case BlockInsert():
            return InsertBlock(edit.scene, BlockWords(**edit.block.model_dump()), edit.at)
        case BlockChange():
            return ChangeBlock(edit.scene, edit.at, BlockWords(**edit.block.model_dump()))
        case BlockRemoval():
            return RemoveBlock(edit.scene, edit.at)
        case BlockMove():
            return MoveBlock(edit.scene, edit.at, edit.to, edit.to_scene)


def _show_version(row: Screenplay) -> ScreenplayVersion:
    return ScreenplayVersion(**_version_values(row))


def _version_values(row: Screenplay) -> dict[str, Any]:
    named = {name: getattr(row, name) for name in ScreenplayVersion.model_fields if name != "source"}
    return named | {"source": row.source_name}


def _show(episode: Episode, row: Screenplay) -> ScreenplayView:
    scenes = [
        SceneView(
            scene=place,
            number=scene.number,
            heading=scene.heading,
            place=scene.place,
            time_of_day=scene.time_of_day,  # type: ignore[arg-type] # written from the same type
            interior=scene.interior,  # type: ignore[arg-type]
            cast=[CastView(name=name, count=count) for name, count in scene.cast],
            blocks=[
                BlockView(at=at, type=block.type, text=block.text, speaker=block.speaker, emotion=block.emotion)  # type: ignore[arg-type]
                for at, block in enumerate(scene.blocks, start=1)
            ],
        )
        for place, scene in enumerate(row.scenes, start=1)
    ]
    return ScreenplayView(**_version_values(row), episode=episode.key, scenes=scenes)
