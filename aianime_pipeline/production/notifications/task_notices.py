"""What people are told of their work: tasks that have ended, and takes of theirs that are to be made again."""

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Generation, Take, Task
from aianime_pipeline.errors import StateError
from aianime_pipeline.production.notices.telling import tell
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Origin
from aianime_pipeline.production.tasks.states import UNFINISHED, TaskState
from aianime_pipeline.production.tasks.stopping import is_automatic

_WHAT = {
    TaskAction.PIPELINE: "bringing {episode} up to date",
    TaskAction.IMAGES: "the images of {episode}",
    TaskAction.VIDEOS: "the videos of {episode}",
    TaskAction.VOICES: "the voices of {episode}",
    TaskAction.REVIEW: "the AI review of {episode}",
    TaskAction.FILM: "the film of {episode}",
    TaskAction.PACKAGE: "the ZIP of {episode}",
    TaskAction.EXPORT: "the export of {episode}",
    TaskAction.CLEANUP: "the clean-up",
    TaskAction.REPORT: "the report",
}
_TOLD_OF_SENSORS = frozenset({TaskAction.FILM, TaskAction.PACKAGE})
"""Of what a sensor asked for, that it is done is told only of these; the rest goes on and on by itself."""


def tell_task_ended(session: Session, task: Task) -> bool:
    """Tell it in the caller's write transaction, once for each attempt: whoever asked for the task, of a sensor's task
    everybody of its project. Whether something was told: who cancels their own task knows.

    Raises StateError for a task that has not ended.
    """
    state, action = TaskState(task.state), TaskAction(task.action)
    if state in UNFINISHED:
        raise StateError(f"Task {task.id} is {task.state}: it has not ended.", task=task.id, state=task.state)
    automatic = task.origin == Origin.SENSOR
    if automatic and state is TaskState.DONE and action not in _TOLD_OF_SENSORS:
        return False
    if state is TaskState.CANCELLED and not automatic and task.cancel_requested == task.requested_by:
        return False
    return tell(
        session,
        key=f"task:{task.id}:{task.attempt}:{state}",
        kind=f"task_{state}",
        text=_words(session, task, state, action),
        project_id=task.project_id,
        user=None if automatic else task.requested_by or None,
        link=f"/api/v1/tasks/{task.id}",
    )


def tell_retake_asked(
    session: Session,
    episode: Episode,
    stage: Stage,
    shot: int,
    take: Take,
    *,
    reason: str,
    reviewer: str,
) -> bool:
    """Tell whoever had the take made that it was rejected and is to be made again, in the caller's write transaction;
    everybody of the project where nobody knows who that is. Whether something was told: who rejects what they asked
    for themselves knows.

    To be called after the rejection's own change: a rejection that is taken back and given again is told again.
    """
    generation = session.get(Generation, take.generation_id) if take.generation_id is not None else None
    asked_by = (generation.requested_by if generation is not None else "") or None
    if asked_by == reviewer:
        return False
    return tell(
        session,
        key=f"retake:{take.id}:{take.stage.version}",
        kind="retake",
        text=f"{episode.key}: {reviewer} rejected take {take.number} of shot {shot}'s {stage}: {reason}",
        project_id=episode.project_id,
        user=asked_by,
        link=f"/api/v1/takes/{take.id}",
    )


def _words(session: Session, task: Task, state: TaskState, action: TaskAction) -> str:
    episode = session.get(Episode, task.episode_id) if task.episode_id is not None else None
    what = _WHAT[action].format(episode=episode.key if episode is not None else "")
    if state is TaskState.DONE and task.reason:
        # Such as: The images of p-e001: done, but shot 3 (image) failed: ...
        return f"{what[0].upper()}{what[1:]}: {task.reason}"
    by = f" by {task.cancel_requested}" if state is TaskState.CANCELLED and task.cancel_requested else ""
    why = f": {task.reason}" if task.reason else ""
    stop = (
        "; nothing more is started by itself there until somebody does something there"
        if state is TaskState.CANCELLED and is_automatic(task)
        else ""
    )
    return f"{state.value.capitalize()}{by}: {what}{why}{stop}"
