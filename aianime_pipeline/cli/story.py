"""The language model that a command may ask: it is opened, and paid, only when it is needed."""

import getpass
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aianime_pipeline.production.installation import Installation
    from aianime_pipeline.production.storytelling import StoryModel, StoryModelFor


@contextmanager
def story_of_command(place: "Installation", project: str) -> Iterator["StoryModelFor"]:
    """Gives the project's story model on demand; None where none is configured."""
    from aianime_pipeline.production.claims import worker_for
    from aianime_pipeline.production.runs import Run
    from aianime_pipeline.production.text_asking import story_model

    run_id = f"command-{uuid.uuid4()}"
    with ExitStack() as stack:

        def opened() -> "StoryModel | None":
            worker = stack.enter_context(worker_for(place.database, run_id))
            run = Run(
                episode_key="", run_id=run_id, root_run_id=run_id, worker_id=worker, requested_by=getpass.getuser()
            )
            return story_model(place, run, project)

        yield opened
