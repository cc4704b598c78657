"""Sensor `silent_runs`: a run whose process is gone is reported failed, so that its work goes on.

Dagster's own monitoring does not see a run whose process was killed together with the daemon: it would stay started
for ever.
"""

import dagster as dg

from aianime_pipeline.dagster_runs import report_silent_runs
from aianime_pipeline.production.installation import installation


@dg.sensor(
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Reports runs failed whose process is gone.",
)
def silent_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    silent = report_silent_runs(installation(), context.instance)
    if silent:
        return dg.SkipReason(f"reported: {', '.join(silent)}")
    return dg.SkipReason("every run that is at work has been heard of")
