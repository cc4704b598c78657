"""Showing a vision model pictures as a paid request: the same question about the same take is paid once."""

from collections.abc import Mapping
from typing import Any

from aianime_pipeline.db.models import Generation, Project
from aianime_pipeline.production.generations import Subject, Work, generate_or_resume
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.runs import Run
from aianime_pipeline.production.shots.requests import Inputs, makers
from aianime_pipeline.providers.capabilities import Capability, PictureReviewRequest


class Eye:
    """Asks the project's vision model, and gives its words. `name` is the route that answered last, until then the one
    that is asked first."""

    def __init__(
        self, place: Installation, run: Run, project: Project, episode_id: int, seen: Mapping[str, Any], name: str
    ) -> None:
        """`seen` says of what the pictures were made, JSON-ready: the take, and the digests of the objects."""
        self._place, self._run, self._seen = place, run, dict(seen)
        # Without the shot: of a shot's image and its video two requests may be on their way at once.
        self._subject = Subject(project.id, episode_id, project.currency, project=project.slug)
        self._project = project
        self.name = name

    def __call__(self, request: PictureReviewRequest) -> str:
        """Raises as `generate`."""
        told = {name: value for name, value in vars(request).items() if value and name != "pictures"}
        by = makers(self._place, self._project, Capability.PICTURE_REVIEW)
        inputs = Inputs(Capability.PICTURE_REVIEW, {**told, "seen": self._seen}, by)
        work = Work(
            self._subject, inputs, request, inspect=lambda _path: {}, keep=lambda _session, _finished: None, seed=0
        )
        finished = generate_or_resume(self._place, self._run, work)
        with self._place.database.read() as session:
            self.name = session.get_one(Generation, finished.generation_id).route or self.name
        with self._place.store.open(finished.stored.digest) as file:
            return file.read().decode()


def eye_name(place: Installation, project: str) -> str | None:
    """The vision model that a project's takes are shown to first; None where no route says one."""
    names = place.configuration.route(Capability.PICTURE_REVIEW, project)
    return names[0] if names else None
