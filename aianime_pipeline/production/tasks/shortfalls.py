"""What of a task's own shots did not come about: those that failed, and those that were not begun for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Task
from aianime_pipeline.production.episodes.rows import ShotView, load_shots
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.shots.failures import try_again_at
from aianime_pipeline.production.shots.held_back import cause_of_stop, failures_of, held_back
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.production.tasks.actions import TaskAction, TaskSettings

_LONGEST = 500
"""Characters of what is told of them."""

_UP_TO = {
    StageName.STORYBOARD: (),
    StageName.IMAGES: (Stage.IMAGE,),
    StageName.VIDEOS: (Stage.IMAGE, Stage.VIDEO),
}
"""Stages of shots that a pipeline up to there makes; one that goes further makes all."""

_OF_ACTION = {TaskAction.IMAGES: (Stage.IMAGE,), TaskAction.VIDEOS: (Stage.VIDEO,), TaskAction.VOICES: (Stage.VOICE,)}


@dataclass(frozen=True)
class Shortfall:
    """`words` such as `shots 3, 7 (image) failed: it is down`, empty where nothing is missing. `again_at`: when all
    that pass by themselves may be tried again, None where there is none of them."""

    words: str = ""
    again_at: datetime | None = None


def shortfall(session: Session, task: Task) -> Shortfall:
    """Of the shots and the stages that the task is about, as they stand now."""
    stages, numbers = _about(task)
    if task.episode_id is None or not stages:
        return Shortfall()
    views = load_shots(session, task.episode_id)
    words: list[str] = []
    again: list[datetime] = []
    for stage in stages:
        by_reason: dict[str, list[int]] = {}
        for view in views:
            if stage in view.wanted and (not numbers or view.number in numbers) and stage in view.stages:
                mine = view.stages[stage]
                if mine.state is State.FAILED:
                    by_reason.setdefault(mine.row.reason or "no reason is known", []).append(view.number)
                    if (moment := try_again_at(failures_of(mine))) is not None:
                        again.append(moment)
        words += [f"{_shots(found)} ({stage}) failed: {reason}" for reason, found in by_reason.items()]
        words += _not_begun(views, stage, numbers)
    return Shortfall("; ".join(words)[:_LONGEST], max(again, default=None))


def _about(task: Task) -> tuple[Sequence[Stage], Sequence[int]]:
    action = TaskAction(task.action)
    settings = TaskSettings.of(action, task.settings)
    if action is TaskAction.PIPELINE:
        return _UP_TO.get(settings.to, tuple(Stage)), settings.shots
    return _OF_ACTION.get(action, ()), settings.shots


def _not_begun(views: Sequence[ShotView], stage: Stage, numbers: Sequence[int]) -> list[str]:
    cause = cause_of_stop(views, stage)
    left = [number for number in held_back(views, stage) if not numbers or number in numbers]
    if cause is None or not left:
        return []
    return [f"{_shots(left)} ({stage}) not begun: too many others failed for the same cause ({cause})"]


def _shots(numbers: Sequence[int]) -> str:
    return f"shot{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
