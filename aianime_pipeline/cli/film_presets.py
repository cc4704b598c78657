"""`aianime film presets` and `preset`: which export presets there are, and a project's own."""

from typing import TYPE_CHECKING, Annotated

import typer

from aianime_pipeline.cli.arguments import Json, changes_of, print_json
from aianime_pipeline.cli.film_export import Changes
from aianime_pipeline.errors import BadInputError, NotFoundError

if TYPE_CHECKING:
    from aianime_pipeline.db.models import Project
    from aianime_pipeline.film.presets.presets import ExportPreset


def presets(
    project: Annotated[
        str | None, typer.Option(metavar="SLUG", help="With this project's own and its main one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The export presets that there are."""
    from aianime_pipeline.cli.export_output import tell_presets
    from aianime_pipeline.film.presets.presets import BUILT_IN, to_document
    from aianime_pipeline.production.films.settings import main_preset, own_presets
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.projects.keeping import find_project

    found: list[tuple[str, ExportPreset]] = []
    if project is not None:
        with installation().database.read() as session:
            row = find_project(session, project)
            main, own = main_preset(row), own_presets(row)
        found += [("main", main)] if main is not None else []
        found += [("own", preset) for preset in own.values()]
    found += [("built_in", preset) for preset in BUILT_IN.values()]
    if as_json:
        print_json({"presets": [{"kind": kind, **to_document(preset)} for kind, preset in found]})
    else:
        tell_presets(found)


def preset(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The project's short name.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The preset's name; becomes part of files' names.")],
    changes: Changes = None,
    based_on: Annotated[str | None, typer.Option("--from", metavar="NAME", help="Make it from this preset.")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="It is no more; films made by it stay.")] = False,
    as_json: Json = False,
) -> None:
    """Show, make, change or delete an export preset of a project's own."""
    from getpass import getuser

    from aianime_pipeline.cli.export_output import tell_presets
    from aianime_pipeline.film.presets.presets import to_document
    from aianime_pipeline.production.films.settings import find_preset, remove_preset, save_preset
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.projects.keeping import find_project

    if delete and (changes or based_on is not None):
        raise BadInputError("--delete takes the preset away: give it without --set and --from.")
    with installation().database.write() as session:
        project = find_project(session, slug)
        if delete:
            remove_preset(session, project, name, who=getuser())
        elif changes or based_on is not None:
            found = _changed(project, name, changes_of(changes or ()), based_on)
            save_preset(session, project, found, who=getuser())
        else:
            there = find_preset(project, name)
            if there is None:
                raise NotFoundError(
                    f"The films of {slug} are {project.width}x{project.height}, which no preset is: its main preset is "
                    "only that."
                )
            found = there
    if delete:
        print_json({"project": slug, "deleted": name}) if as_json else typer.echo(f"{slug} has no preset {name} now")
    elif as_json:
        print_json({"project": slug, "preset": to_document(found)})
    else:
        tell_presets([("", found)])


def _changed(project: "Project", name: str, changes: dict[str, str], based_on: str | None) -> "ExportPreset":
    """From the preset named, else from the one that is changed, else, for a new one, from the project's main preset."""
    from dataclasses import replace

    from aianime_pipeline.film.presets.presets import MAIN, ExportPreset, with_changes
    from aianime_pipeline.production.films.settings import find_preset, own_presets

    own = own_presets(project).get(name)
    if based_on is not None or own is None:
        own = find_preset(project, based_on if based_on is not None else MAIN) or ExportPreset(name)
    return with_changes(replace(own, name=name), **changes)
