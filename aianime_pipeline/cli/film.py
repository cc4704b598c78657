"""`aianime film`: an episode's edit as it stands, as a document, thrown away; and every other command of a film."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from aianime_pipeline.cli import film_edits, film_export, film_presets, film_sound_edits, film_text_edits
from aianime_pipeline.cli.arguments import EpisodeKey, Json, Version, counted, exactly_one, file_there, print_json
from aianime_pipeline.errors import BadInputError

film = typer.Typer(help="An episode's film: its edit, and its exports.", no_args_is_help=True)

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def show(episode_key: EpisodeKey, as_json: Json = False) -> None:
    """The edit shot by shot, what waits, and the exports."""
    from aianime_pipeline.cli.film_output import film_document, tell_film
    from aianime_pipeline.production.films.composites import current_timeline, read_composite
    from aianime_pipeline.production.installation import installation

    place = installation()
    composite, current = read_composite(place, episode_key), current_timeline(place, episode_key)
    print_json(film_document(place, composite, current)) if as_json else tell_film(place, composite, current)


def timeline(
    episode_key: EpisodeKey,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the edit there, as JSON.")] = None,
    put: Annotated[Path | None, typer.Option(metavar="FILE", help="Take the edit from there.")] = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """The whole edit as a JSON file, to change it by hand or by another program and put it back."""
    from aianime_pipeline.cli.film_changes import tell_stored
    from aianime_pipeline.production.films.composites import current_timeline, read_composite, replace_timeline
    from aianime_pipeline.production.installation import installation

    exactly_one(out=out, put=put)
    place = installation()
    if put is not None:
        from getpass import getuser

        document = _read_document(put)
        expected = read_composite(place, episode_key).version if version is None else version
        stored = replace_timeline(place, episode_key, document, expected_version=expected, who=getuser())
        tell_stored(episode_key, f"The edit is that of {put} now.", stored, as_json=as_json)
        return
    assert out is not None
    if version is not None:
        raise BadInputError("--version goes with --put: it says which edit the file was made from.")
    current = current_timeline(place, episode_key)
    _write_document(current.timeline, out)
    if as_json:
        print_json({"episode": episode_key, "version": current.version, "path": str(out)})
    else:
        typer.echo(f"version {current.version} of {episode_key} is in {out}; put it back with")
        typer.echo(f"aianime film timeline {episode_key} --put {out} --version {current.version}")


def discard(episode_key: EpisodeKey, yes: Yes = False, version: Version = None, as_json: Json = False) -> None:
    """Throw the edit away: the film is as the storyboard has it again."""
    from getpass import getuser

    from aianime_pipeline.production.films.composites import discard_edits, read_composite
    from aianime_pipeline.production.installation import installation

    place = installation()
    there = read_composite(place, episode_key)
    _ask(f"Throw version {there.version} of the edit of {episode_key} away?", yes or as_json)
    expected = there.version if version is None else version
    new = discard_edits(place, episode_key, expected_version=expected, who=getuser())
    if as_json:
        print_json({"episode": episode_key, "version": new})
    else:
        typer.echo(f"{episode_key}: the film is as the storyboard has it again, version {new}")


def delete(
    episode_key: EpisodeKey,
    export: Annotated[
        int | None, typer.Option(parser=counted, metavar="ID", help="Only this export (see film exports).")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Delete an export, or the film with its edit and all exports. Takes and music stay."""
    from aianime_pipeline.production.films.composites import delete_composite, delete_export, read_composite
    from aianime_pipeline.production.installation import installation

    place = installation()
    if export is not None:
        delete_export(place, episode_key, export)
        told: dict[str, Any] = {"episode": episode_key, "deleted": [export]}
    else:
        there = [row.id for row in read_composite(place, episode_key).exports]
        _ask(f"Delete the film of {episode_key}, its edit and its {len(there)} export(s)?", yes or as_json)
        delete_composite(place, episode_key)
        told = {"episode": episode_key, "deleted": there}
    if as_json:
        print_json(told)
    else:
        typer.echo(f"{episode_key}: {f'export {export}' if export is not None else 'the film and its edit'} deleted")


def exports(episode_key: EpisodeKey, as_json: Json = False) -> None:
    """The exports of an episode, the newest first."""
    from aianime_pipeline.cli.export_output import exports_documents, tell_exports
    from aianime_pipeline.production.films.composites import read_composite
    from aianime_pipeline.production.installation import installation

    place = installation()
    documents = exports_documents(place, read_composite(place, episode_key))
    print_json({"episode": episode_key, "exports": documents}) if as_json else tell_exports(documents)


def _ask(question: str, sure: bool) -> None:
    """On a terminal only: a script said what it wants. Raises typer.Abort for a no."""
    import sys

    if not sure and sys.stdin.isatty():
        typer.confirm(question, abort=True, err=True)


def _read_document(file: Path) -> dict[str, Any]:
    """Raises BadInputError for what is no JSON object, NotFoundError."""
    import json

    from aianime_pipeline.screenplay.reading import read_text

    try:
        document = json.loads(read_text(file_there(file).read_bytes(), filename=file.name))
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInputError(f"{file} is no JSON: {error}.", path=str(file)) from error
    if not isinstance(document, dict):
        raise BadInputError(f"{file} holds no timeline: a JSON object is wanted.", path=str(file))
    return document


def _write_document(current: Any, file: Path) -> None:
    import json
    import os

    from aianime_pipeline.film.timeline import to_document

    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.write_text(json.dumps(to_document(current), ensure_ascii=False, indent=2) + "\n", "utf-8")
        part.replace(file)
    except OSError as error:
        raise BadInputError(f"{file} cannot be written: {error.strerror}.", path=str(file)) from error
    finally:
        part.unlink(missing_ok=True)


_COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("show", show),
    ("move", film_edits.move),
    ("remove", film_edits.remove),
    ("restore", film_edits.restore),
    ("trim", film_edits.trim),
    ("roll", film_edits.roll),
    ("slip", film_edits.slip),
    ("transition", film_edits.transition),
    ("gain", film_sound_edits.gain),
    ("own-sound", film_sound_edits.own_sound),
    ("speech", film_sound_edits.speech),
    ("effect", film_sound_edits.effect),
    ("music", film_sound_edits.music),
    ("subtitle", film_text_edits.subtitle),
    ("subtitles", film_text_edits.subtitles),
    ("marker", film_text_edits.marker),
    ("timeline", timeline),
    ("discard", discard),
    ("export", film_export.export),
    ("exports", exports),
    ("cancel", film_export.cancel),
    ("delete", delete),
    ("presets", film_presets.presets),
    ("preset", film_presets.preset),
)
_TAKE_NEGATIVE_NUMBERS = ("roll", "slip", "gain")
"""As arguments: the parser takes -6 for an option otherwise."""

for _name, _command in _COMMANDS:
    film.command(_name, context_settings={"ignore_unknown_options": _name in _TAKE_NEGATIVE_NUMBERS})(_command)
