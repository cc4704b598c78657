"""`aianime upgrade`: after a newer program was installed, everything that it keeps is brought up to date."""

from typing import Annotated

import typer

from aianime_pipeline.cli.arguments import Json, print_json
from aianime_pipeline.errors import BadSettingError

_MINUTES = 60


def upgrade(
    wait: Annotated[
        float | None, typer.Option(metavar="MINUTES", help=f"How long runs may take to end; {_MINUTES} if left out.")
    ] = None,
    now: Annotated[bool, typer.Option("--now", help="Do not wait: refuse while runs are in progress.")] = False,
    as_json: Json = False,
) -> None:
    """Bring the database and Dagster's up to date: no new run is launched, those in progress are waited for."""
    from aianime_pipeline.db.engine import Database
    from aianime_pipeline.settings import settings
    from aianime_pipeline.upgrading import upgrade_installation

    if now and wait is not None:
        raise BadSettingError("Give --now or --wait, not both.")
    if wait is not None and not 0 <= wait < float("inf"):
        raise BadSettingError(f"--wait is {wait}; it takes minutes, from 0.")
    minutes = 0.0 if now else _MINUTES if wait is None else wait
    done = upgrade_installation(
        Database(settings().database_url),
        wait_seconds=minutes * 60,
        tell=lambda words: typer.echo(words, err=True),
    )
    if as_json:
        print_json(
            {"revision": done.revision, "changed": done.changed, "waited_seconds": round(done.waited_seconds, 1)}
        )
    else:
        typer.echo(f"everything is up to date, the database at revision {done.revision}")
