"""Sensor `standing_problems`: what is broken now, as an asset check that is always of today.

The check is written anew whenever the list has changed, so that its history tells what was broken when.
"""

import dagster as dg

from aianime_pipeline.checks.standing import INSTALLATION, NOTHING_BROKEN, check_result
from aianime_pipeline.production.installation import installation
from aianime_pipeline.production.problems import Problem
from aianime_pipeline.production.problems import standing_problems as look
from aianime_pipeline.production.shots.requests import document_digest

INTERVAL_SECONDS = 60


@dg.sensor(
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=f"Keeps the asset check {NOTHING_BROKEN} up to date: what is broken now, and what to do about it.",
)
def standing_problems(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    with installation().database.read() as session:
        problems = look(session)
    seen = document_digest([str(problem) for problem in problems])
    if seen == context.cursor:
        return dg.SkipReason(f"{len(problems)} problems, as before")
    return dg.SensorResult(asset_events=[evaluation(problems)], cursor=seen)


def evaluation(problems: list[Problem]) -> dg.AssetCheckEvaluation:
    result = check_result(problems)
    return dg.AssetCheckEvaluation(
        asset_key=INSTALLATION.key,
        check_name=NOTHING_BROKEN,
        passed=result.passed,
        severity=result.severity,
        metadata=result.metadata,
    )
