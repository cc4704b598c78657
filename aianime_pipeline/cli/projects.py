"""`aianime project`: a series' options: picture, review, and what its films are exported with."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aianime_pipeline.cli.arguments import Json, changes_of, file_there, narrow, print_json
from aianime_pipeline.errors import BadSettingError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from aianime_pipeline.db.models import Project
    from aianime_pipeline.film.drawing.style import SubtitleStyle
    from aianime_pipeline.film.presets.presets import ExportPreset
    from aianime_pipeline.production.films.settings import KeptMark
    from aianime_pipeline.production.installation import Installation


def project(
    slug: Annotated[str, typer.Argument(metavar="SLUG")],
    aspect: Annotated[str | None, typer.Option(help="16:9, 9:16 or 1:1.")] = None,
    size: Annotated[str | None, typer.Option(help="480p, 720p or 1080p.")] = None,
    rate: Annotated[str | None, typer.Option(help="Frames a second: 24, 25, 30 or 23.976.")] = None,
    title: Annotated[str | None, typer.Option()] = None,
    organisation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose budgets count what the project spends from now on.")
    ] = None,
    style: Annotated[str | None, typer.Option(help="Goes into every prompt.")] = None,
    negative_prompt: Annotated[str | None, typer.Option(help="Goes into every negative prompt.")] = None,
    review_storyboard: Annotated[
        str | None, typer.Option(help="Who looks at storyboards: none, human, ai, ai_then_human or ai_and_human.")
    ] = None,
    review_image: Annotated[str | None, typer.Option(help="Who looks at images, likewise.")] = None,
    review_video: Annotated[str | None, typer.Option(help="Who looks at videos, likewise.")] = None,
    review_voice: Annotated[str | None, typer.Option(help="Who listens to voices, likewise.")] = None,
    review_rubric: Annotated[str | None, typer.Option(help="What the AI reviewer looks for besides.")] = None,
    review_threshold: Annotated[
        int | None, typer.Option(metavar="SCORE", help="The AI reviewer approves from this on, of 100.")
    ] = None,
    retake_cap: Annotated[
        int | None, typer.Option(metavar="N", help="After so many rejections only a person has another take made.")
    ] = None,
    auto_make: Annotated[bool | None, typer.Option(help="Shots are made by themselves as soon as they can be.")] = None,
    auto_export: Annotated[
        bool | None, typer.Option(help="The film is made by itself once every shot is approved.")
    ] = None,
    auto_package: Annotated[bool | None, typer.Option(help="The ZIP is packed by itself once there is a film.")] = None,
    speed_up_speech: Annotated[
        bool | None, typer.Option(help="Speak up to 1.25 times faster before a shot is held longer.")
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FIELD=VALUE",
            help="What the episodes' films are exported by: a preset (see film presets), a change to it, or default.",
        ),
    ] = None,
    subtitle_style: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=VALUE", help="How burned-in subtitles look, such as size=0.06; or default."),
    ] = None,
    watermark: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE|FIELD=VALUE", help="A picture in a corner of the films, its corner=top_left; or off."
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=DAYS",
            help="Days until a clean-up removes what is not needed, such as drafts=7 or exports=forever; or default.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """A project's options; those that are given are changed, and made when the project is new."""
    from aianime_pipeline.cli.output import project_document, tell_project
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.projects.keeping import get_or_create_project, set_options

    place = installation()
    given = {
        "aspect": aspect,
        "size": size,
        "rate": rate,
        "title": title,
        "organisation": organisation,
        "style": style,
        "negative_prompt": negative_prompt,
        "review_storyboard": review_storyboard,
        "review_image": review_image,
        "review_video": review_video,
        "review_voice": review_voice,
        "review_rubric": review_rubric,
        "review_threshold": review_threshold,
        "retake_cap": retake_cap,
        "auto_make": auto_make,
        "auto_export": auto_export,
        "auto_package": auto_package,
        "speed_up_speech": speed_up_speech,
    }
    picture, placing = _watermark_words(watermark or ())
    kept = _kept_watermark(place, picture, placing) if picture is not None else None
    with place.database.write() as session:
        found = get_or_create_project(session, slug, title=None, language="zh")
        set_options(found, {name: value for name, value in given.items() if value is not None})
        if preset:
            _set_preset(session, found, preset)
        if subtitle_style:
            _set_subtitle_style(session, found, subtitle_style)
        if watermark:
            _set_watermark(session, found, kept, placing)
        if keep:
            _set_retention(session, found, keep)
        document = project_document(found)
    print_json(document) if as_json else tell_project(document)


