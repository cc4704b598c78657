"""The commands of `aianime`.

Those of a film are in film.py, a project's options in projects.py, and how a command ends in ending.py.
"""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from aianime_pipeline.cli.arguments import EpisodeKey, Json, print_json, shot_numbers
from aianime_pipeline.cli.backups import backup, restore
from aianime_pipeline.cli.budgets import budget
from aianime_pipeline.cli.channels import channel
from aianime_pipeline.cli.cleanup import cleanup
from aianime_pipeline.cli.ending import EXIT_CODES, report_errors, told_as
from aianime_pipeline.cli.film import film
from aianime_pipeline.cli.generations import generations
from aianime_pipeline.cli.notices import notices
from aianime_pipeline.cli.projects import project
from aianime_pipeline.cli.providers import providers
from aianime_pipeline.cli.reviews import review
from aianime_pipeline.cli.schedules import schedule
from aianime_pipeline.cli.story import retell
from aianime_pipeline.cli.tasks import ask, task
from aianime_pipeline.cli.upgrading import upgrade
from aianime_pipeline.cli.usage import usage
from aianime_pipeline.cli.users import user
from aianime_pipeline.errors import BadSettingError

_INTERRUPTED = 130
"""What the parser makes of Ctrl-C."""

app = typer.Typer(
    name="aianime",
    help="From a screenplay to an episode's film and ZIP.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
storyboard = typer.Typer(
    help="An episode's storyboard: out as a file, drawn up anew, frozen, opened again.", no_args_is_help=True
)
database = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(storyboard, name="storyboard")
app.add_typer(film, name="film")
app.add_typer(generations, name="generations")
app.add_typer(providers, name="providers")
app.add_typer(budget, name="budget")
app.add_typer(channel, name="channel")
app.add_typer(schedule, name="schedule")
app.add_typer(task, name="task")
app.add_typer(user, name="user")
app.add_typer(database, name="db")


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    told_as["debug"] = debug


def main() -> None:
    """Run the command line."""
    told_as["json"] = "--json" in sys.argv
    # Wherever it stands: who repeats a command to see more of an error appends it.
    if "--debug" in sys.argv[1:]:
        sys.argv.remove("--debug")
        sys.argv.insert(1, "--debug")
    # Not standalone: the parser then returns the code of typer.Exit and raises everything else.
    report_errors(_run)


def _run() -> None:
    signal.signal(signal.SIGTERM, _stop)
    code = app(standalone_mode=False)
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    sys.exit(code)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@app.command()
def version(as_json: Json = False) -> None:
    """The program's version."""
    from aianime_pipeline import __version__

    if as_json:
        print_json({"version": __version__})
    else:
        typer.echo(__version__)


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A screenplay or a storyboard file.")],
    project: Annotated[str, typer.Option(metavar="SLUG", help="The project's short name; made if it is new.")],
    title: Annotated[str | None, typer.Option(help="The project's title.")] = None,
    format: Annotated[str | None, typer.Option(help="Where the file's own look is not enough.")] = None,
    episode: Annotated[int | None, typer.Option(metavar="N", help="Number of the file's only episode.")] = None,
    as_json: Json = False,
) -> None:
    """Import a screenplay (season or episode) or a storyboard file."""
    from aianime_pipeline.cli.output import import_document, tell_import
    from aianime_pipeline.cli.story import story_of_command
    from aianime_pipeline.instance import add_episodes, open_instance
    from aianime_pipeline.production.importing import import_file
    from aianime_pipeline.production.installation import installation

    place = installation()
    with story_of_command(place, project) as story:
        report = import_file(
            place, file, project=project, title=title, format=format, episode=episode, story_model=story
        )
    with open_instance() as instance:
        add_episodes(instance, report.episodes)
    if as_json:
        print_json(import_document(report))
    else:
        tell_import(report)


@app.command()
def make(
    episode_key: EpisodeKey,
    to: Annotated[
        str, typer.Option(metavar="STAGE", help="storyboard, images, videos, voices, film or package.")
    ] = "package",
    shots: Annotated[str | None, typer.Option(help="Only these shots, such as 3,4; those out of date too.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make also what is current again.")] = False,
    review: Annotated[str | None, typer.Option(help="auto: approve what would wait for a person.")] = None,
    as_json: Json = False,
) -> None:
    """Make an episode, up to a stage, as a Dagster run. What is finished is kept; what is current is not made again."""
    from aianime_pipeline.cli.output import progress_display, tell_make, tell_quote
    from aianime_pipeline.making import STAGES, make_episode
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.runs import StageName

    if to not in set(STAGES):
        raise BadSettingError(f"--to is {to!r}; it takes one of {', '.join(STAGES)}.")
    if review not in (None, "auto"):
        raise BadSettingError(f"--review is {review!r}; it takes auto, or is left out.")
    refused = tell_quote(
        installation(),
        episode_key,
        StageName(to),
        shots=shot_numbers(shots),
        force=force,
        reviewed=review != "auto",
    )
    with progress_display() as on_progress:
        result = make_episode(
            installation(),
            episode_key,
            to=StageName(to),
            shots=shot_numbers(shots),
            force=force,
            auto_review=review == "auto",
            on_progress=on_progress,
        )
    if as_json:
        print_json(result.to_document() | {"refused": refused})
    tell_make(result, to_stdout=not as_json)
    raise typer.Exit(EXIT_CODES[result.status])


