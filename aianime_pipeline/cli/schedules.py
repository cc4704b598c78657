"""`aianime schedule`: work that is asked for again and again."""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aianime_pipeline.cli.arguments import Json, counted, narrow, print_json, shot_numbers
from aianime_pipeline.errors import BadSettingError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from aianime_pipeline.db.models import Schedule

schedule = typer.Typer(help="Work that is asked for again and again, at times of a calendar.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The schedule's name.")]
CRON_HELP = "minute hour day month weekday, such as '0 9 * * MON-FRI'."
ACTION_HELP = "pipeline, images, videos, film, package, cleanup or report."
OfProject = Annotated[
    str | None, typer.Option("--project", metavar="SLUG", help="Whose episodes; not for cleanup and report.")
]
Episodes = Annotated[str | None, typer.Option(help="all, or numbers such as 3-8,12.")]
To = Annotated[str | None, typer.Option(metavar="STAGE", help="Of pipeline: its last stage.")]
Shots = Annotated[str | None, typer.Option(help="Only these shots, such as 3,4; or all.")]
Force = Annotated[bool | None, typer.Option(help="Make also what is current again.")]
DryRun = Annotated[bool | None, typer.Option(help="Of cleanup: only say what would go.")]
CatchUp = Annotated[
    str | None, typer.Option(help="Times that passed while nothing ran: skip them, run the latest, or all.")
]
Grace = Annotated[
    str | None, typer.Option(metavar="LENGTH", help="Nothing is run that is later than this, such as 90m, 2h or 1d.")
]