def _set_preset(session: "Session", project: "Project", words: Sequence[str]) -> None:
    from getpass import getuser

    from aianime_pipeline.film.presets.presets import MAIN, with_changes
    from aianime_pipeline.production.films.settings import find_preset, set_main_preset

    names, changes = _names_and_changes(words, "--preset")
    if names == [_DEFAULT]:
        chosen: ExportPreset | None = None
        if changes:
            raise BadSettingError("--preset default is as usual; give no changes with it.")
    else:
        chosen = find_preset(project, names[0] if names else MAIN)
        if chosen is None:
            raise BadSettingError(
                f"The films of {project.slug} are {project.width}x{project.height}, which no preset is; name one "
                "first, such as --preset landscape-1080p."
            )
        chosen = with_changes(chosen, **changes)
    set_main_preset(session, project, chosen, who=getuser())


def _set_subtitle_style(session: "Session", project: "Project", words: Sequence[str]) -> None:
    from getpass import getuser

    from aianime_pipeline.production.films.settings import set_subtitle_style, subtitle_style

    if [narrow(word) for word in words] == [_DEFAULT]:
        set_subtitle_style(session, project, None, who=getuser())
    else:
        changed = _changed_style(subtitle_style(project), changes_of(words))
        set_subtitle_style(session, project, changed, who=getuser())


def _changed_style(style: "SubtitleStyle", changes: dict[str, str]) -> "SubtitleStyle":
    from aianime_pipeline.film.drawing.style import SubtitleStyle

    document = style.to_document()
    for name, text in changes.items():
        # What the style has not is refused by it, with the names that it has.
        document[name] = _like(document.get(name), name, text)
    return SubtitleStyle.from_document(document)


def _watermark_words(words: Sequence[str]) -> tuple[Path | None, dict[str, Any]]:
    """Its picture, and how it is placed. Neither: there is none from now on."""
    from aianime_pipeline.film.drawing.watermark import Watermark

    if [narrow(word) for word in words] == ["off"]:
        return None, {}
    usual = {field.name: field.default for field in fields(Watermark) if field.name != "source"}
    changing = [word for word in words if word.partition("=")[0].strip() in usual]
    files = [word for word in words if word not in changing]
    if len(files) > 1:
        raise BadSettingError(f"{', '.join(files)}: give one picture; what can be set of it is {', '.join(usual)}.")
    placing = {name: _like(usual[name], name, text) for name, text in changes_of(changing).items()}
    return (Path(files[0]) if files else None), placing


def _kept_watermark(place: "Installation", picture: Path, placing: dict[str, Any]) -> "KeptMark":
    from aianime_pipeline.film.drawing.watermark import Watermark
    from aianime_pipeline.production.films.settings import keep_watermark

    return keep_watermark(place, Watermark(file_there(picture), **placing))


def _set_watermark(session: "Session", project: "Project", kept: "KeptMark | None", placing: dict[str, Any]) -> None:
    from getpass import getuser

    from aianime_pipeline.production.films.settings import place_watermark, set_watermark

    if kept is None and placing:
        place_watermark(session, project, placing, who=getuser())
    else:
        set_watermark(session, project, kept, who=getuser())


def _set_retention(session: "Session", project: "Project", words: Sequence[str]) -> None:
    from getpass import getuser

    from aianime_pipeline.production.projects.retention import Retention, retention_of, set_retention

    if [narrow(word) for word in words] == [_DEFAULT]:
        set_retention(session, project, Retention(), who=getuser())
    else:
        set_retention(session, project, retention_of(project).changed(changes_of(words)), who=getuser())


def _names_and_changes(words: Sequence[str], option: str) -> tuple[list[str], dict[str, str]]:
    names = [narrow(word) for word in words if "=" not in narrow(word)]
    if len(names) > 1:
        raise BadSettingError(f"{option} names {' and '.join(names)}; one is right.")
    return names, changes_of([word for word in words if "=" in narrow(word)])


def _like(had: object, name: str, text: str) -> Any:
    """The text as a value of the kind that there was. Raises BadSettingError."""
    if isinstance(had, bool):
        if text.lower() not in _YES_OR_NO:
            raise BadSettingError(f"{name} is {text!r}; it takes yes or no.")
        return _YES_OR_NO[text.lower()]
    if isinstance(had, float):
        try:
            return float(text)
        except ValueError:
            raise BadSettingError(f"{name} is {text!r}; it takes a number.") from None
    return text


_DEFAULT = "default"
_YES_OR_NO = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
