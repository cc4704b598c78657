"""The run that a task is launched as. Pure."""

from dataclasses import dataclass, field
from typing import Any

from aianime_pipeline.asked_in import REQUEST_TAG
from aianime_pipeline.production.runs import TASK_ROOT, StageName
from aianime_pipeline.production.tasks.actions import TaskAction, TaskSettings

ASSETS_OF_STAGE: dict[StageName, tuple[str, ...]] = {
    StageName.STORYBOARD: ("screenplays", "storyboards"),
    StageName.IMAGES: ("reference_images", "shot_images"),
    StageName.VIDEOS: ("shot_videos",),
    StageName.VOICES: ("voice_lines",),
    StageName.FILM: ("composite_films",),
    StageName.PACKAGE: ("episode_zips",),
}
"""What a run up to a stage materializes: the assets of that stage and of all before it."""

MAKE_JOB = "make_episode"
REVIEW_JOB = "review_takes"
CLEANUP_JOB = "clean_up"
REPORT_JOB = "tell_report"
EXPORT_JOB = "export_film"

PARTITION_TAG = "dagster/partition"
TASK_TAG = "aianime/task"
ATTEMPT_TAG = "aianime/attempt"
EPISODE_TAG = "aianime/episode"
PROJECT_TAG = "aianime/project"
REQUESTER_TAG = "aianime/requester"
SHOTS_TAG = "aianime/shots"
RETRY_TAG = "aianime/retry_of"
"""The task that the run's task goes on with."""
_PRIORITY_TAG = "dagster/priority"
_MAX_RETRIES_TAG = "dagster/max_retries"

_ONE_STAGE = {
    TaskAction.IMAGES: ("screenplays", "storyboards", "reference_images", "shot_images"),
    TaskAction.VIDEOS: ("shot_videos",),
    TaskAction.VOICES: ("voice_lines",),
    TaskAction.FILM: ("composite_films",),
    TaskAction.PACKAGE: ("episode_zips",),
}


@dataclass(frozen=True)
class TaskOrder:
    """A task as its run has to know it. `attempt` is the one that is to be launched."""

    task: int
    attempt: int
    action: TaskAction
    settings: TaskSettings
    episode: str | None
    project: str | None
    requested_by: str
    priority: int
    automatic: bool
    """Nobody asked for it: a sensor found it due."""
    asked_in: str | None = None
    """The web request that asked for it."""


@dataclass(frozen=True)
class RunOrder:
    """What is asked of Dagster. `assets` empty: the job as a whole."""

    job: str
    key: str
    """New for each attempt: a run key is spent for ever."""
    partition: str | None
    assets: tuple[str, ...]
    config: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)


def root_of(task: int) -> str:
    """What all runs of a task have as their root, so that «make it again» counts once however often it is launched."""
    return f"{TASK_ROOT}{task}"


def run_order(order: TaskOrder) -> RunOrder:
    tags = {
        TASK_TAG: str(order.task),
        ATTEMPT_TAG: str(order.attempt),
        REQUESTER_TAG: order.requested_by,
        # The higher the sooner at Dagster, the lower the sooner here.
        _PRIORITY_TAG: str(-order.priority),
        # A task launches its own next attempt.
        _MAX_RETRIES_TAG: "0",
    }
    if order.project is not None:
        tags[PROJECT_TAG] = order.project
    if order.episode is not None:
        tags |= {EPISODE_TAG: order.episode, PARTITION_TAG: order.episode}
    if order.asked_in is not None:
        tags[REQUEST_TAG] = order.asked_in
    if order.settings.retry_of is not None:
        tags[RETRY_TAG] = str(order.settings.retry_of)
    if order.settings.shots:
        tags[SHOTS_TAG] = ",".join(map(str, order.settings.shots))
    key = f"task:{order.task}:{order.attempt}"
    job, assets, config = _what(order)
    return RunOrder(job, key, order.episode, assets, config, tags)


def _what(order: TaskOrder) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    settings = order.settings
    match order.action:
        case TaskAction.REVIEW:
            return REVIEW_JOB, (), {}
        case TaskAction.CLEANUP:
            return CLEANUP_JOB, (), {"ops": {CLEANUP_JOB: {"config": {"dry_run": settings.dry_run}}}}
        case TaskAction.REPORT:
            return REPORT_JOB, (), {}
        case TaskAction.EXPORT:
            wanted = {"preset": settings.preset, "draft": settings.draft, "formats": list(settings.formats)}
            return EXPORT_JOB, (), {"ops": {EXPORT_JOB: {"config": wanted}}}
        case TaskAction.PIPELINE:
            stages = tuple(ASSETS_OF_STAGE)
            upto = stages[: stages.index(settings.to) + 1]
            assets = tuple(asset for stage in upto for asset in ASSETS_OF_STAGE[stage])
        case _:
            assets = _ONE_STAGE[order.action]
    # What needs a person is made again only where a person asked for it, and then once.
    alone = order.automatic or order.attempt > 1
    request = {"shots": list(settings.shots), "force": settings.force, "leave_failed": alone}
    return MAKE_JOB, assets, {"resources": {"request": {"config": request}}}
