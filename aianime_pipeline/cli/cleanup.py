"""`aianime cleanup`: what nobody needs any more, listed and removed."""

from typing import Annotated

import typer

from aianime_pipeline.cli.arguments import Json, print_json


def cleanup(
    apply: Annotated[bool, typer.Option("--apply", help="Remove it; without, it is only listed.")] = False,
    as_json: Json = False,
) -> None:
    """What nobody needs any more: superseded takes, drafts, old events and notices, files that nothing refers to."""
    from aianime_pipeline.production.cleanup import run_cleanup
    from aianime_pipeline.production.installation import installation

    report = run_cleanup(installation(), dry_run=not apply)
    if as_json:
        print_json(report.to_document())
        return
    for line in report.in_words():
        typer.echo(line)
