"""Sensor `finished_generations`: jobs at vendors that outlasted their run are asked after, and their episodes go on.

A tick that cannot ask is a failed tick: it is never taken for «nothing has ended».
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from aianime_pipeline.production.generations.waiting import Ended, ended_generations
from aianime_pipeline.production.installation import installation
from aianime_pipeline.production.tasks.orders import MAKE_JOB

INTERVAL_SECONDS = 15

_LATER = ("shot_images", "shot_videos", "voice_lines", "composite_films", "episode_zips")
_ASSET_OF = {"image": "shot_images", "video": "shot_videos", "speech": "voice_lines"}


@dg.sensor(
    job_name=MAKE_JOB,
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks after jobs at vendors that took longer than their run waited, and lets their episodes go on.",
)
def finished_generations(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    found = ended_generations(installation())
    if not found.ended:
        ended = f"{found.settled} ended that no run fetches" if found.settled else "none has ended"
        return dg.SkipReason(f"{found.asked} jobs at vendors were asked after, {ended}.")
    return dg.SensorResult(run_requests=[_request(context.instance, one) for one in found.ended])


def _request(instance: dg.DagsterInstance, ended: Ended) -> dg.RunRequest:
    """What the run that began them was to make from there on, and what it was asked for; of a stopped episode no more
    than what has ended."""
    run = instance.get_run_by_id(ended.run_id)
    first = min(_LATER.index(_ASSET_OF[capability]) for capability in ended.capabilities)
    wanted = _LATER[first:]
    if run is not None and run.asset_selection is not None:
        chosen = {key.to_user_string() for key in run.asset_selection}
        wanted = tuple(name for name in wanted if name in chosen) or (_LATER[first],)
    asked = _asked(run.run_config) if run is not None else {}
    kept = {name: asked[name] for name in ("shots", "auto_review") if name in asked}
    if ended.only:
        kept["shots"] = list(ended.only)
        wanted = tuple(asset for kind, asset in _ASSET_OF.items() if kind in ended.capabilities)
    return dg.RunRequest(
        run_key=ended.key,
        # Made again by force is what it was: once. What failed and needs a person is asked for by a person.
        run_config={"resources": {"request": {"config": kept | {"leave_failed": True}}}},
        partition_key=ended.episode,
        asset_selection=[dg.AssetKey(name) for name in wanted],
        tags={"aianime/resumes": ended.run_id},
    )


def _asked(run_config: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = run_config.get("resources", {}).get("request", {}).get("config", {})
    return found
