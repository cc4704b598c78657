"""What a project's films are like: export presets, the style of subtitles, the watermark. Each change is recorded."""

from typing import Annotated, Any, Literal

from fastapi import File, Form, Path, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Project
from aianime_pipeline.errors import BadPictureError
from aianime_pipeline.film.drawing.marks import Corner
from aianime_pipeline.film.drawing.style import Backing, SubtitleStyle
from aianime_pipeline.film.drawing.watermark import Watermark
from aianime_pipeline.film.presets.presets import (
    BUILT_IN,
    MAIN,
    Aspect,
    Codec,
    ExportPreset,
    Fit,
    Loudness,
    Quality,
    Resolution,
    SubtitleMode,
    preset_from_document,
    to_document,
)
from aianime_pipeline.production.films.settings import (
    MOST_PRESETS,
    find_preset,
    keep_watermark,
    main_preset,
    own_presets,
    remove_preset,
    save_preset,
    set_main_preset,
    set_subtitle_style,
    set_watermark,
    subtitle_style,
)
from aianime_pipeline.production.projects.keeping import find_project
from api.dependencies import Allowed, Place, ProjectSlug, may
from api.errors import errors_of
from api.limits import FILES
from api.routes.exports import PresetName
from api.routing import Router

router = Router(prefix="/projects/{project}", tags=["film settings"])

PresetPath = Annotated[str, Path(min_length=1, max_length=48, pattern=r"^[^\x00-\x1f\x7f/]+$", examples=["festival"])]
MOST_PICTURE_BYTES = 20_000_000


class PresetBody(BaseModel):
    """What is left out is as usual."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"resolution": "4k", "codec": "h265", "languages": ["zh"]}]}
    )

    resolution: Resolution = "1080p"
    aspect: Aspect = "16:9"
    rate: Literal["24", "25", "30", "23.976"] = "24"
    codec: Codec = "h264"
    quality: Quality = "standard"
    hardware: bool = False
    fit: Fit = "pad"
    subtitles: SubtitleMode = "soft"
    languages: Annotated[
        list[Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]], Field(max_length=40)
    ] = Field(default_factory=list, description="Of the subtitles; empty: all that the film has.")
    watermark: bool = True
    ai_label: bool = Field(default=True, description="The film says that it was made with AI.")
    poster_second: Annotated[str, Field(max_length=32, pattern=r"^\d{1,5}(\.\d{1,6}|/[1-9]\d{0,6})?$")] | None = "1"
    loudness: Loudness = Field(default=-16, description="LUFS.")


class PresetView(PresetBody):
    model_config = ConfigDict(extra="forbid")

    name: str
    kind: Literal["main", "own", "built_in"]


class Presets(BaseModel):
    main: PresetView | None = Field(
        description="Of the episodes' films; null: as large and as fast as the project, which no preset is."
    )
    own: Annotated[list[PresetView], Field(max_length=MOST_PRESETS)]
    built_in: list[PresetView]


class MainPreset(BaseModel):
    """A preset by its name, or one that is said whole; null: as large and as fast as the project."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"preset": "vertical-1080p"}]})

    preset: PresetName | PresetBody | None


class StyleBody(BaseModel):
    """Sizes are shares of the frame's shorter side, margins of its height, the outline's width of the letters' size."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"backing": "box", "bold": False}]})

    size: Annotated[float, Field(ge=0.02, le=0.15)] = 0.055
    portrait_size: Annotated[float, Field(ge=0.02, le=0.15)] = 0.062
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#ffffff"
    outline_colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#101014"
    outline_width: Annotated[float, Field(ge=0, le=0.2)] = 0.07
    backing: Backing = "shadow"
    backing_colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#000000"
    backing_opacity: Annotated[float, Field(ge=0, le=1)] = 0.55
    margin_bottom: Annotated[float, Field(ge=0, le=0.8)] = 0.055
    portrait_margin_bottom: Annotated[float, Field(ge=0, le=0.8)] = 0.24
    bold: bool = True
    speaker_shown: bool = False


class WatermarkView(BaseModel):
    corner: Corner
    width: float = Field(description="A share of the frame's width.")
    opacity: float
    margin: float = Field(description="From the frame's edges, a share of its shorter side.")


class WatermarkState(BaseModel):
    watermark: WatermarkView | None


@router.get("/presets", responses=errors_of(403, 404))
def list_presets(project: ProjectSlug, place: Place, allowed: Allowed = may(Action.VIEW)) -> Presets:
    """The export presets that the project's films can be exported by."""
    with place.database.read() as session:
        return _presets(find_project(session, project))


@router.put("/presets/{preset}", responses=errors_of(403, 404, 409))
def save_a_preset(
    project: ProjectSlug,
    preset: PresetPath,
    place: Place,
    allowed: Allowed = may(Action.PROJECT_EDIT),
    body: PresetBody = PresetBody(),
) -> PresetView:
    """Make or change a preset of the project's own."""
    with place.database.write() as session:
        made = _preset(preset, body)
        save_preset(session, find_project(session, project), made, who=allowed.who)
    return _show(made, "own")


