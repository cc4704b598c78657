"""Job `clean_up`: what nobody needs any more is listed or removed. Of no episode, and it makes no asset."""

import dagster as dg
from pydantic import Field

from aianime_pipeline.production.cleanup import clean_up_for_task
from aianime_pipeline.production.installation import installation
from aianime_pipeline.production.tasks.orders import CLEANUP_JOB, TASK_TAG


class CleanUp(dg.Config):
    dry_run: bool = Field(default=True, description="Only say what would go.")


@dg.op
def remove_unneeded(context: dg.OpExecutionContext, config: CleanUp) -> None:
    task = context.run.tags.get(TASK_TAG)
    report = clean_up_for_task(installation(), int(task) if task is not None else None, dry_run=config.dry_run)
    context.log.info("\n".join(report.in_words()))


@dg.job(
    name=CLEANUP_JOB,
    description="Remove what nobody needs any more: superseded takes, drafts, old events and notices, files that "
    "nothing refers to. Lists it only, unless ops.clean_up.config.dry_run is false.",
    executor_def=dg.in_process_executor,
)
def clean_up() -> None:
    remove_unneeded.alias(CLEANUP_JOB)()
