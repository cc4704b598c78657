"""The film's gate: which shots the film needs, and which of them are not approved yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from aianime_pipeline.errors import FilmNotReadyError
from aianime_pipeline.production.episodes.rows import ShotView
from aianime_pipeline.production.shots.stages import Stage, State


@dataclass(frozen=True)
class Waiting:
    """A shot that keeps the film's gate closed."""

    shot: int
    stage: Stage
    state: State

    def __str__(self) -> str:
        return f"shot {self.shot}: {self.stage} is {self.state}"

    def to_document(self) -> dict[str, Any]:
        return {"shot": self.shot, "stage": self.stage.value, "state": self.state.value}


def waiting_shots(views: Sequence[ShotView], left_out: Collection[int] = ()) -> list[Waiting]:
    """The shots that are not ready for the film; empty when the gate is open. `left_out` are those that a person took
    out of the film: nobody waits for them."""
    waiting = []
    for view in views:
        if view.number in left_out:
            continue
        for stage in sorted(view.wanted, key=list(Stage).index):
            found = view.stages.get(stage)
            if found is None or not found.approved:
                waiting.append(Waiting(view.number, stage, found.state if found is not None else State.PENDING))
    return waiting


def not_ready(episode_key: str, waiting: Sequence[Waiting]) -> FilmNotReadyError:
    """The refusal that names them."""
    shots = sorted({one.shot for one in waiting})
    return FilmNotReadyError(
        f"The film of {episode_key} waits for shot{'s' if len(shots) > 1 else ''} {', '.join(map(str, shots))}: "
        f"{'; '.join(str(one) for one in waiting)}. Approve them, or export a draft.",
        episode=episode_key,
        waiting=[one.to_document() for one in waiting],
    )
