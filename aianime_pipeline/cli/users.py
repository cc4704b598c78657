"""`aianime user`: who may log in to the API. The first administrator is made here; the rest can be done over the web,
too."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aianime_pipeline.cli.arguments import Json, print_json
from aianime_pipeline.errors import BadInputError

if TYPE_CHECKING:
    from aianime_pipeline.db.models import User

user = typer.Typer(help="Who may log in to the API.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the standard input; else one is made up.")
]


@user.command("add")
def add_command(
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="An administrator, who may do everything.")] = False,
    display_name: Annotated[str, typer.Option("--display-name", metavar="TEXT", help="As others read it.")] = "",
    email: Annotated[str, typer.Option(metavar="ADDRESS", help="An e-mail address.")] = "",
    password_stdin: FromStdin = False,
    as_json: Json = False,
) -> None:
    """A new user. A password that was made up is printed this once."""
    from aianime_pipeline.accounts.users import create_user
    from aianime_pipeline.production.installation import installation

    password, made_up = _password(password_stdin)
    made = create_user(
        installation().database, name, password=password, is_admin=admin, display_name=display_name, email=email
    )
    _show(made, as_json, made_up)


@user.command("list")
def list_command(as_json: Json = False) -> None:
    """Everybody who can log in, or could."""
    import sqlalchemy as sa

    from aianime_pipeline.db.models import User
    from aianime_pipeline.production.installation import installation

    with installation().database.read() as session:
        found = [_document(one) for one in session.scalars(sa.select(User).order_by(User.id))]
    if as_json:
        print_json({"users": found})
        return
    for document in found:
        typer.echo(_line(document))
    if not found:
        typer.echo("nobody: `aianime user add NAME --admin` makes the first administrator")


@user.command("password")
def password_command(name: Name, password_stdin: FromStdin = False, as_json: Json = False) -> None:
    """Give a user another password. They are logged out everywhere."""
    from aianime_pipeline.accounts.users import find_user, set_password
    from aianime_pipeline.production.installation import installation

    password, made_up = _password(password_stdin)
    database = installation().database
    set_password(database, name, password)
    with database.read() as session:
        _show(find_user(session, name), as_json, made_up)


@user.command("admin")
def admin_command(
    name: Name,
    take_away: Annotated[bool, typer.Option("--remove", help="A member again, with the rights of their jobs.")] = False,
    as_json: Json = False,
) -> None:
    """Make a user an administrator. The last one stays one."""
    from aianime_pipeline.accounts.users import set_administrator
    from aianime_pipeline.production.installation import installation

    with installation().database.write() as session:
        changed = set_administrator(session, name, not take_away)
    _show(changed, as_json)


@user.command("disable")
def disable_command(name: Name, as_json: Json = False) -> None:
    """Close a user's account: nothing of theirs logs in any more. What they did stays under their name."""
    _switch(name, True, as_json)


@user.command("enable")
def enable_command(name: Name, as_json: Json = False) -> None:
    """Open a closed account again."""
    _switch(name, False, as_json)


def _switch(name: str, disabled: bool, as_json: bool) -> None:
    from aianime_pipeline.accounts.users import set_disabled
    from aianime_pipeline.production.installation import installation

    with installation().database.write() as session:
        changed = set_disabled(session, name, disabled)
    _show(changed, as_json)


def _password(from_stdin: bool) -> tuple[str, str | None]:
    """The password, and again where it was made up and has to be shown. Raises BadInputError."""
    from aianime_pipeline.accounts.passwords import generated

    if not from_stdin:
        made_up = generated()
        return made_up, made_up
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise BadInputError("--password-stdin reads one line, and there is none.")
    return given, None


def _show(row: "User", as_json: bool, made_up: str | None = None) -> None:
    document = _document(row)
    if as_json:
        print_json({"user": document, "password": made_up})
        return
    typer.echo(_line(document))
    if made_up is not None:
        typer.echo(f"password: {made_up}  (shown this once)")


def _document(row: "User") -> dict[str, Any]:
    from aianime_pipeline.accounts.rights import GlobalRole

    return {
        "name": row.name,
        "display_name": row.display_name,
        "email": row.email,
        "is_admin": row.global_role == GlobalRole.ADMIN,
        "disabled": row.disabled,
        "has_password": row.password_hash is not None,
        "last_login_at": row.last_login_at.isoformat() if row.last_login_at is not None else None,
    }


def _line(document: dict[str, Any]) -> str:
    parts = [document["name"]]
    parts += [document[name] for name in ("display_name", "email") if document[name]]
    if document["is_admin"]:
        parts.append("administrator")
    if not document["has_password"]:
        parts.append("no password")
    if document["disabled"]:
        parts.append("disabled")
    return "; ".join(parts)
