"""Asking for another take of shots that a person names, whether or not they have a current one."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode
from aianime_pipeline.errors import BadSettingError, NotFoundError, StateError
from aianime_pipeline.production.episodes.rows import ShotView, load_shots
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Asked, Origin, ask_for

ACTION_OF = {Stage.IMAGE: TaskAction.IMAGES, Stage.VIDEO: TaskAction.VIDEOS, Stage.VOICE: TaskAction.VOICES}


def ask_for_takes(
    session: Session,
    episode: Episode,
    stage: Stage,
    shots: Collection[int],
    *,
    who: str,
    why: str = "",
) -> Asked:
    """Write a task that makes another take of each of these shots, in the caller's write transaction; with what they
    are made from where that is missing.

    Raises NotFoundError for a shot that is not there, BadSettingError where none is named, StateError for one that is
    locked, left out or has no such stage.
    """
    if not shots:
        raise BadSettingError("Name the shots that are to be made again.")
    views = {view.number: view for view in load_shots(session, episode.id)}
    if unknown := sorted(set(shots) - set(views)):
        raise NotFoundError(f"There is no shot {', '.join(map(str, unknown))} in {episode.key}.", shots=unknown)
    for number in sorted(set(shots)):
        _refuse(views[number], stage)
    settings = {"shots": sorted(set(shots)), "force": True}
    action = ACTION_OF[stage]
    return ask_for(session, action, episode=episode, settings=settings, origin=Origin.PERSON, requested_by=who, why=why)


def _refuse(view: ShotView, stage: Stage) -> None:
    number = view.number
    if view.skipped:
        raise StateError(f"Shot {number} is left out; take it in again first.", shot=number)
    if stage not in view.wanted:
        raise StateError(f"The storyboard wants no {stage} of shot {number}.", shot=number, stage=stage.value)
    if stage in view.stages and view.stages[stage].state is State.LOCKED:
        raise StateError(f"Shot {number}'s {stage} is locked; unlock it first.", shot=number, stage=stage.value)
