"""`aianime channel`: where notices go besides `aianime notices`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aianime_pipeline.cli.arguments import Json, narrow, print_json
from aianime_pipeline.errors import BadSettingError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from aianime_pipeline.db.models import Channel
    from aianime_pipeline.production.notifications.channels import ChannelOptions

channel = typer.Typer(
    help="Where notices go besides `aianime notices`: chat robots, webhooks, e-mail.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The channel's name.")]
To = Annotated[str | None, typer.Option("--to", metavar="ADDRESS", help="A web address, or an e-mail address.")]
SecretEnv = Annotated[
    str | None,
    typer.Option(metavar="VARIABLE", help="Name of the environment variable with the secret for signing; or none."),
]
OfProject = Annotated[str | None, typer.Option("--project", metavar="SLUG", help="Only this project's; or all.")]
OfUser = Annotated[str | None, typer.Option("--user", help="Only what is for this person or everybody; or all.")]
Only = Annotated[str | None, typer.Option(metavar="KINDS", help="Such as task_failed,budget; or all.")]
QuietHours = Annotated[str | None, typer.Option("--quiet", metavar="FROM-UNTIL", help="Such as 22:00-08:00; or none.")]
Zone = Annotated[str | None, typer.Option("--time-zone", metavar="ZONE", help="Of the quiet hours: Asia/Shanghai.")]
Digest = Annotated[
    int | None, typer.Option(metavar="MINUTES", help="What is told within so long is one message; 0: each is its own.")
]

_ALL, _NONE = "all", "none"


@channel.command("add")
def add_command(
    name: Name,
    kind: Annotated[str, typer.Option(help="webhook, feishu, dingtalk, wecom, slack or email.")],
    to: To = None,
    secret_env: SecretEnv = None,
    project: OfProject = None,
    user: OfUser = None,
    only: Only = None,
    quiet: QuietHours = None,
    time_zone: Zone = None,
    digest: Digest = None,
    as_json: Json = False,
) -> None:
    """A new channel. It carries what is told from now on; `aianime channel test NAME` shows whether it works."""
    from getpass import getuser

    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.notifications.channels import ChannelOptions, add_channel

    if to is None:
        raise BadSettingError("Say where it goes: --to with the address.")
    place = installation()
    with place.database.write() as session:
        given = (to, secret_env, project, user, only, quiet, time_zone, digest)
        options = _options(session, ChannelOptions(to), *given)
        inside = place.settings.webhooks_inside
        _show(session, add_channel(session, name, narrow(kind), options, created_by=getuser(), inside=inside), as_json)


@channel.command("change")
def change_command(
    name: Name,
    to: To = None,
    secret_env: SecretEnv = None,
    project: OfProject = None,
    user: OfUser = None,
    only: Only = None,
    quiet: QuietHours = None,
    time_zone: Zone = None,
    digest: Digest = None,
    as_json: Json = False,
) -> None:
    """Change what is given of a channel; the rest stays."""
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.notifications.channels import change_channel, find_channel, options_of

    given = (to, secret_env, project, user, only, quiet, time_zone, digest)
    if all(one is None for one in given):
        raise BadSettingError("Say what changes, such as --digest 30.")
    place = installation()
    with place.database.write() as session:
        options = _options(session, options_of(session, find_channel(session, name)), *given)
        _show(session, change_channel(session, name, options, inside=place.settings.webhooks_inside), as_json)


@channel.command("list")
def list_command(as_json: Json = False) -> None:
    """The channels. Of an address only the host is shown: the rest is as good as a password."""
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.notifications.channels import list_channels

    with installation().database.read() as session:
        found = list_channels(session)
    if as_json:
        print_json({"channels": found})
        return
    for document in found:
        typer.echo(_line(document))
    if not found:
        typer.echo("no channel: notices stand in `aianime notices` only")


@channel.command("test")
def try_command(name: Name, as_json: Json = False) -> None:
    """Send a message that says that it is a test, now and whatever its quiet hours are."""
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.notifications.sending import try_channel

    try_channel(installation(), name)
    print_json({"channel": name, "verdict": "taken"}) if as_json else typer.echo(f"{name} took the message")


@channel.command("enable")
def enable_command(name: Name, as_json: Json = False) -> None:
    """Switch a channel on. What was told while it was off is not sent through it."""
    _switch(name, True, as_json)


@channel.command("disable")
def disable_command(name: Name, as_json: Json = False) -> None:
    """Switch a channel off, with what still waits to go through it."""
    _switch(name, False, as_json)


@channel.command("remove")
def remove_command(name: Name, as_json: Json = False) -> None:
    """Remove a channel and the record of what went through it. The notices stay."""
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.notifications.channels import remove_channel

    with installation().database.write() as session:
        remove_channel(session, name)
    print_json({"removed": name}) if as_json else typer.echo(f"{name} is removed")


@channel.command("deliveries")
def deliveries_command(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this channel's.")] = None,
    state: Annotated[str | None, typer.Option(help="Only these: pending, sending, sent, failed or unknown.")] = None,
    as_json: Json = False,
) -> None:
    """What went through the channels, the newest first. An unknown one may have arrived, and is not sent again."""
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.notifications.deliveries import list_deliveries

    with installation().database.read() as session:
        found = list_deliveries(session, channel=name, state=narrow(state) if state is not None else None)
    if as_json:
        print_json({"deliveries": found})
        return
    for row in found:
        when = (row["sent_at"] or row["due_at"])[:16].replace("T", " ")
        error = f"  ({row['error']})" if row["error"] else ""
        typer.echo(f"{when}  {row['state']:<7}  {row['channel']}  {row['text']}{error}")
    if not found:
        typer.echo("none")


def _switch(name: str, enabled: bool, as_json: bool) -> None:
    from getpass import getuser

    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.notifications.channels import set_enabled

    with installation().database.write() as session:
        _show(session, set_enabled(session, name, enabled, who=getuser()), as_json)


def _options(
    session: "Session",
    now: "ChannelOptions",
    to: str | None,
    secret_env: str | None,
    project: str | None,
    user: str | None,
    only: str | None,
    quiet: str | None,
    time_zone: str | None,
    digest: int | None,
) -> "ChannelOptions":
    """`now` with what is given. Raises BadSettingError, NotFoundError."""
    from aianime_pipeline.production.projects.keeping import find_project

    changes: dict[str, Any] = {}
    if to is not None:
        changes["address"] = to
    if secret_env is not None:
        changes["secret_variable"] = None if secret_env == _NONE else secret_env
    if project is not None:
        changes["project"] = None if project == _ALL else find_project(session, project)
    if user is not None:
        changes["user"] = None if user == _ALL else user
    if only is not None:
        changes["kinds"] = () if only == _ALL else [kind.strip() for kind in narrow(only).split(",")]
    if digest is not None:
        changes["digest_minutes"] = digest
    if quiet is not None or time_zone is not None:
        changes["quiet"] = _quiet(now.quiet, quiet, time_zone)
    return replace(now, **changes)


def _quiet(now: tuple[str, str, str] | None, quiet: str | None, zone: str | None) -> tuple[str, str, str] | None:
    if quiet == _NONE:
        if zone is not None:
            raise BadSettingError("--time-zone is that of quiet hours; without any it says nothing.")
        return None
    begins, ends = now[:2] if now is not None else ("", "")
    if quiet is not None:
        begins, _, ends = (part.strip() for part in narrow(quiet).partition("-"))
    if not begins:
        raise BadSettingError("--time-zone is that of quiet hours: say --quiet 22:00-08:00 too.")
    zone = zone or (now[2] if now is not None else None)
    if zone is None:
        raise BadSettingError("Say in which time zone the quiet hours are: --time-zone Asia/Shanghai.")
    return begins, ends, zone


def _show(session: "Session", row: "Channel", as_json: bool) -> None:
    from aianime_pipeline.db.models import Project
    from aianime_pipeline.production.notifications.channels import channel_document

    project = session.get(Project, row.project_id) if row.project_id is not None else None
    document = channel_document(row, project.slug if project is not None else None)
    print_json({"channel": document}) if as_json else typer.echo(_line(document))


def _line(document: dict[str, Any]) -> str:
    parts = [f"{document['name']}: {document['kind']} to {document['address']}"]
    if document["project"]:
        parts.append(f"project {document['project']}")
    if document["user"]:
        parts.append(f"for {document['user']}")
    if document["kinds"]:
        parts.append(f"only {', '.join(document['kinds'])}")
    if document["quiet"]:
        begins, ends, zone = document["quiet"]
        parts.append(f"quiet {begins}-{ends} {zone}")
    if document["digest_minutes"]:
        parts.append(f"every {document['digest_minutes']} min")
    if not document["enabled"]:
        parts.append("switched off")
    return "; ".join(parts)
