"""What a run is asked for, as a Dagster resource: one place in the run config for all stages."""

from datetime import timedelta

import dagster as dg
from pydantic import Field

from aianime_pipeline.asked_in import REQUEST_TAG
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.claims import start_worker
from aianime_pipeline.production.installation import Installation, installation
from aianime_pipeline.production.runs import Run, stop_of
from aianime_pipeline.production.tasks.orders import (
    EPISODE_TAG,
    REQUESTER_TAG,
    RETRY_TAG,
    SHOTS_TAG,
    TASK_TAG,
    root_of,
)

REMAKE_JOB = "remake_shots"

WAITS_TAG = "aianime/waits"
"""On a run that stays until every job at a vendor has ended, because a person waits for it."""


StepContext = dg.AssetExecutionContext | dg.AssetCheckExecutionContext | dg.OpExecutionContext


class MakeRequest(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Which shots, and how. Without any setting a run brings the whole episode up to date."""

    shots: list[int] = Field(
        default=[],
        description="Numbers of the shots to work on; the others stay as they are. Empty means all. "
        "A shot that is named is made again also when it is merely out of date.",
    )
    force: bool = Field(
        default=False,
        description="Make also what is current again. Counts once: what was made since the first run of a chain of "
        "re-executions began is not made again.",
    )
    auto_review: bool = Field(
        default=False, description="Approve what would wait for a person's review, recorded as approved by `auto`."
    )
    leave_failed: bool = Field(
        default=False,
        description="Leave alone what failed and needs a person: a run that nobody asked for does not pay for it.",
    )

    def run_of(self, context: StepContext) -> tuple[Installation, Run]:
        """Raises BadSettingError where the job needs shots and none are named."""
        if context.run.job_name == REMAKE_JOB and not self.shots:
            raise BadSettingError(
                f"{REMAKE_JOB} needs the numbers of the shots: resources.request.config.shots: [12, 13]"
            )
        place = installation()
        patience = timedelta(seconds=place.settings.patience_seconds)
        _tag(context, self)
        return place, Run(
            episode_key=context.partition_key,
            run_id=context.run.run_id,
            root_run_id=_root(context),
            worker_id=start_worker(place.database, context.run.run_id),
            shots=frozenset(self.shots) or None,
            force=self.force,
            auto_review=self.auto_review,
            leave_failed=self.leave_failed,
            requested_by=context.run.tags.get(REQUESTER_TAG, ""),
            patient_until=None if WAITS_TAG in context.run.tags else now() + patience,
            asked_in=context.run.tags.get(REQUEST_TAG),
            stop=stop_of(context.run.run_id),
        )


def _root(context: StepContext) -> str:
    """All runs of a task, and of those that go on with it, are one chain, like a run and its re-executions."""
    task = context.run.tags.get(RETRY_TAG, context.run.tags.get(TASK_TAG))
    return root_of(int(task)) if task is not None else context.run.root_run_id or context.run.run_id


def _tag(context: StepContext, request: MakeRequest) -> None:
    """Name episode and shots on the run, whoever launched it, so that the UI's run list can be searched by them."""
    tags = {EPISODE_TAG: context.partition_key}
    if request.shots:
        tags[SHOTS_TAG] = ",".join(map(str, sorted(request.shots)))
    missing = {name: value for name, value in tags.items() if name not in context.run.tags}
    if missing:
        context.instance.add_run_tags(context.run.run_id, missing)
