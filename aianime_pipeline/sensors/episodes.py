"""Sensors of episodes: new ones become partitions, and those with work have it asked for."""

import dagster as dg

from aianime_pipeline.assets.episode_partitions import episodes
from aianime_pipeline.partitions import PARTITIONS_NAME
from aianime_pipeline.production.automation.asking import ask_for_due_work
from aianime_pipeline.production.episodes.rows import all_keys
from aianime_pipeline.production.installation import installation

MOST_ADDED = 1_000
"""Partitions in one tick."""


@dg.sensor(
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for what episodes need next, where their project runs by itself: shots, reviews, film, ZIP.",
)
def episodes_with_work(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    judged = ask_for_due_work(installation())
    for one in judged:
        context.log.info(str(one))
    asked = [f"{one} (task {one.task})" for one in judged if one.task is not None]
    stopped = [str(one) for one in judged if one.stopped]
    nothing = [] if asked else [f"{len(judged)} episodes were looked at, nothing was asked for"]
    return dg.SkipReason("; ".join([*asked, *nothing, *stopped]))


@dg.sensor(
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Makes a partition of every new episode.",
)
def new_episodes(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    with installation().database.read() as session:
        keys = all_keys(session)
    known = set(context.instance.get_dynamic_partitions(PARTITIONS_NAME))
    missing = [key for key in keys if key not in known][:MOST_ADDED]
    if not missing:
        return dg.SkipReason(f"all {len(keys)} episodes are partitions")
    return dg.SensorResult(dynamic_partitions_requests=[episodes.build_add_request(missing)])
