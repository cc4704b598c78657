"""`aianime notices`: what people are told."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aianime_pipeline.cli.arguments import Json, print_json

if TYPE_CHECKING:
    from aianime_pipeline.db.models import Notice


def notices(
    project: Annotated[
        str | None, typer.Option(metavar="SLUG", help="About this project, or about no single one.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that were read.")] = False,
    read: Annotated[bool, typer.Option("--read", help="What is shown counts as read then.")] = False,
    as_json: Json = False,
) -> None:
    """What you have to know, until you have read it: your tasks and retakes, budgets, providers, schedules, channels.
    The newest last."""
    from getpass import getuser

    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.notices.telling import list_notices, mark_read, read_at, unread
    from aianime_pipeline.production.projects.keeping import find_project

    user, database = getuser(), installation().database
    with database.write() if read else database.read() as session:
        project_id = find_project(session, project).id if project is not None else None
        find = list_notices if every else unread
        found = find(session, project_id=project_id, user=user)
        ids = [row.id for row in found]
        if read:
            mark_read(session, ids, user=user)
        when = read_at(session, ids, user=user)
        documents = [_document(row, when.get(row.id)) for row in reversed(found)]
    if as_json:
        print_json({"notices": documents})
        return
    for document in documents:
        link = f"  {document['link']}" if document["link"] else ""
        typer.echo(f"{document['at'][:16].replace('T', ' ')}  {document['text']}{link}")
    if not documents:
        typer.echo("nothing to know" if every else "nothing new")


def _document(row: "Notice", read: datetime | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.created_at.isoformat(),
        "kind": row.kind,
        "text": row.text,
        "project_id": row.project_id,
        "user": row.user,
        "link": row.link,
        "read_at": read.isoformat() if read is not None else None,
    }
