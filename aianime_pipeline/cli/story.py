"""The language model that a command may ask, opened and paid only when it is needed; and a storyboard by it anew."""

import getpass
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import typer

from aianime_pipeline.cli.arguments import EpisodeKey, Json, print_json
from aianime_pipeline.errors import BadSettingError

if TYPE_CHECKING:
    from aianime_pipeline.production.installation import Installation
    from aianime_pipeline.production.storytelling import StoryModel, StoryModelFor


@contextmanager
def story_of_command(place: "Installation", project: str) -> Iterator["StoryModelFor"]:
    """Gives the project's story model on demand; None where none is configured."""
    from aianime_pipeline.production.claims import worker_for
    from aianime_pipeline.production.makers.text import story_model
    from aianime_pipeline.production.runs import Run

    run_id = f"command-{uuid.uuid4()}"
    with ExitStack() as stack:

        def opened() -> "StoryModel | None":
            worker = stack.enter_context(worker_for(place.database, run_id))
            run = Run(
                episode_key="", run_id=run_id, root_run_id=run_id, worker_id=worker, requested_by=getpass.getuser()
            )
            return story_model(place, run, project)

        yield opened


def retell(episode_key: EpisodeKey, as_json: Json = False) -> None:
    """Have the storyboard drawn up anew by the language model, which is paid again. One that was edited stays."""
    from aianime_pipeline.production.episodes.rows import find_episode
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.storytelling import tell_storyboard_anew

    place = installation()
    with place.database.read() as session:
        project = find_episode(session, episode_key).project.slug
    with story_of_command(place, project) as opened:
        story = opened()
        if story is None:
            raise BadSettingError(f"No language model is configured for {project}: routes.text names one.")
        state = tell_storyboard_anew(place, episode_key, story)
    by_rules = [{"scene": plan.scene, "reason": plan.reason} for plan in state.by_rules]
    if as_json:
        found = {"shots": state.shots, "source": state.source, "changed": state.changed, "by_rules": by_rules}
        print_json({"episode": episode_key, **found})
        return
    typer.echo(f"{state.shots} shots of {episode_key} by the {state.source}{'' if state.changed else ', as they were'}")
    for plan in by_rules:
        typer.echo(f"scene {plan['scene']} was planned by the rules: {plan['reason']}")
