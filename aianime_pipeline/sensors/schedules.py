"""Sensor `due_schedules`: whatever the schedules' rows say is due becomes tasks, from which the outbox launches runs.

It launches nothing itself, so every tick is a skip that says what was done. A tick that cannot look is a failed tick,
and the next one begins where it should have begun.
"""

import dagster as dg

from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.installation import installation
from aianime_pipeline.production.schedules.dispatch import dispatch

INTERVAL_SECONDS = 5
"""Dagster's own loop is not faster."""


@dg.sensor(
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for the work of schedules that are due (aianime schedule list).",
)
def due_schedules(_context: dg.SensorEvaluationContext) -> dg.SkipReason:
    return dg.SkipReason(dispatch(installation(), now()).in_words())
