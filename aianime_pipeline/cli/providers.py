"""`aianime providers`: whether what the configuration names can be used, and how it stands."""

from typing import Annotated

import typer

from aianime_pipeline.cli.arguments import Json, print_json

providers = typer.Typer(help="The providers of the configuration file (aianime.toml).", no_args_is_help=True)

_WORDS = {True: "yes", False: "NO", None: "?"}


@providers.command()
def check(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One provider; all if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Whether address, key and model of each answer. Nothing is spent; what cannot be told so is a question mark.

    Exit code 1 when something does not answer.
    """
    from stamina.instrumentation import set_on_retry_hooks

    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.makers.checks import check_providers

    # What does not answer is asked again a few times; the report says what came of it.
    set_on_retry_hooks(())
    found = check_providers(installation(), name)
    if as_json:
        print_json({"models": [one.to_document() for one in found]})
    else:
        for one in found:
            checked = one.checked
            typer.echo(
                f"{one.model:<28} address {_WORDS[checked.address]:<4} key {_WORDS[checked.key]:<4} "
                f"model {_WORDS[checked.model]:<4} {'; '.join(one.words)}".rstrip()
            )
        if not found:
            typer.echo("no provider is configured: everything is made by the built-in one")
    raise typer.Exit(0 if all(one.usable for one in found) else 1)


@providers.command()
def status(as_json: Json = False) -> None:
    """How the providers stand: what is down or limited, until when and why, and the jobs that are open."""
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.makers.checks import provider_standings

    document = provider_standings(installation())
    if as_json:
        print_json({"routes": document})
        return
    for one in document:
        word = f"not before {one['until']} ({one['why']})" if one["until"] else one["why"] or "may be asked"
        typer.echo(f"{one['capability']:<8} {one['route']:<28} {one['open_jobs']} open  {word}")
