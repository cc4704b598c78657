"""Asking a language model as a paid request: the same question of the same project is paid once."""

from collections.abc import Callable

from aianime_pipeline.db.models import Project
from aianime_pipeline.production.generations import Subject, Work, generate_or_resume
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.projects.keeping import get_or_create_project
from aianime_pipeline.production.runs import Run
from aianime_pipeline.production.shots.requests import Inputs, makers
from aianime_pipeline.production.storytelling import StoryModel
from aianime_pipeline.providers.capabilities import Capability, TextRequest


def story_model(place: Installation, run: Run, slug: str, *, episode_id: int | None = None) -> StoryModel | None:
    """The model that a project's stories are told with; None where no language model is configured. A project that is
    not there yet is made: what is paid for is somebody's."""
    names = place.configuration.route(Capability.TEXT, slug)
    if not names:
        return None
    with place.database.write() as session:
        project = get_or_create_project(session, slug, title=None, language="zh")
    return StoryModel(names[0], text_asker(place, run, project, episode_id=episode_id))


def text_asker(
    place: Installation, run: Run, project: Project, *, episode_id: int | None = None
) -> Callable[[TextRequest], str]:
    """Asks the project's language model and gives its words. Raises as `generate`."""
    subject = Subject(project.id, episode_id, project.currency, project=project.slug)
    by = makers(place, project, Capability.TEXT)

    def ask(request: TextRequest) -> str:
        inputs = Inputs(Capability.TEXT, {name: value for name, value in vars(request).items() if value}, by)
        work = Work(subject, inputs, request, inspect=lambda _path: {}, keep=lambda _session, _finished: None, seed=0)
        finished = generate_or_resume(place, run, work)
        with place.store.open(finished.stored.digest) as file:
            return file.read().decode()

    return ask
