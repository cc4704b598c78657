"""`aianime ask` and `aianime task`: work that the daemon has done, and how it stands."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from aianime_pipeline.cli.arguments import Json, print_json, shot_numbers
from aianime_pipeline.errors import BadSettingError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from aianime_pipeline.production.tasks.actions import TaskAction

task = typer.Typer(help="What was asked for: list, look, cancel.", no_args_is_help=True)

TaskId = Annotated[int, typer.Argument(metavar="TASK", help="The task's number.")]


def ask(
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION", help="pipeline, images, videos, voices, review, film, package, cleanup or report."
        ),
    ],
    episode_key: Annotated[str | None, typer.Argument(metavar="[EPISODE_KEY]", help="What it is about.")] = None,
    project: Annotated[str | None, typer.Option(metavar="SLUG", help="Of a report: only this project.")] = None,
    to: Annotated[str | None, typer.Option(metavar="STAGE", help="The last stage of a pipeline.")] = None,
    shots: Annotated[str | None, typer.Option(help="Only these shots, such as 3,4.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make also what is current again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Of a clean-up: only say what would go.")] = False,
    priority: Annotated[int, typer.Option(min=0, max=2, help="0 goes before 1 before 2.")] = 1,
    as_json: Json = False,
) -> None:
    """Ask for work, and leave it to the daemon (see aianime up); make does it in the foreground instead."""
    from getpass import getuser

    from aianime_pipeline.production.episodes.rows import find_episode
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.projects.keeping import find_project
    from aianime_pipeline.production.tasks.asking import Origin, Priority, ask_for
    from aianime_pipeline.production.tasks.launching import launch_now
    from aianime_pipeline.production.tasks.listing import task_document

    place, chosen = installation(), _action(action)
    if project is not None and chosen != "report":
        raise BadSettingError(f"--project is for a report: {action} would pass it over.")
    given = {"to": to, "shots": shot_numbers(shots) or None, "force": force or None, "dry_run": dry_run or None}
    with place.database.write() as session:
        asked = ask_for(
            session,
            chosen,
            project=find_project(session, project) if project is not None else None,
            episode=find_episode(session, episode_key) if episode_key is not None else None,
            settings={name: value for name, value in given.items() if value is not None},
            origin=Origin.PERSON,
            requested_by=getuser(),
            priority=Priority(priority),
        )
    launch = launch_now(place, asked.task.id)
    with place.database.read() as session:
        from aianime_pipeline.production.tasks.cancelling import find_task

        found = find_task(session, asked.task.id)
        document = task_document(session, found)
        before = task_document(session, asked.before) if asked.before is not None else None
    document |= {"before": before, "waits_for": launch.why}
    if as_json:
        print_json(document)
        return
    typer.echo(f"task {document['task']} is {document['state']}{f' as run {launch.run_id}' if launch.run_id else ''}")
    if before is not None:
        typer.echo(
            f"Before it comes task {before['task']} ({before['action']}, {before['state']}), which "
            f"{before['requested_by']} asked for at {before['asked_at'][:19]} UTC."
        )
    elif launch.why:
        typer.echo(launch.why)


def _action(word: str) -> "TaskAction":
    from aianime_pipeline.production.tasks.actions import TaskAction

    # An export with its preset is `aianime film export`.
    if word not in (known := [action for action in TaskAction if action is not TaskAction.EXPORT]):
        raise BadSettingError(f"{word!r} is no action; there are {', '.join(known)}.")
    return TaskAction(word)


@task.command("list")
def list_command(
    episode: Annotated[str | None, typer.Option(metavar="EPISODE_KEY", help="Only of this episode.")] = None,
    project: Annotated[str | None, typer.Option(metavar="SLUG", help="Only of this project.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that have ended, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    """What is at work and what waits, in the order in which it goes."""
    from aianime_pipeline.production.episodes.rows import find_episode
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.projects.keeping import find_project
    from aianime_pipeline.production.tasks.listing import list_tasks, task_document

    with installation().database.read() as session:
        tasks = list_tasks(
            session,
            episode=find_episode(session, episode) if episode is not None else None,
            project=find_project(session, project) if project is not None else None,
            all_states=every,
            limit=limit,
        )
        documents = [task_document(session, one) for one in tasks]
    if as_json:
        print_json({"tasks": documents})
        return
    for document in documents:
        typer.echo(_line(document))
    if not documents:
        typer.echo("no task" if every else "nothing is at work, and nothing waits")


@task.command("show")
def show_command(task_id: TaskId, as_json: Json = False) -> None:
    """One task, with what came of it."""
    from aianime_pipeline.production.installation import installation

    with installation().database.read() as session:
        document = _document(session, task_id)
    if as_json:
        print_json(document)
        return
    for name, value in document.items():
        if value not in (None, "", {}):
            typer.echo(f"{name.replace('_', ' ')}: {value}")


@task.command("cancel")
def cancel_command(task_id: TaskId, as_json: Json = False) -> None:
    """Have it stopped; what it has made stays. Where nobody asked for it, nothing more is started by itself in its
    episode until a person does something there."""
    from getpass import getuser

    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.tasks.cancelling import cancel_task
    from aianime_pipeline.production.tasks.stopping import is_automatic

    with installation().database.write() as session:
        automatic = is_automatic(cancel_task(session, task_id, getuser()))
        document = _document(session, task_id)
    document |= {"stops_automatic_work": automatic}
    if as_json:
        print_json(document)
        return
    typer.echo(f"task {task_id} is {'' if document['state'] == 'cancelled' else 'being '}cancelled")
    if automatic:
        typer.echo(
            f"Nothing more is started by itself in {document['episode']} until somebody does something there: a "
            "verdict, an edit, a request for work, a changed --auto setting."
        )


def _document(session: "Session", task_id: int) -> dict[str, Any]:
    from aianime_pipeline.production.tasks.cancelling import find_task
    from aianime_pipeline.production.tasks.listing import task_document

    return task_document(session, find_task(session, task_id))


def _line(document: dict[str, Any]) -> str:
    about = document["episode"] or document["project"] or "everything"
    why = document["reason"] or document["why"]
    columns = f"{document['task']:>6}  {document['state']:<9}  {document['action']:<8}"
    return f"{columns}  {about}  by {document['requested_by']}" + (f": {why}" if why else "")