@router.delete("/presets/{preset}", status_code=204, responses=errors_of(403, 404))
def remove_a_preset(
    project: ProjectSlug, preset: PresetPath, place: Place, allowed: Allowed = may(Action.PROJECT_EDIT)
) -> Response:
    """A preset of the project's own is no more; what was exported by it stays."""
    with place.database.write() as session:
        remove_preset(session, find_project(session, project), preset, who=allowed.who)
    return Response(status_code=204)


@router.put("/main-preset", responses=errors_of(403, 404))
def choose_main_preset(
    project: ProjectSlug, body: MainPreset, place: Place, allowed: Allowed = may(Action.PROJECT_EDIT)
) -> Presets:
    """Choose by which preset the episodes' films are made from now on."""
    with place.database.write() as session:
        found = find_project(session, project)
        if isinstance(body.preset, PresetBody):
            chosen: ExportPreset | None = _preset(MAIN, body.preset)
        else:
            chosen = find_preset(found, body.preset) if body.preset is not None else None
        set_main_preset(session, found, chosen, who=allowed.who)
        return _presets(found)


@router.get("/subtitle-style", responses=errors_of(403, 404))
def read_subtitle_style(project: ProjectSlug, place: Place, allowed: Allowed = may(Action.VIEW)) -> StyleBody:
    """How the subtitles of the project's films look."""
    with place.database.read() as session:
        return StyleBody(**subtitle_style(find_project(session, project)).to_document())


@router.put("/subtitle-style", responses=errors_of(403, 404))
def change_subtitle_style(
    project: ProjectSlug,
    place: Place,
    allowed: Allowed = may(Action.PROJECT_EDIT),
    body: StyleBody = StyleBody(),
) -> StyleBody:
    """Set how the subtitles look; what is left out is as usual."""
    with place.database.write() as session:
        found = find_project(session, project)
        set_subtitle_style(session, found, SubtitleStyle.from_document(body.model_dump()), who=allowed.who)
        return StyleBody(**subtitle_style(found).to_document())


@router.get("/watermark", responses=errors_of(403, 404))
def read_watermark(project: ProjectSlug, place: Place, allowed: Allowed = may(Action.VIEW)) -> WatermarkState:
    """Where the project's watermark is put, if it has one."""
    with place.database.read() as session:
        return _watermark(find_project(session, project))


@router.put("/watermark", responses=errors_of(403, 404, 413))
def upload_watermark(
    project: ProjectSlug,
    place: Place,
    picture: Annotated[UploadFile, File(description="PNG, JPEG or WebP of at most 20 MB.")],
    allowed: Allowed = may(Action.PROJECT_EDIT),
    corner: Annotated[Corner, Form()] = "top_right",
    width: Annotated[float, Form(ge=0.02, le=0.5, description="A share of the frame's width.")] = 0.12,
    opacity: Annotated[float, Form(gt=0, le=1)] = 0.8,
    margin: Annotated[float, Form(ge=0, le=0.4)] = 0.04,
) -> WatermarkState:
    """Put a picture on the project's films from now on."""
    data = picture.file.read(MOST_PICTURE_BYTES + 1)
    if len(data) > MOST_PICTURE_BYTES:
        raise BadPictureError(f"The picture is larger than {MOST_PICTURE_BYTES:,} bytes.", field="body.picture")
    mark = Watermark(data, corner, width, opacity, margin)
    with FILES.one():
        kept = keep_watermark(place, mark)
    with place.database.write() as session:
        found = find_project(session, project)
        set_watermark(session, found, kept, who=allowed.who)
        return _watermark(found)


@router.delete("/watermark", status_code=204, responses=errors_of(403, 404))
def remove_watermark(project: ProjectSlug, place: Place, allowed: Allowed = may(Action.PROJECT_EDIT)) -> Response:
    """Films are made without a watermark from now on."""
    with place.database.write() as session:
        set_watermark(session, find_project(session, project), None, who=allowed.who)
    return Response(status_code=204)


def _preset(name: str, body: PresetBody) -> ExportPreset:
    return preset_from_document({"name": name, **body.model_dump()})


def _presets(project: Project) -> Presets:
    main = main_preset(project)
    return Presets(
        main=_show(main, "main") if main is not None else None,
        own=[_show(preset, "own") for preset in own_presets(project).values()],
        built_in=[_show(preset, "built_in") for preset in BUILT_IN.values()],
    )


def _show(preset: ExportPreset, kind: Literal["main", "own", "built_in"]) -> PresetView:
    document: dict[str, Any] = to_document(preset)
    return PresetView(**document, kind=kind)


def _watermark(project: Project) -> WatermarkState:
    if project.watermark is None:
        return WatermarkState(watermark=None)
    placing = {name: value for name, value in project.watermark.items() if name != "object"}
    return WatermarkState(watermark=WatermarkView(**placing))
