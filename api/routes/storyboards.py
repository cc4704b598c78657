"""Storyboards: read, edit shots, freeze, bring and take away as a file. Their review is in `reviews.py`."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Form, Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Episode
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.importing import LARGEST_FILE_BYTES, import_upload
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.screenplays.keeping import current_screenplay
from aianime_pipeline.production.shots.stages import State
from aianime_pipeline.production.storyboards.editing import edit_storyboard, freeze_storyboard, removed_shots
from aianime_pipeline.production.storyboards.keeping import drawn_as, find_storyboard, is_stale, load_storyboard
from aianime_pipeline.screenplay.model import Interior, TimeOfDay
from aianime_pipeline.storyboard.checked_fields import (
    MOST_CHARACTERS,
    MOST_NAME_CHARACTERS,
    MOST_NAMES,
    MOST_SPEAKERS,
)
from aianime_pipeline.storyboard.editing import (
    ChangeShot,
    InsertShot,
    MoveShot,
    OrderShots,
    RemoveShot,
    RestoreShot,
    ShotEdit,
)
from aianime_pipeline.storyboard.importing import write_storyboard
from aianime_pipeline.storyboard.model import CameraMove, Framing, Priority, Shot, Transition, Want
from aianime_pipeline.storyboard.v4_shot import LONGEST_SHOT_MS
from api.dependencies import Allowed, EpisodeKey, Place, may
from api.errors import errors_of
from api.fields import Count, ShotNo, Upload, YesOrNo, read_upload
from api.limits import FILES
from api.routes.screenplays import ImportView, show_import
from api.routing import Router

router = Router(prefix="/episodes/{episode}/storyboard", tags=["storyboards"])

Name = Annotated[str, Field(min_length=1, max_length=MOST_NAME_CHARACTERS)]
OneLine = Annotated[str, Field(max_length=MOST_NAME_CHARACTERS)]
Text = Annotated[str, Field(max_length=MOST_CHARACTERS)]
After = Annotated[int, Field(strict=True, ge=0, le=99_999, description="The shot before it; 0: it is the first.")]


def _without_defaults(schema: dict[str, Any]) -> None:
    """What is not named is not changed, or as usual: the values here are never taken."""
    for field in schema["properties"].values():
        field.pop("default", None)


class ShotChanges(BaseModel):
    """Only what is named is changed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_without_defaults)

    description: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)] = "…"
    duration_ms: Annotated[int, Field(strict=True, ge=1, le=LONGEST_SHOT_MS)] = 3000
    framing: Framing = Framing.MEDIUM
    framing_text: OneLine = ""
    camera_move: CameraMove = CameraMove.HOLD
    camera_text: OneLine = ""
    blocking: Text = ""
    dialogue: Text = ""
    speakers: Annotated[list[Name], Field(max_length=MOST_SPEAKERS)] = []
    voice_over: YesOrNo = False
    emotion: OneLine = ""
    transition: Transition = Transition.CUT
    prompt: Text = ""
    negative_prompt: Text = ""
    scene: OneLine = ""
    place: OneLine = ""
    time_of_day: TimeOfDay | None = None
    interior: Interior | None = None
    characters: Annotated[list[Name], Field(max_length=MOST_NAMES)] = []
    props: Annotated[list[Name], Field(max_length=MOST_NAMES)] = []
    priority: Priority = "P1"
    wants: Annotated[list[Want], Field(max_length=10)] = []
    note: Text = ""


class NewShot(ShotChanges):
    """What is not named is as usual."""

    description: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]


class ShotInsert(BaseModel):
    model_config = ConfigDict(extra="forbid")

    op: Literal["insert"]
    after: After | None = Field(None, description="None: it is the last.")
    fields: NewShot


class ShotChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    op: Literal["change"]
    shot: ShotNo
    fields: ShotChanges


class ShotRemoval(BaseModel):
    model_config = ConfigDict(extra="forbid")

    op: Literal["remove"]
    shot: ShotNo


class ShotReturn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    op: Literal["restore"]
    shot: ShotNo
    after: After | None = Field(None, description="None: it is the last.")


class ShotMove(BaseModel):
    model_config = ConfigDict(extra="forbid")

    op: Literal["move"]
    shot: ShotNo
    after: After


class ShotOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    op: Literal["order"]
    shots: Annotated[list[ShotNo], Field(max_length=5_000, description="All of them, in their order.")]


AnyShotEdit = ShotInsert | ShotChange | ShotRemoval | ShotReturn | ShotMove | ShotOrder


class SeenStoryboard(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 3}]})

    version: Count = Field(description="What the caller saw: where it is another by now, nothing is done.")