@app.command()
def quote(
    episode_key: EpisodeKey,
    to: Annotated[str, typer.Option(metavar="STAGE", help="images, videos or voices: what is counted.")] = "voices",
    force: Annotated[bool, typer.Option("--force", help="Count also what is there already.")] = False,
    as_json: Json = False,
) -> None:
    """What the next make of an episode will cost, and what its budgets have left. Nothing is spent."""
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.quotes.episodes import quote_episode
    from aianime_pipeline.production.shots.stages import Stage

    stages = {"images": Stage.IMAGE, "videos": Stage.VIDEO, "voices": Stage.VOICE}
    if to not in stages:
        raise BadSettingError(f"--to is {to!r}; it takes one of {', '.join(stages)}.")
    found = quote_episode(installation(), episode_key, upto=stages[to], force=force)
    print_json({"episode": episode_key, **found.to_document()}) if as_json else typer.echo(found.in_words())


@app.command()
def status(
    episode_key: Annotated[
        str | None, typer.Argument(metavar="[EPISODE_KEY]", help="All episodes if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Where each shot of an episode stands; without a key, every episode."""
    from aianime_pipeline.cli.output import tell_episodes, tell_status
    from aianime_pipeline.production.episodes.status import all_episodes, episode_status
    from aianime_pipeline.production.installation import installation

    if episode_key is None:
        document = all_episodes(installation())
        print_json(document) if as_json else tell_episodes(document)
    else:
        document = episode_status(installation(), episode_key)
        print_json(document) if as_json else tell_status(document)


app.command()(ask)
app.command()(review)
app.command()(project)
app.command()(usage)
app.command()(upgrade)
app.command()(backup)
app.command()(restore)
app.command()(notices)
app.command()(cleanup)


@app.command()
def package(
    episode_key: EpisodeKey,
    leave_out: Annotated[str, typer.Option(help="What the ZIP leaves out, such as voices,shot_images.")] = "",
    include: Annotated[str, typer.Option(help="What it includes again.")] = "",
    as_json: Json = False,
) -> None:
    """What goes into an episode's ZIP (its PackageConfig). The next make packs it anew."""
    from aianime_pipeline.production.episodes.rows import find_episode
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.packages.packing import set_package_config

    changes = {name.strip(): False for name in leave_out.split(",") if name.strip()}
    changes |= {name.strip(): True for name in include.split(",") if name.strip()}
    with installation().database.write() as session:
        config = set_package_config(session, find_episode(session, episode_key), changes)
    chosen = config.to_document()
    if as_json:
        print_json({"episode": episode_key, "config": chosen})
    else:
        for name, included in chosen.items():
            typer.echo(f"{'in ' if included else 'out'}  {name}")


@storyboard.command("export")
def storyboard_export(
    episode_key: EpisodeKey,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Ends in .json (v4) or .csv.")],
    as_json: Json = False,
) -> None:
    """Write the storyboard to a file: v4 JSON or CSV by its ending."""
    from aianime_pipeline.production.episodes.rows import find_episode
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.storyboards.keeping import export_storyboard

    with installation().database.read() as session:
        shots = export_storyboard(session, find_episode(session, episode_key), file)
    if as_json:
        print_json({"episode": episode_key, "path": str(file), "shots": shots})
    else:
        typer.echo(f"{shots} shots of {episode_key} in {file}")


storyboard.command("retell")(retell)


@storyboard.command("freeze")
def storyboard_freeze(episode_key: EpisodeKey, as_json: Json = False) -> None:
    """Freeze the storyboard: neither a run nor an import changes it."""
    _set_frozen(episode_key, True, as_json)


@storyboard.command("unfreeze")
def storyboard_unfreeze(episode_key: EpisodeKey, as_json: Json = False) -> None:
    """Open a frozen storyboard for changes again."""
    _set_frozen(episode_key, False, as_json)


def _set_frozen(episode_key: str, frozen: bool, as_json: bool) -> None:
    from aianime_pipeline.production.episodes.rows import find_episode
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.storyboards.keeping import set_frozen

    with installation().database.write() as session:
        state = set_frozen(session, find_episode(session, episode_key), frozen)
    if as_json:
        print_json({"episode": episode_key, "state": state})
    else:
        typer.echo(f"the storyboard of {episode_key} is {state}")


@database.command("upgrade")
def db_upgrade(as_json: Json = False) -> None:
    """Bring the database's schema up to date. Every command does so by itself; this is for doing it apart."""
    from aianime_pipeline.db.engine import Database
    from aianime_pipeline.db.schema import HEAD, upgrade
    from aianime_pipeline.settings import settings

    changed = upgrade(Database(settings().database_url))
    if as_json:
        print_json({"revision": HEAD, "changed": changed})
    else:
        typer.echo(f"the database is at revision {HEAD}{'' if changed else ', as it was'}")


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of Dagster's web server on 127.0.0.1.")] = 3000,
    api_port: Annotated[int, typer.Option(help="Port of the API.")] = 8000,
    api_host: Annotated[str, typer.Option(help="Address of the API; 0.0.0.0 opens it to the network.")] = "127.0.0.1",
    api_workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that serve the API.")] = 1,
    with_api: Annotated[bool, typer.Option("--api/--no-api", help="Serve the API too.")] = True,
) -> None:
    """Start the Dagster web server, daemon and code server, and the API, until Ctrl-C."""
    from aianime_pipeline.cli.serving import Api, serve

    raise typer.Exit(serve(port, Api(api_host, api_port, api_workers) if with_api else None))


@app.command("api")
def api_alone(
    port: Annotated[int, typer.Option(help="Its port.")] = 8000,
    host: Annotated[str, typer.Option(help="Its address; 0.0.0.0 opens it to the network.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that serve it.")] = 1,
) -> None:
    """Serve the API alone, beside a Dagster that runs elsewhere (AIANIME_DAGSTER_URL)."""
    from aianime_pipeline.cli.serving import Api, serve_api

    raise typer.Exit(serve_api(Api(host, port, workers)))
