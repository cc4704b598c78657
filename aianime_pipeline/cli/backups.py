"""`aianime backup` and `aianime restore`: a whole installation into a folder, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aianime_pipeline.cli.arguments import Json, print_json

if TYPE_CHECKING:
    from aianime_pipeline.backup.contents import Contents

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Made if it is not there.")]


def backup(folder: Folder, as_json: Json = False) -> None:
    """Copy the database, all objects and Dagster's database into a folder, also while runs are at work."""
    from aianime_pipeline.backup.making import back_up
    from aianime_pipeline.production.installation import installation

    _report(folder, back_up(installation(), folder, tell=_tell), as_json)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `aianime backup` was given.")],
    replace: Annotated[bool, typer.Option("--replace", help="Also where something is: all of it is lost.")] = False,
    as_json: Json = False,
) -> None:
    """Put a backup into an empty installation, on either database and in either object store."""
    from aianime_pipeline.backup.restoring import restore as put_back
    from aianime_pipeline.production.installation import installation

    _report(folder, put_back(installation(), folder, replace=replace, tell=_tell), as_json)


def _report(folder: Path, contents: "Contents", as_json: bool) -> None:
    from aianime_pipeline.backup.contents import summary

    document = {"folder": str(folder), **summary(contents)}
    if as_json:
        print_json(document)
    else:
        typer.echo(f"{document['rows']} rows and {document['objects']} objects, as of {contents.made_at}")
    if contents.missing:
        _tell(f"{len(contents.missing)} objects are not in it: the store had lost them, or they were damaged")
    if contents.dagster is None:
        _tell("Dagster's database is not in it: it is in PostgreSQL, back it up with PostgreSQL's own tools")


def _tell(words: str) -> None:
    typer.echo(words, err=True)
