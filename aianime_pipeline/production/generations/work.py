"""What is asked of a provider, for whom, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Generation
from aianime_pipeline.production.makers.backends import Route
from aianime_pipeline.production.shots.requests import Inputs, document_digest
from aianime_pipeline.providers.vendor import VendorRequest
from aianime_pipeline.storage.store import StoredObject


class RunCancelled(Exception):
    """The run was told to stop. Not a failure of the work."""


class StillAtProvider(Exception):
    """The job takes longer than the run has patience: it is kept in its row, and whoever comes next goes on."""

    def __init__(self, provider: str, since: datetime) -> None:
        super().__init__(f"it is being made by {provider} since {since:%H:%M:%S} UTC")


@dataclass(frozen=True)
class Subject:
    """For whom a generation is: rows by id, and the project's slug."""

    project_id: int
    episode_id: int | None
    currency: str
    shot_id: int | None = None
    project: str = ""


@dataclass(frozen=True)
class Finished:
    """A result in the store. `facts` are the provider's words on the file. A `reused` one was paid for before."""

    generation_id: int
    stored: StoredObject
    facts: dict[str, object]
    cost_micros: int
    reused: bool = False


Inspect = Callable[[Path], dict[str, object]]
"""Looks at a file before it counts, and gives facts about it. Raises MediaError."""

Keep = Callable[[Session, Finished], None]
"""Writes the result where it belongs, in the transaction that settles the generation."""


def _nothing(_session: Session, _row: Generation, _route: Route) -> None:
    return None


@dataclass(frozen=True)
class Work:
    """`began` is called in the transaction that writes the intent, with its row and its route. Without a `seed` a
    finished result is not taken again."""

    subject: Subject
    inputs: Inputs
    request: VendorRequest
    inspect: Inspect
    keep: Keep
    seed: int | None = None
    began: Callable[[Session, Generation, Route], None] = field(default=_nothing)

    @property
    def key(self) -> str | None:
        """Equal for equal inputs with an equal seed and the same words of a reviewer."""
        if self.seed is None:
            return None
        feedback = getattr(self.request, "feedback", "")
        capability = self.inputs.capability.value
        return document_digest([self.subject.project_id, capability, self.inputs.asked, self.seed, feedback])
