"""The jobs that people find in the Dagster UI, besides materializing assets by hand."""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from pydantic import Field

from aianime_pipeline.assets import ALL_ASSETS
from aianime_pipeline.assets.episode_partitions import episodes
from aianime_pipeline.checks.reviews import REVIEW_CHECKS
from aianime_pipeline.production.cleanup import clean_up_for_task
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.exports.asking import export_for_task
from aianime_pipeline.production.installation import installation
from aianime_pipeline.production.notices.reports import tell_report
from aianime_pipeline.production.runs import StageName, stage_run
from aianime_pipeline.production.tasks.actions import TaskSettings
from aianime_pipeline.production.tasks.orders import CLEANUP_JOB, EXPORT_JOB, MAKE_JOB, REPORT_JOB, REVIEW_JOB, TASK_TAG
from aianime_pipeline.resources import REMAKE_JOB, MakeRequest

make_episode = dg.define_asset_job(
    MAKE_JOB,
    selection=dg.AssetSelection.assets(*ALL_ASSETS),
    description="Bring an episode up to date, from its screenplay to its ZIP.",
)

remake_shots = dg.define_asset_job(
    REMAKE_JOB,
    selection=dg.AssetSelection.assets(*ALL_ASSETS),
    config={"resources": {"request": {"config": {"shots": [], "force": True}}}},
    description="Make the named shots again, and what follows from them: set resources.request.config.shots.",
)


review_takes = dg.define_asset_job(
    REVIEW_JOB,
    selection=dg.AssetSelection.checks(*REVIEW_CHECKS),
    # Dagster takes a job's partitions from its assets, and this one has none: without them no run of an episode starts.
    config=dg.PartitionedConfig(episodes, run_config_for_partition_key_fn=lambda _episode: {}),
    description="Have the takes that wait for the AI reviewer looked at. Nothing is made.",
)


def _task_of(context: dg.OpExecutionContext) -> int | None:
    """The task that the run was launched for; None where a person started it in the Dagster UI."""
    task = context.run.tags.get(TASK_TAG)
    return int(task) if task is not None else None


class CleanUp(dg.Config):
    dry_run: bool = Field(default=True, description="Only say what would go.")


@dg.op
def remove_unneeded(context: dg.OpExecutionContext, config: CleanUp) -> None:
    done = clean_up_for_task(installation(), _task_of(context), dry_run=config.dry_run)
    context.log.info("\n".join(done.in_words()))


@dg.job(
    name=CLEANUP_JOB,
    description="Remove what nobody needs any more: superseded takes, drafts, old events and notices, files that "
    "nothing refers to. Lists it only, unless ops.clean_up.config.dry_run is false.",
    executor_def=dg.in_process_executor,
)
def clean_up() -> None:
    remove_unneeded.alias(CLEANUP_JOB)()


@dg.op
def tell_how_projects_stand(context: dg.OpExecutionContext) -> None:
    for project in tell_report(installation(), _task_of(context)):
        context.log.info(str(project))


@dg.job(name=REPORT_JOB, description="Tell how projects stand, as a notice.", executor_def=dg.in_process_executor)
def report() -> None:
    tell_how_projects_stand()


class Export(dg.Config):
    preset: str = Field(default="", description="Name of an export preset; empty: the project's main one.")
    draft: bool = Field(default=False, description="Slates stand in for shots that are not ready.")
    formats: list[str] = Field(
        default=[], description="For editing programs: otio, otioz, edl, fcp7, fcpxml, jianying."
    )


@dg.op
def export_the_film(context: dg.OpExecutionContext, config: Export, request: MakeRequest) -> None:
    place, run = request.run_of(context)
    wanted = TaskSettings(preset=config.preset, draft=config.draft, formats=tuple(config.formats))
    with place.database.read() as session:
        episode = find_episode(session, run.episode_key)
    with stage_run(place.database, run, episode.id, StageName.FILM) as progress:
        try:
            result = export_for_task(place, run, _task_of(context), wanted, progress)
        except BaseException:
            # A cancelled run: what works for it in other threads ends too.
            run.stop.set()
            raise
    context.log.info(f"export {result.export_id} {'is made' if result.made else 'was there already'}: {result.path}")


@dg.job(
    name=EXPORT_JOB,
    description="Export an episode's film by a preset, beside the film itself.",
    partitions_def=episodes,
    executor_def=dg.in_process_executor,
    # Its own: a job that waits for a resource makes Dagster copy the sensor that names it, with a warning.
    resource_defs={"request": MakeRequest.configure_at_launch()},
)
def export_film_job() -> None:
    export_the_film.alias(EXPORT_JOB)()


JOBS_OF_TASKS: list[dg.JobDefinition | UnresolvedAssetJobDefinition] = [
    make_episode,
    review_takes,
    clean_up,
    report,
    export_film_job,
]
"""What the outbox launches."""

ALL_JOBS = [*JOBS_OF_TASKS, remake_shots]