_LENGTH = re.compile(r"([0-9]{1,9})\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@schedule.command("add")
def add_command(
    name: Name,
    cron: Annotated[str, typer.Option(metavar="EXPRESSION", help=CRON_HELP)],
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Whose clock it is, such as Asia/Shanghai.")],
    action: Annotated[str, typer.Option(help=ACTION_HELP)],
    project: OfProject = None,
    episodes: Episodes = None,
    to: To = None,
    shots: Shots = None,
    force: Force = None,
    dry_run: DryRun = None,
    catch_up: CatchUp = None,
    grace: Grace = None,
    disabled: Annotated[bool, typer.Option("--disabled", help="It is off until it is enabled.")] = False,
    as_json: Json = False,
) -> None:
    """Create a schedule. It holds from now on; nothing is restarted for it."""
    from getpass import getuser

    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.schedules.keeping import create_schedule

    settings = _settings(episodes, to, shots, force, dry_run)
    values = _given(name, project, cron, zone, action, catch_up, grace, settings) | {"enabled": not disabled}
    with installation().database.write() as session:
        document = _document(session, create_schedule(session, values, who=getuser()))
    _tell(document, as_json)


@schedule.command("change")
def change_command(
    name: Name,
    rename: Annotated[str | None, typer.Option(metavar="NAME", help="Another name.")] = None,
    cron: Annotated[str | None, typer.Option(metavar="EXPRESSION", help=CRON_HELP)] = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help="Such as Asia/Shanghai.")] = None,
    action: Annotated[str | None, typer.Option(help=ACTION_HELP)] = None,
    project: OfProject = None,
    episodes: Episodes = None,
    to: To = None,
    shots: Shots = None,
    force: Force = None,
    dry_run: DryRun = None,
    catch_up: CatchUp = None,
    grace: Grace = None,
    revision: Annotated[
        int | None,
        typer.Option(parser=counted, metavar="N", help="Only if the schedule still has this revision (see show)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change what is given. A time that was due and not run yet is given up."""
    settings = _settings(episodes, to, shots, force, dry_run)
    _change(name, _given(rename, project, cron, zone, action, catch_up, grace, settings), revision, as_json)


@schedule.command("enable")
def enable_command(name: Name, as_json: Json = False) -> None:
    """Turn a schedule on; its times until now are not made up for."""
    _change(name, {"enabled": True}, None, as_json)


@schedule.command("disable")
def disable_command(name: Name, as_json: Json = False) -> None:
    """Turn a schedule off."""
    _change(name, {"enabled": False}, None, as_json)


@schedule.command("remove")
def remove_command(name: Name, as_json: Json = False) -> None:
    """Remove a schedule. What it has asked for stays."""
    from getpass import getuser

    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.schedules.keeping import remove_schedule

    with installation().database.write() as session:
        row = remove_schedule(session, name.strip(), who=getuser())
    print_json({"removed": {"name": row.name, "uid": row.uid}}) if as_json else typer.echo(f"{row.name} is removed")


@schedule.command("list")
def list_command(
    project: Annotated[str | None, typer.Option(metavar="SLUG", help="Only this project's.")] = None,
    as_json: Json = False,
) -> None:
    """The schedules, and when they are due next."""
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.projects.keeping import find_project
    from aianime_pipeline.production.schedules.keeping import list_schedules

    with installation().database.read() as session:
        chosen = find_project(session, project) if project is not None else None
        found = [_document(session, row) for row in list_schedules(session, project=chosen)]
    if as_json:
        print_json({"schedules": found})
        return
    for document in found:
        _tell(document, as_json=False)
    if not found:
        typer.echo("no schedules")


@schedule.command("show")
def show_command(name: Name, as_json: Json = False) -> None:
    """A schedule, and when it is due next."""
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.schedules.keeping import find_schedule

    with installation().database.read() as session:
        document = _document(session, find_schedule(session, name.strip()))
    _tell(document, as_json)


def seconds_of(text: str) -> int:
    """`90m` in seconds. Raises BadSettingError."""
    found = _LENGTH.fullmatch(narrow(text).lower())
    if found is None:
        raise BadSettingError(f"--grace is {text!r}; right would be 90m, 2h or 1d.")
    return int(found[1]) * _SECONDS[found[2]]


def _change(name: str, changes: dict[str, Any], revision: int | None, as_json: bool) -> None:
    from getpass import getuser

    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.schedules.keeping import change_schedule

    with installation().database.write() as session:
        row = change_schedule(session, name.strip(), changes, who=getuser(), revision=revision)
        document = _document(session, row)
    _tell(document, as_json)


def _given(
    name: str | None,
    project: str | None,
    cron: str | None,
    zone: str | None,
    action: str | None,
    catch_up: str | None,
    grace: str | None,
    settings: dict[str, Any],
) -> dict[str, Any]:
    """Those that are not None, by the names that the service has for them."""
    texts = {"cron": cron, "time_zone": zone, "action": action, "catch_up": catch_up, "project": project}
    given: dict[str, Any] = {field: narrow(text) for field, text in texts.items() if text is not None}
    if name is not None:
        given["name"] = name.strip()
    if grace is not None:
        given["grace_seconds"] = seconds_of(grace)
    if settings:
        given["settings"] = settings
    return given


def _settings(
    episodes: str | None, to: str | None, shots: str | None, force: bool | None, dry_run: bool | None
) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if episodes is not None:
        settings["episodes"] = narrow(episodes)
    if to is not None:
        settings["to"] = narrow(to)
    if shots is not None:
        settings["shots"] = [] if narrow(shots) == "all" else shot_numbers(shots)
    if force is not None:
        settings["force"] = force
    if dry_run is not None:
        settings["dry_run"] = dry_run
    return settings


def _document(session: "Session", row: "Schedule") -> dict[str, Any]:
    from aianime_pipeline.db.models.base import now
    from aianime_pipeline.production.schedules.keeping import schedule_document

    return schedule_document(session, row, now())


def _tell(document: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json({"schedule": document})
        return
    from aianime_pipeline.production.schedules.notices import length_in_words

    of = f" of {document['project']}" if document["project"] else ""
    settings = ", ".join(f"{name} {_shown(value)}" for name, value in document["settings"].items() if value)
    typer.echo(
        f"{document['name']}  {'on' if document['enabled'] else 'off'}  {document['cron']}  {document['time_zone']}  "
        f"{document['action']}{of}{f', {settings}' if settings else ''}"
    )
    grace = length_in_words(document["grace_seconds"])
    typer.echo(
        f"    when late: {document['catch_up']}, up to {grace}; revision {document['revision']}, created by "
        f"{document['created_by']}"
    )
    if document["problem"]:
        typer.echo(f"    cannot be run: {document['problem']}")
    following = [datetime.fromisoformat(at).strftime("%a %Y-%m-%d %H:%M %z") for at in document["next"]]
    for place, at in enumerate(following):
        typer.echo(f"    {'next' if place == 0 else '    '}  {at}")


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return "yes" if value is True else str(value)
