"""Shots of an episode that are not begun by themselves, because too many others of it failed for one cause. Pure."""

from collections.abc import Sequence

from aianime_pipeline.production.episodes.rows import ShotView, StageView
from aianime_pipeline.production.shots.failures import Failure, from_document, holds_back
from aianime_pipeline.production.shots.stages import NOT_BEGUN, Stage, State


def failures_of(mine: StageView) -> list[Failure]:
    """Of the attempts since the stage's last take, the oldest first."""
    return [from_document(one) for one in mine.row.failures or ()]


def cause_of_stop(views: Sequence[ShotView], stage: Stage) -> str | None:
    """The cause for which no further shots of a stage are begun by themselves, None while they are."""
    there = [view.stages.get(stage) for view in views if stage in view.wanted]
    return holds_back([failures_of(one) for one in there if one is not None and one.state is State.FAILED], len(there))


def held_back(views: Sequence[ShotView], stage: Stage) -> list[int]:
    """The shots, by number, that could be begun and are not, where there is a cause of a stop."""
    return [
        view.number
        for view in views
        if stage in view.wanted
        and (stage not in view.stages or view.stages[stage].state in NOT_BEGUN)
        and (stage is not Stage.VIDEO or (Stage.IMAGE in view.stages and view.stages[Stage.IMAGE].approved))
    ]