class StoryboardEdits(SeenStoryboard):
    """A shot's number stays with it; a new one gets one that no shot has had. Each edit finds the shots as the ones
    before it left them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "version": 1,
                    "edits": [
                        {"op": "change", "shot": 3, "fields": {"framing": "close_up", "duration_ms": 2500}},
                        {"op": "insert", "after": 3, "fields": {"description": "雾散开，渡口空无一人。"}},
                    ],
                }
            ]
        },
    )

    edits: Annotated[
        list[Annotated[AnyShotEdit, Field(discriminator="op")]],
        Field(min_length=1, max_length=500),
    ]


class ShotFields(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: int
    description: str
    duration_ms: int
    framing: Framing
    framing_text: str = Field(description="As the file has it.")
    camera_move: CameraMove
    camera_text: str
    blocking: str
    dialogue: str
    speakers: list[str]
    voice_over: bool
    emotion: str
    transition: Transition
    prompt: str
    negative_prompt: str
    scene: str
    place: str
    time_of_day: TimeOfDay | None
    interior: Interior | None
    characters: list[str]
    props: list[str]
    priority: Priority
    wants: Annotated[list[Want], BeforeValidator(sorted)]
    note: str
    warnings: list[str]


class StoryboardView(BaseModel):
    episode: str
    version: int
    state: str = Field(description="generated, editing or frozen.")
    review: State
    review_reason: str
    source: str = Field(description="planner, a language model, or the name of a file.")
    out_of_date: bool = Field(description="The screenplay went on since.")
    changed_by: str | None
    changed_at: datetime | None
    shots: list[ShotFields]
    removed: list[int] = Field(description="Shots that can be restored with what was made of them.")


@router.get("", responses=errors_of(403, 404))
def read_storyboard(episode: EpisodeKey, place: Place, allowed: Allowed = may(Action.VIEW)) -> StoryboardView:
    """The shots in their order."""
    return _read(place, episode)


@router.patch("", responses=errors_of(403, 404, 409))
def edit_a_storyboard(
    episode: EpisodeKey, body: StoryboardEdits, place: Place, allowed: Allowed = may(Action.STORYBOARD_EDIT)
) -> StoryboardView:
    """Insert, change, remove, restore, move and order shots, all or nothing. Nothing is made anew by it."""
    with place.database.write() as session:
        edits = [_edit(one) for one in body.edits]
        edit_storyboard(session, find_episode(session, episode), edits, version=body.version, who=allowed.who)
    return _read(place, episode)


@router.post("/freeze", responses=errors_of(403, 404, 409))
def freeze_a_storyboard(
    episode: EpisodeKey, body: SeenStoryboard, place: Place, allowed: Allowed = may(Action.STORYBOARD_FREEZE)
) -> StoryboardView:
    """Neither edits nor runs change it from now on."""
    return _freeze(place, episode, body, allowed, True)


@router.post("/unfreeze", responses=errors_of(403, 404, 409))
def unfreeze_a_storyboard(
    episode: EpisodeKey, body: SeenStoryboard, place: Place, allowed: Allowed = may(Action.STORYBOARD_FREEZE)
) -> StoryboardView:
    """It may be edited again."""
    return _freeze(place, episode, body, allowed, False)


@router.post("/file", responses=errors_of(403, 404, 409, 413))
def upload_storyboard(
    episode: EpisodeKey,
    file: Upload,
    place: Place,
    format: Annotated[Literal["v4", "csv"] | None, Form(description="None: told by its name and content.")] = None,
    allowed: Allowed = may(Action.STORYBOARD_EDIT),
) -> ImportView:
    """Bring the episode's storyboard as a file, .json (storyboard_ai_v4) or .csv. Shots keep what was made of them by
    their numbers."""
    with place.database.read() as session:
        number = find_episode(session, episode).number
    data, name = read_upload(file, LARGEST_FILE_BYTES)
    assert allowed.project is not None
    with FILES.one():
        report = import_upload(
            place, data, name, project=allowed.project, kind="storyboard", format=format, episode=number
        )
    return show_import(report)


_MEDIA_TYPES = {"json": "application/json", "csv": "text/csv"}


@router.get(
    "/file",
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": {name: {} for name in _MEDIA_TYPES.values()}},
        **errors_of(403, 404),
    },
)
def export_storyboard(
    episode: EpisodeKey,
    place: Place,
    format: Annotated[Literal["json", "csv"], Query(description="storyboard_ai_v4, or a table.")] = "json",
    allowed: Allowed = may(Action.DOWNLOAD),
) -> Response:
    """The storyboard as a file, as it would be brought."""
    with place.database.read() as session:
        data = write_storyboard(load_storyboard(session, find_episode(session, episode)), f"storyboard.{format}")
    headers = {"Content-Disposition": f'attachment; filename="{episode}-storyboard.{format}"'}
    return Response(data, media_type=_MEDIA_TYPES[format], headers=headers)


def show_shot(shot: Shot) -> ShotFields:
    return ShotFields.model_validate(shot)


def _read(place: Installation, key: str) -> StoryboardView:
    with place.database.read() as session:
        found: Episode = find_episode(session, key)
        row, screenplay = find_storyboard(session, found), current_screenplay(session, found.id)
        return StoryboardView(
            episode=found.key,
            version=row.version,
            state=row.state,
            review=State(row.review_state),
            review_reason=row.review_reason,
            source=row.source,
            out_of_date=screenplay is not None and is_stale(row, screenplay, found),
            changed_by=row.changed_by,
            changed_at=row.changed_at,
            shots=[show_shot(shot) for shot in drawn_as(session, row).shots],
            removed=list(removed_shots(session, found)),
        )


def _freeze(place: Installation, episode: str, body: SeenStoryboard, allowed: Allowed, frozen: bool) -> StoryboardView:
    with place.database.write() as session:
        found = find_episode(session, episode)
        freeze_storyboard(session, found, frozen, version=body.version, who=allowed.who)
    return _read(place, episode)


def _edit(edit: AnyShotEdit) -> ShotEdit:
    match edit:
        case ShotInsert():
            return InsertShot(_given(edit.fields), edit.after)
        case ShotChange():
            return ChangeShot(edit.shot, _given(edit.fields))
        case ShotRemoval():
            return RemoveShot(edit.shot)
        case ShotReturn():
            return RestoreShot(edit.shot, edit.after)
        case ShotMove():
            return MoveShot(edit.shot, edit.after)
        case ShotOrder():
            return OrderShots(tuple(edit.shots))


def _given(fields: ShotChanges) -> dict[str, Any]:
    return fields.model_dump(exclude_unset=True)
