"""Sensor `outbox`: what became of the tasks' runs, and the runs of the tasks that wait.

What a person asks for is launched at once by whoever took the wish; this is for everything else, and for what could not
be launched then.
"""

from collections.abc import Sequence

import dagster as dg

from aianime_pipeline.assets.episode_partitions import episodes
from aianime_pipeline.dagster_runs import cancel_runs, look_in
from aianime_pipeline.jobs import JOBS_OF_TASKS
from aianime_pipeline.partitions import PARTITIONS_NAME
from aianime_pipeline.production.installation import installation
from aianime_pipeline.production.tasks.cancelling import runs_to_cancel
from aianime_pipeline.production.tasks.comparing import compare_tasks
from aianime_pipeline.production.tasks.leasing import lease_next
from aianime_pipeline.production.tasks.orders import TaskOrder, run_order

INTERVAL_SECONDS = 1
"""As often as Dagster's daemon comes round, which is every 5 s."""
CANCEL_SECONDS = 10.0
LOOK_SECONDS = 10.0
"""What a tick takes for each at most: Dagster gives a tick 60 s, and what is left of it is for launches."""


@dg.sensor(
    jobs=JOBS_OF_TASKS,
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Compares tasks with their runs, and launches the runs of the tasks that wait.",
)
def outbox(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    place = installation()
    with place.database.read() as session:
        asked = runs_to_cancel(session)
    cancel_runs(context.instance, asked, seconds=CANCEL_SECONDS)
    cursor = context.cursor or ""
    after = int(cursor) if cursor.isdecimal() else 0
    compared = compare_tasks(place, look_in(context.instance), after=after, seconds=LOOK_SECONDS)
    with place.database.write() as session:
        orders = lease_next(session, "sensor outbox", room=place.settings.tasks_at_once)
    words = [str(changed) for changed in compared.changed]
    return dg.SensorResult(
        run_requests=[_request(order) for order in orders],
        dynamic_partitions_requests=_missing_partitions(context.instance, orders),
        # Where there are launches they say what the tick did.
        skip_reason=None if orders else dg.SkipReason("; ".join(words) or "no task waits, none has changed"),
        cursor=str(compared.last),
    )


def _missing_partitions(
    instance: dg.DagsterInstance, orders: Sequence[TaskOrder]
) -> list[dg.AddDynamicPartitionsRequest]:
    """Episodes that are no partition yet: one of them would have all launches of the tick fail."""
    wanted = {order.episode for order in orders if order.episode is not None}
    missing = wanted - set(instance.get_dynamic_partitions(PARTITIONS_NAME)) if wanted else set()
    return [episodes.build_add_request(sorted(missing))] if missing else []


def _request(order: TaskOrder) -> dg.RunRequest:
    run = run_order(order)
    return dg.RunRequest(
        run_key=run.key,
        job_name=run.job,
        partition_key=run.partition,
        asset_selection=[dg.AssetKey(asset) for asset in run.assets] or None,
        run_config=run.config,
        tags=run.tags,
    )
