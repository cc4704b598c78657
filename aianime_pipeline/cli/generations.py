"""`aianime generations`: what was asked of providers, and a person's word on what nobody else can know."""

from getpass import getuser
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aianime_pipeline.cli.arguments import Json, print_json
from aianime_pipeline.errors import BadSettingError

if TYPE_CHECKING:
    from aianime_pipeline.db.models import Generation

generations = typer.Typer(
    help="What was asked of providers: the list, the ambiguous ones, cancelling.", no_args_is_help=True
)

GenerationId = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=2**62, help="A generation's number, as the list tells it.")
]
STATES = ("intent", "submitted", "succeeded", "failed", "ambiguous", "cancelled")


@generations.command("list")
def list_command(
    state: Annotated[str | None, typer.Option(help=f"Only these: {', '.join(STATES)}.")] = None,
    project: Annotated[str | None, typer.Option(metavar="SLUG", help="Only this project's.")] = None,
    as_json: Json = False,
) -> None:
    """The newest generations. Those that are ambiguous wait for `resolve`."""
    from aianime_pipeline.production.generations.people import list_generations
    from aianime_pipeline.production.installation import installation

    if state is not None and state not in STATES:
        raise BadSettingError(f"--state is {state!r}; it takes one of {', '.join(STATES)}.")
    with installation().database.read() as session:
        rows = [_document(row) for row in list_generations(session, state=state, project=project)]
    if as_json:
        print_json({"generations": rows})
        return
    for row in rows:
        typer.echo(
            f"{row['id']:>6}  {row['state']:<10} {row['capability']:<7} {row['provider']}/{row['model']}"
            f"  {row['job'] or ''}  {row['error']}".rstrip()
        )
    if not rows:
        typer.echo("none")


@generations.command()
def resolve(
    generation: GenerationId,
    charged: Annotated[bool, typer.Option("--charged", help="The vendor's own account says so.")] = False,
    not_charged: Annotated[bool, typer.Option("--not-charged", help="The vendor's own account says so.")] = False,
    job: Annotated[str | None, typer.Option(help="With --charged: the vendor's job; its result is fetched.")] = None,
    as_json: Json = False,
) -> None:
    """Say of an ambiguous generation whether it was charged, after looking it up at the vendor."""
    from aianime_pipeline.production.generations.people import resolve as resolve_generation
    from aianime_pipeline.production.installation import installation

    if charged == not_charged:
        raise BadSettingError("Say one of --charged and --not-charged: look it up in the vendor's account first.")
    word = "charged" if charged else "not_charged"
    row = resolve_generation(installation(), generation, word, getuser(), job_id=job)  # type: ignore[arg-type]
    document = _document(row)
    if as_json:
        print_json(document)
    else:
        typer.echo(f"generation {row.id} is {row.state}")


@generations.command()
def cancel(generation: GenerationId, as_json: Json = False) -> None:
    """Ask the vendor to give up a job that is at work."""
    from aianime_pipeline.production.generations.people import cancel as cancel_generation
    from aianime_pipeline.production.installation import installation

    given_up = cancel_generation(installation(), generation, getuser())
    if as_json:
        print_json({"id": generation, "cancelled": given_up})
    else:
        typer.echo(
            f"generation {generation} is cancelled"
            if given_up
            else f"generation {generation} goes on: the vendor cannot cancel it any more"
        )


def _document(row: "Generation") -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "capability": row.capability,
        "provider": row.provider,
        "model": row.model,
        "job": row.job_id,
        "shot_id": row.shot_id,
        "run_id": row.run_id,
        "requested_by": row.requested_by,
        "attempt": row.attempt,
        "reserved_micros": row.reserved_micros,
        "error_kind": row.error_kind,
        "error": row.error,
        "created_at": row.created_at.isoformat(),
        "settled_at": row.settled_at.isoformat() if row.settled_at is not None else None,
        "resolution": row.resolution,
        "resolved_by": row.resolved_by,
    }
