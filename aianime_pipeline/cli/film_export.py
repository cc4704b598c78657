"""`aianime film export` and `cancel`: by which preset, how it is stopped, and what it is called."""

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aianime_pipeline.cli.arguments import EpisodeKey, Json, changes_of, narrow, print_json
from aianime_pipeline.errors import BadSettingError, FilmNotReadyError

if TYPE_CHECKING:
    from aianime_pipeline.film.presets.presets import ExportPreset
    from aianime_pipeline.production.installation import Installation

_LONGEST_NAME = 48
_WAITS_SECONDS = 20.0
_LOOKS_EVERY = 0.2

Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Changed in it, such as resolution=4k; may be given again."),
]


def export(
    episode_key: EpisodeKey,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="See film presets; the project's main one if left out.")
    ] = None,
    changes: Changes = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="In its files' names; else the preset's with what is changed.")
    ] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Slates stand in for shots that are not ready.")] = False,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="LIST", help="For editing programs: otio,otioz,edl,fcp7,fcpxml,jianying."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Export the film. The project's main preset gives the episode's film, any other a file beside it."""
    from getpass import getuser

    from aianime_pipeline.cli.export_output import export_progress, result_document, tell_result
    from aianime_pipeline.film.presets.presets import MAIN
    from aianime_pipeline.production.exports.exporting import export_film
    from aianime_pipeline.production.generations import RunCancelled
    from aianime_pipeline.production.installation import installation

    place = installation()
    chosen = _chosen_preset(place, episode_key, preset, changes_of(changes or ()), name)
    wanted = [one.strip() for text in formats or () for one in narrow(text).split(",") if one.strip()]
    try:
        with _stopped_by_signals() as stop, export_progress() as on_progress:
            result = export_film(
                place,
                None,
                episode_key,
                preset=chosen,
                draft=draft,
                formats=tuple(dict.fromkeys(wanted)),
                who=getuser(),
                on_progress=on_progress,
                stop=stop,
            )
    except RunCancelled:
        raise KeyboardInterrupt from None
    except FilmNotReadyError as error:
        hint = f"{error.message} With --draft, slates stand in their place."
        raise FilmNotReadyError(hint, **error.details) from error
    document = result_document(episode_key, chosen.name if chosen is not None else MAIN, draft, result)
    if as_json:
        print_json(document)
    else:
        tell_result(document)


def cancel(episode_key: EpisodeKey, as_json: Json = False) -> None:
    """Stop the export that goes on, in whichever process it runs. It leaves nothing behind."""
    import time
    from getpass import getuser

    from aianime_pipeline.production.exports.claims import cancel_export
    from aianime_pipeline.production.films.composite_states import CompositeState
    from aianime_pipeline.production.films.composites import read_composite
    from aianime_pipeline.production.installation import installation

    place = installation()
    cancel_export(place, episode_key, who=getuser())
    until = time.monotonic() + _WAITS_SECONDS
    while (state := read_composite(place, episode_key).state) is CompositeState.EXPORTING:
        if time.monotonic() > until:
            break
        time.sleep(_LOOKS_EVERY)
    if as_json:
        print_json({"episode": episode_key, "state": state.value})
    elif state is CompositeState.EXPORTING:
        typer.echo(f"the export of {episode_key} was asked to stop and is still at it")
    else:
        typer.echo(f"the export of {episode_key} has stopped")


def named_after(preset: "ExportPreset", changed: "ExportPreset") -> str:
    """The preset's name and what is changed, such as `main-4k-no-watermark`. Raises BadSettingError where that is too
    long for a name."""
    from aianime_pipeline.film.presets.presets import to_document

    before, after = to_document(preset), to_document(changed)
    words = [_change_word(field, value) for field, value in after.items() if before[field] != value]
    name = "-".join((preset.name, *words))
    if len(name) > _LONGEST_NAME:
        raise BadSettingError(f"{name!r} is too long for a preset's name; give it one with --name.")
    return name


def _chosen_preset(
    place: "Installation", episode_key: str, name: str | None, changes: Mapping[str, str], new_name: str | None
) -> "ExportPreset | None":
    """None: the project's main preset as it is."""
    from aianime_pipeline.film.presets.presets import MAIN, with_changes
    from aianime_pipeline.production.episodes.rows import find_episode
    from aianime_pipeline.production.films.settings import find_preset

    if name is None and not changes and new_name is None:
        return None
    with place.database.read() as session:
        project = find_episode(session, episode_key).project
        preset = find_preset(project, narrow(name or MAIN))
        if preset is None and (changes or new_name is not None):
            raise BadSettingError(
                f"The films of {project.slug} are {project.width}x{project.height}, which no preset is; choose one "
                "with --preset."
            )
    if preset is None:
        return None
    changed = with_changes(preset, **changes)
    if new_name is not None:
        return replace(changed, name=new_name)
    return preset if changed == preset else replace(changed, name=named_after(preset, changed))


def _change_word(field: str, value: Any) -> str:
    """One changed field as part of a file's name."""
    match field, value:
        case (("resolution" | "codec" | "fit"), _):
            return str(value)
        case "aspect", _:
            return str(value).replace(":", "x")
        case "rate", _:
            return str(value).replace(".", "_") + "fps"
        case "loudness", _:
            return f"{abs(value)}lufs"
        case "languages", _:
            return "-".join(value) or "all-languages"
        case "poster_second", _:
            return "no-poster" if value is None else f"poster-{float(Fraction(value)):g}s".replace(".", "_")
        case _, bool():
            return ("" if value else "no-") + field.replace("_", "-")
        case "subtitles", "none":
            return "no-subtitles"
        case _:
            return f"{value}-{field}"


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets, so that the export ends in good order; the second one ends it at once."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
